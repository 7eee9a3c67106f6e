// Text to tree and back (cel-spec langdef, "Syntax"). Message construction, M{...}, is refused: there are no messages.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <tenure/base/diagnostic.hpp>
#include <tenure/cel/ast.hpp>

namespace tenure::cel {

// An expression and where it stands in its document.
struct Source {
  std::string_view text;
  Place begin{{}, 1, 1};     // of the first character
  std::uint32_t indent = 0;  // columns before every further line, in a block that was indented

  // Place in the document of a place in the expression (both from 1).
  Place at(std::uint32_t line, std::uint32_t column) const;
};

struct ParseLimits {
  std::size_t bytes_max = std::size_t{32} * 1024;
  std::size_t nodes_max = std::size_t{8} * 1024;
  std::uint32_t depth_max = 160;
};

// nullopt: one kCelSyntax or kCelLimit was added. (Syntax stops at the first; the checker reports all.)
std::optional<Ast> parse(const Source& source, Diagnostics& diagnostics, const ParseLimits& limits = {});

// The canonical text: one spelling per tree, fewest parentheses, strings in double quotes. parse(print(a)) is a again;
// digests are taken over it, so comments and layout do not change a policy's digest.
std::string print(const Ast& ast);
// The part of it under one node.
std::string print(const Ast& ast, ExprId root);

}  // namespace tenure::cel
