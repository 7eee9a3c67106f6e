// Two identities become one: what follows, and what is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tenure/governance/identity.hpp>

namespace tenure::governance {
namespace {

const Time kNow = Time::parse("2026-11-20").value();
const model::TargetName kCrm("crm");

model::Identity person(std::int64_t id, const std::string& record) {
  model::Identity identity;
  identity.id = model::IdentityId(id);
  identity.key = "P" + std::to_string(id);
  identity.facts["person_id"] = {identity.key, false, model::SourceName("hr"), kNow};
  identity.records = {{model::SourceName("hr"), record}};
  identity.engagements = {{model::SourceName("hr"), record, kNow, Time::never(), "active"}};
  return identity;
}

ClaimedAccount account(const std::string& id, std::int64_t identity, bool decided = false) {
  ClaimedAccount one;
  one.claim.account = {kCrm, model::NativeId(id)};
  one.claim.identity = model::IdentityId(identity);
  one.account_class = "users";
  one.name = id;
  if (!decided) return one;
  one.granted_or_disabled.emplace();
  one.granted_or_disabled->kind = model::DecisionKind::kGranted;
  one.granted_or_disabled->account = one.claim.account;
  return one;
}

MergeRequest request(const std::string& person_id = "operator:bo") {
  MergeRequest one;
  one.person = {person_id, {evidence::ActorKind::kPerson, "ref"}};
  one.reason = "hired twice";
  one.case_id = "case";
  return one;
}

TEST(IdentityMerge, EverythingFollowsAndAnAliasStays) {
  const model::Identity anna = person(1, "C1"), again = person(2, "C2");
  model::Identity report = person(3, "C3");
  report.relations = {{"manager", again.id, model::SourceName("hr")}};
  const std::vector<model::NameTaken> names = {{kCrm, "name", "aberg2", again.id, kNow}};
  const auto merged =
      merge_identities(anna, again, {account("aberg2", 2)}, names, {anna, again, report}, request(), kNow);
  ASSERT_TRUE(merged.has_value()) << merged.error().to_string();
  EXPECT_EQ(merged->alias.alias_of, anna.id);
  EXPECT_EQ(merged->alias.facts, again.facts) << "records find the alias by its facts";
  EXPECT_EQ(merged->kept.records.size(), 2U);
  EXPECT_EQ(merged->kept.engagements.size(), 2U);
  EXPECT_EQ(merged->claims.at(0).identity, anna.id);
  EXPECT_EQ(merged->names.at(0).identity, anna.id);
  EXPECT_EQ(merged->others.at(0).relations.at(0).to, anna.id);
  EXPECT_EQ(merged->records.at(0).type, evidence::event::kIdentityMerged);
  EXPECT_EQ(merged->records.size(), 2U);
}

TEST(IdentityMerge, OfTwoAccountsOfOneClassSomebodySaysWhichIsFirst) {
  const model::Identity anna = person(1, "C1"), again = person(2, "C2");
  const std::vector<ClaimedAccount> accounts = {account("aberg", 1, true), account("aberg2", 2, true)};
  const auto refused = merge_identities(anna, again, accounts, {}, {}, request(), kNow);
  EXPECT_EQ(refused.error().reason(), Reason::kIdentityMerge);
  EXPECT_NE(refused.error().message().find("crm:aberg, crm:aberg2"), std::string::npos) << refused.error().message();
  MergeRequest said = request();
  said.first = {accounts[1].claim.account};
  const auto merged = merge_identities(anna, again, accounts, {}, {}, said, kNow);
  ASSERT_TRUE(merged.has_value()) << merged.error().to_string();
  ASSERT_EQ(merged->decisions_ended.size(), 1U);
  EXPECT_EQ(merged->decisions_ended[0].account, accounts[0].claim.account);
  said.first.push_back(accounts[0].claim.account);
  EXPECT_FALSE(merge_identities(anna, again, accounts, {}, {}, said, kNow).has_value()) << "both cannot be first";
}

TEST(IdentityMerge, WhatCannotBe) {
  const model::Identity anna = person(1, "C1"), again = person(2, "C2");
  model::Identity service = again, alias = again;
  service.kind = model::IdentityKind::kService;
  alias.alias_of = model::IdentityId(9);
  MergeRequest silent = request();
  silent.reason.clear();
  const auto reason = [](const auto& result) { return result.error().reason(); };
  EXPECT_EQ(reason(merge_identities(anna, anna, {}, {}, {}, request(), kNow)), Reason::kIdentityMerge);
  EXPECT_EQ(reason(merge_identities(anna, service, {}, {}, {}, request(), kNow)), Reason::kIdentityMerge);
  EXPECT_EQ(reason(merge_identities(anna, alias, {}, {}, {}, request(), kNow)), Reason::kIdentityMerge);
  EXPECT_EQ(reason(merge_identities(anna, again, {}, {}, {}, silent, kNow)), Reason::kIdentityMerge);
  EXPECT_EQ(reason(merge_identities(anna, again, {}, {}, {}, request("identity:2"), kNow)), Reason::kSelfApproval);
}

}  // namespace
}  // namespace tenure::governance
