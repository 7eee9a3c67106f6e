// plan/full: everything from facts to a frozen plan with its digest: conditions of 1,000 rules over everybody, what
// they give against 20,000,000 observed grants, changes with their reasons, guards, approvals, canonical text, SHA-256.
// Of people, 1 % have moved; hands have changed 0.1 % of the grants.
//
// The peer computes the difference alone, from the same facts and rules to the same missing and extra grants: no
// reasons, no attributes, no plan. DuckDB, 2 threads, ENUM columns, in memory; observed grants are handed over with
// their identities resolved. Its conditions are grouped by what they have in common (department, status). In
// plan/full.join they are rewritten by hand as tables to join with, which arbitrary conditions cannot be.
//
// plan/memory is the most that this process had in memory from when everything was loaded to when the plan was frozen.
#include "duckdb.hpp"
#include "harness.hpp"
#include "planning.hpp"
#include "tables.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include <tenure/base/workers.hpp>

namespace tenure::bench {
namespace {

constexpr unsigned kThreads = 2;

// Who holds which rule (`yes_rule`), by tables of rules.
constexpr const char* kYesByJoin =
    "SELECT r.rule, p.id FROM people p JOIN department_rule r ON p.department = r.department"
    "  WHERE p.works AND (p.site = r.site OR p.level >= r.level)"
    " UNION ALL SELECT r.rule, p.id FROM people p JOIN other_rule_country c ON p.country = c.country"
    "  JOIN other_rule r ON r.rule = c.rule AND p.status = r.status"
    "  WHERE p.works AND NOT p.worker_type = r.worker_type"
    " UNION ALL SELECT -1, id FROM people WHERE works";

// The same with the conditions as they are; those that begin alike are asked in one pass over those whom that is true
// of.
std::string yes_by_conditions(const Company& company) {
  std::map<std::string, std::string> groups;
  for (std::size_t r = 0; r < company.rules.size(); ++r) {
    const RuleParts parts = sql_parts_of(company, company.rules[r]);
    std::string& list = groups[parts.common];
    list += fmt::format("{}CASE WHEN {} THEN {} END", list.empty() ? "" : ", ", parts.rest, r);
  }
  std::string sql = "SELECT rule, id FROM (";
  const char* separator = "";
  for (const auto& [common, list] : groups) {
    sql += fmt::format("{}SELECT unnest([{}]) AS rule, id FROM people WHERE works AND {}", separator, list, common);
    separator = " UNION ALL ";
  }
  return sql + ") WHERE rule IS NOT NULL UNION ALL SELECT -1, id FROM people WHERE works";
}

// Two rows: missing, extra; each with number and checksum. What an unknown fact might explain is not extra.
std::string difference_sql(const std::string& yes_rule) {
  return "WITH yes_rule AS (" + yes_rule +
         "), desired AS (SELECT DISTINCT g.entitlement, y.id AS identity FROM yes_rule y JOIN gives g ON g.rule = "
         "y.rule),"
         " d AS (SELECT d.entitlement AS de, d.identity AS di, o.entitlement AS oe, o.identity AS oi FROM desired d"
         "  FULL OUTER JOIN observed o ON d.entitlement = o.entitlement AND d.identity = o.identity"
         "  WHERE d.identity IS NULL OR o.identity IS NULL),"
         " surplus AS (SELECT oe AS entitlement, oi AS identity FROM d WHERE di IS NULL),"
         " maybe AS (SELECT DISTINCT s.entitlement, s.identity FROM surplus s"
         "  JOIN gives g ON g.entitlement = s.entitlement JOIN people p ON p.id = s.identity"
         "  LEFT JOIN department_rule a ON a.rule = g.rule LEFT JOIN other_rule b ON b.rule = g.rule"
         "  WHERE CASE WHEN a.rule IS NOT NULL"
         "    THEN (p.department = a.department AND (p.site = a.site OR p.level >= a.level)) IS NULL"
         "   WHEN b.rule IS NOT NULL"
         "    THEN (p.country IN (b.country1, b.country2, b.country3) AND p.status = b.status"
         "     AND NOT p.worker_type = b.worker_type) IS NULL ELSE false END),"
         " extra AS (SELECT * FROM surplus s"
         "  ANTI JOIN maybe m ON m.entitlement = s.entitlement AND m.identity = s.identity)"
         " SELECT count(*), CAST(sum(CAST(de AS BIGINT) * 1000003 + di) AS BIGINT) FROM d WHERE oi IS NULL"
         " UNION ALL SELECT count(*), CAST(sum(CAST(entitlement AS BIGINT) * 1000003 + identity) AS BIGINT) FROM extra";
}

class Peer {
 public:
  Peer(Harness& harness, const Company& company)
      : harness_(harness),
        duckdb_(harness.require(DuckDb::start(), "DuckDB")),
        by_conditions_(difference_sql(yes_by_conditions(company))),
        by_join_(difference_sql(kYesByJoin)) {
    const std::string& folder = duckdb_.folder();
    harness.require(write_people(company, folder), "people.csv");
    harness.require(write_observed(company, folder), "observed.csv");
    for (const std::string& sql : {people_sql(company, folder, true), rules_sql(company), observed_sql(folder)})
      harness.require(duckdb_.run(sql), "DuckDB: loading");
  }

