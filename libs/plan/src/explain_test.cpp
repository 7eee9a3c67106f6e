#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tenure/base/file.hpp>
#include <tenure/plan/explain.hpp>
#include <tenure/plan/extract.hpp>
#include <tenure/plan/grouping.hpp>
#include <tenure/plan/testing/small_world.hpp>
#include <tenure/policy/testing/repository.hpp>

namespace tenure::plan {
namespace {

using ::testing::ElementsAre;

const std::string kFolder = std::string(TENURE_SOURCE_DIR) + "/tests/golden/plan";
const model::TargetName kDirectory("directory");
const model::IdentityId kAnna(1);

const policy::PolicySet& company() {
  static const policy::PolicySet policy = policy::testing::load_repository(kFolder + "/policy");
  return policy;
}

World onboarded() {
  World world = testing::read_world(read_file(kFolder + "/onboard-directory/world.json").value());
  testing::apply(company(), make_plan(company(), world, PlanRequest::onboard(kDirectory)).value(), world);
  return world;
}

std::vector<std::string> sentences(const World& world, model::IdentityId id, const std::string& entitlement) {
  const model::EntitlementId what(entitlement);
  auto in_world = why(company(), world, id, kDirectory, what).value().sentences;
  const population::Population everyone = population_of(world);
  EXPECT_EQ(why(company(), everyone, setting_of(world), id, kDirectory, what).value().sentences, in_world);
  return in_world;
}

Result<WhoCan> who_can(const World& world, const std::string& entitlement) {
  const population::Population everyone = population_of(world);
  return plan::who_can(company(), everyone, setting_of(world), kDirectory, model::EntitlementId(entitlement));
}

TEST(Why, SaysRuleDecisionAndPath) {
  const World world = onboarded();
  EXPECT_THAT(sentences(world, kAnna, "sales"),
              ElementsAre("aberg (directory) holds sales", "role sales gives sales: department = Sales"));
  EXPECT_THAT(sentences(world, kAnna, "crm-users"), ElementsAre("aberg (directory) holds crm-users through sales",
                                                                "role sales gives sales: department = Sales"));
  EXPECT_THAT(
      sentences(world, kAnna, "project-x"),
      ElementsAre("aberg (directory) holds project-x", "unexplained since 2026-11-20; gus.holm decides by 2026-12-20"));
  EXPECT_THAT(sentences(world, kAnna, "legacy-ftp"),
              ElementsAre("aberg (directory) holds legacy-ftp", "legacy-ftp is outside the managed scope"));
  EXPECT_THAT(sentences(world, kAnna, "engineering"), ElementsAre("P1 does not hold engineering in directory"));
}

TEST(Why, SaysWhatIsNotKnown) {
  World world = onboarded();
  world.targets.at(kDirectory).state.unknown_since = world.now;
  world.identities.at(kAnna).facts.at("department").unknown = true;
  EXPECT_THAT(sentences(world, kAnna, "sales"),
              ElementsAre("aberg (directory) holds sales", "no rule and no decision explains it",
                          "not known: directory: does not answer", "not known: department is unknown"));
  EXPECT_FALSE(why(company(), world, model::IdentityId(99), kDirectory, model::EntitlementId("sales")).has_value());
}

TEST(WhoCan, FollowsNestingAndNamesNobody) {
  const World world = onboarded();
  const WhoCan can = who_can(world, "crm-users").value();
  ASSERT_EQ(can.reach.size(), 2U);
  EXPECT_EQ(can.reach[0].account_name, "ghost");
  EXPECT_FALSE(can.reach[0].identity.valid());
  EXPECT_EQ(can.reach[1].identity, kAnna);
  EXPECT_EQ(can.reach[1].paths,
            (std::vector<AccessPath>{{model::EntitlementId("sales"), model::EntitlementId("crm-users")}}));
  EXPECT_TRUE(can.unknown.empty());
}

TEST(WhoCan, EndsInACircle) {
  World world = onboarded();
  auto& grants = world.targets.at(kDirectory).observed->grants;
  grants.push_back({model::Holder{{}, model::EntitlementId("crm-users")}, model::EntitlementId("sales"), ""});
  world.targets.at(kDirectory).observed->sort();
  EXPECT_EQ(who_can(world, "crm-users")->reach.size(), 2U);
}

TEST(Grouping, CountsBySymbolAndRisk) {
  const World world = testing::read_world(read_file(kFolder + "/mover/world.json").value());
  const Plan plan = make_plan(company(), world, {}).value().plan;
  EXPECT_EQ(counted(plan).to_string(), "3 +  1 ~  5 -  3 m");
  const auto by_cause = grouped(plan, GroupBy::kCause);
  ASSERT_EQ(by_cause.size(), 2U);
  EXPECT_EQ(by_cause[0].title, "hr department of C1 = Sales");
  EXPECT_EQ(by_cause[0].counts.risk_max, model::Risk::kHigh);
  EXPECT_EQ(grouped(plan, GroupBy::kTarget).size(), 3U);
  const auto by_identity = grouped(plan, GroupBy::kIdentity);
  ASSERT_EQ(by_identity.size(), 2U);
  EXPECT_EQ(by_identity[1].key, "2");
  EXPECT_EQ(by_identity[1].counts.to_string(), "1 +  1 m");
}

}  // namespace
}  // namespace tenure::plan
