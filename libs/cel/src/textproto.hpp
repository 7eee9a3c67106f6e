// A reader of protocol buffers' text format, as far as the conformance files use it: names and values without a schema.
// Test code.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tenure/base/error.hpp>

namespace tenure::cel::textproto {

struct Field;

struct Node {
  std::string scalar;  // a string's bytes, or a number's or name's text
  bool is_message = false;
  std::vector<Field> fields;

  const Node* find(std::string_view name) const;  // nullptr when absent
  std::string text(std::string_view name) const;  // "" when absent
};

struct Field {
  std::string name;
  Node node;
};

// Error kJsonSyntax naming the line.
Result<Node> parse(std::string_view text);

}  // namespace tenure::cel::textproto
