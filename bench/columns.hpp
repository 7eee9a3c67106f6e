// The company's people as the columns over which conditions are evaluated, and the rules as compiled conditions.
#pragma once

#include "company.hpp"

#include <memory>
#include <vector>

#include <tenure/base/error.hpp>
#include <tenure/cel/columns.hpp>

namespace tenure::bench {

// Refers to the company's dictionaries only while it is made.
class PeopleColumns final : public cel::ColumnSource {
 public:
  explicit PeopleColumns(const Company& company);

  // With the variable `identity`.
  cel::Environment environment() const;
  // The conditions of all rules, in order.
  Result<std::vector<cel::Program>> conditions(const Company& company) const;
  // Makes the bitmaps of the columns that conditions read: after this any thread may ask.
  void index() const;
  std::size_t bytes() const;

  std::size_t rows() const override { return rows_; }
  Field field(cel::VariableIndex variable, std::size_t field) const override;
  cel::Value value_of(cel::VariableIndex variable, std::size_t field, population::Column::Code code) const override;
  cel::Value row_value(cel::VariableIndex variable, std::size_t row) const override;

 private:
  std::size_t rows_;
  std::vector<population::Column> columns_;
  std::shared_ptr<const cel::ObjectType> type_;
};

}  // namespace tenure::bench
