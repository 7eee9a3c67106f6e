// Entitlements that people may ask for by themselves, and the terms that their risk brings.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tenure/policy/evaluate.hpp>
#include <tenure/policy/load.hpp>

namespace tenure::policy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::optional<PolicySet> loaded(const std::string& catalogue, const std::string& settings = "",
                                std::string* faults = nullptr, const std::string& classes = "") {
  const std::string text =
      "apiVersion: tenure/v1\nkind: Settings\nmetadata: { name: x }\nattributes: { level: int }\n"
      "groups: { security: [cai, eva] }\n" +
      settings +
      "---\napiVersion: tenure/v1\nkind: Target\nmetadata: { name: directory, owner: ana }\nconnector: ldap\n"
      "connection: {}\nclasses: { people: { account: { login: identity.key } }" +
      classes + " }\nentitlements:\n" + catalogue;
  Diagnostics diagnostics;
  auto set = load({{"p.yaml", text}}, diagnostics);
  if (faults != nullptr)
    for (const Diagnostic& one : diagnostics.sorted()) *faults += render(one);
  return set;
}

TEST(LoadRequestable, IsARoleOfItsOwn) {
  const auto set = loaded(
      "  vpn: { title: VPN, owner: bo, requestable: true }\n"
      "  keys: { title: Keys, owner: cai, risk: privileged, requestable: { allowed_if: identity.level > 2, term_max: "
      "7d } }\n"
      "  other: { title: Other, owner: cai }\n");
  ASSERT_TRUE(set);
  ASSERT_EQ(set->rights.size(), 2U);
  const RoleDoc* vpn = set->role(model::RoleName("directory:vpn"));
  ASSERT_NE(vpn, nullptr);
  EXPECT_EQ(vpn->owner, "bo");
  EXPECT_EQ(vpn->request->approvals, 1);
  EXPECT_TRUE(set->lines.empty()) << "nobody has it unasked";
  const auto& lines = set->request_lines.at(vpn->name);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].rule, "entitlement directory:vpn");
  EXPECT_EQ(lines[0].grant->entitlements.at(0).id.str(), "vpn");
  EXPECT_EQ(lines[0].grant->account_class, "people");
  const RoleDoc* keys = set->role(model::RoleName("directory:keys"));
  EXPECT_EQ(keys->request->approvals, 2) << "two persons for what is privileged";
  EXPECT_EQ(keys->request->term_max, Duration::days(7));
  EXPECT_TRUE(keys->request->allowed_if.has_value());
  EXPECT_EQ(set->role(model::RoleName("directory:other")), nullptr);
}

TEST(LoadRequestable, TermsByRiskComeFromTheSettings) {
  const auto set = loaded(
      "  vpn: { title: VPN, owner: bo, risk: medium, requestable: true }\n"
      "  keys: { title: Keys, owner: cai, risk: high, requestable: { approvals: { count: 3 } } }\n",
      "assignments: { by_risk: { medium: { term_max: 30d, justification: optional }, high: { approvals: { approvers: "
      "[security] } } } }\n");
  ASSERT_TRUE(set);
  const RequestDoc& vpn = *set->role(model::RoleName("directory:vpn"))->request;
  EXPECT_EQ(vpn.term_max, Duration::days(30));
  EXPECT_FALSE(vpn.justification);
  const RequestDoc& keys = *set->role(model::RoleName("directory:keys"))->request;
  EXPECT_EQ(keys.approvals, 3);
  EXPECT_THAT(keys.approvers, ElementsAre("security"));
  EXPECT_EQ(keys.term_max, Duration::days(365));
}

TEST(LoadRequestable, OrderedParametersAreAskedForOneByOne) {
  const auto set = loaded(
      "  data: { title: Data, owner: bo, requestable: true, parameters: { access: [READ, ALTER], area: [a, b] } }\n");
  ASSERT_TRUE(set);
  EXPECT_EQ(set->rights.size(), 4U);
  const RoleDoc* read = set->role(model::RoleName("directory:data access=READ area=b"));
  ASSERT_NE(read, nullptr);
  EXPECT_EQ(read->grants.at(0).entitlements.at(0).parameters, R"({"access":"READ","area":"b"})");
}

TEST(LoadRequestable, WhatCannotBeMeantIsRefused) {
  const std::pair<std::string, std::string> cases[] = {
      {"  data: { title: D, owner: bo, requestable: true, parameters: [project] }\n", "may have any value"},
      {"  data: { title: D, owner: bo, requestable: { class: robots } }\n", "has no account class"},
      {"  data: { title: D, owner: bo, requestable: { approvals: { approvers: [nobody-knows] } } }\n", "nobody-knows"},
      {"  data: { title: D, owner: bo, requestable: { term: 3d } }\n", "term"},
      {"  data: { title: D, owner: bo, requestable: sometimes }\n", "requestable"}};
  for (const auto& [catalogue, fault] : cases) {
    std::string faults;
    EXPECT_FALSE(loaded(catalogue, "", &faults)) << catalogue;
    EXPECT_THAT(faults, HasSubstr(fault)) << catalogue;
  }
  std::string faults;
  EXPECT_FALSE(loaded("  data: { title: D, owner: bo, requestable: true }\n", "", &faults, ", admins: {}"));
  EXPECT_THAT(faults, HasSubstr("does not say for which accounts"));
}

}  // namespace
}  // namespace tenure::policy
