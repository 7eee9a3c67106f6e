#include <filesystem>
#include <functional>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <tenure/base/file.hpp>
#include <tenure/connector/host.hpp>
#include <tenure/connector/testing/map_secrets.hpp>
#include <tenure/connector_exchange/exchange.hpp>
#include <tenure/lab/company.hpp>

namespace tenure::connector_exchange {
namespace {

using connector::Call;
using model::EntitlementId;
using model::NativeId;

constexpr const char* kUsers =
    "userid,name,status,person_id\n"
    "ANNAB,\"Berg, Anna\",ACTIVE,P00001\n"
    "LUKASZ,Łukasz Nowak,REVOKED,P00002\n"
    "BATCH1,nightly batch,ACTIVE,\n";
constexpr const char* kPermits =
    "userid,profile,access\n"
    "ANNAB,PAY.DATA,READ\n"
    "ANNAB,STOCK.DATA,UPDATE\n"
    "ANNAB,PAY.DATA,UPDATE\n"
    "BATCH1,STOCK.DATA,READ\n"
    "BATCH1,LEGACY.JCL,READ\n";

class ExchangeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/tenure-exchange-XXXXXX";
    folder_ = ::mkdtemp(name);
    write("users.csv", kUsers);
    write("permits.csv", kPermits);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& file, const std::string& text) {
    ASSERT_TRUE(write_file_atomic(folder_ + "/" + file, text));
  }
  // As if the file had been written this long before the test's now.
  void age(const std::string& file, Duration duration) {
    const timespec time{(clock_.now() - duration).to_micros() / 1'000'000, 0};
    const timespec both[2] = {time, time};
    ASSERT_EQ(::utimensat(AT_FDCWD, (folder_ + "/" + file).c_str(), both, 0), 0);
  }

  connector::Settings settings() const {
    connector::Settings out;
    out.target = model::TargetName("mainframe");
    out.base_folder = folder_;
    out.config = json::parse(R"({"folder":".","max_age":"2d",
        "accounts":{"file":"users.csv","key":"userid",
                    "state":{"column":"status","enabled":["ACTIVE"],"disabled":["REVOKED"]},
                    "attributes":{"full_name":"name"}},
        "grants":{"file":"permits.csv","account":"userid","entitlement":"profile","parameters":["access"]}})")
                     .value();
    out.classes.push_back({.name = "users", .attributes = {"full_name", "person_id"}});
    out.ignored.push_back(EntitlementId("LEGACY.JCL"));
    return out;
  }
  std::unique_ptr<connector::Connection> open(const connector::Settings& settings) {
    auto opened = connector::open_checked(*connector_, settings, secrets_, clock_);
    EXPECT_TRUE(opened) << opened.error().to_string();
    return opened ? std::move(*opened) : nullptr;
  }
  model::Observation read() {
    const auto all = open(settings())->account_reader()->read_all(Call{});
    EXPECT_TRUE(all) << all.error().to_string();
    return all ? *all : model::Observation();
  }

  std::string folder_;
  ManualClock clock_{make_system_clock()->now() + Duration::minutes(1)};
  std::unique_ptr<connector::Connector> connector_ = make_exchange_connector(clock_);
  connector::testing::MapSecrets secrets_;
};

TEST_F(ExchangeTest, ReadsAccountsAndPermits) {
  const auto all = read();
  EXPECT_TRUE(all.coverage.complete) << all.coverage.reason;
  ASSERT_EQ(all.accounts.size(), 3u);
  const auto* anna = all.find_account(NativeId("ANNAB"));
  ASSERT_NE(anna, nullptr);
  EXPECT_TRUE(anna->enabled);
  EXPECT_EQ(anna->attributes.at("full_name"), json::Value("Berg, Anna"));
  const auto* lukasz = all.find_account(NativeId("LUKASZ"));
  ASSERT_NE(lukasz, nullptr);
  EXPECT_FALSE(lukasz->enabled);
  EXPECT_EQ(lukasz->restriction, "REVOKED");
  EXPECT_EQ(all.find_account(NativeId("BATCH1"))->attributes.at("person_id").as_string(), "");
  const auto grants = all.grants_of(NativeId("ANNAB"));
  ASSERT_EQ(grants.size(), 3u);
  EXPECT_EQ(grants[0].parameters, R"({"access":"READ"})");
  EXPECT_EQ(all.grants.size(), 4u) << "the ignored profile is not read";
}

TEST_F(ExchangeTest, TheReadingIsAsOldAsItsOldestFile) {
  age("permits.csv", Duration::hours(5));
  EXPECT_LE(read().read_at, clock_.now() - Duration::hours(5));
}

