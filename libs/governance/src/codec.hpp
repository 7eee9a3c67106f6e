// Shared steps of this library's JSON codecs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tenure/base/hash.hpp>
#include <tenure/base/json.hpp>
#include <tenure/base/time.hpp>

namespace tenure::governance::codec {

inline json::Value put_time(Time time) {
  if (time == Time::never()) return "never";
  return time == Time{} ? std::string() : time.to_rfc3339();
}

inline Result<Time> get_time(const json::Value& object, std::string_view key) {
  const std::string text = object.string_or(key, "");
  if (text.empty()) return Time{};
  if (text == "never") return Time::never();
  return Time::parse(text);
}

inline void put_text(json::Object& object, std::string_view key, const std::string& value) {
  if (!value.empty()) object.emplace(key, value);
}

inline json::Value put_strings(const std::vector<std::string>& values) {
  json::Array array;
  for (const std::string& value : values) array.emplace_back(value);
  return array;
}

inline std::vector<std::string> get_strings(const json::Value& object, std::string_view key) {
  std::vector<std::string> values;
  if (const json::Value* array = object.find(key); array != nullptr && array->is_array())
    for (const json::Value& value : array->as_array())
      if (value.is_string()) values.push_back(value.as_string());
  return values;
}

inline Result<Digest> get_digest(const json::Value& object, std::string_view key) {
  const std::string text = object.string_or(key, "");
  if (text.empty()) return Digest{};
  return Digest::parse(text);
}

}  // namespace tenure::governance::codec
