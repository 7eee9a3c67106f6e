#include "cli/output.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

namespace tenure::cli {
namespace {

// What is printed on stdout while `print` runs.
template <class Print>
std::string printed(Print print) {
  testing::internal::CaptureStdout();
  print();
  return testing::internal::GetCapturedStdout();
}

Document two_rows() {
  Document document{"thing-list/v1", {{"unknown", json::Array{"crm: never read"}}}};
  document.list = true;
  document.columns = {{"NAME", "name"}, {"COUNT", "count"}};
  document.items = {json::Object{{"name", "a,b"}, {"count", 1}},
                    json::Object{{"name", "say \"x\""}, {"count", nullptr}}};
  return document;
}

TEST(Table, AlignsByWidthOnTheScreen) {
  const std::vector<Column> columns = {{"NAME", "name"}, {"N", "n"}};
  const std::vector<json::Value> items = {json::Object{{"name", "Zoë"}, {"n", 1}},
                                          json::Object{{"name", "田中"}, {"n", 22}},
                                          json::Object{{"name", "Ana e\u0301"}, {"n", nullptr}}};
  EXPECT_EQ(render_table(columns, items),
            "NAME   N\n"
            "Zoë    1\n"
            "田中   22\n"
            "Ana e\u0301\n");
}

TEST(Table, NestedMembersAndLists) {
  const std::vector<Column> columns = {{"A", "a.b"}, {"L", "l"}};
  const std::vector<json::Value> items = {json::Object{{"a", json::Object{{"b", true}}}, {"l", json::Array{"x", 2}}},
                                          json::Object{{"a", "no object"}}};
  EXPECT_EQ(render_table(columns, items), "A     L\ntrue  x, 2\n\n");
}

TEST(Table, TerminalIsNotCommandedByNames) {
  EXPECT_EQ(printable("a\x1b[31mb\nc\x7f"), "a\\x1b[31mb\\x0ac\\x7f");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m"),
            "\\x9b31m");  // the one-character form of ESC [
  EXPECT_EQ(printable("Zoë 田中"), "Zoë 田中");
  const auto table = render_table({{"N", "n"}}, {json::Object{{"n", "x\x1b]0;t\x07"}}});
  EXPECT_EQ(table.find('\x1b'), std::string::npos);
}

TEST(Width, OfWideAndCombiningCharacters) {
  EXPECT_EQ(display_width("abc"), 3U);
  EXPECT_EQ(display_width("Zoë"), 3U);
  EXPECT_EQ(display_width("e\u0301"), 1U);
  EXPECT_EQ(display_width("田中"), 4U);
  EXPECT_EQ(display_width("한글"), 4U);
  EXPECT_EQ(display_width("ｆｕ"), 4U);
  EXPECT_EQ(display_width(""), 0U);
}

TEST(Csv, QuotesWhatRfc4180Asks) {
  const std::vector<Column> columns = {{"NAME", "name"}, {"WHY NOT", "why"}};
  const std::vector<json::Value> items = {json::Object{{"name", "a,b"}, {"why", "say \"x\""}},
                                          json::Object{{"name", "two\nlines"}, {"why", nullptr}},
                                          json::Object{{"name", " plain "}, {"why", 7}}};
  EXPECT_EQ(render_csv(columns, items), "name,why not\n\"a,b\",\"say \"\"x\"\"\"\n\"two\nlines\",\n plain ,7\n");
}

TEST(Yaml, QuotesWhatReadersWouldMisread) {
  for (const char* text :
       {"",   "true", "No",   "on",    "Y",   "null", "~",  "-",  "- a",        "1",    "1e3",         "0x1f",
        ".5", "+1",   "a: b", "a #b",  "[x]", "{x}",  "*a", "&a", "!a",         "|",    ">",           "%a",
        "@a", "`a",   "'a'",  "\"a\"", " a",  "a ",   "?a", "=",  "2026-11-20", "a\tb", "back\\slash", "<<"})
    EXPECT_EQ(render_yaml(text), json::to_string(json::Value(text)) + "\n") << text;
  for (const char* text : {"ana.ash", "dept-sales", "nothing", "Zoë Berg", "yes please", "a/b"})
    EXPECT_EQ(render_yaml(text), std::string(text) + "\n");
}

TEST(Yaml, NestsListsAndMappings) {
  const json::Value value =
      json::Object{{"empty", json::Array{}},
                   {"list", json::Array{json::Object{{"a", 1}, {"b", json::Array{"x", "z"}}}, "s"}},
                   {"map", json::Object{{"k: v", nullptr}}},
                   {"none", json::Object{}}};
  EXPECT_EQ(render_yaml(value),
            "empty: []\n"
            "list:\n"
            "  - a: 1\n"
            "    b:\n"
            "      - x\n"
            "      - z\n"
            "  - s\n"
            "map:\n"
            "  \"k: v\": null\n"
            "none: {}\n");
}

TEST(Print, EveryJsonHasSchemaAndOutcome) {
  const auto json =
      json::parse(printed([] { Output(Format::kJson, false, false).print(two_rows(), Exit::kNotEmpty); }));
  ASSERT_TRUE(json.has_value());
  EXPECT_EQ(json->string_or("schema", ""), "thing-list/v1");
  EXPECT_EQ(json->string_or("outcome", ""), "not_empty");
  EXPECT_EQ(json->find("items")->as_array().size(), 2U);
}

TEST(Print, EmptyListIsAList) {
  Document document{"thing-list/v1"};
  document.list = true;
  document.text = "There is nothing.";
  const auto json = json::parse(printed([&] { Output(Format::kJson, false, false).print(document); }));
  ASSERT_TRUE(json.has_value());
  EXPECT_TRUE(json->find("items")->as_array().empty());
  EXPECT_EQ(json->find("text"), nullptr);
  EXPECT_EQ(printed([&] { Output(Format::kJsonl, false, false).print(document); }), "");
  EXPECT_EQ(printed([&] { Output(Format::kTable, false, false).print(document); }), "There is nothing.\n");
}

TEST(Print, LinesCarrySchemaAndWhatIsUnknown) {
  EXPECT_EQ(printed([] { Output(Format::kJsonl, false, false).print(two_rows()); }),
            "{\"count\":1,\"name\":\"a,b\",\"outcome\":\"ok\",\"schema\":\"thing-list/v1\"}\n"
            "{\"count\":null,\"name\":\"say \\\"x\\\"\",\"outcome\":\"ok\",\"schema\":\"thing-list/v1\"}\n"
            "{\"outcome\":\"ok\",\"schema\":\"thing-list/v1\",\"unknown\":[\"crm: never read\"]}\n");
}

TEST(Print, CsvSaysWhatIsUnknownBeside) {
  testing::internal::CaptureStderr();
  const std::string out = printed([] { Output(Format::kCsv, false, true).print(two_rows()); });
  EXPECT_EQ(out, "name,count\n\"a,b\",1\n\"say \"\"x\"\"\",\n");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "unknown: crm: never read\n");
}

