#include "columns.hpp"

#include <tenure/base/json.hpp>
#include <tenure/cel/type.hpp>

namespace tenure::bench {
namespace {

using population::Column;

Column column_of(const Attribute& attribute) {
  Column column(attribute.codes.size());
  std::vector<Column::Code> codes;
  for (const std::string& text : attribute.values)
    codes.push_back(attribute.is_number ? column.intern(json::Value(std::stoi(text))) : column.intern_text(text));
  std::vector<Column::Code> rows;
  population::Bitmap unknown(attribute.codes.size());
  for (std::size_t i = 0; i < attribute.codes.size(); ++i) {
    rows.push_back(codes[attribute.codes[i]]);
    if (attribute.unknown[i]) unknown.set(i);
  }
  column.assign(rows, std::move(unknown));
  return column;
}

// A row, for what cannot be done by column.
class Row final : public cel::Object {
 public:
  Row(const PeopleColumns& columns, const cel::ObjectType& type, std::size_t row)
      : columns_(columns), type_(type), row_(row) {}
  const cel::ObjectType& type() const override { return type_; }
  cel::Value field(std::size_t index) const override {
    const Column& column = *columns_.field(0, index).column;
    return column.unknown(row_) ? cel::Value::unknown() : columns_.value_of(0, index, column.code(row_));
  }

 private:
  const PeopleColumns& columns_;
  const cel::ObjectType& type_;
  std::size_t row_;
};

}  // namespace

PeopleColumns::PeopleColumns(const Company& company) : rows_(company.size.identities) {
  std::vector<cel::Field> fields;
  for (const Attribute& attribute : company.attributes) {
    fields.push_back({attribute.name, attribute.is_number ? cel::Type::integer() : cel::Type::string()});
    columns_.push_back(column_of(attribute));
  }
  type_ = std::make_shared<const cel::ObjectType>("Identity", std::move(fields));
}

cel::Environment PeopleColumns::environment() const {
  cel::Environment environment;
  environment.add_variable("identity", cel::Type::object(type_));
  return environment;
}

Result<std::vector<cel::Program>> PeopleColumns::conditions(const Company& company) const {
  const cel::Environment names = environment();
  std::vector<cel::Program> programs;
  for (const Rule& rule : company.rules) {
    TENURE_TRY(cel::Program program, cel::compile(names, cel_of(company, rule), {.expected = cel::Type::boolean()}));
    programs.push_back(std::move(program));
  }
  return programs;
}

void PeopleColumns::index() const {
  for (const std::string_view read : kReadByRules)
    if (const auto field = type_->find(read)) columns_[*field].index();
}

std::size_t PeopleColumns::bytes() const {
  std::size_t bytes = 0;
  for (const Column& column : columns_) bytes += column.bytes();
  return bytes;
}

cel::ColumnSource::Field PeopleColumns::field(cel::VariableIndex, std::size_t field) const {
  return {.column = &columns_[field], .sets = {}};
}

cel::Value PeopleColumns::value_of(cel::VariableIndex, std::size_t field, Column::Code code) const {
  if (code == Column::kAbsent) return cel::Value::unknown();
  if (code == Column::kNull) return cel::Value::null();
  const json::Value value = columns_[field].value(code);
  return value.is_int() ? cel::Value::integer(value.as_int()) : cel::Value::string(value.as_string());
}

cel::Value PeopleColumns::row_value(cel::VariableIndex, std::size_t row) const {
  return cel::Value::object(std::make_shared<Row>(*this, *type_, row));
}

}  // namespace tenure::bench
