// The conformance suite, shown to pass on a sound connector and to notice every planted defect.
#include <algorithm>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include <tenure/connector/settings.hpp>
#include <tenure/connector/testing/conformance.hpp>
#include <tenure/connector/verify.hpp>

namespace tenure::connector {
namespace {

using model::AccountImage;
using model::EntitlementId;
using model::NativeId;
using testing::Right;

enum class Defect : std::uint8_t {
  kNone,
  kReturnsWhatItSent,  // update answers with the request and changes nothing
  kForgetsToRevoke,
  kRevokesEverything,
  kDisablesOnlyInTheAnswer,
  kLosesTheLastAccount,  // a full reading without its end
  kFullReadingDiffers,   // attributes are missing from the full reading
  kAbsentIsAnError,
  kErrorIsAbsent,        // an unreachable target looks empty
  kCreatesTwice,         // a second account under the same name
  kTakesOverTheName,     // create overwrites what is there
  kIgnoresEnabled,       // a draft that begins disabled is made enabled
  kRemovalLeavesGrants,  // the next account of the name inherits them
  kRemoveOfAbsentFails,
  kWritesToAbsent,  // says done for an account that is not there
  kGrantsTheUnknown,
  kReadsTheIgnored,
  kShowsTheSecret,
  kAcceptsAnySecret,
  kCachesReadings,
  kEffectUnknownWhenUnreachable,
  kKeepsSessions,
  kListsNoSessions,
  kTakesAnySetting,
  kUnstableReading,
  kCount,
};

// The target: one per driver, shared by the connections.
struct Memory {
  Defect defect = Defect::kNone;
  int next = 0;
  std::map<std::string, model::Account> accounts;                               // by id
  std::map<std::string, std::set<std::pair<std::string, std::string>>> grants;  // by id, or by name where rights linger
  std::map<std::string, int> sessions;
  int reads = 0;
};

class MemoryConnection final : public Connection, AccountReader, AccountWriter, GrantWriter, SessionControl {
 public:
  MemoryConnection(Memory& memory, Settings settings, SecretSource& secrets)
      : memory_(memory), settings_(std::move(settings)), secrets_(secrets) {
    manifest_.connector = "memory";
    manifest_.title = "Memory";
    manifest_.reads_accounts = manifest_.writes_accounts = manifest_.writes_grants = manifest_.ends_sessions = true;
  }
  const Manifest& manifest() const override { return manifest_; }
  Result<std::vector<PreflightFault>> preflight(const Call&) override {
    TENURE_CHECK_OK(begin());
    return std::vector<PreflightFault>();
  }
  AccountReader* account_reader() override { return this; }
  AccountWriter* account_writer() override { return this; }
  GrantWriter* grant_writer() override { return this; }
  SessionControl* session_control() override { return this; }

 private:
  bool has(Defect defect) const { return memory_.defect == defect; }

  Status begin() {
    if (settings_.config.bool_or("unreachable", false))
      return fail(Reason::kTargetUnreachable, "nobody is there",
                  has(Defect::kEffectUnknownWhenUnreachable) ? Effect::kUnknown : Effect::kNone);
    TENURE_TRY(const std::string secret, secrets_.secret("env:MEMORY"));
    if (secret != "right-secret" && !has(Defect::kAcceptsAnySecret))
      return fail(Reason::kTargetCredentials,
                  "refused" + (has(Defect::kShowsTheSecret) ? " " + secret : std::string()));
    return {};
  }

  bool ignored(const std::string& entitlement) const {
    return !has(Defect::kReadsTheIgnored) && std::find(settings_.ignored.begin(), settings_.ignored.end(),
                                                       EntitlementId(entitlement)) != settings_.ignored.end();
  }

  std::string grants_key(const model::Account& account) const {
    return has(Defect::kRemovalLeavesGrants) ? account.name : account.id.str();
  }

