// JSON (and YAML read as JSON) to typed values and back.
#pragma once

#include <string_view>

#include <tenure/base/error.hpp>
#include <tenure/base/json.hpp>
#include <tenure/cel/type.hpp>
#include <tenure/cel/value.hpp>

namespace tenure::cel {

// By the declared type: timestamps are RFC 3339 or dates, durations "90d" or "12h", uint must not be negative, an int
// is taken for a double. A missing field is null where nullable, else an error, as is a field that is not declared.
// Under dyn: null, bool, int, double, string, list, map. Error kJsonShape, naming the path from `path`.
Result<Value> from_json(const json::Value& value, const Type& type, std::string_view path);

// Error kJsonShape: unknown, a type, a map key that is no string, an integer beyond int64, or more than 65,536 values
// in all. Bytes, timestamps and durations become text (base64 is not used: bytes must be UTF-8).
Result<json::Value> to_json(const Value& value);

}  // namespace tenure::cel
