// Conditions taken apart at &&, ||, ! and ?: into leaves: the largest parts that are evaluated as a whole. Equal leaves
// of several conditions are one. Immutable once made.
#pragma once

#include "regex.hpp"

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <tenure/cel/program.hpp>

namespace tenure::cel {

struct FieldRef {
  VariableIndex variable = 0;
  std::uint32_t field = 0;
  friend auto operator<=>(const FieldRef&, const FieldRef&) = default;
};

// `field == literal`, `field != literal`, `field in [literals]`: found by looking up instead of evaluating.
struct LiteralTest {
  bool negated = false;
  std::vector<Value> literals;
};

struct Leaf {
  std::uint32_t condition = 0;  // whose tree it stands in
  ExprId root = 0;
  std::vector<FieldRef> fields;          // that it reads, ascending
  std::vector<VariableIndex> variables;  // that it reads, ascending
  bool whole = false;                    // it reads a variable other than by a declared field
  std::uint32_t nodes = 0;
  std::optional<LiteralTest> test;
};

struct ConditionTree {
  struct Node {
    enum class Kind : std::uint8_t { kLeaf, kNot, kAnd, kOr, kConditional };
    Kind kind = Kind::kLeaf;
    std::uint32_t leaf = 0;
    std::vector<std::uint32_t> args;  // nodes
  };
  std::vector<Node> nodes;
  std::uint32_t root = 0;
  std::vector<std::uint32_t> leaves;  // one for each node of that kind, so that costs add up
  std::uint32_t whole = 0;            // the condition as one leaf
};

struct ColumnLeaves {
  explicit ColumnLeaves(std::vector<Program> programs);

  const Checked& checked(const Leaf& leaf) const { return conditions[leaf.condition].checked(); }
  const std::map<ExprId, Regex>& regexes(const Leaf& leaf) const;
  // The declared object type of a variable that the leaf reads by field.
  std::shared_ptr<const ObjectType> type_of(const Leaf& leaf, VariableIndex variable) const;

  std::vector<Program> conditions;
  std::vector<ConditionTree> trees;  // by condition
  std::vector<Leaf> leaves;
};

}  // namespace tenure::cel
