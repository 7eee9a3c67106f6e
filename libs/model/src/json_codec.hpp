// Shared steps of the model's JSON codecs: reading optional members, enumerations by name, times as RFC 3339.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include <tenure/base/json.hpp>
#include <tenure/base/time.hpp>

namespace tenure::model::codec {

// Time::never() is "never"; the epoch (not set) is "".
json::Value put_time(Time time);
Result<Time> get_time(const json::Reader& reader, std::string_view key);

// An absent or empty string is "".
std::string text(const json::Value& object, std::string_view key);
// Adds a member unless the text is empty: absent and empty are the same in every document of ours.
void put_text(json::Object& object, std::string_view key, const std::string& value);

template <class Enum, std::size_t N>
std::string_view enum_name(const std::array<std::string_view, N>& names, Enum value) {
  return names.at(static_cast<std::size_t>(value));
}

template <class Enum, std::size_t N>
std::optional<Enum> enum_from(const std::array<std::string_view, N>& names, std::string_view name) {
  for (std::size_t i = 0; i < N; ++i)
    if (names[i] == name) return static_cast<Enum>(i);
  return std::nullopt;
}

// A required member that names an enumerator, through one of the *_from functions of the model.
template <class Enum>
Result<Enum> get_enum(const json::Reader& reader, std::string_view key, std::optional<Enum> (*from)(std::string_view)) {
  TENURE_TRY(const std::string name, reader.string(key));
  if (auto value = from(name)) return *value;
  return reader.wrong(key, "a known name, not \"" + name + "\"");
}

}  // namespace tenure::model::codec
