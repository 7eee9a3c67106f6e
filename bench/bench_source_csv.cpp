// source/csv: an export of personnel of 1,000,000 rows and 18 columns, a tenth of the rows with quotation marks, from
// the file to columns; against DuckDB's read_csv.
#include "dice.hpp"
#include "duckdb.hpp"
#include "harness.hpp"

#include <tenure/base/file.hpp>
#include <tenure/base/large_file.hpp>
#include <tenure/connector_csv/csv.hpp>
#include <tenure/policy/load.hpp>
#include <tenure/source/feed_columns.hpp>
#include <tenure/source/register.hpp>

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
    {"level", 9, "4"},
    {"manager_id", 60'000, "P"},
    {"employment", 3, "employee-"},
    {"start_date", 6'000, "2001-01-"},
    {"end_date", 300, "2031-01-"},
    {"engagement", 3, "active or so "},
    {"company", 25, "Nordhaven Subsidiary "},
};
constexpr std::size_t kWidth = std::size(kColumns);

constexpr std::size_t kDepartment = 6;

std::string number_of(const ColumnPlan& plan, std::size_t row, std::size_t rows, Dice& dice, unsigned moved) {
  if (plan.values == 0) return std::to_string(10'000'000 + row);
  std::size_t value = dice.below(plan.values);
  // Managers are people, levels and dates what they seem.
  const std::string_view name = plan.name;
  if (name == "manager_id") return std::to_string(10'000'000 + value % (rows / 20));
  if (name == "start_date" || name == "end_date") return std::to_string(10 + value % 19);
  return std::to_string((value + moved) % plan.values);
}

// `day`: 0, or one on which a hundredth of the rows is different, a few are new and a few are gone.
std::string make_export(std::size_t rows, unsigned day = 0) {
  Dice dice(kSeed), news(kSeed + day);
  std::string text;
  text.reserve(rows * 260);
  for (std::size_t c = 0; c < kWidth; ++c) (text += c == 0 ? "" : ",") += kColumns[c].name;
  text += '\n';
  for (std::size_t r = 0; r < rows; ++r) {
    const bool quoted = dice.below(10) == 0;
    const bool moved = day != 0 && news.below(100) == 0;
    const std::size_t begin = text.size();
    for (std::size_t c = 0; c < kWidth; ++c) {
      const ColumnPlan& plan = kColumns[c];
      if (c != 0) text += ',';
      if (plan.values != 0 && dice.below(50) == 0) continue;  // a blank
      const bool marks = quoted && c % 6 == 4;
      if (marks) text += '"';
      text += plan.text;
      text += number_of(plan, r, rows, dice, moved && c == kDepartment ? day : 0);
      if (marks) text += c == 10 ? ", \"\"acting\"\"\"" : ", a\"";
    }
    text += '\n';
    if (day != 0 && news.below(2'000) == 0) text.resize(begin);
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

// The policy that an author would write for that export.
policy::PolicySet policy_of(const Harness& harness) {
  std::string settings = "apiVersion: tenure/v1\nkind: Settings\nmetadata: { name: example }\nattributes:\n";
  std::string source =
      "apiVersion: tenure/v1\nkind: Source\nmetadata: { name: hr, title: HR export, owner: ana.ash }\n"
      "connector: csv\nconnection: { file: feeds/hr.csv }\nof: person\nprecedence: 100\nkey: contract_id\ncolumns:\n";
  std::string mappings;
  for (const ColumnPlan& plan : kColumns) {
    const std::string name = plan.name;
    source += "  - " + name + "\n";
    if (name == "contract_id" || name == "manager_id" || name.ends_with("_date") || name == "engagement") continue;
    settings += "  " + name + (name == "level" ? ": int\n" : ": { type: string, optional: true }\n");
    mappings += "  " + name + ": record." + name + "\n";
  }
  settings +=
      "lifecycle:\n  accounts: { staged: absent, active: enabled, suspended: disabled, leaving: disabled, left: "
      "disabled }\n"
      "  roles_apply_in: [active, suspended]\ngroups:\n  operators: [ana.ash, bo.lind]\n  security: [cai.moe]\n";
  source += "identity: { key: person_id, correlate: person_id }\nattributes:\n" + mappings +
            "engagement: { start: record.start_date, end: record.end_date }\n"
            "relations:\n  manager: { attribute: person_id, from: record.manager_id }\n";
  Diagnostics diagnostics;
  auto set = policy::load({{"tenure.yaml", settings}, {"sources/hr.yaml", source}}, diagnostics);
  for (const Diagnostic& one : diagnostics.sorted()) harness.say(render(one));
  harness.require(set ? Status() : Status(fail(diagnostics.to_error())), "the policy");
  return std::move(*set);
}

class Days {
 public:
  Days(Harness& harness, const std::string& file)
      : harness_(harness),
        file_(file),
        workers_(make_workers(kThreads)),
        policy_(policy_of(harness)),
        sources_(policy_, known_, {}, std::nullopt, *workers_) {}

  // Seconds from the file to what it changes.
  double pull(std::size_t rows, unsigned day) {
    harness_.require(write_file_atomic(file_, make_export(rows, day)), "the export");
    now_ = now_ + Duration::hours(1);
    return seconds([&] {
      Diagnostics faults;
      const auto& doc = policy_.sources.begin()->second;
      const std::string bytes = harness_.require(read_large_file(file_, *workers_), "the export");
      auto feed = harness_.require(connector_csv::parse_csv("hr.csv", std::move(bytes), doc.columns, faults, *workers_),
                                   "the feed");
      verdict = sources_.accept(
          doc, source::Reading{"hr.csv", feed.digest, feed.columns, feed.rows, feed.complete, feed.open_ended}, faults,
          {}, faults);
      merging = seconds([&] { outcome = sources_.merge(now_); });
    });
  }

  source::FeedVerdict verdict;
  source::MergeOutcome outcome;
  double merging = 0;  // seconds of it
  std::size_t people() const { return known_.count(); }

 private:
  Harness& harness_;
  const std::string file_;
  const std::unique_ptr<Workers> workers_;
  const policy::PolicySet policy_;
  source::IdentityMap known_;
  source::Register sources_;
  Time now_ = Time::parse("2026-11-20").value();
};

void checked(Harness& harness) {
  DuckDb duck = harness.require(DuckDb::start(), "DuckDB");
  const std::string file = duck.folder() + "/hr.csv";
  const std::size_t rows = harness.scaled(1'000'000, 2'000);
  Days days(harness, file);
  const auto read = [&](const char* table) {
    return std::string("CREATE OR REPLACE TABLE ") + table + " AS SELECT * FROM read_csv('" + file +
           "', header = true, all_varchar = true, delim = ',', quote = '\"', escape = '\"');";
  };
  std::string differ;
  for (const ColumnPlan& plan : kColumns)
    differ += std::string(differ.empty() ? "" : " OR ") + "b." + plan.name + " IS DISTINCT FROM a." + plan.name;
  const std::string question =
      "SELECT count(*) FILTER (WHERE b.contract_id IS NULL), count(*) FILTER (WHERE a.contract_id IS NULL), "
      "count(*) FILTER (WHERE b.contract_id IS NOT NULL AND a.contract_id IS NOT NULL AND (" +
      differ + ")) FROM before b FULL OUTER JOIN after a ON a.contract_id = b.contract_id;";
  harness.say("the first export, and the second look at all who are new");
  days.pull(rows, 0);
  days.pull(rows, 0);
  days.pull(rows, 1);
  harness.require(duck.run(read("before")), "read_csv");
  Turns turns;
  std::vector<double> merging;
  for (unsigned day = 2; day < 2 + harness.runs(3); ++day) {
    turns.ours.push_back(days.pull(rows, day));
    merging.push_back(days.merging);
    const auto reading = harness.require(duck.time(read("after")), "read_csv");
    const auto answer = harness.require(duck.time(question), "the differences");
    turns.peer.push_back(reading.seconds + answer.seconds);
    const source::FeedDiff& diff = days.verdict.diff;
    const auto changed = static_cast<std::int64_t>(diff.changed.size());
    harness.expect(days.verdict.accepted && !days.outcome.whole, "source/csv.checked: a slice of an accepted feed");
    harness.expect_equal(static_cast<std::int64_t>(diff.added.size()), answer.number(0, 0), "source/csv.checked: new");
    harness.expect_equal(static_cast<std::int64_t>(diff.removed.size()), answer.number(0, 1),
                         "source/csv.checked: gone");
    harness.expect_equal(changed, answer.number(0, 2), "source/csv.checked: changed");
    harness.expect(days.outcome.changes.size() >= diff.changed.size() && days.people() == rows,
                   "source/csv.checked: who changed");
    harness.require(duck.run("DROP TABLE before; ALTER TABLE after RENAME TO before;"), "the next day");
  }
  harness.print("source/csv.checked", turns, duck.name(),
                "read, checked, diffed, correlated, merged; the peer reads and compares only");
  harness.print(Figure{.bench = "source/csv.checked.merge",
                       .value = median(merging),
                       .n = merging.size(),
                       .note = std::to_string(days.outcome.looked_at) + " identities looked at"});
}

}  // namespace
}  // namespace tenure::bench

int main(int argc, char** argv) {
  tenure::bench::Harness harness(argc, argv);
  if (harness.wants("source/csv")) tenure::bench::to_columns(harness);
  if (harness.wants("source/csv.checked")) tenure::bench::checked(harness);
  return harness.status();
}
