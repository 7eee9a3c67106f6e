#include <algorithm>

#include <tenure/base/text.hpp>
#include <tenure/connector/settings.hpp>

namespace tenure::connector {
namespace {

const json::Value& empty_object() {
  static const json::Value kEmpty{json::Object{}};
  return kEmpty;
}

bool is_name_character(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

std::string expand_text(const std::string& text, const std::string& path, const Place& place,
                        const std::function<std::optional<std::string>(const std::string&)>& lookup,
                        Diagnostics& diagnostics) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '$' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    if (text[i + 1] == '$') {
      out += '$';
      ++i;
      continue;
    }
    if (text[i + 1] != '{') {
      out += text[i];
      continue;
    }
    const std::size_t end = text.find('}', i);
    const std::string name = end == std::string::npos ? "" : text.substr(i + 2, end - i - 2);
    if (name.empty() || !std::all_of(name.begin(), name.end(), is_name_character)) {
      diagnostics.error(Reason::kConnectorConfig, place, path + " has a ${ that does not begin a ${NAME}",
                        "${NAME} of letters, digits and _, or $$ for a dollar sign");
      return text;
    }
    if (const auto value = lookup(name)) {
      out += *value;
    } else {
      diagnostics.error(Reason::kConnectorConfig, place, path + " refers to ${" + name + "}, which is not set", {},
                        "set the environment variable " + name);
    }
    i = end;
  }
  return out;
}

}  // namespace

ConfigReader::ConfigReader(const json::Value& value, std::string path, const Place& place, Diagnostics& diagnostics)
    : value_(&value), path_(std::move(path)), place_(&place), diagnostics_(&diagnostics) {
  if (value.is_object()) return;
  if (!value.is_null())
    diagnostics.error(Reason::kConnectorConfig, place, path_ + " is not a group of settings", "key: value pairs");
  value_ = &empty_object();
}

std::string ConfigReader::path_of(std::string_view key) const {
  return path_ + "." + std::string(key);
}

bool ConfigReader::has(std::string_view key) const {
  const json::Value* found = value_->find(key);
  return found != nullptr && !found->is_null();
}

const json::Value* ConfigReader::take(std::string_view key) {
  asked_.emplace(key);
  const json::Value* found = value_->find(key);
  return found != nullptr && !found->is_null() ? found : nullptr;
}

void ConfigReader::fault(std::string_view key, std::string what, std::string expected) {
  diagnostics_->error(Reason::kConnectorConfig, *place_, path_of(key) + " " + what, std::move(expected));
}

std::string ConfigReader::text(std::string_view key) {
  const json::Value* found = take(key);
  if (found == nullptr) {
    fault(key, "is missing", "a text");
    return {};
  }
  if (!found->is_string() || found->as_string().empty()) {
    fault(key, "is not a text, or is empty", "a text");
    return {};
  }
  return found->as_string();
}

std::string ConfigReader::text_or(std::string_view key, std::string_view fallback) {
  const json::Value* found = take(key);
  if (found == nullptr) return std::string(fallback);
  if (!found->is_string()) {
    fault(key, "is not a text", "a text");
    return std::string(fallback);
  }
  return found->as_string();
}

bool ConfigReader::boolean_or(std::string_view key, bool fallback) {
  const json::Value* found = take(key);
  if (found == nullptr) return fallback;
  if (!found->is_bool()) {
    fault(key, "is neither true nor false", "true or false");
    return fallback;
  }
  return found->as_bool();
}

