// Conditions by column say what Subject says of each identity.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <tenure/cel/program.hpp>
#include <tenure/policy/columns.hpp>
#include <tenure/policy/evaluate.hpp>
#include <tenure/policy/load.hpp>

namespace tenure::policy {
namespace {

const char* const kAttributes = R"(
apiVersion: tenure/v1
kind: Settings
metadata: { name: columns }
attributes:
  department: string
  level: int
  external: bool
  since: date
  tags: list
  title: { type: string, optional: true }
  grade: { type: int, optional: true }
  until: { type: date, optional: true }
  never_seen: string
  never_had: { type: string, optional: true }
---
apiVersion: tenure/v1
kind: Target
metadata: { name: directory, owner: ana }
connector: ldap
connection: {}
classes:
  people: { account: { uid: { allocate: identity.key, login: true } } }
entitlements:
  staff: { title: Staff, owner: ana }
)";

const std::vector<std::string> kConditions = {
    R"(identity.department == "Sales")",
    R"(identity.department != "Sales" || identity.level >= 3)",
    R"(identity.department in ["Sales", "IT"] && !identity.external)",
    R"(has(identity.title) && identity.title.startsWith("Head"))",
    R"(identity.title == null || identity.title == "Clerk")",
    R"(identity.grade != 2)",
    R"(has(identity.grade) && identity.level > identity.grade)",
    R"(identity.since < timestamp("2025-01-01T00:00:00Z"))",
    R"(has(identity.until) ? identity.since < identity.until : identity.external)",
    R"("crm" in identity.tags || identity.tags.exists(t, t.startsWith("it-")))",
    R"(identity.tags[0] == "crm")",
    R"(identity.kind == "person" && identity.never_seen == "x")",
    R"(identity.kind != "service")",
    R"(identity.never_had == null && identity.kind in ["person", "agent"])",
    R"(!has(identity.never_had) || identity.never_seen == "x")",
    R"(identity.key.endsWith("1") || identity.department + identity.key == "IT2")",
    R"(size(identity.tags) > 1 && identity.tags.all(t, t != identity.department))",
};

PolicySet load_conditions() {
  std::string text = kAttributes;
  for (std::size_t i = 0; i < kConditions.size(); ++i)
    text += "---\napiVersion: tenure/v1\nkind: Role\nmetadata: { name: r" + std::to_string(i) +
            ", owner: ana }\nassign: >-\n  " + kConditions[i] +
            "\ngrants:\n  - { target: directory, class: people, entitlements: [staff] }\n";
  Diagnostics diagnostics;
  auto set = load({{"columns.yaml", text}}, diagnostics);
  for (const Diagnostic& one : diagnostics.sorted()) ADD_FAILURE() << render(one);
  return set ? std::move(*set) : PolicySet{};
}

int upto(int n) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, n));
}

model::Identity random_identity(int number) {
  model::Identity identity;
  identity.id = model::IdentityId(number);
  identity.kind = static_cast<model::IdentityKind>(upto(5));
  identity.key = std::to_string(number);
  const auto put = [&](const char* name, const std::vector<json::Value>& values) {
    if (upto(6) == 0) return;
    identity.facts[name] = {values[static_cast<std::size_t>(upto(static_cast<int>(values.size())))], upto(8) == 0,
                            model::SourceName("hr"), Time()};
  };
  put("department", {"Sales", "IT", "Legal", "", 7, json::Value()});
  put("level", {1, 2, 3, 4, "3", json::Value()});
  put("external", {true, false, "no", json::Value()});
  put("since", {"2024-02-01", "2026-07-15T08:00:00Z", "soon", json::Value()});
  put("tags",
      {json::Array{}, json::Array{"crm"}, json::Array{"it-root", "crm"}, json::Array{"IT", "x"}, "crm", json::Value()});
  put("title", {"Head of Sales", "Clerk", 1, json::Value()});
  put("grade", {1, 2, 3, json::Value()});
  put("until", {"2024-01-01", "2030-01-01", false, json::Value()});
  return identity;
}

RC_GTEST_PROP(IdentityColumns, SayWhatSubjectsSay, ()) {
  static const PolicySet set = load_conditions();
  population::Population population;
  std::vector<model::Identity> identities;
  for (int number = 1; number <= 90; ++number) {
    if (upto(9) == 0) continue;  // a number that nobody has
    identities.push_back(random_identity(number));
    population.people().put(identities.back());
  }
  population.settle();
  const population::People& people = population.people();

  std::vector<cel::Program> programs;
  std::vector<const Expression*> expressions;
  for (const auto& [name, role] : set.roles) {
    expressions.push_back(&*role.assign);
    programs.push_back(*role.assign->program);
  }
  std::vector<cel::ColumnVerdicts> verdicts;
  cel::ColumnBatch(programs).evaluate(IdentityColumns(set, people), verdicts);
  std::size_t trues = 0, unknowns = 0;
  for (const model::Identity& identity : identities) {
    const Subject subject(set, identity);
    const std::size_t row = people.row(identity.id);
    for (std::size_t i = 0; i < expressions.size(); ++i) {
      const Truth truth = subject.condition(*expressions[i]).truth;
      const bool yes = truth == Truth::kTrue, unknown = truth == Truth::kUnknown;
      trues += yes ? 1 : 0;
      unknowns += unknown ? 1 : 0;
      if (verdicts[i].truth.test(row) != yes || verdicts[i].unknown.test(row) != unknown)
        RC_FAIL(expressions[i]->text + " of identity " + identity.key);
    }
  }
  // Rows of nobody are in neither.
  std::size_t counted = 0;
  for (const cel::ColumnVerdicts& one : verdicts) counted += one.truth.count() + one.unknown.count();
  RC_ASSERT(counted == trues + unknowns);
  RC_ASSERT(trues > 0U);
  RC_ASSERT(unknowns > 0U);
}

}  // namespace
}  // namespace tenure::policy
