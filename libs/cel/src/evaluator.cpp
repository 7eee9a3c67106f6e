#include "evaluator.hpp"

#include "equality.hpp"
#include "operators.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace tenure::cel {
namespace {

using Kind = Value::Kind;

Value from(Truth t) {
  return t == Truth::kUnknown ? Value::unknown() : Value::boolean(t == Truth::kTrue);
}

std::size_t elements(const Value& range) {
  return range.is(Kind::kList) ? range.as_list().size() : range.as_map().size();
}

}  // namespace

struct Evaluator::Fold {
  bool decider = false;
  bool unknown = false;
  std::optional<Failure> failure = std::nullopt;
};

bool Evaluator::fail_at(ExprId id, std::string message) {
  if (failure_.reason == Reason::kCelLimit) return false;  // stays what it is
  failure_ = {Reason::kCelEval, id, std::move(message)};
  return false;
}

bool Evaluator::take(ExprId id, Result<Value> result, Value& out) {
  if (result) {
    out = std::move(*result);
    return true;
  }
  fail_at(id, result.error().message());
  if (result.error().reason() == Reason::kCelLimit) failure_.reason = Reason::kCelLimit;
  return false;
}

bool Evaluator::run(ExprId root, Value& out) {
  const bool fine = eval(root, out);
  if (!limited()) return fine;
  if (failure_.reason != Reason::kCelLimit)
    failure_ = {Reason::kCelLimit, root, "the evaluation exceeds its limit of cost"};
  return false;
}

bool Evaluator::eval(ExprId id, Value& out) {
  if (failure_.reason == Reason::kCelLimit) return false;
  if (!budget_.spend(1)) {
    failure_ = {Reason::kCelLimit, id, "the evaluation exceeds its limit of cost"};
    return false;
  }
  return eval_known(id, c_.ast[id], out);
}

bool Evaluator::eval_known(ExprId id, const Expr& e, Value& out) {
  switch (e.kind) {
    case Expr::Kind::kLiteral:
      out = e.literal;
      return true;
    case Expr::Kind::kIdent:
      return ident(id, e, out);
    case Expr::Kind::kSelect:
      return select(id, e, out);
    case Expr::Kind::kHas:
      return has(id, e, out);
    case Expr::Kind::kIndex:
      return index(id, e, out);
    case Expr::Kind::kCall:
      return call(id, e, out);
    case Expr::Kind::kUnary:
      return unary(id, e, out);
    case Expr::Kind::kBinary:
      return binary(id, e, out);
    case Expr::Kind::kAnd:
    case Expr::Kind::kOr:
      return logical(id, e, out);
    case Expr::Kind::kConditional:
      return conditional(id, e, out);
    case Expr::Kind::kList:
      return list(id, e, out);
    case Expr::Kind::kMap:
      return map(id, e, out);
    case Expr::Kind::kComprehension:
      return comprehension(id, e, out);
  }
  return fail_at(id, "unknown expression");
}

bool Evaluator::ident(ExprId id, const Expr& e, Value& out) {
  const Binding binding = c_.bindings[id];
  if (binding.kind == Binding::Kind::kLocal) {
    out = locals_[binding.index];
    return true;
  }
  if (binding.kind == Binding::Kind::kConstant) {
    out = e.literal;
    return true;
  }
  const Value* value = binding.kind == Binding::Kind::kVariable ? activation_.find(binding.index) : nullptr;
  if (value == nullptr) return fail_at(id, "the variable \"" + e.name + "\" has no value");
  out = *value;
  return true;
}

std::optional<std::size_t> Evaluator::field_of(ExprId id, const Expr& e, const Value& operand) const {
  const ObjectType& type = operand.as_object().type();
  const Binding binding = c_.bindings[id];
  // The checker's index holds for the checker's type; an object of another type is looked up by name.
  if (binding.kind == Binding::Kind::kField && c_.types[e.args[0]].object_type().get() == &type) return binding.index;
  return type.find(e.name);
}

