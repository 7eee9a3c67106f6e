#include "equality.hpp"

#include <tenure/cel/type.hpp>

namespace tenure::cel {
namespace {

using Kind = Value::Kind;

bool is_number(const Value& v) {
  return v.is(Kind::kInt) || v.is(Kind::kUint) || v.is(Kind::kDouble);
}
Truth truth(bool b) {
  return b ? Truth::kTrue : Truth::kFalse;
}

// False decides; then unknown; then true.
Truth both(Truth a, Truth b) {
  if (a == Truth::kFalse || b == Truth::kFalse) return Truth::kFalse;
  return a == Truth::kUnknown || b == Truth::kUnknown ? Truth::kUnknown : Truth::kTrue;
}

Truth equal_lists(const std::vector<Value>& a, const std::vector<Value>& b, Budget& budget) {
  if (a.size() != b.size()) return Truth::kFalse;
  Truth all = Truth::kTrue;
  for (std::size_t i = 0; i < a.size() && all != Truth::kFalse && !budget.exhausted(); ++i)
    all = both(all, equal(a[i], b[i], budget));
  return all;
}

Truth equal_maps(const Map& a, const Map& b, Budget& budget) {
  if (a.size() != b.size()) return Truth::kFalse;
  Truth all = Truth::kTrue;
  for (const auto& [key, value] : a.entries()) {
    const Value* other = b.find(key);
    if (other == nullptr) return Truth::kFalse;
    all = both(all, equal(value, *other, budget));
    if (all == Truth::kFalse || budget.exhausted()) break;
  }
  return all;
}

Truth equal_objects(const Object& a, const Object& b, Budget& budget) {
  if (a.type().name() != b.type().name() || a.type().fields().size() != b.type().fields().size()) return Truth::kFalse;
  Truth all = Truth::kTrue;
  for (std::size_t i = 0; i < a.type().fields().size() && all != Truth::kFalse && !budget.exhausted(); ++i)
    all = both(all, equal(a.field(i), b.field(i), budget));
  return all;
}

}  // namespace

Truth equal(const Value& a, const Value& b, Budget& budget) {
  if (!budget.spend(1) || a.is_unknown() || b.is_unknown()) return Truth::kUnknown;
  if (is_number(a) && is_number(b)) return truth(compare_numbers(a, b) == std::partial_ordering::equivalent);
  if (a.kind() != b.kind()) return Truth::kFalse;
  switch (a.kind()) {
    case Kind::kString:
      budget.spend(a.as_string().size() / 16);
      return truth(a.as_string() == b.as_string());
    case Kind::kBytes:
      budget.spend(a.as_bytes().size() / 16);
      return truth(a.as_bytes() == b.as_bytes());
    case Kind::kList:
      return equal_lists(a.as_list(), b.as_list(), budget);
    case Kind::kMap:
      return equal_maps(a.as_map(), b.as_map(), budget);
    case Kind::kObject:
      return equal_objects(a.as_object(), b.as_object(), budget);
    default:
      return truth(a == b);
  }
}

Truth contained(const Value& x, const Value& in, Budget& budget) {
  if (x.is_unknown()) return Truth::kUnknown;
  if (in.is(Kind::kMap)) {
    budget.spend(8 + (x.is(Kind::kString) ? x.as_string().size() / 16 : 0));
    return truth(in.as_map().find(x) != nullptr);
  }
  bool unknown = false;
  for (const Value& element : in.as_list()) {
    const Truth t = equal(x, element, budget);
    if (t == Truth::kTrue || budget.exhausted()) return t;
    unknown = unknown || t == Truth::kUnknown;
  }
  return unknown ? Truth::kUnknown : Truth::kFalse;
}

}  // namespace tenure::cel
