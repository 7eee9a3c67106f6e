// Who may decide what people ask for, for how long, and what stays of it in evidence.
#include <gtest/gtest.h>

#include <tenure/governance/assignment.hpp>

namespace tenure::governance {
namespace {

using model::Assignment;
using model::AssignmentState;

const Time kNow = Time::parse("2026-11-20").value();

AssignmentTerms terms(int approvals = 1) {
  return {Duration::days(90), true, true, approvals, {"security"}};
}
Person person(const std::string& id) {
  return {id, {evidence::ActorKind::kPerson, id}};
}
Deciding by(const std::string& id, std::vector<std::string> roles = {"security"}) {
  Deciding deciding;
  deciding.person = person(id);
  deciding.roles = std::move(roles);
  deciding.subject = "identity:7";
  deciding.reason = "needed";
  deciding.facts = {{"department", "Yard"}};
  deciding.case_id = "4c1a3d5e-0000-4000-8000-000000000001";
  return deciding;
}
Asking asking(Time until) {
  Asking one;
  one.what.identity = model::IdentityId(7);
  one.what.role = model::RoleName("on-call");
  one.what.reason = "holidays";
  one.what.until = until;
  one.person = person("identity:1");
  one.case_id = "4c1a3d5e-0000-4000-8000-000000000002";
  return one;
}
Assignment asked() {
  return ask(asking(kNow + Duration::days(30)), terms(), kNow)->row;
}

TEST(Assignments, AreAskedForWithReasonAndTerm) {
  const auto made = ask(asking(kNow + Duration::days(30)), terms(), kNow);
  ASSERT_TRUE(made.has_value());
  EXPECT_EQ(made->row.state, AssignmentState::kAsked);
  EXPECT_TRUE(made->row.id.starts_with("A-"));
  EXPECT_FALSE(made->row.holds_at(kNow));
  ASSERT_EQ(made->records.size(), 1U);
  EXPECT_EQ(made->records.front().type, "request.submitted");
  EXPECT_FALSE(made->records.front().facts.contains("reason"));

  EXPECT_EQ(ask(asking(kNow + Duration::days(91)), terms(), kNow).error().reason(), Reason::kAssignmentTerm);
  EXPECT_EQ(ask(asking(kNow), terms(), kNow).error().reason(), Reason::kAssignmentTerm);
  EXPECT_EQ(ask(asking(Time::never()), terms(), kNow).error().reason(), Reason::kAssignmentTerm);
  Asking silent = asking(kNow + Duration::days(1));
  silent.what.reason.clear();
  EXPECT_EQ(ask(silent, terms(), kNow).error().reason(), Reason::kAssignmentTerm);
}

TEST(Assignments, NeitherRequesterNorSubjectDecides) {
  for (const char* who : {"identity:1", "identity:7"}) {
    EXPECT_EQ(approve(asked(), by(who), terms(), kNow).error().reason(), Reason::kSelfApproval) << who;
    EXPECT_EQ(refuse(asked(), by(who), terms(), kNow).error().reason(), Reason::kSelfApproval) << who;
  }
  EXPECT_EQ(approve(asked(), by("identity:3", {"operators"}), terms(), kNow).error().reason(),
            Reason::kNotEntitledToApprove);
}

TEST(Assignments, AreApprovedByEnoughPersonsUnderTheFactsOfThatDay) {
  const auto first = approve(asked(), by("identity:3"), terms(2), kNow);
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->row.state, AssignmentState::kAsked);
  const auto again = approve(first->row, by("identity:3"), terms(2), kNow);
  EXPECT_EQ(again->row.state, AssignmentState::kAsked) << "one person counts once";
  const auto second = approve(first->row, by("identity:4"), terms(2), kNow);
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->row.state, AssignmentState::kApproved);
  EXPECT_TRUE(second->row.holds_at(kNow));
  EXPECT_FALSE(second->row.holds_at(second->row.until));
  EXPECT_EQ(second->row.facts.at("department"), json::Value("Yard"));
  ASSERT_EQ(second->records.size(), 2U);
  EXPECT_EQ(second->records.back().type, "assignment.decided");
  EXPECT_EQ(approve(second->row, by("identity:5"), terms(2), kNow).error().reason(), Reason::kAssignmentState);
}

TEST(Assignments, RenewingDecidesAgain) {
  Assignment due = approve(asked(), by("identity:3"), terms(), kNow)->row;
  due.decide_again_by = kNow + Duration::days(14);
  due.decide_again_because = "department changed";
  const Time until = kNow + Duration::days(60);
  EXPECT_EQ(renew(due, by("identity:7"), terms(), until, kNow).error().reason(), Reason::kSelfApproval);
  EXPECT_EQ(renew(due, by("identity:3"), terms(), kNow + Duration::days(91), kNow).error().reason(),
            Reason::kAssignmentTerm);
  EXPECT_EQ(renew(due, by("identity:3"), terms(), until, due.decide_again_by).error().reason(),
            Reason::kAssignmentState);
  const auto renewed = renew(due, by("identity:3"), terms(), until, kNow);
  ASSERT_TRUE(renewed.has_value());
  EXPECT_EQ(renewed->row.decide_again_by, Time::never());
  EXPECT_EQ(renewed->row.until, until);
}

TEST(Assignments, EndByAnybodyAndByThemselves) {
  const Assignment approved = approve(asked(), by("identity:3"), terms(), kNow)->row;
  const auto ended = end(approved, by("identity:7", {}), kNow);
  ASSERT_TRUE(ended.has_value());
  EXPECT_EQ(ended->records.front().type, "assignment.ended");
  EXPECT_EQ(end(asked(), by("identity:1", {}), kNow)->records.front().type, "request.cancelled");
  EXPECT_EQ(end(ended->row, by("identity:7"), kNow).error().reason(), Reason::kAssignmentState);
  Assignment due = approved;
  due.decide_again_by = kNow + Duration::days(1);
  EXPECT_EQ(moved(due, "c", kNow).records.front().type, "assignment.due");
  EXPECT_EQ(moved(ended->row, "c", kNow).records.front().type, "assignment.ended");
}

TEST(Assignments, AreReadAsTheyWereWritten) {
  Assignment one = approve(asked(), by("identity:3"), terms(), kNow)->row;
  one.decide_again_by = kNow + Duration::days(1);
  one.decide_again_because = "level changed";
  one.duties = "payments";
  const auto read = model::assignment_from_json(to_json(one));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(*read, one);
}

}  // namespace
}  // namespace tenure::governance
