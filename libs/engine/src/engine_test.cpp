// Single steps, by hand. What holds over many steps, faults and crashes is the simulator's (tests/simulation).
#include <gtest/gtest.h>

#include <tenure/engine/step.hpp>
#include <tenure/plan/plan.hpp>

#include "judge.hpp"

namespace tenure::engine {
namespace {

const Time kBegin = Time::from_micros(1'800'000'000'000'000);
const model::TargetName kTarget("directory");

plan::Cause cause() {
  plan::Cause one{.kind = "source_row", .root = "source hr", .text = "status = left"};
  one.id = plan::cause_id(one);
  return one;
}

plan::Change change(plan::Verb verb, const std::string& account, const std::string& entitlement = "") {
  plan::Change one;
  one.verb = verb;
  one.kind = entitlement.empty() ? plan::ChangeKind::kAccount : plan::ChangeKind::kGrant;
  one.target = kTarget;
  one.account.id = model::NativeId(account);
  one.account_class = "people";
  one.entitlement = model::EntitlementId(entitlement);
  one.cause = cause().id;
  const bool takes = verb == plan::Verb::kRevoke || verb == plan::Verb::kDisable || verb == plan::Verb::kDelete;
  one.lane = takes ? plan::Lane::kRevoke : plan::Lane::kGrant;
  one.prior_present = takes;
  return one;
}

Admit admission(std::vector<plan::Change> changes, const std::string& purpose = "reconcile") {
  plan::Plan plan;
  plan.policy = Digest::of("policy");
  plan.purpose = purpose;
  plan.causes = {cause()};
  plan.changes = std::move(changes);
  int number = 0;
  for (plan::Change& one : plan.changes) one.id = model::ChangeId("new-" + std::to_string(number++));
  const auto frozen = plan::freeze(plan);
  EXPECT_TRUE(frozen.has_value()) << frozen.error().to_string();
  return {.run = "run", .digest = frozen->digest, .bytes = frozen->bytes};
}

template <class T>
const T* find(const Effects& effects) {
  for (const Effect& effect : effects)
    if (const T* one = std::get_if<T>(&effect)) return one;
  return nullptr;
}

Reading present(bool enabled, std::vector<std::string> entitlements = {}) {
  Reading reading{.kind = Reading::Kind::kPresent};
  reading.image.account.id = model::NativeId("n1");
  reading.image.account.enabled = enabled;
  for (const std::string& one : entitlements)
    reading.image.grants.push_back({{reading.image.account.id, {}}, model::EntitlementId(one), ""});
  return reading;
}

class StepTest : public testing::Test {
 protected:
  StepTest() {
    TargetProfile profile{.name = kTarget};
    state_ = load({}, {profile}, {});
  }
  Effects step(const Input& input) { return engine::step(state_, input, now_, random_); }
  // The commit in these effects becomes durable.
  Effects commit(const Effects& effects) {
    const Commit* one = find<Commit>(effects);
    EXPECT_NE(one, nullptr);
    return one == nullptr ? Effects{} : step(CommitDone{one->ticket, CommitResult::kOk});
  }
  ChangeState only_state() const { return state_.changes.begin()->second.row.state; }

  Time now_ = kBegin;
  Random random_{1};
  State state_;
};

TEST_F(StepTest, IntentIsDurableBeforeAnythingIsSent) {
  Effects effects = step(admission({change(plan::Verb::kRevoke, "n1", "sales")}));
  const Read* prior = find<Read>(effects);
  ASSERT_NE(prior, nullptr);
  EXPECT_EQ(find<Send>(effects), nullptr);
  commit(effects);
  effects = step(ReadDone{.serial = prior->serial, .reading = present(true, {"sales"})});
  EXPECT_EQ(find<Send>(effects), nullptr) << "T1";
  EXPECT_EQ(only_state(), ChangeState::kExecuting);
  effects = commit(effects);
  const Send* send = find<Send>(effects);
  ASSERT_NE(send, nullptr);
  effects = step(SendDone{.serial = send->serial, .outcome = AttemptOutcome::kApplied});
  EXPECT_EQ(only_state(), ChangeState::kVerifying) << "asserted is not verified";
  const Read* verify = find<Read>(effects);
  ASSERT_NE(verify, nullptr);
  step(ReadDone{.serial = verify->serial, .reading = present(true)});
  EXPECT_TRUE(state_.changes.empty());
  EXPECT_TRUE(state_.obligations.empty());
}

TEST_F(StepTest, AFailedCommitSendsNothing) {
  Effects effects = step(admission({change(plan::Verb::kRevoke, "n1", "sales")}));
  const Read* prior = find<Read>(effects);
  commit(effects);
  effects = step(ReadDone{.serial = prior->serial, .reading = present(true, {"sales"})});
  effects = step(CommitDone{find<Commit>(effects)->ticket, CommitResult::kUnknown});
  EXPECT_NE(find<Reload>(effects), nullptr);
  EXPECT_EQ(find<Send>(effects), nullptr);
  EXPECT_TRUE(step(Tick{}).empty()) << "nothing moves until the state is loaded again";
}

TEST_F(StepTest, WhatWasExecutingIsUnknownAfterARestart) {
  Effects effects = step(admission({change(plan::Verb::kGrant, "n1", "sales")}));
  const Read* prior = find<Read>(effects);
  step(ReadDone{.serial = prior->serial, .reading = present(true)});
  Rows rows;
  for (const auto& [id, open] : state_.changes) rows.changes.push_back(*change_row_from_json(to_json(open.row)));
  for (const auto& [id, row] : state_.cases) rows.cases.push_back(*case_row_from_json(to_json(row)));
  for (const auto& [id, row] : state_.runs) rows.runs.push_back(*run_row_from_json(to_json(row)));
  ASSERT_EQ(rows.changes.at(0).state, ChangeState::kExecuting);
  state_ = load(rows, {TargetProfile{.name = kTarget}}, {}, 1000);
  EXPECT_EQ(only_state(), ChangeState::kUnknown);
  effects = step(Tick{});
  ASSERT_NE(find<Commit>(effects), nullptr);
  EXPECT_EQ(find<Commit>(effects)->records.front().outcome, evidence::Outcome::kUnknown);
  const Read* read_back = find<Read>(effects);
  ASSERT_NE(read_back, nullptr);
  EXPECT_EQ(read_back->why, "read_back");
  // Not there yet: it may still land, so nothing is sent again before it cannot.
  effects = step(ReadDone{.serial = read_back->serial, .reading = present(true)});
  EXPECT_EQ(only_state(), ChangeState::kUnknown);
  EXPECT_EQ(find<Commit>(effects), nullptr);
}

TEST_F(StepTest, ARevocationOvertakesAGrantAndLooksTwice) {
  Effects effects = step(admission({change(plan::Verb::kGrant, "n1", "sales")}));
  effects = step(ReadDone{.serial = find<Read>(effects)->serial, .reading = present(true)});
  effects = commit(effects);
  ASSERT_NE(find<Send>(effects), nullptr);  // and no answer comes
  effects = step(admission({change(plan::Verb::kRevoke, "n1", "sales")}, "change of mind"));
  const Read* prior = find<Read>(effects);
  ASSERT_NE(prior, nullptr) << "it does not wait for the grant";
  effects = step(ReadDone{.serial = prior->serial, .reading = present(true)});
  EXPECT_EQ(state_.obligations.size(), 1U) << "already so, but the grant may still land";
  const Arm* arm = find<Arm>(effects);
  ASSERT_NE(arm, nullptr);
  EXPECT_EQ(arm->at, kBegin + Duration::seconds(90));
  now_ = arm->at;
  effects = step(Tick{});
  const Read* second = find<Read>(effects);
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(second->why, "second_look");
  step(ReadDone{.serial = second->serial, .reading = present(true)});
  EXPECT_TRUE(state_.obligations.empty());
}

TEST_F(StepTest, ADeadTargetDoesNotEndARevocation) {
  Effects effects = step(admission({change(plan::Verb::kDisable, "n1")}));
  Time last = now_;
  for (int reads = 0; reads < 100;) {
    const Read* read = find<Read>(effects);
    if (read == nullptr) {
      ASSERT_NE(state_.armed, Time::never()) << "nothing would ever wake it";
      now_ = state_.armed;
      effects = step(Tick{});
      continue;
    }
    ++reads;
    EXPECT_LE(now_ - last, Duration::minutes(5)) << "the longest pause between attempts";
    last = now_;
    Reading nothing;
    nothing.error = Error(Reason::kTargetUnreachable, "nobody listens");
    effects = step(ReadDone{.serial = read->serial, .reading = nothing});
  }
  EXPECT_EQ(state_.changes.size(), 1U);
  EXPECT_EQ(state_.obligations.size(), 1U);
}

TEST(Judge, UnknownIsNotNone) {
  Reading nothing;
  nothing.error = Error(Reason::kTargetTimeout, "no answer");
  for (const auto verb : {plan::Verb::kRevoke, plan::Verb::kDelete, plan::Verb::kDisable})
    EXPECT_EQ(judge(change(verb, "n1", "e"), nothing, true), Verdict::kNoAnswer);
}

TEST(Judge, AReadingProvesOnlyWhatItCovered) {
  model::Observation observation;
  observation.target = kTarget;
  observation.coverage = {.complete = false, .unknown = {"people"}};
  const auto revoke = change(plan::Verb::kRevoke, "n1", "e");
  EXPECT_EQ(reading_from(observation, revoke, revoke.account.id).kind, Reading::Kind::kError);
  observation.coverage = {.complete = true};
  EXPECT_EQ(reading_from(observation, revoke, revoke.account.id).kind, Reading::Kind::kAbsent);
}

TEST(Judge, PriorValuesAreCompared) {
  auto update = change(plan::Verb::kUpdate, "n1");
  update.attributes = {{"number", 3}};
  update.prior = {{"number", "2"}};
  Reading reading = present(true);
  reading.image.account.attributes = {{"number", "2"}};
  EXPECT_EQ(judge(update, reading, false), Verdict::kPrior);
  reading.image.account.attributes = {{"number", "3"}};
  EXPECT_EQ(judge(update, reading, false), Verdict::kGoal) << "3 and \"3\" are the same text";
  reading.image.account.attributes = {{"number", "7"}};
  EXPECT_EQ(judge(update, reading, false), Verdict::kOther);
  // Whoever is there before our first attempt is not ours to take.
  EXPECT_EQ(judge(change(plan::Verb::kCreate, "n1"), present(true), false), Verdict::kOther);
  EXPECT_EQ(judge(change(plan::Verb::kCreate, "n1"), present(true), true), Verdict::kGoal);
}

TEST(Rows, ObligationsReadBack) {
  ObligationRow row{.id = "directory/n1/revoke/e", .account = {kTarget, model::NativeId("n1")}};
  row.required = {"configuration"};
  row.proofs["configuration"] = {.status = "proven", .at = kBegin, .method = "read-back"};
  row.effective_at = kBegin;
  EXPECT_EQ(*obligation_row_from_json(to_json(row)), row);
}

}  // namespace
}  // namespace tenure::engine
