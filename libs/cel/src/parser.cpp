// Recursive descent over the grammar of cel-spec langdef, "Syntax". Depth is counted on the way down (the parser's own
// stack) and on the way up (the tree that left-associative chains build), so that no later walk can run out of stack.
#include "lexer.hpp"

#include <algorithm>
#include <utility>

#include <tenure/base/text.hpp>
#include <tenure/cel/parse.hpp>

namespace tenure::cel {
namespace {

using Kind = Token::Kind;

std::unexpected<Error> bad(std::string message) {
  return fail(Reason::kCelSyntax, std::move(message));
}

// The message names the place and what stands there; this is what a whole expression looks like.
constexpr std::string_view kExample =
    "an expression such as identity.level >= 3 && identity.department in [\"Sales\", \"IT\"]";

struct MacroForm {
  std::string_view name;
  Macro macro;
  std::size_t variables;
  std::size_t args_least, args_most;  // the variables included
};
constexpr MacroForm kMacros[] = {
    {"all", Macro::kAll, 1, 2, 2},
    {"all", Macro::kAll, 2, 3, 3},
    {"exists", Macro::kExists, 1, 2, 2},
    {"exists", Macro::kExists, 2, 3, 3},
    {"exists_one", Macro::kExistsOne, 1, 2, 2},
    {"exists_one", Macro::kExistsOne, 2, 3, 3},
    {"existsOne", Macro::kExistsOne, 1, 2, 2},
    {"existsOne", Macro::kExistsOne, 2, 3, 3},
    {"map", Macro::kMap, 1, 2, 3},
    {"filter", Macro::kFilter, 1, 2, 2},
    {"transformList", Macro::kTransformList, 2, 3, 4},
    {"transformMap", Macro::kTransformMap, 2, 3, 4},
};

class Parser {
 public:
  Parser(std::string_view text, const ParseLimits& limits) : lexer_(text), limits_(limits) {}

  Result<Ast> run() {
    TENURE_CHECK_OK(shift());
    TENURE_TRY(ast_.root, expression());
    if (token_.kind != Kind::kEnd) return unexpected("an operator or the end");
    return std::move(ast_);
  }
  std::uint32_t line() const { return line_; }
  std::uint32_t column() const { return column_; }

 private:
  // One level of the parser's own recursion.
  struct Level {
    explicit Level(std::uint32_t& n) : depth(n) { ++depth; }
    ~Level() { --depth; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;
    std::uint32_t& depth;
  };

  Status shift() {
    auto next = lexer_.next();
    if (!next) {
      line_ = lexer_.line();
      column_ = lexer_.column();
      return std::unexpected(std::move(next).error());
    }
    token_ = std::move(*next);
    line_ = token_.line;
    column_ = token_.column;
    return {};
  }

  std::unexpected<Error> unexpected(std::string_view wanted) const {
    if (token_.kind == Kind::kEnd) return bad("the expression ends where " + std::string(wanted) + " should follow");
    return bad("found " + std::string(token_.text.substr(0, 40)) + " where " + std::string(wanted) + " should stand");
  }

  bool at(Kind kind) const { return token_.kind == kind; }
  Status expect(Kind kind, std::string_view wanted) {
    if (!at(kind)) return unexpected(wanted);
    return shift();
  }

  Result<ExprId> add(Expr expr) {
    std::uint32_t depth = 1;
    for (const ExprId arg : expr.args) depth = std::max(depth, depths_[arg] + 1);
    if (ast_.nodes.size() >= limits_.nodes_max) return fail(Reason::kCelLimit, "the expression has too many parts");
    if (depth > limits_.depth_max) return too_deep();
    depths_.push_back(depth);
    ast_.nodes.push_back(std::move(expr));
    return static_cast<ExprId>(ast_.nodes.size() - 1);
  }
  std::unexpected<Error> too_deep() const {
    return fail(Reason::kCelLimit, "the expression is nested deeper than " + std::to_string(limits_.depth_max));
  }
  Expr begin(Expr::Kind kind) const {
    Expr e;
    e.kind = kind;
    e.line = token_.line;
    e.column = token_.column;
    return e;
  }

