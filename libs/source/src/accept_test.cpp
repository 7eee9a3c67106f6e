#include <algorithm>
#include <functional>

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
  std::vector<model::FeedRecord> records;
  for (auto& row : rows) records.push_back({std::move(row), line++});
  out.rows = model::feed_rows(std::move(records));
  return out;
}

Reading numbered(int count) {
  std::vector<std::vector<std::optional<std::string>>> rows;
  for (int i = 0; i < count; ++i) rows.push_back({std::to_string(1000 + i), "x"});
  return reading(std::move(rows));
}

std::optional<Kept> accepted(const Reading& feed) {
  Diagnostics diagnostics;
  std::optional<Kept> kept;
  EXPECT_TRUE(accept(small_source(), feed, {}, kept, {}, diagnostics).accepted);
  return kept;
}

// Accepts it, or not, beside what `before` gave.
FeedVerdict accept_after(const std::function<std::optional<Kept>()>& before, const Result<Reading>& feed,
                         const std::set<std::string>& released, Diagnostics& diagnostics) {
  std::optional<Kept> kept = before();
  return accept(small_source(), feed, {}, kept, released, diagnostics);
}

TEST(Accept, TellsWhatIsNewChangedAndGone) {
  auto kept = accepted(reading({{"1", "a"}, {"2", "b"}, {"3", "c"}, {"4", "d"}, {"5", "e"}}));
  Diagnostics diagnostics;
  std::vector<RecordChange> changes;
  const auto workers = make_workers(2);
  const auto verdict =
      accept(small_source(), reading({{"5", "e"}, {"6", "f"}, {"3", "c"}, {"2", std::nullopt}, {"1", "a"}}), {}, kept,
             {}, diagnostics, *workers, &changes);
  ASSERT_TRUE(verdict.accepted);
  EXPECT_EQ(verdict.diff.added, std::vector<std::string>{"6"});
  EXPECT_EQ(verdict.diff.changed, std::vector<std::string>{"2"});
  EXPECT_EQ(verdict.diff.removed, std::vector<std::string>{"4"});
  EXPECT_EQ(verdict.diff.unchanged, 3U);
  ASSERT_EQ(changes.size(), 3U);
  std::sort(changes.begin(), changes.end(), [](const auto& a, const auto& b) { return a.code < b.code; });
  EXPECT_EQ(changes[0].before, R"(["2","b"])");
  EXPECT_EQ(changes[0].after, R"(["2",null])");
  EXPECT_EQ(changes[1].after, "") << "gone";
  EXPECT_EQ(changes[2].before, "") << "new";
  EXPECT_EQ(kept->size(), 5U);
  EXPECT_EQ(kept->line(kept->find("5")), 2U) << "lines are those of the last feed";
  EXPECT_FALSE(kept->present(kept->find("4")));
  // It comes back under the number that it had.
  const auto back = accept(small_source(), reading({{"1", "a"}, {"2", "b"}, {"3", "c"}, {"4", "d"}, {"5", "e"}}), {},
                           kept, {}, diagnostics, *workers, &changes);
  EXPECT_EQ(back.diff.added, std::vector<std::string>{"4"});
  EXPECT_EQ(back.diff.removed, std::vector<std::string>{"6"});
  EXPECT_EQ(kept->record(kept->find("4")).fields[1], "d");
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
    std::optional<Kept> kept;
    const auto verdict = accept(small_source(), one.feed, {}, kept, {"sha256:1"}, diagnostics);
    EXPECT_FALSE(verdict.accepted) << one.name;
    EXPECT_FALSE(kept.has_value()) << one.name;
    ASSERT_FALSE(verdict.reasons.empty()) << one.name;
    EXPECT_EQ(verdict.reasons.front().reason, one.reason) << one.name;
  }
}

TEST(Accept, HoldsWhenTheReaderReportedFaults) {
  Diagnostics faults, diagnostics;
  faults.error(Reason::kFeedSyntax, {"hr.csv", 4, 0}, "the record has 3 fields");
  std::optional<Kept> kept;
  const auto verdict = accept(small_source(), reading({{"1", "a"}}), faults, kept, {}, diagnostics);
  EXPECT_FALSE(verdict.accepted);
  EXPECT_EQ(verdict.reasons.front().reason, Reason::kFeedSyntax);
}

