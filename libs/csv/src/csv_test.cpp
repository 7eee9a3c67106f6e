#include "indexer.hpp"
#include "walker.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <tenure/base/text.hpp>
#include <tenure/csv/csv.hpp>

namespace tenure::csv {
namespace {

using Fields = std::vector<std::string>;

std::vector<WalkedRecord> records_of(const Table& table) {
  std::vector<WalkedRecord> out;
  for (const Rows& rows : table.batches)
    for (std::size_t r = 0; r < rows.size(); ++r) {
      auto& record = out.emplace_back();
      record.line = rows.line(r);
      for (std::size_t c = 0; c < rows.columns(); ++c) record.fields.emplace_back(rows.field(r, c));
    }
  return out;
}

// "f.csv:2:5: what", one a line; the kinds are checked beside it.
std::string faults_of(const Summary& table) {
  std::string out;
  for (const auto& fault : table.faults) out += fault.place.to_string() + ": " + fault.what + "\n";
  return out;
}

TEST(Csv, ReadsRfc4180) {
  const Table table =
      parse("\xEF\xBB\xBFid,name\r\n1,\"Berg, \"\"Anna\"\"\"\r\n2,\"two\r\nlines\"\n3,\"\"\n4,Łukasz\n", "f.csv");
  ASSERT_EQ(faults_of(table), "");
  EXPECT_FALSE(table.open_ended);
  EXPECT_EQ(table.columns, (std::vector<std::string>{"id", "name"}));
  const auto records = records_of(table);
  ASSERT_EQ(records.size(), 4u);
  EXPECT_EQ(table.records, 4u);
  EXPECT_EQ(records[0].fields[1], "Berg, \"Anna\"");
  EXPECT_EQ(records[1].fields[1], "two\r\nlines");
  EXPECT_EQ(records[2].fields[1], "");
  EXPECT_EQ(records[2].line, 5u) << "a line end in a field counts";
  EXPECT_EQ(records[3].fields[1], "Łukasz");
  EXPECT_EQ(table.batches.front().text(1), "2,\"two\r\nlines\"");
  EXPECT_EQ(table.column("name"), 1);
  EXPECT_EQ(table.column("nome"), -1);
  EXPECT_EQ(records_of(parse("a;b\n1,5;2\n", "f.csv", ';'))[0].fields[0], "1,5");
  EXPECT_EQ(parse("a\n\n", "f.csv").records, 1u) << "one column: an empty line is an empty field";
  EXPECT_EQ(parse("\xEF\xBB\xBF\"a\"\n", "f.csv").columns.front(), "a");
}

TEST(Csv, AMissingLineEndIsTold) {
  for (const char* whole : {"id,name\n1,An", "id,name\n1,\"An\"", "id,name\n1,", "id,name"}) {
    const Table table = parse(whole, "f.csv");
    EXPECT_EQ(faults_of(table), "") << whole;
    EXPECT_TRUE(table.open_ended) << whole;
  }
  EXPECT_EQ(parse("id,name\n1,Łu", "f.csv").end.to_string(), "f.csv:2:5");
  EXPECT_EQ(parse("id,name\n1,Łu\n", "f.csv").end.to_string(), "f.csv:3:1");
}

TEST(Csv, EveryFaultHasItsKindAndPlace) {
  struct Case {
    std::string_view text;
    FaultKind kind;
    const char* faults;
  };
  using enum FaultKind;
  const Case cases[] = {
      {"", kEmpty, "f.csv: the file is empty\n"},
      {"\xEF\xBB\xBF", kEmpty, "f.csv: the file holds nothing but a byte order mark\n"},
      {"id,name\n1", kTruncated, "f.csv:2:2: the file ends within a record, after 1 field\n"},
      {"id,name\n1\r", kTruncated, "f.csv:2:2: the file ends within a record, after 1 field\n"},
      {"a,b,c\n1,", kTruncated, "f.csv:2:3: the file ends within a record, after 2 fields\n"},
      {"id,name\n1,An\r", kTruncated, "f.csv:2:5: the file ends within a line end\n"},
      {"id,name\n1,\"An\"\r", kTruncated, "f.csv:2:7: the file ends within a line end\n"},
      {"id,name\r", kTruncated, "f.csv:1:8: the file ends within a line end\n"},
      {"id,name\nŁ,\"An\n", kTruncated, "f.csv:2:3: the file ends within the quoted field that begins here\n"},
      {"id,\"name\n", kTruncated, "f.csv:1:4: the file ends within the quoted field that begins here\n"},
      {"id,name\n1\n", kSyntax, "f.csv:2:2: the record has 1 field\n"},
      {"id,name\n1,2,3\n", kSyntax, "f.csv:2:6: the record has 3 fields\n"},
      {"id,name\n1,2\n3\n", kSyntax, "f.csv:3:2: the record has 1 field\n"},
      {"id,name\n1,2,3", kSyntax, "f.csv:2:6: the record has 3 fields\n"},
      {"id,name\n\n1,2\n", kSyntax, "f.csv:2:1: a blank line\n"},
      {"id,name\n1,Å\"x\"\n", kSyntax, "f.csv:2:4: a quotation mark within a field that is not quoted\n"},
      {"id,name\n1,\"x\"y\n", kSyntax, "f.csv:2:6: text after the closing quotation mark\n"},
      {"id,name\n1,x\ry\rz\n", kSyntax, "f.csv:2:4: a control character within a field\n"},
      {"id,id\n", kSyntax, "f.csv:1: two columns are called id\n"},
      {"id,\n", kSyntax, "f.csv:1: column 2 has no name\n"},
      {"\n", kSyntax, "f.csv:1: column 1 has no name\n"},
      {"id\n\xff\xfe\n", kEncoding, "f.csv:2:1: this line is not UTF-8 from here on\n"},
      {"id\n\"\xC3\xA9\xC3\"\n", kEncoding, "f.csv:2:3: this line is not UTF-8 from here on\n"},
      {"id\n\"x\"\xED\xA0\x80\n", kSyntax,
       "f.csv:2:4: text after the closing quotation mark\nf.csv:2:4: this line is not UTF-8 from here on\n"},
      {std::string_view("id,name\n1,Ża\0b\n", 16), kEncoding, "f.csv:2:5: a NUL byte\n"},
  };
  for (const auto& c : cases) {
    const Table table = parse(c.text, "f.csv");
    ASSERT_FALSE(table.faults.empty()) << c.text;
    EXPECT_EQ(faults_of(table), c.faults) << c.text;
    EXPECT_EQ(table.faults.front().kind, c.kind) << c.text;
    EXPECT_FALSE(table.faults.front().expected.empty()) << c.text;
    EXPECT_EQ(table.records, 0u) << c.text;
    EXPECT_TRUE(table.batches.empty()) << c.text;
  }
}

TEST(Csv, AllFaultsAtOnceWithinBounds) {
  EXPECT_EQ(faults_of(parse("id,name\n1\n2,ok\n3,\"x\"y,z\n4,a\"b\n5,\xFF\n6,\"open\n", "f.csv")),
            "f.csv:2:2: the record has 1 field\n"
            "f.csv:4:6: text after the closing quotation mark\n"
            "f.csv:4:9: the record has 3 fields\n"
            "f.csv:5:4: a quotation mark within a field that is not quoted\n"
            "f.csv:6:3: this line is not UTF-8 from here on\n"
            "f.csv:7:3: the file ends within the quoted field that begins here\n");
  std::string text = "id,name\n";
  for (int i = 0; i < 500; ++i) text += "1\n";
  EXPECT_EQ(parse(text, "f.csv").faults.size(), kFaultsMax);
  const Table late = parse(text + "1,\xFF\n1\n1,\"x", "f.csv");
  ASSERT_EQ(late.faults.size(), kFaultsMax + 2) << "the first of every kind is told";
  EXPECT_EQ(late.faults[kFaultsMax].kind, FaultKind::kEncoding);
  EXPECT_EQ(late.faults[kFaultsMax + 1].kind, FaultKind::kTruncated);
}

// Places are counted only for faults that are told: otherwise a long line of faults would take hours.
TEST(Csv, OneEndlessLineOfFaultsIsReadInLinearTime) {
  std::string text = "id\n";
  for (int i = 0; i < 300'000; ++i) text += "a\"b,\"\"c,";
  EXPECT_EQ(parse(text + "\n", "f.csv").faults.size(), kFaultsMax);
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
  const Table table = parse(text, "f.csv");
  RC_ASSERT(table.faults.empty() && !table.open_ended);
  const auto records = records_of(table);
  RC_ASSERT(records.size() == rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) RC_ASSERT(records[i].fields == (Fields{rows[i].first, rows[i].second}));
  const auto cut = *rc::gen::inRange<std::size_t>(0, text.size());
  const Table part = parse(std::string_view(text).substr(0, cut), "f.csv");
  if (part.faults.empty()) RC_ASSERT(part.open_ended || part.records < rows.size());
}

RC_GTEST_PROP(CsvLaws, WhatIsNoUtf8IsNeverRead, ()) {
  const auto bytes = rc::gen::container<std::string>(rc::gen::elementOf(std::string("a,\"\n\xC3\xA9\xE2\x82\xAC\xFF")));
  const std::string text = *bytes;
  if (parse(text, "f.csv").faults.empty()) RC_ASSERT(is_utf8(text));
}

// The index against the walker, which reads one character after the other.
bool same_records(const std::vector<WalkedRecord>& a, const std::vector<WalkedRecord>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto& x, const auto& y) { return x.fields == y.fields && x.line == y.line; });
}

bool same_summary(const Summary& a, const Summary& b) {
  return faults_of(a) == faults_of(b) && a.columns == b.columns && a.open_ended == b.open_ended &&
         a.end.to_string() == b.end.to_string() && a.records == b.records;
}

// nullopt: it saw that this is no CSV.
std::optional<std::vector<WalkedRecord>> indexed(const Kernel& kernel, std::string_view text, std::size_t columns,
                                                 std::uint32_t line, std::size_t bytes) {
  Indexer indexer(kernel, text, columns, ',', line, true);
  Table table;
  Rows rows;
  while (indexer.next(rows, bytes)) table.batches.push_back(rows);
  if (indexer.suspect()) return std::nullopt;
  return records_of(table);
}

// Texts in which the rare is frequent, long enough to cross blocks of 64 bytes at every place.
rc::Gen<std::string> texts() {
  const std::vector<std::string> pieces = {
      "a,b\n",   "3,4\n",          "1,2\r\n",        "1,2\n",        "\"x\",y\n",
      "\"\",\n", "p,\"q\"\"r\"\n", "\"u\nv\",w\r\n", "\xC3\xA9,z\n", "\"\"\"\",\"\xE2\x82\xAC\"\n"};
  const std::vector<std::string> wild = {"a",  "a",  "a",  ",",    ",",    "\"",   "\"",
                                         "\n", "\n", "\r", "\r\n", "\xC3", "\xA9", std::string(1, '\0')};
  const auto joined = [](const std::vector<std::string>& parts) {
    std::string out;
    for (const auto& part : parts) out += part;
    return out;
  };
  const auto sound = rc::gen::map(rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(pieces)), joined);
  const auto any = rc::gen::map(rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(wild)), joined);
  return rc::gen::map(rc::gen::tuple(sound, any, sound, rc::gen::inRange(0, 3)), [](const auto& parts) {
    const auto& [before, middle, after, kind] = parts;
    return kind == 0 ? before : kind == 1 ? before + middle + after : before + after + middle;
  });
}

