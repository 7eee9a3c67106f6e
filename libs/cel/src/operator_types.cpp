#include "operator_types.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace tenure::cel {
namespace {

using Kind = Type::Kind;

}  // namespace

std::string spelled(Op op) {
  constexpr std::array<std::string_view, 14> kText = {"!",  "-",  "+", "-",  "*", "/",  "%",
                                                      "==", "!=", "<", "<=", ">", ">=", "in"};
  return "\"" + std::string(kText[static_cast<std::size_t>(op)]) + "\"";
}

std::optional<Type> arithmetic_type(Op op, const Type& a, const Type& b) {
  const bool sum = op == Op::kAdd || op == Op::kSubtract;
  if (a.kind() == b.kind()) {
    if (a.is(Kind::kInt) || a.is(Kind::kUint)) return a;
    if (a.is(Kind::kDouble) && op != Op::kModulo) return a;
    if (op == Op::kAdd && (a.is(Kind::kString) || a.is(Kind::kBytes))) return a;
    if (op == Op::kAdd && a.is(Kind::kList)) {
      auto element = join(a.element(), b.element());
      if (!element) return std::nullopt;
      return Type::list(std::move(*element));
    }
    if (sum && a.is(Kind::kDuration)) return a;
    if (op == Op::kSubtract && a.is(Kind::kTimestamp)) return Type::duration();
  }
  if (sum && a.is(Kind::kTimestamp) && b.is(Kind::kDuration)) return a;
  if (op == Op::kAdd && a.is(Kind::kDuration) && b.is(Kind::kTimestamp)) return b;
  return std::nullopt;
}

bool ordered(const Type& a, const Type& b) {
  if (a.is_number() && b.is_number()) return true;
  const bool has_order =
      a.is(Kind::kBool) || a.is(Kind::kString) || a.is(Kind::kBytes) || a.is(Kind::kTimestamp) || a.is(Kind::kDuration);
  return has_order && a.kind() == b.kind();
}

}  // namespace tenure::cel
