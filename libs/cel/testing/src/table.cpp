#include <utility>

#include <tenure/cel/json.hpp>
#include <tenure/cel/testing/table.hpp>

namespace tenure::cel::testing {
namespace {

using population::Bitmap;
using population::Column;

Value fact(const Type& type, const json::Value& value) {
  if (value.is_null()) return type.is_nullable() ? Value::null() : Value::unknown();
  auto made = from_json(value, type.nullable(false), "cell");
  return made ? std::move(*made) : Value::unknown();
}

}  // namespace

Table::Table(std::vector<FieldSpec> fields, std::size_t rows)
    : fields_(std::move(fields)), rows_(rows), sets_(fields_.size()) {
  std::vector<cel::Field> declared;
  for (const FieldSpec& spec : fields_) {
    declared.push_back({spec.name, spec.type});
    cells_.emplace_back(rows);
    Column& column = columns_.emplace_back(rows);
    if (spec.form == Form::kWideColumn)
      for (std::size_t i = 0; i <= Column::kIndexedValuesMax; ++i)
        column.intern(json::Value("nobody has it " + std::to_string(i)));
  }
  type_ = std::make_shared<const ObjectType>("Identity", std::move(declared));
}

Environment Table::environment() const {
  Environment env;
  env.add_variable("identity", Type::object(type_));
  return env;
}

void Table::put(std::size_t row, std::size_t field, Cell cell) {
  if (cell.value)
    columns_[field].put(row, *cell.value, cell.unknown);
  else
    columns_[field].put_code(row, Column::kAbsent, cell.unknown);
  cells_[field][row] = std::move(cell);
}

void Table::finish() {
  for (std::size_t row = 0; row < rows_; ++row) {
    std::vector<Value> values;
    for (std::size_t field = 0; field < fields_.size(); ++field) values.push_back(cell_value(row, field));
    records_.push_back(Value::object(std::make_shared<const Record>(type_, std::move(values))));
  }
  for (std::size_t field = 0; field < fields_.size(); ++field) {
    if (fields_[field].form != Form::kSets) continue;
    std::vector<std::unique_ptr<Bitmap>>& made = bitmaps_.emplace_back();
    for (std::size_t row = 0; row < rows_; ++row) {
      const Value value = cell_value(row, field);
      std::size_t at = 0;
      while (at < sets_[field].size() && !(sets_[field][at].value == value)) ++at;
      if (at == sets_[field].size()) {
        made.push_back(std::make_unique<Bitmap>(rows_));
        sets_[field].push_back({value, made.back().get()});
      }
      made[at]->set(row);
    }
    if (sets_[field].size() == 1) sets_[field][0].rows = nullptr;  // everyone has it
  }
}

Value Table::cell_value(std::size_t row, std::size_t field) const {
  const Cell& cell = cells_[field][row];
  if (cell.unknown) return Value::unknown();
  return fact(fields_[field].type, cell.value.value_or(json::Value()));
}

Activation Table::activation(std::size_t row) const {
  Activation activation;
  activation.set(0, row_value(0, row));
  return activation;
}

ColumnSource::Field Table::field(VariableIndex, std::size_t field) const {
  Field made;
  if (fields_[field].form == Form::kSets)
    made.sets = sets_[field];
  else if (fields_[field].form != Form::kRows)
    made.column = &columns_[field];
  return made;
}

Value Table::value_of(VariableIndex, std::size_t field, Column::Code code) const {
  return fact(fields_[field].type, code < Column::kFirstValue ? json::Value() : columns_[field].value(code));
}

Value Table::row_value(VariableIndex, std::size_t row) const {
  return records_[row];
}

}  // namespace tenure::cel::testing
