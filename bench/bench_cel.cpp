// cel/column: the conditions of all rules over everybody, into two bitmaps each, true and unknown. The peers count whom
// each condition is true of, and materialise nothing: DuckDB over ENUM columns with two threads, PostgreSQL over two
// sessions with indexes on (department) and (country, status).
//
// cel/column.join sets the same against conditions that a person has rewritten as two tables to join with, which DuckDB
// can do only because all rules have one of two forms.
#include "duckdb.hpp"
#include "harness.hpp"
#include "populate.hpp"
#include "tables.hpp"

#include <algorithm>
#include <array>
#include <thread>

#include <fmt/format.h>

#include <tenure/base/text.hpp>
#include <tenure/cel/columns.hpp>
#include <tenure/lab/postgres.hpp>
#include <tenure/policy/columns.hpp>

namespace tenure::bench {
namespace {

constexpr unsigned kThreads = 2;

std::vector<std::int64_t> counts_of(const std::vector<Members>& members) {
  std::vector<std::int64_t> counts;
  for (const Members& one : members) counts.push_back(static_cast<std::int64_t>(one.yes.size()));
  return counts;
}

// The conditions as the policy set compiled them, the facts as the population holds them.
class Ours {
 public:
  Ours(Harness& harness, const Company& company)
      : policy_(load_policy(company)),
        people_(loaded(company)),
        columns_(policy_, people_),
        batch_(conditions(policy_, company)),
        verdicts_(company.rules.size()) {
    for (auto& verdict : verdicts_) {
      verdict.truth = population::Bitmap(columns_.rows());
      verdict.unknown = population::Bitmap(columns_.rows());
    }
    const double first = run(1);
    harness.print({.bench = "cel/column.first", .value = first, .note = "1 thread; makes the bitmaps of the values"});
    harness.print({.bench = "cel/column.memory",
                   .value = static_cast<double>(people_.bytes()) / 1e6,
                   .unit = "MB",
                   .note = "everybody's facts, engagements and relations, bitmaps included"});
  }

  double run(unsigned threads) {
    return seconds([&] {
      const cel::ColumnRun run = batch_.over(columns_);
      std::vector<std::jthread> others;
      for (unsigned t = 1; t < threads; ++t) others.emplace_back([&, t] { part(run, t, threads); });
      part(run, 0, threads);
    });
  }

  void check(Harness& harness, const Company& company) const {
    const std::vector<Members> members = members_of(company);
    for (std::size_t r = 0; r < members.size(); ++r) {
      const auto same = [&](const population::Bitmap& ours, const std::vector<std::uint32_t>& theirs) {
        return ours.count() == theirs.size() &&
               std::all_of(theirs.begin(), theirs.end(), [&](std::uint32_t row) { return ours.test(row); });
      };
      harness.expect(same(verdicts_[r].truth, members[r].yes), fmt::format("cel/column: true of rule {}", r));
      harness.expect(same(verdicts_[r].unknown, members[r].unknown), fmt::format("cel/column: unknown of rule {}", r));
    }
  }

 private:
  static population::People loaded(const Company& company) {
    population::People people;
    populate_people(company, people);
    return people;
  }
  static std::vector<cel::Program> conditions(const policy::PolicySet& policy, const Company& company) {
    std::vector<cel::Program> programs;
    for (std::size_t r = 0; r < company.rules.size(); ++r)
      programs.push_back(*policy.roles.at(model::RoleName(role_name(r))).assign->program);
    return programs;
  }
  void part(const cel::ColumnRun& run, unsigned part, unsigned parts) {
    const std::size_t blocks = run.blocks();
    run.evaluate(blocks * part / parts, blocks * (part + 1) / parts, verdicts_);
  }

