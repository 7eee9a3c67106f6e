// Laws of every plan, on random small worlds. Each law is a function from what happened to a list of violations, and is
// shown to find a violation that was planted.
#include "random_world.hpp"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <tenure/plan/planner.hpp>
#include <tenure/plan/testing/small_world.hpp>
#include <tenure/plan_check/testing/input_from.hpp>
#include <tenure/policy/lifecycle.hpp>
#include <tenure/policy/testing/repository.hpp>

namespace tenure::plan_check {
namespace {

using plan::Change;
using plan::Lane;
using plan::Verb;

const std::string kRepository = std::string(TENURE_SOURCE_DIR) + "/tests/golden/plan/policy";

const policy::PolicySet& company() {
  static const policy::PolicySet policy = policy::testing::load_repository(kRepository);
  return policy;
}

// What one plan did to a world.
struct Step {
  plan::World before;
  plan::PlanRequest request;
  plan::PlanResult result;
  plan::World after;
};

Step take(const plan::World& world, const plan::PlanRequest& request, const plan::testing::ApplyOptions& options = {}) {
  Step step;
  step.before = world;
  step.request = request;
  auto result = plan::make_plan(company(), world, request);
  RC_ASSERT(result.has_value());
  step.result = std::move(*result);
  step.after = world;
  plan::testing::apply(company(), step.result, step.after, options);
  return step;
}

std::string lines(const std::vector<std::string>& violations) {
  std::string text;
  for (const auto& one : violations) text += one + "\n";
  return text;
}

// The company's rules again, by hand: what an identity should hold, or could, where facts are unknown.
struct Right {
  std::string target, account_class, entitlement, parameters;
  friend auto operator<=>(const Right&, const Right&) = default;
};

std::set<Right> rights(const std::string& department, std::int64_t level, model::LifecycleState state) {
  if (state != model::LifecycleState::kActive && state != model::LifecycleState::kSuspended) return {};
  const bool at_work = state == model::LifecycleState::kActive;
  std::set<Right> all = {{"directory", "people", "all-staff", ""}};
  if (department == "Sales") all.insert({"directory", "people", "sales", ""});
  if (department == "Sales" && level >= 5) all.insert({"directory", "people", "club-golf", ""});
  if (department == "Finance") {
    all.insert({"directory", "people", "finance", ""});
    all.insert({"ledger", "people", "ledger_ro", ""});
    if (level >= 4) all.insert({"ledger", "people", "ledger_rw", ""});
    all.insert({"mainframe", "users", "PAY.DATA", level < 5 ? R"({"access":"READ"})" : R"({"access":"UPDATE"})"});
  }
  if (department == "Engineering") all.insert({"directory", "people", "engineering", ""});
  if (department == "Engineering" && level >= 5 && at_work) all.insert({"directory", "people", "build-admins", ""});
  if (department == "Engineering" && level >= 6 && at_work) all.insert({"directory", "admins", "domain-admins", ""});
  return all;
}

model::LifecycleState state_of(const plan::World& world, const model::Identity& identity) {
  return policy::lifecycle_state(company(), identity, world.now);
}

// Rights under every value that unknown facts may have; one set when nothing is unknown.
std::vector<std::set<Right>> possibilities(const plan::World& world, const model::Identity& identity) {
  std::vector<std::string> departments = {identity.facts.at("department").value.as_string()};
  if (identity.facts.at("department").unknown) departments = {"Sales", "Finance", "Engineering", "Other"};
  std::vector<std::int64_t> levels = {identity.facts.at("level").value.as_int()};
  if (identity.facts.at("level").unknown) levels = {1, 4, 5, 6};
  std::vector<std::set<Right>> all;
  for (const auto& department : departments)
    for (const auto level : levels) all.push_back(rights(department, level, state_of(world, identity)));
  return all;
}

bool proven(const plan::World& world, const Change& change) {
  const plan::TargetView& view = world.targets.at(change.target);
  if (view.state.unknown_since != Time{}) return false;
  const auto& coverage = view.observed->coverage;
  if (coverage.complete) return true;
  const std::string part = change.verb == Verb::kCreate ? change.account_class : "entitlements";
  return !coverage.unknown.empty() &&
         std::find(coverage.unknown.begin(), coverage.unknown.end(), part) == coverage.unknown.end();
}

// T9: nothing is given on an absence that was not proven.
std::vector<std::string> adds_without_proof(const Step& step) {
  std::vector<std::string> violations;
  for (const Change& change : step.result.plan.changes) {
    const bool on_new = !change.account.producer.empty();
    if ((change.verb == Verb::kCreate || (change.verb == Verb::kGrant && !change.prior_present && !on_new)) &&
        !proven(step.before, change))
      violations.push_back("gives " + change.entitlement.str() + " in " + change.target.str());
  }
  return violations;
}

// T9: nothing is taken that some value of the unknown facts would give.
std::vector<std::string> takes_on_unknown(const Step& step) {
  std::vector<std::string> violations;
  for (const Change& change : step.result.plan.changes) {
    const auto identity = step.before.identities.find(change.identity);
    if (identity == step.before.identities.end() || (change.verb != Verb::kRevoke && change.lane != Lane::kReduce))
      continue;
    const model::Parameters& held = change.verb == Verb::kRevoke ? change.parameters : change.prior_parameters;
    for (const auto& possible : possibilities(step.before, identity->second))
      if (possible.contains({change.target.str(), change.account_class, change.entitlement.str(), held}))
        violations.push_back("takes " + change.entitlement.str() + " from " + identity->second.key);
  }
  return violations;
}

// Restriction is respected: only what Tenure disabled is enabled again, and nothing that is locked.
std::vector<std::string> undoes_restriction(const Step& step) {
  std::vector<std::string> violations;
  for (const Change& change : step.result.plan.changes) {
    if (change.verb != Verb::kEnable) continue;
    model::Decision ours;
    ours.account = {change.target, change.account.id};
    const auto decision = step.before.decisions.find(row_id(ours));
    const auto* account = step.before.targets.at(change.target).observed->find_account(change.account.id);
    if (decision == step.before.decisions.end() || decision->second.kind != model::DecisionKind::kDisabled ||
        account == nullptr || !account->restriction.empty())
      violations.push_back("enables " + change.account.name);
  }
  return violations;
}

// Outside its scope Tenure writes nothing, and in additive scope it takes only what it gave.
std::vector<std::string> leaves_scope(const Step& step) {
  std::vector<std::string> violations;
  for (const Change& change : step.result.plan.changes) {
    if (change.entitlement.str().starts_with("legacy")) violations.push_back("touches " + change.entitlement.str());
    if (change.verb != Verb::kRevoke || change.entitlement.str() != "club-golf") continue;
    model::Decision ours;
    ours.account = {change.target, change.account.id};
    ours.entitlement = change.entitlement;
    const auto decision = step.before.decisions.find(row_id(ours));
    if (decision == step.before.decisions.end() || decision->second.kind != model::DecisionKind::kGranted)
      violations.push_back("takes club-golf, which it did not give");
  }
  return violations;
}

std::string checker_says(const Step& step) {
  std::string text;
  for (const Fault& fault : check(testing::input_from(company(), step.before, step.result.frozen, step.request)))
    text += fault.kind + ": " + fault.text + "\n";
  return text;
}

// Whether something says why a right is not there: a finding, an unknown, a decision.
bool accounted_for(const Step& step, const model::Identity& identity, const std::string& target) {
  for (const auto& [id, finding] : step.after.findings)
    if (finding.identity == identity.id && finding.account.target.str() == target) return true;
  for (const auto& unknown : step.result.plan.unknowns)
    if (unknown.what == "identity " + identity.key || unknown.target.str() == target) return true;
  return false;
}

// More of the right, raised by hand in a target that has not answered since: an old reading is no news.
bool holds_more_where_nothing_is_news(const Step& step, const Right& right, const std::set<Right>& held) {
  if (step.before.targets.at(model::TargetName(right.target)).state.unknown_since == Time{}) return false;
  return std::any_of(held.begin(), held.end(), [&](const Right& other) {
    return other.target == right.target && other.entitlement == right.entitlement;
  });
}

// What is wanted is there, or it is said why not; who has left holds nothing and cannot log in.
std::vector<std::string> misses_desired(const Step& step) {
  std::vector<std::string> violations;
  for (const auto& [id, identity] : step.after.identities) {
    const auto state = state_of(step.after, identity);
    const auto possible = possibilities(step.after, identity);
    std::set<Right> held;
    for (const auto& [ref, claim] : step.after.claims) {
      if (claim.identity != id) continue;
      const auto& observed = *step.after.targets.at(ref.target).observed;
      const auto* account = observed.find_account(ref.id);
      if (account == nullptr) continue;
      if (state == model::LifecycleState::kLeft && account->enabled) violations.push_back(identity.key + " can log in");
      for (const auto& grant : observed.grants_of(ref.id)) {
        held.insert({ref.target.str(), account->account_class, grant.entitlement.str(), grant.parameters});
        if (state == model::LifecycleState::kLeft &&
            company().targets.at(ref.target).scope_of(grant.entitlement) == model::Scope::kManaged)
          violations.push_back(identity.key + " has left and holds " + grant.entitlement.str());
      }
    }
    if (possible.size() != 1 || state != model::LifecycleState::kActive) continue;
    for (const Right& right : possible.front())
      if (!held.contains(right) && !holds_more_where_nothing_is_news(step, right, held) &&
          !accounted_for(step, identity, right.target))
        violations.push_back(identity.key + " lacks " + right.entitlement + " in " + right.target);
  }
  return violations;
}

// T6: what was carried out and remembered is not planned again, and finds nothing new.
std::vector<std::string> plans_again(const Step& step) {
  const Step again = take(step.after, step.request);
  std::vector<std::string> violations;
  for (const Change& change : again.result.plan.changes)
    violations.push_back("again: " + std::string(name_of(change.verb)) + " " + change.target.str() + " " +
                         change.account.name + " " + change.entitlement.str() + " " + change.reason.rule);
  for (const auto& finding : again.result.findings) violations.push_back("again: " + finding.summary);
  for (const auto& [id, answer] : again.result.findings_to_close) violations.push_back("closes " + id);
  return violations;
}

plan::World onboarded(plan::World world, std::string& faults) {
  for (const char* name : {"directory", "ledger", "mainframe"}) {
    const Step step = take(world, plan::PlanRequest::onboard(model::TargetName(name)));
    for (const Change& change : step.result.plan.changes)
      if (is_remote(change.verb)) faults += "an onboarding sends " + std::string(name_of(change.verb)) + "\n";
    faults += checker_says(step) + lines(plans_again(step));
    world = step.after;
  }
  return world;
}

TEST(PlanLaws, OnboardingSendsNothingAndIsDoneOnce) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    Dice dice(seed);
    std::string faults;
    onboarded(untouched_world(dice), faults);
    if (!faults.empty()) RC_FAIL(faults);
  }));
}

