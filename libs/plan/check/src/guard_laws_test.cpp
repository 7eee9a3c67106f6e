// Guards hold what is beyond the limit, however it is cut.
#include "random_world.hpp"

#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <tenure/plan/planner.hpp>
#include <tenure/plan/testing/small_world.hpp>
#include <tenure/plan_check/testing/input_from.hpp>
#include <tenure/policy/testing/repository.hpp>

namespace tenure::plan_check {
namespace {

const policy::PolicySet& company() {
  static const policy::PolicySet policy =
      policy::testing::load_repository(std::string(TENURE_SOURCE_DIR) + "/tests/golden/plan/policy");
  return policy;
}

// `people` persons with directory accounts, of whom `leavers` have just left.
plan::World many(int people, int leavers) {
  plan::World world;
  world.now = Time::parse("2026-11-20").value();
  const model::TargetName directory("directory");
  plan::TargetView view;
  view.state.target = directory;
  view.state.managed = true;
  view.observed.emplace();
  view.observed->target = directory;
  view.observed->coverage.complete = true;
  for (int i = 1; i <= people; ++i) {
    model::Identity identity;
    identity.id = model::IdentityId(i);
    identity.key = "P" + std::to_string(i);
    const bool leaves = i <= leavers;
    identity.engagements = {{model::SourceName("hr"), "C" + std::to_string(i), Time::from_micros(1),
                             leaves ? world.now : Time::never(), leaves ? "terminated" : "active"}};
    world.identities[identity.id] = identity;
    model::Account account;
    account.id = model::NativeId("u" + std::to_string(1000 + i));
    account.name = account.id.str();
    account.account_class = "people";
    const model::AccountRef ref{directory, account.id};
    world.claims[ref] = {ref, identity.id, model::Purpose::kNormal, "", {}};
    view.observed->accounts.push_back(account);
    view.observed->grants.push_back({model::Holder{account.id, {}}, model::EntitlementId("all-staff"), ""});
    model::Decision granted;
    granted.kind = model::DecisionKind::kGranted;
    granted.account = ref;
    granted.entitlement = model::EntitlementId("all-staff");
    world.decisions[row_id(granted)] = granted;
  }
  view.observed->sort();
  world.targets[directory] = std::move(view);
  return world;
}

std::int64_t disabled(const plan::World& world) {
  const auto& accounts = world.targets.at(model::TargetName("directory")).observed->accounts;
  return std::count_if(accounts.begin(), accounts.end(),
                       [](const model::Account& account) { return !account.enabled; });
}

TEST(Guards, HoldWhatIsBeyondTheLimit) {
  struct Case {
    int people, leavers;
    bool held;
  };
  for (const Case& one : {Case{50, 20, false},
                          {50, 21, true},
                          {99, 21, true},
                          {100, 20, false},
                          {100, 21, true},
                          {200, 40, false},
                          {200, 41, true}}) {
    const auto result = plan::make_plan(company(), many(one.people, one.leavers), {}).value();
    EXPECT_EQ(result.plan.held(), one.held) << one.people << " people, " << one.leavers << " leavers";
  }
}

// Whatever the pieces are, no more than the limit passes within 30 days, unless somebody releases the rest.
TEST(Guards, CannotBePassedBySplitting) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    Dice dice(seed);
    plan::World world = many(200, 90);
    for (int first = 1; first <= 90;) {
      const int size = static_cast<int>(1 + dice.below(30));
      plan::PlanRequest piece;
      for (int i = first; i < first + size; ++i) piece.identities.insert(model::IdentityId(i));
      first += size;
      const auto result = plan::make_plan(company(), world, piece).value();
      if (!result.plan.held()) plan::testing::apply(company(), result, world);
      world.now = world.now + Duration::hours(static_cast<std::int64_t>(dice.below(50)));
    }
    RC_ASSERT(disabled(world) <= 40);
    RC_ASSERT(disabled(world) > 10);  // and what is within the limit does pass
  }));
  plan::World forgetful = many(200, 90);  // planted: nobody remembers what was sent
  for (int first = 1; first <= 90; first += 30) {
    plan::PlanRequest piece;
    for (int i = first; i < first + 30; ++i) piece.identities.insert(model::IdentityId(i));
    const auto result = plan::make_plan(company(), forgetful, piece).value();
    if (!result.plan.held()) plan::testing::apply(company(), result, forgetful);
    forgetful.history.clear();
  }
  EXPECT_GT(disabled(forgetful), 40);
}