  policy::PolicySet policy_;
  population::People people_;
  policy::IdentityColumns columns_;
  cel::ColumnBatch batch_;
  std::vector<cel::ColumnVerdicts> verdicts_;
};

std::string counting_sql(const Company& company, std::size_t begin, std::size_t end) {
  std::string sql;
  for (std::size_t r = begin; r < end; ++r)
    sql += "SELECT count(*) FROM people WHERE " + sql_of(company, company.rules[r]) + ";\n";
  return sql;
}

constexpr const char* kJoin =
    "SELECT rule, count(*) AS n FROM ("
    " SELECT r.rule FROM people p JOIN department_rule r ON p.department = r.department"
    "  WHERE p.site = r.site OR p.level >= r.level"
    " UNION ALL SELECT r.rule FROM people p JOIN other_rule_country c ON p.country = c.country"
    "  JOIN other_rule r ON r.rule = c.rule AND p.status = r.status WHERE NOT p.worker_type = r.worker_type)"
    " GROUP BY rule ORDER BY rule";

void check_counts(Harness& harness, const DuckDb::Answer& answer, std::size_t column,
                  const std::vector<std::int64_t>& wanted, std::string_view peer) {
  std::int64_t sum = 0, of_peer = 0;
  for (const std::int64_t count : wanted) sum += count;
  for (std::size_t row = 0; row < answer.rows.size(); ++row) of_peer += answer.number(row, column);
  harness.expect_equal(sum, of_peer, fmt::format("cel/column: rows that {} counts", peer));
}

double duckdb_run(Harness& harness, DuckDb& duckdb, std::string_view sql, std::size_t column,
                  const std::vector<std::int64_t>& wanted) {
  const DuckDb::Answer answer = harness.require(duckdb.time(sql), "DuckDB");
  check_counts(harness, answer, column, wanted, duckdb.name());
  return answer.seconds;
}

class PostgresPeer {
 public:
  PostgresPeer(Harness& harness, const Company& company, const std::string& folder)
      : harness_(harness), company_(company), server_(harness.require(lab::Postgres::start({}), "PostgreSQL")) {
    std::string sql =
        "CREATE TABLE people(id integer, works boolean, department text, site text, level integer, country text,"
        " status text, worker_type text);\n\\copy people FROM '" +
        folder +
        "/people.csv' CSV HEADER\n"
        "CREATE INDEX ON people(department);\nCREATE INDEX ON people(country, status);\nANALYZE people;\n";
    harness_.require(server_.superuser_sql(sql), "PostgreSQL: loading");
    version_ = std::string(trim(harness_.require(server_.superuser_sql("SHOW server_version;"), "PostgreSQL")));
    version_ = "PostgreSQL " + version_.substr(0, version_.find(' '));
  }

  const std::string& name() const { return version_; }

  // Two sessions, half of the conditions each.
  double run(const std::vector<std::int64_t>& wanted) {
    std::array<std::string, 2> answers;
    const std::size_t rules = company_.rules.size();
    const std::array<std::string, 2> sql = {counting_sql(company_, 0, rules / 2),
                                            counting_sql(company_, rules / 2, rules)};
    const double took = seconds([&] {
      std::jthread other([&] { answers[1] = harness_.require(server_.superuser_sql(sql[1]), "PostgreSQL"); });
      answers[0] = harness_.require(server_.superuser_sql(sql[0]), "PostgreSQL");
    });
    std::vector<std::int64_t> counts;
    for (const std::string& answer : answers)
      for (const std::string& line : split(answer, '\n'))
        if (!line.empty()) counts.push_back(std::stoll(line));
    harness_.expect(counts == wanted, "cel/column: what PostgreSQL counts");
    return took;
  }

 private:
  Harness& harness_;
  const Company& company_;
  lab::Postgres server_;
  std::string version_;
};

void measure(Harness& harness) {
  const Company company = make_company(CompanySize::of(harness.size()));
  const std::vector<std::int64_t> wanted = counts_of(members_of(company));
  Ours ours(harness, company);
  ours.run(kThreads);
  ours.check(harness, company);

  DuckDb duckdb = harness.require(DuckDb::start(), "DuckDB");
  harness.require(write_people(company, duckdb.folder()), "people.csv");
  harness.require(duckdb.run(people_sql(company, duckdb.folder(), true)), "DuckDB: people");
  harness.require(duckdb.run(rules_sql(company)), "DuckDB: rules");
  const std::string conditions = counting_sql(company, 0, company.rules.size());

  const std::size_t runs = harness.runs(3);
  const Turns by_duckdb = in_turns(
      runs, [&] { return ours.run(kThreads); }, [&] { return duckdb_run(harness, duckdb, conditions, 0, wanted); });
  const Turns by_join =
      in_turns(runs, [&] { return ours.run(kThreads); }, [&] { return duckdb_run(harness, duckdb, kJoin, 1, wanted); });
  PostgresPeer postgres(harness, company, duckdb.folder());
  const Turns by_postgres = in_turns(runs, [&] { return ours.run(kThreads); }, [&] { return postgres.run(wanted); });

  const bool duckdb_is_best = median(by_duckdb.peer) <= median(by_postgres.peer);
  harness.print("cel/column", duckdb_is_best ? by_duckdb : by_postgres,
                duckdb_is_best ? duckdb.name() : postgres.name(), "2 threads; the best of DuckDB and PostgreSQL");
  harness.print("cel/column.duckdb", by_duckdb, duckdb.name(), "1,000 SELECT count(*), ENUM columns, 2 threads");
  harness.print("cel/column.postgresql", by_postgres, postgres.name(),
                "1,000 SELECT count(*), two indexes, 2 sessions");
  harness.print("cel/column.join", by_join, duckdb.name(), "rules rewritten by hand as two tables to join with");
  std::vector<double> alone;
  for (std::size_t run = 0; run < harness.runs(5); ++run) alone.push_back(ours.run(1));
  harness.print({.bench = "cel/column.one_thread", .value = median(alone), .n = alone.size()});
}

}  // namespace
}  // namespace tenure::bench

int main(int argc, char** argv) {
  tenure::bench::Harness harness(argc, argv);
  if (harness.wants("cel/column")) tenure::bench::measure(harness);
  return harness.status();
}
