// Laws of roles of every form, on random small worlds of tests/golden/roles: what is nested, parametric, asked for,
// separate. Each law is shown to find a violation that was planted.
#include "random_world.hpp"

#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <tenure/base/file.hpp>
#include <tenure/plan/testing/small_world.hpp>
#include <tenure/plan_check/testing/input_from.hpp>
#include <tenure/policy/testing/repository.hpp>

namespace tenure::plan_check {
namespace {

const std::string kFolder = std::string(TENURE_SOURCE_DIR) + "/tests/golden/roles";

policy::PolicySet load_yard() {
  return policy::testing::load_repository(std::string(TENURE_SOURCE_DIR) + "/examples/shipyard");
}
const policy::PolicySet& yard() {
  static const policy::PolicySet policy = load_yard();
  return policy;
}

std::string shown(const std::vector<Fault>& faults) {
  std::string text;
  for (const Fault& fault : faults) text += fault.kind + " " + fault.change + ": " + fault.text + "\n";
  return text;
}

TEST(RolesCheck, FindsNothingInTheGoldenPlans) {
  std::size_t cases = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    const auto text = read_file(entry.path().string() + "/world.json");
    if (!text) continue;
    ++cases;
    const plan::World world = plan::testing::read_world(*text);
    const auto result = plan::make_plan(yard(), world, {}).value();
    EXPECT_EQ(shown(check(testing::input_from(yard(), world, result.frozen, {}))), "") << entry.path().filename();
  }
  EXPECT_GE(cases, 5U);
}

struct PlantedRole {
  const char* name;
  const char* world;
  void (*edit)(plan::World&);  // what the checker is told of instead of the truth
};

class RolesCheckFinds : public ::testing::TestWithParam<PlantedRole> {};

TEST_P(RolesCheckFinds, WhatNothingExplains) {
  const plan::World world =
      plan::testing::read_world(read_file(kFolder + "/" + GetParam().world + "/world.json").value());
  const auto result = plan::make_plan(yard(), world, {}).value();
  plan::World other = world;
  GetParam().edit(other);
  const auto faults = check(testing::input_from(yard(), other, result.frozen, {}));
  EXPECT_TRUE(std::any_of(faults.begin(), faults.end(), [](const Fault& fault) { return fault.kind == "reason"; }));
}

INSTANTIATE_TEST_SUITE_P(Cases, RolesCheckFinds,
                         ::testing::Values(PlantedRole{"NobodyAskedForIt", "requests",
                                                       [](plan::World& world) { world.assignments.clear(); }},
                                           PlantedRole{"SomebodyElseAskedForIt", "requests",
                                                       [](plan::World& world) {
                                                         auto node = world.assignments.extract(model::IdentityId(1));
                                                         node.key() = model::IdentityId(9);
                                                         world.assignments.insert(std::move(node));
                                                       }},
                                           PlantedRole{"ItIsNotApproved", "requests",
                                                       [](plan::World& world) {
                                                         for (auto& one : world.assignments.at(model::IdentityId(1)))
                                                           one.state = model::AssignmentState::kAsked;
                                                       }}),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(RolesCheck, FindsAValueThatNobodyHas) {
  const plan::World world = plan::testing::read_world(read_file(kFolder + "/parametric/world.json").value());
  auto result = plan::make_plan(yard(), world, {}).value();
  const auto grant = std::find_if(result.plan.changes.begin(), result.plan.changes.end(), [](const plan::Change& one) {
    return one.verb == plan::Verb::kGrant && one.entitlement.str() == "project-apollo";
  });
  ASSERT_NE(grant, result.plan.changes.end());
  grant->entitlement = model::EntitlementId("project-zeus");  // of P1, whose projects are apollo and others
  const auto frozen = plan::freeze(result.plan).value();
  const auto faults = check(testing::input_from(yard(), world, frozen, {}));
  ASSERT_EQ(faults.size(), 1U) << shown(faults);
  EXPECT_EQ(faults.front().kind, "reason");
}

// --- random worlds ---------------------------------------------------------------------------------------------------

void decide(Dice& dice, plan::World& world, model::IdentityId id) {
  const auto& facts = world.identities.at(id).facts;
  model::Assignment one;
  one.identity = id;
  one.since = world.now;
  one.facts = {{"department", facts.at("department").value}};
  if (dice.once_in(3)) one.until = world.now + Duration::days(static_cast<std::int64_t>(1 + dice.below(20)));
  if (dice.once_in(2)) {
    const std::vector<std::string> asked = {"on-call", "directory:vpn", "ledger:pay_audit"};
    one.role = model::RoleName(dice.of(asked));
  } else {
    one.kind = model::AssignmentKind::kException;
    one.duties = "payments";
  }
  one.state = dice.once_in(4) ? model::AssignmentState::kAsked : model::AssignmentState::kApproved;
  one.asked_at = world.now;
  one.id = model::assignment_id(one);
  world.assignments[id].push_back(std::move(one));
}

void change_facts(Dice& dice, plan::World& world, model::Identity& identity) {
  const std::vector<std::string> departments = {"Sales", "Yard", "Finance", "Other"};
  const std::vector<json::Array> projects = {{}, {"apollo"}, {"apollo", "zeus"}, {"ghost", "zeus"}, {"not a name"}};
  const auto set = [&](const std::string& name, json::Value value) {
    identity.facts[name] = {std::move(value), dice.once_in(8), model::SourceName("hr"), world.now};
  };
  set("department", dice.of(departments));
  set("level", static_cast<std::int64_t>(1 + dice.below(6)));
  set("projects", dice.of(projects));
}

plan::World random_yard(Dice& dice) {
  plan::World world;
  world.now = Time::parse("2026-11-20").value();
  for (int i = 1; i <= 6; ++i) {
    model::Identity person;
    person.id = model::IdentityId(i);
    person.key = "P" + std::to_string(i);
    person.facts["person_id"] = {person.key, false, model::SourceName("hr"), Time::from_micros(1)};
    person.engagements = {{model::SourceName("hr"), person.key, Time::from_micros(1), Time::never(), "active"}};
    person.records = {{model::SourceName("hr"), person.key}};
    change_facts(dice, world, person);
    world.identities[person.id] = std::move(person);
  }
  for (const auto& [name, doc] : yard().targets) {
    plan::TargetView& view = world.targets[name];
    view.state.target = name;
    view.state.managed = true;
    view.observed.emplace();
    view.observed->target = name;
    view.observed->coverage.complete = true;
  }
  return world;
}

// By hand: which duties an identity has in the targets.
std::set<std::string> duties_of(const plan::World& world, model::IdentityId id) {
  std::set<std::string> duties;
  for (const auto& [ref, claim] : world.claims) {
    if (claim.identity != id) continue;
    for (const auto& grant : world.targets.at(ref.target).observed->grants_of(ref.id)) {
      const std::string& right = grant.entitlement.str();
      if (right == "pay_enter" || right == "pay_approve" || right == "pay_audit") duties.insert(right);
    }
  }
  return duties;
}

bool has(const plan::World& world, model::IdentityId id, const std::string& duties, const std::string& role) {
  const auto all = world.assignments.find(id);
  return all != world.assignments.end() &&
         std::any_of(all->second.begin(), all->second.end(), [&](const model::Assignment& one) {
           return one.holds_at(world.now) && one.duties == duties && one.role.str() == role;
         });
}

// No plan makes duties meet that must be separate; whose do is found.
std::string meets(const plan::World& before, const plan::World& after) {
  for (const auto& [id, identity] : after.identities) {
    const auto now = duties_of(after, id), then = duties_of(before, id);
    if (now.size() < 2 || has(before, id, "payments", "")) continue;
    if (!std::includes(then.begin(), then.end(), now.begin(), now.end()))
      return identity.key + " was given a conflict\n";
    const auto finding = model::finding_id(model::FindingKind::kSod, {}, {}, "", id, "payments");
    if (!after.findings.contains(finding)) return "nobody found the conflict of " + identity.key + "\n";
  }
  return {};
}

// What is given by a request or for a value rests on one that is there.
std::string gives_unasked(const plan::World& before, const plan::PlanResult& result) {
  for (const auto& change : result.plan.changes) {
    if (change.verb != plan::Verb::kGrant || change.lane != plan::Lane::kGrant) continue;
    const model::Identity& identity = before.identities.at(change.identity);
    const std::string& right = change.entitlement.str();
    if (right == "on-call" && !has(before, identity.id, "", "on-call")) return identity.key + " is on call unasked\n";
    if (right == "vpn" && !has(before, identity.id, "", "directory:vpn")) return identity.key + " has vpn unasked\n";
    if (!right.starts_with("project-")) continue;
    const auto& projects = identity.facts.at("projects");
    const auto& list = projects.value.as_array();
    if (projects.unknown || std::find(list.begin(), list.end(), json::Value(right.substr(8))) == list.end())
      return identity.key + " is not in " + right + "\n";
  }
  return {};
}

std::string plans_again(const policy::PolicySet& policy, const plan::World& world) {
  const auto again = plan::make_plan(policy, world, {}).value();
  if (again.plan.empty() && again.findings.empty() && again.assignments.empty()) return {};
  return "again: " + plan::testing::as_text(again, world);
}

// People leave, are away, and come back.
void change_engagement(Dice& dice, const plan::World& world, model::Identity& identity) {
  model::Engagement& one = identity.engagements.front();
  const bool leaves = dice.once_in(2);
  one.status = leaves ? "terminated" : dice.once_in(2) ? "leave" : "active";
  one.end = leaves ? world.now : Time::never();
}

// What is due has come: what waited is planned anew.
void let_days_pass(Dice& dice, plan::World& world) {
  world.now = world.now + Duration::days(static_cast<std::int64_t>(1 + dice.below(16)));
  world.in_flight.clear();
  world.history.clear();
  for (auto& [id, identity] : world.identities) {
    if (dice.once_in(3)) change_facts(dice, world, identity);
    if (dice.once_in(3)) decide(dice, world, id);
    if (dice.once_in(4)) change_engagement(dice, world, identity);
  }
  for (auto& account : world.targets.at(model::TargetName("ledger")).observed->accounts)
    if (dice.once_in(6)) {  // somebody gives a right by hand
      auto& observed = *world.targets.at(model::TargetName("ledger")).observed;
      const model::Grant grant{{account.id, {}}, model::EntitlementId("pay_audit"), ""};
      if (std::find(observed.grants.begin(), observed.grants.end(), grant) == observed.grants.end())
        observed.grants.push_back(grant);
      observed.sort();
      break;
    }
}

// Planning with the screen says what planning everyone by row says.
std::string screened_otherwise(const policy::PolicySet& policy, const plan::World& world,
                               const plan::PlanResult& result) {
  const auto by_row = plan::make_plan_by_row(policy, world, {}).value();
  if (by_row.frozen.bytes == result.frozen.bytes && by_row.findings == result.findings &&
      by_row.findings_to_close == result.findings_to_close && by_row.assignments == result.assignments &&
      by_row.decisions == result.decisions && by_row.next_due == result.next_due)
    return {};
  return "by row: " + plan::testing::as_text(by_row, world);
}

std::string live(const policy::PolicySet& policy, std::uint64_t seed) {
  Dice dice(seed);
  plan::World world = random_yard(dice);
  std::string faults;
  for (int day = 0; day < 4 && faults.empty(); ++day) {
    if (day > 0) let_days_pass(dice, world);
    const auto result = plan::make_plan(policy, world, {});
    if (!result) return result.error().to_string();
    plan::World after = world;
    plan::testing::apply(policy, *result, after);
    faults = shown(check(testing::input_from(policy, world, result->frozen, {}))) + gives_unasked(world, *result) +
             meets(world, after) + plans_again(policy, after) + screened_otherwise(policy, world, *result);
    if (!faults.empty()) faults += "day " + std::to_string(day) + "\n" + plan::testing::as_text(*result, world);
    world = std::move(after);
  }
  return faults;
}

TEST(RolesLaws, HoldThroughALife) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    const std::string faults = live(yard(), seed);
    if (!faults.empty()) RC_FAIL(faults);
  }));
}

TEST(RolesLaws, FindAPolicyThatDoesNotSeparate) {
  policy::PolicySet careless = load_yard();
  careless.duties.clear();
  bool found = false;
  for (std::uint64_t seed = 0; seed < 300 && !found; ++seed)
    found = live(careless, seed).find("was given a conflict") != std::string::npos;
  EXPECT_TRUE(found);
}

}  // namespace
}  // namespace tenure::plan_check
