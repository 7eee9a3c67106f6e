// Reading a mapping of a document: every key that is asked for is a known key, and finish() reports the others with the
// name that was probably meant. All faults go to the diagnostics; readers return the fallback and go on, so that the
// first fault does not hide the tenth.
#pragma once

#include "yaml.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tenure/base/diagnostic.hpp>
#include <tenure/base/text.hpp>
#include <tenure/base/time.hpp>

namespace tenure::policy {

class MapReader {
 public:
  // `what` names the mapping in messages: "a source", "an account class". REQUIRES: node outlives the reader.
  MapReader(YamlNode& node, std::string what, Diagnostics& diagnostics);

  bool ok() const { return map_ != nullptr; }
  const Place& place() const { return place_; }
  const std::string& what() const { return what_; }
  Diagnostics& diagnostics() { return diagnostics_; }

  // nullptr when absent or nothing.
  YamlNode* optional(std::string_view key);
  // Also reports its absence.
  YamlNode* required(std::string_view key, std::string_view expected);

  std::string text(std::string_view key, std::string_view expected = "text");  // required, not empty
  std::string text_or(std::string_view key, std::string fallback = {});
  std::int64_t integer_or(std::string_view key, std::int64_t fallback, std::int64_t min, std::int64_t max);
  bool boolean_or(std::string_view key, bool fallback);
  // "180d"; with `never` the word "never" is zero.
  Duration duration_or(std::string_view key, Duration fallback, bool never = false);
  std::vector<std::string> texts_or(std::string_view key, std::vector<std::string> fallback = {});

  // A name of the model's enumerations through its *_from function; `names` are all of them, for the message.
  template <class Enum>
  Enum name_or(std::string_view key, Enum fallback, std::optional<Enum> (*from)(std::string_view),
               const std::vector<std::string>& names) {
    YamlNode* node = optional(key);
    if (node == nullptr) return fallback;
    return read_name(*node, key, from, names).value_or(fallback);
  }
  template <class Enum>
  std::optional<Enum> read_name(YamlNode& node, std::string_view key, std::optional<Enum> (*from)(std::string_view),
                                const std::vector<std::string>& names) {
    if (node.is_scalar())
      if (auto value = from(node.text)) return value;
    wrong_name(node, key, names);
    return std::nullopt;
  }

  // Entries of a mapping whose keys the author chooses; reports when it is something else.
  std::vector<Entry>* entries(std::string_view key);
  std::vector<YamlNode>* items(std::string_view key);

  void wrong(const YamlNode& node, std::string_view key, std::string_view expected);
  void wrong_name(const YamlNode& node, std::string_view key, const std::vector<std::string>& names);
  // Reports keys nobody asked for.
  void finish();

 private:
  YamlNode* map_ = nullptr;
  Place place_;
  std::string what_;
  Diagnostics& diagnostics_;
  std::vector<std::string> known_;
};

// Text of a scalar that is not nothing.
std::optional<std::string> to_text(const YamlNode& node);
// `did you mean "x"?` as a remedy, or "" when nothing is near.
std::string suggest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace tenure::policy
