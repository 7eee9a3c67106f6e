#include "line_index.hpp"

#include <algorithm>
#include <optional>

#include <tenure/cel/program.hpp>

namespace tenure::plan {
namespace {

using cel::Expr;

struct Demand {
  std::string attribute;
  std::vector<std::string> values;  // any of them
};

const std::string* fact_in(const cel::Ast& ast, cel::ExprId id) {
  const Expr& expr = ast[id];
  if (expr.kind != Expr::Kind::kSelect || expr.args.size() != 1) return nullptr;
  const Expr& of = ast[expr.args.front()];
  return of.kind == Expr::Kind::kIdent && of.name == "identity" ? &expr.name : nullptr;
}

const std::string* text_in(const cel::Ast& ast, cel::ExprId id) {
  const Expr& expr = ast[id];
  return expr.kind == Expr::Kind::kLiteral && expr.literal.kind() == cel::Value::Kind::kString
             ? &expr.literal.as_string()
             : nullptr;
}

// identity.<attribute> == "text" or identity.<attribute> in ["text", ...]
std::optional<Demand> demand_in(const cel::Ast& ast, cel::ExprId id) {
  const Expr& expr = ast[id];
  if (expr.kind != Expr::Kind::kBinary || expr.args.size() != 2) return std::nullopt;
  if (expr.op == cel::Op::kEqual) {
    for (const auto& [left, right] : {std::pair(0, 1), std::pair(1, 0)}) {
      const std::string* attribute = fact_in(ast, expr.args[static_cast<std::size_t>(left)]);
      const std::string* text = text_in(ast, expr.args[static_cast<std::size_t>(right)]);
      if (attribute != nullptr && text != nullptr) return Demand{*attribute, {*text}};
    }
  }
  if (expr.op != cel::Op::kIn) return std::nullopt;
  const std::string* attribute = fact_in(ast, expr.args[0]);
  const Expr& list = ast[expr.args[1]];
  if (attribute == nullptr || list.kind != Expr::Kind::kList) return std::nullopt;
  Demand demand{*attribute, {}};
  for (const cel::ExprId element : list.args) {
    const std::string* text = text_in(ast, element);
    if (text == nullptr) return std::nullopt;
    demand.values.push_back(*text);
  }
  return demand;
}

// What the whole condition demands: false beside && is false, whatever stands there.
std::optional<Demand> demand_of(const policy::PolicySet& policy, const policy::Expression& condition) {
  const cel::Ast& ast = condition.program->checked().ast;
  const Expr& root = ast[ast.root];
  const auto fits = [&](const std::optional<Demand>& demand) {
    return demand && std::any_of(policy.attributes.begin(), policy.attributes.end(), [&](const auto& decl) {
             return decl.name == demand->attribute && decl.type == policy::AttributeType::kString;
           });
  };
  if (root.kind != Expr::Kind::kAnd) {
    auto demand = demand_in(ast, ast.root);
    return fits(demand) ? demand : std::nullopt;
  }
  std::optional<Demand> best;
  for (const cel::ExprId part : root.args)
    if (auto demand = demand_in(ast, part); fits(demand) && (!best || demand->values.size() < best->values.size()))
      best = std::move(demand);
  return best;
}

}  // namespace

LineIndex::LineIndex(const policy::PolicySet& policy) {
  for (std::uint32_t number = 0; number < policy.lines.size(); ++number) {
    std::optional<Demand> demand;
    for (const policy::Expression* condition : policy.lines[number].conditions)
      if (!demand) demand = demand_of(policy, *condition);
    if (!demand) {
      others_.push_back(number);
      continue;
    }
    ByValue& by_value = by_attribute_[demand->attribute];
    by_value.all.push_back(number);
    std::sort(demand->values.begin(), demand->values.end());
    demand->values.erase(std::unique(demand->values.begin(), demand->values.end()), demand->values.end());
    for (const auto& value : demand->values) by_value.lines[value].push_back(number);
  }
}

std::vector<LineToAsk> LineIndex::lines(const model::Identity& identity) const {
  std::vector<std::uint32_t> lines = others_;
  for (const auto& [attribute, by_value] : by_attribute_) {
    const auto fact = identity.facts.find(attribute);
    const bool known = fact != identity.facts.end() && !fact->second.unknown && fact->second.value.is_string();
    if (!known) {
      lines.insert(lines.end(), by_value.all.begin(), by_value.all.end());
    } else if (const auto found = by_value.lines.find(fact->second.value.as_string()); found != by_value.lines.end()) {
      lines.insert(lines.end(), found->second.begin(), found->second.end());
    }
  }
  std::sort(lines.begin(), lines.end());
  std::vector<LineToAsk> asked;
  asked.reserve(lines.size());
  for (const std::uint32_t number : lines) asked.push_back({number});
  return asked;
}

}  // namespace tenure::plan
