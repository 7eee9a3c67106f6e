// YAML documents as trees that remember where everything stood. Only what a policy needs: block and flow collections
// and scalars. Anchors, aliases and tags are refused, so that a document says what it says where it says it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tenure/base/diagnostic.hpp>
#include <tenure/base/json.hpp>

namespace tenure::policy {

struct Entry;

struct YamlNode {
  enum class Kind : std::uint8_t { kScalar, kList, kMap };
  // How a scalar was written: only plain scalars may be null, true, false or a number.
  enum class Style : std::uint8_t { kPlain, kQuoted, kBlock };

  Kind kind = Kind::kScalar;
  Style style = Style::kPlain;
  std::string text;
  Place place;               // of the first character; of a block scalar: of the first character of its text
  std::uint32_t indent = 0;  // block scalars: columns before every line
  std::vector<YamlNode> items;
  std::vector<Entry> entries;
  // Set by who understands the text (an expression): what the digest is taken over instead of the text.
  std::optional<std::string> canonical;
  // Set where the order of the entries means something: the digest then covers it.
  bool ordered = false;

  bool is_scalar() const { return kind == Kind::kScalar; }
  bool is_list() const { return kind == Kind::kList; }
  bool is_map() const { return kind == Kind::kMap; }
  bool is_null() const;
  const YamlNode* find(std::string_view key) const;
  YamlNode* find(std::string_view key);
  // "a list", "a mapping", "text", "nothing": for messages.
  std::string_view describe() const;
};

// One line of a mapping.
struct Entry {
  YamlNode key;
  YamlNode value;
};

// All documents of one file (separated by ---); empty ones are left out. Errors kYamlSyntax and kPolicyDuplicate
// (keys); what could be read before a syntax error is returned.
std::vector<YamlNode> parse_yaml(const std::string& path, std::string_view text, Diagnostics& diagnostics);

// Plain true, false, null and whole numbers as such; everything else is text. Entries that are nothing are kept as
// null.
json::Value to_json(const YamlNode& node);
// A whole number as YAML and JSON agree on it.
std::optional<std::int64_t> to_integer(const YamlNode& node);
std::optional<bool> to_boolean(const YamlNode& node);

}  // namespace tenure::policy
