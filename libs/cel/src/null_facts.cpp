#include "null_facts.hpp"

#include <algorithm>
#include <iterator>

namespace tenure::cel {
namespace {

bool never_null(const Type& type) {
  return !type.is_open() && !type.is_nullable();
}

Paths common(const Paths& a, const Paths& b) {
  Paths both;
  std::ranges::set_intersection(a, b, std::inserter(both, both.end()));
  return both;
}

Paths of_equality(const Checked& checked, const PathOf& path_of, const Expr& e) {
  Paths paths;
  for (int side = 0; side < 2; ++side) {
    const ExprId one = e.args[static_cast<std::size_t>(side)], other = e.args[static_cast<std::size_t>(1 - side)];
    if (!never_null(checked.types[other])) continue;
    if (std::string path = path_of(one); !path.empty()) paths.insert(std::move(path));
  }
  return paths;
}

Paths of_inequality(const Checked& checked, const PathOf& path_of, const Expr& e) {
  Paths paths;
  for (int side = 0; side < 2; ++side) {
    const ExprId one = e.args[static_cast<std::size_t>(side)], other = e.args[static_cast<std::size_t>(1 - side)];
    const Expr& literal = checked.ast[other];
    if (literal.kind != Expr::Kind::kLiteral || !literal.literal.is_null()) continue;
    if (std::string path = path_of(one); !path.empty()) paths.insert(std::move(path));
  }
  return paths;
}

}  // namespace

Paths shown_not_null(const Checked& checked, const PathOf& path_of, ExprId id, bool truth) {
  const Expr& e = checked.ast[id];
  switch (e.kind) {
    case Expr::Kind::kHas: {
      const std::string path = path_of(e.args[0]);
      const bool object = checked.types[e.args[0]].is(Type::Kind::kObject);
      return truth && object && !path.empty() ? Paths{path + "." + e.name} : Paths{};
    }
    case Expr::Kind::kUnary:
      return e.op == Op::kNot ? shown_not_null(checked, path_of, e.args[0], !truth) : Paths{};
    case Expr::Kind::kBinary: {
      const bool equal = e.op == Op::kEqual, unequal = e.op == Op::kNotEqual;
      if ((equal && truth) || (unequal && !truth)) return of_equality(checked, path_of, e);
      if ((unequal && truth) || (equal && !truth)) return of_inequality(checked, path_of, e);
      return {};
    }
    case Expr::Kind::kAnd:
    case Expr::Kind::kOr: {
      // Every operand is as the whole is (true &&, false ||), or at least one of them is.
      const bool all = (e.kind == Expr::Kind::kAnd) == truth;
      Paths paths = shown_not_null(checked, path_of, e.args[0], truth);
      for (std::size_t i = 1; i < e.args.size(); ++i) {
        Paths next = shown_not_null(checked, path_of, e.args[i], truth);
        if (all)
          paths.merge(next);
        else
          paths = common(paths, next);
      }
      return paths;
    }
    default:
      return {};
  }
}

}  // namespace tenure::cel