TEST_F(ExchangeTest, ASingleReadingEqualsTheFullOne) {
  const auto all = read();
  for (const auto& account : all.accounts) {
    const auto image = open(settings())->account_reader()->read_account(Call{}, account.id);
    ASSERT_TRUE(image && *image);
    EXPECT_EQ((*image)->account, account);
    EXPECT_EQ((*image)->grants, all.grants_of(account.id));
  }
  const auto absent = open(settings())->account_reader()->read_account(Call{}, NativeId("NOBODY"));
  ASSERT_TRUE(absent);
  EXPECT_FALSE(*absent);
  const auto found = open(settings())->account_reader()->find_account(Call{}, "users", "LUKASZ");
  ASSERT_TRUE(found && *found);
}

TEST_F(ExchangeTest, WhatIsNotAWholeFreshFileIsUnknown) {
  struct Case {
    const char* what;
    std::function<void()> spoil;
    std::vector<std::string> unknown;
  };
  const std::vector<std::string> all_unknown = {"users", "entitlements"};
  const std::string users(kUsers);
  const std::string permits(kPermits);
  const Case cases[] = {
      {"users missing", [&] { std::filesystem::remove(folder_ + "/users.csv"); }, all_unknown},
      {"users empty", [&] { write("users.csv", ""); }, all_unknown},
      {"users header only", [&] { write("users.csv", "userid,name,status,person_id\n"); }, all_unknown},
      {"users cut off", [&] { write("users.csv", users.substr(0, users.size() - 9)); }, all_unknown},
      {"users old", [&] { age("users.csv", Duration::days(3)); }, all_unknown},
      {"users without a column", [&] { write("users.csv", "userid,name,status\nA,B,ACTIVE\n"); }, all_unknown},
      {"key twice", [&] { write("users.csv", users + "ANNAB,Again,ACTIVE,\n"); }, all_unknown},
      {"key empty", [&] { write("users.csv", users + ",Again,ACTIVE,\n"); }, all_unknown},
      {"unknown state", [&] { write("users.csv", users + "ZED,Zed,SUSPENDED,\n"); }, all_unknown},
      {"permits missing", [&] { std::filesystem::remove(folder_ + "/permits.csv"); }, {"entitlements"}},
      {"permits cut off", [&] { write("permits.csv", permits.substr(0, permits.size() - 1)); }, {"entitlements"}},
      {"permits old", [&] { age("permits.csv", Duration::days(3)); }, {"entitlements"}},
  };
  for (const auto& c : cases) {
    write("users.csv", kUsers);
    write("permits.csv", kPermits);
    c.spoil();
    const auto all = read();
    EXPECT_FALSE(all.coverage.complete) << c.what;
    EXPECT_EQ(all.coverage.unknown, c.unknown) << c.what;
    EXPECT_FALSE(all.coverage.reason.empty()) << c.what;
    EXPECT_TRUE(all.grants.empty()) << c.what;
    const auto single = open(settings())->account_reader()->read_account(Call{}, NativeId("NOBODY"));
    EXPECT_FALSE(single) << c.what << ": absence was claimed";
    const auto faults = open(settings())->preflight(Call{});
    ASSERT_TRUE(faults);
    EXPECT_FALSE(faults->empty()) << c.what;
  }
}

TEST_F(ExchangeTest, AFaultOfTheFileIsToldWithItsPlace) {
  struct Case {
    std::string text;
    Reason reason;
    const char* message;  // behind the folder
  };
  const std::string users(kUsers);
  const Case cases[] = {
      {"", Reason::kTargetPartial, "/users.csv: the file is empty; expected: a header and records"},
      {users.substr(0, users.size() - 1), Reason::kTargetPartial, "/users.csv:4:29: the file ends without a line end"},
      {users + "X,Y", Reason::kTargetPartial,
       "/users.csv:5:4: the file ends within a record, after 2 fields; expected: 4 fields"},
      {users + "X,\"Y", Reason::kTargetPartial,
       "/users.csv:5:3: the file ends within the quoted field that begins here; expected: a closing quotation mark"},
      {users + "X,Y\n", Reason::kTargetProtocol, "/users.csv:5:4: the record has 2 fields; expected: 4 fields"},
      {users + "\xFF\n", Reason::kTargetProtocol,
       "/users.csv:5:1: this line is not UTF-8 from here on; expected: UTF-8 text"},
  };
  for (const auto& c : cases) {
    write("users.csv", c.text);
    const auto image = open(settings())->account_reader()->read_account(Call{}, NativeId("ANNAB"));
    ASSERT_FALSE(image) << c.message;
    EXPECT_EQ(image.error().reason(), c.reason) << c.message;
    EXPECT_TRUE(image.error().message().ends_with(c.message)) << image.error().message();
  }
}