bool Evaluator::select(ExprId id, const Expr& e, Value& out) {
  Value operand;
  if (!eval(e.args[0], operand)) return false;
  if (operand.is_unknown()) {
    out = std::move(operand);
    return true;
  }
  if (operand.is(Kind::kObject)) {
    const auto field = field_of(id, e, operand);
    if (!field) return fail_at(id, "no such field: " + e.name);
    out = operand.as_object().field(*field);
    return true;
  }
  if (!operand.is(Kind::kMap)) return fail_at(id, "no such field: " + e.name);
  const Value* value = operand.as_map().find(e.name);
  if (value == nullptr) return fail_at(id, "no such key: " + e.name);
  out = *value;
  return true;
}

bool Evaluator::has(ExprId id, const Expr& e, Value& out) {
  Value operand;
  if (!eval(e.args[0], operand)) return false;
  if (operand.is_unknown()) {
    out = std::move(operand);
    return true;
  }
  if (operand.is(Kind::kMap)) {
    out = Value::boolean(operand.as_map().find(e.name) != nullptr);
    return true;
  }
  const auto field = operand.is(Kind::kObject) ? field_of(id, e, operand) : std::nullopt;
  if (!field) return fail_at(id, "no such field: " + e.name);
  const Value value = operand.as_object().field(*field);
  out = value.is_unknown() ? value : Value::boolean(!value.is_null());
  return true;
}

bool Evaluator::index(ExprId id, const Expr& e, Value& out) {
  Value operand, at;
  if (!eval(e.args[0], operand) || !eval(e.args[1], at)) return false;
  if (operand.is_unknown() || at.is_unknown()) {
    out = Value::unknown();
    return true;
  }
  if (operand.is(Kind::kMap)) {
    const Value* value = operand.as_map().find(at);
    if (value == nullptr) return fail_at(id, "no such key");
    out = *value;
    return true;
  }
  if (!operand.is(Kind::kList)) return fail_at(id, "no such overload: an index into " + operand.type_name());
  const bool number =
      at.is(Kind::kInt) || at.is(Kind::kUint) || (at.is(Kind::kDouble) && at.as_double() == std::floor(at.as_double()));
  if (!number) return fail_at(id, "no such overload: a list is indexed by int");
  const std::vector<Value>& list = operand.as_list();
  const Value size = Value::integer(static_cast<std::int64_t>(list.size()));
  if (compare_numbers(at, Value::integer(0)) < 0 || compare_numbers(at, size) >= 0)
    return fail_at(id, "index out of range");
  out = list[at.is(Kind::kInt)    ? static_cast<std::size_t>(at.as_int())
             : at.is(Kind::kUint) ? at.as_uint()
                                  : static_cast<std::size_t>(at.as_double())];
  return true;
}

bool Evaluator::operands(const Expr& e, std::vector<Value>& out, bool& unknown) {
  out.resize(e.args.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (!eval(e.args[i], out[i])) return false;
    unknown = unknown || out[i].is_unknown();
  }
  return true;
}

bool Evaluator::call(ExprId id, const Expr& e, Value& out) {
  std::vector<Value> args;
  bool unknown = false;
  const Binding binding = c_.bindings[id];
  if (binding.kind != Binding::Kind::kFunction) return fail_at(id, "unbound function: " + e.name);
  if (!operands(e, args, unknown)) return false;
  if (unknown) {
    out = Value::unknown();
    return true;
  }
  const Function& function = *c_.functions[binding.index];
  for (const Overload& o : function.overloads) {
    if (!std::ranges::equal(o.params, args, holds)) continue;
    if (const auto regex = regexes_.find(id); regex != regexes_.end()) {
      const std::size_t text = args[0].as_string().size(), pattern = args[1].as_string().size();
      if (!budget_.spend(1 + text / 16 + text / 64 * pattern / 16)) return fail_at(id, "cost");
      out = Value::boolean(regex->second.search(args[0].as_string()));
      return true;
    }
    return take(id, o.body(args, budget_), out);
  }
  return fail_at(id, "no such overload: " + e.name);
}

bool Evaluator::unary(ExprId id, const Expr& e, Value& out) {
  Value operand;
  if (!eval(e.args[0], operand)) return false;
  if (operand.is_unknown()) {
    out = std::move(operand);
    return true;
  }
  if (e.op == Op::kNegate) return take(id, negated(operand), out);
  if (!operand.is(Kind::kBool)) return fail_at(id, "no such overload: !" + operand.type_name());
  out = Value::boolean(!operand.as_bool());
  return true;
}