TEST(PlanLaws, HoldThroughALife) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    Dice dice(seed);
    std::string faults;
    plan::World world = onboarded(untouched_world(dice), faults);
    for (int day = 0; day < 4 && faults.empty(); ++day) {
      if (day > 0) let_time_pass(dice, world);
      const Step step = take(world, plan::PlanRequest::reconcile());
      faults += checker_says(step) + lines(adds_without_proof(step)) + lines(takes_on_unknown(step)) +
                lines(undoes_restriction(step)) + lines(leaves_scope(step)) + lines(misses_desired(step)) +
                lines(plans_again(step));
      if (!faults.empty())
        faults += "day " + std::to_string(day) + "\n" + plan::testing::as_text(step.result, step.before);
      world = step.after;
    }
    if (!faults.empty()) RC_FAIL(faults);
  }));
}

// T6, T16: the order in which things came does not matter.
TEST(PlanLaws, OrderDoesNotMatter) {
  auto documents = policy::testing::read_repository(kRepository);
  std::reverse(documents.begin(), documents.end());
  Diagnostics diagnostics;
  const auto reversed = policy::load(documents, diagnostics);
  ASSERT_TRUE(reversed.has_value());
  EXPECT_TRUE(rc::check([&](std::uint64_t seed) {
    Dice dice(seed);
    std::string faults;
    plan::World world = onboarded(untouched_world(dice), faults);
    let_time_pass(dice, world);
    plan::World other = world;
    std::reverse(other.history.begin(), other.history.end());
    for (auto& [name, view] : other.targets) {
      std::reverse(view.observed->accounts.begin(), view.observed->accounts.end());
      std::reverse(view.observed->grants.begin(), view.observed->grants.end());
      view.observed->sort();
    }
    const auto a = plan::make_plan(company(), world, {}), b = plan::make_plan(*reversed, other, {});
    RC_ASSERT(a.has_value() && b.has_value());
    RC_ASSERT(a->frozen.bytes == b->frozen.bytes);
    RC_ASSERT(a->findings == b->findings);
  }));
}

