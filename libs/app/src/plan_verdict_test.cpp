// A plan that was tampered with is refused, whoever made its digest fit.
#include "plan_verdict.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include <tenure/base/file.hpp>
#include <tenure/plan/extract.hpp>
#include <tenure/plan/testing/small_world.hpp>
#include <tenure/policy/testing/repository.hpp>

namespace tenure::app {
namespace {

const std::string kFolder = std::string(TENURE_SOURCE_DIR) + "/tests/golden/plan";

const policy::PolicySet& company() {
  static const policy::PolicySet policy = policy::testing::load_repository(kFolder + "/policy");
  return policy;
}

struct Case {
  plan::World world;
  plan::PlanResult result;
};

Case load(const std::string& name) {
  Case one;
  one.world = plan::testing::read_world(read_file(kFolder + "/" + name + "/world.json").value());
  one.result = plan::make_plan(company(), one.world, {}).value();
  return one;
}

Status verdict(const Case& one, bool whole) {
  return check_plan(
      company(), plan::population_of(one.world), plan::setting_of(one.world),
      {one.result.frozen.bytes, one.result.frozen.digest, one.result.plan.policy, {}, one.world.now, whole});
}

TEST(PlanVerdict, WhatThePlannerMadeStands) {
  for (const char* name : {"joiner", "mover", "leaver"}) {
    const Case one = load(name);
    for (const bool whole : {false, true}) {
      const Status status = verdict(one, whole);
      EXPECT_TRUE(status.has_value()) << name << ": " << status.error().message();
    }
  }
}

// Nested, parametric and requested rights, separate duties: the checker is told of them all.
TEST(PlanVerdict, WhatRolesOfEveryKindGiveStands) {
  const policy::PolicySet yard =
      policy::testing::load_repository(std::string(TENURE_SOURCE_DIR) + "/examples/shipyard");
  const std::string folder = std::string(TENURE_SOURCE_DIR) + "/tests/golden/roles";
  for (const char* name : {"duties", "movers", "nested", "parametric", "requests"}) {
    const plan::World world = plan::testing::read_world(read_file(folder + "/" + name + "/world.json").value());
    const plan::PlanResult result = plan::make_plan(yard, world, {}).value();
    ASSERT_FALSE(result.plan.changes.empty()) << name;
    const population::Population everybody = plan::population_of(world);
    const Status status =
        check_plan(yard, everybody, plan::setting_of(world),
                   {result.frozen.bytes, result.frozen.digest, result.plan.policy, {}, world.now, true});
    EXPECT_TRUE(status.has_value()) << name << ": " << status.error().message();
  }
}

struct Tampered {
  std::string golden;
  std::string kind;
  bool whole;
  void (*edit)(plan::Plan&);
};

TEST(PlanVerdict, TamperingIsRefusedAndNamed) {
  const std::vector<Tampered> cases = {
      {"joiner", "reason", false,
       [](plan::Plan& plan) {
         for (auto& change : plan.changes)
           if (change.entitlement.str() == "finance") change.entitlement = model::EntitlementId("domain-admins");
       }},
      {"leaver", "order", false,
       [](plan::Plan& plan) {
         for (auto& change : plan.changes)
           if (change.verb == plan::Verb::kRevoke) change.needs.clear();
       }},
      {"leaver", "revocation", true,
       [](plan::Plan& plan) {
         std::erase_if(plan.changes, [](const auto& change) { return change.entitlement.str() == "project-x"; });
       }},
  };
  for (const Tampered& tampered : cases) {
    Case one = load(tampered.golden);
    tampered.edit(one.result.plan);
    one.result.frozen = plan::freeze(one.result.plan).value();
    const Status status = verdict(one, tampered.whole);
    ASSERT_FALSE(status.has_value()) << tampered.kind;
    EXPECT_EQ(status.error().reason(), Reason::kPlanRefusedByChecker);
    EXPECT_NE(status.error().message().find("(" + tampered.kind), std::string::npos) << status.error().message();
  }
}

TEST(PlanVerdict, OtherBytesThanTheDigestSaysAreRefused) {
  Case one = load("joiner");
  const auto at = one.result.frozen.bytes.find("finance");
  ASSERT_NE(at, std::string::npos);
  one.result.frozen.bytes.replace(at, 7, "sales-x");
  const Status status = verdict(one, false);
  ASSERT_FALSE(status.has_value());
  EXPECT_NE(status.error().message().find("(digest"), std::string::npos) << status.error().message();
}

// Its rules are not at hand: what it says itself is still judged.
TEST(PlanVerdict, APlanOfAnotherPolicyIsJudgedByWhatItSaysItself) {
  Case one = load("joiner");
  one.result.plan.policy = Digest::of("another");
  for (auto& change : one.result.plan.changes) change.reason.rule = "role nobody-knows";
  one.result.frozen = plan::freeze(one.result.plan).value();
  EXPECT_TRUE(verdict(one, false).has_value());
  one.result.frozen.digest = Digest::of("x");
  EXPECT_FALSE(verdict(one, false).has_value());
}

}  // namespace
}  // namespace tenure::app