  Result<ExprId> expression() {
    const Level level(level_);
    if (level_ > limits_.depth_max) return too_deep();
    TENURE_TRY(const ExprId condition, logical(Kind::kOr));
    if (!at(Kind::kQuestion)) return condition;
    Expr e = begin(Expr::Kind::kConditional);
    TENURE_CHECK_OK(shift());
    TENURE_TRY(const ExprId yes, logical(Kind::kOr));
    TENURE_CHECK_OK(expect(Kind::kColon, "\":\""));
    TENURE_TRY(const ExprId no, expression());
    e.args = {condition, yes, no};
    return add(std::move(e));
  }

  // || over && over relations; operands of the same operator are flattened, also out of parentheses.
  Result<ExprId> logical(Kind op) {
    const auto operand = [&] { return op == Kind::kOr ? logical(Kind::kAnd) : relation(); };
    TENURE_TRY(const ExprId first, operand());
    if (!at(op)) return first;
    Expr e = begin(op == Kind::kOr ? Expr::Kind::kOr : Expr::Kind::kAnd);
    const auto append = [&](ExprId id) {
      if (ast_[id].kind == e.kind) {
        e.args.insert(e.args.end(), ast_[id].args.begin(), ast_[id].args.end());
      } else {
        e.args.push_back(id);
      }
    };
    append(first);
    while (at(op)) {
      TENURE_CHECK_OK(shift());
      TENURE_TRY(const ExprId next, operand());
      append(next);
    }
    return add(std::move(e));
  }

  Result<ExprId> binary(Op op, ExprId left, Result<ExprId> (Parser::*operand)()) {
    Expr e = begin(Expr::Kind::kBinary);
    e.op = op;
    TENURE_CHECK_OK(shift());
    TENURE_TRY(const ExprId right, (this->*operand)());
    e.args = {left, right};
    return add(std::move(e));
  }

  Result<ExprId> relation() {
    TENURE_TRY(ExprId left, addition());
    for (;;) {
      Op op = Op::kEqual;
      switch (token_.kind) {
        case Kind::kEqual:
          op = Op::kEqual;
          break;
        case Kind::kNotEqual:
          op = Op::kNotEqual;
          break;
        case Kind::kLess:
          op = Op::kLess;
          break;
        case Kind::kLessEqual:
          op = Op::kLessEqual;
          break;
        case Kind::kGreater:
          op = Op::kGreater;
          break;
        case Kind::kGreaterEqual:
          op = Op::kGreaterEqual;
          break;
        case Kind::kIn:
          op = Op::kIn;
          break;
        default:
          return left;
      }
      TENURE_TRY(left, binary(op, left, &Parser::addition));
    }
  }

  Result<ExprId> addition() {
    TENURE_TRY(ExprId left, multiplication());
    while (at(Kind::kPlus) || at(Kind::kMinus)) {
      TENURE_TRY(left, binary(at(Kind::kPlus) ? Op::kAdd : Op::kSubtract, left, &Parser::multiplication));
    }
    return left;
  }

  Result<ExprId> multiplication() {
    TENURE_TRY(ExprId left, unary());
    while (at(Kind::kStar) || at(Kind::kSlash) || at(Kind::kPercent)) {
      const Op op = at(Kind::kStar) ? Op::kMultiply : at(Kind::kSlash) ? Op::kDivide : Op::kModulo;
      TENURE_TRY(left, binary(op, left, &Parser::unary));
    }
    return left;
  }

  // "!" and "-" repeat but do not mix (the grammar's rule). A minus directly before a number belongs to the number, so
  // that the least int can be written.
  Result<ExprId> unary() {
    if (!at(Kind::kNot) && !at(Kind::kMinus)) return member();
    const Level level(level_);
    if (level_ > limits_.depth_max) return too_deep();
    const Kind sign = token_.kind;
    Expr e = begin(Expr::Kind::kUnary);
    e.op = sign == Kind::kNot ? Op::kNot : Op::kNegate;
    TENURE_CHECK_OK(shift());
    const bool number =
        at(Kind::kLiteral) && (token_.literal.is(Value::Kind::kInt) || token_.literal.is(Value::Kind::kDouble));
    if (sign == Kind::kMinus && number) {
      if (token_.literal.is(Value::Kind::kDouble)) {
        token_.literal = Value::real(-token_.literal.as_double());
      } else if (!token_.out_of_range) {
        token_.literal = Value::integer(-token_.literal.as_int());
      }
      token_.out_of_range = false;
      token_.line = e.line;
      token_.column = e.column;
      return member();
    }
    TENURE_TRY(const ExprId operand, operand_of(sign));
    e.args = {operand};
    return add(std::move(e));
  }

