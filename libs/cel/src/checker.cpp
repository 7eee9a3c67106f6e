// Longer than most files here because it is one recursive walk with one case for each kind of expression; what could be
// told apart (null facts, operator types, patterns) stands in files of its own.
#include "checker.hpp"

#include "null_facts.hpp"
#include "operator_types.hpp"
#include "regex.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include <tenure/base/text.hpp>

namespace tenure::cel {
namespace {

using Kind = Type::Kind;

constexpr std::array<std::string_view, 12> kTypeNames = {"bool",
                                                         "int",
                                                         "uint",
                                                         "double",
                                                         "string",
                                                         "bytes",
                                                         "list",
                                                         "map",
                                                         "type",
                                                         "null_type",
                                                         "google.protobuf.Timestamp",
                                                         "google.protobuf.Duration"};

bool possible_key(const Type& t) {
  return t.is_open() || t.is(Kind::kBool) || t.is(Kind::kInt) || t.is(Kind::kUint) || t.is(Kind::kString);
}

class Checker {
 public:
  Checker(Checked& checked, const Environment& environment, const Source& source, bool on, Diagnostics& diagnostics)
      : c_(checked), env_(environment), source_(source), on_(on), diagnostics_(diagnostics) {
    c_.types.resize(c_.ast.nodes.size());
    c_.bindings.resize(c_.ast.nodes.size());
    local_ids_.resize(c_.ast.nodes.size());
  }

  void run(const Type& expected) {
    const Type type = visit(c_.ast.root);
    require(c_.ast.root, type, expected, "the result");
  }

 private:
  struct Local {
    std::string name;
    Type type;
    std::uint32_t index = 0;  // in the frame
    std::uint32_t id = 0;     // never used twice in one expression
  };

  // --- reporting

