// The variable `identity` of conditions, by column, for cel::ColumnBatch: everyone's facts as the expressions see them.
// What a batch says of a row is what Subject::condition says of that identity. Pure; any thread may ask, once the
// columns that are read are indexed or a cel::ColumnRun has been prepared.
#pragma once

#include <memory>

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

}  // namespace tenure::policy
