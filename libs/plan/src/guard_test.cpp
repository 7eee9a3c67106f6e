// Limits that cannot be passed: by going slowly, by cutting one cause into many plans, by a small source that vanishes.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <tenure/plan/guard.hpp>

namespace tenure::plan {
namespace {

using ::testing::ElementsAre;

const Time kNow = Time::parse("2026-11-20").value();
const model::TargetName kCrm("crm"), kLedger("ledger");

Cause cause(const std::string& root, std::int64_t identity) {
  Cause made{{}, "source_row", root, root + " row " + std::to_string(identity), model::IdentityId(identity)};
  made.id = cause_id(made);
  return made;
}

struct What {
  Verb verb = Verb::kDisable;
  model::TargetName target = kCrm;
  std::string entitlement;
  std::string root = "source hr";
  model::Risk risk = model::Risk::kLow;
  std::string account_class = "people";
};

// One change for each identity from `first` on, each with a cause of its own.
Plan plan_of(int first, int count, const What& what = {}) {
  Plan plan;
  for (int i = first; i < first + count; ++i) {
    const Cause because = cause(what.root, i);
    Change change;
    change.id = model::ChangeId("#" + std::to_string(i));
    change.verb = what.verb;
    change.lane = takes_away(change) ? Lane::kRevoke : Lane::kGrant;
    change.target = what.target;
    change.account.id = model::NativeId("a" + std::to_string(i));
    change.account_class = what.account_class;
    change.identity = model::IdentityId(i);
    change.entitlement = model::EntitlementId(what.entitlement);
    change.risk = what.risk;
    change.cause = because.id;
    plan.causes.push_back(because);
    plan.changes.push_back(std::move(change));
  }
  return plan;
}

Headcount people(std::int64_t count) {
  Headcount headcount;
  headcount.identities = count;
  headcount.accounts = {{kCrm, count}, {kLedger, count}};
  headcount.classes = {{{kCrm, "people"}, count}, {{kLedger, "people"}, count}};
  headcount.sources = {{model::SourceName("hr"), count}};
  return headcount;
}

std::vector<std::string> held(const std::vector<GuardResult>& results) {
  std::vector<std::string> names;
  for (const auto& result : results)
    if (result.held) names.push_back(result.guard);
  return names;
}

std::vector<GuardResult> guard(const policy::PolicySet& policy, const Headcount& headcount, const Plan& plan,
                               const std::vector<CountedChange>& history = {}, Time now = kNow) {
  return evaluate_guards(policy, now, history, headcount, plan, {});
}

void remember(const Plan& plan, Time at, std::vector<CountedChange>& history) {
  for (std::size_t i = 0; i < plan.changes.size(); ++i) {
    const Change& change = plan.changes[i];
    history.push_back({at, plan.causes[i].root, change.target, change.verb, change.lane, change.account.id, "",
                       change.identity, change.risk, change.account_class, change.entitlement});
  }
}

// 3 % a day for ten days.
TEST(Guard, SlowBleedIsHeldBeforeAFifthIsGone) {
  const policy::PolicySet policy;
  std::vector<CountedChange> history;
  int gone = 0, held_on = 0;
  for (int day = 1; day <= 10; ++day) {
    const Plan plan = plan_of(1 + 30 * (day - 1), 30);
    const Time now = kNow + Duration::days(day);
    const auto results = guard(policy, people(1000), plan, history, now);
    if (!held(results).empty()) {
      held_on = day;
      EXPECT_NE(results.front().text.find("210 of 1000 accounts within 30 days, limit 20 %"), std::string::npos)
          << results.front().text;
      break;
    }
    remember(plan, now, history);
    gone += 30;
  }
  EXPECT_EQ(held_on, 7);
  EXPECT_EQ(gone, 180);
}

TEST(Guard, MassGrantsAndMassOverwritesAreHeldToo) {
  const policy::PolicySet policy;
  EXPECT_THAT(held(guard(policy, people(1000), plan_of(1, 201, {.verb = Verb::kGrant, .entitlement = "e"}))),
              ElementsAre("additions in crm", "additions from source hr"));
  EXPECT_THAT(held(guard(policy, people(1000), plan_of(1, 201, {.verb = Verb::kUpdate}))),
              ElementsAre("overwrites in crm", "overwrites from source hr"));
  EXPECT_TRUE(held(guard(policy, people(1000), plan_of(1, 200, {.verb = Verb::kUpdate}))).empty());
}

TEST(Guard, PrivilegeCountsMore) {
  const policy::PolicySet policy;
  const What admin{.verb = Verb::kGrant, .entitlement = "admins", .risk = model::Risk::kPrivileged};
  EXPECT_TRUE(held(guard(policy, people(1000), plan_of(1, 40, admin))).empty());
  EXPECT_FALSE(held(guard(policy, people(1000), plan_of(1, 41, admin))).empty());
}

// Ten in each of two targets are little in each, and one feed that touches twenty-one people.
TEST(Guard, OneRootIsCountedAcrossTargets) {
  const policy::PolicySet policy;
  Plan plan = plan_of(1, 11);
  const Plan other = plan_of(12, 10, {.target = kLedger});
  plan.changes.insert(plan.changes.end(), other.changes.begin(), other.changes.end());
  plan.causes.insert(plan.causes.end(), other.causes.begin(), other.causes.end());
  Headcount headcount = people(60);
  EXPECT_THAT(held(guard(policy, headcount, plan)), ElementsAre("removals from source hr"));
}

// A register of twelve people within a company of five thousand: a share of the company says nothing.
TEST(Guard, ASmallSourceThatVanishesIsHeldAsAWhole) {
  const policy::PolicySet policy;
  Headcount headcount = people(5000);
  headcount.sources[model::SourceName("contractors")] = 12;
  const Plan plan = plan_of(1, 7, {.root = "source contractors"});
  const auto results = guard(policy, headcount, plan);
  ASSERT_THAT(held(results), ElementsAre("removals from source contractors"));
  for (const auto& result : results) {
    if (result.held) {
      EXPECT_EQ(result.causes.size(), 7U);
    }
  }
  EXPECT_TRUE(held(guard(policy, headcount, plan_of(1, 6, {.root = "source contractors"}))).empty());
  headcount.sources[model::SourceName("contractors")] = 9;  // too few to speak of a collapse
  EXPECT_TRUE(held(guard(policy, headcount, plan)).empty());
}

TEST(Guard, ASmallTargetThatIsEmptiedIsHeld) {
  const policy::PolicySet policy;
  Headcount headcount = people(5000);
  headcount.accounts[kCrm] = 20;
  EXPECT_THAT(held(guard(policy, headcount, plan_of(1, 11))), ElementsAre("removals in crm"));
  EXPECT_TRUE(held(guard(policy, headcount, plan_of(1, 10))).empty());
}

TEST(Guard, WithAScopeCountsWhatIsInIt) {
  policy::PolicySet policy;
  policy::GuardDoc keys;
  keys.name = "keys";
  keys.count_max_small = 2;
  keys.population_min = 1'000'000;
  keys.scope.entitlements = {"*-admins"};
  keys.scope.effects = {"additions"};
  policy.guards = {keys};
  const What admin{.verb = Verb::kGrant, .entitlement = "crm-admins"};
  EXPECT_THAT(held(guard(policy, people(1000), plan_of(1, 3, admin))), ElementsAre("keys: additions"));
  EXPECT_TRUE(held(guard(policy, people(1000), plan_of(1, 2, admin))).empty());
  EXPECT_TRUE(held(guard(policy, people(1000), plan_of(1, 9, {.verb = Verb::kGrant, .entitlement = "sales"}))).empty());
  EXPECT_TRUE(
      held(guard(policy, people(1000), plan_of(1, 9, {.verb = Verb::kRevoke, .entitlement = "crm-admins"}))).empty());
  // What was done before counts, in the same scope.
  std::vector<CountedChange> history;
  remember(plan_of(1, 2, admin), kNow - Duration::days(3), history);
  EXPECT_THAT(held(guard(policy, people(1000), plan_of(7, 1, admin), history)), ElementsAre("keys: additions"));
  history.clear();
  remember(plan_of(1, 2, {.verb = Verb::kGrant, .entitlement = "sales"}), kNow - Duration::days(3), history);
  EXPECT_TRUE(held(guard(policy, people(1000), plan_of(7, 1, admin), history)).empty());
}

// The most specific one that says so is the one that counts: looser for additions of a target, stricter for its keys.
TEST(Guard, InPlaceOfOthersMayBeLooser) {
  policy::PolicySet policy;
  policy::GuardDoc joiners;
  joiners.name = "joiners";
  joiners.share_percent_max = 60;
  joiners.scope.targets = {"crm"};
  joiners.scope.effects = {"additions"};
  policy.guards = {joiners};
  const What grant{.verb = Verb::kGrant, .entitlement = "sales"};
  const Plan many = plan_of(1, 400, grant);
  EXPECT_THAT(held(guard(policy, people(1000), many)), ElementsAre("additions in crm", "additions from source hr"));
  EXPECT_TRUE(replacing_guards(policy, many).empty());
  policy.guards[0].instead = true;
  EXPECT_TRUE(held(guard(policy, people(1000), many)).empty());
  ASSERT_EQ(replacing_guards(policy, many).size(), 1U);
  EXPECT_EQ(replacing_guards(policy, many)[0].guard, "joiners");
  EXPECT_FALSE(replacing_guards(policy, many)[0].held);
  EXPECT_TRUE(replacing_guards(policy, plan_of(1, 400)).empty());
  EXPECT_THAT(held(guard(policy, people(1000), plan_of(1, 601, grant))), ElementsAre("joiners: additions"));
  EXPECT_THAT(held(guard(policy, people(1000), plan_of(1, 201))),  // removals are counted as ever
              ElementsAre("removals in crm", "removals from source hr"));
  EXPECT_THAT(held(guard(policy, people(1000), plan_of(1, 201, {.verb = Verb::kGrant, .target = kLedger}))),
              ElementsAre("additions in ledger", "additions from source hr"));
  policy::GuardDoc keys;
  keys.name = "keys";
  keys.count_max_small = 2;
  keys.population_min = 1'000'000;
  keys.instead = true;
  keys.scope = joiners.scope;
  keys.scope.entitlements = {"*-admins"};
  policy.guards.push_back(keys);
  const What admin{.verb = Verb::kGrant, .entitlement = "crm-admins"};
  EXPECT_THAT(held(guard(policy, people(1000), plan_of(1, 3, admin))), ElementsAre("keys: additions"));
  std::vector<CountedChange> history;  // what was done before counts where it would count today
  remember(plan_of(1, 2, admin), kNow - Duration::days(3), history);
  EXPECT_TRUE(held(guard(policy, people(1000), plan_of(100, 600, grant), history)).empty());
}

TEST(Guard, WindowsAreThoseOfTheDocument) {
  policy::PolicySet policy;
  policy.guard.windows = {Duration::days(90)};
  EXPECT_EQ(longest_window(policy), Duration::days(90));
  std::vector<CountedChange> history;
  remember(plan_of(1, 150), kNow - Duration::days(60), history);
  EXPECT_FALSE(held(guard(policy, people(1000), plan_of(200, 60), history)).empty());
  policy.guard.windows = {Duration::days(30)};
  EXPECT_TRUE(held(guard(policy, people(1000), plan_of(200, 60), history)).empty());
}

// Whoever cuts one cause into many small plans, and carries out each one that no guard holds, stays below the limit
// within every thirty days.
RC_GTEST_PROP(GuardLaw, ManySmallPlansPassNoLimit, ()) {
  policy::PolicySet policy;
  policy.guard.share_percent_max = *rc::gen::inRange(1, 40);
  const std::int64_t population = *rc::gen::inRange(5, 300);
  const Headcount headcount = people(population);
  std::vector<CountedChange> history;
  Time now = kNow;
  int next = 1;
  for (int turn = *rc::gen::inRange(1, 40); turn > 0; --turn) {
    now = now + Duration::hours(*rc::gen::inRange(0, 72));
    const int count = *rc::gen::inRange(1, 30);
    const What what{.target = *rc::gen::arbitrary<bool>() ? kCrm : kLedger};
    const Plan plan = plan_of(next, count, what);
    if (!held(guard(policy, headcount, plan, history, now)).empty()) continue;
    remember(plan, now, history);
    next += count;
  }
  const std::int64_t limit =
      population >= policy.guard.population_min ? population * policy.guard.share_percent_max / 100 : 20;
  for (const CountedChange& end : history) {
    const auto within = std::count_if(history.begin(), history.end(), [&](const CountedChange& one) {
      return one.at <= end.at && end.at - one.at < Duration::days(30);
    });
    RC_ASSERT(within <= limit);
  }
}

}  // namespace
}  // namespace tenure::plan
