// Which paths a condition shows not to be null (the null rule in checker.hpp).
#pragma once

#include <functional>
#include <set>
#include <string>

#include <tenure/cel/ast.hpp>

namespace tenure::cel {

using Paths = std::set<std::string>;
// The path of a node, "" when it is none.
using PathOf = std::function<std::string(ExprId)>;

// The paths that cannot be null when the node is `truth`. REQUIRES: the node is checked.
Paths shown_not_null(const Checked& checked, const PathOf& path_of, ExprId id, bool truth);

}  // namespace tenure::cel
