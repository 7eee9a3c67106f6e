#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

#include <tenure/cel/parse.hpp>

namespace tenure::cel {
namespace {

enum Precedence { kConditional = 1, kOr, kAnd, kRelation, kSum, kProduct, kUnary, kMember };

std::string_view spelling(Op op) {
  constexpr std::array<std::string_view, 14> kText = {"!",    "-",    " + ", " - ",  " * ", " / ",  " % ",
                                                      " == ", " != ", " < ", " <= ", " > ", " >= ", " in "};
  return kText[static_cast<std::size_t>(op)];
}

std::string_view spelling(Macro macro) {
  constexpr std::array<std::string_view, 7> kText = {"all",    "exists",        "exists_one",  "map",
                                                     "filter", "transformList", "transformMap"};
  return kText[static_cast<std::size_t>(macro)];
}

Precedence binary_precedence(Op op) {
  if (op == Op::kAdd || op == Op::kSubtract) return kSum;
  if (op == Op::kMultiply || op == Op::kDivide || op == Op::kModulo) return kProduct;
  return kRelation;
}

Precedence precedence(const Expr& e) {
  switch (e.kind) {
    case Expr::Kind::kConditional:
      return kConditional;
    case Expr::Kind::kOr:
      return kOr;
    case Expr::Kind::kAnd:
      return kAnd;
    case Expr::Kind::kBinary:
      return binary_precedence(e.op);
    case Expr::Kind::kUnary:
      return kUnary;
    default:
      return kMember;
  }
}

void append_quoted(std::string& out, std::string_view text, bool bytes) {
  constexpr std::string_view kFrom = "\\\"\a\b\f\n\r\t\v", kTo = "\\\"abfnrtv";
  out += bytes ? "b\"" : "\"";
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    if (const auto at = kFrom.find(c); at != std::string_view::npos) {
      out += '\\';
      out += kTo[at];
    } else if (u < 0x20 || u == 0x7F || (bytes && u >= 0x80)) {
      std::array<char, 8> hex{};
      std::snprintf(hex.data(), hex.size(), "\\x%02x", u);
      out += hex.data();
    } else {
      out += c;
    }
  }
  out += '"';
}

bool is_plain_field(std::string_view name) {
  if (name.empty() || name == "in" || name == "true" || name == "false" || name == "null") return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    if (!letter && (i == 0 || c < '0' || c > '9')) return false;
  }
  return true;
}

class Printer {
 public:
  explicit Printer(const Ast& ast) : ast_(ast) {}
  std::string run(ExprId root) {
    expr(root, kConditional);
    return std::move(out_);
  }

 private:
  void expr(ExprId id, Precedence least) {
    const Expr& e = ast_[id];
    const bool parentheses = precedence(e) < least;
    if (parentheses) out_ += '(';
    bare(e);
    if (parentheses) out_ += ')';
  }

  void bare(const Expr& e) {
    switch (e.kind) {
      case Expr::Kind::kLiteral:
        literal(e.literal);
        break;
      case Expr::Kind::kIdent:
        if (e.absolute) out_ += '.';
        out_ += e.name;
        break;
      case Expr::Kind::kSelect:
        receiver(e.args[0]);
        field(e.name);
        break;
      case Expr::Kind::kHas:
        out_ += "has(";
        receiver(e.args[0]);
        field(e.name);
        out_ += ')';
        break;
      case Expr::Kind::kIndex:
        receiver(e.args[0]);
        out_ += '[';
        expr(e.args[1], kConditional);
        out_ += ']';
        break;
      case Expr::Kind::kCall:
        call(e);
        break;
      case Expr::Kind::kUnary:
        unary(e);
        break;
      case Expr::Kind::kBinary: {
        const Precedence p = binary_precedence(e.op);
        expr(e.args[0], p);
        out_ += spelling(e.op);
        expr(e.args[1], static_cast<Precedence>(p + 1));
        break;
      }
      case Expr::Kind::kAnd:
        separated(e.args, 0, " && ", kRelation);
        break;
      case Expr::Kind::kOr:
        separated(e.args, 0, " || ", kAnd);
        break;
      case Expr::Kind::kConditional:
        expr(e.args[0], kOr);
        out_ += " ? ";
        expr(e.args[1], kOr);
        out_ += " : ";
        expr(e.args[2], kConditional);
        break;
      case Expr::Kind::kList:
        out_ += '[';
        separated(e.args, 0, ", ", kConditional);
        out_ += ']';
        break;
      case Expr::Kind::kMap:
        map(e);
        break;
      case Expr::Kind::kComprehension:
        comprehension(e);
        break;
    }
  }

  void map(const Expr& e) {
    out_ += '{';
    for (std::size_t i = 0; i < e.args.size(); i += 2) {
      if (i > 0) out_ += ", ";
      expr(e.args[i], kConditional);
      out_ += ": ";
      expr(e.args[i + 1], kConditional);
    }
    out_ += '}';
  }

