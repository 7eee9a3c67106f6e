#include "operators.hpp"

#include "functions.hpp"
#include "time_text.hpp"

#include <limits>

namespace tenure::cel {
namespace {

using Kind = Value::Kind;

std::unexpected<Error> no_overload(Op op, const Value& a, const Value& b) {
  constexpr const char* kText[] = {"!", "-", "+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "in"};
  return cel_error(std::string("no such overload: ") + a.type_name() + " " + kText[static_cast<std::size_t>(op)] + " " +
                   b.type_name());
}

Value made(std::int64_t n) {
  return Value::integer(n);
}
Value made(std::uint64_t n) {
  return Value::unsigned_integer(n);
}

template <class N>
Result<Value> whole(Op op, N a, N b) {
  N n = 0;
  switch (op) {
    case Op::kAdd:
      if (__builtin_add_overflow(a, b, &n)) return cel_error("integer overflow");
      return made(n);
    case Op::kSubtract:
      if (__builtin_sub_overflow(a, b, &n)) return cel_error("integer overflow");
      return made(n);
    case Op::kMultiply:
      if (__builtin_mul_overflow(a, b, &n)) return cel_error("integer overflow");
      return made(n);
    default:
      break;
  }
  if (b == 0) return cel_error(op == Op::kDivide ? "divide by zero" : "modulus by zero");
  if constexpr (std::is_signed_v<N>) {
    if (a == std::numeric_limits<N>::min() && b == -1) return cel_error("integer overflow");
  }
  return made(op == Op::kDivide ? static_cast<N>(a / b) : static_cast<N>(a % b));
}

Result<Value> real(Op op, const Value& a, const Value& b) {
  const double x = a.as_double(), y = b.as_double();
  switch (op) {
    case Op::kAdd:
      return Value::real(x + y);
    case Op::kSubtract:
      return Value::real(x - y);
    case Op::kMultiply:
      return Value::real(x * y);
    case Op::kDivide:
      return Value::real(x / y);
    default:
      return no_overload(op, a, b);
  }
}

Result<Value> shifted(Time t, Duration d) {
  const Time moved = t + d;  // both are in range: no overflow
  if (!in_range(t) || !in_range(d) || !in_range(moved)) return cel_error("timestamp out of range");
  return Value::timestamp(moved);
}

Result<Value> of_times(Op op, const Value& a, const Value& b) {
  const auto duration = [](Duration d) -> Result<Value> {
    if (!in_range(d)) return cel_error("duration out of range");
    return Value::duration(d);
  };
  const bool minus = op == Op::kSubtract;
  const auto negative = [](Duration d) { return Duration::micros(-d.to_micros()); };
  if ((a.is(Kind::kTimestamp) && !in_range(a.as_timestamp())) ||
      (b.is(Kind::kTimestamp) && !in_range(b.as_timestamp())))
    return cel_error("timestamp out of range");
  if ((a.is(Kind::kDuration) && !in_range(a.as_duration())) || (b.is(Kind::kDuration) && !in_range(b.as_duration())))
    return cel_error("duration out of range");
  if (a.is(Kind::kTimestamp) && b.is(Kind::kDuration))
    return shifted(a.as_timestamp(), minus ? negative(b.as_duration()) : b.as_duration());
  if (a.is(Kind::kDuration) && b.is(Kind::kTimestamp) && !minus) return shifted(b.as_timestamp(), a.as_duration());
  if (a.is(Kind::kDuration) && b.is(Kind::kDuration))
    return duration(a.as_duration() + (minus ? negative(b.as_duration()) : b.as_duration()));
  if (a.is(Kind::kTimestamp) && b.is(Kind::kTimestamp) && minus) return duration(a.as_timestamp() - b.as_timestamp());
  return no_overload(op, a, b);
}

Result<Value> joined(const Value& a, const Value& b, Budget& budget) {
  if (a.is(Kind::kString)) return text_result(a.as_string() + b.as_string(), budget);
  if (a.is(Kind::kBytes)) {
    const std::size_t size = a.as_bytes().size() + b.as_bytes().size();
    if (size > budget.limits().string_bytes_max || !budget.spend_bytes(size)) return limit_error("cost or text size");
    return Value::bytes(a.as_bytes() + b.as_bytes());
  }
  if (a.as_list().size() + b.as_list().size() > budget.limits().list_size_max) return limit_error("list size");
  std::vector<Value> both = a.as_list();
  both.insert(both.end(), b.as_list().begin(), b.as_list().end());
  return list_result(std::move(both), budget);
}

template <class T>
bool holds_order(Op op, const T& order) {
  switch (op) {
    case Op::kLess:
      return order < 0;
    case Op::kLessEqual:
      return order <= 0;
    case Op::kGreater:
      return order > 0;
    default:
      return order >= 0;
  }
}

bool is_number(const Value& v) {
  return v.is(Kind::kInt) || v.is(Kind::kUint) || v.is(Kind::kDouble);
}

}  // namespace

Result<Value> arithmetic(Op op, const Value& a, const Value& b, Budget& budget) {
  if (a.kind() == b.kind()) {
    if (a.is(Kind::kInt)) return whole(op, a.as_int(), b.as_int());
    if (a.is(Kind::kUint)) return whole(op, a.as_uint(), b.as_uint());
    if (a.is(Kind::kDouble)) return real(op, a, b);
    const bool joinable = a.is(Kind::kString) || a.is(Kind::kBytes) || a.is(Kind::kList);
    if (op == Op::kAdd && joinable) return joined(a, b, budget);
  }
  if (op == Op::kAdd || op == Op::kSubtract) return of_times(op, a, b);
  return no_overload(op, a, b);
}

Result<Value> ordering(Op op, const Value& a, const Value& b, Budget& budget) {
  if (is_number(a) && is_number(b)) return Value::boolean(holds_order(op, compare_numbers(a, b)));
  if (a.kind() != b.kind()) return no_overload(op, a, b);
  switch (a.kind()) {
    case Kind::kBool:
      return Value::boolean(holds_order(op, a.as_bool() <=> b.as_bool()));
    case Kind::kString:
      if (!budget.spend_bytes(a.as_string().size())) return limit_error("cost");
      return Value::boolean(holds_order(op, a.as_string() <=> b.as_string()));  // UTF-8 sorts as code points do
    case Kind::kBytes:
      if (!budget.spend_bytes(a.as_bytes().size())) return limit_error("cost");
      return Value::boolean(holds_order(op, a.as_bytes() <=> b.as_bytes()));
    case Kind::kTimestamp:
      return Value::boolean(holds_order(op, a.as_timestamp() <=> b.as_timestamp()));
    case Kind::kDuration:
      return Value::boolean(holds_order(op, a.as_duration() <=> b.as_duration()));
    default:
      return no_overload(op, a, b);
  }
}

Result<Value> negated(const Value& a) {
  if (a.is(Kind::kDouble)) return Value::real(-a.as_double());
  if (!a.is(Kind::kInt)) return cel_error("no such overload: -" + a.type_name());
  if (a.as_int() == std::numeric_limits<std::int64_t>::min()) return cel_error("integer overflow");
  return Value::integer(-a.as_int());
}

}  // namespace tenure::cel
