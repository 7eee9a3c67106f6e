#include "matrix.hpp"

#include "dice.hpp"

#include <algorithm>

namespace tenure::bench {
namespace {

// How many accounts hold entitlement e: a few everybody, then bundles of departments, then a tail.
std::vector<std::size_t> popularity(const MatrixSize& size) {
  std::vector<double> weights(size.entitlements);
  const double everybody = static_cast<double>(size.accounts);
  double sum = 0;
  for (std::size_t e = 0; e < weights.size(); ++e) {
    const double tail = everybody * 0.7 / std::pow(static_cast<double>(e + 1), 0.75);
    weights[e] = e < 4 ? everybody : tail;
    sum += weights[e];
  }
  // What everybody has stays so; the rest is scaled to the number of grants.
  const double scale = (static_cast<double>(size.grants) - 4 * everybody) / (sum - 4 * everybody);
  std::vector<std::size_t> counts;
  for (std::size_t e = 0; e < weights.size(); ++e) {
    const double count = e < 4 ? everybody : std::min(everybody, std::max(1.0, weights[e] * scale));
    counts.push_back(static_cast<std::size_t>(count));
  }
  return counts;
}

}  // namespace

Matrices make_matrices(const MatrixSize& size) {
  Dice dice(size.seed);
  Matrices made;
  const std::vector<std::size_t> counts = popularity(size);
  for (Matrix* matrix : {&made.desired, &made.observed}) {
    matrix->offsets.push_back(0);
    matrix->accounts.reserve(size.grants + size.grants / 50);
  }
  const double half = size.changed_share / 2 * 100;
  for (const std::size_t holders : counts) {
    const std::size_t gap = size.accounts / holders;
    for (std::size_t account = gap == 1 ? 0 : dice.below(gap); account < size.accounts;
         account += gap == 1 ? 1 : 1 + dice.below(2 * gap - 1)) {
      const auto row = static_cast<std::uint32_t>(account);
      const bool taken = dice.percent(half), added = !taken && dice.percent(half);
      if (!added) made.desired.accounts.push_back(row);
      if (!taken) made.observed.accounts.push_back(row);
      made.missing += taken ? 1 : 0;
      made.extra += added ? 1 : 0;
    }
    made.desired.offsets.push_back(made.desired.accounts.size());
    made.observed.offsets.push_back(made.observed.accounts.size());
  }
  return made;
}

}  // namespace tenure::bench
