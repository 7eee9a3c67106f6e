// The tree of an expression: plain data in one vector, children by index, so that evaluators (by row here, by column
// elsewhere) can walk it. Macros are already recognised; nested && and || are flattened (they are associative, also
// over unknown and errors). Value types without behaviour.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <tenure/cel/type.hpp>
#include <tenure/cel/value.hpp>

namespace tenure::cel {

using ExprId = std::uint32_t;

enum class Op : std::uint8_t {
  kNot,
  kNegate,  // unary
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kModulo,
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kIn
};

enum class Macro : std::uint8_t { kAll, kExists, kExistsOne, kMap, kFilter, kTransformList, kTransformMap };

struct Expr {
  enum class Kind : std::uint8_t {
    kLiteral,        // literal
    kIdent,          // name; `absolute` when written with a leading dot
    kSelect,         // args[0].name
    kHas,            // has(args[0].name)
    kIndex,          // args[0][args[1]]
    kCall,           // name(args...), or args[0].name(args[1]...) when `receiver`
    kUnary,          // op args[0]
    kBinary,         // args[0] op args[1]
    kAnd,            // args, two or more
    kOr,             // args, two or more
    kConditional,    // args[0] ? args[1] : args[2]
    kList,           // [args...]
    kMap,            // {args[0]: args[1], args[2]: args[3], ...}
    kComprehension,  // args[0].macro(variable[, variable2][, args[1] as filter], args.back())
  };
  Kind kind = Kind::kLiteral;
  Op op = Op::kNot;
  Macro macro = Macro::kAll;
  bool receiver = false;
  bool absolute = false;
  std::uint32_t line = 1, column = 1;  // in the expression's own text, from 1, in code points
  Value literal;
  std::string name;
  std::string variable, variable2;  // variable2 empty: the one-variable form
  std::vector<ExprId> args;
};

struct Ast {
  std::vector<Expr> nodes;
  ExprId root = 0;
  const Expr& operator[](ExprId id) const { return nodes[id]; }
  Expr& operator[](ExprId id) { return nodes[id]; }
};

// The same expression, wherever it was written: positions and the layout of the vector do not count.
bool same_expression(const Ast& a, const Ast& b);

// What the checker found out about one node.
struct Binding {
  enum class Kind : std::uint8_t {
    kNone,
    kVariable,  // kIdent: index in Environment::variables()
    kLocal,     // kIdent: index in the frame of comprehension variables
    kConstant,  // kIdent: a type's name; the node's `literal` holds it
    kField,     // kSelect, kHas: index in the operand's object type
    kFunction,  // kCall: index in Checked::functions
    kUnbound,   // nothing has that name: an error when evaluated (only where the check is off)
  };
  Kind kind = Kind::kNone;
  std::uint32_t index = 0;
};

struct Function;

// A checked expression. Qualified names are resolved: the node of `a.b` that names the variable "a.b" has become a
// kIdent, `strings.quote(x)` a call without receiver.
struct Checked {
  Ast ast;
  std::vector<Type> types;        // by ExprId
  std::vector<Binding> bindings;  // by ExprId; kComprehension: index of its first local
  std::vector<std::shared_ptr<const Function>> functions;
  std::uint32_t locals = 0;  // size of the frame
};

}  // namespace tenure::cel
