// Steps, escalation and deputies in documents.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tenure/policy/load.hpp>

namespace tenure::policy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string kSettings = R"(apiVersion: tenure/v1
kind: Settings
metadata: { name: x }
attributes: { department: string }
groups:
  operators: [ana.ash, bo.lind]
  security: [cai.moe]
)";

std::string approval(const std::string& body) {
  return "---\napiVersion: tenure/v1\nkind: Approval\nmetadata: { name: a, owner: cai.moe }\n" + body;
}

std::optional<PolicySet> loaded(const std::string& text, std::string* faults = nullptr) {
  Diagnostics diagnostics;
  auto set = load({{"p.yaml", text}}, diagnostics);
  if (faults != nullptr)
    for (const Diagnostic& one : diagnostics.sorted()) *faults += render(one);
  return set;
}

TEST(LoadApproval, ARuleIsOneStepUnlessItSaysMore) {
  const auto set = loaded(kSettings + approval("otherwise: true\napprovers: [operators]\ncount: 2\n"));
  ASSERT_TRUE(set);
  ASSERT_EQ(set->approvals.at(0).steps.size(), 1U);
  EXPECT_EQ(set->approvals[0].steps[0].count, 2);
  EXPECT_EQ(set->approvals[0].steps[0].escalate_after, Duration());
}

TEST(LoadApproval, StepsWithEscalation) {
  const auto set = loaded(kSettings + approval(R"(otherwise: true
steps:
  - { approvers: [security], escalate: { after: 2d, to: [ana.ash] } }
  - { approvers: [operators], count: 2 }
)"));
  ASSERT_TRUE(set);
  const auto& steps = set->approvals.at(0).steps;
  ASSERT_EQ(steps.size(), 2U);
  EXPECT_EQ(steps[0], (ApprovalStep{{"security"}, 1, Duration::days(2), {"ana.ash"}}));
  EXPECT_EQ(steps[1], (ApprovalStep{{"operators"}, 2, {}, {}}));
}

TEST(LoadApproval, DeputiesWithAndWithoutDates) {
  const auto set = loaded(kSettings + R"(deputies:
  bo.lind:
    - cai.moe
    - { name: ana.ash, from: 2026-12-01, until: 2027-01-07 }
)");
  ASSERT_TRUE(set);
  const auto& deputies = set->deputies.at("bo.lind");
  ASSERT_EQ(deputies.size(), 2U);
  EXPECT_EQ(deputies[0].until, Time::never());
  EXPECT_EQ(deputies[1].from, Time::parse("2026-12-01").value());
  EXPECT_EQ(deputies[1].until, Time::parse("2027-01-07").value());
}

TEST(LoadApproval, WhatCannotBeMeantIsRefused) {
  const std::pair<std::string, std::string> cases[] = {
      {approval("standing: true\ncount: 1\n"), "is standing and says count"},
      {approval("standing: true\nsteps: [{ approvers: [security] }]\n"), "is standing and says steps"},
      {approval("count: 1\nsteps: [{ approvers: [security] }]\n"), "says count beside steps"},
      {approval("steps: [{ approvers: [secruity] }]\n"), "neither a group nor a member"},
      {approval("approvers: [security]\nescalate: { after: 2d, to: [nobody] }\n"), "\"nobody\" in to"},
      {approval("approvers: [security]\nescalate: { to: [ana.ash] }\n"), "after"},
      {approval("escalate: { after: 2d, to: [ana.ash] }\n"), "nobody to escalate to"},
      {"deputies: { bo.lind: [bo.lind] }\n", "own deputy"},
      {"deputies: { nobody: [bo.lind] }\n", "member of no group"},
      {"deputies: { bo.lind: [{ name: cai.moe, from: 2026-12-01, until: 2026-11-01 }] }\n", "ends before it begins"}};
  for (const auto& [text, fault] : cases) {
    std::string faults;
    EXPECT_FALSE(loaded(kSettings + text, &faults)) << text;
    EXPECT_THAT(faults, HasSubstr(fault)) << text;
  }
}

}  // namespace
}  // namespace tenure::policy