  AccountImage image(const model::Account& account) const {
    AccountImage out{account, {}};
    if (const auto held = memory_.grants.find(grants_key(account)); held != memory_.grants.end())
      for (const auto& [entitlement, parameters] : held->second)
        if (!ignored(entitlement)) out.grants.push_back({{account.id, {}}, EntitlementId(entitlement), parameters});
    return out;
  }

  Result<model::Observation> read_all(const Call&) override {
    if (auto status = begin();
        !status && !(has(Defect::kErrorIsAbsent) && status.error().reason() == Reason::kTargetUnreachable))
      return fail(status.error());
    model::Observation out;
    out.target = settings_.target;
    out.coverage.complete = true;
    for (const char* entitlement : {"e", "f"})
      if (!ignored(entitlement)) out.entitlements.push_back({EntitlementId(entitlement), entitlement});
    for (const auto& [id, account] : memory_.accounts) {
      out.accounts.push_back(account);
      if (has(Defect::kFullReadingDiffers)) out.accounts.back().attributes.clear();
      if (has(Defect::kUnstableReading)) out.accounts.back().restriction = "";
      const auto held = image(account).grants;
      out.grants.insert(out.grants.end(), held.begin(), held.end());
    }
    if (has(Defect::kUnstableReading) && ++memory_.reads % 2 == 0) out.entitlements.pop_back(), out.grants.clear();
    if (has(Defect::kLosesTheLastAccount) && !out.accounts.empty()) {
      std::erase_if(out.grants, [&](const model::Grant& one) { return one.holder.account == out.accounts.back().id; });
      out.accounts.pop_back();
    }
    out.sort();
    return out;
  }

  Result<std::optional<AccountImage>> read_account(const Call&, const NativeId& id) override {
    TENURE_CHECK_OK(begin());
    if (has(Defect::kCachesReadings))
      if (const auto cached = cache_.find(id.str()); cached != cache_.end()) return std::optional(cached->second);
    const auto found = memory_.accounts.find(id.str());
    if (found == memory_.accounts.end()) {
      if (has(Defect::kAbsentIsAnError)) return fail(Reason::kTargetObjectMissing, "not there");
      return std::optional<AccountImage>();
    }
    auto out = image(found->second);
    cache_.insert_or_assign(id.str(), out);
    return std::optional(std::move(out));
  }

  Result<std::optional<AccountImage>> find_account(const Call&, const std::string&, const std::string& name) override {
    TENURE_CHECK_OK(begin());
    for (const auto& [id, account] : memory_.accounts)
      if (account.name == name) return std::optional(image(account));
    return std::optional<AccountImage>();
  }

  Result<AccountImage> create(const Call& call, const AccountDraft& draft) override {
    TENURE_TRY(const auto there, find_account(call, draft.account_class, draft.name));
    if (there && !has(Defect::kCreatesTwice)) {
      if (has(Defect::kTakesOverTheName)) {
        auto& account = memory_.accounts.at(there->account.id.str());
        account.attributes = draft.attributes;
        return image(account);
      }
      if (difference(*there, draft)) return fail(Reason::kTargetObjectExists, "there already");
      return *there;
    }
    model::Account account;
    account.id = NativeId("m" + std::to_string(100 + ++memory_.next));
    account.name = draft.name;
    account.account_class = draft.account_class;
    account.attributes = draft.attributes;
    account.enabled = draft.enabled || has(Defect::kIgnoresEnabled);
    memory_.accounts[account.id.str()] = account;
    auto out = image(account);
    if (has(Defect::kIgnoresEnabled)) out.account.enabled = draft.enabled;
    return out;
  }

  // The account, or the error for one that is not there.
  Result<model::Account*> existing(const NativeId& id) {
    TENURE_CHECK_OK(begin());
    const auto found = memory_.accounts.find(id.str());
    if (found == memory_.accounts.end()) return fail(Reason::kTargetObjectMissing, "not there");
    return &found->second;
  }