bool Evaluator::binary(ExprId id, const Expr& e, Value& out) {
  Value a, b;
  if (!eval(e.args[0], a) || !eval(e.args[1], b)) return false;
  if (a.is_unknown() || b.is_unknown()) {
    out = Value::unknown();
    return true;
  }
  switch (e.op) {
    case Op::kEqual:
      out = from(equal(a, b, budget_));
      return true;
    case Op::kNotEqual: {
      const Truth t = equal(a, b, budget_);
      out = t == Truth::kUnknown ? Value::unknown() : Value::boolean(t == Truth::kFalse);
      return true;
    }
    case Op::kIn:
      if (!b.is(Kind::kList) && !b.is(Kind::kMap)) return fail_at(id, "no such overload: in " + b.type_name());
      out = from(contained(a, b, budget_));
      return true;
    case Op::kLess:
    case Op::kLessEqual:
    case Op::kGreater:
    case Op::kGreaterEqual:
      return take(id, ordering(e.op, a, b, budget_), out);
    default:
      return take(id, arithmetic(e.op, a, b, budget_), out);
  }
}

bool Evaluator::logical(ExprId id, const Expr& e, Value& out) {
  Fold fold{e.kind == Expr::Kind::kOr};
  for (const ExprId arg : e.args) {
    bool fine = eval(arg, out);
    if (fine && !out.is_unknown() && !out.is(Kind::kBool))
      fine = fail_at(arg, "no such overload: a logical operator on " + out.type_name());
    if (!fine) {
      if (limited()) return false;
      if (!fold.failure) fold.failure = failure_;
      continue;
    }
    if (out.is_unknown())
      fold.unknown = true;
    else if (out.as_bool() == fold.decider)
      return true;
  }
  if (fold.failure && !fold.unknown) {
    failure_ = std::move(*fold.failure);
    return false;
  }
  out = fold.unknown ? Value::unknown() : Value::boolean(!fold.decider);
  static_cast<void>(id);
  return true;
}

bool Evaluator::conditional(ExprId id, const Expr& e, Value& out) {
  if (!eval(e.args[0], out)) return false;
  if (out.is_unknown()) return true;
  if (!out.is(Kind::kBool)) return fail_at(id, "no such overload: a condition of type " + out.type_name());
  return eval(e.args[out.as_bool() ? 1 : 2], out);
}

bool Evaluator::list(ExprId id, const Expr& e, Value& out) {
  std::vector<Value> values;
  bool unknown = false;
  if (e.args.size() > budget_.limits().list_size_max)
    return take(id, fail(Reason::kCelLimit, "the list is too long"), out);
  if (!operands(e, values, unknown)) return false;
  out = unknown ? Value::unknown() : Value::list(std::move(values));
  return true;
}

bool Evaluator::map(ExprId id, const Expr& e, Value& out) {
  std::vector<Value> values;
  bool unknown = false;
  if (!operands(e, values, unknown)) return false;
  if (unknown) {
    out = Value::unknown();
    return true;
  }
  std::vector<Map::Entry> entries;
  for (std::size_t i = 0; i < values.size(); i += 2) entries.emplace_back(values[i], values[i + 1]);
  auto made = Map::from(std::move(entries));
  if (!made) return fail_at(id, "a map has a key of a wrong type, or the same key twice");
  out = Value::map(std::move(*made));
  return true;
}

bool Evaluator::comprehension(ExprId id, const Expr& e, Value& out) {
  Value range;
  if (!eval(e.args[0], range)) return false;
  if (range.is_unknown()) {
    out = std::move(range);
    return true;
  }
  if (!range.is(Kind::kList) && !range.is(Kind::kMap))
    return fail_at(id, "no such overload: a macro over " + range.type_name());
  switch (e.macro) {
    case Macro::kAll:
    case Macro::kExists:
      return quantified(id, e, range, out);
    case Macro::kExistsOne:
      return exactly_one(id, e, range, out);
    default:
      return transformed(id, e, range, out);
  }
}