  Result<ExprId> operand_of(Kind sign) {
    if (at(sign)) return unary();
    if (sign == Kind::kNot && at(Kind::kMinus)) {
      TENURE_TRY(const ExprId operand, unary());
      // !-1 is a literal (and fails later, as a type); !-x is no expression.
      if (ast_[operand].kind == Expr::Kind::kUnary) return bad("\"!\" cannot stand before \"-\"");
      return operand;
    }
    return member();
  }

  Result<ExprId> member() {
    TENURE_TRY(ExprId left, primary());
    for (;;) {
      if (at(Kind::kDot)) {
        TENURE_TRY(left, after_dot(left));
      } else if (at(Kind::kOpenBracket)) {
        Expr e = begin(Expr::Kind::kIndex);
        TENURE_CHECK_OK(shift());
        TENURE_TRY(const ExprId index, expression());
        TENURE_CHECK_OK(expect(Kind::kCloseBracket, "\"]\""));
        e.args = {left, index};
        TENURE_TRY(left, add(std::move(e)));
      } else if (at(Kind::kOpenBrace)) {
        return bad("messages cannot be constructed: there are no protocol buffers here");
      } else {
        return left;
      }
    }
  }

  Result<ExprId> after_dot(ExprId left) {
    TENURE_CHECK_OK(shift());
    if (!at(Kind::kIdent) && !at(Kind::kQuotedIdent)) return unexpected("a field name");
    Expr e = begin(Expr::Kind::kSelect);
    e.name = token_.name;
    const bool quoted = at(Kind::kQuotedIdent);
    TENURE_CHECK_OK(shift());
    e.args = {left};
    if (quoted || !at(Kind::kOpenParen)) return add(std::move(e));
    TENURE_TRY(const std::vector<ExprId> args, arguments());
    for (const auto& form : kMacros)
      if (form.name == e.name && args.size() >= form.args_least && args.size() <= form.args_most)
        return comprehension(std::move(e), form, args);
    e.kind = Expr::Kind::kCall;
    e.receiver = true;
    e.args.insert(e.args.end(), args.begin(), args.end());
    return add(std::move(e));
  }

  Result<ExprId> comprehension(Expr e, const MacroForm& form, const std::vector<ExprId>& args) {
    for (std::size_t i = 0; i < form.variables; ++i) {
      const Expr& variable = ast_[args[i]];
      if (variable.kind != Expr::Kind::kIdent || variable.absolute) {
        line_ = variable.line;
        column_ = variable.column;
        return bad("the variable of " + e.name + "() must be a simple name");
      }
      (i == 0 ? e.variable : e.variable2) = variable.name;
    }
    if (e.variable == e.variable2) return bad("the two variables of " + e.name + "() must differ");
    e.kind = Expr::Kind::kComprehension;
    e.macro = form.macro;
    e.name.clear();
    e.args.insert(e.args.end(), args.begin() + static_cast<std::ptrdiff_t>(form.variables), args.end());
    return add(std::move(e));
  }

  // "(" already seen; through ")".
  Result<std::vector<ExprId>> arguments() {
    TENURE_CHECK_OK(shift());
    std::vector<ExprId> args;
    while (!at(Kind::kCloseParen)) {
      TENURE_TRY(const ExprId arg, expression());
      args.push_back(arg);
      if (!at(Kind::kComma)) break;
      TENURE_CHECK_OK(shift());
      if (at(Kind::kCloseParen)) return unexpected("an argument");
    }
    TENURE_CHECK_OK(expect(Kind::kCloseParen, "\",\" or \")\""));
    return args;
  }

