// Which operators stand between which types. Nulls and open types are the checker's matter.
#pragma once

#include <optional>
#include <string>

#include <tenure/cel/ast.hpp>

namespace tenure::cel {

// "\"+\"", for messages.
std::string spelled(Op op);
// Result of + - * / %; nullopt: no overload.
std::optional<Type> arithmetic_type(Op op, const Type& a, const Type& b);
// Have the two an order between them?
bool ordered(const Type& a, const Type& b);

}  // namespace tenure::cel
