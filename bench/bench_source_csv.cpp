// source/csv: an export of personnel of 1,000,000 rows and 18 columns, a tenth of the rows with quotation marks, from
// the file to columns; against DuckDB's read_csv.
#include "dice.hpp"
#include "duckdb.hpp"
#include "harness.hpp"

#include <thread>

#include <tenure/base/file.hpp>
#include <tenure/base/large_file.hpp>
#include <tenure/source/feed_columns.hpp>

namespace tenure::bench {
namespace {

constexpr std::uint64_t kSeed = 18;
constexpr unsigned kThreads = 2;

struct ColumnPlan {
  const char* name;
  std::size_t values;  // 0: its own in every row
  const char* text;
};
constexpr ColumnPlan kColumns[] = {
    {"contract_id", 0, "C"},
    {"person_id", 0, "P"},
    {"given_name", 4'000, "Given"},
    {"family_name", 20'000, "Family"},
    {"mail", 0, "person.number"},
    {"phone", 0, "+47 22 "},
    {"department", 400, "Department of Affairs "},
    {"cost_center", 900, "CC-"},
    {"site", 60, "Site "},
    {"country", 40, "Country "},
    {"title", 2'500, "Senior Specialist "},
    {"level", 9, "L"},
    {"manager_id", 60'000, "P"},
    {"employment", 3, "employment-"},
    {"start_date", 6'000, "2001-01-"},
    {"end_date", 300, "2031-01-"},
    {"status", 3, "status-"},
    {"company", 25, "Nordhaven Subsidiary "},
};
constexpr std::size_t kWidth = std::size(kColumns);

std::string make_export(std::size_t rows) {
  Dice dice(kSeed);
  std::string text;
  text.reserve(rows * 260);
  for (std::size_t c = 0; c < kWidth; ++c) (text += c == 0 ? "" : ",") += kColumns[c].name;
  text += '\n';
  for (std::size_t r = 0; r < rows; ++r) {
    const bool quoted = dice.below(10) == 0;
    for (std::size_t c = 0; c < kWidth; ++c) {
      const ColumnPlan& plan = kColumns[c];
      if (c != 0) text += ',';
      if (plan.values != 0 && dice.below(50) == 0) continue;  // a blank
      const bool marks = quoted && c % 6 == 4;
      if (marks) text += '"';
      text += plan.text;
      text += std::to_string(plan.values == 0 ? 10'000'000 + r : dice.below(plan.values));
      if (marks) text += c == 10 ? ", \"\"acting\"\"\"" : ", a\"";
    }
    text += '\n';
  }
  return text;
}

// The first characters tell what columns() must find: distinct values and characters of each column.
struct Sums {
  std::uint64_t distinct = 0, characters = 0;
};
Sums sums_of(const source::FeedColumns& columns, std::size_t c) {
  Sums out;
  if (kColumns[c].values == 0) {
    for (std::size_t r = 0; r < columns.texts[c].size(); ++r) out.characters += columns.texts[c][r].size();
    out.distinct = columns.texts[c].size();  // by construction
    return out;
  }
  const population::Column& column = columns.coded[c];
  out.distinct = column.codes() - population::Column::kFirstValue;
  for (std::size_t r = 0; r < column.rows(); ++r)
    if (column.code(r) >= population::Column::kFirstValue) out.characters += column.text(column.code(r))->size();
  return out;
}

void to_columns(Harness& harness) {
  DuckDb duck = harness.require(DuckDb::start(), "DuckDB");
  const std::string file = duck.folder() + "/hr.csv";
  const std::string text = make_export(harness.scaled(1'000'000, 1'000));
  harness.say("an export of " + std::to_string(text.size() / 1'000'000) + " MB");
  harness.require(write_file_atomic(file, text), "the export");
  const auto workers = make_workers(kThreads);
  const std::string load = "CREATE OR REPLACE TABLE feed AS SELECT * FROM read_csv('" + file +
                           "', header = true, all_varchar = true, delim = ',', quote = '\"', escape = '\"');";
  std::vector<bool> as_text;
  for (const ColumnPlan& plan : kColumns) as_text.push_back(plan.values == 0);
  source::FeedColumns columns;
  const Turns turns = in_turns(
      harness.runs(5),
      [&] {
        columns = {};
        return seconds([&] {
          const std::string bytes = harness.require(read_large_file(file, *workers), "the export");
          columns = source::read_columns(csv::Reader(bytes, "hr.csv"), as_text, *workers);
        });
      },
      [&] { return harness.require(duck.time(load), "read_csv").seconds; });
  harness.expect(columns.summary.faults.empty(), "source/csv: the export has no fault");
  std::string question = "SELECT count(*)";
  for (const ColumnPlan& plan : kColumns)
    question += std::string(", count(DISTINCT ") + plan.name + "), sum(strlen(" + plan.name + "))";
  const auto answer = harness.require(duck.time(question + " FROM feed;"), "the sums");
  harness.expect_equal(static_cast<std::int64_t>(columns.summary.records), answer.number(0, 0), "source/csv: rows");
  for (std::size_t c = 0; c < kWidth; ++c) {
    const Sums sums = sums_of(columns, c);
    const std::string name = std::string("source/csv: ") + kColumns[c].name;
    harness.expect_equal(static_cast<std::int64_t>(sums.distinct), answer.number(0, 1 + 2 * c), name + " values");
    harness.expect_equal(static_cast<std::int64_t>(sums.characters), answer.number(0, 2 + 2 * c), name + " bytes");
  }
  harness.print("source/csv", turns, duck.name(), "14 coded and 4 text columns, 2 threads");
}

}  // namespace
}  // namespace tenure::bench

int main(int argc, char** argv) {
  tenure::bench::Harness harness(argc, argv);
  if (harness.wants("source/csv")) tenure::bench::to_columns(harness);
  return harness.status();
}
