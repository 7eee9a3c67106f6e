// simulation --seed N [--trace]            one world, for looking at it
// simulation --seeds FROM TO               many worlds; exit 1 and the seeds when an invariant fell
// simulation --defect NAME --seeds ...     with a planted defect: exit 0 only if an oracle noticed
// simulation --defects FROM TO             every planted defect in turn: exit 0 only if each was noticed
// simulation --soak                        new worlds for TENURE_SOAK_MINUTES (30); exit 1 when an invariant fell
#include "planted.hpp"
#include "world.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace {

using tenure::engine::Defect;

struct Named {
  std::string_view name;
  Defect defect;
  std::string_view breaks;
  std::string_view what;
};
constexpr std::array kDefects = {
#define TENURE_DEFECT(constant, name, breaks, what) Named{name, Defect::constant, breaks, what},
#define TENURE_DEFECT_UNSEEN(constant, name, breaks, what)
#include "planted.def"
#undef TENURE_DEFECT
};

struct Totals {
  std::int64_t seeds = 0, changes = 0, crashes = 0, writes = 0, failed = 0;
  std::uint64_t hash = 0;
  std::uint64_t first_hash = 0;  // of the first kRepeated seeds
};

constexpr std::uint64_t kRepeated = 50;

// Stops at the first violation when `first_only`.
Totals run(std::uint64_t from, std::uint64_t to, bool first_only, bool print) {
  Totals totals;
  for (std::uint64_t seed = from; seed <= to; ++seed) {
    const auto outcome = tenure::simulation::simulate({.seed = seed});
    ++totals.seeds;
    totals.changes += outcome.changes;
    totals.crashes += outcome.crashes;
    totals.writes += outcome.writes;
    totals.hash = totals.hash * 31 + std::strtoull(outcome.trace_hash.c_str(), nullptr, 10);
    if (seed - from < kRepeated) totals.first_hash = totals.hash;
    if (outcome.violations.empty()) continue;
    ++totals.failed;
    if (print)
      std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), outcome.violations.front().c_str());
    if (first_only) break;
  }
  return totals;
}

int one(std::uint64_t seed, bool trace) {
  const auto outcome = tenure::simulation::simulate({.seed = seed, .trace = trace});
  for (const std::string& violation : outcome.violations) std::printf("%s\n", violation.c_str());
  std::printf("seed %llu: %lld changes, %lld writes, %lld crashes, trace %s\n", static_cast<unsigned long long>(seed),
              static_cast<long long>(outcome.changes), static_cast<long long>(outcome.writes),
              static_cast<long long>(outcome.crashes), outcome.trace_hash.c_str());
  return outcome.violations.empty() ? 0 : 1;
}

int many(std::uint64_t from, std::uint64_t to) {
  const auto begin = std::chrono::steady_clock::now();
  const Totals totals = run(from, to, false, true);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  // The same seeds give the same traces: once more over the first of them (T16).
  const bool same = run(from, std::min(to, from + kRepeated - 1), false, false).hash == totals.first_hash;
  std::printf("%lld seeds in %.1f s (%.0f/s): %lld changes, %lld writes, %lld crashes, %lld failed; hash %016llx%s\n",
              static_cast<long long>(totals.seeds), seconds, static_cast<double>(totals.seeds) / seconds,
              static_cast<long long>(totals.changes), static_cast<long long>(totals.writes),
              static_cast<long long>(totals.crashes), static_cast<long long>(totals.failed),
              static_cast<unsigned long long>(totals.hash), same ? "" : " NOT REPEATABLE");
  return totals.failed == 0 && same ? 0 : 1;
}

// Seeds begin where the clock says, so that every soak sees other worlds; each block prints the seeds that it ran.
int soak() {
  const char* given = std::getenv("TENURE_SOAK_MINUTES");  // NOLINT(concurrency-mt-unsafe): one thread
  const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(given == nullptr ? 30 : std::atoi(given));
  constexpr std::uint64_t kBlock = 1000;
  auto from =
      static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch() / std::chrono::seconds(1)) *
      kBlock;
  int failed = 0;
  for (; std::chrono::steady_clock::now() < until && failed == 0; from += kBlock) {
    std::printf("seeds %llu to %llu: ", static_cast<unsigned long long>(from),
                static_cast<unsigned long long>(from + kBlock - 1));
    failed = many(from, from + kBlock - 1);
    std::fflush(stdout);
  }
  return failed;
}

int planted(const Named& named, std::uint64_t from, std::uint64_t to) {
  tenure::engine::planted_defect = named.defect;
  const Totals totals = run(from, to, true, true);
  tenure::engine::planted_defect = Defect::kNone;
  std::printf("%.*s: %s after %lld seeds\n", static_cast<int>(named.name.size()), named.name.data(),
              totals.failed > 0 ? "noticed" : "NOT NOTICED", static_cast<long long>(totals.seeds));
  return totals.failed > 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const auto number = [&](int i) { return i < argc ? std::strtoull(argv[i], nullptr, 10) : 0ULL; };
  const std::string_view what = argc > 1 ? argv[1] : "";
  if (what == "--seed" && argc > 2) return one(number(2), argc > 3 && std::string_view(argv[3]) == "--trace");
  if (what == "--seeds" && argc > 3) return many(number(2), number(3));
  if (what == "--soak") return soak();
  if (what == "--defects" && argc > 3) {
    int missed = 0;
    for (const Named& named : kDefects) missed += planted(named, number(2), number(3));
    return missed == 0 ? 0 : 1;
  }
  if (what == "--defect" && argc > 5)
    for (const Named& named : kDefects)
      if (named.name == argv[2]) return planted(named, number(4), number(5));
  std::puts(
      "simulation --seed N [--trace] | --seeds FROM TO | --defect NAME --seeds FROM TO | --defects FROM TO | --soak");
  return 2;
}
