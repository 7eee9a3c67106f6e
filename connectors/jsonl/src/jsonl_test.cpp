#include <gtest/gtest.h>

#include <tenure/connector_jsonl/jsonl.hpp>

namespace tenure::connector_jsonl {
namespace {

using Field = std::optional<std::string>;

Result<connector::Feed> parse(std::string_view bytes, Diagnostics& diagnostics,
                              std::vector<std::string> required = {}) {
  return parse_jsonl("feed.jsonl", bytes, required, diagnostics);
}

TEST(Jsonl, ScalarsBecomeText) {
  Diagnostics diagnostics;
  const auto feed = parse(
      "{\"id\":\"X1\",\"name\":\"Żak\",\"n\":42,\"yes\":true,\"extra\":1.5}\r\n"
      "{\"name\":null,\"id\":\"X2\",\"n\":\"\"}",
      diagnostics, {"id", "name"});
  ASSERT_TRUE(feed) << feed.error().to_string();
  EXPECT_TRUE(feed->complete);
  EXPECT_EQ(feed->columns, (std::vector<std::string>{"id", "name", "extra", "n", "yes"}));
  const auto records = model::feed_records(*feed->rows);
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].fields, (std::vector<Field>{"X1", "Żak", "1.5", "42", "true"}));
  EXPECT_EQ(records[1].fields, (std::vector<Field>{"X2", {}, {}, {}, {}}));
  EXPECT_EQ(records[1].line, 2U);
}

struct Bad {
  const char* name;
  std::string bytes;
  Reason reason;
  std::string place;
};

class JsonlFaults : public ::testing::TestWithParam<Bad> {};

TEST_P(JsonlFaults, AreErrorsWithTheirPlace) {
  Diagnostics diagnostics;
  const auto feed = parse(GetParam().bytes, diagnostics, {"id"});
  ASSERT_FALSE(feed);
  EXPECT_EQ(feed.error().reason(), GetParam().reason) << feed.error().to_string();
  ASSERT_TRUE(diagnostics.has_errors());
  EXPECT_EQ(diagnostics.sorted().front().place.to_string(), GetParam().place);
}

INSTANTIATE_TEST_SUITE_P(
    All, JsonlFaults,
    ::testing::Values(Bad{"Empty", "", Reason::kFeedEmpty, "feed.jsonl"},
                      Bad{"Bom", "\xEF\xBB\xBF{\"id\":1}\n", Reason::kFeedEncoding, "feed.jsonl:1:1"},
                      Bad{"Cut", "{\"id\":1}\n{\"id\":", Reason::kFeedTruncated, "feed.jsonl:2:7"},
                      Bad{"Broken", "{\"id\":1}\n{\"id\":\n{\"id\":2}\n", Reason::kFeedSyntax, "feed.jsonl:2:7"},
                      Bad{"BlankLine", "{\"id\":1}\n\n{\"id\":2}\n", Reason::kFeedSyntax, "feed.jsonl:2:1"},
                      Bad{"NoObject", "[1]\n", Reason::kFeedSyntax, "feed.jsonl:1:1"},
                      Bad{"Nested", "{\"id\":[1]}\n", Reason::kFeedSyntax, "feed.jsonl:1"},
                      Bad{"MissingEverywhere", "{\"ix\":1}\n", Reason::kFeedColumnMissing, "feed.jsonl"},
                      Bad{"MissingOnce", "{\"id\":1}\n{\"x\":1}\n", Reason::kFeedSyntax, "feed.jsonl:2"},
                      Bad{"DuplicateMember", "{\"id\":1,\"id\":2}\n", Reason::kFeedSyntax, "feed.jsonl:1:13"},
                      Bad{"NotUtf8", "{\"id\":\"\xC3\x28\"}\n", Reason::kFeedEncoding, "feed.jsonl:1"}),
    [](const auto& test) { return test.param.name; });

TEST(Jsonl, EveryPrefixThatCutsARecordIsRefused) {
  const std::string whole = "{\"id\":\"1\"}\n{\"id\":\"22\"}\n";
  for (std::size_t n = 0; n <= whole.size(); ++n) {
    Diagnostics diagnostics;
    const bool at_boundary = n == 10 || n == 11 || n == 22 || n == 23;
    const auto feed = parse(whole.substr(0, n), diagnostics);
    EXPECT_EQ(feed.has_value(), at_boundary) << n;
    if (feed) {
      EXPECT_EQ(feed->open_ended, whole[n - 1] != '\n') << n;
    }
  }
}

}  // namespace
}  // namespace tenure::connector_jsonl
