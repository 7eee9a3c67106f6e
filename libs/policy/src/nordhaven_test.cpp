// The example repository: it loads without a warning, its examples hold, and it says what the company means.
#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include <tenure/policy/evaluate.hpp>
#include <tenure/policy/load.hpp>
#include <tenure/policy/test.hpp>
#include <tenure/policy/testing/repository.hpp>

namespace tenure::policy {
namespace {

const std::string kFolder = std::string(TENURE_SOURCE_DIR) + "/examples/nordhaven";

std::string all(const Diagnostics& diagnostics) {
  std::string text;
  for (const Diagnostic& diagnostic : diagnostics.sorted()) text += render(diagnostic) + "\n";
  return text;
}

model::Identity person(const std::vector<std::pair<std::string, json::Value>>& facts) {
  model::Identity identity;
  identity.id = model::IdentityId(1);
  identity.key = "P00001";
  for (const auto& [name, value] : facts) identity.facts[name] = {value, false, model::SourceName("hr"), Time()};
  return identity;
}

// "target: entitlement parameters" of everything the roles give.
std::vector<std::string> held(const PolicySet& set, const model::Identity& identity, model::LifecycleState state) {
  const Subject subject(set, identity);
  std::vector<std::string> out;
  for (const auto& [name, role] : set.roles) {
    if (subject.role(role, state).truth != Truth::kTrue) continue;
    for (const RoleGrant& grant : role.grants)
      if (subject.grant(grant).truth == Truth::kTrue)
        for (const auto& entitled : grant.entitlements)
          out.push_back(grant.target.str() + ": " + entitled.id.str() + entitled.parameters);
  }
  std::sort(out.begin(), out.end());
  return out;
}

TEST(Nordhaven, LoadsWithoutAWarning) {
  Diagnostics diagnostics;
  const auto set = load(testing::read_repository(kFolder), diagnostics);
  EXPECT_EQ(all(diagnostics), "");
  ASSERT_TRUE(set);
  EXPECT_EQ(set->name, "nordhaven");
  EXPECT_EQ(set->sources.size(), 3U);
  EXPECT_EQ(set->targets.size(), 4U);
  EXPECT_GE(set->roles.size(), 14U);
}

TEST(Nordhaven, ExamplesHold) {
  const PolicySet set = testing::load_repository(kFolder);
  Diagnostics diagnostics;
  const ExampleCount count = run_examples(set, diagnostics);
  EXPECT_EQ(all(diagnostics), "");
  EXPECT_GE(count.run, 25U);
  EXPECT_EQ(count.failed, 0U);
}

TEST(Nordhaven, EveryRoleHasAnExample) {
  const PolicySet set = testing::load_repository(kFolder);
  for (const auto& [name, role] : set.roles) EXPECT_FALSE(role.examples.empty()) << name.str();
}

TEST(Nordhaven, WhatASeniorFinancePersonHolds) {
  const PolicySet set = testing::load_repository(kFolder);
  const auto identity = person({{"department", "Finance"}, {"level", 6}, {"site", "Oslo"}, {"employment", "employee"}});
  EXPECT_EQ(held(set, identity, model::LifecycleState::kActive),
            (std::vector<std::string>{"directory: all-staff", "directory: dept-finance", "directory: site-oslo",
                                      "ledger: ledger_close", "ledger: ledger_ro", "ledger: ledger_rw"}));
  // On leave: privileged access ends, the rest waits behind a disabled account.
  EXPECT_EQ(held(set, identity, model::LifecycleState::kSuspended),
            (std::vector<std::string>{"directory: all-staff", "directory: dept-finance", "directory: site-oslo",
                                      "ledger: ledger_ro", "ledger: ledger_rw"}));
  EXPECT_TRUE(held(set, identity, model::LifecycleState::kLeft).empty());
}

TEST(Nordhaven, AllocatesOneLoginPerPerson) {
  const PolicySet set = testing::load_repository(kFolder);
  const auto places = allocation_places(set);
  ASSERT_TRUE(places.contains("uid"));
  EXPECT_EQ(places.at("uid").target.str(), "directory");
  EXPECT_EQ(places.at("uid").account_class, "people");
  const auto identity = person({{"given_name", "Łukasz"}, {"family_name", "O'Brien Żak"}});
  Subject subject(set, identity);
  const Computed base = subject.value(places.at("uid").rule->value);
  ASSERT_FALSE(base.unknown) << base.trouble;
  EXPECT_EQ(base.value.as_string(), "lobrienzak");
  const Computed userid = subject.value(places.at("userid").rule->value);
  ASSERT_FALSE(userid.unknown) << userid.trouble;
  EXPECT_EQ(candidate(*places.at("userid").rule, userid.value.as_string(), 1), "LOBRIENZ");
  EXPECT_EQ(candidate(*places.at("userid").rule, userid.value.as_string(), 12), "LOBRIE12");
}

TEST(Nordhaven, ApprovalsByChange) {
  const PolicySet set = testing::load_repository(kFolder);
  const auto names = [&](const ChangeFacts& change) {
    std::vector<std::string> out;
    for (const ApprovalRule* rule : approvals_for(set, change)) out.push_back(rule->name);
    return out;
  };
  ChangeFacts change{.verb = "revoke", .kind = "grant", .risk = "privileged", .state = "left", .takes_away = true};
  EXPECT_EQ(names(change), std::vector<std::string>{"leaver"});
  change.state = "active";
  EXPECT_EQ(names(change), std::vector<std::string>{"ordinary"});
  change = {.verb = "grant", .kind = "grant", .risk = "privileged", .state = "active"};
  EXPECT_EQ(names(change), std::vector<std::string>{"privileged"});
  change.risk = "low";
  EXPECT_EQ(names(change), std::vector<std::string>{"ordinary"});
}

TEST(Nordhaven, DigestIsIndependentOfOrderCommentsAndFormatting) {
  std::vector<Document> documents = testing::read_repository(kFolder);
  Diagnostics diagnostics;
  const Digest digest = load(documents, diagnostics)->digest;
  std::mt19937 random(7);
  std::shuffle(documents.begin(), documents.end(), random);
  for (Document& document : documents) {
    document.text = "# a comment\n\n" + document.text + "\n# another\n";
    document.path = "moved/" + document.path;
    for (std::size_t at = 0; (at = document.text.find(" == ", at)) != std::string::npos;)
      document.text.replace(at, 4, "==");
  }
  const auto again = load(documents, diagnostics);
  ASSERT_TRUE(again) << all(diagnostics);
  EXPECT_EQ(again->digest, digest);

  const auto sales = std::find_if(documents.begin(), documents.end(),
                                  [](const Document& document) { return document.path == "moved/roles/sales.yaml"; });
  ASSERT_NE(sales, documents.end());
  sales->text.replace(sales->text.find("level >= 3"), 10, "level >= 2");
  const auto changed = load(documents, diagnostics);
  ASSERT_TRUE(changed) << all(diagnostics);
  EXPECT_NE(changed->digest, digest);
}

}  // namespace
}  // namespace tenure::policy
