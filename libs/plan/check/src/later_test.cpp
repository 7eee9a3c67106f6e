// What stays for a declared time although nothing gives it any more: later steps of the lifecycle, overlaps of movers.
// When somebody comes back meanwhile, nothing is left to happen.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tenure/plan/testing/small_world.hpp>
#include <tenure/plan_check/testing/input_from.hpp>
#include <tenure/policy/testing/repository.hpp>

namespace tenure::plan_check {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const policy::PolicySet& yard() {
  static const policy::PolicySet policy =
      policy::testing::load_repository(std::string(TENURE_SOURCE_DIR) + "/examples/shipyard");
  return policy;
}

// Somebody of sales with everything that sales has.
plan::World sales() {
  return plan::testing::read_world(R"({
    "now": "2026-11-01T00:00:00Z", "policy_since": "2026-01-01T00:00:00Z",
    "identities": [{"id": 1, "key": "P1", "facts": {"person_id": "P1", "department": "Sales", "level": 2, "projects": []},
                    "engagements": [{"key": "P1"}]}],
    "targets": [{"name": "directory", "managed": "2026-02-01T00:00:00Z",
                 "accounts": [{"id": "u1", "name": "P1", "grants": ["sales", "crm"],
                               "attributes": {"employeeNumber": "P1"}}], "nested": {}},
                {"name": "ledger", "managed": "2026-02-01T00:00:00Z", "accounts": []}],
    "claims": {"directory/u1": 1},
    "granted": {"directory/u1": ["account", "sales by sales-rep", "crm by sales-rep > crm-user"]}})");
}

model::Identity& somebody(plan::World& world) {
  return world.identities.at(model::IdentityId(1));
}

void leave(plan::World& world, const std::string& status = "terminated") {
  somebody(world).engagements[0].status = status;
  somebody(world).engagements[0].end = status == "terminated" ? world.now : Time::never();
}

void come_back(plan::World& world) {
  somebody(world).engagements[0] = {model::SourceName("hr"), "P1", Time::from_micros(1), Time::never(), "active"};
}

void move_to(plan::World& world, const std::string& department) {
  auto& fact = somebody(world).facts.at("department");
  fact.value = department;
  fact.known_at = world.now;
}

std::string shown(const std::vector<Fault>& faults) {
  std::string text;
  for (const Fault& fault : faults) text += fault.kind + " " + fault.change + ": " + fault.text + "\n";
  return text;
}

