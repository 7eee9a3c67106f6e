// What people decide and the engine takes in: emergency authority, waivers that end, the word of two persons.
#include <algorithm>

#include <gtest/gtest.h>

#include <tenure/engine/step.hpp>
#include <tenure/engine/waiver.hpp>

namespace tenure::engine {
namespace {

const Time kNow = Time::from_micros(1'800'000'000'000'000);
const model::TargetName kVault("vault");

// A plan that nobody approved: one revocation.
Admit unapproved(plan::Lane lane = plan::Lane::kEmergency) {
  plan::Cause cause{.kind = "break_glass", .root = "break-glass B-1", .text = "theft"};
  cause.id = plan::cause_id(cause);
  plan::Change change;
  change.id = model::ChangeId("new");
  change.verb = plan::Verb::kRevoke;
  change.kind = plan::ChangeKind::kGrant;
  change.lane = lane;
  change.target = kVault;
  change.account.id = model::NativeId("n1");
  change.entitlement = model::EntitlementId("key-7");
  change.cause = cause.id;
  change.prior_present = true;
  plan::Plan plan;
  plan.policy = Digest::of("policy");
  plan.purpose = "break-glass B-1";
  plan.causes = {cause};
  plan.changes = {change};
  plan.approvals = {{.rule = "break-glass B-1", .count = 1}};
  const auto frozen = plan::freeze(plan);
  EXPECT_TRUE(frozen) << frozen.error().to_string();
  return {.run = "run", .digest = frozen->digest, .bytes = frozen->bytes};
}

governance::Authority authority() {
  return {"B-1", "identity:7", kNow, kNow + Duration::minutes(30), {kVault}};
}

template <class T>
const T* find(const Effects& effects) {
  for (const Effect& effect : effects)
    if (const T* one = std::get_if<T>(&effect)) return one;
  return nullptr;
}

State state_of(TargetProfile profile) {
  return load({}, {std::move(profile)}, {});
}

TEST(EmergencyAuthority, StandsInForApprovalsInItsTermAndOnItsTargets) {
  Random random(1);
  const auto refused = [&](const Admit& admission, Time now) {
    State state = state_of({.name = kVault});
    return find<Refused>(step(state, admission, now, random)) != nullptr;
  };
  Admit admission = unapproved();
  EXPECT_TRUE(refused(admission, kNow)) << "without it the plan is one that nobody approved";
  admission.authority = authority();
  EXPECT_FALSE(refused(admission, kNow));
  EXPECT_FALSE(refused(admission, kNow + Duration::minutes(30) - Duration::micros(1)));
  EXPECT_TRUE(refused(admission, kNow + Duration::minutes(30)));
  admission.authority->targets = {model::TargetName("other")};
  EXPECT_TRUE(refused(admission, kNow));
}

TEST(EmergencyAuthority, IsNamedInTheEvidenceOfEveryChange) {
  Random random(1);
  State state = state_of({.name = kVault});
  Admit admission = unapproved();
  admission.authority = authority();
  admission.mode = evidence::Mode::kBreakGlass;
  const Effects effects = step(state, admission, kNow, random);
  const Commit* commit = find<Commit>(effects);
  ASSERT_NE(commit, nullptr);
  const auto planned = std::find_if(commit->records.begin(), commit->records.end(), [](const evidence::Draft& one) {
    return one.type == evidence::event::kChangePlanned;
  });
  ASSERT_NE(planned, commit->records.end());
  EXPECT_EQ(planned->mode, evidence::Mode::kBreakGlass);
  EXPECT_NE(std::find(planned->refs.begin(), planned->refs.end(), "B-1"), planned->refs.end());
}

TEST(Witnessed, EndsTheChangeByTheWordOfTwoAndSaysSo) {
  Random random(1);
  TargetProfile profile{.name = kVault, .manual = true};
  profile.work.readable = false;
  State state = state_of(profile);
  Admit admission = unapproved(plan::Lane::kRevoke);
  admission.authority = authority();
  step(state, admission, kNow, random);
  ASSERT_EQ(state.work_orders.size(), 1U);
  ASSERT_EQ(state.obligations.size(), 1U);
  const governance::WorkOrder order = state.work_orders.begin()->second;
  const governance::Person cy{"cy", {evidence::ActorKind::kPerson, "ref"}}, dee{"dee", cy.actor};
  const auto said = governance::attest(order, cy, "returned", {}, kNow);
  step(state, WorkOrderMoved{*said, {}}, kNow, random);
  EXPECT_EQ(state.changes.size(), 1U) << "asserted is not verified";
  const auto seen = governance::witness(said->row, dee, "it is in the box", kNow);
  ASSERT_TRUE(seen);
  const Effects effects = step(state, WorkOrderMoved{*seen, {}}, kNow, random);
  EXPECT_TRUE(state.changes.empty());
  EXPECT_TRUE(state.obligations.empty());
  const Commit* commit = find<Commit>(effects);
  ASSERT_NE(commit, nullptr);
  for (const evidence::Draft& record : commit->records) EXPECT_NE(record.type, evidence::event::kTargetVerified);
  const auto row = std::find_if(commit->writes.begin(), commit->writes.end(),
                                [](const RowWrite& write) { return write.table == RowTable::kObligation; });
  ASSERT_NE(row, commit->writes.end());
}

TEST(Waivers, AreOwedAgainWhenTheyEnd) {
  ObligationRow row;
  row.id = "vault/n1/revoke/key-7";
  row.account = {kVault, model::NativeId("n1")};
  row.case_id = model::CaseId("11111111-1111-4111-8111-111111111111");
  row.change = model::ChangeId("c");
  row.state = ObligationState::kWaived;
  row.waiver = "identity:7: the archive is closed";
  row.waived_until = kNow;
  const model::CaseId fresh("22222222-2222-4222-8222-222222222222");
  EXPECT_FALSE(reopen(row, fresh, kNow - Duration::micros(1)));
  const auto again = reopen(row, fresh, kNow);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->row.state, ObligationState::kOpen);
  EXPECT_EQ(again->row.case_id, fresh) << "the old case may be closed";
  EXPECT_TRUE(again->row.change.empty());
  EXPECT_EQ(again->case_row.id, fresh);
  ASSERT_EQ(again->records.size(), 2U);
  EXPECT_EQ(again->records[1].type, evidence::event::kObligationReopened);
  EXPECT_FALSE(reopen(again->row, fresh, kNow)) << "once";
}

}  // namespace
}  // namespace tenure::engine
