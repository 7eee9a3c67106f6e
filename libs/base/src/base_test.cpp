#include <climits>
#include <cstdint>
#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

#include <tenure/base/clock.hpp>
#include <tenure/base/deadline.hpp>
#include <tenure/base/diagnostic.hpp>
#include <tenure/base/error.hpp>
#include <tenure/base/file.hpp>
#include <tenure/base/hash.hpp>
#include <tenure/base/hashing.hpp>
#include <tenure/base/json.hpp>
#include <tenure/base/large_file.hpp>
#include <tenure/base/text.hpp>
#include <tenure/base/time.hpp>

namespace tenure {
namespace {

TEST(Reasons, NumbersAscendAndEveryOneHasARemedy) {
  int last = 0;
  for (const auto& info : all_reasons()) {
    EXPECT_GT(static_cast<int>(info.reason), last) << info.name;
    last = static_cast<int>(info.reason);
    EXPECT_FALSE(info.title.empty());
    EXPECT_FALSE(info.remedy.empty());
  }
}

TEST(ErrorValue, ContextKeepsCodeEffectAndRetry) {
  Error error(Reason::kTargetTimeout, "no answer in 5s", Effect::kUnknown, Retry::kAfterReadBack);
  error.add_context("page 3").add_context("reading target ledger");
  EXPECT_EQ(error.code(), Code::kTimeout);
  EXPECT_EQ(error.effect(), Effect::kUnknown);
  EXPECT_EQ(error.retry(), Retry::kAfterReadBack);
  EXPECT_EQ(error.to_string(), "reading target ledger: page 3: no answer in 5s [E-4002]");
}

TEST(Deadlines, CountDownToZeroAndNotBelow) {
  const Deadline soon(Duration::hours(1));
  EXPECT_FALSE(soon.over());
  EXPECT_LE(soon.left(), Duration::hours(1));
  EXPECT_GT(soon.left(), Duration::minutes(59));
  EXPECT_LE(soon.left_ms(), 3'600'000);
  const Deadline brief(Duration::millis(2));
  while (!brief.over()) EXPECT_LE(brief.left_ms(), 2);
  EXPECT_EQ(brief.left(), Duration());
  EXPECT_EQ(brief.left_ms(), 0);
  for (const Duration none : {Duration(), Duration::seconds(-5), Duration::micros(INT64_MIN)}) {
    EXPECT_TRUE(Deadline(none).over());
    EXPECT_EQ(Deadline(none).left_ms(), 0);
  }
  const Deadline never(Duration::micros(INT64_MAX));
  EXPECT_FALSE(never.over());
  EXPECT_EQ(never.left_ms(), INT_MAX);
}

TEST(Utf8, LengthOfTheFirstCodePoint) {
  struct Case {
    std::string_view text;
    std::size_t length;
  };
  const Case cases[] = {
      {"", 0},     {"ab", 1},       {"\xC5\x81x", 2}, {"\xE2\x82\xAC", 3}, {"\xF0\x9F\x98\x80", 4}, {"\x80", 0},
      {"\xC5", 0}, {"\xC3\x28", 0}, {"\xC0\x80", 0},  {"\xED\xA0\x80", 0}, {"\xF4\x90\x80\x80", 0}, {"\xFF", 0}};
  for (const auto& c : cases) EXPECT_EQ(utf8_length(c.text), c.length) << c.text;
  EXPECT_EQ(utf8_length(std::string_view("\0", 1)), 1u);
}

TEST(Json, ReadsAndWritesBackCanonically) {
  const auto value = json::parse(R"( {"b":[1,-2,true,null,"\u00e9\n\u0001"], "a":{}} )");
  ASSERT_TRUE(value);
  EXPECT_EQ(json::canonical(*value).value(), "{\"a\":{},\"b\":[1,-2,true,null,\"\xC3\xA9\\n\\u0001\"]}");
  EXPECT_EQ(json::parse(json::to_pretty(*value)).value(), *value);
}

TEST(Json, QuotesEveryByteAtEveryPlace) {
  for (int byte = 0; byte < 128; ++byte)
    for (std::size_t place = 0; place < 20; ++place) {
      std::string text =
          "ab\xC3\xA5"
          "defghij\xE2\x82\xAC"
          "mnopqrs";
      text.insert(place == 3 ? 2 : place == 12 || place == 13 ? 11 : place, 2, static_cast<char>(byte));
      std::string quoted;
      json::append_quoted(quoted, text);
      EXPECT_EQ(json::parse(quoted).value().as_string(), text) << byte << " at " << place;
      const bool escaped = byte < 0x20 || byte == '"' || byte == '\\';
      EXPECT_EQ(quoted.size() > text.size() + 2, escaped) << byte << " at " << place;
    }
}

TEST(Json, NamesThePlaceOfEachFault) {
  struct Case {
    const char* text;
    const char* message;
  };
  const Case cases[] = {
      {"{\"a\":1,\n \"a\":2}", "line 2, column 5: the member \"a\" stands twice"},
      {"[1,]", "line 1, column 4: expected a value"},
      {"01", "line 1, column 3: a number must not begin with 0"},
      {"\"\\ud800\"", "line 1, column 8: a lone surrogate"},
      {"\"\xC3\x28\"", "line 1, column 4: not valid UTF-8"},
      {"{} x", "line 1, column 4: unexpected text after the value"},
      {"\"abc", "line 1, column 5: the text ends inside a string"},
  };
  for (const auto& c : cases) {
    const auto result = json::parse(c.text);
    ASSERT_FALSE(result) << c.text;
    EXPECT_EQ(result.error().reason(), Reason::kJsonSyntax);
    EXPECT_EQ(result.error().message(), c.message) << c.text;
  }
}

TEST(Json, CanonicalRefusesWhatDoesNotRoundTripEverywhere) {
  EXPECT_FALSE(json::canonical(json::Value(1.5)));
  EXPECT_FALSE(json::canonical(json::Value(std::int64_t{1} << 53)));
  EXPECT_TRUE(json::canonical(json::Value((std::int64_t{1} << 53) - 1)));
}

TEST(Hash, KnownAnswers) {
  EXPECT_EQ(sha256("").hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256({"a", "bc"}).hex(), sha256("abc").hex());
  Hashing hashing;
  for (const char* part : {"a", "", "bc"}) hashing.add(part);
  EXPECT_EQ(hashing.end(), sha256("abc"));
  EXPECT_EQ(hashing.end(), sha256(""));
  EXPECT_EQ(
      hmac_sha256("key", "The quick brown fox jumps over the lazy dog").hex(),
      "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8");  // RFC 2104 implementations' usual check
}

TEST(Hash, Base64RoundTripsAndRejectsLooseForms) {
  for (const std::string text : {"", "f", "fo", "foo", "foob", "fooba", "foobar"})
    EXPECT_EQ(from_base64(to_base64(text)).value(), text);
  for (const char* bad : {"Zg", "Zh==", "Zm9=", "Zm 9", "====", "Z==="}) EXPECT_FALSE(from_base64(bad)) << bad;
}

TEST(Hash, DigestNamesContent) {
  const Digest digest = Digest::of("abc");
  EXPECT_EQ(digest.brief(), "ba78-16bf");
  EXPECT_EQ(Digest::parse(digest.str()).value(), digest);
  EXPECT_FALSE(Digest::parse("sha256:XYZ"));
}

TEST(TimeValue, ParsesOffsetsFractionsAndDates) {
  EXPECT_EQ(Time::parse("2026-11-20T09:12:00.5+01:00").value().to_rfc3339(), "2026-11-20T08:12:00.500000Z");
  EXPECT_EQ(Time::parse("2026-11-20").value().to_rfc3339(), "2026-11-20T00:00:00.000000Z");
  EXPECT_EQ(Time::parse("1969-12-31T23:59:59.999999Z").value().to_micros(), -1);
  EXPECT_EQ(Time::from_micros(-1).to_rfc3339(), "1969-12-31T23:59:59.999999Z");
  for (const char* bad : {"2026-02-30", "2026-11-20T25:00:00Z", "2026-11-20T09:12:00", "soon", ""})
    EXPECT_FALSE(Time::parse(bad)) << bad;
}

TEST(DurationValue, RoundTrips) {
  for (const char* text : {"180d", "36h", "30m", "45s", "250ms"})
    EXPECT_EQ(Duration::parse(text).value().to_string(), text);
  EXPECT_FALSE(Duration::parse("P30D"));
  EXPECT_FALSE(Duration::parse("30"));
}

TEST(RandomValue, IsTheSameEverywhere) {
  Random random(42);
  EXPECT_EQ(random.next(), 13679457532755275413ULL);
  EXPECT_EQ(Random(42).uuid().size(), 36U);
  EXPECT_EQ(Random(7).uuid(), Random(7).uuid());
}

TEST(Text, Utf8IsCheckedStrictly) {
  EXPECT_TRUE(is_utf8("Łódź 🙂"));
  EXPECT_FALSE(is_utf8("\xC0\xAF"));
  EXPECT_FALSE(is_utf8("\xED\xA0\x80"));
  EXPECT_FALSE(is_utf8("\xF4\x90\x80\x80"));
  EXPECT_EQ(nearest("plann", {"plan", "apply", "run"}), "plan");
  EXPECT_EQ(nearest("zzz", {"plan", "apply"}), "");
}

TEST(DiagnosticsValue, KeepsAllAndSortsByPlace) {
  Diagnostics diagnostics;
  diagnostics.error(Reason::kPolicySchema, {"b.yaml", 2, 1}, "second");
  diagnostics.error(Reason::kPolicySchema, {"a.yaml", 9, 1}, "first");
  EXPECT_EQ(diagnostics.to_error().message(), "a.yaml:9:1: first (and 1 more)");
  EXPECT_EQ(diagnostics.sorted().at(1).summary, "second");
}

TEST(Files, AtomicWriteReplacesWhole) {
  char folder[] = "/tmp/tenure-base-XXXXXX";
  ASSERT_NE(mkdtemp(folder), nullptr);
  const std::string path = std::string(folder) + "/x";
  ASSERT_TRUE(write_file_atomic(path, "one"));
  ASSERT_TRUE(write_file_atomic(path, "two"));
  EXPECT_EQ(read_file(path).value(), "two");
  std::string large;
  for (int i = 0; large.size() < 20'000'000; ++i) large += std::to_string(i);
  ASSERT_TRUE(write_file_atomic(path, large));
  const auto workers = make_workers(3);
  EXPECT_TRUE(read_large_file(path, *workers).value() == large);
  EXPECT_TRUE(read_file(path).value() == large);
  EXPECT_FALSE(read_file("/proc/self/status").value().empty()) << "a file that has no size";
  EXPECT_EQ(read_file(path + ".none").error().reason(), Reason::kIo);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace tenure
