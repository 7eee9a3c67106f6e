// What would change, by column, is what comes out when every identity is asked by row.
#include "random_world.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <tenure/plan/extract.hpp>
#include <tenure/plan/impact.hpp>
#include <tenure/policy/evaluate.hpp>
#include <tenure/policy/lifecycle.hpp>
#include <tenure/policy/load.hpp>
#include <tenure/policy/testing/repository.hpp>

namespace tenure::plan_check {
namespace {

using plan::Effect;
using plan::Impact;
using policy::Truth;

const std::string kRepository = std::string(TENURE_SOURCE_DIR) + "/tests/golden/plan/policy";

policy::PolicySet company(const std::string& text = "", const std::string& instead = "") {
  auto documents = policy::testing::read_repository(kRepository);
  for (auto& document : documents)
    if (const auto at = document.text.find(text); !text.empty() && at != std::string::npos)
      document.text.replace(at, text.size(), instead);
  Diagnostics diagnostics;
  auto policy = policy::load(documents, diagnostics);
  if (!policy) std::abort();
  return std::move(*policy);
}

Truth truth_of(const policy::PolicySet& policy, const model::Identity& identity, Time now, const plan::Right& right) {
  const policy::Subject subject(policy, identity);
  const auto state = policy::lifecycle_state(policy, identity, now);
  Truth best = Truth::kFalse;
  for (const auto& line : policy.lines) {
    bool gives = right.entitlement.empty();
    for (const auto& entitled : line.grant->entitlements)
      gives = gives || (entitled.id == right.entitlement && entitled.parameters == right.parameters);
    if (!gives || line.grant->target != right.target || line.grant->account_class != right.account_class) continue;
    const Truth one = subject.line(line, state).truth;
    if (one == Truth::kTrue || best == Truth::kFalse) best = one;
    if (best == Truth::kTrue) break;
  }
  return best;
}

// Every right that either policy gives, asked of everybody.
std::string by_row(const policy::PolicySet& before, const policy::PolicySet& after, const plan::World& world) {
  std::set<plan::Right> rights;
  for (const auto* policy : {&before, &after})
    for (const auto& line : policy->lines) {
      rights.insert({line.grant->target, line.grant->account_class, {}, "", model::Risk::kLow});
      for (const auto& entitled : line.grant->entitlements)
        rights.insert(
            {line.grant->target, line.grant->account_class, entitled.id, entitled.parameters, model::Risk::kLow});
    }
  std::string text;
  for (const auto& right : rights)
    for (const auto& [id, identity] : world.identities) {
      if (identity.alias_of.valid()) continue;
      const Truth had = truth_of(before, identity, world.now, right), has = truth_of(after, identity, world.now, right);
      if (had == has || (had == Truth::kUnknown && has == Truth::kFalse)) continue;
      const Effect effect = has == Truth::kTrue    ? Effect::kGains
                            : has == Truth::kFalse ? Effect::kLoses
                            : had == Truth::kTrue  ? Effect::kMayLose
                                                   : Effect::kMayGain;
      text += right.target.str() + " " + right.account_class + " " + right.entitlement.str() + right.parameters + " " +
              std::to_string(id.value()) + " " + std::to_string(static_cast<int>(effect)) + "\n";
    }
  return text;
}

std::string text_of(const Impact& impact) {
  std::string text;
  for (const auto& line : impact.lines) {
    const plan::Right& right = impact.rights[line.right];
    text += right.target.str() + " " + right.account_class + " " + right.entitlement.str() + right.parameters + " " +
            std::to_string(line.identity.value()) + " " + std::to_string(static_cast<int>(line.effect)) + "\n";
  }
  return text;
}

plan::World some_world(std::uint64_t seed) {
  Dice dice(seed);
  plan::World world = untouched_world(dice);
  let_time_pass(dice, world);
  complicate(dice, world);
  return world;
}

struct Edit {
  const char* text;
  const char* instead;
};
class Edited : public ::testing::TestWithParam<Edit> {};

TEST_P(Edited, ImpactIsWhatEveryRowSays) {
  const policy::PolicySet before = company(), after = company(GetParam().text, GetParam().instead);
  std::size_t lines = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const plan::World world = some_world(seed);
    const Impact impact = plan::what_if(before, after, plan::population_of(world), world.now, own_thread());
    lines += impact.lines.size();
    ASSERT_EQ(text_of(impact), by_row(before, after, world)) << seed;
  }
  EXPECT_EQ(lines == 0, std::string(GetParam().text).empty()) << "the edit is noticed, and only an edit";
}
INSTANTIATE_TEST_SUITE_P(
    Cases, Edited,
    ::testing::Values(Edit{"", ""}, Edit{"identity.level >= 5 }", "identity.level >= 3 }"},
                      Edit{R"(identity.department == "Sales")", R"(identity.department in ["Sales", "Legal"])"},
                      Edit{"states: [active]", "states: [active, suspended]"}, Edit{"prehire: 2d", "prehire: 9d"},
                      Edit{"entitlements: [finance]", "entitlements: [finance, project-x]"}));

TEST(WhatIf, CountsByTargetAndRisk) {
  const policy::PolicySet before = company(), after = company("identity.level >= 6", "identity.level >= 4");
  plan::World world;
  world.now = Time::parse("2026-11-20").value();
  for (int i = 1; i <= 3; ++i) {
    model::Identity identity;
    identity.id = model::IdentityId(i);
    identity.facts["department"] = {"Engineering", false, model::SourceName("hr"), {}};
    identity.facts["level"] = {4 + i, i == 3, model::SourceName("hr"), {}};
    identity.engagements = {{model::SourceName("hr"), "C", Time::from_micros(1), Time::never(), "active"}};
    world.identities.emplace(identity.id, identity);
  }
  const Impact impact = plan::what_if(before, after, plan::population_of(world), world.now, own_thread());
  EXPECT_EQ(impact.identities, 1);
  EXPECT_EQ(impact.by_risk.at(model::Risk::kPrivileged), (Impact::Count{1, 0, 0, 0}));
  EXPECT_EQ(impact.by_target.at(model::TargetName("directory")), (Impact::Count{1, 0, 0, 0}));
}

TEST(WhatIf, OneIdentityWithOtherFacts) {
  const policy::PolicySet policy = company();
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const plan::World world = some_world(seed);
    const model::Identity& before = world.identities.begin()->second;
    model::Identity after = before;
    Dice dice(seed);
    after.facts["department"] = {dice.once_in(2) ? "Sales" : "Finance", dice.once_in(4), model::SourceName("hr"), {}};
    const Impact impact = plan::what_if(policy, before, after, world.now);
    for (const auto& line : impact.lines) {
      plan::Right right = impact.rights[line.right];
      right.risk = model::Risk::kLow;
      const Truth had = truth_of(policy, before, world.now, right), has = truth_of(policy, after, world.now, right);
      EXPECT_EQ(line.effect == Effect::kGains, has == Truth::kTrue && had != Truth::kTrue);
      EXPECT_EQ(line.effect == Effect::kLoses, has == Truth::kFalse && had == Truth::kTrue);
    }
  }
}

}  // namespace
}  // namespace tenure::plan_check
