// The variable `identity` of conditions, by column, for cel::ColumnBatch: everyone's facts as the expressions see them.
// What a batch says of a row is what Subject::condition says of that identity. Pure; any thread may ask, once the
// columns that are read are indexed or a cel::ColumnRun has been prepared.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include <tenure/cel/columns.hpp>
#include <tenure/policy/policy_set.hpp>
#include <tenure/population/population.hpp>

namespace tenure::policy {

// Rows are those of `people` (an identity's number less 1); aliases are rows like others: leave them out yourself.
// REQUIRES: people outlives it and does not change meanwhile.
class IdentityColumns final : public cel::ColumnSource {
 public:
  IdentityColumns(const PolicySet& set, const population::People& people);

  std::size_t rows() const override;
  const population::Bitmap* present() const override;
  Field field(cel::VariableIndex variable, std::size_t field) const override;
  cel::Value value_of(cel::VariableIndex variable, std::size_t field, population::Column::Code code) const override;
  cel::Value row_value(cel::VariableIndex variable, std::size_t row) const override;

 private:
  std::shared_ptr<const Vocabulary> vocabulary_;
  const population::People& people_;
};

// Of whom one attribute is unknown, as the expressions see it: flagged, not there although it must be, or not of its
// type.
class UnknownFacts {
 public:
  // REQUIRES: people outlives it and does not change meanwhile. An attribute that is not declared is unknown of nobody.
  UnknownFacts(const PolicySet& set, const population::People& people, std::string_view attribute);
  bool of(std::size_t row) const {
    return column_ == nullptr ? all_ : column_->unknown(row) || codes_[column_->code(row)];
  }

 private:
  const population::Column* column_ = nullptr;
  std::vector<bool> codes_;  // by code
  bool all_ = false;
};

}  // namespace tenure::policy
