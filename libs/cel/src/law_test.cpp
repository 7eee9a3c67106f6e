// Laws, over random expressions:
//   printing   parse(print(a)) is a, for every tree
//   unknown    if an evaluation with unknown inputs is true or false, every completion of them gives the same
#include <functional>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <tenure/cel/program.hpp>

namespace tenure::cel {
namespace {

// --- printing

const std::vector<std::string> kNames = {"a", "b", "identity", "as_", "x1", "_"};
const std::vector<std::string> kFields = {"f", "as", "content-type", "in", "a b", "null", "x.y"};
const std::vector<std::string> kTexts = {
    "",    "plain", "qu\"o'te", "back\\slash", "new\nline\r\t\a", "é€\xF0\x9F\x90\xB1", "`?", std::string("nul\0", 4),
    "\x7F"};

class TreeMaker {
 public:
  Ast make() {
    ast_.root = expr(5);
    return std::move(ast_);
  }

 private:
  static int upto(int n) { return *rc::gen::inRange(0, n); }
  template <class T>
  static T one_of(const std::vector<T>& all) {
    return all[static_cast<std::size_t>(upto(static_cast<int>(all.size())))];
  }
  ExprId add(Expr e) {
    ast_.nodes.push_back(std::move(e));
    return static_cast<ExprId>(ast_.nodes.size() - 1);
  }

  Value literal() {
    switch (upto(7)) {
      case 0:
        return Value();
      case 1:
        return Value::boolean(upto(2) == 0);
      case 2:
        return Value::integer(one_of<std::int64_t>({0, 1, -1, 42, INT64_MIN, INT64_MAX}));
      case 3:
        return Value::unsigned_integer(one_of<std::uint64_t>({0, 7, UINT64_MAX}));
      case 4:
        return Value::real(one_of<double>({0.0, -0.0, 1.0, -2.5, 1e22, 1e-300, 0.1}));
      case 5:
        return Value::bytes(one_of(kTexts) + "\xFF");
      default:
        return Value::string(one_of(kTexts));
    }
  }

  std::vector<ExprId> children(int n, int depth) {
    std::vector<ExprId> ids;
    for (; n > 0; --n) ids.push_back(expr(depth - 1));
    return ids;
  }

  ExprId expr(int depth) {
    const int kind = depth == 0 ? upto(2) : upto(15);
    if (kind == 0) {
      Expr e;
      e.literal = literal();
      return add(std::move(e));
    }
    if (kind == 1) return name();
    if (kind < 6) return member(kind, depth);
    if (kind < 12) return operation(kind, depth);
    return kind < 14 ? aggregate(kind == 12, depth) : comprehension(depth);
  }

  ExprId name() {
    Expr e;
    e.kind = Expr::Kind::kIdent;
    e.name = one_of(kNames);
    e.absolute = upto(4) == 0;
    return add(std::move(e));
  }

  ExprId member(int kind, int depth) {
    Expr e;
    if (kind == 4) {
      e.kind = Expr::Kind::kIndex;
      e.args = children(2, depth);
    } else if (kind == 5) {
      e.kind = Expr::Kind::kCall;
      e.name = "call";
      e.receiver = upto(2) == 0;
      e.args = children((e.receiver ? 1 : 0) + upto(3), depth);
    } else {
      e.kind = kind == 2 ? Expr::Kind::kSelect : Expr::Kind::kHas;
      e.name = one_of(kFields);
      e.args = children(1, depth);
    }
    return add(std::move(e));
  }

  ExprId operation(int kind, int depth) {
    Expr e;
    if (kind == 6) {
      e.kind = Expr::Kind::kUnary;
      e.op = upto(2) == 0 ? Op::kNot : Op::kNegate;
      e.args = children(1, depth);
    } else if (kind < 9) {
      e.kind = Expr::Kind::kBinary;
      e.op = static_cast<Op>(2 + upto(12));
      e.args = children(2, depth);
    } else if (kind == 11) {
      e.kind = Expr::Kind::kConditional;
      e.args = children(3, depth);
    } else {
      e.kind = kind == 9 ? Expr::Kind::kAnd : Expr::Kind::kOr;
      for (const ExprId id : children(2 + upto(2), depth)) {
        const std::vector<ExprId> inner = ast_[id].kind == e.kind ? ast_[id].args : std::vector<ExprId>{id};
        e.args.insert(e.args.end(), inner.begin(), inner.end());
      }
    }
    return add(std::move(e));
  }

