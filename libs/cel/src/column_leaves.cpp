#include "column_leaves.hpp"

#include "program_parts.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include <tenure/cel/parse.hpp>

namespace tenure::cel {
namespace {

using Node = ConditionTree::Node;

bool boolean(const Type& type) {
  return type.is(Type::Kind::kBool) || type.is_open();
}

// The declared field that a selection (or has()) reads from a variable.
std::optional<FieldRef> field_of(const Checked& checked, ExprId id) {
  const Expr& e = checked.ast[id];
  if (e.kind != Expr::Kind::kSelect && e.kind != Expr::Kind::kHas) return std::nullopt;
  const Binding variable = checked.bindings[e.args[0]];
  const bool declared = checked.ast[e.args[0]].kind == Expr::Kind::kIdent &&
                        variable.kind == Binding::Kind::kVariable && checked.types[e.args[0]].is(Type::Kind::kObject) &&
                        checked.bindings[id].kind == Binding::Kind::kField;
  if (!declared) return std::nullopt;
  return FieldRef{variable.index, checked.bindings[id].index};
}

void collect(const Checked& checked, ExprId id, Leaf& leaf) {
  ++leaf.nodes;
  const Expr& e = checked.ast[id];
  if (const auto field = field_of(checked, id)) {
    ++leaf.nodes;  // the variable
    leaf.fields.push_back(*field);
    leaf.variables.push_back(field->variable);
    return;
  }
  if (e.kind == Expr::Kind::kIdent && checked.bindings[id].kind == Binding::Kind::kVariable) {
    leaf.whole = true;
    leaf.variables.push_back(checked.bindings[id].index);
  }
  for (const ExprId arg : e.args) collect(checked, arg, leaf);
}

template <class T>
void sort_unique(std::vector<T>& all) {
  std::ranges::sort(all);
  const auto tail = std::ranges::unique(all);
  all.erase(tail.begin(), tail.end());
}

bool selects(const Checked& checked, ExprId id) {
  return checked.ast[id].kind == Expr::Kind::kSelect && field_of(checked, id).has_value();
}

std::optional<LiteralTest> literal_test(const Checked& checked, ExprId id) {
  const Expr& e = checked.ast[id];
  if (e.kind != Expr::Kind::kBinary) return std::nullopt;
  const Expr &left = checked.ast[e.args[0]], &right = checked.ast[e.args[1]];
  LiteralTest test;
  test.negated = e.op == Op::kNotEqual;
  if (e.op == Op::kIn) {
    if (!selects(checked, e.args[0]) || right.kind != Expr::Kind::kList) return std::nullopt;
    for (const ExprId element : right.args) {
      if (checked.ast[element].kind != Expr::Kind::kLiteral) return std::nullopt;
      test.literals.push_back(checked.ast[element].literal);
    }
    return test;
  }
  if (e.op != Op::kEqual && e.op != Op::kNotEqual) return std::nullopt;
  if (selects(checked, e.args[0]) && right.kind == Expr::Kind::kLiteral)
    test.literals.push_back(right.literal);
  else if (selects(checked, e.args[1]) && left.kind == Expr::Kind::kLiteral)
    test.literals.push_back(left.literal);
  else
    return std::nullopt;
  return test;
}

Leaf leaf_at(const Checked& checked, std::uint32_t condition, ExprId root) {
  Leaf leaf;
  leaf.condition = condition;
  leaf.root = root;
  collect(checked, root, leaf);
  sort_unique(leaf.fields);
  sort_unique(leaf.variables);
  if (!leaf.whole) leaf.test = literal_test(checked, root);
  return leaf;
}

// Takes conditions apart one after the other.
class Decomposer {
 public:
  explicit Decomposer(std::vector<Leaf>& leaves) : leaves_(leaves) {}

  ConditionTree run(const Program& program, std::uint32_t condition) {
    checked_ = &program.checked();
    condition_ = condition;
    tree_ = {};
    tree_.whole = leaf(checked_->ast.root);
    // A program of another type is never true, nor is a part of it: its own evaluation says so.
    tree_.root = boolean(program.result_type()) ? node(checked_->ast.root) : leaf_node(tree_.whole);
    return std::move(tree_);
  }

 private:
  std::uint32_t leaf(ExprId id) {
    // The same text under one environment is the same leaf.
    const auto [found, added] =
        by_text_.try_emplace(print(checked_->ast, id), static_cast<std::uint32_t>(leaves_.size()));
    if (added) leaves_.push_back(leaf_at(*checked_, condition_, id));
    return found->second;
  }
  std::uint32_t add(Node n) {
    tree_.nodes.push_back(std::move(n));
    return static_cast<std::uint32_t>(tree_.nodes.size() - 1);
  }
  std::uint32_t leaf_node(std::uint32_t leaf) {
    tree_.leaves.push_back(leaf);
    return add({Node::Kind::kLeaf, leaf, {}});
  }
  std::uint32_t inner(Node::Kind kind, const std::vector<ExprId>& args) {
    Node n{kind, 0, {}};
    for (const ExprId arg : args) n.args.push_back(node(arg));
    return add(std::move(n));
  }
  std::uint32_t node(ExprId id) {
    const Expr& e = checked_->ast[id];
    switch (e.kind) {
      case Expr::Kind::kAnd:
        return inner(Node::Kind::kAnd, e.args);
      case Expr::Kind::kOr:
        return inner(Node::Kind::kOr, e.args);
      case Expr::Kind::kConditional:
        return inner(Node::Kind::kConditional, e.args);
      case Expr::Kind::kUnary:
        if (e.op == Op::kNot) return inner(Node::Kind::kNot, e.args);
        break;
      default:
        break;
    }
    return leaf_node(leaf(id));
  }

  std::vector<Leaf>& leaves_;
  std::unordered_map<std::string, std::uint32_t> by_text_;
  const Checked* checked_ = nullptr;
  std::uint32_t condition_ = 0;
  ConditionTree tree_;
};

}  // namespace

ColumnLeaves::ColumnLeaves(std::vector<Program> programs) : conditions(std::move(programs)) {
  Decomposer decomposer(leaves);
  for (std::uint32_t i = 0; i < conditions.size(); ++i) trees.push_back(decomposer.run(conditions[i], i));
}

const std::map<ExprId, Regex>& ColumnLeaves::regexes(const Leaf& leaf) const {
  return conditions[leaf.condition].parts_->regexes;
}

std::shared_ptr<const ObjectType> ColumnLeaves::type_of(const Leaf& leaf, VariableIndex variable) const {
  const Checked& c = checked(leaf);
  for (ExprId id = 0; id < c.ast.nodes.size(); ++id)
    if (c.bindings[id].kind == Binding::Kind::kVariable && c.bindings[id].index == variable &&
        c.types[id].is(Type::Kind::kObject))
      return c.types[id].object_type();
  return nullptr;
}

}  // namespace tenure::cel