TEST_F(ExchangeTest, AFileThatIsStillWarmCanBeLeftAlone) {
  auto given = settings();
  given.config.as_object()["settled"] = "10m";
  const auto all = open(given)->account_reader()->read_all(Call{});
  ASSERT_TRUE(all);
  EXPECT_FALSE(all->coverage.complete);
}

TEST_F(ExchangeTest, ClassesAreToldByAColumn) {
  auto given = settings();
  given.classes.push_back({.name = "batch",
                           .purpose = model::Purpose::kService,
                           .config = json::parse(R"({"where":{"column":"person_id","values":[""]}})").value()});
  // An empty text is no value that a list of values can hold.
  Diagnostics diagnostics;
  connector_->check(given, {}, diagnostics);
  EXPECT_TRUE(diagnostics.has_errors());
  given.classes.back().config = json::parse(R"({"where":{"column":"name","values":["nightly batch"]}})").value();
  const auto all = open(given)->account_reader()->read_all(Call{});
  ASSERT_TRUE(all) << all.error().to_string();
  EXPECT_EQ(all->find_account(NativeId("BATCH1"))->account_class, "batch");
  EXPECT_EQ(all->find_account(NativeId("BATCH1"))->purpose, model::Purpose::kService);
  given.classes.erase(given.classes.begin());
  const auto narrow = open(given)->account_reader()->read_all(Call{});
  ASSERT_TRUE(narrow);
  EXPECT_EQ(narrow->accounts.size(), 1u);
  EXPECT_EQ(narrow->grants.size(), 1u);
  EXPECT_EQ(narrow->coverage.reason, "") << "accounts outside the classes are no loose ends";
}

TEST_F(ExchangeTest, APermitOfNobodyIsARemark) {
  write("permits.csv", std::string(kPermits) + "GHOST,PAY.DATA,READ\n");
  const auto all = read();
  EXPECT_TRUE(all.coverage.complete);
  EXPECT_NE(all.coverage.reason.find("1 grant(s)"), std::string::npos);
  EXPECT_EQ(all.grants.size(), 4u);
}

TEST_F(ExchangeTest, EveryChangeIsAWorkOrder) {
  const auto connection = open(settings());
  EXPECT_TRUE(connection->manifest().manual);
  EXPECT_EQ(connection->account_writer(), nullptr);
  EXPECT_EQ(connection->grant_writer(), nullptr);
  EXPECT_EQ(connection->session_control(), nullptr);
  EXPECT_EQ(connection->manifest().consistency_lag, Duration::days(2));
}

// The settings of examples/nordhaven/targets/mainframe.yaml on the files of the demo company.
TEST_F(ExchangeTest, TheMainframeOfNordhavenIsReadWhole) {
  const auto company = lab::make_company({.today = *Time::parse("2026-11-20")});
  ASSERT_TRUE(company);
  write("mainframe-users.csv", company->mainframe_users_csv);
  write("mainframe-permits.csv", company->mainframe_permits_csv);
  connector::Settings given;
  given.target = model::TargetName("mainframe");
  given.base_folder = folder_;
  given.config = json::parse(R"({"folder":".","max_age":"26h",
      "accounts":{"file":"mainframe-users.csv","key":"userid",
                  "state":{"column":"status","enabled":["ACTIVE"],"disabled":["REVOKED"]}},
      "grants":{"file":"mainframe-permits.csv","account":"userid","entitlement":"profile","parameters":["access"]}})")
                     .value();
  given.classes.push_back({.name = "users", .attributes = {"name", "person_id", "userid"}});
  const auto all = open(given)->account_reader()->read_all(Call{});
  ASSERT_TRUE(all) << all.error().to_string();
  EXPECT_TRUE(all->coverage.complete) << all->coverage.reason;
  EXPECT_EQ(all->coverage.reason, "");
  EXPECT_EQ(static_cast<int>(all->accounts.size()), company->expectations.accounts.at("mainframe"));
  EXPECT_EQ(static_cast<int>(all->grants.size()), company->expectations.grants.at("mainframe"));
}

TEST_F(ExchangeTest, SettingsAreChecked) {
  auto given = settings();
  given.config =
      json::parse(
          R"({"folder":".","separator":"|","accounts":{"file":"u.csv","state":{"column":"s","enabled":["A"],"disabled":["A"]}},"grant":{}})")
          .value();
  Diagnostics diagnostics;
  connector_->check(given, {"targets/m.yaml", 2, 1}, diagnostics);
  std::string all;
  for (const auto& diagnostic : diagnostics.sorted()) all += render(diagnostic) + "\n";
  for (const char* expected : {"config.separator", "config.accounts.key is missing", "also in enabled",
                               "config.grants.file is missing", "did you mean grants?"})
    EXPECT_NE(all.find(expected), std::string::npos) << expected << "\n" << all;
}

}  // namespace
}  // namespace tenure::connector_exchange