  Result<ExprId> primary() {
    switch (token_.kind) {
      case Kind::kLiteral: {
        if (token_.out_of_range) return bad("the number is out of range");
        Expr e = begin(Expr::Kind::kLiteral);
        e.literal = token_.literal;
        TENURE_CHECK_OK(shift());
        return add(std::move(e));
      }
      case Kind::kDot:
      case Kind::kIdent:
        return name();
      case Kind::kOpenParen: {
        TENURE_CHECK_OK(shift());
        TENURE_TRY(const ExprId inner, expression());
        TENURE_CHECK_OK(expect(Kind::kCloseParen, "\")\""));
        return inner;
      }
      case Kind::kOpenBracket:
        return list();
      case Kind::kOpenBrace:
        return map();
      default:
        return unexpected("an operand");
    }
  }

  Result<ExprId> name() {
    Expr e = begin(Expr::Kind::kIdent);
    if (at(Kind::kDot)) {
      e.absolute = true;
      TENURE_CHECK_OK(shift());
    }
    if (!at(Kind::kIdent)) return unexpected("a name");
    if (is_reserved(token_.name)) return bad("\"" + token_.name + "\" is a reserved word");
    e.name = token_.name;
    TENURE_CHECK_OK(shift());
    if (!at(Kind::kOpenParen)) return add(std::move(e));
    TENURE_TRY(e.args, arguments());
    e.kind = Expr::Kind::kCall;
    if (e.name != "has" || e.absolute || e.args.size() != 1) return add(std::move(e));
    const Expr& field = ast_[e.args[0]];
    if (field.kind != Expr::Kind::kSelect) {
      line_ = e.line;
      column_ = e.column;
      return bad("has() takes a field selection, has(a.b)");
    }
    e.kind = Expr::Kind::kHas;
    e.name = field.name;
    e.args = {field.args[0]};
    return add(std::move(e));
  }

  Result<ExprId> list() {
    Expr e = begin(Expr::Kind::kList);
    TENURE_CHECK_OK(shift());
    while (!at(Kind::kCloseBracket)) {
      TENURE_TRY(const ExprId element, expression());
      e.args.push_back(element);
      if (!at(Kind::kComma)) break;
      TENURE_CHECK_OK(shift());
    }
    TENURE_CHECK_OK(expect(Kind::kCloseBracket, "\",\" or \"]\""));
    return add(std::move(e));
  }

  Result<ExprId> map() {
    Expr e = begin(Expr::Kind::kMap);
    TENURE_CHECK_OK(shift());
    while (!at(Kind::kCloseBrace)) {
      TENURE_TRY(const ExprId key, expression());
      TENURE_CHECK_OK(expect(Kind::kColon, "\":\""));
      TENURE_TRY(const ExprId value, expression());
      e.args.push_back(key);
      e.args.push_back(value);
      if (!at(Kind::kComma)) break;
      TENURE_CHECK_OK(shift());
    }
    TENURE_CHECK_OK(expect(Kind::kCloseBrace, "\",\" or \"}\""));
    return add(std::move(e));
  }

  Lexer lexer_;
  ParseLimits limits_;
  Token token_;
  Ast ast_;
  std::vector<std::uint32_t> depths_;
  std::uint32_t level_ = 0;
  std::uint32_t line_ = 1, column_ = 1;
};

}  // namespace

Place Source::at(std::uint32_t line, std::uint32_t column) const {
  Place place = begin;
  if (begin.line == 0) return place;
  place.line += line - 1;
  place.column = line == 1 ? begin.column + (begin.column == 0 ? 0 : column - 1) : indent + column;
  return place;
}

std::optional<Ast> parse(const Source& source, Diagnostics& diagnostics, const ParseLimits& limits) {
  if (source.text.size() > limits.bytes_max) {
    diagnostics.error(Reason::kCelLimit, source.begin,
                      "the expression is longer than " + std::to_string(limits.bytes_max) + " bytes");
    return std::nullopt;
  }
  if (!is_utf8(source.text)) {
    diagnostics.error(Reason::kCelSyntax, source.begin, "the expression is not valid UTF-8");
    return std::nullopt;
  }
  Parser parser(source.text, limits);
  auto ast = parser.run();
  if (!ast) {
    diagnostics.error(ast.error().reason(), source.at(parser.line(), parser.column()), ast.error().message(),
                      ast.error().reason() == Reason::kCelSyntax ? std::string(kExample) : std::string());
    return std::nullopt;
  }
  return std::move(*ast);
}

}  // namespace tenure::cel
