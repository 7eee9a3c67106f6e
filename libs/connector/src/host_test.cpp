#include <functional>

#include <gtest/gtest.h>

#include <tenure/connector/host.hpp>
#include <tenure/connector/testing/map_secrets.hpp>
#include <tenure/connector/verify.hpp>

namespace tenure::connector {
namespace {

using model::AccountImage;
using model::EntitlementId;
using model::Grant;
using model::NativeId;
using model::Observation;

Settings settings() {
  Settings out;
  out.target = model::TargetName("directory");
  out.classes.push_back({.name = "people", .attributes = {"mail"}});
  out.ignored.push_back(EntitlementId("old"));
  return out;
}

model::Account account(const std::string& id) {
  model::Account out;
  out.id = NativeId(id);
  out.name = "n-" + id;
  out.account_class = "people";
  out.attributes["mail"] = id + "@x";
  return out;
}

Observation sound() {
  Observation out;
  out.target = model::TargetName("directory");
  out.coverage.complete = true;
  out.accounts = {account("a"), account("b")};
  out.entitlements = {{EntitlementId("e"), "E"}, {EntitlementId("f"), "F"}};
  out.grants = {{{NativeId("a"), {}}, EntitlementId("e"), ""},
                {{{}, EntitlementId("e")}, EntitlementId("f"), R"({"access":"READ"})"}};
  out.sort();
  return out;
}

TEST(CheckObservation, AcceptsASoundOne) {
  const auto status = check_observation(sound(), settings(), {});
  EXPECT_TRUE(status) << status.error().to_string();
}

TEST(CheckObservation, RefusesEveryKindOfHostileReading) {
  struct Case {
    const char* what;
    std::function<void(Observation&)> spoil;
  };
  const Case cases[] = {
      {"other target", [](Observation& o) { o.target = model::TargetName("other"); }},
      {"id twice", [](Observation& o) { o.accounts[1].id = o.accounts[0].id; }},
      {"unordered", [](Observation& o) { std::swap(o.accounts[0], o.accounts[1]); }},
      {"empty id", [](Observation& o) { o.accounts[0].id = NativeId(); }},
      {"empty name", [](Observation& o) { o.accounts[0].name.clear(); }},
      {"huge id", [](Observation& o) { o.accounts[1].id = NativeId(std::string(2000, 'z')); }},
      {"undeclared class", [](Observation& o) { o.accounts[0].account_class = "x"; }},
      {"wrong purpose", [](Observation& o) { o.accounts[0].purpose = model::Purpose::kAdmin; }},
      {"enabled and restricted", [](Observation& o) { o.accounts[0].restriction = "locked"; }},
      {"bad UTF-8", [](Observation& o) { o.accounts[0].attributes["mail"] = "\xff"; }},
      {"huge value", [](Observation& o) { o.accounts[0].attributes["mail"] = std::string(70'000, 'x'); }},
      {"nested value", [](Observation& o) { o.accounts[0].attributes["mail"] = json::Object{}; }},
      {"list of one", [](Observation& o) { o.accounts[0].attributes["mail"] = json::Array{"a"}; }},
      {"entitlement twice", [](Observation& o) { o.entitlements[1].id = o.entitlements[0].id; }},
      {"ignored entitlement", [](Observation& o) { o.entitlements.push_back({EntitlementId("old"), ""}); }},
      {"grant of a missing account", [](Observation& o) { o.grants[1].holder.account = NativeId("zz"); }},
      {"grant of a missing entitlement", [](Observation& o) { o.grants[1].entitlement = EntitlementId("zz"); }},
      {"nesting of a missing entitlement",
       [](Observation& o) { o.grants[0].holder.entitlement = EntitlementId("zz"); }},
      {"two holders", [](Observation& o) { o.grants[1].holder.entitlement = EntitlementId("e"); }},
      {"no holder", [](Observation& o) { o.grants[0].holder = {}; }},
      {"grant twice", [](Observation& o) { o.grants.push_back(o.grants.back()); }},
      {"parameters not canonical", [](Observation& o) { o.grants[0].parameters = R"({ "access":"READ"})"; }},
      {"parameters empty object", [](Observation& o) { o.grants[0].parameters = "{}"; }},
      {"complete with unknown", [](Observation& o) { o.coverage.unknown = {"people"}; }},
      {"incomplete without unknown", [](Observation& o) { o.coverage.complete = false; }},
  };
  for (const auto& c : cases) {
    auto observation = sound();
    c.spoil(observation);
    const auto status = check_observation(observation, settings(), {});
    ASSERT_FALSE(status) << c.what;
    EXPECT_EQ(status.error().reason(), Reason::kTargetProtocol) << c.what;
  }
  HostLimits tight;
  tight.accounts = 1;
  EXPECT_FALSE(check_observation(sound(), settings(), tight));
}

// A connector whose answers the test writes.
struct Script {
  std::function<Result<Observation>()> read_all = [] { return sound(); };
  std::function<Result<std::optional<AccountImage>>()> read = [] { return std::optional<AccountImage>(); };
  std::function<Result<AccountImage>()> write = [] { return AccountImage{account("a"), {}}; };
  std::function<Result<std::vector<model::Session>>()> sessions = [] { return std::vector<model::Session>(); };
  Manifest manifest = {.connector = "script", .reads_accounts = true, .writes_accounts = true, .writes_grants = true};
};

class ScriptConnection final : public Connection, AccountReader, AccountWriter, GrantWriter, SessionControl {
 public:
  explicit ScriptConnection(const Script& script) : script_(&script) {}
  const Manifest& manifest() const override { return script_->manifest; }
  Result<std::vector<PreflightFault>> preflight(const Call&) override { return std::vector<PreflightFault>(); }
  AccountReader* account_reader() override { return this; }
  AccountWriter* account_writer() override { return this; }
  GrantWriter* grant_writer() override { return this; }
  SessionControl* session_control() override { return this; }

 private:
  Result<Observation> read_all(const Call&) override { return script_->read_all(); }
  Result<std::optional<AccountImage>> read_account(const Call&, const NativeId&) override { return script_->read(); }
  Result<std::optional<AccountImage>> find_account(const Call&, const std::string&, const std::string&) override {
    return script_->read();
  }
  Result<AccountImage> create(const Call&, const AccountDraft&) override { return script_->write(); }
  Result<AccountImage> update(const Call&, const NativeId&, const model::AttributeMap&) override {
    return script_->write();
  }
  Result<AccountImage> set_enabled(const Call&, const NativeId&, bool) override { return script_->write(); }
  Status remove(const Call&, const NativeId&) override { return {}; }
  Result<AccountImage> grant(const Call&, const NativeId&, const EntitlementId&, const model::Parameters&) override {
    return script_->write();
  }
  Result<AccountImage> revoke(const Call&, const NativeId&, const EntitlementId&, const model::Parameters&) override {
    return script_->write();
  }
  Result<std::vector<model::Session>> list_sessions(const Call&, const NativeId&) override {
    return script_->sessions();
  }
  Result<std::vector<model::Session>> end_sessions(const Call&, const NativeId&) override {
    return script_->sessions();
  }
  const Script* script_;
};

class ScriptConnector final : public Connector {
 public:
  explicit ScriptConnector(const Script& script) : script_(&script) {}
  const Manifest& manifest() const override { return script_->manifest; }
  void check(const Settings&, const Place&, Diagnostics&) const override {}
  Result<std::unique_ptr<Connection>> open(const Settings&, SecretSource& secrets) const override {
    TENURE_CHECK_OK(secrets.secret("env:P"));
    return std::make_unique<ScriptConnection>(*script_);
  }

 private:
  const Script* script_;
};

class CheckedConnectionTest : public ::testing::Test {
 protected:
  std::unique_ptr<Connection> open() {
    auto opened = open_checked(ScriptConnector(script_), settings(), secrets_, clock_);
    EXPECT_TRUE(opened) << opened.error().to_string();
    return opened ? std::move(*opened) : nullptr;
  }
  Script script_;
  testing::MapSecrets secrets_{{{"env:P", "correct-horse"}}};
  ManualClock clock_{Time::from_micros(1'000'000)};
  const NativeId a_{"a"};
  const EntitlementId e_{"e"};
};

TEST_F(CheckedConnectionTest, SetsTheTimeAtWhichTheReadingBegan) {
  script_.read_all = [&] {
    clock_.advance(Duration::seconds(5));
    return sound();
  };
  const auto observation = open()->account_reader()->read_all({});
  ASSERT_TRUE(observation);
  EXPECT_EQ(observation->read_at, Time::from_micros(1'000'000));
}

TEST_F(CheckedConnectionTest, DoesNotBelieveAnImageThatShowsSomethingElse) {
  auto connection = open();
  const auto unverified_unknown = [](const auto& result, const char* what) {
    ASSERT_FALSE(result) << what;
    EXPECT_EQ(result.error().reason(), Reason::kTargetUnverified) << what;
    EXPECT_EQ(result.error().effect(), Effect::kUnknown) << what;
  };
  unverified_unknown(connection->account_writer()->update({}, a_, {{"mail", "new@x"}}), "update");
  unverified_unknown(connection->account_writer()->set_enabled({}, a_, false), "disable");
  unverified_unknown(connection->account_writer()->create({}, {.account_class = "people", .name = "other"}), "create");
  unverified_unknown(connection->grant_writer()->grant({}, a_, e_, ""), "grant");
  EXPECT_TRUE(connection->account_writer()->update({}, a_, {{"mail", "a@x"}}));
  EXPECT_TRUE(connection->grant_writer()->revoke({}, a_, e_, ""));

  script_.write = [&] { return AccountImage{account("a"), {{{a_, {}}, e_, ""}}}; };
  unverified_unknown(connection->grant_writer()->revoke({}, a_, e_, ""), "revoke");
  EXPECT_TRUE(connection->grant_writer()->grant({}, a_, e_, ""));
  unverified_unknown(connection->grant_writer()->grant({}, a_, e_, R"({"access":"READ"})"), "other parameters");

  script_.read = [] { return std::optional<AccountImage>(AccountImage{account("a"), {}}); };
  unverified_unknown(connection->account_writer()->remove({}, a_), "remove");
}

TEST_F(CheckedConnectionTest, AnswersAboutAnotherAccountAreRefused) {
  auto connection = open();
  const auto written = connection->account_writer()->set_enabled({}, NativeId("b"), true);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().reason(), Reason::kTargetProtocol);
  EXPECT_EQ(written.error().effect(), Effect::kUnknown);
  script_.read = [] { return std::optional<AccountImage>(AccountImage{account("a"), {}}); };
  EXPECT_FALSE(connection->account_reader()->read_account({}, NativeId("b")));
  EXPECT_FALSE(connection->account_reader()->find_account({}, "people", "somebody"));
  EXPECT_TRUE(connection->account_reader()->find_account({}, "people", "N-A"));
}

TEST_F(CheckedConnectionTest, ErrorsCarryWhereAndNoSecret) {
  script_.write = [] {
    return Result<AccountImage>(fail(Reason::kTargetRefused, "login as correct-horse and Y29ycmVjdC1ob3JzZQ== failed"));
  };
  const auto result = open()->account_writer()->set_enabled({}, a_, false);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().to_string(),
            "disable account on target directory (script): login as [secret] and [secret] failed [E-4006]");
}

TEST_F(CheckedConnectionTest, SessionsAreBounded) {
  script_.sessions = [] { return std::vector<model::Session>{{"", "x"}}; };
  EXPECT_FALSE(open()->session_control()->list_sessions({}, a_));
}

TEST_F(CheckedConnectionTest, AManifestThatPromisesWhatIsNotThereIsADefect) {
  script_.manifest.reads_feed = true;
  const auto opened = open_checked(ScriptConnector(script_), settings(), secrets_, clock_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().reason(), Reason::kInternal);
}

TEST(AttributeValue, OneIsATextManyAreAnOrderedList) {
  EXPECT_FALSE(attribute_value({}));
  EXPECT_EQ(json::to_string(*attribute_value({"x"})), "\"x\"");
  EXPECT_EQ(json::to_string(*attribute_value({"b", "a"})), "[\"a\",\"b\"]");
  EXPECT_EQ(attribute_texts(json::Array{"b", 1, "a"}), (std::vector<std::string>{"1", "a", "b"}));
  EXPECT_TRUE(attribute_texts(json::Value("")).empty());
}

}  // namespace
}  // namespace tenure::connector
