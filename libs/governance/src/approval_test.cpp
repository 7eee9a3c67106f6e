// Steps one after another, deputies, escalation: who may, who is asked now, and what nobody may pass.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tenure/governance/approval.hpp>

namespace tenure::governance {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const Time kMade = Time::parse("2026-11-20").value();
const Digest kPlan = Digest::of("plan");

Consent by(const std::string& id, const std::vector<std::string>& roles = {}) {
  Consent consent;
  consent.plan = kPlan;
  consent.person = {id, {evidence::ActorKind::kPerson, "ref-" + id}};
  consent.roles = roles;
  consent.requester = "ana";
  consent.beneficiaries = {"ben"};
  consent.asked_at = kMade;
  return consent;
}

// Consent of one after another; the reason of the first refusal, or none.
struct Told {
  std::vector<Approval> given;
  std::optional<Reason> refused;

  Told& consent(const Consent& consent, const std::vector<plan::ApprovalNeeded>& needed, Time now) {
    refused.reset();
    auto moved = approve(consent, needed, given, now);
    if (!moved) {
      refused = moved.error().reason();
      return *this;
    }
    std::erase_if(given, [&](const Approval& one) { return row_id(one) == row_id(moved->row); });
    given.push_back(moved->row);
    return *this;
  }
};

const std::vector<plan::ApprovalNeeded> kTwoSteps = {
    {.rule = "privileged", .count = 1, .approvers = {"security"}, .then = {{.count = 2, .approvers = {"board"}}}}};

TEST(Steps, OneAfterAnother) {
  Told told;
  EXPECT_EQ(told.consent(by("cy", {"board"}), kTwoSteps, kMade).refused, Reason::kApprovalOrder);
  EXPECT_EQ(told.consent(by("di"), kTwoSteps, kMade).refused, Reason::kNotEntitledToApprove);
  EXPECT_FALSE(told.consent(by("eve", {"security"}), kTwoSteps, kMade + Duration::hours(1)).refused);
  EXPECT_THAT(missing(kPlan, kTwoSteps, told.given, kMade), ElementsAre("privileged, step 2 of 2: 2 more of 2"));
  const auto waiting = waiting_for(kPlan, kTwoSteps, told.given, kMade, kMade + Duration::hours(2));
  ASSERT_EQ(waiting.size(), 1U);
  EXPECT_EQ(waiting[0].step, 1);
  EXPECT_EQ(waiting[0].asked_at, kMade + Duration::hours(1)) << "asked when the step before became whole";
  told.consent(by("cy", {"board"}), kTwoSteps, kMade + Duration::hours(3));
  EXPECT_THAT(missing(kPlan, kTwoSteps, told.given, kMade), ElementsAre("privileged, step 2 of 2: 1 more of 2"));
  told.consent(by("flo", {"board"}), kTwoSteps, kMade + Duration::hours(4));
  EXPECT_TRUE(satisfied(kPlan, kTwoSteps, told.given, kMade));
  for (const Approval& approval : told.given) EXPECT_EQ(*approval_from_json(to_json(approval)), approval);
}

// One pair of eyes is one pair of eyes, whatever the person may do.
TEST(Steps, NobodyIsTwoPersons) {
  const Consent both = by("cy", {"security", "board"});
  const std::vector<plan::ApprovalNeeded> needed = {
      {.rule = "privileged", .count = 1, .approvers = {"security"}, .then = {{.count = 1, .approvers = {"board"}}}}};
  Told told;
  told.consent(both, needed, kMade).consent(both, needed, kMade + Duration::hours(1));
  EXPECT_EQ(told.given.size(), 1U);
  EXPECT_FALSE(satisfied(kPlan, needed, told.given, kMade));
}

TEST(Steps, OneConsentCountsForEveryRuleThatWaitsForIt) {
  const std::vector<plan::ApprovalNeeded> needed = {kTwoSteps[0],
                                                    {.rule = "ordinary", .count = 1, .approvers = {"board"}}};
  Told told;
  told.consent(by("cy", {"board"}), needed, kMade);  // ordinary only: privileged is not there yet
  EXPECT_THAT(told.given.at(0).rules, ElementsAre("ordinary"));
  told.consent(by("eve", {"security"}), needed, kMade + Duration::hours(1));
  told.consent(by("cy", {"board"}), needed, kMade + Duration::hours(2));  // continued, not replaced
  EXPECT_THAT(told.given.back().rules, ElementsAre("ordinary", "privileged"));
  EXPECT_EQ(told.given.back().counts_for("ordinary").at, kMade);
  EXPECT_EQ(told.given.back().counts_for("privileged").step, 1);
}

const std::vector<plan::ApprovalNeeded> kByBo = {{.rule = "ordinary", .count = 1, .approvers = {"operators"}}};

Consent deputy(const std::string& id, const std::string& principal) {
  Consent consent = by(id);
  consent.deputy_for = {{principal, {"operators"}}};
  return consent;
}

TEST(Deputies, StandInForWhoMayApprove) {
  Told told;
  EXPECT_EQ(told.consent(by("cy"), kByBo, kMade).refused, Reason::kNotEntitledToApprove);
  EXPECT_FALSE(told.consent(deputy("cy", "bo"), kByBo, kMade).refused);
  EXPECT_TRUE(satisfied(kPlan, kByBo, told.given, kMade));
  EXPECT_EQ(told.given[0].counts_for("ordinary").in_place_of, "bo");
  const auto moved = approve(deputy("cy", "bo"), kByBo, {}, kMade);
  EXPECT_NE(moved->records.at(0).fields.find("in_place_of"), moved->records.at(0).fields.end());
}

// T15, from every side: the requester as a deputy, the deputy of the requester, the deputy of who receives access.
TEST(Deputies, NobodyApprovesOwnRequestsThroughOne) {
  Told told;
  EXPECT_EQ(told.consent(deputy("ana", "bo"), kByBo, kMade).refused, Reason::kSelfApproval);
  EXPECT_EQ(told.consent(deputy("cy", "ana"), kByBo, kMade).refused, Reason::kSelfApproval);
  EXPECT_EQ(told.consent(deputy("cy", "ben"), kByBo, kMade).refused, Reason::kSelfApproval);
  EXPECT_THAT(told.given, IsEmpty());
  // With another principal beside, that one is taken.
  Consent two = deputy("cy", "ana");
  two.deputy_for.push_back({"bo", {"operators"}});
  EXPECT_FALSE(told.consent(two, kByBo, kMade).refused);
  EXPECT_EQ(told.given[0].counts_for("ordinary").in_place_of, "bo");
}

TEST(Deputies, AreOneVoiceWithWhomTheyStandInFor) {
  const std::vector<plan::ApprovalNeeded> two = {{.rule = "ordinary", .count = 2, .approvers = {"operators"}}};
  Told told;
  told.consent(by("bo", {"operators"}), two, kMade);
  EXPECT_EQ(told.consent(deputy("cy", "bo"), two, kMade).refused, Reason::kNotEntitledToApprove);
  EXPECT_FALSE(satisfied(kPlan, two, told.given, kMade));
  Told other;  // and the other way round
  other.consent(deputy("cy", "bo"), two, kMade).consent(by("bo", {"operators"}), two, kMade);
  EXPECT_FALSE(satisfied(kPlan, two, other.given, kMade));
  EXPECT_TRUE(satisfied(kPlan, two, other.consent(by("dee", {"operators"}), two, kMade).given, kMade));
}

const std::vector<plan::ApprovalNeeded> kEscalating = {{.rule = "privileged",
                                                        .count = 1,
                                                        .approvers = {"security"},
                                                        .escalate_after = Duration::days(2),
                                                        .escalate_to = {"board"}}};

TEST(Escalation, WidensWhoMayApproveByTimeAlone) {
  Told told;
  const Time late = kMade + Duration::days(2);
  EXPECT_EQ(told.consent(by("cy", {"board"}), kEscalating, late - Duration::seconds(1)).refused,
            Reason::kNotEntitledToApprove);
  const auto before = waiting_for(kPlan, kEscalating, {}, kMade, late - Duration::seconds(1));
  EXPECT_FALSE(before.at(0).escalated);
  EXPECT_EQ(before.at(0).escalates_at, late);
  EXPECT_THAT(before.at(0).approvers, ElementsAre("security"));
  const auto after = waiting_for(kPlan, kEscalating, {}, kMade, late);
  EXPECT_TRUE(after.at(0).escalated);
  EXPECT_THAT(after.at(0).approvers, ElementsAre("security", "board"));
  EXPECT_FALSE(told.consent(by("cy", {"board"}), kEscalating, late).refused);
  EXPECT_TRUE(satisfied(kPlan, kEscalating, told.given, kMade));
}

TEST(Escalation, NeverReachesTheRequester) {
  Told told;
  EXPECT_EQ(told.consent(by("ana", {"board"}), kEscalating, kMade + Duration::days(9)).refused, Reason::kSelfApproval);
}

TEST(Escalation, OfALaterStepCountsFromWhenItWasAsked) {
  auto needed = kTwoSteps;
  needed[0].then[0].escalate_after = Duration::days(1);
  needed[0].then[0].escalate_to = {"owner"};
  Told told;
  const Time second = kMade + Duration::days(5);
  told.consent(by("eve", {"security"}), needed, second);
  EXPECT_EQ(waiting_for(kPlan, needed, told.given, kMade, second).at(0).escalates_at, second + Duration::days(1));
}

}  // namespace
}  // namespace tenure::governance