RC_GTEST_PROP(CsvLaws, EveryKernelReadsWhatTheWalkerReads, ()) {
  const std::string text = "x,y\n" + *texts();
  const Walked walked = walk(text, "f.csv", ',', Keep::kYes);
  const Table table = parse(text, "f.csv");
  RC_ASSERT(same_summary(table, walked));
  RC_ASSERT(same_records(records_of(table), walked.kept));
  for (const Kernel& kernel : kernels())
    for (const std::size_t bytes : {std::size_t{1}, std::size_t{128}, std::size_t{1} << 20}) {
      const auto records = indexed(kernel, std::string_view(text).substr(4), 2, 2, bytes);
      RC_ASSERT(records.has_value() == walked.faults.empty());
      if (records) RC_ASSERT(same_records(*records, walked.kept));
    }
}

// Pieces are cut only out of texts of some size.
TEST(Csv, ThePiecesOfATextAreTheText) {
  const auto workers = make_workers(3);
  for (int seed = 0; seed < 20; ++seed) {
    std::string text = "x,y\n";
    for (int i = 0; text.size() < 400'000; ++i) {
      const int kind = (i * 7919 + seed * 104'729) % 11;
      if (kind == 0)
        text += "\"" + std::string(static_cast<std::size_t>(seed) * 3'000, kind % 2 == 0 ? '\n' : 'a') + "\",b\n";
      else
        text += kind < 4 ? "\"one\n\"\"two\"\"\",\"\"\r\n" : "plain," + std::to_string(i) + "\n";
    }
    if (seed % 4 == 1) text += "1,2,3\n";
    if (seed % 4 == 2) text += "open,ended";
    if (seed % 4 == 3) text.insert(text.size() / 2, "\"");
    const Walked walked = walk(text, "f.csv", ',', Keep::kYes);
    const Table table = parse(text, "f.csv", ',', *workers);
    EXPECT_TRUE(same_summary(table, walked)) << seed << "\n" << faults_of(table) << faults_of(walked);
    EXPECT_TRUE(same_records(records_of(table), walked.kept)) << seed;
    const Reader reader(text, "f.csv");
    std::vector<std::size_t> records(7);
    const Summary summary =
        reader.read(*workers, 7, [&](std::size_t piece, const Rows& rows) { records[piece] += rows.size(); });
    EXPECT_TRUE(same_summary(summary, walked)) << seed;
    EXPECT_TRUE(records[1] > 0 || !walked.faults.empty()) << seed;
  }
}

}  // namespace
}  // namespace tenure::csv
