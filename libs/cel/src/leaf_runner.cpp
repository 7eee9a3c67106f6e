#include "leaf_runner.hpp"

#include "evaluator.hpp"

#include <algorithm>

namespace tenure::cel {

// A variable of which only the fields that the leaf reads are there.
class LeafRunner::Subject final : public Object {
 public:
  explicit Subject(std::shared_ptr<const ObjectType> type)
      : type_(std::move(type)), values_(type_->fields().size(), Value::unknown()) {}
  const ObjectType& type() const override { return *type_; }
  Value field(std::size_t index) const override { return values_[index]; }
  void set(std::size_t index, const Value& value) { values_[index] = value; }

 private:
  std::shared_ptr<const ObjectType> type_;
  std::vector<Value> values_;
};

LeafRunner::LeafRunner(const ColumnLeaves& all, const Leaf& leaf, const Limits& limits)
    : all_(all), leaf_(leaf), limits_(limits) {
  if (leaf.whole) return;
  for (const VariableIndex variable : leaf.variables) {
    subjects_.push_back(std::make_shared<Subject>(all.type_of(leaf, variable)));
    of_values_.set(variable, Value::object(subjects_.back()));
  }
}
LeafRunner::~LeafRunner() = default;
LeafRunner::LeafRunner(LeafRunner&&) noexcept = default;

Verdict LeafRunner::by_values(std::span<const Value> values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto at = std::ranges::lower_bound(leaf_.variables, leaf_.fields[i].variable) - leaf_.variables.begin();
    subjects_[static_cast<std::size_t>(at)]->set(leaf_.fields[i].field, values[i]);
  }
  return run(of_values_, false);
}

Verdict LeafRunner::by_row(const ColumnSource& source, std::size_t row, bool last) {
  Activation activation;
  for (const VariableIndex variable : leaf_.variables) activation.set(variable, source.row_value(variable, row));
  return run(activation, last);
}

Verdict LeafRunner::run(const Activation& activation, bool last) {
  Evaluator evaluator(all_.checked(leaf_), all_.regexes(leaf_), activation, limits_);
  Value value;
  const bool fine = evaluator.run(leaf_.root, value);
  if (!last) {
    const bool limit = !fine && evaluator.failure().reason == Reason::kCelLimit;
    if (limit || evaluator.spent() > dear_cost(limits_)) return Verdict::kDear;
    cost_ = std::max(cost_, evaluator.spent());
  }
  if (!fine || !value.is(Value::Kind::kBool)) return Verdict::kUnknown;
  return value.as_bool() ? Verdict::kTrue : Verdict::kFalse;
}

}  // namespace tenure::cel