  ExprId aggregate(bool list, int depth) {
    Expr e;
    e.kind = list ? Expr::Kind::kList : Expr::Kind::kMap;
    e.args = children(list ? upto(3) : 2 * upto(3), depth);
    return add(std::move(e));
  }

  ExprId comprehension(int depth) {
    Expr e;
    e.kind = Expr::Kind::kComprehension;
    e.macro = static_cast<Macro>(upto(7));
    const bool transform = e.macro == Macro::kTransformList || e.macro == Macro::kTransformMap;
    e.variable = "v";
    if (transform || (e.macro <= Macro::kExistsOne && upto(2) == 0)) e.variable2 = "w";
    const bool filtered = (transform || e.macro == Macro::kMap) && upto(2) == 0;
    e.args = children(filtered ? 3 : 2, depth);
    return add(std::move(e));
  }

  Ast ast_;
};

RC_GTEST_PROP(Law, PrintedTreesParseToThemselves, ()) {
  const Ast ast = TreeMaker().make();
  const std::string text = print(ast);
  Diagnostics diagnostics;
  const auto again = parse(Source{text, {"printed", 1, 1}, 0}, diagnostics);
  if (!again) RC_FAIL(diagnostics.to_error().to_string() + "\n" + text);
  if (!same_expression(ast, *again)) RC_FAIL(text + "\n" + print(*again));
  RC_ASSERT(print(*again) == text);
}

// --- unknown

// Random well-typed text over: p, q bool; n, m int; s string; l list(int); o Object{d: string?, k: int?}.
class TextMaker {
 public:
  std::string boolean(int depth) {
    if (depth == 0) return one_of({"p", "q", "true", "false", "has(o.d)", "o.k == null"});
    const auto b = [&] { return boolean(depth - 1); };
    switch (upto(14)) {
      case 0:
        return "(" + b() + " && " + b() + ")";
      case 1:
        return "(" + b() + " || " + b() + ")";
      case 2:
        return "(" + b() + " && " + b() + " && " + b() + ")";
      case 3:
        return "!" + b();
      case 4:
        return "(" + b() + " ? " + b() + " : " + b() + ")";
      case 5:
        return "(" + integer(depth - 1) + one_of({" == ", " != ", " < ", " >= "}) + integer(depth - 1) + ")";
      case 6:
        return "(" + text(depth - 1) + one_of({" == ", " != ", " < "}) + text(depth - 1) + ")";
      case 7:
        return "(" + integer(depth - 1) + " in " + list(depth - 1) + ")";
      case 8:
        return list(depth - 1) + one_of({".all(x, ", ".exists(x, ", ".exists_one(x, "}) + element(depth - 1) + ")";
      case 9:
        return "(" + list(depth - 1) + " == " + list(depth - 1) + ")";
      case 10:
        return text(depth - 1) + ".contains(" + text(depth - 1) + ")";
      case 11:
        return "(o.d == " + text(depth - 1) + ")";
      case 12:
        return "(" + b() + " == " + b() + ")";
      default:
        return one_of({"p", "q", "(has(o.k) && o.k > n)", "(o.d in ['a', s])", "(l == [n, 2])", "(o.k > 1)"});
    }
  }