// --- the laws find what is planted -----------------------------------------------------------------------

// Runs seeds until the law finds something.
template <class Violations>
bool finds(Violations violations) {
  for (std::uint64_t seed = 0; seed < 300; ++seed)
    if (violations(seed)) return true;
  return false;
}

Step one_day(std::uint64_t seed, const plan::testing::ApplyOptions& options = {}) {
  Dice dice(seed);
  std::string faults;
  plan::World world = onboarded(untouched_world(dice), faults);
  let_time_pass(dice, world);
  return take(world, plan::PlanRequest::reconcile(), options);
}

class ForgottenVerb : public ::testing::TestWithParam<std::string> {};

TEST_P(ForgottenVerb, MakesTheSecondPlanDiffer) {
  EXPECT_TRUE(finds([](std::uint64_t seed) {
    const Step step = one_day(seed, {GetParam()});
    const auto again = plan::make_plan(company(), step.after, {});
    return !again->plan.empty() || !again->findings.empty();
  }));
}
INSTANTIATE_TEST_SUITE_P(Cases, ForgottenVerb, ::testing::Values("create", "grant", "adopt"));

TEST(PlanLaws, PlantedFaultsAreFound) {
  const auto planted = [](void (*edit)(Step&), std::vector<std::string> (*law)(const Step&)) {
    return finds([&](std::uint64_t seed) {
      Step step = one_day(seed);
      if (!law(step).empty()) return false;
      edit(step);
      return !law(step).empty();
    });
  };
  EXPECT_TRUE(planted(
      [](Step& step) {
        for (auto& [name, view] : step.before.targets) view.state.unknown_since = step.before.now;
      },
      adds_without_proof));
  EXPECT_TRUE(planted(
      [](Step& step) {
        for (auto& change : step.result.plan.changes)
          if (change.verb == Verb::kGrant) change.verb = Verb::kRevoke;
      },
      takes_on_unknown));
  EXPECT_TRUE(planted(
      [](Step& step) {
        for (auto& change : step.result.plan.changes)
          if (change.verb == Verb::kDisable) change.verb = Verb::kEnable;
      },
      undoes_restriction));
  EXPECT_TRUE(planted(
      [](Step& step) {
        for (auto& change : step.result.plan.changes)
          if (change.verb == Verb::kRevoke) change.entitlement = model::EntitlementId("club-golf");
      },
      leaves_scope));
  EXPECT_TRUE(planted(
      [](Step& step) {
        step.after = step.before;
        step.after.findings.clear();
      },
      misses_desired));
}

