// Guard documents: one for everything, others for a scope.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tenure/policy/load.hpp>

namespace tenure::policy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::optional<PolicySet> loaded(const std::string& guards, std::string* faults = nullptr) {
  Diagnostics diagnostics;
  auto set =
      load({{"p.yaml", "apiVersion: tenure/v1\nkind: Settings\nmetadata: { name: x }\nattributes: {}\n" + guards}},
           diagnostics);
  if (faults != nullptr)
    for (const Diagnostic& one : diagnostics.sorted()) *faults += render(one);
  return set;
}

std::string guard(const std::string& name, const std::string& body) {
  return "---\napiVersion: tenure/v1\nkind: Guard\nmetadata: { name: " + name + " }\n" + body;
}

TEST(LoadGuard, WithoutADocumentTheDefaultsHold) {
  const auto set = loaded("");
  ASSERT_TRUE(set);
  EXPECT_EQ(set->guard.share_percent_max, 20);
  EXPECT_THAT(set->guard.windows, ElementsAre(Duration::hours(24), Duration::days(30)));
  EXPECT_TRUE(set->guards.empty());
}

TEST(LoadGuard, OneForEverythingAndOthersForAScope) {
  const auto set =
      loaded(guard("all", "share_percent_max: 10\nwindows: [30d, 1h]\n") +
             guard("keys", "count_max_small: 3\nscope: { entitlements: [\"*-admins\"], effects: [additions] }\n"));
  ASSERT_TRUE(set);
  EXPECT_EQ(set->guard.share_percent_max, 10);
  EXPECT_THAT(set->guard.windows, ElementsAre(Duration::hours(1), Duration::days(30)));
  ASSERT_EQ(set->guards.size(), 1U);
  EXPECT_EQ(set->guards[0].name, "keys");
  EXPECT_EQ(set->guards[0].count_max_small, 3);
}

TEST(LoadGuard, OneThatNamesMoreStandsInPlaceOfOneThatNamesLess) {
  const auto set = loaded(guard("joiners", "instead: true\nscope: { effects: [additions] }\n") +
                          guard("keys", "scope: { entitlements: [\"*-admins\"], effects: [additions] }\n"));
  ASSERT_TRUE(set);
  const GuardDoc &joiners = set->guards[0], &keys = set->guards[1];
  EXPECT_TRUE(replaces(joiners, set->guard));
  EXPECT_FALSE(replaces(joiners, keys));
  EXPECT_FALSE(replaces(keys, joiners));  // it stands beside the others
}

TEST(LoadGuard, WhatCannotBeMeantIsRefused) {
  const std::pair<std::string, std::string> cases[] = {
      {guard("a", "") + guard("b", ""), "a second Guard document without a scope"},
      {guard("a", "scope: {}\n"), "is everything"},
      {guard("a", "scope: { targets: [nowhere] }\n"), "is nothing known"},
      {guard("a", "scope: { effects: [removal] }\n"), "is nothing known"},
      {guard("a", "windows: [soon]\n"), "windows"},
      {guard("a", "windows: [400d]\n"), "windows"},
      {guard("a", "instead: true\n"), "stands in place of nothing"}};
  for (const auto& [text, fault] : cases) {
    std::string faults;
    EXPECT_FALSE(loaded(text, &faults)) << text;
    EXPECT_THAT(faults, HasSubstr(fault)) << text;
  }
}

}  // namespace
}  // namespace tenure::policy
