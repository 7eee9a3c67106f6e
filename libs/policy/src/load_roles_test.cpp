// What is told about roles that include others, are given for each value, are asked for; and about separate duties.
#include <gtest/gtest.h>

#include <tenure/policy/load.hpp>
#include <tenure/policy/parametric.hpp>
#include <tenure/policy/test.hpp>

namespace tenure::policy {
namespace {

const std::string kBase = R"(apiVersion: tenure/v1
kind: Settings
metadata: { name: small }
attributes: { person_id: string, department: string, level: int, projects: list, site: { type: string, optional: true } }
groups: { security: [cai] }
---
apiVersion: tenure/v1
kind: Source
metadata: { name: hr, owner: ana }
connector: csv
connection: { file: hr.csv }
key: id
columns: [id]
identity: { key: person_id, correlate: person_id }
attributes: { person_id: record.id, department: record.id, level: record.id, projects: record.id, site: record.id }
---
apiVersion: tenure/v1
kind: Target
metadata: { name: directory, owner: ana }
connector: ldap
connection: {}
classes: { people: { account: { login: identity.person_id } } }
entitlements:
  staff: { title: Staff, owner: ana }
  site-oslo: { title: Oslo, owner: ana }
  project-a: { title: A, owner: ana }
  project-b: { title: B, owner: ana }
  data: { title: Data, owner: ana, parameters: [project] }
---
)";

std::string role(const std::string& name, const std::string& rest) {
  return "apiVersion: tenure/v1\nkind: Role\nmetadata: { name: " + name + ", owner: ana }\n" + rest + "\n---\n";
}
const std::string kGrants = "\ngrants: [{ target: directory, entitlements: [staff] }]";
const std::string kAssign = "assign: 'true'";

std::optional<PolicySet> load_with(const std::string& roles, std::string& told) {
  Diagnostics diagnostics;
  auto set = load({{"base.yaml", kBase}, {"roles.yaml", roles}}, diagnostics);
  for (const Diagnostic& one : diagnostics.sorted()) told += one.place.to_string() + " " + one.summary + "\n";
  return set;
}

struct Fault {
  const char* name;
  std::string documents;
  const char* told;
};

class RoleFault : public ::testing::TestWithParam<Fault> {};

TEST_P(RoleFault, IsToldWithItsPlace) {
  std::string told;
  EXPECT_FALSE(load_with(GetParam().documents, told));
  EXPECT_EQ(told, std::string(GetParam().told) + "\n");
}

std::string chain(int roles) {
  std::string text;
  for (int i = 0; i < roles; ++i)
    text += role("r" + std::to_string(i),
                 (i == 0 ? kAssign : "") + (i + 1 < roles ? "\nincludes: [r" + std::to_string(i + 1) + "]" : kGrants));
  return text;
}

INSTANTIATE_TEST_SUITE_P(
    Cases, RoleFault,
    ::testing::Values(
        Fault{"Unknown", role("a", kAssign + "\nincludes: [b]"), R"(roles.yaml:5:12 there is no role "b")"},
        Fault{"Circle", role("a", kAssign + "\nincludes: [b]") + role("b", "includes: [a]"),
              "roles.yaml:5:12 role \"a\" includes itself: b > a > b\n"
              "roles.yaml:10:12 role \"b\" includes itself: a > b > a"},
        Fault{"Deep", chain(9),
              "roles.yaml:47:12 roles include roles more than 8 deep: "
              "r0 > r1 > r2 > r3 > r4 > r5 > r6 > r7 > r8"},
        Fault{"ForNobody", role("a", kGrants), "roles.yaml:1:1 nobody is ever given the role \"a\""},
        Fault{"PlaceholderOfNothing",
              role("a", kAssign + "\ngrants: [{ target: directory, entitlements: ['project-{p}'] }]"),
              R"(roles.yaml:5:47 "project-{p}" has a placeholder that nothing fills)"},
        Fault{"OtherPlaceholder",
              role("a", kAssign + "\nfor_each: { p: identity.projects }" +
                            "\ngrants: [{ target: directory, entitlements: ['project-{q}'] }]"),
              R"(roles.yaml:6:47 "project-{q}" has a placeholder that nothing fills)"},
        Fault{"NothingLikeIt",
              role("a", kAssign + "\nfor_each: { p: identity.projects }" +
                            "\ngrants: [{ target: directory, entitlements: ['team-{p}'] }]"),
              R"(roles.yaml:6:47 the catalogue of target "directory" has nothing like "team-{p}")"},
        Fault{"ValuesThatAreNoTexts", role("a", kAssign + "\nfor_each: { p: identity.level }" + kGrants),
              "roles.yaml:5:16 the values of for_each are int"},
        Fault{"EachAndIncludes",
              role("a", kAssign + "\nfor_each: { p: identity.projects }\nincludes: [b]") + role("b", kAssign + kGrants),
              "roles.yaml:6:12 role \"a\" has for_each and includes others"},
        Fault{"ApproverOfARequest", role("a", "request: { approvals: { approvers: [nobody] } }" + kGrants),
              R"(roles.yaml:4:36 "nobody" in approvers is neither a group nor a member of one)"},
        Fault{"GapToNowhere", role("a", kAssign + "\non_join_role: { gap: [b] }" + kGrants),
              R"(roles.yaml:1:1 on_join_role of role "a" names the role "b", which does not exist)"},
        Fault{"DutyOfNoRole",
              role("a", kAssign + kGrants) +
                  "apiVersion: tenure/v1\nkind: SeparationOfDuties\nmetadata: { name: d, owner: ana }\n"
                  "duties: [role b, 'directory:staff', 'directory:stuff', 'nowhere:x', staff]\n",
              "roles.yaml:10:10 there is no role \"b\"\n"
              "roles.yaml:10:38 \"stuff\" is not in the catalogue of target \"directory\"\n"
              "roles.yaml:10:57 there is no target \"nowhere\"\n"
              "roles.yaml:10:69 \"staff\" is neither a role nor an entitlement"},
        Fault{"ExceptionFromWhatIsPrevented",
              "apiVersion: tenure/v1\nkind: SeparationOfDuties\nmetadata: { name: d, owner: ana }\n"
              "duties: ['directory:staff', 'directory:project-a']\nexception: { term_max: 3d }\n",
              "roles.yaml:5:12 separation of duties \"d\" prevents and has exceptions"}),
    [](const auto& one) { return std::string(one.param.name); });

TEST(RoleLines, FollowEveryWayOnce) {
  std::string told;
  const auto set = load_with(role("top", kAssign + "\nincludes: [left, right]") +
                                 role("left", "includes: [base]\nstates: [active]") +
                                 role("right", "includes: [base]") + role("base", kGrants),
                             told);
  ASSERT_TRUE(set) << told;
  ASSERT_EQ(set->lines.size(), 1U);
  EXPECT_EQ(set->lines.front().rule, "role top > left > base");
  EXPECT_TRUE(set->lines.front().is_of(model::RoleName("left")));
  EXPECT_FALSE(set->lines.front().is_of(model::RoleName("right")));
}

TEST(RoleLines, AWayThatAppliesInMoreStatesIsAnother) {
  std::string told;
  const auto set = load_with(role("top", kAssign + "\nstates: [active, suspended]\nincludes: [left, right]") +
                                 role("left", "includes: [base]\nstates: [active]") +
                                 role("right", "includes: [base]\nstates: [active, suspended]") +
                                 role("base", "states: [active, suspended]" + kGrants),
                             told);
  ASSERT_TRUE(set) << told;
  ASSERT_EQ(set->lines.size(), 2U);
  EXPECT_EQ(set->lines[0].states.size(), 1U);
  EXPECT_EQ(set->lines[1].states.size(), 2U);
}

TEST(RoleLines, OfRequestsStandApart) {
  std::string told;
  const auto set = load_with(role("a", "request: { term_max: 30d }\nincludes: [b]") + role("b", kGrants), told);
  ASSERT_TRUE(set) << told;
  EXPECT_TRUE(set->lines.empty());
  const auto& lines = set->request_lines.at(model::RoleName("a"));
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_TRUE(lines.front().conditions.empty());
  EXPECT_EQ(set->roles.at(model::RoleName("a")).request->term_max, Duration::days(30));
}

TEST(Parametric, NothingIsMadeUp) {
  std::string told;
  const auto set = load_with(role("a", kAssign + "\nfor_each: { p: identity.projects }\ngrants: [{ target: directory, "
                                                 "entitlements: ['project-{p}', { id: data, project: '{p}' }] }]"),
                             told);
  ASSERT_TRUE(set) << told;
  const GrantLine& line = set->lines.front();
  const Expanded good = expand(*set, line, "a");
  EXPECT_TRUE(good.troubles.empty());
  ASSERT_EQ(good.given.size(), 2U);
  EXPECT_EQ(good.given[1].parameters, R"({"project":"a"})");
  const Expanded bad = expand(*set, line, "zeta");
  EXPECT_EQ(bad.troubles, std::vector<std::string>{"directory has no entitlement project-zeta"});
  EXPECT_TRUE(bad.given.empty());
  EXPECT_EQ(bad.kept.size(), 2U);
  EXPECT_EQ(possible(*set, line).size(), 3U);
  for (const char* value : {"", "a b", "../x", "-x", "a\n", "{p}", "*"})
    EXPECT_FALSE(is_parameter_value(value)) << value;
}

TEST(RoleExamples, CoverRequestsAndConflicts) {
  std::string told;
  const std::string roles =
      role("a", "request: { allowed_if: 'identity.department == \"Yard\"' }" + kGrants +
                    "\nexamples:\n"
                    "  - { identity: { department: Yard }, may_request: true, holds: { directory: [staff] } }\n"
                    "  - { identity: { department: Sales }, may_request: true }\n"
                    "  - { identity: { level: 3 }, may_request: false }\n"
                    "  - { identity: { department: Yard, level: 5 }, conflicts: [] }\n"
                    "  - { identity: { department: Yard, level: 5 }, conflicts: [d] }") +
      role("b", "assign: identity.level >= 5\ngrants: [{ target: directory, entitlements: [project-a] }]") +
      "apiVersion: tenure/v1\nkind: SeparationOfDuties\nmetadata: { name: d, owner: ana }\n"
      "duties: [role a, 'directory:project-a']\n";
  const auto set = load_with(roles, told);
  ASSERT_TRUE(set) << told;
  Diagnostics diagnostics;
  const ExampleCount count = run_examples(*set, diagnostics);
  EXPECT_EQ(count.run, 5U);
  EXPECT_EQ(count.failed, 3U);
  std::string failed;
  for (const Diagnostic& one : diagnostics.sorted()) failed += one.summary + "\n";
  EXPECT_EQ(failed,
            "role a may not be asked for\n"
            "role a: allowed_if cannot be decided: department is unknown\n"
            "role a conflicts with d\n");
}

}  // namespace
}  // namespace tenure::policy
