// Arithmetic and ordering of two known values, with the errors of the specification.
#pragma once

#include <tenure/base/error.hpp>
#include <tenure/cel/ast.hpp>
#include <tenure/cel/environment.hpp>

namespace tenure::cel {

// + - * / %. Errors: overflow, division by zero, no overload; kCelLimit.
Result<Value> arithmetic(Op op, const Value& a, const Value& b, Budget& budget);
// < <= > >=. Error: no overload.
Result<Value> ordering(Op op, const Value& a, const Value& b, Budget& budget);
// Unary minus.
Result<Value> negated(const Value& a);

}  // namespace tenure::cel
