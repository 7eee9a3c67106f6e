// The row evaluator on one leaf, for given values of its fields or for a whole row. One thread each.
#pragma once

#include "column_leaves.hpp"

#include <memory>
#include <span>
#include <vector>

#include <tenure/cel/columns.hpp>

namespace tenure::cel {

// kDear: it cost more than one leaf may, so only the evaluation of the whole row can tell (and whether it ends at all).
enum class Verdict : std::uint8_t { kFalse, kTrue, kUnknown, kDear };

// Of the limit of the whole condition. What all leaves of a condition may cost together is compared with the limit
// beforehand, so that no row that passes the limit by row is told anything by column.
inline std::uint64_t dear_cost(const Limits& limits) {
  return limits.cost_max / 64;
}

class LeafRunner {
 public:
  LeafRunner(const ColumnLeaves& all, const Leaf& leaf, const Limits& limits);
  ~LeafRunner();
  LeafRunner(LeafRunner&&) noexcept;

  // values[i] is that of leaf.fields[i]. REQUIRES: !leaf.whole.
  Verdict by_values(std::span<const Value> values);
  // Never kDear when `last`: then passing the limit is unknown.
  Verdict by_row(const ColumnSource& source, std::size_t row, bool last);
  // The greatest cost of a verdict other than kDear so far.
  std::uint64_t cost() const { return cost_; }

 private:
  class Subject;
  Verdict run(const Activation& activation, bool last);

  const ColumnLeaves& all_;
  const Leaf& leaf_;
  Limits limits_;
  std::vector<std::shared_ptr<Subject>> subjects_;  // by leaf.variables
  Activation of_values_;
  std::uint64_t cost_ = 0;
};

}  // namespace tenure::cel