  double by_conditions(const Expected& expected) { return run(by_conditions_, expected); }
  double by_join(const Expected& expected) { return run(by_join_, expected); }
  const std::string& name() const { return duckdb_.name(); }
  double peak_megabytes() const { return static_cast<double>(duckdb_.peak_resident_bytes()) / 1e6; }

 private:
  double run(const std::string& sql, const Expected& expected) {
    const DuckDb::Answer rows = harness_.require(duckdb_.time(sql), "DuckDB");
    const auto sum = [&](std::size_t row) { return GrantSum{rows.number(row, 0), rows.number(row, 1)}; };
    harness_.expect(sum(0) == expected.missing, "plan/full: missing grants that DuckDB finds");
    harness_.expect(sum(1) == expected.extra, "plan/full: extra grants that DuckDB finds");
    return rows.seconds;
  }
  Harness& harness_;
  DuckDb duckdb_;
  std::string by_conditions_, by_join_;
};

class Ours {
 public:
  Ours(Harness& harness, Company company)
      : harness_(harness), workers_(make_workers(kThreads)), ready_(make_ready(std::move(company))) {}

  double run() {
    result_.reset();
    const double took = seconds([&] { result_.emplace(plan()); });
    const Said said = said_by(*result_, ready_->catalogue);
    check(said.missing, ready_->expected.missing, "missing");
    check(said.extra, ready_->expected.extra, "extra");
    return took;
  }
  plan::PlanResult plan() {
    const Populated& populated = ready_->populated;
    return harness_.require(plan::make_plan(ready_->policy, populated.population, populated.setting, {}, *workers_),
                            "plan/full");
  }
  const Ready& ready() const { return *ready_; }
  const plan::PlanResult& result() const { return *result_; }

