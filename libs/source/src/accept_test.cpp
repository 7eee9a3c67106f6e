#include <gtest/gtest.h>

#include <tenure/policy/testing/repository.hpp>
#include <tenure/source/accept.hpp>

namespace tenure::source {
namespace {

policy::SourceDoc small_source() {
  policy::SourceDoc source;
  source.name = model::SourceName("hr");
  source.key_column = "id";
  source.columns = {"id", "name"};
  source.shrink_percent_max = 20;
  return source;
}

Reading reading(std::vector<std::vector<std::optional<std::string>>> rows, std::string digest = "sha256:1") {
  Reading out;
  out.file = "hr.csv";
  out.digest = std::move(digest);
  out.columns = {"id", "name"};
  out.complete = true;
  std::uint32_t line = 2;
  for (auto& row : rows) out.records.push_back({"", std::move(row), line++});
  return out;
}

Reading numbered(int count) {
  std::vector<std::vector<std::optional<std::string>>> rows;
  for (int i = 0; i < count; ++i) rows.push_back({std::to_string(1000 + i), "x"});
  return reading(std::move(rows));
}

std::optional<Records> accepted(const Reading& feed) {
  Diagnostics diagnostics;
  FeedVerdict verdict = accept(small_source(), feed, {}, std::nullopt, {}, diagnostics);
  EXPECT_TRUE(verdict.accepted);
  return verdict.records;
}

TEST(Accept, TellsWhatIsNewChangedAndGone) {
  const auto before = accepted(reading({{"1", "a"}, {"2", "b"}, {"3", "c"}, {"4", "d"}, {"5", "e"}}));
  Diagnostics diagnostics;
  const auto verdict =
      accept(small_source(), reading({{"5", "e"}, {"6", "f"}, {"3", "c"}, {"2", std::nullopt}, {"1", "a"}}), {}, before,
             {}, diagnostics);
  ASSERT_TRUE(verdict.accepted);
  EXPECT_EQ(verdict.diff.added, std::vector<std::string>{"6"});
  EXPECT_EQ(verdict.diff.changed, std::vector<std::string>{"2"});
  EXPECT_EQ(verdict.diff.removed, std::vector<std::string>{"4"});
  EXPECT_EQ(verdict.diff.unchanged, 3U);
  EXPECT_EQ(verdict.records.records.front().key, "1") << "ordered by key";
  EXPECT_FALSE(diagnostics.has_errors());
}

struct Held {
  const char* name;
  Result<Reading> feed;
  Reason reason;
};

TEST(Accept, HoldsWhatIsNoEvidence) {
  Reading incomplete = reading({{"1", "a"}});
  incomplete.complete = false;
  Reading narrow = reading({{"1"}});
  narrow.columns = {"id"};
  const Held cases[] = {
      {"reader's error", fail(Reason::kFeedTruncated, "hr.csv:7: the file ends inside a quotation"),
       Reason::kFeedTruncated},
      {"empty", reading({}), Reason::kFeedEmpty},
      {"incomplete", incomplete, Reason::kFeedTruncated},
      {"column missing", narrow, Reason::kFeedColumnMissing},
      {"duplicate key", reading({{"1", "a"}, {"1", "b"}}), Reason::kFeedDuplicateKey},
      {"blank key", reading({{"1", "a"}, {std::nullopt, "b"}}), Reason::kFeedSyntax},
  };
  for (const Held& one : cases) {
    Diagnostics diagnostics;
    const auto verdict = accept(small_source(), one.feed, {}, std::nullopt, {"sha256:1"}, diagnostics);
    EXPECT_FALSE(verdict.accepted) << one.name;
    EXPECT_TRUE(verdict.records.records.empty()) << one.name;
    ASSERT_FALSE(verdict.reasons.empty()) << one.name;
    EXPECT_EQ(verdict.reasons.front().reason, one.reason) << one.name;
  }
}

TEST(Accept, HoldsWhenTheReaderReportedFaults) {
  Diagnostics faults, diagnostics;
  faults.error(Reason::kFeedSyntax, {"hr.csv", 4, 0}, "the record has 3 fields");
  const auto verdict = accept(small_source(), reading({{"1", "a"}}), faults, std::nullopt, {}, diagnostics);
  EXPECT_FALSE(verdict.accepted);
  EXPECT_EQ(verdict.reasons.front().reason, Reason::kFeedSyntax);
}

TEST(Accept, DuplicateKeysAreNamedWithTheirLines) {
  Diagnostics diagnostics;
  const auto verdict = accept(small_source(), reading({{"1", "a"}, {"2", "b"}, {"1", "c"}, {"2", "d"}}), {},
                              std::nullopt, {}, diagnostics);
  EXPECT_FALSE(verdict.accepted);
  ASSERT_EQ(diagnostics.error_count(), 2U);
  EXPECT_EQ(diagnostics.sorted()[0].place.to_string(), "hr.csv:4");
}

TEST(Accept, AShrunkFeedIsHeldUntilItsDigestIsReleased) {
  const auto before = accepted(numbered(100));
  Diagnostics diagnostics;
  EXPECT_TRUE(accept(small_source(), numbered(80), {}, before, {}, diagnostics).accepted) << "exactly the limit";
  const auto held = accept(small_source(), numbered(79), {}, before, {}, diagnostics);
  ASSERT_FALSE(held.accepted);
  EXPECT_EQ(held.reasons.front().reason, Reason::kFeedShrunk);
  EXPECT_EQ(held.reasons.front().text, "79 records, 100 before: 21 % fewer, limit 20 %");
  EXPECT_EQ(held.diff.removed.size(), 21U) << "shown, so that a person can decide";
  EXPECT_FALSE(accept(small_source(), numbered(79), {}, before, {"sha256:2"}, diagnostics).accepted)
      << "another feed's release";
  const auto released = accept(small_source(), numbered(79), {}, before, {"sha256:1"}, diagnostics);
  EXPECT_TRUE(released.accepted);
  EXPECT_TRUE(released.released);
  EXPECT_FALSE(accept(small_source(), reading({}), {}, before, {"sha256:1"}, diagnostics).accepted)
      << "emptiness cannot be released";
}

// Cut off exactly after a record, a file looks like one whose writer puts no line break at the end.
TEST(Accept, AMissingLineBreakAtTheEndIsACutWhenRecordsAreMissing) {
  const auto before = accepted(numbered(100));
  Diagnostics diagnostics;
  Reading feed = numbered(95);
  EXPECT_TRUE(accept(small_source(), feed, {}, before, {}, diagnostics).accepted);
  feed.open_ended = true;
  const auto held = accept(small_source(), feed, {}, before, {"sha256:1"}, diagnostics);
  ASSERT_FALSE(held.accepted) << "and no digest releases it";
  EXPECT_EQ(held.reasons.front().reason, Reason::kFeedTruncated);
  EXPECT_EQ(held.reasons.front().text,
            "no line break ends the last record, and 5 records of before are missing: it may have been cut off there");
  Reading whole = numbered(101);
  whole.open_ended = true;
  EXPECT_TRUE(accept(small_source(), whole, {}, before, {}, diagnostics).accepted) << "nothing is missing";
}

TEST(Accept, NewAndLostColumnsAreWarnings) {
  const auto before = accepted(reading({{"1", "a"}}));
  Reading wider = reading({{"1", "a", "z"}});
  wider.columns = {"id", "name", "extra"};
  Diagnostics diagnostics;
  const auto verdict = accept(small_source(), wider, {}, before, {}, diagnostics);
  EXPECT_TRUE(verdict.accepted);
  ASSERT_EQ(diagnostics.sorted().size(), 1U);
  EXPECT_FALSE(diagnostics.has_errors());
  Diagnostics again;
  accept(small_source(), reading({{"1", "a"}}), {}, verdict.records, {}, again);
  EXPECT_EQ(again.sorted().size(), 1U);
}

TEST(Accept, RecordsSurviveTheStore) {
  const auto records = accepted(reading({{"1", "a"}, {"2", std::nullopt}}));
  const auto back = records_from_json(to_json(*records));
  ASSERT_TRUE(back) << back.error().to_string();
  EXPECT_EQ(to_json(*back), to_json(*records));
  EXPECT_EQ(back->find("2")->fields[1], std::nullopt);
  EXPECT_EQ(back->find("3"), nullptr);
}

}  // namespace
}  // namespace tenure::source
