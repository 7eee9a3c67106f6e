// plan/reconcile: all differences between what should be held and what is, both in memory as sorted arrays: 20,000,000
// grants of 8,000 entitlements by 1,000,000 accounts, 0.1 % of them changed. The peer has the same pairs in two tables.
// plan/reconcile.200m: 200,000,000 grants of 50,000 entitlements by 10,000,000 accounts, without a peer.
#include "duckdb.hpp"
#include "harness.hpp"
#include "matrix.hpp"
#include "tables.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace tenure::bench {
namespace {

constexpr unsigned kThreads = 2;

struct Answer {
  std::int64_t missing = 0, extra = 0, sum = 0;
  friend bool operator==(const Answer&, const Answer&) = default;
};

Answer answer_of(const population::Difference& difference) {
  Answer answer{static_cast<std::int64_t>(difference.only_left.size()),
                static_cast<std::int64_t>(difference.only_right.size()), 0};
  for (const auto* pairs : {&difference.only_left, &difference.only_right})
    for (const population::Pair& pair : *pairs) answer.sum += std::int64_t{pair.entitlement} * 1'000'003 + pair.account;
  return answer;
}

class Ours {
 public:
  explicit Ours(Matrices matrices)
      : planted_{static_cast<std::int64_t>(matrices.missing), static_cast<std::int64_t>(matrices.extra), 0},
        desired_(
            population::Holders::sorted(std::move(matrices.desired.offsets), std::move(matrices.desired.accounts))),
        observed_(
            population::Holders::sorted(std::move(matrices.observed.offsets), std::move(matrices.observed.accounts))) {}

  double run(Harness& harness, unsigned threads) {
    population::Difference difference;
    const double took = seconds([&] { difference = population::difference(desired_, observed_, threads); });
    answer_ = answer_of(difference);
    harness.expect_equal(answer_.missing, planted_.missing, "plan/reconcile: missing");
    harness.expect_equal(answer_.extra, planted_.extra, "plan/reconcile: extra");
    return took;
  }
  const Answer& answer() const { return answer_; }
  std::size_t grants() const { return observed_.size(); }
  double bytes() const { return static_cast<double>(desired_.bytes() + observed_.bytes()); }

 private:
  Answer planted_, answer_;
  population::Holders desired_, observed_;
};

// The same question in three ways; all give one row: missing, extra, checksum.
constexpr std::array<const char*, 3> kQueries = {
    "SELECT count(*) FILTER (WHERE oi IS NULL), count(*) FILTER (WHERE di IS NULL),"
    " CAST(sum(coalesce(de, oe) * 1000003::BIGINT + coalesce(di, oi)) AS BIGINT) FROM ("
    " SELECT d.e AS de, d.a AS di, o.e AS oe, o.a AS oi FROM desired d FULL OUTER JOIN observed o"
    " ON d.e = o.e AND d.a = o.a WHERE d.a IS NULL OR o.a IS NULL)",
    "WITH m AS (FROM desired d ANTI JOIN observed o ON d.e = o.e AND d.a = o.a),"
    " x AS (FROM observed o ANTI JOIN desired d ON d.e = o.e AND d.a = o.a)"
    " SELECT (SELECT count(*) FROM m), (SELECT count(*) FROM x), CAST((SELECT sum(e * 1000003::BIGINT + a) FROM m) +"
    " (SELECT sum(e * 1000003::BIGINT + a) FROM x) AS BIGINT)",
    "WITH m AS (FROM desired EXCEPT FROM observed), x AS (FROM observed EXCEPT FROM desired)"
    " SELECT (SELECT count(*) FROM m), (SELECT count(*) FROM x), CAST((SELECT sum(e * 1000003::BIGINT + a) FROM m) +"
    " (SELECT sum(e * 1000003::BIGINT + a) FROM x) AS BIGINT)",
};
constexpr std::array<const char*, 3> kQueryNames = {"FULL OUTER JOIN", "ANTI JOIN both ways", "EXCEPT both ways"};

class Peer {
 public:
  Peer(Harness& harness, const Matrices& matrices)
      : harness_(harness), duckdb_(harness.require(DuckDb::start(), "DuckDB")) {
    for (const auto& [name, matrix] : {std::pair{"desired", &matrices.desired}, {"observed", &matrices.observed}}) {
      const std::string path = duckdb_.folder() + "/" + name + ".csv";
      harness.require(write_pairs(path, matrix->offsets, matrix->accounts), path);
      harness.require(duckdb_.run(fmt::format("CREATE TABLE {} AS SELECT * FROM read_csv('{}', header=false,"
                                              " columns={{'e':'INTEGER','a':'INTEGER'}})",
                                              name, path)),
                      "DuckDB: loading");
    }
  }

