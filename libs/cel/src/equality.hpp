// CEL's == over values that may be, or contain, unknowns (cel-spec langdef, "Equality and Ordering"; values of
// different types are unequal, numbers compare across types).
#pragma once

#include <cstdint>

#include <tenure/cel/environment.hpp>
#include <tenure/cel/value.hpp>

namespace tenure::cel {

enum class Truth : std::uint8_t { kFalse, kTrue, kUnknown };

// Meaningless once the budget is exhausted: the caller looks.
Truth equal(const Value& a, const Value& b, Budget& budget);
// x in list, x in map. REQUIRES: a list or a map.
Truth contained(const Value& x, const Value& in, Budget& budget);

}  // namespace tenure::cel