TEST(Talk, IsQuietWhenAskedButErrorsAreNot) {
  testing::internal::CaptureStderr();
  const Output quiet(Format::kTable, false, true);
  quiet.say("talk");
  quiet.error(Error(Reason::kPlanStale, "plan 9f3c"));
  const std::string err = testing::internal::GetCapturedStderr();
  EXPECT_EQ(err.find("talk"), std::string::npos);
  for (const char* part :
       {"E-5002", "what:  plan 9f3c", "state: nothing was changed", "next:  run `tenure plan create`"})
    EXPECT_NE(err.find(part), std::string::npos) << part << "\n" << err;
}

TEST(Talk, ErrorsAreJsonWhereDataIs) {
  testing::internal::CaptureStderr();
  Output(Format::kJson, false, false).error(Error(Reason::kTargetTimeout, "crm", Effect::kUnknown));
  const auto json = json::parse(testing::internal::GetCapturedStderr());
  ASSERT_TRUE(json.has_value());
  EXPECT_EQ(json->string_or("schema", ""), "error/v1");
  EXPECT_EQ(json->string_or("code", ""), "E-4002");
  EXPECT_EQ(json->string_or("effect", ""), "unknown");
  EXPECT_EQ(json->string_or("outcome", ""), "failed");
}

}  // namespace
}  // namespace tenure::cli
