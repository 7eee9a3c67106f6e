// What else a person may say to a plan than yes, and what time does to a question and to a consent.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <tenure/governance/approval.hpp>

namespace tenure::governance {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Time kMade = Time::parse("2026-11-20").value();
const Digest kPlan = Digest::of("plan");
const std::vector<plan::ApprovalNeeded> kOrdinary = {{.rule = "ordinary", .count = 1, .approvers = {"operators"}}};

plan::ApprovalNeeded expiring(Duration after) {
  plan::ApprovalNeeded needed = kOrdinary.front();
  needed.expires_after = after;
  return needed;
}

Consent by(const std::string& id, const std::string& why = "looked at") {
  Consent consent;
  consent.plan = kPlan;
  consent.person = {id, {evidence::ActorKind::kPerson, "ref-" + id}};
  consent.roles = {"operators"};
  consent.requester = "ana";
  consent.beneficiaries = {"ben"};
  consent.losers = {"lea"};
  consent.comment = why;
  consent.case_id = "11111111-1111-4111-8111-111111111111";
  consent.asked_at = kMade;
  return consent;
}

Reason reason_of(const Result<Transition<Approval>>& result) {
  return result ? Reason::kInternal : result.error().reason();
}

TEST(Denial, StopsThePlanWhoeverElseAgrees) {
  const auto denied = deny(by("bo", "the wrong department"), kOrdinary, {}, kMade);
  ASSERT_TRUE(denied);
  EXPECT_EQ(denied->records.at(0).type, evidence::event::kApprovalDenied);
  const auto agreed = approve(by("dee"), kOrdinary, {denied->row}, kMade);
  ASSERT_TRUE(agreed);
  const std::vector<Approval> all = {denied->row, agreed->row};
  EXPECT_THAT(missing(kPlan, kOrdinary, all, kMade), ElementsAre("denied by bo: the wrong department"));
  EXPECT_THAT(waiting_for(kPlan, kOrdinary, all, kMade, kMade), IsEmpty());
  EXPECT_EQ(reason_of(approve(by("bo"), kOrdinary, {denied->row}, kMade)), Reason::kPlanDenied);
  EXPECT_EQ(denials(kPlan, all).size(), 1U);
  EXPECT_EQ(approval_from_json(to_json(denied->row)), denied->row);
}

TEST(Denial, NeedsAReasonAndSomebodyWhoIsAsked) {
  EXPECT_EQ(reason_of(deny(by("bo", ""), kOrdinary, {}, kMade)), Reason::kApprovalState);
  EXPECT_EQ(reason_of(deny(by("ana"), kOrdinary, {}, kMade)), Reason::kSelfApproval) << "who asked discards";
  EXPECT_EQ(reason_of(deny(by("ben"), kOrdinary, {}, kMade)), Reason::kSelfApproval);
  EXPECT_EQ(reason_of(deny(by("lea"), kOrdinary, {}, kMade)), Reason::kSelfApproval) << "nobody keeps own access so";
  Consent stranger = by("sid");
  stranger.roles.clear();
  EXPECT_EQ(reason_of(deny(stranger, kOrdinary, {}, kMade)), Reason::kNotEntitledToApprove);
}

TEST(Denial, AConsentThatWasAMistakeIsReplaced) {
  const auto agreed = approve(by("bo"), kOrdinary, {}, kMade);
  ASSERT_TRUE(agreed);
  const auto denied = deny(by("bo", "I had not seen it"), kOrdinary, {agreed->row}, kMade);
  ASSERT_TRUE(denied);
  EXPECT_EQ(row_id(denied->row), row_id(agreed->row));
}

TEST(Withdrawal, TakesBackConsentAndWhatItReleased) {
  Consent consent = by("bo");
  consent.releases = {model::CauseId("c1")};
  const auto agreed = approve(consent, kOrdinary, {}, kMade);
  ASSERT_TRUE(agreed);
  EXPECT_TRUE(satisfied(kPlan, kOrdinary, {agreed->row}, kMade));
  const auto back = withdraw(agreed->row, by("bo").person, "on second thought", consent.case_id, kMade);
  ASSERT_TRUE(back);
  EXPECT_FALSE(satisfied(kPlan, kOrdinary, {back->row}, kMade));
  EXPECT_THAT(back->row.releases, IsEmpty());
  EXPECT_EQ(back->records.at(0).type, evidence::event::kApprovalRevoked);
  EXPECT_EQ(approval_from_json(to_json(back->row)), back->row);
  EXPECT_EQ(reason_of(withdraw(back->row, by("bo").person, "again", "", kMade)), Reason::kApprovalState);
  EXPECT_EQ(reason_of(withdraw(agreed->row, by("dee").person, "for him", "", kMade)), Reason::kApprovalState);
  EXPECT_TRUE(approve(by("bo"), kOrdinary, {back->row}, kMade)) << "and may say yes again";
}

TEST(Withdrawal, OfADenialLetsThePlanGoOn) {
  const auto denied = deny(by("bo", "no"), kOrdinary, {}, kMade);
  ASSERT_TRUE(denied);
  const auto back = withdraw(denied->row, by("bo").person, "it was explained to me", "", kMade);
  ASSERT_TRUE(back);
  EXPECT_THAT(denials(kPlan, {back->row}), IsEmpty());
  EXPECT_EQ(waiting_for(kPlan, kOrdinary, {back->row}, kMade, kMade).size(), 1U);
}

TEST(Expiry, OfAQuestionThatNobodyAnswered) {
  const std::vector<plan::ApprovalNeeded> needed = {expiring(Duration::days(2))};
  const Time last = kMade + Duration::days(2) - Duration::micros(1);
  EXPECT_FALSE(lapsed(kPlan, needed, {}, kMade, last));
  EXPECT_TRUE(approve(by("bo"), needed, {}, last));
  const auto over = lapsed(kPlan, needed, {}, kMade, kMade + Duration::days(2));
  ASSERT_TRUE(over);
  EXPECT_FALSE(over->answered);
  EXPECT_EQ(reason_of(approve(by("bo"), needed, {}, kMade + Duration::days(2))), Reason::kTermOver);
  EXPECT_EQ(waiting_for(kPlan, needed, {}, kMade, kMade).at(0).due(), kMade + Duration::days(2));
}

TEST(Expiry, OfAConsentThatWasNotUsed) {
  const std::vector<plan::ApprovalNeeded> needed = {expiring(Duration::days(2))};
  const Time said = kMade + Duration::days(1);
  const auto agreed = approve(by("bo"), needed, {}, said);
  ASSERT_TRUE(agreed);
  EXPECT_FALSE(lapsed(kPlan, needed, {agreed->row}, kMade, said + Duration::days(2) - Duration::micros(1)));
  EXPECT_TRUE(satisfied(kPlan, needed, {agreed->row}, kMade + Duration::days(2)));
  EXPECT_THAT(missing(kPlan, needed, {agreed->row}, said + Duration::days(2)),
              ElementsAre(HasSubstr("lapsed at 2026-11-23")));
  EXPECT_TRUE(lapsed(kPlan, needed, {agreed->row}, kMade, said + Duration::days(2))->answered);
}

TEST(Standing, NamesRulePolicyAndLimit) {
  const std::vector<plan::ApprovalNeeded> needed = {
      {.rule = "standing:leaver", .count = 0, .text = "3 changes", .limit = "at most 50 changes of one plan"}};
  const Digest policy = Digest::of("policy");
  const auto given = standing_approvals(kPlan, policy, needed, "", kMade);
  ASSERT_EQ(given.size(), 1U);
  EXPECT_EQ(given[0].row.policy, policy);
  EXPECT_EQ(given[0].row.limit, "at most 50 changes of one plan");
  EXPECT_EQ(approval_from_json(to_json(given[0].row)), given[0].row);
}

// Whatever people say, take back, deny and say again, in whatever order: a plan counts as approved only while enough
// different persons who may stand by their consent, and nobody's denial does. Told beside by a count that knows no more
// than who said what last.
RC_GTEST_PROP(AnswerLaw, WhatCountsIsWhatEachSaidLast, ()) {
  const std::vector<std::string> people = {"p0", "p1", "p2", "p3"};
  plan::ApprovalNeeded needed{.rule = "r", .count = *rc::gen::inRange(1, 4), .approvers = {"operators"}};
  const std::vector<plan::ApprovalNeeded> all = {needed};
  std::map<std::string, Approval> rows;
  std::map<std::string, Said> last;
  for (int turn = *rc::gen::inRange(0, 20); turn > 0; --turn) {
    const std::string person = *rc::gen::elementOf(people);
    std::vector<Approval> given;
    for (const auto& [who, row] : rows) given.push_back(row);
    Result<Transition<Approval>> moved = fail(Reason::kInternal, "nothing");
    const int what = *rc::gen::inRange(0, 3);
    if (what == 0) moved = approve(by(person), all, given, kMade);
    if (what == 1) moved = deny(by(person, "no"), all, given, kMade);
    if (what == 2 && rows.contains(person)) moved = withdraw(rows.at(person), by(person).person, "back", "", kMade);
    if (!moved) continue;
    rows.insert_or_assign(person, moved->row);
    last[person] = what == 0 ? Said::kGiven : what == 1 ? Said::kDenied : Said::kWithdrawn;
  }
  std::vector<Approval> given;
  for (const auto& [who, row] : rows) given.push_back(row);
  int yes = 0, no = 0;
  for (const auto& [who, answer] : last) yes += answer == Said::kGiven, no += answer == Said::kDenied;
  RC_ASSERT(satisfied(kPlan, all, given, kMade) == (yes >= needed.count && no == 0));
}

}  // namespace
}  // namespace tenure::governance
