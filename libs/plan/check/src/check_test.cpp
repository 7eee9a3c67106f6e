// The checker finds nothing in what the planner makes, and finds every fault that is planted.
#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>

#include <tenure/base/file.hpp>
#include <tenure/base/workers.hpp>
#include <tenure/plan/testing/small_world.hpp>
#include <tenure/plan_check/testing/input_from.hpp>
#include <tenure/policy/testing/repository.hpp>

namespace tenure::plan_check {
namespace {

const std::string kFolder = std::string(TENURE_SOURCE_DIR) + "/tests/golden/plan";

const policy::PolicySet& company() {
  static const policy::PolicySet policy = policy::testing::load_repository(kFolder + "/policy");
  return policy;
}

struct Case {
  plan::World world;
  plan::PlanRequest request;
  plan::PlanResult result;
};

Case load(const std::string& name) {
  const std::string text = read_file(kFolder + "/" + name + "/world.json").value();
  Case one;
  one.world = plan::testing::read_world(text);
  const json::Value value = json::parse(text).value();
  if (const json::Value* request = value.find("request")) {
    one.request.revert_drift = request->bool_or("revert_drift", false);
    if (const std::string target = request->string_or("onboard", ""); !target.empty())
      one.request = plan::PlanRequest::onboard(model::TargetName(target));
  }
  one.result = plan::make_plan(company(), one.world, one.request).value();
  return one;
}

std::vector<Fault> faults_of(const Case& one) {
  return check(testing::input_from(company(), one.world, one.result.frozen, one.request));
}

std::string shown(const std::vector<Fault>& faults) {
  std::string text;
  for (const Fault& fault : faults) text += fault.kind + " " + fault.change + ": " + fault.text + "\n";
  return text;
}

TEST(PlanCheck, FindsNothingInWhatThePlannerMakes) {
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    if (!file_exists(entry.path().string() + "/world.json")) continue;
    const Case one = load(entry.path().filename().string());
    EXPECT_EQ(shown(faults_of(one)), "") << entry.path().filename();
  }
}

plan::Change& find(plan::Plan& plan, plan::Verb verb, const std::string& entitlement = "") {
  const auto it = std::find_if(plan.changes.begin(), plan.changes.end(), [&](const plan::Change& change) {
    return change.verb == verb && (entitlement.empty() || change.entitlement.str() == entitlement);
  });
  EXPECT_NE(it, plan.changes.end());
  return *it;
}

struct Planted {
  std::string name;
  std::string golden;
  std::string kind;  // of the fault that must be found
  void (*edit)(plan::Plan&);
};

class PlantedFault : public ::testing::TestWithParam<Planted> {};

TEST_P(PlantedFault, IsFound) {
  Case one = load(GetParam().golden);
  GetParam().edit(one.result.plan);
  auto frozen = plan::freeze(one.result.plan);
  ASSERT_TRUE(frozen.has_value()) << frozen.error().to_string();
  one.result.frozen = *frozen;
  const auto faults = faults_of(one);
  EXPECT_TRUE(std::any_of(faults.begin(), faults.end(), [](const Fault& f) { return f.kind == GetParam().kind; }))
      << shown(faults);
}

const std::vector<Planted> kPlanted = {
    {"GrantOnWrongFacts", "joiner", "reason",
     [](plan::Plan& p) {
       find(p, plan::Verb::kGrant, "finance").reason.facts = {{"kind", "person"}, {"department", "Sales"}};
     }},
    {"GrantWithoutFacts", "joiner", "reason",
     [](plan::Plan& p) { find(p, plan::Verb::kGrant, "finance").reason.facts = {}; }},
    {"GrantByARuleThatGivesSomethingElse", "joiner", "reason",
     [](plan::Plan& p) { find(p, plan::Verb::kGrant, "finance").reason.rule = "role all-staff"; }},
    {"GrantOfMore", "joiner", "reason",
     [](plan::Plan& p) { find(p, plan::Verb::kGrant, "PAY.DATA").parameters = "{\"access\":\"ALTER\"}"; }},
    {"AdoptionWithoutARule", "onboard-directory", "reason",
     [](plan::Plan& p) { find(p, plan::Verb::kAdopt, "sales").entitlement = model::EntitlementId("project-x"); }},
    {"RevocationThatTheRuleStillGives", "mover", "reason",
     [](plan::Plan& p) {
       find(p, plan::Verb::kRevoke, "finance").reason.facts = {{"kind", "person"}, {"department", "Finance"}};
     }},
    {"SomebodyActiveTreatedAsALeaver", "mover", "reason",
     [](plan::Plan& p) { find(p, plan::Verb::kRevoke, "finance").reason.rule = "lifecycle left"; }},
    {"ForgottenRevocation", "leaver", "revocation",
     [](plan::Plan& p) { std::erase_if(p.changes, [](const auto& c) { return c.entitlement.str() == "project-x"; }); }},
    {"ForgottenRevocationOfAMover", "mover", "revocation",
     [](plan::Plan& p) { std::erase_if(p.changes, [](const auto& c) { return c.entitlement.str() == "finance"; }); }},
    {"ForgottenLogin", "leaver", "revocation",
     [](plan::Plan& p) {
       std::erase_if(p.changes,
                     [](const auto& c) { return c.target.str() == "mainframe" && c.verb == plan::Verb::kDisable; });
       for (auto& change : p.changes)
         if (change.target.str() == "mainframe") change.needs.clear();
     }},
    {"SeveredBeforeTheLoginIsClosed", "leaver", "order",
     [](plan::Plan& p) { find(p, plan::Verb::kRevoke, "project-x").needs.clear(); }},
    {"RevocationInTheLaneOfGrants", "mover", "order",
     [](plan::Plan& p) { find(p, plan::Verb::kRevoke, "finance").lane = plan::Lane::kReconcile; }},
    {"GrantInTheLaneOfRevocations", "joiner", "order",
     [](plan::Plan& p) {
       for (auto& change : p.changes)
         if (change.target.str() == "ledger") change.lane = plan::Lane::kRevoke;
     }},
    {"OnboardingThatSends", "onboard-directory", "order",
     [](plan::Plan& p) {
       auto& change = find(p, plan::Verb::kAdopt, "sales");
       change.verb = plan::Verb::kGrant;
     }},
    {"GivenTwice", "joiner", "duplicate",
     [](plan::Plan& p) {
       p.changes.push_back(find(p, plan::Verb::kGrant, "finance"));
       p.changes.back().id = model::ChangeId("again");
       p.changes.back().reason.text = "again";
     }},
    {"GivenAndTaken", "mover", "duplicate",
     [](plan::Plan& p) {
       plan::Change change = find(p, plan::Verb::kRevoke, "finance");
       change.id = model::ChangeId("back");
       change.verb = plan::Verb::kGrant;
       change.lane = plan::Lane::kGrant;
       change.needs.clear();
       p.changes.push_back(change);
     }},
};

INSTANTIATE_TEST_SUITE_P(Cases, PlantedFault, ::testing::ValuesIn(kPlanted),
                         [](const auto& one) { return one.param.name; });

TEST(PlanCheck, ADigestOfOtherBytesIsFound) {
  const Case one = load("joiner");
  Gathered gathered = testing::input_from(company(), one.world, one.result.frozen, one.request);
  Input& input = gathered.input();
  input.digest = Digest::of("other").str();
  EXPECT_EQ(check(input).at(0).kind, "digest");
  input.plan = "{}";
  EXPECT_EQ(check(input).at(0).kind, "digest");
}

TEST(PlanCheck, WhatIsLeftOutIsExcusedOnlyWhereItIsListed) {
  Case one = load("mover");
  std::erase_if(one.result.plan.changes, [](const auto& change) { return change.entitlement.str() == "finance"; });
  const auto frozen_with = [&](const std::string& reason, std::int64_t withheld) {
    plan::Plan plan = one.result.plan;
    plan.unknowns.push_back({model::TargetName("directory"), "changes", reason, withheld});
    one.result.frozen = plan::freeze(plan).value();
    return shown(faults_of(one));
  };
  EXPECT_EQ(frozen_with("held by a guard", 1), "");
  EXPECT_NE(frozen_with("held by a guard", 0), "");
  EXPECT_NE(frozen_with("does not answer", 1), "");
}

TEST(PlanCheck, ManyThreadsSayTheSame) {
  Case one = load("leaver");
  std::erase_if(one.result.plan.changes, [](const auto& change) { return !change.entitlement.str().empty(); });
  one.result.frozen = plan::freeze(one.result.plan).value();
  const auto gathered = testing::input_from(company(), one.world, one.result.frozen, one.request);
  const auto workers = make_workers(3);
  EXPECT_NE(shown(check(gathered)), "");
  EXPECT_EQ(shown(check(gathered)), shown(check(gathered, *workers)));
}

// 25 leavers among 30: more than 20 in a small population.
Case many_leavers() {
  Case one;
  one.world.now = Time::parse("2026-11-20").value();
  const model::TargetName directory("directory");
  plan::TargetView view;
  view.state.target = directory;
  view.state.managed = true;
  model::Observation observed;
  observed.target = directory;
  observed.coverage.complete = true;
  for (int i = 1; i <= 30; ++i) {
    model::Identity identity;
    identity.id = model::IdentityId(i);
    identity.key = "P" + std::to_string(i);
    const bool leaves = i <= 25;
    identity.engagements = {{model::SourceName("hr"), "C" + std::to_string(i), Time::from_micros(1),
                             leaves ? one.world.now : Time::never(), leaves ? "terminated" : "active"}};
    one.world.identities[identity.id] = identity;
    model::Account account;
    account.id = model::NativeId("u" + std::to_string(100 + i));
    account.name = account.id.str();
    account.account_class = "people";
    one.world.claims[{directory, account.id}] = {{directory, account.id}, identity.id, model::Purpose::kNormal, "", {}};
    observed.accounts.push_back(account);
  }
  observed.sort();
  view.observed = observed;
  one.world.targets[directory] = view;
  one.result = plan::make_plan(company(), one.world, one.request).value();
  return one;
}

TEST(PlanCheck, AGuardThatShouldHaveHeldIsFound) {
  Case one = many_leavers();
  ASSERT_TRUE(one.result.plan.held());
  EXPECT_EQ(shown(faults_of(one)), "");
  one.result.plan.guards.clear();
  one.result.frozen = plan::freeze(one.result.plan).value();
  const auto faults = faults_of(one);
  ASSERT_FALSE(faults.empty());
  EXPECT_EQ(faults.back().kind, "guard");
}

}  // namespace
}  // namespace tenure::plan_check