  // Tries every query once and keeps the fastest.
  void choose(const Answer& answer) {
    double best = 0;
    for (std::size_t q = 0; q < kQueries.size(); ++q) {
      const double took = run(q, answer);
      harness_.say(fmt::format("{}, {}: {:.2f} s", duckdb_.name(), kQueryNames[q], took));
      if (q == 0 || took < best) {
        best = took;
        query_ = q;
      }
    }
  }
  double run(const Answer& answer) { return run(query_, answer); }
  const std::string& name() const { return duckdb_.name(); }
  std::string note() const { return fmt::format("2 threads; the peer's best of three: {}", kQueryNames[query_]); }

 private:
  double run(std::size_t query, const Answer& answer) {
    const DuckDb::Answer rows = harness_.require(duckdb_.time(kQueries[query]), "DuckDB");
    harness_.expect(Answer{rows.number(0, 0), rows.number(0, 1), rows.number(0, 2)} == answer,
                    fmt::format("plan/reconcile: what {} finds", duckdb_.name()));
    return rows.seconds;
  }
  Harness& harness_;
  DuckDb duckdb_;
  std::size_t query_ = 0;
};

void print_ours(Harness& harness, const std::string& bench, Ours& ours, std::size_t runs) {
  std::vector<double> alone;
  for (std::size_t run = 0; run < runs; ++run) alone.push_back(ours.run(harness, 1));
  const double bytes = ours.bytes();
  harness.print({.bench = bench + ".one_thread",
                 .value = median(alone),
                 .n = alone.size(),
                 .note = fmt::format("{:.1f} GB/s of {:.2f} GB", bytes / median(alone) / 1e9, bytes / 1e9)});
}

void measure(Harness& harness) {
  Matrices matrices = make_matrices({.accounts = harness.scaled(1'000'000),
                                     .entitlements = harness.scaled(8'000, 800),
                                     .grants = harness.scaled(20'000'000)});
  Peer peer(harness, matrices);
  Ours ours(std::move(matrices));
  ours.run(harness, kThreads);
  peer.choose(ours.answer());
  const Turns turns =
      in_turns(harness.runs(5), [&] { return ours.run(harness, kThreads); }, [&] { return peer.run(ours.answer()); });
  harness.print("plan/reconcile", turns, peer.name(), peer.note());
  print_ours(harness, "plan/reconcile", ours, harness.runs(9));
}

void measure_200m(Harness& harness) {
  Ours ours(make_matrices({.accounts = harness.scaled(10'000'000),
                           .entitlements = harness.scaled(50'000, 5'000),
                           .grants = harness.scaled(200'000'000)}));
  std::vector<double> times;
  ours.run(harness, kThreads);
  for (std::size_t run = 0; run < harness.runs(5); ++run) times.push_back(ours.run(harness, kThreads));
  harness.print({.bench = "plan/reconcile.200m",
                 .value = median(times),
                 .n = times.size(),
                 .note = fmt::format("{} grants, 2 threads", ours.grants())});
  print_ours(harness, "plan/reconcile.200m", ours, harness.runs(5));
}

}  // namespace
}  // namespace tenure::bench

int main(int argc, char** argv) {
  tenure::bench::Harness harness(argc, argv);
  if (harness.wants("plan/reconcile")) tenure::bench::measure(harness);
  if (harness.wants("plan/reconcile.200m")) tenure::bench::measure_200m(harness);
  return harness.status();
}
