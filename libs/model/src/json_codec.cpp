#include "json_codec.hpp"

namespace tenure::model::codec {

json::Value put_time(Time time) {
  if (time == Time::never()) return "never";
  if (time == Time{}) return "";
  return time.to_rfc3339();
}

Result<Time> get_time(const json::Reader& reader, std::string_view key) {
  const std::string value = text(reader.value(), key);
  if (value.empty()) return Time{};
  if (value == "never") return Time::never();
  return Time::parse(value);
}

std::string text(const json::Value& object, std::string_view key) {
  return object.string_or(key, "");
}

void put_text(json::Object& object, std::string_view key, const std::string& value) {
  if (!value.empty()) object.emplace(std::string(key), value);
}

}  // namespace tenure::model::codec