// --- the example repository ------------------------------------------------------------------------------------

// A company that is made by the rules, forgotten, and onboarded: every account is claimed, every grant is explained,
// and nothing is left to do.
plan::World nordhaven(const policy::PolicySet& policy) {
  const std::vector<std::string> departments = {"Sales", "Finance", "Engineering", "Operations", "Support",
                                                "HR",    "Legal",   "IT",          "Marketing",  "Logistics"};
  plan::World world;
  world.now = Time::parse("2026-11-20").value();
  for (int i = 1; i <= 140; ++i) {
    model::Identity person;
    person.id = model::IdentityId(i);
    person.key = "P" + std::to_string(i);
    const std::vector<std::pair<std::string, json::Value>> facts = {
        {"person_id", person.key},
        {"given_name", "Anna"},
        {"family_name", "Berg" + std::to_string(i % 40)},
        {"site", "Oslo"},
        {"title", nullptr},
        {"department", departments[static_cast<std::size_t>(i) % 10]},
        {"level", 1 + i % 7},
        {"employment", "employee"}};
    for (const auto& [name, value] : facts)
      person.facts[name] = {value, false, model::SourceName("hr"), Time::from_micros(1)};
    person.engagements = {{model::SourceName("hr"), "C" + person.key, Time::from_micros(1), Time::never(), "active"}};
    person.records = {{model::SourceName("hr"), "C" + person.key}};
    world.identities[person.id] = std::move(person);
  }
  for (const auto& [name, doc] : policy.targets) {
    plan::TargetView& view = world.targets[name];
    view.state.target = name;
    view.state.managed = true;
    view.observed.emplace();
    view.observed->target = name;
    view.observed->coverage.complete = true;
  }
  return world;
}

TEST(Nordhaven, OnboardingWhatTheRulesWantLeavesNothingToDo) {
  const auto policy = policy::testing::load_repository(std::string(TENURE_SOURCE_DIR) + "/examples/nordhaven");
  plan::World world = nordhaven(policy);
  plan::PlanRequest everything;
  const auto held = plan::make_plan(policy, world, everything).value();
  EXPECT_TRUE(held.plan.held());
  for (const auto& cause : held.plan.causes) everything.released.insert(cause.id);
  plan::testing::apply(policy, plan::make_plan(policy, world, everything).value(), world);

  world.claims.clear();
  world.decisions.clear();
  world.names.clear();
  world.history.clear();
  for (const char* name : {"directory", "ledger", "crm", "mainframe"}) {
    world.targets.at(model::TargetName(name)).state.managed = false;
    const auto request = plan::PlanRequest::onboard(model::TargetName(name));
    const auto result = plan::make_plan(policy, world, request).value();
    EXPECT_TRUE(result.findings.empty()) << result.findings.front().summary;
    EXPECT_TRUE(check(testing::input_from(policy, world, result.frozen, request)).empty()) << name;
    plan::testing::apply(policy, result, world);
  }
  const auto last = plan::make_plan(policy, world, {}).value();
  EXPECT_TRUE(last.plan.empty()) << plan::testing::as_text(last, world);
}

}  // namespace
}  // namespace tenure::plan_check
