// What the planner walks: one line for every grant of a role, with all that it takes.
#include <gtest/gtest.h>

#include <tenure/policy/evaluate.hpp>
#include <tenure/policy/load.hpp>

namespace tenure::policy {
namespace {

constexpr std::string_view kTown = R"(apiVersion: tenure/v1
kind: Settings
metadata: { name: small }
attributes: { person_id: string, department: string, level: int }
---
apiVersion: tenure/v1
kind: Source
metadata: { name: hr, owner: ana }
connector: csv
connection: { file: hr.csv }
key: id
columns: [id, department, level]
identity: { key: person_id, correlate: person_id }
attributes: { person_id: record.id, department: record.department, level: record.level }
---
apiVersion: tenure/v1
kind: Target
metadata: { name: directory, owner: ana }
connector: ldap
connection: {}
classes:
  people: { account: { login: identity.person_id } }
  robots: { of: service, account: { login: identity.person_id } }
entitlements:
  staff: { title: Staff, owner: ana }
  vip: { title: Vip, owner: ana }
  robots: { title: Robots, owner: ana }
---
apiVersion: tenure/v1
kind: Role
metadata: { name: seller, owner: ana }
assign: identity.department == "Sales"
grants:
  - { target: directory, class: people, entitlements: [staff] }
  - { target: directory, class: people, entitlements: [vip], when: identity.level >= 5 }
---
apiVersion: tenure/v1
kind: Role
metadata: { name: robot, owner: ana }
assign: "true"
states: [active, suspended]
grants: [{ target: directory, class: robots, entitlements: [robots] }]
)";

PolicySet load_text(const std::string& text) {
  Diagnostics diagnostics;
  auto set = load({{"all.yaml", text}}, diagnostics);
  for (const Diagnostic& one : diagnostics.sorted()) ADD_FAILURE() << render(one);
  return set ? std::move(*set) : PolicySet();
}

std::string text_of(const GrantLine& line) {
  std::string text = line.rule + " [" + std::string(model::name_of(line.kind)) + "]";
  for (const auto state : line.states) text += " " + std::string(model::name_of(state));
  text += ":";
  for (const Expression* condition : line.conditions) text += " (" + condition->text + ")";
  for (const auto& entitled : line.grant->entitlements) text += " " + entitled.id.str();
  return text;
}

std::vector<std::string> texts(const PolicySet& set) {
  std::vector<std::string> out;
  for (const GrantLine& line : set.lines) out.push_back(text_of(line));
  return out;
}

TEST(Lines, AreInOrderOfRoleAndDocument) {
  PolicySet set = load_text(std::string(kTown));
  const std::vector<std::string> expected = {
      "role robot [service] active suspended: (true) robots",
      R"(role seller [person] active: (identity.department == "Sales") staff)",
      R"(role seller [person] active: (identity.department == "Sales") (identity.level >= 5) vip)"};
  EXPECT_EQ(texts(set), expected);
  const PolicySet moved = std::move(set);
  EXPECT_EQ(texts(moved), expected);
}

model::Identity seller(model::Fact level) {
  model::Identity identity;
  identity.id = model::IdentityId(1);
  identity.facts["department"] = {"Sales", false, model::SourceName("hr"), {}};
  identity.facts["level"] = std::move(level);
  return identity;
}

TEST(Lines, TakeKindStateAndEveryCondition) {
  const PolicySet set = load_text(std::string(kTown));
  const auto truths = [&](const model::Identity& identity, model::LifecycleState state) {
    const Subject subject(set, identity);
    std::vector<Truth> out;
    for (const GrantLine& line : set.lines) out.push_back(subject.line(line, state).truth);
    return out;
  };
  using enum model::LifecycleState;
  using enum Truth;
  model::Identity identity = seller({5, false, model::SourceName("hr"), {}});
  EXPECT_EQ(truths(identity, kActive), (std::vector{kFalse, kTrue, kTrue}));
  EXPECT_EQ(truths(identity, kSuspended), (std::vector{kFalse, kFalse, kFalse}));
  EXPECT_EQ(truths(seller({4, false, model::SourceName("hr"), {}}), kActive), (std::vector{kFalse, kTrue, kFalse}));
  EXPECT_EQ(truths(seller({5, true, model::SourceName("hr"), {}}), kActive), (std::vector{kFalse, kTrue, kUnknown}));
  identity.kind = model::IdentityKind::kService;
  EXPECT_EQ(truths(identity, kSuspended), (std::vector{kTrue, kFalse, kFalse}));
}

TEST(Lines, NameTheFactsOfAllConditions) {
  const PolicySet set = load_text(std::string(kTown));
  const model::Identity identity = seller({5, false, model::SourceName("hr"), {}});
  const Verdict verdict = Subject(set, identity).line(set.lines.back(), model::LifecycleState::kActive);
  EXPECT_EQ(verdict.facts, (FactList{{"department", "Sales"}, {"level", 5}}));
}

}  // namespace
}  // namespace tenure::policy
