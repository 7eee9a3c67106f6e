#include "csv_table.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace tenure::connector_exchange {
namespace {

TEST(Csv, ReadsRfc4180) {
  const auto table = parse_csv("\xEF\xBB\xBFid,name\r\n1,\"Berg, \"\"Anna\"\"\"\r\n2,\"two\nlines\"\n3,\n", "f.csv");
  ASSERT_TRUE(table) << table.error().to_string();
  EXPECT_EQ(table->columns, (std::vector<std::string>{"id", "name"}));
  ASSERT_EQ(table->rows.size(), 3u);
  EXPECT_EQ(table->rows[0].fields[1], "Berg, \"Anna\"");
  EXPECT_EQ(table->rows[1].fields[1], "two\nlines");
  EXPECT_EQ(table->rows[2].fields[1], "");
  EXPECT_EQ(table->rows[2].line, 5u);
  EXPECT_EQ(table->column("name"), 1);
  EXPECT_EQ(table->column("nome"), -1);
  EXPECT_EQ(parse_csv("a;b\n1,5;2\n", "f.csv", ';')->rows[0].fields[0], "1,5");
}

TEST(Csv, EveryFaultHasItsPlace) {
  struct Case {
    const char* text;
    Reason reason;
    const char* message;
  };
  const Case cases[] = {
      {"", Reason::kTargetPartial, "f.csv:1:1: the file is empty"},
      {"id,name", Reason::kTargetPartial, "f.csv:1:8: the file ends within a record"},
      {"id,name\n1,An", Reason::kTargetPartial, "f.csv:2:5: the file ends within a record"},
      {"id,name\n1,\"An\n", Reason::kTargetPartial, "f.csv:3:1: the file ends within a quoted field"},
      {"id,name\n1,An\r", Reason::kTargetPartial, "f.csv:2:5: the file ends within a record"},
      {"id,name\n1\n", Reason::kTargetProtocol, "f.csv:2:1: 1 fields, the header has 2"},
      {"id,name\n1,2,3\n", Reason::kTargetProtocol, "f.csv:2:1: 3 fields, the header has 2"},
      {"id,name\n1,Å\"x\"\n", Reason::kTargetProtocol, "f.csv:2:4: a quotation mark within a field that is not quoted"},
      {"id,name\n1,\"x\"y\n", Reason::kTargetProtocol, "f.csv:2:6: text after the closing quotation mark"},
      {"id,name\n1,x\ry\n", Reason::kTargetProtocol, "f.csv:2:4: a control character within a field"},
      {"id,id\n", Reason::kTargetProtocol, "f.csv:1:1: two columns are called id"},
      {"id,\n", Reason::kTargetProtocol, "f.csv:1:1: column 2 has no name"},
      {"id\n\xff\n", Reason::kTargetProtocol, "f.csv:1:1: the file is not UTF-8"},
  };
  for (const auto& c : cases) {
    const auto table = parse_csv(c.text, "f.csv");
    ASSERT_FALSE(table) << c.text;
    EXPECT_EQ(table.error().reason(), c.reason) << c.text;
    EXPECT_EQ(table.error().message(), c.message);
  }
}

std::string quoted(const std::string& field) {
  std::string out = "\"";
  for (const char c : field) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

RC_GTEST_PROP(CsvLaws, WhatIsQuotedComesBackAndNoCutPassesForTheWhole, ()) {
  const auto field = rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab,\"\n\r ;")));
  const auto rows = *rc::gen::nonEmpty(
      rc::gen::container<std::vector<std::pair<std::string, std::string>>>(rc::gen::pair(field, field)));
  std::string text = "x,y\n";
  for (const auto& [a, b] : rows) text += quoted(a) + "," + quoted(b) + "\n";
  const auto table = parse_csv(text, "f.csv");
  RC_ASSERT(table.has_value());
  RC_ASSERT(table->rows.size() == rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i)
    RC_ASSERT(table->rows[i].fields == (std::vector<std::string>{rows[i].first, rows[i].second}));
  const auto cut = *rc::gen::inRange<std::size_t>(0, text.size());
  const auto part = parse_csv(std::string_view(text).substr(0, cut), "f.csv");
  if (part) RC_ASSERT(part->rows.size() < rows.size());
}

}  // namespace
}  // namespace tenure::connector_exchange
