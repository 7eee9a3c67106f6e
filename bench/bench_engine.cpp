// engine/rate: verified changes per second. docs/performance.md says what one change is.
#include "engine_rig.hpp"

#include <fmt/format.h>

namespace tenure::bench {
namespace {

constexpr std::int64_t kAtOnce = 5'000;  // changes of one plan

std::vector<Work> works(std::int64_t first, std::int64_t count) {
  std::vector<Work> all;
  for (std::int64_t done = 0; done < count; done += kAtOnce)
    all.push_back({.first = first + done, .count = std::min(kAtOnce, count - done)});
  return all;
}

void bench_rate(Harness& harness) {
  const lab::TempFolder folder = harness.require(lab::TempFolder::create("bench-engine"), "a folder");
  EngineRig rig(harness, sqlite_in(folder.path()));
  rig.start(true);
  const auto changes = static_cast<std::int64_t>(harness.scaled(50'000, 200));
  std::vector<double> rates;
  const std::size_t runs = harness.runs(3);
  for (std::size_t i = 0; i < runs; ++i)
    rates.push_back(static_cast<double>(changes) / rig.run(works(static_cast<std::int64_t>(i) * changes, changes)));
  harness.print(
      {.bench = "engine/rate",
       .value = median(rates),
       .unit = "1/s",
       .n = runs,
       .note = fmt::format("{} changes, {} in flight, a case each; {:.2f} commits a change; SQLite synchronous=FULL",
                           changes, kInFlight, rig.commits_per_change())});
}

}  // namespace
}  // namespace tenure::bench

int main(int argc, char** argv) {
  tenure::bench::Harness harness(argc, argv);
  if (harness.wants("engine/rate")) tenure::bench::bench_rate(harness);
  return harness.status();
}
