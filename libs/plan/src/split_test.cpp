// A plan in parts: the parts are the whole, and what held the whole holds each part that has its causes.
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <tenure/plan/split.hpp>
#include <tenure/policy/testing/repository.hpp>

namespace tenure::plan {
namespace {

using ::testing::ElementsAre;

const policy::PolicySet& company() {
  static const policy::PolicySet policy =
      policy::testing::load_repository(std::string(TENURE_SOURCE_DIR) + "/tests/golden/plan/policy");
  return policy;
}

std::optional<model::LifecycleState> nobody(model::IdentityId) {
  return std::nullopt;
}

Cause cause(int number) {
  Cause made{{}, "source_row", "source hr", "hr row " + std::to_string(number), {}};
  made.id = cause_id(made);
  return made;
}

struct Made {
  int cause = 0;
  int identity = 1;
  std::string target = "directory";
  Lane lane = Lane::kGrant;
  bool privileged = false;
  int needs = -1;  // index of a change
};

// `held`: numbers of causes that a guard holds.
Plan whole_of(const std::vector<Made>& made, const std::set<int>& held = {}) {
  Plan plan;
  plan.policy = company().digest;
  plan.purpose = "reconcile";
  std::set<int> causes;
  for (std::size_t i = 0; i < made.size(); ++i) {
    Change change;
    change.id = model::ChangeId("#" + std::to_string(i));
    change.lane = made[i].lane;
    change.verb = made[i].lane == Lane::kRevoke ? Verb::kRevoke : Verb::kGrant;
    change.kind = kind_of(change.verb);
    change.target = model::TargetName(made[i].target);
    change.account.id = model::NativeId("a" + std::to_string(i));
    change.identity = model::IdentityId(made[i].identity);
    change.entitlement = model::EntitlementId("e");
    change.risk = made[i].privileged ? model::Risk::kPrivileged : model::Risk::kLow;
    change.cause = cause(made[i].cause).id;
    if (made[i].needs >= 0) change.needs = {model::ChangeId("#" + std::to_string(made[i].needs))};
    plan.changes.push_back(std::move(change));
    if (causes.insert(made[i].cause).second) plan.causes.push_back(cause(made[i].cause));
  }
  GuardResult guard{"removals from source hr", true, "many", {}};
  for (const int number : held)
    if (causes.contains(number)) guard.causes.push_back(cause(number).id);
  if (!guard.causes.empty()) plan.guards = {guard};
  const auto frozen = freeze(plan);
  EXPECT_TRUE(frozen.has_value()) << frozen.error().to_string();
  return plan;
}

std::vector<std::string> keys(const std::vector<Part>& parts) {
  std::vector<std::string> out;
  for (const Part& part : parts) out.push_back(part.key);
  return out;
}

TEST(Split, ByTargetEachPartIsAPlanOfItsOwn) {
  const Plan whole = whole_of({{.target = "directory"}, {.target = "crm"}, {.target = "directory"}});
  const auto parts = split(company(), nobody, whole, {.by = GroupBy::kTarget});
  ASSERT_TRUE(parts.has_value()) << parts.error().to_string();
  EXPECT_THAT(keys(*parts), ElementsAre("crm", "directory"));
  EXPECT_EQ(parts->at(1).plan.changes.size(), 2U);
  EXPECT_EQ(parts->at(0).plan.purpose, "reconcile; target crm");
  EXPECT_NE(parts->at(0).frozen.digest, parts->at(1).frozen.digest);
  EXPECT_TRUE(thaw(parts->at(0).frozen.bytes).has_value());
}

TEST(Split, OnlyTheNamedOnesAndTheRest) {
  const Plan whole = whole_of({{.identity = 1}, {.identity = 2}, {.identity = 3}});
  const auto parts = split(company(), nobody, whole, {.by = GroupBy::kIdentity, .only = {"2"}});
  ASSERT_TRUE(parts.has_value()) << parts.error().to_string();
  EXPECT_THAT(keys(*parts), ElementsAre("2", ""));
  EXPECT_EQ(parts->at(1).plan.purpose, "reconcile; without identity 2");
  EXPECT_EQ(parts->at(1).plan.changes.size(), 2U);
  EXPECT_EQ(split(company(), nobody, whole, {.by = GroupBy::kIdentity, .only = {"7"}}).error().reason(),
            tenure::Reason::kNotFound);
}

TEST(Split, OnePartIsNoSplit) {
  const Plan whole = whole_of({{}, {.identity = 2}});
  EXPECT_EQ(split(company(), nobody, whole, {.by = GroupBy::kTarget}).error().reason(), tenure::Reason::kPlanSplit);
}

TEST(Split, APlanUnderAnotherPolicyIsMadeAgain) {
  Plan whole = whole_of({{.target = "directory"}, {.target = "crm"}});
  whole.policy = Digest::of("another");
  EXPECT_EQ(split(company(), nobody, whole, {.by = GroupBy::kTarget}).error().reason(), tenure::Reason::kPlanSplit);
}

// A grant of one cause needs an account that another cause makes.
TEST(Split, NeedsThatCrossAreNamedOrPulledAlong) {
  const Plan whole = whole_of({{.cause = 1}, {.cause = 2, .needs = 0}, {.cause = 3}});
  const auto refused = split(company(), nobody, whole, {.by = GroupBy::kCause});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().reason(), tenure::Reason::kPlanSplit);
  EXPECT_NE(refused.error().message().find("grant e to a1 in directory"), std::string::npos)
      << refused.error().message();
  const auto pulled =
      split(company(), nobody, whole, {.by = GroupBy::kCause, .only = {cause(2).id.str()}, .pull = true});
  ASSERT_TRUE(pulled.has_value()) << pulled.error().to_string();
  EXPECT_EQ(pulled->at(0).key, cause(2).id.str());
  EXPECT_EQ(pulled->at(0).plan.changes.size(), 2U);
  EXPECT_EQ(pulled->at(0).pulled, 1);
  EXPECT_EQ(pulled->at(1).plan.changes.size(), 1U);
  EXPECT_EQ(pulled->at(1).pulled, 0);
}

TEST(Split, AGuardHoldsEveryPartThatHasItsCauses) {
  const Plan whole =
      whole_of({{.cause = 1, .identity = 1}, {.cause = 1, .identity = 2}, {.cause = 2, .identity = 3}}, {1});
  const auto parts = split(company(), nobody, whole, {.by = GroupBy::kIdentity});
  ASSERT_TRUE(parts.has_value()) << parts.error().to_string();
  EXPECT_TRUE(parts->at(0).plan.held());
  EXPECT_TRUE(parts->at(1).plan.held());
  EXPECT_FALSE(parts->at(2).plan.held());
}

rc::Gen<Made> any_change(int index) {
  return rc::gen::map(
      rc::gen::tuple(rc::gen::inRange(0, 5), rc::gen::inRange(0, 4), rc::gen::inRange(0, 3), rc::gen::inRange(1, 5),
                     rc::gen::arbitrary<bool>(), rc::gen::inRange(-3, std::max(1, index))),
      [index](const std::tuple<int, int, int, int, bool, int>& drawn) {
        Made made;
        made.cause = std::get<0>(drawn);
        made.identity = std::get<1>(drawn);
        made.target = "t" + std::to_string(std::get<2>(drawn));
        made.lane = static_cast<Lane>(std::get<3>(drawn));
        made.privileged = std::get<4>(drawn);
        made.needs = std::get<5>(drawn) < index ? std::get<5>(drawn) : -1;
        return made;
      });
}

std::set<model::CauseId> held_causes(const Plan& plan) {
  std::set<model::CauseId> held;
  for (const GuardResult& guard : plan.guards)
    if (guard.held) held.insert(guard.causes.begin(), guard.causes.end());
  return held;
}

// The parts' changes are exactly the whole's, byte for byte; every held cause stays held; each part asks for consent.
RC_GTEST_PROP(SplitLaw, ThePartsAreTheWhole, ()) {
  const int count = *rc::gen::inRange(1, 24);
  std::vector<Made> made;
  for (int i = 0; i < count; ++i) {
    made.push_back(*any_change(i));
    if (made.back().needs >= 0 && made[static_cast<std::size_t>(made.back().needs)].lane > made.back().lane)
      made.back().needs = -1;  // nothing needs a later lane
  }
  // Not a set at once: a generator of sets gives up when more values are wanted than there are.
  const auto held_ones = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 5));
  const Plan whole = whole_of(made, {held_ones.begin(), held_ones.end()});
  SplitRequest request;
  request.by = *rc::gen::element(GroupBy::kCause, GroupBy::kTarget, GroupBy::kIdentity, GroupBy::kLane);
  request.pull = *rc::gen::arbitrary<bool>();
  if (*rc::gen::arbitrary<bool>()) request.only = {key_of(*rc::gen::elementOf(whole.changes), request.by)};
  const auto parts = split(company(), nobody, whole, request);
  if (!parts) {
    RC_ASSERT(parts.error().reason() == tenure::Reason::kPlanSplit);
    return;
  }
  std::multiset<std::string> of_whole, of_parts;
  for (const Change& change : whole.changes) of_whole.insert(json::to_string(to_json(change)));
  std::set<model::CauseId> held;
  for (const Part& part : *parts) {
    for (const Change& change : part.plan.changes) of_parts.insert(json::to_string(to_json(change)));
    RC_ASSERT(thaw(part.frozen.bytes).has_value());
    held.merge(held_causes(part.plan));
    for (const Change& change : part.plan.changes)
      RC_ASSERT(!held_causes(whole).contains(change.cause) || held_causes(part.plan).contains(change.cause));
    RC_ASSERT(!part.plan.approvals.empty());
  }
  RC_ASSERT(of_parts == of_whole);
  RC_ASSERT(held == held_causes(whole));
}

}  // namespace
}  // namespace tenure::plan
