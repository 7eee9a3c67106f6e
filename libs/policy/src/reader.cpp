#include "reader.hpp"

#include <algorithm>

namespace tenure::policy {

std::optional<std::string> to_text(const YamlNode& node) {
  if (!node.is_scalar() || node.is_null()) return std::nullopt;
  return node.text;
}

std::string suggest(std::string_view word, const std::vector<std::string>& candidates) {
  const std::string near = nearest(word, candidates);
  return near.empty() ? std::string() : "did you mean \"" + near + "\"?";
}

MapReader::MapReader(YamlNode& node, std::string what, Diagnostics& diagnostics)
    : place_(node.place), what_(std::move(what)), diagnostics_(diagnostics) {
  if (node.is_map())
    map_ = &node;
  else
    diagnostics_.error(Reason::kPolicySchema, place_, what_ + " is " + std::string(node.describe()), "a mapping");
}

YamlNode* MapReader::optional(std::string_view key) {
  known_.emplace_back(key);
  if (map_ == nullptr) return nullptr;
  YamlNode* node = map_->find(key);
  return node == nullptr || node->is_null() ? nullptr : node;
}

YamlNode* MapReader::required(std::string_view key, std::string_view expected) {
  YamlNode* node = optional(key);
  if (node == nullptr && map_ != nullptr)
    diagnostics_.error(Reason::kPolicySchema, place_, what_ + " lacks \"" + std::string(key) + "\"",
                       std::string(key) + ": " + std::string(expected), "add the member");
  return node;
}

void MapReader::wrong(const YamlNode& node, std::string_view key, std::string_view expected) {
  std::string found =
      node.is_scalar() && !node.is_null() ? "\"" + node.text.substr(0, 64) + "\"" : std::string(node.describe());
  diagnostics_.error(Reason::kPolicySchema, node.place, "\"" + std::string(key) + "\" of " + what_ + " is " + found,
                     std::string(expected));
}

void MapReader::wrong_name(const YamlNode& node, std::string_view key, const std::vector<std::string>& names) {
  std::string found =
      node.is_scalar() && !node.is_null() ? "\"" + node.text.substr(0, 64) + "\"" : std::string(node.describe());
  diagnostics_.error(Reason::kPolicySchema, node.place, "\"" + std::string(key) + "\" of " + what_ + " is " + found,
                     "one of " + join(names, ", "), node.is_scalar() ? suggest(node.text, names) : "");
}

std::string MapReader::text(std::string_view key, std::string_view expected) {
  YamlNode* node = required(key, expected);
  if (node == nullptr) return {};
  if (auto value = to_text(*node); value && !value->empty()) return *value;
  wrong(*node, key, expected);
  return {};
}

std::string MapReader::text_or(std::string_view key, std::string fallback) {
  YamlNode* node = optional(key);
  if (node == nullptr) return fallback;
  if (auto value = to_text(*node)) return *value;
  wrong(*node, key, "text");
  return fallback;
}

std::int64_t MapReader::integer_or(std::string_view key, std::int64_t fallback, std::int64_t min, std::int64_t max) {
  YamlNode* node = optional(key);
  if (node == nullptr) return fallback;
  if (auto value = to_integer(*node); value && *value >= min && *value <= max) return *value;
  wrong(*node, key, "a whole number from " + std::to_string(min) + " to " + std::to_string(max));
  return fallback;
}

bool MapReader::boolean_or(std::string_view key, bool fallback) {
  YamlNode* node = optional(key);
  if (node == nullptr) return fallback;
  if (auto value = to_boolean(*node)) return *value;
  wrong(*node, key, "true or false");
  return fallback;
}

Duration MapReader::duration_or(std::string_view key, Duration fallback, bool never) {
  YamlNode* node = optional(key);
  if (node == nullptr) return fallback;
  if (never && node->is_scalar() && node->text == "never") return Duration();
  if (node->is_scalar())
    if (auto value = Duration::parse(node->text)) return *value;
  wrong(*node, key, never ? "a duration such as 30d or 12h, or never" : "a duration such as 30d or 12h");
  return fallback;
}

std::vector<std::string> MapReader::texts_or(std::string_view key, std::vector<std::string> fallback) {
  std::vector<YamlNode>* list = items(key);
  if (list == nullptr) return fallback;
  std::vector<std::string> out;
  for (const YamlNode& item : *list) {
    if (auto value = to_text(item); value && !value->empty())
      out.push_back(*value);
    else
      wrong(item, key, "a list of names");
  }
  return out;
}

std::vector<Entry>* MapReader::entries(std::string_view key) {
  YamlNode* node = optional(key);
  if (node == nullptr) return nullptr;
  if (node->is_map()) return &node->entries;
  wrong(*node, key, "a mapping");
  return nullptr;
}

std::vector<YamlNode>* MapReader::items(std::string_view key) {
  YamlNode* node = optional(key);
  if (node == nullptr) return nullptr;
  if (node->is_list()) return &node->items;
  wrong(*node, key, "a list");
  return nullptr;
}

void MapReader::finish() {
  if (map_ == nullptr) return;
  for (const auto& [key, value] : map_->entries) {
    if (std::find(known_.begin(), known_.end(), key.text) != known_.end()) continue;
    std::vector<std::string> names = known_;
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    std::string remedy = suggest(key.text, names);
    diagnostics_.error(Reason::kPolicySchema, key.place, what_ + " has no member \"" + key.text.substr(0, 64) + "\"",
                       "one of " + join(names, ", "), remedy.empty() ? "remove it, or correct its name" : remedy);
  }
}

}  // namespace tenure::policy
