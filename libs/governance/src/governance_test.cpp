// Approvals, work orders and findings: who may, what follows, what is refused.
#include <gtest/gtest.h>

#include <tenure/governance/approval.hpp>
#include <tenure/governance/finding.hpp>
#include <tenure/governance/work_order.hpp>

namespace tenure::governance {
namespace {

const Time kNow = Time::from_micros(1'800'000'000'000'000);
const Digest kPlan = Digest::of("plan");
const Digest kOther = Digest::of("another plan");

Person person(const std::string& id) {
  return {id, {evidence::ActorKind::kPerson, "ref-" + id}};
}

Consent consent(const std::string& id) {
  Consent one;
  one.plan = kPlan;
  one.person = person(id);
  one.requester = "ana";
  one.beneficiaries = {"ben"};
  return one;
}

TEST(Approval, BindsToOneDigest) {
  const std::vector<plan::ApprovalNeeded> needed = {{.rule = "privileged", .count = 2}};
  auto first = approve(consent("cy"), needed, {}, kNow);
  ASSERT_TRUE(first.has_value());
  EXPECT_FALSE(satisfied(kPlan, needed, {first->row}, kNow));
  // The same person twice is one person.
  EXPECT_FALSE(satisfied(kPlan, needed, {first->row, first->row}, kNow));
  auto second = approve(consent("di"), needed, {}, kNow);
  EXPECT_TRUE(satisfied(kPlan, needed, {first->row, second->row}, kNow));
  EXPECT_FALSE(satisfied(kOther, needed, {first->row, second->row}, kNow));
  EXPECT_EQ(*approval_from_json(to_json(first->row)), first->row);
}

TEST(Approval, NobodyApprovesOwnRequestsOrOwnAccess) {
  const std::vector<plan::ApprovalNeeded> needed = {{.rule = "privileged", .count = 1}};
  EXPECT_EQ(approve(consent("ana"), needed, {}, kNow).error().reason(), Reason::kSelfApproval);
  EXPECT_EQ(approve(consent("ben"), needed, {}, kNow).error().reason(), Reason::kSelfApproval);
}

TEST(Approval, OnlyThoseWhoAreNamed) {
  const std::vector<plan::ApprovalNeeded> needed = {
      {.rule = "privileged", .count = 1, .approvers = {"security", "cy"}}};
  EXPECT_TRUE(approve(consent("cy"), needed, {}, kNow).has_value());
  EXPECT_EQ(approve(consent("di"), needed, {}, kNow).error().reason(), Reason::kNotEntitledToApprove);
  Consent by_role = consent("di");
  by_role.roles = {"security"};
  EXPECT_TRUE(approve(by_role, needed, {}, kNow).has_value());
}

TEST(Approval, StandingApprovalIsARecordToo) {
  const std::vector<plan::ApprovalNeeded> needed = {{.rule = "standing:leaver", .count = 0}};
  EXPECT_FALSE(satisfied(kPlan, needed, {}, kNow));
  auto given = standing_approvals(kPlan, Digest::of("policy"), needed, "case", kNow);
  ASSERT_EQ(given.size(), 1U);
  EXPECT_EQ(given[0].records.size(), 1U);
  EXPECT_TRUE(satisfied(kPlan, needed, {given[0].row}, kNow));
}

plan::Change change() {
  plan::Change one;
  one.id = model::ChangeId("0123456789abcdef");
  one.verb = plan::Verb::kRevoke;
  one.target = model::TargetName("mainframe");
  one.account.id = model::NativeId("MFJONES");
  one.account.name = "mfjones";
  one.entitlement = model::EntitlementId("PAY.DATA");
  one.parameters = "{\"access\":\"READ\"}";
  one.attributes = {{"name", "M. F. Jones"}};
  return one;
}

TEST(WorkOrder, StepsAreRenderedFromTheTargetsWords) {
  WorkTemplates words;
  words.steps["revoke"] = {"PERMIT '{entitlement}' ID({account}) DELETE", "{unknown} {access} {name} {id} {"};
  const auto issued = issue(change(), "run", model::CaseId("case"), words, kNow);
  EXPECT_EQ(issued.row.steps[0], "PERMIT 'PAY.DATA' ID(mfjones) DELETE");
  EXPECT_EQ(issued.row.steps[1], "{unknown} READ M. F. Jones MFJONES {");
  EXPECT_EQ(issued.row.deadline, kNow + Duration::hours(24));
  EXPECT_EQ(*work_order_from_json(to_json(issued.row)), issued.row);
}

TEST(WorkOrder, AssertedIsNotVerified) {
  const WorkOrder open = issue(change(), "run", model::CaseId("case"), {}, kNow).row;
  const WorkOrder claimed = claim(open, person("cy"), kNow)->row;
  const Time said = kNow + Duration::hours(1);
  const WorkOrder attested = attest(claimed, person("cy"), "done", Digest::of("screenshot"), said)->row;
  EXPECT_EQ(attested.state, WorkOrderState::kAttested);
  EXPECT_FALSE(attest(attested, person("cy"), "done", {}, said).has_value());
  // An export from before contradicts nothing; a later one does.
  EXPECT_EQ(observe(attested, false, kNow, said).row.state, WorkOrderState::kAttested);
  const auto returned = observe(attested, false, said + Duration::hours(1), said + Duration::hours(2));
  EXPECT_EQ(returned.row.state, WorkOrderState::kReturned);
  EXPECT_EQ(returned.row.returned, 1);
  EXPECT_EQ(returned.records.size(), 1U);
  EXPECT_EQ(observe(returned.row, true, said, said).row.state, WorkOrderState::kVerified);
}

TEST(WorkOrder, DeadlinesAddPeopleAndEndNothing) {
  const WorkOrder open = issue(change(), "run", model::CaseId("case"), {}, kNow).row;
  EXPECT_TRUE(escalate(open, kNow).records.empty());
  const auto late = escalate(open, open.deadline);
  EXPECT_EQ(late.row.escalated, 1);
  EXPECT_TRUE(late.row.open());
  EXPECT_GT(late.row.deadline, open.deadline);
}

model::Finding finding(model::FindingKind kind) {
  model::Finding one;
  one.kind = kind;
  one.account = {model::TargetName("directory"), model::NativeId("n1")};
  one.entitlement = model::EntitlementId("admins");
  one.id = model::finding_id(kind, one.account, one.entitlement, "", {});
  return open_finding(one, "case", kNow).row;
}

AnswerRequest request() {
  AnswerRequest one;
  one.person = person("cy");
  one.reason = "needed for the audit";
  one.case_id = "case";
  return one;
}

TEST(Finding, AnswersExplainAccessForATerm) {
  const auto drift = finding(model::FindingKind::kDriftAdded);
  auto adopted = adopt(drift, request(), kNow);
  ASSERT_TRUE(adopted.has_value());
  EXPECT_EQ(adopted->decision->kind, model::DecisionKind::kAdopted);
  EXPECT_EQ(adopted->finding.state, model::FindingState::kAnswered);
  EXPECT_FALSE(accept(drift, request(), kNow).has_value()) << "accepting needs a date";
  AnswerRequest dated = request();
  dated.until = kNow + Duration::days(7);
  EXPECT_EQ(accept(drift, dated, kNow)->decision->until, dated.until);
  EXPECT_EQ(adopt(finding(model::FindingKind::kOrphan), request(), kNow).error().reason(), Reason::kFindingState);
  AnswerRequest silent = request();
  silent.reason.clear();
  EXPECT_FALSE(adopt(drift, silent, kNow).has_value());
  EXPECT_FALSE(adopt(close_finding(drift, "gone", "case", kNow).row, request(), kNow).has_value());
}

TEST(Finding, ADeclarationNeedsASecondPerson) {
  const auto drift = finding(model::FindingKind::kDriftAdded);
  Declaration declaration{.request = request(), .done_by = "di", .done_at = kNow - Duration::hours(1)};
  EXPECT_EQ(declare(drift, declaration, kNow).error().reason(), Reason::kFindingState);
  for (const char* self : {"cy", "di"}) {
    declaration.second_person = self;
    EXPECT_EQ(declare(drift, declaration, kNow).error().reason(), Reason::kSelfWitness);
  }
  declaration.second_person = "eve";
  auto declared = declare(drift, declaration, kNow);
  ASSERT_TRUE(declared.has_value());
  EXPECT_EQ(declared->decision->second_person, "eve");
  EXPECT_EQ(declared->decision->since, declaration.done_at);
}

TEST(Finding, SeenAgainIsOneFinding) {
  const auto open = finding(model::FindingKind::kDriftAdded);
  EXPECT_TRUE(refresh(open, open, "case", kNow + Duration::hours(1)).records.empty());
  const auto closed = close_finding(open, "gone", "case", kNow);
  EXPECT_EQ(closed.records.size(), 1U);
  const auto again = refresh(closed.row, open, "case", kNow + Duration::hours(1));
  EXPECT_EQ(again.row.state, model::FindingState::kOpen);
  EXPECT_EQ(again.row.opened_at, kNow + Duration::hours(1));
}

}  // namespace
}  // namespace tenure::governance
