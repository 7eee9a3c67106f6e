// What documents and persons decide about a merge: who is believed about one attribute, and that two are one.
#include <gtest/gtest.h>

#include <tenure/policy/load.hpp>
#include <tenure/source/merge.hpp>

namespace tenure::source {
namespace {

using model::IdentityId;
using model::SourceName;

std::string source(const std::string& name, int precedence, const std::string& site) {
  return "---\napiVersion: tenure/v1\nkind: Source\nmetadata: { name: " + name + ", owner: o }\nconnector: csv\n" +
         "connection: { file: f }\nprecedence: " + std::to_string(precedence) +
         "\nkey: id\ncolumns: [id, person, site, name]\nidentity: { key: person_id, correlate: person_id }\n" +
         "attributes:\n  person_id: record.person\n  name: record.name\n  site: " + site + "\n";
}

policy::PolicySet policy_of(const std::string& site_of_phones) {
  Diagnostics diagnostics;
  auto set = policy::load({{"p.yaml",
                            "apiVersion: tenure/v1\nkind: Settings\nmetadata: { name: x }\n"
                            "attributes: { person_id: string, name: string, site: string }\n" +
                                source("hr", 100, "record.site") + source("phones", 10, site_of_phones)}},
                          diagnostics);
  for (const Diagnostic& one : diagnostics.sorted()) ADD_FAILURE() << render(one);
  return std::move(set.value());
}

Records records(const std::vector<std::vector<std::string>>& rows) {
  Records out{"f.csv", {"id", "person", "site", "name"}, {}};
  std::uint32_t line = 2;
  for (const auto& row : rows) {
    Record record{row.at(0), {}, line++};
    for (const std::string& field : row)
      record.fields.push_back(field.empty() ? std::optional<std::string>() : std::optional<std::string>(field));
    out.records.push_back(std::move(record));
  }
  return out;
}

const Time kNow = Time::parse("2026-11-20").value();

std::string fact(const Identities& identities, std::int64_t id, const std::string& name) {
  return identities.at(IdentityId(id)).facts.at(name).value.as_string();
}

TEST(Precedence, OfOneAttributeMayBeAnotherThanTheSources) {
  const std::map<SourceName, Records> feeds = {{SourceName("hr"), records({{"C1", "P1", "Oslo", "Anna"}})},
                                               {SourceName("phones"), records({{"7", "P1", "Bergen", "A. Berg"}})}};
  const auto plain = merge(policy_of("record.site"), feeds, {}, kNow);
  EXPECT_EQ(fact(plain.identities, 1, "site"), "Oslo");
  const auto own = merge(policy_of("{ from: record.site, precedence: 200 }"), feeds, {}, kNow);
  ASSERT_EQ(own.identities.size(), 1U);
  EXPECT_EQ(fact(own.identities, 1, "site"), "Bergen") << "the phone book knows where people sit";
  EXPECT_EQ(fact(own.identities, 1, "name"), "Anna") << "and nothing else changes";
  const auto low = merge(policy_of("{ from: record.site, precedence: -5 }"), feeds, {}, kNow);
  EXPECT_EQ(fact(low.identities, 1, "site"), "Oslo");
  const auto constant = merge(policy_of("{ constant: Remote, precedence: 200 }"), feeds, {}, kNow);
  EXPECT_EQ(fact(constant.identities, 1, "site"), "Remote");
}

// Two contracts under two numbers, and a person said that they are one.
TEST(MergedByAPerson, StaysOneWhateverTheFeedsSay) {
  const policy::PolicySet policy = policy_of("record.site");
  const auto feed = [](const std::string& site) {
    return std::map<SourceName, Records>{
        {SourceName("hr"), records({{"C1", "P1", "Oslo", "Anna"}, {"C2", "P2", site, "Anna"}})}};
  };
  Identities identities = merge(policy, feed("Oslo"), {}, kNow).identities;
  ASSERT_EQ(identities.size(), 2U);
  model::Identity& kept = identities.at(IdentityId(2));
  model::Identity& alias = identities.at(IdentityId(1));
  for (const auto& record : alias.records) kept.records.insert(kept.records.begin(), record);
  for (const auto& one : alias.engagements) kept.engagements.insert(kept.engagements.begin(), one);
  alias.alias_of = kept.id;
  alias.records.clear();
  alias.engagements.clear();
  for (const char* site : {"Oslo", "Bergen", "Oslo"}) {
    const auto merged = merge(policy, feed(site), identities, kNow);
    EXPECT_TRUE(merged.findings.empty()) << merged.findings.front().summary;
    ASSERT_EQ(merged.identities.size(), 2U);
    EXPECT_EQ(merged.identities.at(IdentityId(2)).records.size(), 2U);
    EXPECT_EQ(merged.identities.at(IdentityId(1)).alias_of, IdentityId(2));
    EXPECT_EQ(fact(merged.identities, 2, "person_id"), "P2") << "the alias answers for P1";
    identities = merged.identities;
  }
  // A third contract under either number is theirs too.
  auto more = feed("Oslo");
  more[SourceName("hr")] =
      records({{"C1", "P1", "Oslo", "Anna"}, {"C2", "P2", "Oslo", "Anna"}, {"C3", "P1", "Oslo", "A"}});
  EXPECT_EQ(merge(policy, more, identities, kNow).identities.at(IdentityId(2)).records.size(), 3U);
}

}  // namespace
}  // namespace tenure::source
