// Which changes only one of two plans makes, and which both make in another way.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tenure/plan/compare.hpp>

namespace tenure::plan {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Change on(Verb verb, const std::string& account, std::int64_t identity) {
  Change change;
  change.verb = verb;
  change.kind = kind_of(verb);
  change.target = model::TargetName("directory");
  change.account.id = model::NativeId(account);
  change.account.name = account;
  change.identity = model::IdentityId(identity);
  change.account_class = "people";
  change.reason = {"role sales", "department = Sales", {{"department", "Sales"}}, ""};
  return change;
}

Change grant(const std::string& account, std::int64_t identity, const std::string& right,
             const std::string& parameters = "") {
  Change change = on(Verb::kGrant, account, identity);
  change.entitlement = model::EntitlementId(right);
  change.parameters = parameters;
  return change;
}

Plan plan_of(std::vector<Change> changes) {
  Plan plan;
  plan.policy = Digest::of("policy");
  plan.purpose = "reconcile";
  Cause cause{{}, "policy", "policy", "policy x on directory", {}};
  cause.id = cause_id(cause);
  plan.causes = {cause};
  int number = 0;
  for (Change& change : changes) {
    if (change.id.empty()) change.id = model::ChangeId("#" + std::to_string(number++));
    change.cause = cause.id;
    plan.changes.push_back(std::move(change));
  }
  const auto frozen = freeze(plan);
  EXPECT_TRUE(frozen.has_value()) << frozen.error().to_string();
  return plan;
}

std::vector<std::string> rights(const std::vector<const Change*>& changes) {
  std::vector<std::string> out;
  for (const Change* change : changes) out.push_back(change->account.name + " " + change->entitlement.str());
  return out;
}

TEST(Compare, APlanIsTheSameAsItself) {
  const Plan plan = plan_of({grant("a", 1, "sales"), grant("b", 2, "sales")});
  const Comparison same = compare(plan, plan);
  EXPECT_EQ(same.differences(), 0);
  EXPECT_EQ(same.same, 2);
}

TEST(Compare, WhatOnlyOneOfThemDoes) {
  const Plan a = plan_of({grant("a", 1, "sales"), grant("b", 2, "sales")});
  const Plan b = plan_of({grant("b", 2, "sales"), grant("c", 3, "crm")});
  const Comparison found = compare(a, b);
  EXPECT_THAT(rights(found.only_a), ElementsAre("a sales"));
  EXPECT_THAT(rights(found.only_b), ElementsAre("c crm"));
  EXPECT_EQ(found.same, 1);
  EXPECT_THAT(found.differ, IsEmpty());
}

TEST(Compare, TheSameChangeForAnotherReasonOrFromAnotherPriorValue) {
  Change update = on(Verb::kUpdate, "a", 1);
  update.attributes = {{"title", "Lead"}};
  update.prior = {{"title", "Rep"}};
  Change other = update;
  other.prior = {{"title", "Intern"}};
  Change because = grant("b", 2, "sales");
  because.reason.facts = {{"department", "Retail"}};
  const Plan a = plan_of({update, grant("b", 2, "sales")}), b = plan_of({other, because});
  const Comparison found = compare(a, b);
  ASSERT_EQ(found.differ.size(), 2U);
  std::vector<std::string> members;
  for (const Both& both : found.differ) members.push_back(both.differs.at(0));
  EXPECT_THAT(members, ::testing::UnorderedElementsAre("prior", "reason"));
  EXPECT_EQ(found.differences(), 2);
}

TEST(Compare, OtherParametersOfOneRightAreADifferenceAndTwoRightsAreTwo) {
  const std::string read = R"({"access":"READ"})", update = R"({"access":"UPDATE"})";
  const Plan a = plan_of({grant("a", 1, "PAY", read)}), b = plan_of({grant("a", 1, "PAY", update)});
  const Comparison found = compare(a, b);
  ASSERT_EQ(found.differ.size(), 1U);
  EXPECT_THAT(found.differ[0].differs, ElementsAre("parameters"));
  const Plan both = plan_of({grant("a", 1, "PAY", read), grant("a", 1, "PAY", update)});
  EXPECT_EQ(compare(a, both).same, 1);
  EXPECT_EQ(compare(a, both).only_b.size(), 1U);
}

// Ids are digests of content: what a change needs is compared by what it is, so one difference is not shown twice.
TEST(Compare, ADifferenceInWhatIsNeededIsShownWhereItIs) {
  const auto with = [](const std::string& rule) {
    Change create = on(Verb::kCreate, "", 1);
    create.id = model::ChangeId("create");
    create.account = {{}, {}, "abe"};
    create.reason.rule = rule;
    Change give = grant("", 1, "sales");
    give.id = model::ChangeId("give");
    give.account = {{}, model::ChangeId("create"), "abe"};
    give.needs = {model::ChangeId("create")};
    return plan_of({create, give});
  };
  const Plan a = with("role sales"), b = with("role staff");
  const Comparison found = compare(a, b);
  ASSERT_EQ(found.differ.size(), 1U);
  EXPECT_EQ(found.differ[0].a->verb, Verb::kCreate);
  EXPECT_EQ(found.same, 1);
}

TEST(Compare, GuardsApprovalsUnknownsAndPolicyCountToo) {
  Plan a = plan_of({grant("a", 1, "sales")}), b = a;
  b.policy = Digest::of("another");
  b.guards = {{"removals in directory", true, "31 of 40 accounts", {}}};
  b.approvals = {{"privileged", 2, {"iam"}, "1 change"}};
  a.unknowns = {{model::TargetName("crm"), "accounts", "does not answer", 3}};
  const Comparison found = compare(a, b);
  EXPECT_TRUE(found.policies_differ);
  EXPECT_THAT(found.beside_only_a, ElementsAre("unknown crm accounts: does not answer, 3 withheld"));
  EXPECT_THAT(found.beside_only_b,
              ElementsAre("approval privileged: 2 of iam", "guard removals in directory: 31 of 40 accounts, held"));
  EXPECT_EQ(found.differences(), 4);
}

}  // namespace
}  // namespace tenure::plan
