// Conditions over everyone at once: instead of one row after the other, each part of a condition that reads one
// attribute is evaluated once per distinct value of it, and &&, ||, ! and ?: combine bitmaps. The verdicts are those of
// Program::evaluate, row by row and bit for bit; an evaluation that fails, passes a limit or gives no bool is unknown.
// Pure: no threads of its own. docs/formats/cel.md, "By column".
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include <tenure/base/workers.hpp>
#include <tenure/cel/environment.hpp>
#include <tenure/cel/program.hpp>
#include <tenure/cel/value.hpp>
#include <tenure/population/bitmap.hpp>
#include <tenure/population/column.hpp>

namespace tenure::cel {

// Where the values of the variables of many rows are. Implemented by whoever holds the columns. Const members are
// called from several threads; nothing changes while a ColumnRun over it lives.
class ColumnSource {
 public:
  struct Set {
    Value value;
    const population::Bitmap* rows = nullptr;  // nullptr: every row, and there is no other set
  };
  // Where one field of an object variable is: in a column, or in sets, or (neither) only in row_value().
  struct Field {
    // A row that the column has as unknown is Value::unknown(); else value_of() says what its code means. From several
    // threads: only after Column::index().
    const population::Column* column = nullptr;
    std::vector<Set> sets;  // disjoint; every present row is in one
  };

  virtual ~ColumnSource() = default;
  virtual std::size_t rows() const = 0;
  // Rows that are somebody; nullptr: all. The others are never true and never unknown.
  virtual const population::Bitmap* present() const { return nullptr; }
  virtual Field field(VariableIndex variable, std::size_t field) const = 0;
  // The meaning of a code of that field's column under its declared type, kAbsent and kNull included. Asked for every
  // code, also for codes that no row has.
  virtual Value value_of(VariableIndex variable, std::size_t field, population::Column::Code code) const = 0;
  // The whole variable of one present row, for what cannot be done by column. Its fields are those of the columns.
  virtual Value row_value(VariableIndex variable, std::size_t row) const = 0;
};

// Disjoint; rows in neither are false.
struct ColumnVerdicts {
  population::Bitmap truth, unknown;
};

struct ColumnLeaves;     // private: what conditions are made of
struct PreparedColumns;  // private: that, over one source

// Conditions over one source, ready: every test of one attribute has been tabulated. Refers to the batch and the
// source. Any thread may evaluate; several at once for different blocks.
class ColumnRun {
 public:
  static constexpr std::size_t kBlockWords = 512;
  static constexpr std::size_t kBlockRows = kBlockWords * population::Bitmap::kWordBits;

  ~ColumnRun();
  ColumnRun(ColumnRun&&) noexcept;

  std::size_t rows() const;
  std::size_t blocks() const;  // the last may be shorter

  // Writes the words of blocks [begin, end), and no others, of out[i] for condition i. REQUIRES: as many `out` as there
  // are conditions, each of rows() bits (reuse them: fresh memory costs more than the evaluation).
  void evaluate(std::size_t begin, std::size_t end, std::span<ColumnVerdicts> out) const;

  // The same without writing bitmaps: the words of one condition in one block, from `first_word`. Blocks ascend, and
  // conditions within a block; a condition that is true and unknown nowhere in a block is left out.
  using Visit = std::function<void(std::size_t condition, std::size_t first_word, std::span<const std::uint64_t> truth,
                                   std::span<const std::uint64_t> unknown)>;
  void visit(std::size_t begin, std::size_t end, const Visit& visit) const;

 private:
  friend class ColumnBatch;
  explicit ColumnRun(std::unique_ptr<const PreparedColumns> prepared);
  std::unique_ptr<const PreparedColumns> prepared_;
};

// Many conditions, taken apart once; what they have in common is evaluated once. Immutable; copies share.
class ColumnBatch {
 public:
  // REQUIRES: all were compiled against one environment.
  explicit ColumnBatch(std::vector<Program> conditions);

  std::size_t size() const;
  // Tabulates: makes the bitmaps of the columns that it needs (Column::where), so nobody else may use these columns
  // meanwhile unless they are indexed.
  ColumnRun over(const ColumnSource& source, const Limits& limits = {}) const;
  // All rows of all conditions; sizes the bitmaps.
  void evaluate(const ColumnSource& source, std::vector<ColumnVerdicts>& out, Workers& workers = own_thread(),
                const Limits& limits = {}) const;

 private:
  std::shared_ptr<const ColumnLeaves> leaves_;
};

// One condition over all rows.
ColumnVerdicts evaluate_columns(const Program& program, const ColumnSource& source, const Limits& limits = {});

}  // namespace tenure::cel