  Result<AccountImage> update(const Call&, const NativeId& id, const model::AttributeMap& attributes) override {
    TENURE_TRY(model::Account * account, existing(id));
    auto changed = *account;
    for (const auto& [name, value] : attributes) changed.attributes[name] = value;
    if (!has(Defect::kReturnsWhatItSent)) *account = changed;
    return image(changed);
  }

  Result<AccountImage> set_enabled(const Call&, const NativeId& id, bool enabled) override {
    if (has(Defect::kWritesToAbsent) && begin() && !memory_.accounts.contains(id.str())) {
      model::Account made;
      made.id = id;
      made.name = "absent";
      made.account_class = "people";
      made.enabled = enabled;
      return AccountImage{made, {}};
    }
    TENURE_TRY(model::Account * account, existing(id));
    auto changed = *account;
    changed.enabled = enabled;
    if (!has(Defect::kDisablesOnlyInTheAnswer)) *account = changed;
    return image(changed);
  }

  Status remove(const Call&, const NativeId& id) override {
    TENURE_CHECK_OK(begin());
    const auto found = memory_.accounts.find(id.str());
    if (found == memory_.accounts.end()) {
      if (has(Defect::kRemoveOfAbsentFails)) return fail(Reason::kTargetObjectMissing, "not there");
      return {};
    }
    if (!has(Defect::kRemovalLeavesGrants)) memory_.grants.erase(id.str());
    memory_.accounts.erase(found);
    return {};
  }

  Result<AccountImage> grant(const Call&, const NativeId& id, const EntitlementId& entitlement,
                             const model::Parameters& parameters) override {
    TENURE_TRY(const model::Account* account, existing(id));
    if (entitlement.str().size() > 1 && !has(Defect::kGrantsTheUnknown))
      return fail(Reason::kTargetObjectMissing, "no such entitlement");
    memory_.grants[grants_key(*account)].emplace(entitlement.str(), parameters);
    return image(*account);
  }

  Result<AccountImage> revoke(const Call&, const NativeId& id, const EntitlementId& entitlement,
                              const model::Parameters& parameters) override {
    TENURE_TRY(const model::Account* account, existing(id));
    auto& held = memory_.grants[grants_key(*account)];
    if (has(Defect::kRevokesEverything)) held.clear();
    if (!has(Defect::kForgetsToRevoke)) held.erase({entitlement.str(), parameters});
    auto out = image(*account);
    std::erase_if(out.grants, [&](const model::Grant& one) { return one.entitlement == entitlement; });
    return out;
  }

  Result<std::vector<model::Session>> list_sessions(const Call&, const NativeId& id) override {
    TENURE_CHECK_OK(begin());
    std::vector<model::Session> out;
    for (int i = 0; i < memory_.sessions[id.str()] && !has(Defect::kListsNoSessions); ++i)
      out.push_back({"s" + std::to_string(i), ""});
    return out;
  }
  Result<std::vector<model::Session>> end_sessions(const Call&, const NativeId& id) override {
    TENURE_CHECK_OK(begin());
    if (!has(Defect::kKeepsSessions)) memory_.sessions[id.str()] = 0;
    return std::vector<model::Session>();
  }

  Memory& memory_;
  const Settings settings_;
  SecretSource& secrets_;
  Manifest manifest_;
  std::map<std::string, AccountImage> cache_;
};

class MemoryConnector final : public Connector {
 public:
  explicit MemoryConnector(Memory& memory) : memory_(memory) {}
  const Manifest& manifest() const override { return manifest_; }
  void check(const Settings& settings, const Place& place, Diagnostics& diagnostics) const override {
    ConfigReader config(settings.config, "config", place, diagnostics);
    config.boolean_or("unreachable", false);
    if (memory_.defect != Defect::kTakesAnySetting) config.no_other_keys();
  }
  Result<std::unique_ptr<Connection>> open(const Settings& settings, SecretSource& secrets) const override {
    return std::make_unique<MemoryConnection>(memory_, settings, secrets);
  }