  void comprehension(const Expr& e) {
    receiver(e.args[0]);
    out_ += '.';
    out_ += spelling(e.macro);
    out_ += '(' + e.variable;
    if (!e.variable2.empty()) out_ += ", " + e.variable2;
    out_ += ", ";
    separated(e.args, 1, ", ", kConditional);
    out_ += ')';
  }

  // A negative number before a dot reads better in parentheses.
  void receiver(ExprId id) {
    const bool negative = ast_[id].kind == Expr::Kind::kLiteral && is_negative(ast_[id].literal);
    if (negative) out_ += '(';
    expr(id, kMember);
    if (negative) out_ += ')';
  }

  void field(const std::string& name) { out_ += is_plain_field(name) ? "." + name : ".`" + name + "`"; }

  void call(const Expr& e) {
    if (e.receiver) {
      receiver(e.args[0]);
      out_ += '.';
    } else if (e.absolute) {
      out_ += '.';
    }
    out_ += e.name + '(';
    separated(e.args, e.receiver ? 1 : 0, ", ", kConditional);
    out_ += ')';
  }

  // A minus takes a number that follows it for its own; a sign does not stand before the other sign.
  void unary(const Expr& e) {
    const Expr& operand = ast_[e.args[0]];
    const bool other_sign = operand.kind == Expr::Kind::kUnary && operand.op != e.op;
    const bool parentheses = other_sign || (e.op == Op::kNegate && begins_with_number(e.args[0]));
    out_ += spelling(e.op);
    if (parentheses) out_ += '(';
    expr(e.args[0], parentheses ? kConditional : kUnary);
    if (parentheses) out_ += ')';
  }

  bool begins_with_number(ExprId id) const {
    for (;;) {
      const Expr& e = ast_[id];
      if (e.kind == Expr::Kind::kLiteral)
        return (e.literal.is(Value::Kind::kInt) || e.literal.is(Value::Kind::kDouble)) && !is_negative(e.literal);
      const bool chain = e.kind == Expr::Kind::kSelect || e.kind == Expr::Kind::kIndex ||
                         e.kind == Expr::Kind::kComprehension || (e.kind == Expr::Kind::kCall && e.receiver);
      if (!chain) return false;
      id = e.args[0];
    }
  }

  static bool is_negative(const Value& v) {
    return (v.is(Value::Kind::kInt) && v.as_int() < 0) || (v.is(Value::Kind::kDouble) && std::signbit(v.as_double()));
  }

  void separated(const std::vector<ExprId>& args, std::size_t from, std::string_view separator, Precedence least) {
    for (std::size_t i = from; i < args.size(); ++i) {
      if (i > from) out_ += separator;
      expr(args[i], least);
    }
  }

  void literal(const Value& v) {
    switch (v.kind()) {
      case Value::Kind::kBool:
        out_ += v.as_bool() ? "true" : "false";
        break;
      case Value::Kind::kInt:
        out_ += std::to_string(v.as_int());
        break;
      case Value::Kind::kUint:
        out_ += std::to_string(v.as_uint()) + "u";
        break;
      case Value::Kind::kDouble: {
        std::array<char, 40> text{};
        const auto end = std::to_chars(text.data(), text.data() + text.size(), v.as_double()).ptr;
        const std::string_view digits(text.data(), static_cast<std::size_t>(end - text.data()));
        out_ += digits;
        if (digits.find_first_of(".e") == std::string_view::npos) out_ += ".0";
        break;
      }
      case Value::Kind::kString:
        append_quoted(out_, v.as_string(), false);
        break;
      case Value::Kind::kBytes:
        append_quoted(out_, v.as_bytes(), true);
        break;
      default:
        out_ += "null";
        break;
    }
  }

  const Ast& ast_;
  std::string out_;
};

bool same(const Ast& a, ExprId ia, const Ast& b, ExprId ib) {
  const Expr &x = a[ia], &y = b[ib];
  const bool signed_zero = x.literal.is(Value::Kind::kDouble) && y.literal.is(Value::Kind::kDouble) &&
                           std::signbit(x.literal.as_double()) != std::signbit(y.literal.as_double());
  if (x.kind != y.kind || x.op != y.op || x.macro != y.macro || x.receiver != y.receiver || x.absolute != y.absolute ||
      !(x.literal == y.literal) || signed_zero || x.name != y.name || x.variable != y.variable ||
      x.variable2 != y.variable2 || x.args.size() != y.args.size())
    return false;
  for (std::size_t i = 0; i < x.args.size(); ++i)
    if (!same(a, x.args[i], b, y.args[i])) return false;
  return true;
}

}  // namespace

bool same_expression(const Ast& a, const Ast& b) {
  return same(a, a.root, b, b.root);
}

std::string print(const Ast& ast) {
  return print(ast, ast.root);
}
std::string print(const Ast& ast, ExprId root) {
  return Printer(ast).run(root);
}

}  // namespace tenure::cel
