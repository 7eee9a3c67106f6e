// Pages, size limits and groups without refint, on a server of its own with 2,000 accounts.
#include "ldap_bench.hpp"

#include <chrono>
#include <cstdio>

#include <gtest/gtest.h>

#include <tenure/base/file.hpp>
#include <tenure/connector/verify.hpp>

namespace tenure::connector_ldap {
namespace {

using connector::Call;
using model::EntitlementId;

constexpr int kAccounts = 2000;
const Call kCall{Duration::seconds(60), {}};

std::string name(int i) {
  return "user" + std::to_string(i);
}

std::string large_seed() {
  const std::string base(kBase);
  std::string out;
  for (const char* unit : {"people", "admins", "groups"})
    out += std::string("dn: ou=") + unit + "," + base + "\nobjectClass: organizationalUnit\nou: " + unit + "\n\n";
  for (int i = 0; i < kAccounts; ++i)
    out += "dn: uid=" + name(i) + ",ou=people," + base + "\nobjectClass: inetOrgPerson\nuid: " + name(i) +
           "\ncn: User " + std::to_string(i) + "\nsn: User\nmail: " + name(i) + "@nordhaven.example\n\n";
  for (int g = 0; g < 40; ++g) {
    out += "dn: cn=group" + std::to_string(g) + ",ou=groups," + base + "\nobjectClass: groupOfNames\ncn: group" +
           std::to_string(g) + "\nmember: cn=nobody,ou=policies," + base + "\n";
    for (int i = 0; i < kAccounts; ++i)
      if (i % 40 == g || g == 0) out += "member: uid=" + name(i) + ",ou=people," + base + "\n";
    out += "\n";
  }
  return out;
}

class LargeLdapTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    lab::SlapdOptions options;
    options.base_dn = kBase;
    options.seed_ldif = large_seed();
    auto started = lab::Slapd::start(options);
    ASSERT_TRUE(started) << started.error().to_string();
    server_ = new lab::Slapd(std::move(*started));
  }
  static void TearDownTestSuite() {
    delete server_;
    server_ = nullptr;
  }
  static std::unique_ptr<connector::Connection> open(const lab::LdapLogin& login) {
    auto settings = ldap_settings(server_->url());
    settings.config.as_object()["bind_dn"] = login.dn;
    settings.config.as_object()["password"] = "env:" + std::string("LARGE");
    driver().secrets().set("env:LARGE", login.password);
    return open_ldap(settings);
  }
  static lab::Slapd* server_;
};

lab::Slapd* LargeLdapTest::server_ = nullptr;

TEST_F(LargeLdapTest, EveryPageIsRead) {
  const auto connection = open(server_->connector());
  const auto began = std::chrono::steady_clock::now();
  const auto all = connection->account_reader()->read_all(kCall);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  ASSERT_TRUE(all) << all.error().to_string();
  EXPECT_TRUE(all->coverage.complete) << all->coverage.reason;
  EXPECT_EQ(all->accounts.size(), static_cast<std::size_t>(kAccounts));
  EXPECT_EQ(all->grants.size(), static_cast<std::size_t>(kAccounts + kAccounts * 39 / 40));
  std::printf("%d accounts, %zu grants read and checked in %.3f s\n", kAccounts, all->grants.size(), took.count());
}

TEST_F(LargeLdapTest, ASizeLimitIsNeverTheList) {
  // The operator has slapd's limit of 500, which paging does not lift.
  const auto connection = open(server_->console_operator());
  const auto all = connection->account_reader()->read_all(kCall);
  ASSERT_TRUE(all) << all.error().to_string();
  EXPECT_FALSE(all->coverage.complete);
  EXPECT_EQ(all->coverage.unknown, std::vector<std::string>{"people"});
  EXPECT_NE(all->coverage.reason.find("answered 4"), std::string::npos) << all->coverage.reason;
  EXPECT_TRUE(all->accounts.empty());
  EXPECT_TRUE(all->grants.empty()) << "nobody is known to hold anything";
  const auto faults = connection->preflight(kCall);
  ASSERT_TRUE(faults);
  bool named = false;
  for (const auto& fault : *faults) named = named || fault.right.starts_with("reading all entries below ou=people");
  EXPECT_TRUE(named);
}

TEST_F(LargeLdapTest, AnOrdinaryAccountLacksTheRightToWrite) {
  const std::string dn = "uid=" + name(1) + ",ou=people," + kBase;
  const auto password = server_->set_random_password(dn);
  ASSERT_TRUE(password);
  auto settings = ldap_settings(server_->url());
  settings.config.as_object()["bind_dn"] = dn;
  settings.config.as_object()["password"] = "env:USER";
  settings.config.as_object().erase("monitor");
  settings.classes.erase(settings.classes.begin());  // beyond the size limit
  driver().secrets().set("env:USER", *password);
  const auto faults = open_ldap(settings)->preflight(kCall);
  ASSERT_TRUE(faults) << faults.error().to_string();
  bool member = false;
  for (const auto& fault : *faults) member = member || fault.right.starts_with("write access to member");
  EXPECT_TRUE(member);
}

TEST_F(LargeLdapTest, WithoutRefintARemovalStillLeavesNoMemberBehind) {
  ASSERT_TRUE(server_->stop());
  const std::string path = server_->folder() + "/slapd.conf";
  std::string config = read_file(path).value();
  for (const std::string line :
       {"overlay memberof\n", "memberof-refint TRUE\n", "overlay refint\n", "refint_attributes member memberOf\n"}) {
    const auto at = config.find(line);
    ASSERT_NE(at, std::string::npos) << line;
    config.erase(at, line.size());
  }
  ASSERT_TRUE(write_file_atomic(path, config, 0600));
  ASSERT_TRUE(server_->start_again());

  const auto connection = open(server_->connector());
  const auto found = connection->account_reader()->find_account(kCall, "people", name(7));
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->grants.size(), 2u);
  const auto removed = connection->account_writer()->remove(kCall, (*found)->account.id);
  ASSERT_TRUE(removed) << removed.error().to_string();
  const auto left = server_->search(server_->admin(), std::string("ou=groups,") + kBase, "sub",
                                    "(member=uid=" + name(7) + ",ou=people," + kBase + ")", "cn");
  ASSERT_TRUE(left);
  EXPECT_EQ(left->find("dn:"), std::string::npos) << *left;
}

}  // namespace
}  // namespace tenure::connector_ldap
