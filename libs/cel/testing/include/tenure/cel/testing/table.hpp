// A table of identities in memory, kept twice: as cells, from which each row is made for Program::evaluate, and as
// columns, sets or neither, for the evaluation by column. So one can be held against the other. One thread writes.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include <tenure/base/json.hpp>
#include <tenure/cel/columns.hpp>
#include <tenure/cel/program.hpp>

namespace tenure::cel::testing {

class Table final : public ColumnSource {
 public:
  enum class Form : std::uint8_t {
    kColumn,
    kWideColumn,  // with more values than have bitmaps
    kSets,        // a bitmap per value; none when everyone has the same
    kRows,        // neither
  };
  struct FieldSpec {
    std::string name;
    Type type;
    Form form = Form::kColumn;
  };
  struct Cell {
    std::optional<json::Value> value;  // nullopt: no such fact
    bool unknown = false;
  };

  // The type is called "Identity".
  Table(std::vector<FieldSpec> fields, std::size_t rows);

  const std::shared_ptr<const ObjectType>& type() const { return type_; }
  // With the variable `identity`, index 0, of that type.
  Environment environment() const;
  void put(std::size_t row, std::size_t field, Cell cell);
  void set_present(population::Bitmap present) { present_ = std::move(present); }
  // Ends the writing: makes the records, and sets of what is kept in sets.
  void finish();

  // The row as Program::evaluate takes it; made from the cells.
  Activation activation(std::size_t row) const;

  std::size_t rows() const override { return rows_; }
  const population::Bitmap* present() const override { return present_ ? &*present_ : nullptr; }
  Field field(VariableIndex variable, std::size_t field) const override;
  Value value_of(VariableIndex variable, std::size_t field, population::Column::Code code) const override;
  Value row_value(VariableIndex variable, std::size_t row) const override;

 private:
  Value cell_value(std::size_t row, std::size_t field) const;

  std::vector<FieldSpec> fields_;
  std::size_t rows_;
  std::shared_ptr<const ObjectType> type_;
  std::vector<std::vector<Cell>> cells_;  // by field, row
  std::vector<Value> records_;            // by row, of the cells
  std::vector<population::Column> columns_;
  std::vector<std::vector<Set>> sets_;
  std::vector<std::vector<std::unique_ptr<population::Bitmap>>> bitmaps_;
  std::optional<population::Bitmap> present_;
};

}  // namespace tenure::cel::testing
