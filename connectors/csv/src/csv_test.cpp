#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

#include <tenure/base/file.hpp>
#include <tenure/base/hash.hpp>
#include <tenure/connector_csv/csv.hpp>

namespace tenure::connector_csv {
namespace {

using Field = std::optional<std::string>;

Result<connector::Feed> parse(std::string_view bytes, Diagnostics& diagnostics,
                              std::vector<std::string> required = {}) {
  return parse_csv("feed.csv", std::string(bytes), required, diagnostics);
}

TEST(Csv, ReadsWhatRfc4180Allows) {
  Diagnostics diagnostics;
  const auto feed =
      parse("\xEF\xBB\xBFid,name,note\r\n1,\"Berg, Anna\",\"said \"\"no\"\"\"\r\n2,Łukasz,\"two\nlines\"\r\n3,,\"\"",
            diagnostics);
  ASSERT_TRUE(feed) << feed.error().to_string();
  EXPECT_TRUE(feed->complete);
  EXPECT_EQ(feed->columns, (std::vector<std::string>{"id", "name", "note"}));
  const auto records = model::feed_records(*feed->rows);
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(records[0].fields, (std::vector<Field>{"1", "Berg, Anna", "said \"no\""}));
  EXPECT_EQ(records[1].fields, (std::vector<Field>{"2", "Łukasz", "two\nlines"}));
  EXPECT_EQ(records[2].fields, (std::vector<Field>{"3", std::nullopt, std::nullopt}));
  EXPECT_EQ(records[0].line, 2U);
  EXPECT_EQ(records[1].line, 3U);
  EXPECT_EQ(records[2].line, 5U) << "a line break in a field counts";
}

struct Bad {
  const char* name;
  std::string bytes;
  Reason reason;
  std::string place;
};

class CsvFaults : public ::testing::TestWithParam<Bad> {};

TEST_P(CsvFaults, AreErrorsWithTheirPlace) {
  Diagnostics diagnostics;
  const auto feed = parse(GetParam().bytes, diagnostics, {"id", "name"});
  ASSERT_FALSE(feed);
  EXPECT_EQ(feed.error().reason(), GetParam().reason) << feed.error().to_string();
  ASSERT_TRUE(diagnostics.has_errors());
  EXPECT_EQ(diagnostics.sorted().front().place.to_string(), GetParam().place);
}

INSTANTIATE_TEST_SUITE_P(
    All, CsvFaults,
    ::testing::Values(Bad{"Empty", "", Reason::kFeedEmpty, "feed.csv"},
                      Bad{"OnlyBom", "\xEF\xBB\xBF", Reason::kFeedEmpty, "feed.csv"},
                      Bad{"OpenQuote", "id,name\n1,ok\n2,\"Berg\n3,x\n", Reason::kFeedTruncated, "feed.csv:3:3"},
                      Bad{"OpenQuoteInLastField", "id,name\n1,ok\n2,\"Be", Reason::kFeedTruncated, "feed.csv:3:3"},
                      Bad{"CutMidRow", "id,name\n1,ok\n2", Reason::kFeedTruncated, "feed.csv:3:2"},
                      Bad{"TooFew", "id,name\n1\n2,ok\n", Reason::kFeedSyntax, "feed.csv:2:2"},
                      Bad{"TooMany", "id,name\n1,a,b\n", Reason::kFeedSyntax, "feed.csv:2:6"},
                      Bad{"BlankLine", "id,name\n1,a\n\n2,b\n", Reason::kFeedSyntax, "feed.csv:3:1"},
                      Bad{"Nul", std::string("id,name\n1,a\0b\n", 14), Reason::kFeedEncoding, "feed.csv:2:4"},
                      Bad{"NotUtf8", "id,name\n1,\xC3\x28\n", Reason::kFeedEncoding, "feed.csv:2:3"},
                      Bad{"MissingColumn", "id,nom\n1,a\n", Reason::kFeedColumnMissing, "feed.csv:1"},
                      Bad{"ColumnTwice", "id,name,id\n1,a,2\n", Reason::kFeedSyntax, "feed.csv:1"},
                      Bad{"TextAfterQuote", "id,name\n1,\"Żak\"x\n", Reason::kFeedSyntax, "feed.csv:2:8"},
                      Bad{"LoneCarriageReturn", "id,name\n1,Ża\rk\n", Reason::kFeedSyntax, "feed.csv:2:5"},
                      Bad{"HalfALineEnd", "id,name\n1,ok\r", Reason::kFeedTruncated, "feed.csv:2:5"},
                      Bad{"QuoteInside", "id,name\n1,Ża\"k\n", Reason::kFeedSyntax, "feed.csv:2:5"}),
    [](const auto& test) { return test.param.name; });

TEST(Csv, AllFaultsAtOnce) {
  Diagnostics diagnostics;
  std::string bytes = "id,name\n";
  for (int i = 0; i < 500; ++i) bytes += "1\n";
  const auto feed = parse(bytes, diagnostics);
  ASSERT_FALSE(feed);
  EXPECT_EQ(diagnostics.error_count(), kFaultsMax);
}

TEST(Csv, EveryPrefixThatCutsARecordIsRefused) {
  const std::string whole = "id,name,note\n1,Anna,\"x, y\"\n22,Bo,z\n";
  const auto complete_at = [&](std::size_t n) {
    // After a whole record, with or without its line break; or where the last field merely lost its tail, which no
    // reader can see: such a feed is open-ended, and whoever misses records in it holds it.
    Diagnostics diagnostics;
    const auto feed = parse(whole.substr(0, n), diagnostics);
    if (feed) {
      EXPECT_EQ(feed->open_ended, whole[n - 1] != '\n') << n;
    }
    return feed.has_value();
  };
  EXPECT_FALSE(complete_at(15));  // 1,
  EXPECT_FALSE(complete_at(18));  // 1,Ann
  EXPECT_FALSE(complete_at(22));  // 1,Anna,"x
  EXPECT_TRUE(complete_at(26));
  EXPECT_TRUE(complete_at(27));
  EXPECT_FALSE(complete_at(29));  // 22
  EXPECT_TRUE(complete_at(whole.size()));
}

TEST(Csv, TheSeverestFaultDecidesHoweverLateItComes) {
  std::string bytes = "id,name\n";
  for (int i = 0; i < 500; ++i) bytes += "1\n";
  const auto reason_with = [&](const std::string& tail, std::vector<std::string> required = {}) {
    Diagnostics diagnostics;
    return parse(bytes + tail, diagnostics, std::move(required)).error().reason();
  };
  EXPECT_EQ(reason_with(""), Reason::kFeedSyntax);
  EXPECT_EQ(reason_with("1,\"x"), Reason::kFeedTruncated);
  EXPECT_EQ(reason_with("1,\"x", {"mail"}), Reason::kFeedColumnMissing);
  EXPECT_EQ(reason_with("1,\xFF\n1,\"x", {"mail"}), Reason::kFeedEncoding);
}

TEST(Csv, AMissingFileIsUnreadableNotEmpty) {
  connector::Settings settings;
  settings.config = json::Object{{"file", "absent.csv"}};
  settings.base_folder = "/tmp";
  class None final : public connector::SecretSource {
    Result<std::string> secret(const std::string& reference) override {
      return fail(Reason::kSecretMissing, reference);
    }
  } secrets;
  auto connection = csv_connector().open(settings, secrets);
  ASSERT_TRUE(connection);
  Diagnostics diagnostics;
  const auto feed = (*connection)->feed_reader()->read_feed({"/tmp/absent-tenure-feed.csv", {}}, diagnostics);
  ASSERT_FALSE(feed);
  EXPECT_EQ(feed.error().reason(), Reason::kFeedUnreadable);
  EXPECT_EQ(feed.error().effect(), Effect::kNone);
}

TEST(Csv, ReadsAFileBelowTheBaseFolder) {
  std::string folder = (std::filesystem::temp_directory_path() / "tenure-csv-XXXXXX").string();
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  ASSERT_TRUE(write_file_atomic(folder + "/feed.csv", "id\n1\n"));
  connector::Settings settings;
  settings.config = json::Object{{"file", "feed.csv"}};
  settings.base_folder = folder;
  class None final : public connector::SecretSource {
    Result<std::string> secret(const std::string& reference) override {
      return fail(Reason::kSecretMissing, reference);
    }
  } secrets;
  auto connection = csv_connector().open(settings, secrets);
  ASSERT_TRUE(connection);
  const auto faults = (*connection)->preflight({});
  ASSERT_TRUE(faults);
  EXPECT_TRUE(faults->empty());
  Diagnostics diagnostics;
  const auto feed = (*connection)->feed_reader()->read_feed({folder + "/feed.csv", {"id"}}, diagnostics);
  ASSERT_TRUE(feed);
  EXPECT_EQ(feed->digest, Digest::of("id\n1\n").str());
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace tenure::connector_csv
