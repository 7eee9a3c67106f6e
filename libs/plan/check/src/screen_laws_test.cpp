// The screen changes nothing but the time: planning with it says, byte for byte, what planning everyone by row says. On
// random worlds with everything that is rare; and the laws find a screen that is wrong.
#include "random_world.hpp"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <tenure/base/workers.hpp>
#include <tenure/plan/extract.hpp>
#include <tenure/plan/planner.hpp>
#include <tenure/plan/testing/small_world.hpp>
#include <tenure/policy/testing/repository.hpp>

namespace tenure::plan_check {
namespace {

using plan::PlanRequest;
using plan::PlanResult;

const policy::PolicySet& company() {
  static const policy::PolicySet policy =
      policy::testing::load_repository(std::string(TENURE_SOURCE_DIR) + "/tests/golden/plan/policy");
  return policy;
}

void carry_out(plan::World& world, const PlanRequest& request) {
  const auto result = plan::make_plan_by_row(company(), world, request);
  if (!result) std::abort();
  plan::testing::apply(company(), *result, world);
}

// A company under management, some time later.
plan::World some_world(std::uint64_t seed, bool rare) {
  Dice dice(seed);
  plan::World world = untouched_world(dice);
  for (const char* name : {"directory", "ledger", "mainframe"})
    carry_out(world, PlanRequest::onboard(model::TargetName(name)));
  const std::size_t days = dice.below(4);
  for (std::size_t day = 0; day < days; ++day) {
    carry_out(world, PlanRequest::reconcile());
    let_time_pass(dice, world);
  }
  if (rare) complicate(dice, world);
  return world;
}

std::string everything(const PlanResult& result, const plan::World& world) {
  std::string text = result.frozen.bytes + "\n" + plan::testing::as_text(result, world);
  for (const auto& finding : result.findings) text += json::to_string(to_json(finding)) + "\n";
  return text;
}

PlanRequest some_request(std::uint64_t seed) {
  Dice dice(seed);
  PlanRequest request;
  if (dice.once_in(4)) request.targets = {model::TargetName("directory"), model::TargetName("mainframe")};
  request.revert_drift = dice.once_in(4);
  return request;
}

// "" when both say the same.
std::string differs(const plan::World& world, const population::Population& population, const PlanRequest& request,
                    Workers& workers) {
  const auto by_row = plan::make_plan_by_row(company(), world, request);
  const plan::Setting setting = plan::setting_of(world);
  const auto screened = plan::make_plan(company(), population, setting, request, workers);
  if (!by_row || !screened) return "no plan";
  const std::string a = everything(*by_row, world), b = everything(*screened, world);
  return a == b ? "" : "by row:\n" + a + "\nscreened:\n" + b;
}

TEST(ScreenLaws, TheScreenChangesNothing) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed, bool rare) {
    const plan::World world = some_world(seed, rare);
    const std::string difference = differs(world, plan::population_of(world), some_request(seed), own_thread());
    if (!difference.empty()) RC_FAIL(difference);
  }));
}

TEST(ScreenLaws, HoldOnThousandWorlds) {
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    const plan::World world = some_world(seed, seed % 3 != 0);
    ASSERT_EQ(differs(world, plan::population_of(world), some_request(seed), own_thread()), "") << seed;
  }
}

// And it is one: of a company where all is as it should be, hardly anybody is looked at.
TEST(ScreenLaws, WhoIsSteadyIsNotLookedAt) {
  std::size_t people = 0, looked_at = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    plan::World world = some_world(seed, false);
    for (auto& [name, view] : world.targets) view.state.unknown_since = {}, view.observed->coverage = {true, {}, ""};
    carry_out(world, PlanRequest::reconcile());
    const auto again = plan::make_plan(company(), world, {});
    ASSERT_TRUE(again.has_value());
    people += world.identities.size();
    looked_at += again->looked_at;
  }
  EXPECT_LT(looked_at * 10, people * 7) << "most have rights that nobody has explained";
}

