// Merging the slice that a feed touches is merging everything.
#include <algorithm>
#include <map>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <tenure/policy/testing/repository.hpp>
#include <tenure/source/register.hpp>

namespace tenure::source {
namespace {

using model::IdentityId;
using model::SourceName;
using Row = std::map<std::string, std::string>;
using Feeds = std::map<std::string, std::map<std::string, Row>>;  // source, key

const policy::PolicySet& nordhaven() {
  static const policy::PolicySet set =
      policy::testing::load_repository(std::string(TENURE_SOURCE_DIR) + "/examples/nordhaven");
  return set;
}

Reading reading(const std::string& source, const std::map<std::string, Row>& rows, bool backwards) {
  const policy::SourceDoc& doc = nordhaven().sources.at(SourceName(source));
  std::vector<model::FeedRecord> records;
  for (const auto& [key, row] : rows) {
    auto& record = records.emplace_back();
    for (const std::string& column : doc.columns) {
      const auto found = row.find(column);
      record.fields.push_back(column == doc.key_column                      ? std::optional(key)
                              : found == row.end() || found->second.empty() ? std::nullopt
                                                                            : std::optional(found->second));
    }
  }
  if (backwards) std::reverse(records.begin(), records.end());
  for (std::uint32_t i = 0; i < records.size(); ++i) records[i].line = i + 2;
  return {source + ".csv", "sha256:" + std::to_string(rows.size()), doc.columns, model::feed_rows(records), true};
}

// The same through merge(), which looks at everything each time.
struct Oracle {
  Identities identities;
  Merged merge(const Register& sources, Time now) {
    std::map<SourceName, Records> records;
    for (const auto& [name, doc] : nordhaven().sources)
      if (const Kept* kept = sources.kept(name); kept != nullptr) {
        Records& all = records.emplace(name, Records{kept->file, kept->columns, {}}).first->second;
        for (Kept::Code code = 0; code < kept->codes(); ++code)
          if (kept->present(code)) all.records.push_back(kept->record(code));
      }
    Merged merged = source::merge(nordhaven(), records, identities, now);
    identities = merged.identities;
    return merged;
  }
};

std::vector<std::string> texts(const Diagnostics& diagnostics) {
  std::vector<std::string> out;
  for (const Diagnostic& one : diagnostics.sorted()) out.push_back(render(one));
  std::sort(out.begin(), out.end());
  return out;
}

Row random_row(const std::string& source, int people) {
  const auto person = [&] { return "P" + std::to_string(*rc::gen::inRange(0, people)); };
  const auto rarely = [](const std::string& usual, const std::string& rare) {
    return *rc::gen::inRange(0, 8) == 0 ? rare : usual;
  };
  const std::string date = *rc::gen::element<std::string>("2020-01-01", "2026-11-22", "2026-12-01");
  const std::string end = *rc::gen::element<std::string>("", "", "2026-11-21", "2026-11-24", "2027-01-01");
  if (source == "cmdb")
    return {{"name", "svc-" + std::to_string(*rc::gen::inRange(0, 4))},
            {"environment", "prod"},
            {"purpose", "batch"},
            {"owner_id", rarely(person(), "")},
            {"status", rarely("active", "retired")}};
  return {{"person_id", rarely(person(), "")},
          {"given_name", *rc::gen::element<std::string>("Anna", "Bo")},
          {"family_name", "Berg"},
          {"company", "Acme"},
          {"department", rarely("Finance", "")},
          {"site", "Oslo"},
          {"title", "Analyst"},
          {"level", rarely("4", "four")},
          {"start_date", rarely(date, "soon")},
          {"end_date", end},
          {"manager_id", rarely(person(), "P99")},
          {"sponsor_id", person()},
          {"status", *rc::gen::element<std::string>("active", "active", "leave", "terminated")}};
}

TEST(Register, ASliceIsMergedAsEverythingWouldBe) {
  const bool ok = rc::check("incremental merge == full merge", [] {
    const int people = *rc::gen::inRange(2, 9);
    Feeds feeds;
    IdentityMap known;
    Oracle oracle;
    Time now = Time::parse("2026-11-20").value();
    auto sources = std::make_unique<Register>(nordhaven(), known, std::map<SourceName, Kept>(), std::nullopt);
    const int steps = *rc::gen::inRange(6, 16);
    for (int step = 0; step < steps; ++step) {
      for (const char* source : {"hr", "contractors", "cmdb"}) {
        if (*rc::gen::inRange(0, 3) == 0) continue;  // not pulled now
        auto& rows = feeds[source];
        const int edits = *rc::gen::inRange(0, 4);
        for (int i = 0; i < edits; ++i) {
          const std::string key = source[0] + std::to_string(*rc::gen::inRange(0, 12));
          if (*rc::gen::inRange(0, 4) == 0)
            rows.erase(key);
          else
            rows[key] = random_row(source, people);
        }
        if (rows.empty()) continue;
        Diagnostics diagnostics;
        sources->accept(nordhaven().sources.at(SourceName(source)), reading(source, rows, *rc::gen::arbitrary<bool>()),
                        {}, {"sha256:" + std::to_string(rows.size())}, diagnostics);
      }
      now = now + Duration::hours(*rc::gen::inRange(0, 40));
      const Merged expected = oracle.merge(*sources, now);
      const MergeOutcome outcome = sources->merge(now);
      RC_LOG() << "step " << step << (outcome.whole ? " whole" : " slice") << '\n';
      std::vector<IdentityId> changed;
      for (const IdentityChange& change : outcome.changes) changed.push_back(change.after.id);
      RC_ASSERT(changed == expected.changed);
      RC_ASSERT(known.identities() == expected.identities);
      RC_ASSERT(outcome.findings == expected.findings);
      RC_ASSERT(texts(outcome.diagnostics) == texts(expected.diagnostics));
      if (*rc::gen::inRange(0, 3) == 0) {  // another process goes on, with what is stored
        std::map<SourceName, Kept> kept;
        for (const auto& [name, doc] : nordhaven().sources)
          if (const Kept* old = sources->kept(name); old != nullptr) {
            Kept& copy = kept[name];
            copy.file = old->file;
            copy.digest = old->digest;
            copy.columns = old->columns;
            copy.feed_columns = old->feed_columns;
            for (Kept::Code code = old->codes(); code-- > 0;)
              if (old->present(code)) copy.put(copy.intern(old->key(code)), old->text(code), 0);
          }
        const auto memory = merge_memory_from_json(to_json(*sources->memory()));
        RC_ASSERT(memory.has_value() && *memory == *sources->memory());
        sources = std::make_unique<Register>(nordhaven(), known, std::move(kept), *memory);
      }
    }
  });
  EXPECT_TRUE(ok);
}

TEST(Register, LooksOnlyAtWhatWasTouched) {
  IdentityMap known;
  Register sources(nordhaven(), known, {}, std::nullopt);
  Time now = Time::parse("2026-11-20").value();
  std::map<std::string, Row> rows;
  for (int i = 0; i < 500; ++i)
    rows["C" + std::to_string(i)] = {{"person_id", "P" + std::to_string(i)},
                                     {"given_name", "Anna"},
                                     {"family_name", "Berg"},
                                     {"department", "IT"},
                                     {"site", "Oslo"},
                                     {"title", "Analyst"},
                                     {"level", "4"},
                                     {"start_date", "2020-01-01"},
                                     {"status", "active"},
                                     {"manager_id", "P1"}};
  const policy::SourceDoc& hr = nordhaven().sources.at(SourceName("hr"));
  Diagnostics diagnostics;
  ASSERT_TRUE(sources.accept(hr, reading("hr", rows, false), {}, {}, diagnostics).accepted);
  EXPECT_TRUE(sources.merge(now).whole);
  EXPECT_EQ(known.count(), 500U);
  now = now + Duration::days(1);
  sources.merge(now);  // those that were new are looked at once more
  rows["C7"]["department"] = "Finance";
  rows.erase("C9");
  ASSERT_TRUE(sources.accept(hr, reading("hr", rows, true), {}, {}, diagnostics).accepted);
  now = now + Duration::days(1);
  const MergeOutcome outcome = sources.merge(now);
  EXPECT_FALSE(outcome.whole);
  EXPECT_EQ(outcome.looked_at, 2U);
  ASSERT_EQ(outcome.changes.size(), 2U);
  EXPECT_EQ(outcome.changes[0].before->facts.at("department").value, json::Value("IT"));
  EXPECT_EQ(outcome.changes[0].after.facts.at("department").value, json::Value("Finance"));
  // Whoever names a value that somebody gains is looked at too.
  rows["C1"]["person_id"] = "P1001";
  ASSERT_TRUE(sources.accept(hr, reading("hr", rows, true), {}, {}, diagnostics).accepted);
  EXPECT_EQ(sources.merge(now).looked_at, 500U) << "all have P1 as manager";
}

}  // namespace
}  // namespace tenure::source
