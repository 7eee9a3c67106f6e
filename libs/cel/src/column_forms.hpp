// Leaves over one source: each in the form in which a block of rows of it is fastest. Immutable once made, but for
// nothing: any thread may read.
#pragma once

#include "column_leaves.hpp"
#include "leaf_runner.hpp"

#include <map>
#include <memory>
#include <vector>

#include <tenure/cel/columns.hpp>

namespace tenure::cel {

// Rows as a union of bitmaps, or all others.
struct RowUnion {
  std::vector<const std::uint64_t*> sets;
  bool inverted = false;
};

struct LeafForm {
  enum class Kind : std::uint8_t {
    kConstant,  // reads nothing
    kUnions,    // of the bitmaps of values
    kScan,      // code by code, with the other leaves over that column
    kTuple,     // reads several fields: once for every combination of their values
    kRows,      // row by row
  };
  Kind kind = Kind::kRows;
  Verdict constant = Verdict::kUnknown;
  RowUnion t, q;  // in the sense of WordView
  std::vector<const std::uint64_t*> dear;
  std::uint32_t scan = 0, slot = 0;
  std::uint64_t cost = 0;  // of one row at most, dear ones apart
};

// The leaves over one column that have too many values for bitmaps: the usual verdict, and what differs from it by
// code.
struct ColumnScan {
  struct Exception {
    std::uint32_t slot = 0;
    Verdict verdict = Verdict::kFalse;
  };
  const population::Column* column = nullptr;
  std::vector<Verdict> usual, of_unknown;  // by slot
  std::vector<std::uint32_t> offsets;      // by code, and one more
  std::vector<Exception> exceptions;
};

struct PreparedColumns {
  std::shared_ptr<const ColumnLeaves> leaves;
  const ColumnSource* source = nullptr;
  Limits limits;
  std::map<FieldRef, ColumnSource::Field> fields;  // of leaves by tuple
  std::vector<LeafForm> forms;                     // by leaf
  std::vector<ColumnScan> scans;
  std::vector<bool> by_row;  // conditions that could pass the limit of cost
  std::vector<std::unique_ptr<const population::Bitmap>> owned;
};

std::unique_ptr<const PreparedColumns> prepare_columns(std::shared_ptr<const ColumnLeaves> leaves,
                                                       const ColumnSource& source, const Limits& limits);

// How many bits a code of that field takes in the key of a combination; 0 when it has neither column nor sets.
unsigned code_bits(const ColumnSource::Field& field);

}  // namespace tenure::cel