  void error(Reason reason, ExprId id, std::string summary, std::string expected = {}, std::string remedy = {}) {
    if (!on_) return;
    const Expr& e = c_.ast[id];
    diagnostics_.error(reason, source_.at(e.line, e.column), std::move(summary), std::move(expected),
                       std::move(remedy));
  }
  std::string shown(ExprId id) const {
    std::string text = print(c_.ast, id);
    if (text.size() <= 60) return text;
    std::size_t end = 57;
    while ((static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    return text.substr(0, end) + "...";
  }
  void unknown_name(ExprId id, std::string summary, std::string_view name, const std::vector<std::string>& names) {
    const std::string near = nearest(name, names);
    error(Reason::kCelUnknownName, id, std::move(summary), near, near.empty() ? "" : "did you mean \"" + near + "\"?");
  }
  void may_be_null(ExprId id) {
    const std::string text = shown(id);
    error(Reason::kCelType, id, text + " may be null here", "a value that is not null",
          "guard it: " + text + " != null && ..., or " + text + " != null ? ... : ...");
  }

  // The value must not be null. False when it was reported.
  bool not_null(ExprId id, const Type& type) {
    if (!type.is_nullable()) return true;
    may_be_null(id);
    return false;
  }
  bool require(ExprId id, const Type& type, const Type& wanted, std::string_view what) {
    if (assignable(type, wanted)) return true;
    if (assignable(type.nullable(false), wanted) && !type.is(Kind::kNull)) {
      may_be_null(id);
    } else {
      error(Reason::kCelType, id, std::string(what) + " is " + type.to_string() + ", not " + wanted.to_string(),
            wanted.to_string());
    }
    return false;
  }

  // --- names

  const Local* find_local(std::string_view name) const {
    const auto found = std::find_if(scope_.rbegin(), scope_.rend(), [&](const Local& one) { return one.name == name; });
    return found == scope_.rend() ? nullptr : &*found;
  }

  // In "a.b", x is tried as a.b.x, a.x, x.
  std::vector<std::string> candidates(const std::string& name, bool absolute) const {
    std::vector<std::string> all;
    std::string scope = absolute ? "" : env_.container();
    while (!scope.empty()) {
      all.push_back(scope + "." + name);
      const auto dot = scope.rfind('.');
      scope.resize(dot == std::string::npos ? 0 : dot);
    }
    all.push_back(name);
    return all;
  }

  // The dotted name that a chain of selections spells; "" when it is none or begins with a comprehension's variable.
  std::string dotted(ExprId id, bool& absolute) const {
    const Expr& e = c_.ast[id];
    if (e.kind == Expr::Kind::kIdent) {
      absolute = e.absolute;
      return !absolute && find_local(e.name) != nullptr ? "" : e.name;
    }
    if (e.kind != Expr::Kind::kSelect) return "";
    const std::string left = dotted(e.args[0], absolute);
    return left.empty() ? "" : left + "." + e.name;
  }

  // Makes the node an identifier when its whole dotted name is declared, or is a type's name.
  std::optional<Type> resolve(ExprId id) {
    bool absolute = false;
    const std::string name = dotted(id, absolute);
    if (name.empty()) return std::nullopt;
    for (const std::string& candidate : candidates(name, absolute)) {
      if (const auto variable = env_.find_variable(candidate)) {
        bind(id, {Binding::Kind::kVariable, *variable});
        become_ident(id, candidate);
        return env_.variables()[*variable].type;
      }
    }
    if (std::ranges::find(kTypeNames, name) == kTypeNames.end()) return std::nullopt;
    bind(id, {Binding::Kind::kConstant, 0});
    become_ident(id, name);
    c_.ast[id].literal = Value::type(name);
    return Type(Kind::kType);
  }
  void bind(ExprId id, Binding binding) { c_.bindings[id] = binding; }
  void become_ident(ExprId id, const std::string& name) {
    Expr& e = c_.ast[id];
    e.kind = Expr::Kind::kIdent;
    e.name = name;
    e.args.clear();
  }

  // --- paths and guards

  std::string path(ExprId id) const {
    const Expr& e = c_.ast[id];
    if (e.kind == Expr::Kind::kSelect) {
      const std::string left = path(e.args[0]);
      return left.empty() ? "" : left + "." + e.name;
    }
    if (e.kind != Expr::Kind::kIdent) return "";
    if (c_.bindings[id].kind == Binding::Kind::kVariable) return "v" + std::to_string(c_.bindings[id].index);
    return c_.bindings[id].kind == Binding::Kind::kLocal ? "l" + std::to_string(local_ids_[id]) : "";
  }
  Type guarded(ExprId id, const Type& type) const {
    return type.is_nullable() && guards_.contains(path(id)) ? type.nullable(false) : type;
  }
  void assume(ExprId condition, bool truth) {
    if (on_) guards_.merge(shown_not_null(c_, [this](ExprId id) { return path(id); }, condition, truth));
  }
  Type visit_assuming(ExprId id, ExprId condition, bool truth) {
    Paths before = guards_;
    assume(condition, truth);
    const Type type = visit(id);
    guards_ = std::move(before);
    return type;
  }

  // --- nodes

  Type visit(ExprId id) {
    Type type = of(id);
    if (c_.ast[id].kind == Expr::Kind::kIdent || c_.ast[id].kind == Expr::Kind::kSelect) type = guarded(id, type);
    c_.types[id] = type;
    return type;
  }

  Type of(ExprId id) {
    switch (c_.ast[id].kind) {
      case Expr::Kind::kLiteral:
        return of_literal(c_.ast[id].literal);
      case Expr::Kind::kIdent:
        return of_ident(id);
      case Expr::Kind::kSelect:
        return of_select(id);
      case Expr::Kind::kHas:
        return of_has(id);
      case Expr::Kind::kIndex:
        return of_index(id);
      case Expr::Kind::kCall:
        return of_call(id);
      case Expr::Kind::kUnary:
        return of_unary(id);
      case Expr::Kind::kBinary:
        return of_binary(id);
      case Expr::Kind::kAnd:
      case Expr::Kind::kOr:
        return of_logical(id);
      case Expr::Kind::kConditional:
        return of_conditional(id);
      case Expr::Kind::kList:
        return of_list(id);
      case Expr::Kind::kMap:
        return of_map(id);
      case Expr::Kind::kComprehension:
        return of_comprehension(id);
    }
    return Type::dyn();
  }

  static Type of_literal(const Value& v) {
    switch (v.kind()) {
      case Value::Kind::kNull:
        return Type(Kind::kNull);
      case Value::Kind::kBool:
        return Type::boolean();
      case Value::Kind::kInt:
        return Type::integer();
      case Value::Kind::kUint:
        return Type::unsigned_integer();
      case Value::Kind::kDouble:
        return Type::real();
      case Value::Kind::kBytes:
        return Type::bytes();
      default:
        return Type::string();
    }
  }

  Type of_ident(ExprId id) {
    const Expr& e = c_.ast[id];
    if (const Local* local = e.absolute ? nullptr : find_local(e.name)) {
      bind(id, {Binding::Kind::kLocal, local->index});
      local_ids_[id] = local->id;
      return local->type;
    }
    if (const auto type = resolve(id)) return *type;
    bind(id, {Binding::Kind::kUnbound, 0});
    std::vector<std::string> names;
    for (const Variable& v : env_.variables()) names.push_back(v.name);
    for (const Local& l : scope_) names.push_back(l.name);
    unknown_name(id, "there is no variable \"" + e.name + "\"", e.name, names);
    return Type::dyn();
  }

  Type of_select(ExprId id) {
    if (const auto type = resolve(id)) return *type;
    return field_type(id, visit(c_.ast[id].args[0]));
  }

  Type of_has(ExprId id) {
    field_type(id, visit(c_.ast[id].args[0]));
    return Type::boolean();
  }

  Type field_type(ExprId id, const Type& operand) {
    const Expr& e = c_.ast[id];
    if (operand.is_open()) return Type::dyn();
    if (!not_null(e.args[0], operand)) {
      if (operand.is(Kind::kNull)) return Type::dyn();
    }
    if (operand.is(Kind::kMap)) {
      if (!comparable(operand.key(), Type::string())) {
        error(Reason::kCelType, id, "a map with keys of type " + operand.key().to_string() + " has no fields",
              "an index in [ ]");
      }
      return operand.element();
    }
    if (!operand.is(Kind::kObject)) {
      error(Reason::kCelType, id, "a value of type " + operand.to_string() + " has no field \"" + e.name + "\"",
            "an object or a map");
      return Type::dyn();
    }
    const ObjectType& object = *operand.object_type();
    if (const auto index = object.find(e.name)) {
      bind(id, {Binding::Kind::kField, static_cast<std::uint32_t>(*index)});
      return object.fields()[*index].type;
    }
    std::vector<std::string> names;
    for (const Field& f : object.fields()) names.push_back(f.name);
    unknown_name(id, object.name() + " has no attribute \"" + e.name + "\"", e.name, names);
    return Type::dyn();
  }

  Type of_index(ExprId id) {
    const ExprId left = c_.ast[id].args[0], at = c_.ast[id].args[1];
    const Type operand = visit(left), index = visit(at);
    const bool fine = not_null(left, operand) && not_null(at, index);
    if (operand.is_open() || !fine) return Type::dyn();
    if (operand.is(Kind::kList)) {
      if (!index.is_open()) require(at, index, Type::integer(), "the index of a list");
      return operand.element();
    }
    if (operand.is(Kind::kMap)) {
      const bool number = operand.key().is_number() && index.is_number();  // 1, 1u and 1.0 are one key
      if (!number && !comparable(index, operand.key())) require(at, index, operand.key(), "the key");
      return operand.element();
    }
    error(Reason::kCelType, id, "a value of type " + operand.to_string() + " cannot be indexed", "a list or a map");
    return Type::dyn();
  }

  // A receiver that is really the qualified part of a function's name becomes part of the name.
  std::shared_ptr<const Function> find_called(ExprId id) {
    Expr& e = c_.ast[id];
    bool absolute = e.absolute;
    const std::string left = e.receiver ? dotted(e.args[0], absolute) : "";
    if (!e.receiver || !left.empty()) {
      const std::string name = left.empty() ? e.name : left + "." + e.name;
      for (const std::string& candidate : candidates(name, absolute)) {
        auto function = env_.find_function(candidate, false);
        if (function == nullptr) continue;
        if (e.receiver) e.args.erase(e.args.begin());
        e.receiver = false;
        e.name = candidate;
        return function;
      }
      if (!e.receiver) return nullptr;
    }
    return env_.find_function(e.name, true);
  }

  void unknown_function(ExprId id) {
    const Expr& e = c_.ast[id];
    const bool receiver = e.receiver;
    if (env_.find_function(e.name, !receiver) != nullptr) {
      error(Reason::kCelUnknownName, id, "the function " + e.name + "() is called in another way",
            receiver ? e.name + "(x)" : "x." + e.name + "(...)");
      return;
    }
    std::vector<std::string> names = env_.function_names(receiver);
    if (receiver) names.insert(names.end(), {"all", "exists", "exists_one", "map", "filter"});
    unknown_name(id, "there is no function \"" + e.name + "\"", e.name, names);
  }

  Type of_call(ExprId id) {
    const auto function = find_called(id);
    std::vector<Type> types;
    for (const ExprId arg : std::vector<ExprId>(c_.ast[id].args)) types.push_back(visit(arg));
    if (function == nullptr) {
      bind(id, {Binding::Kind::kUnbound, 0});
      unknown_function(id);
      return Type::dyn();
    }
    bind(id, {Binding::Kind::kFunction, index_of(function)});
    std::optional<Type> result;
    bool differ = false, nullable_fits = false;
    for (const Overload& o : function->overloads) {
      if (o.params.size() != types.size()) continue;
      bool fits = true, fits_without_null = true;
      for (std::size_t i = 0; i < types.size(); ++i) {
        fits = fits && assignable(types[i], o.params[i]);
        fits_without_null =
            fits_without_null && !types[i].is(Kind::kNull) && assignable(types[i].nullable(false), o.params[i]);
      }
      nullable_fits = nullable_fits || fits_without_null;
      if (!fits && !(fits_without_null)) continue;
      differ = differ || (result && !(*result == o.result));
      result = o.result;
      if (!fits) report_nulls_once(id, types, o);
    }
    if (!result) {
      no_overload(id, *function, types);
      return Type::dyn();
    }
    check_literals(id, *function);
    return differ ? Type::dyn() : *result;
  }

  std::uint32_t index_of(const std::shared_ptr<const Function>& function) {
    const auto it = std::ranges::find(c_.functions, function);
    if (it != c_.functions.end()) return static_cast<std::uint32_t>(it - c_.functions.begin());
    c_.functions.push_back(function);
    return static_cast<std::uint32_t>(c_.functions.size() - 1);
  }

  void report_nulls_once(ExprId id, const std::vector<Type>& types, const Overload& overload) {
    if (!reported_calls_.insert(id).second) return;
    for (std::size_t i = 0; i < types.size(); ++i)
      if (types[i].is_nullable() && !assignable(types[i], overload.params[i]))
        require(c_.ast[id].args[i], types[i], overload.params[i], "the argument");
  }

  void no_overload(ExprId id, const Function& function, const std::vector<Type>& types) {
    const auto signature = [&](const std::vector<Type>& params) {
      std::string text;
      for (std::size_t i = 0; i < params.size(); ++i) {
        if (i == 0 && function.receiver)
          text += params[i].to_string() + "." + function.name + "(";
        else
          text += (text.empty()                        ? function.name + "("
                   : i > (function.receiver ? 1U : 0U) ? ", "
                                                       : "") +
                  params[i].to_string();
      }
      return (text.empty() ? function.name + "(" : text) + ")";
    };
    std::string expected;
    for (const Overload& o : function.overloads) expected += (expected.empty() ? "" : " or ") + signature(o.params);
    error(Reason::kCelType, id, "there is no " + signature(types), expected);
  }

  // What can be seen to fail with literals fails here.
  void check_literals(ExprId id, const Function& function) {
    const Expr& e = c_.ast[id];
    const ExprId last = e.args.empty() ? id : e.args.back();
    const Expr& literal = c_.ast[last];
    if (literal.kind != Expr::Kind::kLiteral || !literal.literal.is(Value::Kind::kString)) return;
    if (function.name == "matches") {
      if (const auto regex = Regex::compile(literal.literal.as_string()); !regex)
        error(Reason::kCelType, last, regex.error().message());
    } else if ((function.name == "timestamp" || function.name == "duration") && e.args.size() == 1) {
      Budget budget{Limits{}};
      for (const Overload& o : function.overloads) {
        if (!holds(o.params[0], literal.literal)) continue;
        if (const auto value = o.body(std::span(&literal.literal, 1), budget); !value)
          error(Reason::kCelType, last, value.error().message());
      }
    }
  }

  Type of_unary(ExprId id) {
    const ExprId arg = c_.ast[id].args[0];
    const Op op = c_.ast[id].op;
    Type type = visit(arg);
    if (op == Op::kNot) {
      require(arg, type, Type::boolean(), "the operand of \"!\"");
      return Type::boolean();
    }
    if (type.is_open() || !not_null(arg, type)) return Type::dyn();
    if (type.is(Kind::kInt) || type.is(Kind::kDouble)) return type;
    error(Reason::kCelType, id, "a value of type " + type.to_string() + " has no negative", "int or double");
    return Type::dyn();
  }

  Type of_binary(ExprId id) {
    const ExprId left = c_.ast[id].args[0], right = c_.ast[id].args[1];
    const Op op = c_.ast[id].op;
    const Type a = visit(left), b = visit(right);
    if (op == Op::kEqual || op == Op::kNotEqual) {
      if (!comparable(a, b)) mismatch(id, a, b);
      never_null(left, a, right);
      never_null(right, b, left);
      return Type::boolean();
    }
    if (op == Op::kIn) return of_in(id, a, b);
    const bool arithmetic_op = op < Op::kEqual;
    const bool left_fine = not_null(left, a), right_fine = not_null(right, b);
    if (!left_fine || !right_fine || a.is_open() || b.is_open()) return arithmetic_op ? Type::dyn() : Type::boolean();
    if (arithmetic_op) {
      if (const auto result = arithmetic_type(op, a, b)) return *result;
      mismatch(id, a, b);
      return Type::dyn();
    }
    if (!ordered(a, b)) mismatch(id, a, b);
    return Type::boolean();
  }

  void mismatch(ExprId id, const Type& a, const Type& b) {
    error(Reason::kCelType, id,
          spelled(c_.ast[id].op) + " cannot stand between " + a.to_string() + " and " + b.to_string(),
          a.is_open() ? "" : "two operands of one type",
          "correct an operand, or convert it: " + a.nullable(false).to_string() + "(...)");
  }

  void never_null(ExprId id, const Type& type, ExprId other) {
    const Expr& literal = c_.ast[other];
    if (!on_ || literal.kind != Expr::Kind::kLiteral || !literal.literal.is_null() || type.is_open() ||
        type.is_nullable())
      return;
    const Expr& e = c_.ast[id];
    diagnostics_.warning(Reason::kCelType, source_.at(e.line, e.column), shown(id) + " is never null");
  }

  Type of_in(ExprId id, const Type& a, const Type& b) {
    if (!not_null(c_.ast[id].args[1], b) || b.is_open()) return Type::boolean();
    if (b.is(Kind::kList) || b.is(Kind::kMap)) {
      const Type& member = b.is(Kind::kList) ? b.element() : b.key();
      if (!comparable(a, member) && !(b.is(Kind::kMap) && a.is_number() && member.is_number())) mismatch(id, a, b);
    } else {
      mismatch(id, a, b);
    }
    return Type::boolean();
  }

  Type of_logical(ExprId id) {
    const bool conjunction = c_.ast[id].kind == Expr::Kind::kAnd;
    Paths before = guards_;
    for (const ExprId arg : std::vector<ExprId>(c_.ast[id].args)) {
      require(arg, visit(arg), Type::boolean(), conjunction ? "an operand of \"&&\"" : "an operand of \"||\"");
      assume(arg, conjunction);
    }
    guards_ = std::move(before);
    return Type::boolean();
  }

  Type of_conditional(ExprId id) {
    const ExprId condition = c_.ast[id].args[0], yes = c_.ast[id].args[1], no = c_.ast[id].args[2];
    require(condition, visit(condition), Type::boolean(), "the condition");
    const Type a = visit_assuming(yes, condition, true), b = visit_assuming(no, condition, false);
    if (const auto both = join(a, b)) return *both;
    error(Reason::kCelType, id, "the branches are " + a.to_string() + " and " + b.to_string(),
          "two branches of one type");
    return Type::dyn();
  }

  Type of_list(ExprId id) {
    Type element(Kind::kNever);
    for (const ExprId arg : std::vector<ExprId>(c_.ast[id].args))
      element = join(element, visit(arg)).value_or(Type::dyn());
    return Type::list(element);
  }

  Type of_map(ExprId id) {
    Type key(Kind::kNever), element(Kind::kNever);
    const std::vector<ExprId> args = c_.ast[id].args;
    for (std::size_t i = 0; i < args.size(); i += 2) {
      const Type k = visit(args[i]);
      if (not_null(args[i], k) && !possible_key(k))
        error(Reason::kCelType, args[i], "a key cannot be of type " + k.to_string(), "bool, int, uint or string");
      key = join(key, k).value_or(Type::dyn());
      element = join(element, visit(args[i + 1])).value_or(Type::dyn());
    }
    return Type::map(key, element);
  }

  Type of_comprehension(ExprId id) {
    const Expr e = c_.ast[id];  // a copy: visiting may change the vector's contents
    const Type range = visit(e.args[0]);
    const bool fine = not_null(e.args[0], range);
    Type first = Type::dyn(), second = Type::dyn();
    if (range.is(Kind::kList)) {
      first = e.variable2.empty() ? range.element() : Type::integer();
      second = range.element();
    } else if (range.is(Kind::kMap)) {
      first = range.key();
      second = range.element();
    } else if (fine && !range.is_open()) {
      error(Reason::kCelType, e.args[0], "a value of type " + range.to_string() + " has no elements",
            "a list or a map");
    }
    const auto base = static_cast<std::uint32_t>(scope_.size());
    bind(id, {Binding::Kind::kLocal, base});
    scope_.push_back({e.variable, first, base, next_local_++});
    if (!e.variable2.empty()) scope_.push_back({e.variable2, second, base + 1, next_local_++});
    c_.locals = std::max(c_.locals, static_cast<std::uint32_t>(scope_.size()));
    const Type result = of_body(e, range, first);
    scope_.resize(base);
    return result;
  }

  Type of_body(const Expr& e, const Type& range, const Type& element) {
    const ExprId body = e.args.back();
    const bool filtered = e.args.size() == 3;
    if (filtered) require(e.args[1], visit(e.args[1]), Type::boolean(), "the filter");
    const Type type = filtered ? visit_assuming(body, e.args[1], true) : visit(body);
    switch (e.macro) {
      case Macro::kMap:
      case Macro::kTransformList:
        return Type::list(type);
      case Macro::kTransformMap:
        return Type::map(range.is(Kind::kMap)    ? range.key()
                         : range.is(Kind::kList) ? Type::integer()
                                                 : Type::dyn(),
                         type);
      case Macro::kFilter:
        require(body, type, Type::boolean(), "the predicate");
        return Type::list(element);
      default:
        require(body, type, Type::boolean(), "the predicate");
        return Type::boolean();
    }
  }

  Checked& c_;
  const Environment& env_;
  const Source& source_;
  bool on_;
  Diagnostics& diagnostics_;
  std::vector<Local> scope_;
  std::vector<std::uint32_t> local_ids_;
  std::uint32_t next_local_ = 0;
  Paths guards_;
  std::set<ExprId> reported_calls_;
};

}  // namespace

Checked check(Ast ast, const Environment& environment, const Source& source, const Type& expected, bool types,
              Diagnostics& diagnostics) {
  Checked checked;
  checked.ast = std::move(ast);
  Checker(checked, environment, source, types, diagnostics).run(expected);
  return checked;
}

}  // namespace tenure::cel
