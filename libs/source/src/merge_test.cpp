// Merging, on the example policy: what the company's sources mean.
#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <tenure/policy/lifecycle.hpp>
#include <tenure/policy/testing/repository.hpp>
#include <tenure/source/accept.hpp>
#include <tenure/source/merge.hpp>

namespace tenure::source {
namespace {

using Field = std::optional<std::string>;
using Row = std::map<std::string, std::string>;
using model::IdentityId;
using model::SourceName;

const policy::PolicySet& nordhaven() {
  static const policy::PolicySet set =
      policy::testing::load_repository(std::string(TENURE_SOURCE_DIR) + "/examples/nordhaven");
  return set;
}

const Time kNow = Time::parse("2026-11-20").value();

Records records(const std::string& source, const std::vector<Row>& rows) {
  const policy::SourceDoc& doc = nordhaven().sources.at(SourceName(source));
  Records out{source + ".csv", doc.columns, {}};
  std::uint32_t line = 2;
  for (const Row& row : rows) {
    Record record{row.at(doc.key_column), {}, line++};
    for (const std::string& column : doc.columns) {
      const auto found = row.find(column);
      record.fields.push_back(found == row.end() || found->second.empty() ? Field() : Field(found->second));
    }
    out.records.push_back(std::move(record));
  }
  return out;
}

Row contract(const std::string& id, const std::string& person, Row more = {}) {
  Row row{{"contract_id", id},          {"person_id", person}, {"given_name", "Anna"}, {"family_name", "Berg"},
          {"department", "Finance"},    {"site", "Oslo"},      {"title", "Analyst"},   {"level", "4"},
          {"start_date", "2020-01-01"}, {"status", "active"}};
  for (auto& [name, value] : more) row[name] = value;
  return row;
}

Row engagement(const std::string& id, const std::string& person, Row more = {}) {
  Row row{{"engagement_id", id}, {"person_id", person}, {"given_name", "Anna"}, {"family_name", "Berg"},
          {"company", "Acme"},   {"department", "IT"},  {"site", "Oslo"},       {"start_date", "2025-01-01"}};
  for (auto& [name, value] : more) row[name] = value;
  return row;
}

Row service(const std::string& id, const std::string& name, Row more = {}) {
  Row row{{"service_id", id}, {"name", name}, {"environment", "prod"}, {"purpose", "batch"}, {"status", "active"}};
  for (auto& [key, value] : more) row[key] = value;
  return row;
}

using Feeds = std::map<SourceName, Records>;
Feeds feeds(const std::vector<Row>& hr, const std::vector<Row>& contractors = {},
            const std::vector<Row>& services = {}) {
  Feeds out;
  out[SourceName("hr")] = records("hr", hr);
  if (!contractors.empty()) out[SourceName("contractors")] = records("contractors", contractors);
  if (!services.empty()) out[SourceName("cmdb")] = records("cmdb", services);
  return out;
}

Merged merge_at(const Feeds& given, const Identities& previous = {}, Time now = kNow) {
  return merge(nordhaven(), given, previous, now);
}

const model::Identity& by_key(const Merged& merged, const std::string& key) {
  for (const auto& [id, identity] : merged.identities)
    if (identity.key == key) return identity;
  ADD_FAILURE() << "no identity " << key;
  static const model::Identity none;
  return none;
}

json::Value fact(const model::Identity& identity, const std::string& name) {
  return identity.facts.at(name).value;
}

TEST(Merge, NumbersIdentitiesByPersonThenContractorsThenServices) {
  const Merged merged = merge_at(feeds({contract("C2", "P00002"), contract("C9", "P00001")},
                                       {engagement("X1", "K00001")}, {service("S0001", "svc-a")}));
  ASSERT_EQ(merged.identities.size(), 4U);
  EXPECT_EQ(merged.identities.at(IdentityId(1)).key, "P00001");
  EXPECT_EQ(merged.identities.at(IdentityId(2)).key, "P00002");
  EXPECT_EQ(merged.identities.at(IdentityId(3)).key, "K00001");
  EXPECT_EQ(merged.identities.at(IdentityId(4)).key, "svc-a");
  EXPECT_EQ(merged.identities.at(IdentityId(4)).kind, model::IdentityKind::kService);
  EXPECT_EQ(merged.changed.size(), 4U);
}

TEST(Merge, OnePersonOfTwoSourcesIsOneIdentityAndTheHigherPrecedenceSpeaks) {
  const Merged merged = merge_at(feeds({contract("C1", "P00001")}, {engagement("X1", "P00001")}));
  ASSERT_EQ(merged.identities.size(), 1U);
  const model::Identity& anna = by_key(merged, "P00001");
  EXPECT_EQ(fact(anna, "department"), json::Value("Finance"));
  EXPECT_EQ(fact(anna, "employment"), json::Value("employee"));
  EXPECT_EQ(fact(anna, "company"), json::Value("Acme")) << "only the register knows it";
  EXPECT_EQ(fact(anna, "level"), json::Value(4));
  EXPECT_EQ(anna.engagements.size(), 2U);
  EXPECT_EQ(anna.records.size(), 2U);
}

TEST(Merge, AfterTheContractEndsTheRunningEngagementSpeaks) {
  const Merged merged =
      merge_at(feeds({contract("C1", "P00001", {{"status", "terminated"}, {"end_date", "2026-11-20"}})},
                     {engagement("X1", "P00001")}));
  const model::Identity& anna = by_key(merged, "P00001");
  EXPECT_EQ(fact(anna, "department"), json::Value("IT"));
  EXPECT_EQ(fact(anna, "level"), json::Value(1));
  EXPECT_EQ(policy::lifecycle_state(nordhaven(), anna, kNow), model::LifecycleState::kActive);
}

TEST(Merge, TheSameFeedsTwiceChangeNothing) {
  const Feeds given = feeds(
      {contract("C1", "P00001"), contract("C2", "P00002", {{"level", ""}, {"manager_id", "P00001"}})},
      {engagement("X1", "K00001", {{"sponsor_id", "P00002"}})}, {service("S0001", "svc-a", {{"owner_id", "P00001"}})});
  const Merged first = merge_at(given);
  const Merged second = merge_at(given, first.identities, kNow + Duration::days(1));
  EXPECT_TRUE(second.changed.empty());
  EXPECT_EQ(second.identities, first.identities);
}

TEST(Merge, ABlankRequiredFieldIsUnknownAndKeepsWhatWasKnown) {
  const Merged before = merge_at(feeds({contract("C1", "P00001")}));
  const Merged after =
      merge_at(feeds({contract("C1", "P00001", {{"department", ""}, {"title", ""}})}), before.identities);
  const model::Identity& anna = by_key(after, "P00001");
  EXPECT_TRUE(anna.facts.at("department").unknown);
  EXPECT_EQ(fact(anna, "department"), json::Value("Finance"));
  EXPECT_FALSE(anna.facts.at("title").unknown) << "optional: a blank is a proven blank";
  EXPECT_TRUE(fact(anna, "title").is_null());
}

TEST(Merge, ABlankDoesNotFallThroughToALesserSource) {
  const Merged merged = merge_at(feeds({contract("C1", "P00001", {{"department", ""}})}, {engagement("X1", "P00001")}));
  const model::Identity& anna = by_key(merged, "P00001");
  EXPECT_TRUE(anna.facts.at("department").unknown);
  EXPECT_TRUE(fact(anna, "department").is_null());
}

TEST(Merge, AWrongValueIsAWarningThatNamesLineAndColumn) {
  const Merged before = merge_at(feeds({contract("C1", "P00001")}));
  const Merged after =
      merge_at(feeds({contract("C1", "P00001", {{"level", "four"}, {"start_date", "soon"}, {"status", "asleep"}})}),
               before.identities);
  const model::Identity& anna = by_key(after, "P00001");
  EXPECT_TRUE(anna.facts.at("level").unknown);
  EXPECT_EQ(fact(anna, "level"), json::Value(4));
  EXPECT_EQ(anna.engagements, by_key(before, "P00001").engagements);
  const auto all = after.diagnostics.sorted();
  ASSERT_EQ(all.size(), 3U);
  for (const Diagnostic& one : all) {
    EXPECT_EQ(one.place.to_string(), "hr.csv:2");
    EXPECT_EQ(one.reason, Reason::kFeedValue);
  }
  EXPECT_EQ(all[0].summary, "column level: \"four\" is not a whole number");
}

TEST(Merge, AnEngagementThatCannotBeReadHasNotBegun) {
  for (const Row& more : {Row{{"start_date", ""}}, Row{{"end_date", "31.12."}}, Row{{"status", ""}}}) {
    const Merged merged = merge_at(feeds({contract("C1", "P00001", more)}));
    EXPECT_EQ(policy::lifecycle_state(nordhaven(), by_key(merged, "P00001"), kNow), model::LifecycleState::kStaged);
  }
}

TEST(Merge, ARecordThatIsGoneEndsItsEngagementAndTheIdentityStays) {
  const Merged before = merge_at(feeds({contract("C1", "P00001"), contract("C2", "P00002")}));
  const Merged after = merge_at(feeds({contract("C1", "P00001")}), before.identities, kNow + Duration::days(1));
  ASSERT_EQ(after.identities.size(), 2U);
  EXPECT_EQ(after.changed, std::vector<IdentityId>{IdentityId(2)});
  const model::Identity& gone = by_key(after, "P00002");
  EXPECT_EQ(gone.engagements.front().status, "gone");
  EXPECT_EQ(gone.engagements.front().end, kNow + Duration::days(1));
  EXPECT_EQ(fact(gone, "department"), json::Value("Finance"));
  const Merged later = merge_at(feeds({contract("C1", "P00001")}), after.identities, kNow + Duration::days(2));
  EXPECT_TRUE(later.changed.empty()) << "it ended once";
  const Merged back = merge_at(feeds({contract("C1", "P00001"), contract("C2", "P00002")}), later.identities);
  EXPECT_EQ(policy::lifecycle_state(nordhaven(), by_key(back, "P00002"), kNow), model::LifecycleState::kActive);
}

TEST(Merge, ASilentSourceEndsNothing) {
  const Merged before = merge_at(feeds({contract("C1", "P00001")}, {engagement("X1", "K00001")}));
  const Merged after = merge_at(feeds({contract("C1", "P00001")}), before.identities, kNow + Duration::days(1));
  EXPECT_TRUE(after.changed.empty());
}

TEST(Merge, ARehireIsTheSameIdentity) {
  const Merged before = merge_at(feeds(
      {contract("C1", "P00001", {{"status", "terminated"}, {"end_date", "2026-01-01"}}), contract("C2", "P00002")}));
  const Merged after = merge_at(feeds({contract("C1", "P00001", {{"status", "terminated"}, {"end_date", "2026-01-01"}}),
                                       contract("C2", "P00002"), contract("C3", "P00001", {{"department", "IT"}})}),
                                before.identities);
  EXPECT_EQ(after.changed, std::vector<IdentityId>{IdentityId(1)});
  EXPECT_EQ(fact(by_key(after, "P00001"), "department"), json::Value("IT"));
}

TEST(Merge, AmbiguityIsAFindingNotAGuess) {
  const Merged before = merge_at(feeds({contract("C1", "P00001"), contract("C2", "P00002", {{"given_name", "Bo"}})}));
  // C2 suddenly says that it is P00001's.
  const Merged after = merge_at(feeds({contract("C1", "P00001", {{"level", "5"}}),
                                       contract("C2", "P00001", {{"given_name", "Bo"}, {"department", "IT"}})}),
                                before.identities);
  ASSERT_EQ(after.identities.size(), 2U);
  ASSERT_EQ(after.findings.size(), 1U);
  EXPECT_EQ(after.findings[0].kind, model::FindingKind::kAmbiguous);
  EXPECT_EQ(after.findings[0].account.id.str(), "C2");
  EXPECT_EQ(after.identities.at(IdentityId(2)), before.identities.at(IdentityId(2))) << "nothing of it is used";
  EXPECT_EQ(fact(after.identities.at(IdentityId(1)), "level"), json::Value(5)) << "what is certain goes on";
}

TEST(Merge, OneIdentityDoesNotGetTwoNumbersFromOneSource) {
  const Merged before = merge_at(feeds({contract("C1", "P00001"), contract("C2", "P00001")}));
  ASSERT_EQ(before.identities.size(), 1U);
  const Merged after = merge_at(feeds({contract("C1", "P00001"), contract("C2", "P00009")}), before.identities);
  EXPECT_EQ(after.identities.size(), 1U);
  ASSERT_EQ(after.findings.size(), 1U);
  EXPECT_EQ(after.findings[0].account.id.str(), "C2");
}

TEST(Merge, ACorrectedNumberKeepsTheIdentity) {
  const Merged before = merge_at(feeds({contract("C1", "P00001")}));
  const Merged after = merge_at(feeds({contract("C1", "P00007")}), before.identities);
  ASSERT_EQ(after.identities.size(), 1U);
  EXPECT_EQ(after.identities.at(IdentityId(1)).key, "P00007");
}

TEST(Merge, BlankCorrelationValuesJoinNothing) {
  const Merged merged = merge_at(feeds({}, {engagement("X1", ""), engagement("X2", "")}));
  EXPECT_EQ(merged.identities.size(), 2U);
  EXPECT_EQ(merged.identities.at(IdentityId(1)).key, "X1");
}

TEST(Merge, RelationsByNaturalNumber) {
  const Merged merged =
      merge_at(feeds({contract("C1", "P00001", {{"manager_id", "P00002"}}), contract("C2", "P00002"),
                      contract("C3", "P00003", {{"manager_id", "P99999"}})},
                     {engagement("X1", "K00001", {{"sponsor_id", "P00001"}})},
                     {service("S0001", "svc-a", {{"owner_id", "P00003"}}), service("S0002", "svc-b")}));
  const auto to = [&](const std::string& key) {
    const auto& relations = by_key(merged, key).relations;
    return relations.empty() ? std::string("none")
                             : relations.front().kind + " " + merged.identities.at(relations.front().to).key;
  };
  EXPECT_EQ(to("P00001"), "manager P00002");
  EXPECT_EQ(to("P00002"), "none");
  EXPECT_EQ(to("P00003"), "none");
  EXPECT_EQ(to("K00001"), "sponsor P00001");
  EXPECT_EQ(to("svc-a"), "owner P00003");
  EXPECT_EQ(merged.diagnostics.sorted().size(), 1U) << "P99999 is no known person_id";
  ASSERT_EQ(merged.findings.size(), 1U);
  EXPECT_EQ(merged.findings[0].kind, model::FindingKind::kUnowned);
  EXPECT_EQ(merged.findings[0].summary, "service svc-b has no owner");
}

TEST(Merge, ARetiredServiceIsRetired) {
  const Merged merged =
      merge_at(feeds({}, {}, {service("S0001", "svc-a", {{"status", "retired"}}), service("S0002", "svc-b")}));
  EXPECT_EQ(policy::lifecycle_state(nordhaven(), by_key(merged, "svc-a"), kNow), model::LifecycleState::kRetired);
  EXPECT_EQ(policy::lifecycle_state(nordhaven(), by_key(merged, "svc-b"), kNow), model::LifecycleState::kActive);
}

TEST(Merge, TheOrderOfRecordsDoesNotMatter) {
  const auto number = [](const char* prefix, int n) { return prefix + std::to_string(n); };
  const bool ok = rc::check("shuffling records gives the same identities", [&] {
    const auto person = rc::gen::inRange(1, 6);
    std::vector<Row> hr, contractors;
    const int contracts = *rc::gen::inRange(1, 10);
    for (int i = 0; i < contracts; ++i)
      hr.push_back(contract(number("C", i), number("P", *person),
                            {{"department", *rc::gen::element<std::string>("Finance", "IT", "")},
                             {"level", *rc::gen::element<std::string>("1", "5", "x", "")},
                             {"start_date", *rc::gen::element<std::string>("2020-01-01", "2026-12-01", "")},
                             {"end_date", *rc::gen::element<std::string>("2026-01-01", "2027-01-01", "")},
                             {"status", *rc::gen::element<std::string>("active", "leave", "terminated")},
                             {"manager_id", number("P", *person)}}));
    const int engagements = *rc::gen::inRange(0, 4);
    for (int i = 0; i < engagements; ++i)
      contractors.push_back(engagement(number("X", i), *rc::gen::element(number("P", *person), std::string())));
    const Feeds given = feeds(hr, contractors);
    Feeds shuffled = given;
    for (auto& [name, one] : shuffled) {
      for (std::size_t i = one.records.size(); i > 1; --i)
        std::swap(one.records[i - 1], one.records[*rc::gen::inRange<std::size_t>(0, i)]);
    }
    const Merged a = merge_at(given), b = merge_at(shuffled);
    RC_ASSERT(a.identities == b.identities);
    RC_ASSERT(a.findings == b.findings);
    // And a second merge is empty (T6), whatever the order.
    RC_ASSERT(merge_at(shuffled, a.identities).changed.empty());
  });
  EXPECT_TRUE(ok);
}

}  // namespace
}  // namespace tenure::source