 private:
  Memory& memory_;
  const Manifest manifest_{.connector = "memory"};
};

class MemorySession final : public testing::OpenSession {
 public:
  explicit MemorySession(int& count) : count_(count) { ++count_; }
  bool alive() override { return count_ > 0; }

 private:
  int& count_;
};

class MemoryDriver final : public testing::Driver {
 public:
  explicit MemoryDriver(Defect defect) : connector_(memory_) {
    memory_.defect = defect;
    secrets_.set("env:MEMORY", "right-secret");
  }
  const Connector& connector() override { return connector_; }
  Settings settings() override {
    Settings out;
    out.target = model::TargetName("memory");
    out.config = json::Object{{"unreachable", false}};
    out.classes.push_back({.name = "people", .attributes = {"mail"}});
    return out;
  }
  testing::MapSecrets& secrets() override { return secrets_; }
  AccountDraft draft(const std::string& name) override {
    AccountDraft out;
    out.account_class = "people";
    out.name = name;
    out.attributes["mail"] = name + "@x";
    return out;
  }
  model::AttributeMap changed_attributes(const AccountDraft&) override { return {{"mail", "new@x"}}; }
  std::vector<Right> rights() override {
    return {{EntitlementId("e"), ""}, {EntitlementId("f"), R"({"access":"READ"})"}};
  }
  NativeId absent_id() override { return NativeId("absent"); }
  Settings unreachable() override {
    auto out = settings();
    out.config.as_object()["unreachable"] = true;
    return out;
  }
  std::string secret_reference() override { return "env:MEMORY"; }
  Status disable(const model::Account& account) override {
    memory_.accounts.at(account.id.str()).enabled = false;
    return {};
  }
  Status remove(const model::Account& account) override {
    memory_.accounts.erase(account.id.str());
    memory_.grants.erase(account.id.str());
    return {};
  }
  Status grant(const model::Account& account, const Right& right) override {
    held(account).emplace(right.entitlement.str(), right.parameters);
    return {};
  }
  Status revoke(const model::Account& account, const Right& right) override {
    held(account).erase({right.entitlement.str(), right.parameters});
    return {};
  }
  Result<std::unique_ptr<testing::OpenSession>> open_session(const model::Account& account) override {
    return std::make_unique<MemorySession>(memory_.sessions[account.id.str()]);
  }
  Status hang() override { return fail(Reason::kConnectorUnsupported, "memory does not hang"); }
  Status resume() override { return {}; }

 private:
  std::set<std::pair<std::string, std::string>>& held(const model::Account& account) {
    return memory_.grants[memory_.defect == Defect::kRemovalLeavesGrants ? account.name : account.id.str()];
  }
  Memory memory_;
  MemoryConnector connector_;
  testing::MapSecrets secrets_;
};

std::vector<std::string> findings_with(Defect defect) {
  MemoryDriver driver(defect);
  std::vector<std::string> out;
  for (const auto& c : testing::conformance_cases()) {
    testing::Findings findings;
    c.run(driver, findings);
    for (const auto& what : findings.all()) out.push_back(c.name + ": " + what);
  }
  return out;
}

TEST(Conformance, ASoundConnectorPasses) {
  for (const auto& what : findings_with(Defect::kNone)) ADD_FAILURE() << what;
}

class PlantedDefectTest : public ::testing::TestWithParam<int> {};

TEST_P(PlantedDefectTest, IsNoticed) {
  EXPECT_FALSE(findings_with(static_cast<Defect>(GetParam())).empty());
}

INSTANTIATE_TEST_SUITE_P(All, PlantedDefectTest, ::testing::Range(1, static_cast<int>(Defect::kCount)));

}  // namespace
}  // namespace tenure::connector
