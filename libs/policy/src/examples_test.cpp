// Documents of the kind Examples: what holds for somebody under the whole policy, and why.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tenure/policy/load.hpp>
#include <tenure/policy/test.hpp>

namespace tenure::policy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kPolicy = R"(apiVersion: tenure/v1
kind: Settings
metadata: { name: small }
attributes: { department: string, level: int, projects: list }
lifecycle: { prehire: 7d }
---
apiVersion: tenure/v1
kind: Target
metadata: { name: directory, owner: ana }
connector: ldap
connection: {}
classes: { people: { account: { login: identity.key } } }
entitlements:
  sales: { title: Sales, owner: ana }
  crm: { title: CRM, owner: ana }
  vpn: { title: VPN, owner: ana, requestable: { allowed_if: identity.level > 1 } }
  project-a: { title: A, owner: ana }
---
apiVersion: tenure/v1
kind: Role
metadata: { name: crm-user, owner: ana }
grants: [{ target: directory, entitlements: [crm] }]
---
apiVersion: tenure/v1
kind: Role
metadata: { name: sales-rep, owner: ana }
assign: identity.department == "Sales"
includes: [crm-user]
grants: [{ target: directory, entitlements: [sales], when: identity.level >= 2 }]
---
apiVersion: tenure/v1
kind: Role
metadata: { name: member, owner: ana }
assign: identity.level > 0
for_each: { project: identity.projects }
grants: [{ target: directory, entitlements: ["project-{project}"] }]
---
apiVersion: tenure/v1
kind: SeparationOfDuties
metadata: { name: apart, owner: ana }
duties: ["directory:sales", "directory:vpn"]
---
)";

std::optional<PolicySet> loaded(const std::string& examples, std::string* faults = nullptr) {
  Diagnostics diagnostics;
  auto set =
      load({{"p.yaml",
             kPolicy + "apiVersion: tenure/v1\nkind: Examples\nmetadata: { name: sales }\nexamples:\n" + examples}},
           diagnostics);
  if (faults != nullptr)
    for (const Diagnostic& one : diagnostics.sorted()) *faults += render(one);
  return set;
}

std::vector<std::string> faults_of(const std::string& example) {
  std::string refused;
  const auto set = loaded("  - { name: Ana in Sales, " + example + " }\n", &refused);
  if (!set) return {refused};
  std::vector<std::string> out;
  for (const ExampleResult& result : test_examples(*set))
    for (const ExampleFault& fault : result.faults) out.push_back(fault.what + "; expected: " + fault.expected);
  return out;
}

const std::string kAna = "identity: { kind: person, department: Sales, level: 3, projects: [a] }, ";
const std::string kWho = "identity: { kind: person, department: Sales, projects: [] }, ";  // of what level?

TEST(Examples, SayWhatIsHeldAndWhy) {
  EXPECT_THAT(faults_of(kAna + "holds: { directory: [sales, crm, project-a] }, lacks: { directory: [vpn] }, because: { "
                               "\"directory:sales\": sales-rep, \"directory:crm\": role sales-rep > crm-user, "
                               "\"directory:project-a\": role member }"),
              IsEmpty());
  EXPECT_THAT(faults_of(kAna + "because: { \"directory:crm\": crm-user }"), IsEmpty()) << "any role on the way";
  EXPECT_THAT(faults_of(kAna + "requested: [\"directory:vpn\"], holds: { directory: [vpn] }, conflicts: [apart]"),
              IsEmpty());
  EXPECT_THAT(faults_of(kWho + "undecided: { directory: [sales] }, holds: { directory: [crm] }"), IsEmpty());
}

// Each oracle fails when it should.
TEST(Examples, FailWhenTheRulesSayOtherwise) {
  const std::pair<std::string, std::string> cases[] = {
      {kAna + "holds: { directory: [vpn] }", "directory: vpn is not held; expected: it is held"},
      {kAna + "lacks: { directory: [crm] }",
       "directory: crm is held (role sales-rep > crm-user); expected: it is not held"},
      {kWho + "holds: { directory: [sales] }",
       "directory: sales cannot be decided: level is unknown (role sales-rep); expected: it is held"},
      {kWho + "lacks: { directory: [sales] }",
       "directory: sales cannot be decided: level is unknown (role sales-rep); expected: it is not held"},
      {kAna + "undecided: { directory: [sales] }",
       "directory: sales is held (role sales-rep); expected: it cannot be decided"},
      {kAna + "because: { \"directory:sales\": member }",
       "directory:sales is given by role sales-rep; expected: it is given by member"},
      {kAna + "because: { \"directory:vpn\": member }", "directory:vpn is not held; expected: it is given by member"},
      {kAna + "state: left", "the lifecycle state is active; expected: left"},
      {kAna + "conflicts: [apart]", "it conflicts with nothing; expected: apart"},
      {kAna + "requested: [\"directory:vpn\"], conflicts: []", "it conflicts with apart; expected: no conflict"},
      {"identity: { kind: person, level: 1 }, requested: [\"directory:vpn\"], lacks: { directory: [project-a] }",
       "entitlement directory:vpn may not be asked for; expected: it may be asked for"}};
  for (const auto& [example, fault] : cases) EXPECT_THAT(faults_of(example), ::testing::Contains(fault)) << example;
}

TEST(Examples, AreAboutTheirOwnTime) {
  const std::string term = "engagements: [{ start: 2026-12-01, end: 2027-06-01, status: terminated }], ";
  const std::string contract = "engagements: [{ start: 2026-12-01 }], ";
  EXPECT_THAT(faults_of(kAna + contract + "at: 2026-11-20, state: staged, lacks: { directory: [crm] }"), IsEmpty());
  EXPECT_THAT(faults_of(kAna + contract + "at: 2026-11-25, state: active, holds: { directory: [crm] }"), IsEmpty());
  EXPECT_THAT(faults_of(kAna + term + "at: 2027-06-01, state: left, lacks: { directory: [crm] }"), IsEmpty());
}

TEST(Examples, AreNoRules) {
  const auto one = loaded("  - { name: A, " + kAna + "holds: { directory: [crm] } }\n");
  const auto other = loaded("  - { name: B, " + kAna + "lacks: { directory: [vpn] } }\n");
  ASSERT_TRUE(one && other);
  EXPECT_EQ(one->digest, other->digest);
}

TEST(Examples, WhatCannotBeMeantIsRefused) {
  const std::pair<std::string, std::string> cases[] = {
      {"identity: { department: Sales }", "expects nothing"},
      {"identity: { departmnt: Sales }, lacks: { directory: [vpn] }", "does not declare"},
      {"identity: {}, holds: { directory: [vpm] }", "not in the catalogue"},
      {"identity: {}, lacks: { mail: [vpn] }", "no target"},
      {"identity: {}, engagements: [{ start: 2026-12-01 }], state: active", "has engagements and no time"},
      {"identity: {}, at: soon, state: active", "a date"},
      {"identity: {}, requested: [sales-rep], state: active", "cannot be asked for"},
      {"identity: {}, because: { crm: sales-rep }", "neither a role nor an entitlement"}};
  for (const auto& [example, fault] : cases) {
    std::string faults;
    EXPECT_FALSE(loaded("  - { name: A, " + example + " }\n", &faults)) << example;
    EXPECT_THAT(faults, HasSubstr(fault)) << example;
  }
}

}  // namespace
}  // namespace tenure::policy