// As a screen would see it that takes unknown for absent: its plans differ.
TEST(ScreenLaws, UnknownTakenForAbsentIsFound) {
  const auto found = [](std::uint64_t seed) {
    const plan::World world = some_world(seed, false);
    plan::World seen = world;
    for (auto& [id, identity] : seen.identities)
      for (auto& [name, fact] : identity.facts) fact.unknown = false;
    return !differs(world, plan::population_of(seen), {}, own_thread()).empty();
  };
  std::uint64_t seed = 0;
  while (seed < 300 && !found(seed)) ++seed;
  EXPECT_LT(seed, 300U);
}

TEST(ScreenLaws, ThreadsDoNotMatter) {
  const auto two = make_workers(2);
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const plan::World world = some_world(seed, true);
    ASSERT_EQ(differs(world, plan::population_of(world), {}, *two), "") << seed;
  }
}

std::string without_names(const plan::Change& change) {
  plan::Change bare = change;
  bare.account.name.clear();
  bare.account.producer = {};
  bare.names.clear();
  bare.attributes.erase("uid");
  bare.attributes.erase("mail");
  bare.attributes.erase("userid");
  bare.needs.clear();
  bare.id = {};
  return json::to_string(to_json(bare));
}

// What is planned for one identity alone is its part of the plan for everyone: but for names, of which somebody with a
// lower number may have had the first.
TEST(ScreenLaws, OneIdentityAloneIsItsPartOfTheWhole) {
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    const plan::World world = some_world(seed, true);
    const population::Population population = plan::population_of(world);
    const plan::Setting setting = plan::setting_of(world);
    plan::Planner planner(company(), population, own_thread());
    const auto whole = planner.plan(setting, {});
    ASSERT_TRUE(whole.has_value());
    for (const auto& [id, identity] : world.identities) {
      if (identity.alias_of.valid()) continue;
      const auto one = planner.plan_one(setting, id);
      ASSERT_TRUE(one.has_value());
      std::multiset<std::string> part, alone, found, found_alone;
      for (const auto& change : whole->plan.changes)
        if (change.identity == id) part.insert(without_names(change));
      for (const auto& change : one->plan.changes) alone.insert(without_names(change));
      for (const auto& finding : whole->findings)
        if (finding.identity == id && finding.kind != model::FindingKind::kNameCollision) found.insert(finding.id);
      for (const auto& finding : one->findings)
        if (finding.kind != model::FindingKind::kNameCollision) found_alone.insert(finding.id);
      ASSERT_EQ(alone, part) << seed << " " << identity.key;
      ASSERT_EQ(found_alone, found) << seed << " " << identity.key;
    }
  }
}

// The order in which things were put into the population, and put again.
TEST(ScreenLaws, OrderOfEventsDoesNotMatter) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const plan::World world = some_world(seed, true);
    population::Population other;
    for (auto it = world.decisions.rbegin(); it != world.decisions.rend(); ++it) other.put(it->second);
    for (auto it = world.names.rbegin(); it != world.names.rend(); ++it) other.put(it->second);
    for (auto it = world.identities.rbegin(); it != world.identities.rend(); ++it) {
      model::Identity before = it->second;
      for (auto& [name, fact] : before.facts) fact.value = nullptr;
      other.people().put(before);
      other.settle();
      other.people().put(it->second);
    }
    for (const auto& [ref, claim] : world.claims) {
      model::Claim before = claim;
      before.identity = model::IdentityId(1);
      other.put(before);
      other.put(claim);
    }
    for (auto it = world.targets.rbegin(); it != world.targets.rend(); ++it)
      if (it->second.observed) other.put_observation(*it->second.observed);
    other.settle();
    ASSERT_EQ(differs(world, other, {}, own_thread()), "") << seed;
  }
}

}  // namespace
}  // namespace tenure::plan_check
