// The company that figures are measured on, looked at by the row evaluator: what its own arithmetic says of rules and
// grants is what the product says, or its answers would check nothing.
#include "company.hpp"

#include "harness.hpp"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include <tenure/policy/evaluate.hpp>

namespace tenure::bench {
namespace {

const Company& company() {
  static const Company made = make_company(CompanySize::of(0.01));
  return made;
}

model::Identity identity_of(std::uint32_t row) {
  model::Identity identity;
  identity.id = model::IdentityId(std::int64_t{row} + 1);
  for (const Attribute& attribute : company().attributes) {
    const std::string& text = attribute.text(row);
    model::Fact fact;
    fact.value = attribute.is_number ? json::Value(std::stoi(text)) : json::Value(text);
    fact.unknown = attribute.unknown[row];
    identity.facts.emplace(attribute.name, std::move(fact));
  }
  return identity;
}

const policy::PolicySet& loaded() {
  static const policy::PolicySet policy = [] {
    Diagnostics diagnostics;
    auto set = policy::load(policy_of(company()), diagnostics);
    EXPECT_TRUE(set.has_value()) << (set ? "" : diagnostics.to_error().to_string());
    return std::move(*set);
  }();
  return policy;
}

TEST(Company, IsThePublishedOneInItsProportions) {
  const auto people = static_cast<double>(company().size.identities);
  EXPECT_EQ(company().attributes.size(), 18U);
  EXPECT_EQ(company().targets.size(), 8U);
  EXPECT_NEAR(static_cast<double>(company().accounts()) / people, 1.3, 0.05);
  EXPECT_NEAR(static_cast<double>(company().movers.size()) / people, 0.01, 0.003);
  std::set<std::string> logins(company().logins.begin(), company().logins.end());
  EXPECT_EQ(logins.size(), company().logins.size());
}

TEST(Company, IsMadeTheSameAgain) {
  const Company again = make_company(company().size);
  EXPECT_EQ(expected_of(again).missing, expected_of(company()).missing);
  EXPECT_EQ(again.targets[0].observed.accounts, company().targets[0].observed.accounts);
}

TEST(Company, RulesMeanWhatTheirExpressionsMean) {
  const std::vector<Members> members = members_of(company());
  ASSERT_EQ(loaded().roles.size(), company().rules.size() + 1);
  for (std::uint32_t row = 0; row < company().size.identities; row += 97) {
    const model::Identity identity = identity_of(row);
    const policy::Subject subject(loaded(), identity);
    for (std::size_t r = 0; r < company().rules.size(); ++r) {
      const policy::Truth truth =
          subject.condition(loaded().roles.at(model::RoleName(role_name(r))).assign.value()).truth;
      const auto in = [&](const std::vector<std::uint32_t>& rows) {
        return std::binary_search(rows.begin(), rows.end(), row);
      };
      EXPECT_EQ(truth == policy::Truth::kTrue, in(members[r].yes))
          << row << " " << cel_of(company(), company().rules[r]);
      EXPECT_EQ(truth == policy::Truth::kUnknown, in(members[r].unknown)) << row << " rule " << r;
    }
  }
}

TEST(Company, HandsAndMoversAreWhatIsExpected) {
  // By person instead of by entitlement.
  const Company& made = company();
  GrantSum missing, extra;
  std::vector<std::set<std::uint32_t>> yes(made.size.identities), maybe(made.size.identities),
      held(made.size.identities);
  for (std::uint32_t row = 0; row < made.size.identities; ++row) {
    if (made.working[row] == Working::kLeft) continue;
    yes[row].insert(0);
    for (const Rule& rule : made.rules) {
      const Holds truth = holds(made, rule, row);
      if (truth == Holds::kYes) yes[row].insert(rule.entitlements.begin(), rule.entitlements.end());
      if (truth == Holds::kUnknown) maybe[row].insert(rule.entitlements.begin(), rule.entitlements.end());
    }
  }
  for (const CompanyTarget& target : made.targets)
    for (std::size_t e = 0; e < target.entitlements.size(); ++e)
      for (auto at = target.observed.offsets[e]; at < target.observed.offsets[e + 1]; ++at)
        if (made.entitlements[target.entitlements[e]].managed)
          held[target.owners[target.observed.accounts[at]]].insert(target.entitlements[e]);
  for (std::uint32_t row = 0; row < made.size.identities; ++row) {
    for (const std::uint32_t e : yes[row])
      if (!held[row].contains(e)) missing.add(e, row);
    for (const std::uint32_t e : held[row])
      if (!yes[row].contains(e) && !maybe[row].contains(e)) extra.add(e, row);
  }
  EXPECT_EQ(expected_of(made).missing, missing);
  EXPECT_EQ(expected_of(made).extra, extra);
  EXPECT_GT(missing.count, 0);
  EXPECT_GT(extra.count, 0);
}

TEST(Harness, MediansAndQuantiles) {
  EXPECT_EQ(median({}), 0);
  EXPECT_EQ(median({3, 1, 2}), 2);
  std::vector<double> hundred;
  for (int i = 0; i < 100; ++i) hundred.push_back(i);
  EXPECT_EQ(quantile(hundred, 0.99), 99);
  EXPECT_EQ(quantile(hundred, 0.5), 50);
  EXPECT_EQ(quantile({7}, 0.99), 7);
}

}  // namespace
}  // namespace tenure::bench
