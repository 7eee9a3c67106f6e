#include <gtest/gtest.h>

#include <tenure/policy/evaluate.hpp>
#include <tenure/policy/load.hpp>
#include <tenure/policy/test.hpp>

namespace tenure::policy {
namespace {

const char* const kRepository = R"(
apiVersion: tenure/v1
kind: Settings
metadata: { name: small }
attributes:
  department: string
  level: int
  title: { type: string, optional: true }
  since: date
  tags: list
---
apiVersion: tenure/v1
kind: Target
metadata: { name: directory, owner: ana }
connector: ldap
connection: {}
classes:
  people:
    account:
      uid: { allocate: identity.key, length_max: 5, login: true }
      mail: account.uid + "@example.org"
      title: identity.title
  robots:
    of: service
    purpose: service
    account: { login: identity.key }
entitlements:
  staff: { title: Staff, owner: ana }
  senior: { title: Senior, owner: ana, parameters: { access: [READ, UPDATE] } }
---
apiVersion: tenure/v1
kind: Role
metadata: { name: staff, owner: ana }
assign: identity.department == "Sales"
grants:
  - { target: directory, class: people, entitlements: [staff] }
  - { target: directory, class: people, entitlements: [{ id: senior, access: READ }], when: identity.level >= 3 }
examples:
  - identity: { kind: person, department: Sales }
    holds: { directory: [staff] }
)";

PolicySet load_small(const std::string& more = {}) {
  Diagnostics diagnostics;
  auto set = load({{"small.yaml", kRepository + more}}, diagnostics);
  for (const Diagnostic& one : diagnostics.sorted()) ADD_FAILURE() << render(one);
  return set ? std::move(*set) : PolicySet{};
}

model::Fact known(json::Value value) {
  return {std::move(value), false, model::SourceName("hr"), Time()};
}

TEST(Subject, ARoleRestsOnItsFacts) {
  const PolicySet set = load_small();
  model::Identity identity;
  identity.facts["department"] = known("Sales");
  const Subject subject(set, identity);
  const RoleDoc& role = set.roles.at(model::RoleName("staff"));
  const Verdict verdict = subject.role(role, model::LifecycleState::kActive);
  EXPECT_EQ(verdict.truth, Truth::kTrue);
  EXPECT_EQ(verdict.facts, (FactList{{"department", "Sales"}}));
  EXPECT_EQ(subject.role(role, model::LifecycleState::kLeft).truth, Truth::kFalse);
}

TEST(Subject, UnknownIsNotFalse) {
  const PolicySet set = load_small();
  const RoleDoc& role = set.roles.at(model::RoleName("staff"));
  model::Identity identity;
  // No source has told; the last known value does not count either.
  EXPECT_EQ(Subject(set, identity).role(role, model::LifecycleState::kActive).truth, Truth::kUnknown);
  identity.facts["department"] = known("Sales");
  identity.facts["department"].unknown = true;
  const Verdict verdict = Subject(set, identity).role(role, model::LifecycleState::kActive);
  EXPECT_EQ(verdict.truth, Truth::kUnknown);
  EXPECT_EQ(verdict.trouble, "department is unknown");
  identity.facts["department"] = known(7);  // stored under another declaration
  EXPECT_EQ(Subject(set, identity).role(role, model::LifecycleState::kActive).truth, Truth::kUnknown);
}

TEST(Subject, AnotherKindOfIdentityIsNotAskedForFactsItCannotHave) {
  const PolicySet set = load_small();
  model::Identity identity;
  identity.kind = model::IdentityKind::kService;
  const Subject subject(set, identity);
  const RoleDoc& role = set.roles.at(model::RoleName("staff"));
  EXPECT_EQ(subject.role(role, model::LifecycleState::kActive).truth, Truth::kFalse);
  EXPECT_EQ(subject.grant(role.grants.front()).truth, Truth::kFalse);
}

TEST(Subject, ComputesAccountAttributes) {
  const PolicySet set = load_small();
  const RoleGrant& grant = set.roles.at(model::RoleName("staff")).grants.front();
  ASSERT_EQ(grant.attributes.size(), 2U);
  model::Identity identity;
  Subject subject(set, identity);
  const Expression& mail = grant.attributes[0].value;
  const Expression& title = grant.attributes[1].value;
  EXPECT_TRUE(subject.value(mail).unknown);
  EXPECT_EQ(subject.value(mail).trouble, "account.uid is unknown");
  subject.set_names({{"uid", "aberg"}});
  EXPECT_EQ(subject.value(mail).value, json::Value("aberg@example.org"));
  EXPECT_FALSE(subject.value(title).unknown) << "optional: it has none";
  EXPECT_TRUE(subject.value(title).value.is_null());
}

TEST(Subject, AFailingExpressionIsUnknown) {
  const PolicySet set = load_small(R"(---
apiVersion: tenure/v1
kind: Role
metadata: { name: fragile, owner: ana }
assign: identity.tags[0] == "x"
grants: [{ target: directory, class: people }]
)");
  model::Identity identity;
  identity.facts["tags"] = known(json::Array{});
  const Verdict verdict =
      Subject(set, identity).role(set.roles.at(model::RoleName("fragile")), model::LifecycleState::kActive);
  EXPECT_EQ(verdict.truth, Truth::kUnknown);
  EXPECT_TRUE(verdict.trouble.starts_with("the expression failed")) << verdict.trouble;
}

TEST(Subject, DatesAndListsAreTyped) {
  const PolicySet set = load_small(R"(---
apiVersion: tenure/v1
kind: Role
metadata: { name: veteran, owner: ana }
assign: identity.since < timestamp("2020-01-01T00:00:00Z") && "x" in identity.tags
grants: [{ target: directory, class: people }]
)");
  model::Identity identity;
  identity.facts["since"] = known("2019-05-01");
  identity.facts["tags"] = known(json::Array{"x", "y"});
  EXPECT_EQ(Subject(set, identity).role(set.roles.at(model::RoleName("veteran")), model::LifecycleState::kActive).truth,
            Truth::kTrue);
}

TEST(Candidate, NumbersAndLimits) {
  AllocationRule rule;
  EXPECT_EQ(candidate(rule, "aberg", 1), "aberg");
  EXPECT_EQ(candidate(rule, "aberg", 2), "aberg2");
  rule.length_max = 5;
  EXPECT_EQ(candidate(rule, "abergsson", 1), "aberg");
  EXPECT_EQ(candidate(rule, "abergsson", 10), "abe10");
  EXPECT_EQ(candidate(rule, "abéé", 1), "abé") << "cut at a character";
}

TEST(Approvals, AFailingRuleAsks) {
  const PolicySet set = load_small(R"(---
apiVersion: tenure/v1
kind: Approval
metadata: { name: fragile }
when: int(change.entitlement) > 3
---
apiVersion: tenure/v1
kind: Approval
metadata: { name: standing }
when: int(change.entitlement) > 3
standing: true
---
apiVersion: tenure/v1
kind: Approval
metadata: { name: rest }
otherwise: true
)");
  const auto rules = approvals_for(set, {.entitlement = "staff"});
  ASSERT_EQ(rules.size(), 1U);
  EXPECT_EQ(rules[0]->name, "fragile") << "a standing rule that fails does not excuse";
  const auto rest = approvals_for(set, {.entitlement = "1"});
  ASSERT_EQ(rest.size(), 1U);
  EXPECT_EQ(rest[0]->name, "rest");
}

TEST(Examples, FailWithTheirPlace) {
  const PolicySet set = load_small(R"(---
apiVersion: tenure/v1
kind: Role
metadata: { name: wrong, owner: ana }
assign: identity.level > 1
grants: [{ target: directory, class: people, entitlements: [{ id: senior, access: READ }], when: identity.department == "IT" }]
examples:
  - identity: { kind: person, level: 2, department: IT }
    holds: { directory: [senior access=UPDATE] }
  - identity: { kind: person, level: 2, department: IT }
    holds_not: { directory: [senior] }
  - identity: { kind: person, level: 2 }
    holds: { directory: [senior] }
)");
  Diagnostics diagnostics;
  const ExampleCount count = run_examples(set, diagnostics);
  EXPECT_EQ(count.run, 4U);
  EXPECT_EQ(count.failed, 3U);
  const auto all = diagnostics.sorted();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].summary, "role wrong, directory: senior access=UPDATE is not held");
  EXPECT_EQ(all[1].summary, "role wrong, directory: senior is held");
  EXPECT_EQ(all[2].summary, "role wrong, directory: senior cannot be decided: department is unknown");
  EXPECT_GT(all[0].place.line, 40U);
}

}  // namespace
}  // namespace tenure::policy