 private:
  void check(const GrantSum& ours, const GrantSum& theirs, std::string_view what) {
    harness_.expect(ours == theirs, fmt::format("plan/full: {} grants: {} (sum {}) and {} (sum {}) expected", what,
                                                ours.count, ours.sum, theirs.count, theirs.sum));
  }
  Harness& harness_;
  std::unique_ptr<Workers> workers_;
  std::unique_ptr<Ready> ready_;
  std::optional<plan::PlanResult> result_;
};

void print_memory(Harness& harness, const std::string& bench, std::uint64_t bytes, const std::string& note) {
  harness.print({.bench = bench, .value = static_cast<double>(bytes) / 1e9, .unit = "GB", .note = note});
}

void print_content(Harness& harness, const Ours& ours) {
  const plan::PlanResult& result = ours.result();
  const Said said = said_by(result, ours.ready().catalogue);
  const auto count = [&](const char* name, std::size_t value, std::string note) {
    harness.print({.bench = std::string("plan/full.") + name,
                   .value = static_cast<double>(value),
                   .unit = "count",
                   .note = std::move(note)});
  };
  count("changes", result.plan.changes.size(),
        fmt::format("{} grants, {} revocations, {} updates of attributes; {} findings beside them", said.grants,
                    said.revocations, said.updates, said.findings));
  count("reasons", said.reasons, "changes whose reason names its rule or finding and says why");
  harness.print({.bench = "plan/full.text",
                 .value = static_cast<double>(result.frozen.bytes.size()) / 1e6,
                 .unit = "MB",
                 .note = result.frozen.digest.str()});
}

void measure(Harness& harness) {
  Company company = make_company(CompanySize::of(harness.size()));
  Peer peer(harness, company);
  Ours ours(harness, std::move(company));
  harness.print({.bench = "plan/full.populate",
                 .value = ours.ready().populate_seconds,
                 .note = "whole columns into memory, from arrays of the generator"});
  const std::uint64_t ready = resident_bytes();
  const bool reset = reset_peak();
  const double first = ours.run();
  const std::uint64_t peak = peak_resident_bytes();
  print_memory(harness, "plan/full.ready", ready, "in memory before the first plan");
  print_memory(harness, "plan/memory", peak,
               fmt::format("peak, {}, to the frozen plan", reset ? "from ready to plan" : "generator included"));
  harness.print({.bench = "plan/full.first", .value = first, .note = "the first after loading"});
  print_content(harness, ours);

  const Turns turns =
      in_turns(harness.runs(5), [&] { return ours.run(); }, [&] { return peer.by_conditions(ours.ready().expected); });
  harness.print("plan/full", turns, peer.name(), "2 threads; the peer computes missing and extra grants alone");
  const Turns by_join =
      in_turns(harness.runs(5), [&] { return ours.run(); }, [&] { return peer.by_join(ours.ready().expected); });
  harness.print("plan/full.join", by_join, peer.name(), "rules rewritten by hand as tables to join with");
  harness.print({.bench = "plan/full.peer_memory",
                 .value = peer.peak_megabytes() / 1e3,
                 .unit = "GB",
                 .note = peer.name() + ", peak"});
}

// How the cost grows: one tenth of identities, of rules, of entitlements.
void measure_growth(Harness& harness) {
  CompanySize whole = CompanySize::of(harness.size());
  whole.identities = std::max<std::size_t>(whole.identities, 20'000);  // a tenth is still a company
  const auto timed = [&](const CompanySize& size) {
    Ours ours(harness, make_company(size));
    std::vector<double> times;
    for (std::size_t run = 0; run <= harness.runs(5); ++run) times.push_back(ours.run());
    return median(std::vector<double>(times.begin() + 1, times.end()));
  };
  const double reference = timed(whole);
  const auto compare = [&](const char* name, CompanySize size, std::string what) {
    const double value = timed(size);
    harness.print({.bench = std::string("plan/growth.") + name,
                   .value = value,
                   .n = harness.runs(5),
                   .note = fmt::format("{}; ten times as many cost {:.1f} times as much", what, reference / value)});
  };
  CompanySize size = whole;
  size.identities /= 10;
  compare("identities", size, fmt::format("{} identities", size.identities));
  size = whole;
  size.rules /= 10;
  compare("rules", size, fmt::format("{} rules, as many grants", size.rules));
  size = whole;
  size.entitlements /= 10;
  compare("entitlements", size, fmt::format("{} entitlements, a tenth of the grants", size.entitlements));
}

}  // namespace
}  // namespace tenure::bench

int main(int argc, char** argv) {
  tenure::bench::Harness harness(argc, argv);
  if (harness.wants("plan/full") || harness.wants("plan/memory")) tenure::bench::measure(harness);
  if (harness.wants("plan/growth")) tenure::bench::measure_growth(harness);
  return harness.status();
}