 private:
  static int upto(int n) { return *rc::gen::inRange(0, n); }
  static std::string one_of(const std::vector<std::string>& all) {
    return all[static_cast<std::size_t>(upto(static_cast<int>(all.size())))];
  }
  std::string integer(int depth) {
    if (depth <= 0) return one_of({"n", "m", "0", "1", "2"});
    switch (upto(7)) {
      case 0:
        return "(" + integer(depth - 1) + one_of({" + ", " - ", " * ", " / ", " % "}) + integer(depth - 1) + ")";
      case 1:
        return "size(" + list(depth - 1) + ")";
      case 2:
        return list(depth - 1) + "[" + integer(depth - 1) + "]";
      case 3:
        return "int(" + text(depth - 1) + ")";
      case 4:
        return "(" + boolean(depth - 1) + " ? " + integer(depth - 1) + " : " + integer(depth - 1) + ")";
      case 5:
        return "{1: n, 2: m}[" + integer(depth - 1) + "]";
      default:
        return one_of({"n", "m", "o.k", "1"});
    }
  }
  std::string text(int depth) {
    if (depth <= 0) return one_of({"s", "'a'", "'1'", "''"});
    switch (upto(4)) {
      case 0:
        return "(" + text(depth - 1) + " + " + text(depth - 1) + ")";
      case 1:
        return "string(" + integer(depth - 1) + ")";
      case 2:
        return text(depth - 1) + ".substring(" + integer(depth - 1) + ")";
      default:
        return one_of({"s", "o.d", "'a'"});
    }
  }
  std::string list(int depth) {
    if (depth <= 0) return one_of({"l", "[1, 2]", "[]"});
    switch (upto(5)) {
      case 0:
        return "[" + integer(depth - 1) + ", " + integer(depth - 1) + "]";
      case 1:
        return list(depth - 1) + ".map(x, " + one_of({"x", "n", "1 / x", "x + m"}) + ")";
      case 2:
        return list(depth - 1) + ".filter(x, " + element(depth - 1) + ")";
      case 3:
        return "(" + list(depth - 1) + " + " + list(depth - 1) + ")";
      default:
        return "l";
    }
  }
  std::string element(int depth) {
    return one_of({"x > 1", "x == n", "1 / x > 0", "true", boolean(std::max(0, depth))});
  }
};

struct World {
  Environment env;
  std::shared_ptr<const ObjectType> object = std::make_shared<const ObjectType>(
      "Object", std::vector<Field>{{"d", Type::string().nullable()}, {"k", Type::integer().nullable()}});
  World() {
    for (const char* name : {"p", "q"}) env.add_variable(name, Type::boolean());
    for (const char* name : {"n", "m"}) env.add_variable(name, Type::integer());
    env.add_variable("s", Type::string());
    env.add_variable("l", Type::list(Type::integer()));
    env.add_variable("o", Type::object(object));
  }
};

// One value for each input; the parts that may be unknown one by one: p q n m s l l[0] l[1] o o.d o.k.
constexpr int kParts = 11;
struct Inputs {
  bool p = false, q = false;
  std::int64_t n = 0, m = 0, l0 = 0, l1 = 0;
  std::string s;
  std::optional<std::string> d;
  std::optional<std::int64_t> k;
};

Inputs random_inputs() {
  const auto upto = [](int n) { return *rc::gen::inRange(0, n); };
  const auto word = [&] { return std::vector<std::string>{"", "a", "1", "ab"}[static_cast<std::size_t>(upto(4))]; };
  Inputs in;
  in.p = upto(2) == 0;
  in.q = upto(2) == 0;
  for (std::int64_t* n : {&in.n, &in.m, &in.l0, &in.l1}) *n = upto(4) - 1;
  in.s = word();
  if (upto(2) == 0) in.d = word();
  if (upto(2) == 0) in.k = upto(4) - 1;
  return in;
}

// `hidden` bits become `stand_in`: unknown, or a planted mistake.
Activation activation(const World& world, const Inputs& in, unsigned hidden,
                      const std::optional<Value>& mistake = std::nullopt) {
  const auto part = [&](int bit, Value value) {
    return (hidden >> bit & 1U) == 0 ? std::move(value) : mistake.value_or(Value::unknown());
  };
  Activation values;
  values.set(0, part(0, Value::boolean(in.p)));
  values.set(1, part(1, Value::boolean(in.q)));
  values.set(2, part(2, Value::integer(in.n)));
  values.set(3, part(3, Value::integer(in.m)));
  values.set(4, part(4, Value::string(in.s)));
  values.set(5, part(5, Value::list({part(6, Value::integer(in.l0)), part(7, Value::integer(in.l1))})));
  values.set(6, part(8, Value::object(std::make_shared<const Record>(
                            world.object, std::vector<Value>{part(9, in.d ? Value::string(*in.d) : Value()),
                                                             part(10, in.k ? Value::integer(*in.k) : Value())}))));
  return values;
}

// The inputs of `other` where hidden, of `base` elsewhere.
Inputs completed(const Inputs& base, const Inputs& other, unsigned hidden) {
  Inputs in = base;
  const auto is = [&](int bit) { return (hidden >> bit & 1U) != 0; };
  if (is(0)) in.p = other.p;
  if (is(1)) in.q = other.q;
  if (is(2)) in.n = other.n;
  if (is(3)) in.m = other.m;
  if (is(4)) in.s = other.s;
  if (is(5) || is(6)) in.l0 = other.l0;
  if (is(5) || is(7)) in.l1 = other.l1;
  if (is(8) || is(9)) in.d = other.d;
  if (is(8) || is(10)) in.k = other.k;
  return in;
}

bool decided(const Result<Value>& r) {
  return r && r->is(Value::Kind::kBool);
}

// Does the law hold for this program, these known inputs and these completions?
bool law_holds(const World& world, const Program& program, const Inputs& known, unsigned hidden,
               const std::vector<Inputs>& completions, const std::optional<Value>& mistake = std::nullopt) {
  const auto partial = program.evaluate(activation(world, known, hidden, mistake));
  if (!decided(partial)) return true;
  for (const Inputs& other : completions) {
    const auto full = program.evaluate(activation(world, completed(known, other, hidden), 0));
    if (!decided(full) || full->as_bool() != partial->as_bool()) return false;
  }
  return true;
}

Program compiled(const World& world, const std::string& text) {
  CompileOptions options;
  options.check = false;  // nulls may stand anywhere: the law holds for errors, too
  auto program = compile(world.env, text, options);
  if (!program) throw std::runtime_error(program.error().to_string() + "\n" + text);
  return *program;
}

RC_GTEST_PROP(Law, WhatUnknownsLeaveDecidedStaysDecided, ()) {
  static const World world;
  const std::string text = TextMaker().boolean(4);
  const Program program = compiled(world, text);
  const Inputs known = random_inputs();
  const auto hidden = static_cast<unsigned>(*rc::gen::inRange(0, 1 << kParts));
  std::vector<Inputs> completions;
  for (int i = 0; i < 12; ++i) completions.push_back(random_inputs());
  if (!law_holds(world, program, known, hidden, completions)) RC_FAIL(text + " with hidden " + std::to_string(hidden));
  RC_CLASSIFY(decided(program.evaluate(activation(world, known, hidden))) && hidden != 0, "decided with unknowns");
}

// The oracle can tell: an evaluation that takes unknown for false, or for null, breaks the law.
TEST(Law, ThePlantedMistakeIsFound) {
  const World world;
  Inputs yes, no;
  yes.p = true;
  yes.d = "a";
  EXPECT_FALSE(law_holds(world, compiled(world, "p"), {}, 1U, {yes, no}, Value::boolean(false)));
  EXPECT_FALSE(law_holds(world, compiled(world, "has(o.d)"), {}, 1U << 9, {yes, no}, Value()));
  EXPECT_TRUE(law_holds(world, compiled(world, "p"), {}, 1U, {yes, no}));
  EXPECT_TRUE(law_holds(world, compiled(world, "has(o.d)"), {}, 1U << 9, {yes, no}));
}

// What the checker accepts without dyn never fails for want of a null guard.
TEST(Law, CheckedExpressionsSurviveEveryNull) {
  const World world;
  std::size_t accepted = 0;
  rc::check("checked expressions", [&] {
    const std::string text = TextMaker().boolean(3);
    CompileOptions options;
    options.expected = Type::boolean();
    const auto program = compile(world.env, text, options);
    if (!program) return;
    ++accepted;
    for (int i = 0; i < 6; ++i) {
      const auto value = program->evaluate(activation(world, random_inputs(), 0));
      if (!value && value.error().message().find("null_type") != std::string::npos) RC_FAIL(text);
      if (!value && value.error().message().find("no such overload") != std::string::npos) RC_FAIL(text);
    }
  });
  EXPECT_GT(accepted, 10U);
}

}  // namespace
}  // namespace tenure::cel
