#include "column_tables.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <unordered_map>

namespace tenure::cel {
namespace {

using Code = population::Column::Code;
using Kind = Value::Kind;

bool can_look_up(const std::optional<LiteralTest>& test) {
  return test && std::ranges::all_of(test->literals, [](const Value& literal) {
           return literal.is(Kind::kString) || literal.is(Kind::kInt);
         });
}

// `field == literal` and the like, many at once: a value is looked up among all literals.
class Lookups {
 public:
  explicit Lookups(const Limits& limits) : limits_(limits) {}

  void add(std::size_t table, const Leaf& leaf) {
    tables_.push_back(table);
    nodes_ = std::max<std::uint64_t>(nodes_, leaf.nodes);
    literals_ = std::max<std::uint64_t>(literals_, leaf.test->literals.size());
    for (const Value& literal : leaf.test->literals) {
      std::vector<std::size_t>& found =
          literal.is(Kind::kString) ? by_text_[literal.as_string()] : by_number_[literal.as_int()];
      if (found.empty() || found.back() != table) found.push_back(table);
    }
  }
  const std::vector<std::size_t>& tables() const { return tables_; }

  // nullptr: none. nullopt: the evaluator must tell.
  std::optional<const std::vector<std::size_t>*> matching(const Value& value) {
    if (value.is(Kind::kString)) {
      const std::uint64_t cost = nodes_ + literals_ * (1 + value.as_string().size() / 16);
      if (cost > dear_cost(limits_)) return std::nullopt;
      cost_ = std::max(cost_, cost);
      const auto found = by_text_.find(value.as_string());
      return found == by_text_.end() ? nullptr : &found->second;
    }
    // A double may equal an integer.
    if (value.is(Kind::kUint) || value.is(Kind::kDouble)) return std::nullopt;
    const std::uint64_t cost = nodes_ + literals_;
    if (cost > dear_cost(limits_)) return std::nullopt;
    cost_ = std::max(cost_, cost);
    const auto found = value.is(Kind::kInt) ? by_number_.find(value.as_int()) : by_number_.end();
    return found == by_number_.end() ? nullptr : &found->second;
  }
  std::uint64_t cost() const { return cost_; }

 private:
  const Limits& limits_;
  std::vector<std::size_t> tables_;
  std::unordered_map<std::string_view, std::vector<std::size_t>> by_text_;
  std::unordered_map<std::int64_t, std::vector<std::size_t>> by_number_;
  std::uint64_t nodes_ = 0, literals_ = 0, cost_ = 0;
};

class Tabulation {
 public:
  Tabulation(const ColumnLeaves& all, const std::vector<std::uint32_t>& ids, const ColumnSource& source,
             const FieldRef& ref, const ColumnSource::Field& field, const Limits& limits)
      : all_(all), ids_(ids), source_(source), ref_(ref), field_(field), limits_(limits), lookups_(limits) {
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const Leaf& leaf = all.leaves[ids[i]];
      runners_.emplace_back();
      if (can_look_up(leaf.test))
        lookups_.add(i, leaf);
      else
        evaluated_.push_back(i);
    }
    tables_.resize(ids.size());
  }

  std::vector<LeafTable> run() {
    const std::size_t codes = field_.column != nullptr ? field_.column->codes() : field_.sets.size();
    for (const std::size_t i : lookups_.tables()) {
      tables_[i].usual = negated(i) ? Verdict::kTrue : Verdict::kFalse;
      tables_[i].of_unknown = Verdict::kUnknown;
    }
    for (std::size_t code = 0; code < codes; ++code) look_up(static_cast<Code>(code), value(code));
    for (const std::size_t i : lookups_.tables()) tables_[i].cost = std::max(tables_[i].cost, lookups_.cost());
    // So many at a time that their verdicts by code stay small.
    constexpr std::size_t kVerdictsMax = std::size_t{1} << 24;
    const std::size_t batch = std::max<std::size_t>(1, kVerdictsMax / std::max<std::size_t>(1, codes));
    for (std::size_t first = 0; first < evaluated_.size(); first += batch)
      evaluate(codes, std::span(evaluated_).subspan(first, std::min(batch, evaluated_.size() - first)));
    return std::move(tables_);
  }

 private:
  bool negated(std::size_t i) const { return all_.leaves[ids_[i]].test->negated; }
  Value value(std::size_t code) const {
    return field_.column != nullptr ? source_.value_of(ref_.variable, ref_.field, static_cast<Code>(code))
                                    : field_.sets[code].value;
  }
  Verdict evaluate_one(std::size_t i, const Value& value) {
    if (!runners_[i]) runners_[i].emplace(all_, all_.leaves[ids_[i]], limits_);
    const Verdict verdict = runners_[i]->by_values({&value, 1});
    tables_[i].cost = std::max(tables_[i].cost, runners_[i]->cost());
    return verdict;
  }
  void note(std::size_t i, Code code, Verdict verdict) {
    if (verdict != tables_[i].usual) tables_[i].exceptions.emplace_back(code, verdict);
  }

  void look_up(Code code, const Value& value) {
    if (value.is_unknown()) {
      for (const std::size_t i : lookups_.tables()) note(i, code, Verdict::kUnknown);
    } else if (const auto matching = lookups_.matching(value); !matching) {
      for (const std::size_t i : lookups_.tables()) note(i, code, evaluate_one(i, value));
    } else if (*matching != nullptr) {
      for (const std::size_t i : **matching) note(i, code, negated(i) ? Verdict::kFalse : Verdict::kTrue);
    }
  }

  void evaluate(std::size_t codes, std::span<const std::size_t> batch) {
    std::vector<std::vector<Verdict>> verdicts(batch.size());
    for (std::size_t code = 0; code < codes; ++code) {
      const Value of_code = value(code);
      for (std::size_t b = 0; b < batch.size(); ++b) verdicts[b].push_back(evaluate_one(batch[b], of_code));
    }
    for (std::size_t b = 0; b < batch.size(); ++b) {
      LeafTable& table = tables_[batch[b]];
      table.of_unknown = evaluate_one(batch[b], Value::unknown());
      std::array<std::size_t, 4> count{};
      for (const Verdict verdict : verdicts[b]) ++count[static_cast<std::size_t>(verdict)];
      // Dear values are always exceptions: their rows are looked at one by one.
      const auto most = std::max_element(count.begin(), count.begin() + 3);
      table.usual = static_cast<Verdict>(most - count.begin());
      for (std::size_t code = 0; code < codes; ++code) note(batch[b], static_cast<Code>(code), verdicts[b][code]);
    }
  }

  const ColumnLeaves& all_;
  const std::vector<std::uint32_t>& ids_;
  const ColumnSource& source_;
  const FieldRef& ref_;
  const ColumnSource::Field& field_;
  const Limits& limits_;
  Lookups lookups_;
  std::vector<std::size_t> evaluated_;
  std::vector<std::optional<LeafRunner>> runners_;
  std::vector<LeafTable> tables_;
};

}  // namespace

std::vector<LeafTable> tabulate(const ColumnLeaves& leaves, const std::vector<std::uint32_t>& ids,
                                const ColumnSource& source, const FieldRef& ref, const ColumnSource::Field& field,
                                const Limits& limits) {
  return Tabulation(leaves, ids, source, ref, field, limits).run();
}

}  // namespace tenure::cel
