// Names, types and null handling of one expression.
//
// Null rule: a value of nullable type may only be compared (== and !=), looked up (the left of `in`), tested with
// has(), put into a list or map, or returned as a branch of ?:. Anywhere else it must be *guarded*: the same path (a
// variable, then selected fields) was shown not to be null in a dominating position, that is
//   - in an operand further left of the same && (as true) or || (as false), or
//   - in the condition of the ?: whose branch this is (as true in the first, as false in the second), or
//   - in the filter of the map(x, filter, t) this is the transform of,
// by has(path) of an object's field, path != null, or path == e where e cannot be null; ! turns them round.
#pragma once

#include <tenure/base/diagnostic.hpp>
#include <tenure/cel/ast.hpp>
#include <tenure/cel/environment.hpp>
#include <tenure/cel/parse.hpp>

namespace tenure::cel {

// Resolves and, with `types`, type-checks; adds every error. The result is complete only when no error was added.
Checked check(Ast ast, const Environment& environment, const Source& source, const Type& expected, bool types,
              Diagnostics& diagnostics);

// "identity.department" of every attribute that is read, sorted, each once.
std::vector<std::string> referenced_paths(const Checked& checked);

}  // namespace tenure::cel
