// Documents that differ in meaning, and those that only look different.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tenure/policy/diff.hpp>

namespace tenure::policy {
namespace {

using What = DocumentChange::What;

const std::string kSettings =
    "apiVersion: tenure/v1\nkind: Settings\nmetadata: { name: x }\nattributes: { level: int, department: string }\n";
const std::string kTarget = R"(---
apiVersion: tenure/v1
kind: Target
metadata: { name: crm, owner: o }
connector: scim
connection: {}
classes:
  users: { of: person, account: { name: { allocate: identity.key, login: true } } }
entitlements:
  sales: { title: Sales, owner: o, risk: low }
  admin: { title: Admin, owner: o, risk: privileged }
)";

std::string role(const std::string& name, const std::string& assign, const std::string& entitlements) {
  return "---\napiVersion: tenure/v1\nkind: Role\nmetadata: { name: " + name + ", owner: o }\nassign: " + assign +
         "\ngrants:\n  - target: crm\n    entitlements: " + entitlements + "\n";
}

PolicyDiff diffed(const std::string& before, const std::string& after) {
  Diagnostics diagnostics;
  auto found = diff({{"a.yaml", before}}, {{"b.yaml", after}}, diagnostics);
  for (const Diagnostic& one : diagnostics.sorted()) ADD_FAILURE() << render(one);
  return found.value_or(PolicyDiff{});
}

TEST(PolicyDiff, LayoutCommentsAndSpellingAreNoDifference) {
  const std::string before = kSettings + kTarget + role("r", "identity.level>=3", "[sales]");
  const std::string after =
      role("r", "( identity.level  >= 3 )  # as before", "[ sales ]") + kTarget + "---\n" + kSettings;
  const PolicyDiff found = diffed(before, after);
  EXPECT_EQ(found.before, found.after);
  EXPECT_TRUE(found.documents.empty());
}

TEST(PolicyDiff, AddedRemovedAndChangedMembers) {
  const std::string before =
      kSettings + kTarget + role("a", "identity.level >= 3", "[sales]") + role("gone", "true", "[sales]");
  const std::string after =
      kSettings + kTarget + role("a", "identity.level >= 4", "[sales, admin]") + role("new", "true", "[sales]");
  const PolicyDiff found = diffed(before, after);
  ASSERT_EQ(found.documents.size(), 3U);
  EXPECT_EQ(found.documents[0].name, "a");
  EXPECT_EQ(found.documents[0].what, What::kChanged);
  ASSERT_EQ(found.documents[0].members.size(), 2U);
  EXPECT_EQ(found.documents[0].members[0],
            (MemberChange{"assign", json::Value("identity.level >= 3"), json::Value("identity.level >= 4")}));
  EXPECT_EQ(found.documents[0].members[1],
            (MemberChange{"grants[0].entitlements[1]", std::nullopt, json::Value("admin")}));
  EXPECT_EQ(found.documents[1].what, What::kRemoved);
  EXPECT_EQ(found.documents[2].what, What::kAdded);
  EXPECT_NE(found.before, found.after);
}

TEST(PolicyDiff, BothHaveToLoad) {
  Diagnostics diagnostics;
  EXPECT_FALSE(diff({{"a.yaml", kSettings}}, {{"b.yaml", "kind: Nothing\n"}}, diagnostics));
  EXPECT_TRUE(diagnostics.has_errors());
}

}  // namespace
}  // namespace tenure::policy
