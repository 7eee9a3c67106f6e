// Golden text of two plans side by side.
#include "commands/plan_diff_view.hpp"

#include <gtest/gtest.h>

#include <tenure/base/text.hpp>

namespace tenure::cli {
namespace {

plan::Change grant(const std::string& login, const std::string& right, const std::string& because) {
  plan::Change change;
  change.id = model::ChangeId(login + right + because);
  change.verb = plan::Verb::kGrant;
  change.target = model::TargetName("directory");
  change.account.id = model::NativeId("id-" + login);
  change.account.name = login;
  change.entitlement = model::EntitlementId(right);
  change.reason = {"role " + right, because, {}, ""};
  return change;
}

TEST(PlanDiffText, EachListSaysWhatItIs) {
  plan::Plan a, b;
  a.policy = b.policy = Digest::of("policy");
  a.purpose = b.purpose = "reconcile";
  a.changes = {grant("aberg", "sales", "department = Sales"), grant("cdahl", "crm", "department = Sales")};
  b.changes = {grant("aberg", "sales", "department = Retail"), grant("eek", "crm", "department = Sales")};
  b.unknowns = {{model::TargetName("crm"), "accounts", "does not answer", 2}};
  const plan::Comparison found = plan::compare(a, b);
  const Digest first = Digest::parse("sha256:9f3c77a1" + std::string(56, '0')).value();
  const Digest second = Digest::parse("sha256:12345678" + std::string(56, '0')).value();
  EXPECT_EQ(diff_text({a, first, b, second, found}, false),
            "A 9f3c-77a1  reconcile  + 2\n"
            "B 1234-5678  reconcile  + 2  ? 1\n"
            "Only in A:\n"
            "  + grant crm to cdahl  in directory  because role crm: department = Sales\n"
            "Only in B:\n"
            "  + grant crm to eek  in directory  because role crm: department = Sales\n"
            "In both, A | B:\n"
            "  + grant sales to aberg  in directory; reason: role sales: department = Sales | role sales: department = "
            "Retail\n"
            "Beside the changes, only in B:\n"
            "  unknown crm accounts: does not answer, 2 withheld\n"
            "1 only in A, 1 only in B, 1 in both but not the same, 0 the same.\n");
}

TEST(PlanDiffText, FoldedItFitsAScreenAndCountsTheRest) {
  plan::Plan a, b;
  for (int i = 0; i < 100; ++i) {
    a.changes.push_back(grant("a" + std::to_string(i), "x", "r"));
    b.changes.push_back(grant("b" + std::to_string(i), "x", "r"));
  }
  const plan::Comparison found = plan::compare(a, b);
  const std::string text = diff_text({a, Digest::of("a"), b, Digest::of("b"), found}, false);
  EXPECT_LE(split(text, '\n').size(), 41U);
  EXPECT_NE(text.find("  ... 93 more not shown (--full)"), std::string::npos) << text;
  EXPECT_EQ(diff_text({a, Digest::of("a"), b, Digest::of("b"), found}, true).find("not shown"), std::string::npos);
}

}  // namespace
}  // namespace tenure::cli