std::int64_t ConfigReader::integer_or(std::string_view key, std::int64_t fallback, std::int64_t least,
                                      std::int64_t most) {
  const json::Value* found = take(key);
  if (found == nullptr) return fallback;
  if (!found->is_int() || found->as_int() < least || found->as_int() > most) {
    fault(key, "is out of range", "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    return fallback;
  }
  return found->as_int();
}

Duration ConfigReader::duration_or(std::string_view key, Duration fallback) {
  const json::Value* found = take(key);
  if (found == nullptr) return fallback;
  if (found->is_string()) {
    if (const auto parsed = Duration::parse(found->as_string())) return *parsed;
  }
  fault(key, "is not a duration", "a duration such as 45s, 30m, 12h or 90d");
  return fallback;
}

std::vector<std::string> ConfigReader::texts(std::string_view key) {
  const json::Value* found = take(key);
  if (found == nullptr) return {};
  if (found->is_string()) return {found->as_string()};
  std::vector<std::string> out;
  if (found->is_array()) {
    for (const auto& element : found->as_array())
      if (element.is_string() && !element.as_string().empty()) out.push_back(element.as_string());
    if (out.size() == found->as_array().size()) return out;
  }
  fault(key, "is not a list of texts", "a list of texts");
  return {};
}

std::string ConfigReader::choice_or(std::string_view key, std::string_view fallback,
                                    const std::vector<std::string>& allowed) {
  std::string chosen = text_or(key, fallback);
  if (std::find(allowed.begin(), allowed.end(), chosen) != allowed.end()) return chosen;
  fault(key, "has an unknown value", "one of " + join(allowed, ", "));
  return std::string(fallback);
}

std::string ConfigReader::secret_reference(std::string_view key, bool required) {
  const json::Value* found = take(key);
  if (found == nullptr) {
    if (required) fault(key, "is missing", "a reference to a secret: env:NAME or file:path");
    return {};
  }
  if (!found->is_string() || !is_secret_reference(found->as_string())) {
    fault(key, "is not a reference to a secret", "env:NAME or file:path; secrets never stand in documents");
    return {};
  }
  return found->as_string();
}

ConfigReader ConfigReader::object(std::string_view key) {
  const json::Value* found = take(key);
  return {found != nullptr ? *found : empty_object(), path_of(key), *place_, *diagnostics_};
}

std::vector<ConfigReader> ConfigReader::objects(std::string_view key) {
  std::vector<ConfigReader> out;
  const json::Value* found = take(key);
  if (found == nullptr) return out;
  if (!found->is_array()) {
    fault(key, "is not a list", "a list of groups of settings");
    return out;
  }
  for (std::size_t i = 0; i < found->as_array().size(); ++i)
    out.emplace_back(found->as_array()[i], path_of(key) + "[" + std::to_string(i) + "]", *place_, *diagnostics_);
  return out;
}

std::vector<std::pair<std::string, std::string>> ConfigReader::text_map(std::string_view key) {
  std::vector<std::pair<std::string, std::string>> out;
  const json::Value* found = take(key);
  if (found == nullptr) return out;
  if (!found->is_object()) {
    fault(key, "is not a group of settings", "key: text pairs");
    return out;
  }
  for (const auto& [name, value] : found->as_object()) {
    if (value.is_string())
      out.emplace_back(name, value.as_string());
    else
      fault(std::string(key) + "." + name, "is not a text", "a text");
  }
  return out;
}

void ConfigReader::no_other_keys() {
  const std::vector<std::string> known(asked_.begin(), asked_.end());
  for (const auto& [key, value] : value_->as_object()) {
    if (asked_.contains(key)) continue;
    const std::string near = nearest(key, known);
    diagnostics_->error(Reason::kConnectorConfig, *place_, path_of(key) + " is not a setting of this connector",
                        near.empty() ? "one of " + join(known, ", ") : "did you mean " + near + "?");
  }
}

bool is_secret_reference(std::string_view text) {
  if (text.starts_with("env:")) {
    const std::string_view name = text.substr(4);
    return !name.empty() && std::all_of(name.begin(), name.end(), is_name_character);
  }
  return text.starts_with("file:") && text.size() > 5;
}

json::Value expand_variables(const json::Value& value, const std::string& path, const Place& place,
                             const std::function<std::optional<std::string>(const std::string&)>& lookup,
                             Diagnostics& diagnostics) {
  if (value.is_string()) return expand_text(value.as_string(), path, place, lookup, diagnostics);
  if (value.is_array()) {
    json::Array out;
    for (std::size_t i = 0; i < value.as_array().size(); ++i)
      out.push_back(
          expand_variables(value.as_array()[i], path + "[" + std::to_string(i) + "]", place, lookup, diagnostics));
    return out;
  }
  if (value.is_object()) {
    json::Object out;
    for (const auto& [key, member] : value.as_object())
      out.emplace(key, expand_variables(member, path + "." + key, place, lookup, diagnostics));
    return out;
  }
  return value;
}

}  // namespace tenure::connector
