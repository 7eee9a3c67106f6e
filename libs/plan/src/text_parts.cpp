#include "text_parts.hpp"

#include <algorithm>

#include <tenure/cel/program.hpp>

namespace tenure::plan {
namespace {

using cel::Expr;
using population::Column;

// Longer ones are left to the evaluator, which has limits.
constexpr std::size_t kPartsMax = 16;

const std::string* field_of(const cel::Ast& ast, const Expr& expr, std::string_view variable) {
  if (expr.kind != Expr::Kind::kSelect || expr.args.size() != 1) return nullptr;
  const Expr& of = ast[expr.args.front()];
  return of.kind == Expr::Kind::kIdent && of.name == variable ? &expr.name : nullptr;
}

// From left to right.
bool flatten(const cel::Ast& ast, cel::ExprId id, std::vector<const Expr*>& out) {
  const Expr& expr = ast[id];
  if (expr.kind == Expr::Kind::kBinary && expr.op == cel::Op::kAdd)
    return flatten(ast, expr.args[0], out) && flatten(ast, expr.args[1], out);
  out.push_back(&expr);
  return out.size() <= kPartsMax;
}

}  // namespace

const std::string* read_alone(const policy::Expression& expression, std::string_view variable) {
  const cel::Ast& ast = expression.program->checked().ast;
  return field_of(ast, ast[ast.root], variable);
}

std::optional<TextParts> text_parts(const policy::PolicySet& policy, const population::Population& population,
                                    const policy::Expression& expression) {
  const cel::Ast& ast = expression.program->checked().ast;
  std::vector<const Expr*> exprs;
  if (!flatten(ast, ast.root, exprs)) return std::nullopt;
  TextParts made;
  for (const Expr* expr : exprs) {
    TextParts::Part& part = made.parts_.emplace_back();
    if (expr->kind == Expr::Kind::kLiteral && expr->literal.kind() == cel::Value::Kind::kString) {
      part.literal = expr->literal.as_string();
      continue;
    }
    const std::string* attribute = field_of(ast, *expr, "identity");
    if (attribute == nullptr) return std::nullopt;
    const auto decl = std::find_if(policy.attributes.begin(), policy.attributes.end(),
                                   [&](const policy::AttributeDecl& one) { return one.name == *attribute; });
    if (decl == policy.attributes.end() || decl->type != policy::AttributeType::kString) return std::nullopt;
    part.is_fact = true;
    part.nullable = decl->nullable;
    part.column = population.people().column(*attribute);
  }
  return made;
}

TextParts::Answer TextParts::compare(population::IdentityIndex row, std::optional<std::string_view> text) const {
  std::string_view left = text.value_or("");
  bool equal = text.has_value();
  for (const Part& part : parts_) {
    std::string_view here = part.literal;
    if (part.is_fact) {
      if (part.column != nullptr && part.column->unknown(row)) return Answer::kUnknown;
      const Column::Code code = part.column == nullptr ? Column::kAbsent : part.column->code(row);
      // A proven blank is a value of its own, but nothing can be added to it.
      if (code < Column::kFirstValue) return part.nullable && parts_.size() == 1 ? Answer::kNothing : Answer::kUnknown;
      const auto value = part.column->text(code);
      if (!value) return Answer::kUnknown;  // of another type: stored under an earlier declaration
      here = *value;
    }
    if (equal && left.starts_with(here))
      left.remove_prefix(here.size());
    else
      equal = false;  // and yet a later part may be unknown
  }
  return equal && left.empty() ? Answer::kEqual : Answer::kDiffers;
}

}  // namespace tenure::plan
