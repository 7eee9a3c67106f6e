// What the settings say of the steps that follow an end or a leave.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tenure/policy/lifecycle.hpp>
#include <tenure/policy/load.hpp>

namespace tenure::policy {
namespace {

using ::testing::HasSubstr;
using State = model::LifecycleState;

std::optional<PolicySet> loaded(const std::string& lifecycle, std::string* faults = nullptr) {
  const std::string text =
      "apiVersion: tenure/v1\nkind: Settings\nmetadata: { name: x }\nattributes: {}\nlifecycle:\n" + lifecycle +
      "---\napiVersion: tenure/v1\nkind: Target\nmetadata: { name: mail, owner: ana }\nconnector: ldap\nconnection: "
      "{}\n"
      "classes: { people: {}, admins: { purpose: admin } }\n"
      "entitlements: { mailbox: { title: M, owner: ana }, vpn-oslo: { title: V, owner: ana } }\n";
  Diagnostics diagnostics;
  auto set = load({{"p.yaml", text}}, diagnostics);
  if (faults != nullptr)
    for (const Diagnostic& one : diagnostics.sorted()) *faults += render(one);
  return set;
}

TEST(LoadLifecycle, TheFirstStepThatIsAboutItSays) {
  const auto set = loaded(
      "  delete_after: 365d\n"
      "  steps:\n"
      "    left:\n"
      "      - { after: 7d, revoke: [\"vpn-*\"], targets: [mail] }\n"
      "      - { after: 90d, revoke: [mailbox], purposes: [normal] }\n"
      "      - { after: 0d, delete: true, purposes: [admin] }\n"
      "      - { after: 30d, delete: true, classes: [people] }\n"
      "    suspended:\n"
      "      - { after: 30d, revoke: [\"*\"] }\n");
  ASSERT_TRUE(set);
  const model::TargetName mail("mail");
  const AccountClassDoc& people = *set->targets.at(mail).account_class("people");
  const AccountClassDoc& admins = *set->targets.at(mail).account_class("admins");
  const model::EntitlementId mailbox("mailbox"), vpn("vpn-oslo"), other("other");
  const auto kept = [&](State state, const AccountClassDoc& type, const model::EntitlementId& id) {
    const GraceStep* step = revoking_step(*set, state, mail, type, id);
    return step == nullptr ? Duration() : step->after;
  };
  EXPECT_EQ(kept(State::kLeft, people, vpn), Duration::days(7));
  EXPECT_EQ(kept(State::kLeft, people, mailbox), Duration::days(90));
  EXPECT_EQ(kept(State::kLeft, admins, mailbox), Duration());
  EXPECT_EQ(kept(State::kLeft, people, other), Duration());
  EXPECT_EQ(kept(State::kSuspended, people, other), Duration::days(30));
  EXPECT_EQ(kept(State::kRetired, people, vpn), Duration());
  EXPECT_EQ(deleted_after(*set, State::kLeft, mail, admins), Duration());
  EXPECT_EQ(deleted_after(*set, State::kLeft, mail, people), Duration::days(30));
  EXPECT_EQ(deleted_after(*set, State::kRetired, mail, people), Duration::days(365));
}

TEST(LoadLifecycle, WhatCannotBeMeantIsRefused) {
  const std::pair<std::string, std::string> cases[] = {
      {"  steps: { left: [{ after: 7d }] }\n", "does not say one thing"},
      {"  steps: { left: [{ after: 7d, delete: true, revoke: [mailbox] }] }\n", "does not say one thing"},
      {"  steps: { suspended: [{ after: 7d, delete: true }] }\n", "while their owner is suspended"},
      {"  steps: { active: [{ after: 7d, revoke: [mailbox] }] }\n", "stay enabled"},
      {"  steps: { left: [{ revoke: [mailbox] }] }\n", "after"},
      {"  steps: { left: [{ after: 7d, revoke: [mailbax] }] }\n", "is no entitlement"},
      {"  steps: { left: [{ after: 7d, revoke: [mailbox], targets: [post] }] }\n", "is no target"},
      {"  steps: { gone: [{ after: 7d, revoke: [mailbox] }] }\n", "gone"},
      {"  owner: { within: 14d }\n", "is about nobody"},
      {"  owner: { of: [person] }\n", "of"}};
  for (const auto& [lifecycle, fault] : cases) {
    std::string faults;
    EXPECT_FALSE(loaded(lifecycle, &faults)) << lifecycle;
    EXPECT_THAT(faults, HasSubstr(fault)) << lifecycle;
  }
}

TEST(LoadLifecycle, WhoAnswersForWhatIsNoPerson) {
  const auto set = loaded("  owner: { of: [service, device], within: 7d }\n");
  ASSERT_TRUE(set);
  EXPECT_EQ(set->lifecycle.owner.of.size(), 2U);
  EXPECT_EQ(set->lifecycle.owner.relations, std::vector<std::string>{"owner"});
  EXPECT_EQ(set->lifecycle.owner.within, Duration::days(7));
}

}  // namespace
}  // namespace tenure::policy