TEST(Accept, DuplicateKeysAreNamedWithTheirLines) {
  std::optional<Kept> none, known = accepted(reading({{"2", "b"}}));
  for (std::optional<Kept>* kept : {&none, &known}) {
    Diagnostics told;
    const auto verdict =
        accept(small_source(), reading({{"1", "a"}, {"2", "b"}, {"1", "c"}, {"2", "d"}}), {}, *kept, {}, told);
    EXPECT_FALSE(verdict.accepted);
    ASSERT_EQ(told.error_count(), 2U);
    EXPECT_EQ(told.sorted()[0].place.to_string(), "hr.csv:4");
    EXPECT_EQ(told.sorted()[0].summary, "id \"1\" stands on line 2 already");
    EXPECT_EQ(told.sorted()[1].place.to_string(), "hr.csv:5");
  }
  EXPECT_EQ(known->record(known->find("2")).fields[1], "b") << "held: what was kept stands";
}

TEST(Accept, AShrunkFeedIsHeldUntilItsDigestIsReleased) {
  const auto before = [] { return accepted(numbered(100)); };
  Diagnostics diagnostics;
  EXPECT_TRUE(accept_after(before, numbered(80), {}, diagnostics).accepted) << "exactly the limit";
  const auto held = accept_after(before, numbered(79), {}, diagnostics);
  ASSERT_FALSE(held.accepted);
  EXPECT_EQ(held.reasons.front().reason, Reason::kFeedShrunk);
  EXPECT_EQ(held.reasons.front().text, "79 records, 100 before: 21 % fewer, limit 20 %");
  EXPECT_EQ(held.diff.removed.size(), 21U) << "shown, so that a person can decide";
  EXPECT_FALSE(accept_after(before, numbered(79), {"sha256:2"}, diagnostics).accepted) << "another feed's release";
  const auto released = accept_after(before, numbered(79), {"sha256:1"}, diagnostics);
  EXPECT_TRUE(released.accepted);
  EXPECT_TRUE(released.released);
  EXPECT_FALSE(accept_after(before, reading({}), {"sha256:1"}, diagnostics).accepted) << "emptiness cannot be released";
}

// Cut off exactly after a record, a file looks like one whose writer puts no line break at the end.
TEST(Accept, AMissingLineBreakAtTheEndIsACutWhenRecordsAreMissing) {
  const auto before = [] { return accepted(numbered(100)); };
  Diagnostics diagnostics;
  Reading feed = numbered(95);
  EXPECT_TRUE(accept_after(before, feed, {}, diagnostics).accepted);
  feed.open_ended = true;
  const auto held = accept_after(before, feed, {"sha256:1"}, diagnostics);
  ASSERT_FALSE(held.accepted) << "and no digest releases it";
  EXPECT_EQ(held.reasons.front().reason, Reason::kFeedTruncated);
  EXPECT_EQ(held.reasons.front().text,
            "no line break ends the last record, and 5 records of before are missing: it may have been cut off there");
  Reading whole = numbered(101);
  whole.open_ended = true;
  EXPECT_TRUE(accept_after(before, whole, {}, diagnostics).accepted) << "nothing is missing";
}

TEST(Accept, NewAndLostColumnsAreWarnings) {
  auto kept = accepted(reading({{"1", "a"}}));
  Reading wider = reading({{"1", "a", "z"}});
  wider.columns = {"id", "name", "extra"};
  Diagnostics diagnostics;
  const auto verdict = accept(small_source(), wider, {}, kept, {}, diagnostics);
  EXPECT_TRUE(verdict.accepted);
  ASSERT_EQ(diagnostics.sorted().size(), 1U);
  EXPECT_FALSE(diagnostics.has_errors());
  Diagnostics again;
  accept(small_source(), reading({{"1", "a"}}), {}, kept, {}, again);
  EXPECT_EQ(again.sorted().size(), 1U);
}

TEST(Accept, OtherColumnsAreComparedByName) {
  auto kept = accepted(reading({{"1", "a"}, {"2", "b"}}));
  policy::SourceDoc turned = small_source();
  turned.columns = {"name", "id"};
  Diagnostics diagnostics;
  const auto same = accept(turned, reading({{"1", "a"}, {"2", "c"}}), {}, kept, {}, diagnostics);
  EXPECT_EQ(same.diff.changed, std::vector<std::string>{"2"});
  EXPECT_EQ(kept->text(kept->find("1")), R"(["a","1"])");
  policy::SourceDoc more = small_source();
  more.columns = {"id", "name", "extra"};
  Reading wider = reading({{"1", "a", "z"}, {"2", "c", std::nullopt}});
  wider.columns = {"id", "name", "extra"};
  EXPECT_EQ(accept(more, wider, {}, kept, {}, diagnostics).diff.changed.size(), 2U) << "nobody told it before";
}

}  // namespace
}  // namespace tenure::source