policy::GuardDoc some_guard(Dice& dice, bool scoped) {
  policy::GuardDoc guard;
  guard.share_percent_max = static_cast<int>(dice.below(40));
  guard.count_max_small = static_cast<int>(dice.below(30));
  guard.population_min = static_cast<int>(dice.below(200));
  guard.privileged_weight = static_cast<int>(1 + dice.below(5));
  guard.collapse_percent_max = static_cast<int>(20 + dice.below(80));
  guard.collapse_min = static_cast<int>(1 + dice.below(60));
  guard.windows = {Duration::hours(1), Duration::days(static_cast<std::int64_t>(1 + dice.below(60)))};
  if (!scoped) return guard;
  guard.name = "g" + std::to_string(dice.below(1000));
  guard.instead = dice.below(2) == 0;
  policy::GuardScope& scope = guard.scope;
  if (dice.below(2) == 0) scope.targets = {dice.below(2) == 0 ? "direct*" : "*"};
  if (dice.below(3) == 0) scope.sources = {dice.below(2) == 0 ? "hr" : "agency"};
  if (dice.below(3) == 0) scope.classes = {"peo*e"};
  if (dice.below(3) == 0) scope.entitlements = {dice.below(2) == 0 ? "all-*" : "project-x"};
  if (dice.below(2) == 0 || scope.whole()) scope.effects = {"removals"};
  return guard;
}

// Whatever guards a policy has, the checker, which shares no code with the planner, finds a fault in the plan without
// them exactly if one of them held it.
TEST(Guards, AreAllCountedAgainByTheChecker) {
  int held_some = 0, passed_some = 0;
  EXPECT_TRUE(rc::check([&](std::uint64_t seed) {
    Dice dice(seed);
    policy::PolicySet policy =
        policy::testing::load_repository(std::string(TENURE_SOURCE_DIR) + "/tests/golden/plan/policy");
    policy.guard = some_guard(dice, false);
    for (std::size_t more = dice.below(4); more > 0; --more) policy.guards.push_back(some_guard(dice, true));
    const int people = static_cast<int>(20 + dice.below(200));
    plan::World world = many(people, static_cast<int>(dice.below(60)) % people);
    for (auto& [id, identity] : world.identities)
      identity.records = {{model::SourceName(dice.below(4) == 0 ? "agency" : "hr"), identity.key}};
    for (std::size_t i = dice.below(40); i > 0; --i) {
      plan::CountedChange past;
      past.at = world.now - Duration::hours(static_cast<std::int64_t>(dice.below(24 * 70)));
      past.root = dice.below(3) == 0 ? "policy" : "source hr";
      past.target = model::TargetName("directory");
      past.verb = dice.below(2) == 0 ? plan::Verb::kRevoke : plan::Verb::kGrant;
      past.lane = past.verb == plan::Verb::kRevoke ? plan::Lane::kRevoke : plan::Lane::kGrant;
      past.account = model::NativeId("u" + std::to_string(1000 + dice.below(250)));
      past.identity = model::IdentityId(static_cast<std::int64_t>(1 + dice.below(250)));
      past.risk = dice.below(5) == 0 ? model::Risk::kPrivileged : model::Risk::kLow;
      past.account_class = "people";
      past.entitlement = model::EntitlementId(dice.below(2) == 0 ? "all-staff" : "project-x");
      world.history.push_back(past);
    }
    plan::PlanResult result = plan::make_plan(policy, world, {}).value();
    RC_ASSERT(check(testing::input_from(policy, world, result.frozen, {})).empty());
    const bool held = result.plan.held();
    ++(held ? held_some : passed_some);
    plan::Plan bare = result.plan;
    bare.guards.clear();
    const auto faults = check(testing::input_from(policy, world, plan::freeze(bare).value(), {}));
    RC_ASSERT(held != faults.empty());
    for (const Fault& fault : faults) RC_ASSERT(fault.kind == "guard");
  }));
  EXPECT_GT(held_some, 10);
  EXPECT_GT(passed_some, 10);
}

TEST(Guards, ReleasedByCauseLeaveTheRestOut) {
  const plan::World world = many(50, 30);
  const auto held = plan::make_plan(company(), world, {}).value();
  ASSERT_TRUE(held.plan.held());
  plan::PlanRequest request;
  for (const auto& cause : held.plan.causes)
    if (request.released.size() < 5) request.released.insert(cause.id);
  const auto part = plan::make_plan(company(), world, request).value();
  EXPECT_FALSE(part.plan.held());
  EXPECT_EQ(part.plan.causes.size(), 5U);
  EXPECT_EQ(part.plan.changes.size(), 10U);  // disable and revoke for each
  std::int64_t left_out = 0;
  for (const auto& unknown : part.plan.unknowns)
    if (unknown.what == "changes") left_out += unknown.changes_withheld;
  EXPECT_EQ(left_out, 50);
  for (const auto& cause : held.plan.causes) request.released.insert(cause.id);
  EXPECT_EQ(plan::make_plan(company(), world, request).value().plan.changes.size(), 60U);
}

}  // namespace
}  // namespace tenure::plan_check