void Evaluator::bind(ExprId id, const Expr& e, const Value& range, std::size_t i) {
  const std::size_t base = c_.bindings[id].index;
  const bool two = !e.variable2.empty();
  if (range.is(Kind::kList)) {
    if (two) locals_[base] = Value::integer(static_cast<std::int64_t>(i));
    locals_[base + (two ? 1 : 0)] = range.as_list()[i];
  } else {
    locals_[base] = range.as_map().entries()[i].first;
    if (two) locals_[base + 1] = range.as_map().entries()[i].second;
  }
}

bool Evaluator::quantified(ExprId id, const Expr& e, const Value& range, Value& out) {
  Fold fold{e.macro == Macro::kExists};
  const std::size_t n = elements(range);
  for (std::size_t i = 0; i < n; ++i) {
    bind(id, e, range, i);
    bool fine = eval(e.args.back(), out);
    if (fine && !out.is_unknown() && !out.is(Kind::kBool))
      fine = fail_at(e.args.back(), "no such overload: a predicate of type " + out.type_name());
    if (!fine) {
      if (limited()) return false;
      if (!fold.failure) fold.failure = failure_;
      continue;
    }
    if (out.is_unknown())
      fold.unknown = true;
    else if (out.as_bool() == fold.decider)
      return true;
  }
  if (fold.failure && !fold.unknown) {
    failure_ = std::move(*fold.failure);
    return false;
  }
  out = fold.unknown ? Value::unknown() : Value::boolean(!fold.decider);
  return true;
}

bool Evaluator::exactly_one(ExprId id, const Expr& e, const Value& range, Value& out) {
  const std::size_t n = elements(range);
  std::size_t found = 0;
  bool unknown = false;
  for (std::size_t i = 0; i < n; ++i) {
    bind(id, e, range, i);
    if (!eval(e.args.back(), out)) return false;
    if (out.is_unknown())
      unknown = true;
    else if (!out.is(Kind::kBool))
      return fail_at(e.args.back(), "no such overload: a predicate of type " + out.type_name());
    else
      found += out.as_bool() ? 1 : 0;
  }
  out = unknown ? Value::unknown() : Value::boolean(found == 1);
  return true;
}

// map, filter, transformList, transformMap.
bool Evaluator::transformed(ExprId id, const Expr& e, const Value& range, Value& out) {
  const std::size_t n = elements(range);
  const bool keep = e.macro == Macro::kFilter, filtered = keep || e.args.size() == 3,
             to_map = e.macro == Macro::kTransformMap;
  std::vector<Value> values;
  std::vector<Map::Entry> entries;
  bool unknown = false;
  for (std::size_t i = 0; i < n; ++i) {
    bind(id, e, range, i);
    if (filtered) {
      if (!eval(e.args[1], out)) return false;
      if (out.is_unknown()) {
        unknown = true;
        continue;
      }
      if (!out.is(Kind::kBool)) return fail_at(e.args[1], "no such overload: a filter of type " + out.type_name());
      if (!out.as_bool()) continue;
    }
    const std::size_t base = c_.bindings[id].index;
    if (keep)
      out = locals_[base];
    else if (!eval(e.args.back(), out))
      return false;
    unknown = unknown || (!keep && out.is_unknown());
    if (values.size() + entries.size() >= budget_.limits().list_size_max)
      return take(id, fail(Reason::kCelLimit, "the list is too long"), out);
    if (!to_map) {
      values.push_back(std::move(out));
      continue;
    }
    Value key = range.is(Kind::kMap) ? range.as_map().entries()[i].first : Value::integer(static_cast<std::int64_t>(i));
    entries.emplace_back(std::move(key), std::move(out));
  }
  if (unknown) {
    out = Value::unknown();
    return true;
  }
  if (!to_map) {
    out = Value::list(std::move(values));
    return true;
  }
  auto made = Map::from(std::move(entries));
  if (!made) return fail_at(id, "a map has a key of a wrong type, or the same key twice");
  out = Value::map(std::move(*made));
  return true;
}

}  // namespace tenure::cel