std::vector<std::string> done(const plan::PlanResult& result) {
  std::vector<std::string> out;
  for (const plan::Change& change : result.plan.changes)
    out.push_back(std::string(plan::name_of(change.verb)) +
                  (change.entitlement.empty() ? "" : " " + change.entitlement.str()));
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<std::string> stays(const plan::PlanResult& result) {
  std::vector<std::string> out;
  for (const plan::Later& later : result.plan.later)
    out.push_back(later.entitlement.str() + (later.until == Time::never() ? " for " + later.after.to_string()
                                                                          : " until " + later.until.to_date()));
  return out;
}

// Plans, is checked, is the same by row, and happens.
plan::PlanResult live_on(plan::World& world, Duration time) {
  world.now = world.now + time;
  world.in_flight.clear();
  plan::PlanResult result = plan::make_plan(yard(), world, {}).value();
  EXPECT_EQ(shown(check(testing::input_from(yard(), world, result.frozen, {}))), "");
  EXPECT_EQ(plan::make_plan_by_row(yard(), world, {})->frozen.bytes, result.frozen.bytes);
  EXPECT_EQ(plan::thaw(result.frozen.bytes)->later, result.plan.later);
  plan::testing::apply(yard(), result, world);
  return result;
}

const Duration kDay = Duration::days(1), kNow;

TEST(Steps, OfLeavingFollowOneAnother) {
  plan::World world = sales();
  EXPECT_THAT(done(live_on(world, kNow)), IsEmpty());
  leave(world);
  auto first = live_on(world, kNow);
  EXPECT_THAT(done(first), ElementsAre("disable", "revoke sales"));
  EXPECT_THAT(stays(first), ElementsAre("crm for 7d"));
  auto second = live_on(world, kDay);
  EXPECT_THAT(done(second), IsEmpty());
  EXPECT_THAT(stays(second), ElementsAre("crm until 2026-11-08"));
  EXPECT_EQ(second.next_due, Time::parse("2026-11-08").value());
  EXPECT_THAT(done(live_on(world, kDay)), IsEmpty());
  auto third = live_on(world, Duration::days(5));
  EXPECT_THAT(done(third), ElementsAre("revoke crm"));
  EXPECT_EQ(third.plan.changes[0].reason.rule, "lifecycle left");
  EXPECT_EQ(live_on(world, kDay).next_due, Time::parse("2026-12-01").value());
  EXPECT_THAT(done(live_on(world, Duration::days(22))), ElementsAre("delete"));
  const auto last = live_on(world, Duration::days(400));
  EXPECT_THAT(done(last), IsEmpty());
  EXPECT_EQ(last.next_due, Time::never());
}

TEST(Steps, StopWhenSomebodyComesBackAndReviveNothing) {
  plan::World world = sales();
  leave(world);
  live_on(world, kNow);
  come_back(world);
  auto back = live_on(world, kDay * 3);
  EXPECT_THAT(done(back), ElementsAre("enable", "grant sales"));  // by the rule of today
  EXPECT_THAT(stays(back), IsEmpty());
  EXPECT_THAT(done(live_on(world, kDay * 60)), IsEmpty()) << "neither revoked nor deleted";
  // Another end counts anew.
  leave(world);
  live_on(world, kNow);
  EXPECT_THAT(done(live_on(world, kDay * 6)), IsEmpty());
  EXPECT_THAT(done(live_on(world, kDay)), ElementsAre("revoke crm"));
  // What a step took is not given back by coming back to something else.
  come_back(world);
  move_to(world, "Other");
  EXPECT_THAT(done(live_on(world, kDay)), IsEmpty());
}

TEST(Steps, WhatStayedGoesAtOnceWhenNothingGivesItToWhoComesBack) {
  plan::World world = sales();
  leave(world);
  live_on(world, kNow);
  come_back(world);
  move_to(world, "Yard");
  const auto back = live_on(world, kDay * 30);  // the overlap of movers is over, too
  EXPECT_THAT(done(back), ::testing::Contains("revoke crm"));
}

TEST(Steps, OfALeaveOfAbsence) {
  plan::World world = sales();
  leave(world, "leave");
  auto away = live_on(world, kNow);
  EXPECT_THAT(done(away), ElementsAre("disable"));
  EXPECT_THAT(stays(away), ElementsAre("crm for 14d", "sales for 14d"));
  plan::World returns = world;
  come_back(returns);
  EXPECT_THAT(done(live_on(returns, kDay * 10)), ElementsAre("enable"));
  EXPECT_THAT(done(live_on(world, kDay * 14)), ElementsAre("revoke crm", "revoke sales"));
  EXPECT_THAT(done(live_on(world, kDay * 400)), IsEmpty()) << "nobody on leave loses the account";
}

TEST(Overlap, IsWithdrawnWhenSomebodyComesBack) {
  plan::World world = sales();
  move_to(world, "Yard");
  auto moved = live_on(world, kNow);
  EXPECT_THAT(done(moved), IsEmpty()) << "what the yard gives waits for what sales gave";
  EXPECT_THAT(stays(moved), ElementsAre("crm until 2026-11-15", "sales until 2026-11-15"));
  plan::World back = world;
  move_to(back, "Sales");
  EXPECT_THAT(done(live_on(back, kDay * 3)), IsEmpty());
  EXPECT_THAT(done(live_on(back, kDay * 30)), IsEmpty()) << "nothing was left to happen";
  EXPECT_THAT(done(live_on(world, kDay * 14)), ElementsAre("grant yards", "revoke crm", "revoke sales"));
}

// The checker bounds what stays by what the policy declares.
TEST(Later, IsCheckedLikeEverythingElse) {
  plan::World world = sales();
  leave(world);
  live_on(world, kNow);
  const auto result = plan::make_plan(yard(), world, {}).value();
  ASSERT_EQ(result.plan.later.size(), 1U);
  const auto faults = [&](void (*edit)(plan::Plan&)) {
    plan::Plan plan = result.plan;
    edit(plan);
    return check(testing::input_from(yard(), world, plan::freeze(plan).value(), {}));
  };
  EXPECT_THAT(faults([](plan::Plan&) {}), IsEmpty());
  const std::vector<void (*)(plan::Plan&)> edits = {
      [](plan::Plan& plan) { plan.later.clear(); },
      [](plan::Plan& plan) { plan.later[0].until = plan.later[0].until + kDay; },
      [](plan::Plan& plan) { plan.later[0].until = Time::never(); },  // and nothing is disabled in this plan
      [](plan::Plan& plan) { plan.later[0].rule = "lifecycle suspended"; },
      [](plan::Plan& plan) { plan.later[0].rule = "role sales-rep > crm-user"; },
      [](plan::Plan& plan) { plan.later[0].entitlement = model::EntitlementId("sales"); }};
  for (std::size_t i = 0; i < edits.size(); ++i) {
    const auto found = faults(edits[i]);
    ASSERT_EQ(found.size(), 1U) << i;
    EXPECT_EQ(found[0].kind, "revocation");
  }
}

TEST(Owners, WhoAnswersForAServiceAndLeftIsAFinding) {
  plan::World world = sales();
  model::Identity service;
  service.id = model::IdentityId(2);
  service.key = "backup";
  service.kind = model::IdentityKind::kService;
  service.engagements = {{model::SourceName("hr"), "S1", Time::from_micros(1), Time::never(), "active"}};
  service.records = {{model::SourceName("hr"), "S1"}};
  service.relations = {{"owner", model::IdentityId(1), model::SourceName("hr")}};
  world.identities[service.id] = service;
  EXPECT_THAT(live_on(world, kNow).findings, IsEmpty());
  leave(world);
  const auto left = live_on(world, kNow);
  ASSERT_EQ(left.findings.size(), 1U);
  EXPECT_EQ(left.findings[0].kind, model::FindingKind::kUnowned);
  EXPECT_EQ(left.findings[0].deadline, world.now + Duration::days(14));
  EXPECT_NE(left.findings[0].summary.find("P1, who answered for it, is left"), std::string::npos);
  for (const auto& change : left.plan.changes) EXPECT_NE(change.identity, service.id);
  const auto later = live_on(world, kDay * 90);
  for (const auto& change : later.plan.changes) EXPECT_NE(change.identity, service.id) << "never a silent removal";
  come_back(world);
  const auto back = live_on(world, kNow);
  EXPECT_EQ(back.findings_to_close.size(), 1U);
}

}  // namespace
}  // namespace tenure::plan_check
