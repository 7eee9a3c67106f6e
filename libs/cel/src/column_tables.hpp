// What leaves that read one field say of each of its values.
#pragma once

#include "column_leaves.hpp"
#include "leaf_runner.hpp"

#include <utility>
#include <vector>

#include <tenure/cel/columns.hpp>

namespace tenure::cel {

struct LeafTable {
  Verdict usual = Verdict::kFalse;
  // By code of the column, or number of the set; ascending; none is `usual`.
  std::vector<std::pair<population::Column::Code, Verdict>> exceptions;
  Verdict of_unknown = Verdict::kUnknown;  // rows that the column has as unknown
  std::uint64_t cost = 0;                  // of one value at most, dear ones apart
};

// One table for each of `ids`, all of which read only `ref`. REQUIRES: field has a column or sets.
std::vector<LeafTable> tabulate(const ColumnLeaves& leaves, const std::vector<std::uint32_t>& ids,
                                const ColumnSource& source, const FieldRef& ref, const ColumnSource::Field& field,
                                const Limits& limits);

}  // namespace tenure::cel
