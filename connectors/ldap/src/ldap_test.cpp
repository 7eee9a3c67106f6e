// What only LDAP does: pages and limits, answers that get lost, groups within groups, locks by hand, names that linger.
#include "ldap_bench.hpp"
#include "stalling_proxy.hpp"

#include <chrono>

#include <gtest/gtest.h>

#include <tenure/base/file.hpp>
#include <tenure/base/hash.hpp>
#include <tenure/connector/verify.hpp>

namespace tenure::connector_ldap {
namespace {

using connector::AccountDraft;
using connector::Call;
using connector::Connection;
using connector::holds;
using model::AccountImage;
using model::EntitlementId;

const Call kCall{Duration::seconds(20), {}};

std::string group_dn(const std::string& name) {
  return "cn=" + name + ",ou=groups," + kBase;
}

Status by_hand(const std::string& ldif) {
  return slapd().modify(slapd().console_operator(), ldif);
}

std::string add_value(const std::string& dn, const std::string& attribute, const std::string& value) {
  return "dn: " + dn + "\nchangetype: modify\nadd: " + attribute + "\n" + attribute + ": " + value + "\n";
}
std::string delete_value(const std::string& dn, const std::string& attribute, const std::string& value) {
  return "dn: " + dn + "\nchangetype: modify\ndelete: " + attribute + "\n" + attribute + ": " + value + "\n";
}

class LdapTest : public ::testing::Test {
 protected:
  AccountImage make(Connection& connection) {
    static int count = 0;
    const auto image = connection.account_writer()->create(kCall, driver().draft("test" + std::to_string(++count)));
    EXPECT_TRUE(image) << image.error().to_string();
    return image ? *image : AccountImage();
  }
  std::unique_ptr<Connection> connection_ = open_ldap(ldap_settings(slapd().url()));
};

bool has_nesting(const model::Observation& observation, const std::string& holder, const std::string& entitlement) {
  const model::Grant wanted{{{}, EntitlementId(holder)}, EntitlementId(entitlement), ""};
  return std::find(observation.grants.begin(), observation.grants.end(), wanted) != observation.grants.end();
}

TEST_F(LdapTest, AGroupWithinAGroupIsAnEntitlementThatHoldsAnother) {
  ASSERT_TRUE(by_hand(add_value(group_dn("vpn"), "member", group_dn("crm-users"))));
  const auto all = connection_->account_reader()->read_all(kCall);
  ASSERT_TRUE(all) << all.error().to_string();
  EXPECT_TRUE(has_nesting(*all, "crm-users", "vpn"));
  EXPECT_TRUE(all->coverage.complete) << all->coverage.reason;
  ASSERT_TRUE(by_hand(delete_value(group_dn("vpn"), "member", group_dn("crm-users"))));
}

TEST_F(LdapTest, OneGroupOfAFamilyAsAHolderIsUnknownRatherThanWrong) {
  ASSERT_TRUE(by_hand(add_value(group_dn("vpn"), "member", group_dn("project-apollo"))));
  const auto all = connection_->account_reader()->read_all(kCall);
  ASSERT_TRUE(all) << all.error().to_string();
  EXPECT_FALSE(all->coverage.complete);
  EXPECT_EQ(all->coverage.unknown, std::vector<std::string>{"grants:vpn"});
  ASSERT_TRUE(by_hand(delete_value(group_dn("vpn"), "member", group_dn("project-apollo"))));
}

TEST_F(LdapTest, ThePlaceholderIsNoGrantAndADanglingMemberIsARemark) {
  const std::string ghost = "uid=nobody-there,ou=people," + std::string(kBase);
  ASSERT_TRUE(by_hand(add_value(group_dn("all-staff"), "member", ghost)));
  const auto all = connection_->account_reader()->read_all(kCall);
  ASSERT_TRUE(all) << all.error().to_string();
  EXPECT_TRUE(all->coverage.complete);
  EXPECT_EQ(all->coverage.reason, "1 member value of groups without an entry");
  for (const auto& grant : all->grants) EXPECT_NE(grant.entitlement, EntitlementId("all-staff"));
  ASSERT_TRUE(by_hand(delete_value(group_dn("all-staff"), "member", ghost)));
}

TEST_F(LdapTest, AMemberNameThatDiffersInCaseIsTheSameAccount) {
  auto draft = driver().draft("zoë.åse");
  draft.attributes.erase("mail");  // which is ASCII only
  const auto made = connection_->account_writer()->create(kCall, draft);
  ASSERT_TRUE(made) << made.error().to_string();
  // Letters beyond ASCII in the other case: only the server knows that the names are equal.
  const std::string other = "uid=ZOË.ÅSE,OU=People," + std::string(kBase);
  ASSERT_TRUE(by_hand("dn: " + group_dn("all-staff") +
                      "\nchangetype: modify\nadd: member\nmember:: " + to_base64(other) + "\n"));
  const auto all = connection_->account_reader()->read_all(kCall);
  ASSERT_TRUE(all) << all.error().to_string();
  ASSERT_EQ(all->grants_of(made->account.id).size(), 1u);
  EXPECT_EQ(all->coverage.reason, "");
  EXPECT_TRUE(connection_->account_writer()->remove(kCall, made->account.id));
}

TEST_F(LdapTest, ALockIsToldByItsTimeAndOursByItsPermanence) {
  const auto made = make(*connection_);
  const auto ours = connection_->account_writer()->set_enabled(kCall, made.account.id, false);
  ASSERT_TRUE(ours) << ours.error().to_string();
  EXPECT_EQ(ours->account.restriction, "locked");
  ASSERT_TRUE(driver().disable(made.account));
  auto seen = connection_->account_reader()->read_account(kCall, made.account.id);
  ASSERT_TRUE(seen && *seen);
  EXPECT_FALSE((*seen)->account.enabled);
  EXPECT_EQ((*seen)->account.restriction, "locked:20260102030405Z");
  // A lock with a date may end by itself; disabling makes it permanent.
  const auto permanent = connection_->account_writer()->set_enabled(kCall, made.account.id, false);
  ASSERT_TRUE(permanent) << permanent.error().to_string();
  EXPECT_EQ(permanent->account.restriction, "locked");
}

TEST_F(LdapTest, ADisabledAccountReallyCannotLogIn) {
  const auto made = make(*connection_);
  const auto password = slapd().set_random_password(dn_of(made.account));
  ASSERT_TRUE(password);
  EXPECT_TRUE(slapd().can_bind(dn_of(made.account), *password).value());
  ASSERT_TRUE(connection_->account_writer()->set_enabled(kCall, made.account.id, false));
  EXPECT_FALSE(slapd().can_bind(dn_of(made.account), *password).value());
  ASSERT_TRUE(connection_->account_writer()->set_enabled(kCall, made.account.id, true));
  EXPECT_TRUE(slapd().can_bind(dn_of(made.account), *password).value());
}

TEST_F(LdapTest, ANewAccountHasNoPassword) {
  const auto made = make(*connection_);
  const auto entry = slapd().search(slapd().admin(), dn_of(made.account), "base", "(objectClass=*)", "userPassword");
  ASSERT_TRUE(entry) << entry.error().to_string();
  EXPECT_EQ(entry->find("userPassword"), std::string::npos);
}

TEST_F(LdapTest, TheLastMemberLeavesThePlaceholderBehind) {
  const auto made = make(*connection_);
  ASSERT_TRUE(by_hand("dn: " + group_dn("lonely") +
                      "\nchangetype: add\nobjectClass: groupOfNames\ncn: lonely\nmember: " + dn_of(made.account) +
                      "\n"));
  const auto revoked = connection_->grant_writer()->revoke(kCall, made.account.id, EntitlementId("lonely"), "");
  ASSERT_TRUE(revoked) << revoked.error().to_string();
  EXPECT_FALSE(holds(*revoked, EntitlementId("lonely"), ""));
  const auto group = slapd().search(slapd().admin(), group_dn("lonely"), "base", "(objectClass=*)", "member");
  ASSERT_TRUE(group);
  EXPECT_NE(group->find("member: cn=nobody,ou=policies"), std::string::npos) << *group;

  auto settings = ldap_settings(slapd().url());
  settings.config.as_object()["groups"].as_object().erase("placeholder");
  ASSERT_TRUE(by_hand(add_value(group_dn("lonely"), "member", dn_of(made.account))));
  ASSERT_TRUE(by_hand(delete_value(group_dn("lonely"), "member", "cn=nobody,ou=policies," + std::string(kBase))));
  const auto refused = open_ldap(settings)->grant_writer()->revoke(kCall, made.account.id, EntitlementId("lonely"), "");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason(), Reason::kTargetRefused);
  EXPECT_EQ(refused.error().effect(), Effect::kNone);
  ASSERT_TRUE(by_hand("dn: " + group_dn("lonely") + "\nchangetype: delete\n"));
}

TEST_F(LdapTest, TwoGroupsOfOneNameAreUnknownAndNotWritten) {
  const std::string twin = "cn=vpn,ou=more,ou=groups," + std::string(kBase);
  ASSERT_TRUE(by_hand("dn: ou=more,ou=groups," + std::string(kBase) +
                      "\nchangetype: add\nobjectClass: organizationalUnit\nou: more\n"));
  ASSERT_TRUE(by_hand("dn: " + twin +
                      "\nchangetype: add\nobjectClass: groupOfNames\ncn: vpn\nmember: cn=nobody,ou=policies," + kBase +
                      "\n"));
  const auto all = connection_->account_reader()->read_all(kCall);
  ASSERT_TRUE(all) << all.error().to_string();
  EXPECT_EQ(all->coverage.unknown, std::vector<std::string>{"grants:vpn"});
  const auto granted =
      connection_->grant_writer()->grant(kCall, make(*connection_).account.id, EntitlementId("vpn"), "");
  ASSERT_FALSE(granted);
  EXPECT_EQ(granted.error().reason(), Reason::kTargetProtocol);
  EXPECT_EQ(granted.error().effect(), Effect::kNone);
  ASSERT_TRUE(by_hand("dn: " + twin + "\nchangetype: delete\n"));
  ASSERT_TRUE(by_hand("dn: ou=more,ou=groups," + std::string(kBase) + "\nchangetype: delete\n"));
}

TEST_F(LdapTest, AClassThatCannotBeReadIsUnknownAndTheOthersStand) {
  auto settings = ldap_settings(slapd().url());
  settings.classes.push_back({.name = "robots",
                              .purpose = model::Purpose::kService,
                              .config = json::Object{{"base", std::string("ou=robots,") + kBase}}});
  const auto connection = open_ldap(settings);
  const auto made = make(*connection_);
  const auto all = connection->account_reader()->read_all(kCall);
  ASSERT_TRUE(all) << all.error().to_string();
  EXPECT_FALSE(all->coverage.complete);
  EXPECT_EQ(all->coverage.unknown, std::vector<std::string>{"robots"});
  EXPECT_NE(all->find_account(made.account.id), nullptr);
  // Nobody is absent from a class that cannot be seen.
  const auto unseen = connection->account_reader()->read_account(kCall, driver().absent_id());
  ASSERT_FALSE(unseen);
  EXPECT_EQ(unseen.error().reason(), Reason::kTargetRights) << unseen.error().to_string();
  // Whoever is found elsewhere can be governed.
  EXPECT_TRUE(connection->account_writer()->set_enabled(kCall, made.account.id, false));
  auto no_groups = ldap_settings(slapd().url());
  no_groups.config.as_object()["groups"].as_object()["base"] = std::string("ou=nowhere,") + kBase;
  const auto blind = open_ldap(no_groups);
  const auto granted = blind->grant_writer()->grant(kCall, made.account.id, EntitlementId("vpn"), "");
  ASSERT_FALSE(granted);
  EXPECT_EQ(granted.error().reason(), Reason::kTargetRights) << granted.error().to_string();
  const auto half = blind->account_reader()->read_all(kCall);
  ASSERT_TRUE(half);
  EXPECT_EQ(half->coverage.unknown, std::vector<std::string>{"entitlements"});
  const auto faults = connection->preflight(kCall);
  ASSERT_TRUE(faults);
  ASSERT_EQ(faults->size(), 1u);
  EXPECT_EQ(faults->front().right, std::string("read access to ou=robots,") + kBase);
}

TEST_F(LdapTest, AnUpdateThatSomebodyOvertookIsNotMade) {
  // The entry changes between the reading and the write of one call: staged by a name that is bound to another entry.
  const auto made = make(*connection_);
  const auto removed_and_made_again = [&] {
    ASSERT_TRUE(driver().remove(made.account));
    ASSERT_TRUE(connection_->account_writer()->create(kCall, driver().draft(made.account.name)));
  };
  removed_and_made_again();
  const auto stale = connection_->account_writer()->update(kCall, made.account.id, {{"title", "x"}});
  ASSERT_FALSE(stale);
  EXPECT_EQ(stale.error().reason(), Reason::kTargetObjectMissing);
  EXPECT_EQ(stale.error().effect(), Effect::kNone);
}

TEST_F(LdapTest, AnAttributeWithoutAValueIsTakenAway) {
  const auto made = make(*connection_);
  ASSERT_TRUE(connection_->account_writer()->update(kCall, made.account.id, {{"title", "Clerk"}}));
  const auto image = connection_->account_writer()->update(kCall, made.account.id, {{"title", nullptr}});
  ASSERT_TRUE(image) << image.error().to_string();
  EXPECT_EQ(image->account.attributes.at("title").as_string(), "");
}

TEST_F(LdapTest, AnAttributeThatIsNotDeclaredIsNotWritten) {
  const auto made = make(*connection_);
  const auto refused = connection_->account_writer()->update(kCall, made.account.id, {{"employeeType", "x"}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason(), Reason::kConnectorConfig);
  const auto renamed = connection_->account_writer()->update(kCall, made.account.id, {{"uid", "somebody-else"}});
  ASSERT_FALSE(renamed);
  EXPECT_EQ(renamed.error().reason(), Reason::kConnectorUnsupported);
}

TEST_F(LdapTest, AConnectionThatTheServerEndedIsOpenedAgainBeforeAnythingIsSent) {
  ASSERT_TRUE(connection_->account_reader()->read_all(kCall));
  ASSERT_TRUE(slapd().stop());
  const auto down = connection_->account_writer()->set_enabled({Duration::seconds(3), {}}, driver().absent_id(), false);
  ASSERT_FALSE(down);
  EXPECT_EQ(down.error().reason(), Reason::kTargetUnreachable);
  EXPECT_EQ(down.error().effect(), Effect::kNone);
  ASSERT_TRUE(slapd().start_again());
  const auto all = connection_->account_reader()->read_all(kCall);
  EXPECT_TRUE(all) << all.error().to_string();
}

// --- answers that get lost ---------------------------------------------------------------------------------------

struct Lost {
  Misbehaviour how;
  Reason reason;
};

class LostAnswerTest : public ::testing::TestWithParam<Lost> {};

TEST_P(LostAnswerTest, OfAWriteMeansUnknownAndTheReadBackTells) {
  StallingProxy proxy(slapd().port());
  const auto connection = open_ldap(ldap_settings(proxy.url()));
  const auto made = connection->account_writer()->create(
      kCall, driver().draft(std::string("lost") + std::to_string(static_cast<int>(GetParam().how))));
  ASSERT_TRUE(made) << made.error().to_string();
  proxy.misbehave(GetParam().how, 0x66);
  const auto began = std::chrono::steady_clock::now();
  const auto disabled = connection->account_writer()->set_enabled({Duration::millis(500), {}}, made->account.id, false);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(2));
  ASSERT_TRUE(proxy.fired());
  ASSERT_FALSE(disabled);
  EXPECT_EQ(disabled.error().reason(), GetParam().reason) << disabled.error().to_string();
  EXPECT_EQ(disabled.error().effect(), Effect::kUnknown);
  EXPECT_EQ(disabled.error().retry(), Retry::kAfterReadBack);
  const auto after = connection->account_reader()->read_account(kCall, made->account.id);
  ASSERT_TRUE(after && *after) << after.error().to_string();
  EXPECT_FALSE((*after)->account.enabled) << "the request had arrived";
}

TEST_P(LostAnswerTest, OfACreateIsFoundByName) {
  StallingProxy proxy(slapd().port());
  const auto connection = open_ldap(ldap_settings(proxy.url()));
  ASSERT_TRUE(connection->preflight(kCall));
  const auto draft = driver().draft(std::string("late") + std::to_string(static_cast<int>(GetParam().how)));
  proxy.misbehave(GetParam().how, 0x68);
  const auto lost = connection->account_writer()->create({Duration::millis(500), {}}, draft);
  ASSERT_TRUE(proxy.fired());
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().effect(), Effect::kUnknown);
  const auto found = connection->account_reader()->find_account(kCall, draft.account_class, draft.name);
  ASSERT_TRUE(found && *found);
  EXPECT_FALSE(connector::difference(**found, draft));
}

TEST_P(LostAnswerTest, OfAReadChangesNothing) {
  StallingProxy proxy(slapd().port());
  const auto connection = open_ldap(ldap_settings(proxy.url()));
  ASSERT_TRUE(connection->account_reader()->read_all(kCall));
  proxy.misbehave(GetParam().how, 0x63);
  const auto lost = connection->account_reader()->read_all({Duration::millis(500), {}});
  ASSERT_TRUE(proxy.fired());
  ASSERT_FALSE(lost) << "a part of the answer passed for the whole";
  EXPECT_EQ(lost.error().reason(), GetParam().reason) << lost.error().to_string();
  EXPECT_EQ(lost.error().effect(), Effect::kNone);
}

INSTANTIATE_TEST_SUITE_P(All, LostAnswerTest,
                         ::testing::Values(Lost{Misbehaviour::kSwallowAnswer, Reason::kTargetTimeout},
                                           Lost{Misbehaviour::kHalfAnswer, Reason::kTargetTimeout},
                                           Lost{Misbehaviour::kBreak, Reason::kTargetUnreachable}));

}  // namespace
}  // namespace tenure::connector_ldap
