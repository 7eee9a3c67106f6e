// JSON values, a strict parser that names line and column, and the canonical writer.
//
// Canonical form (plans, evidence, digests): RFC 8785 (JCS) over the subset that Tenure uses: UTF-8, no white space,
// keys in byte order, integers of at most 2^53-1 in magnitude, no floating point, the short escapes, other control
// characters as \u00xx in lower case, everything else literal. Floating point is read and may be written for peers
// (SCIM bodies), but canonical() refuses it.
//
// Value type; any thread may own its own copy.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <tenure/base/error.hpp>

namespace tenure::json {

class Value;
using Array = std::vector<Value>;
using Object = std::map<std::string, Value, std::less<>>;

class Value {
 public:
  Value() = default;
  // Values convert freely: a document is written as nested literals.
  // NOLINTBEGIN(google-explicit-constructor)
  Value(std::nullptr_t) {}
  Value(bool b) : data_(b) {}
  Value(std::int64_t n) : data_(n) {}
  Value(int n) : data_(static_cast<std::int64_t>(n)) {}
  Value(std::uint32_t n) : data_(static_cast<std::int64_t>(n)) {}
  Value(std::size_t n) : data_(static_cast<std::int64_t>(n)) {}
  Value(double d) : data_(d) {}
  Value(std::string s) : data_(std::move(s)) {}
  Value(std::string_view s) : data_(std::string(s)) {}
  Value(const char* s) : data_(std::string(s)) {}
  Value(Array a) : data_(std::move(a)) {}
  Value(Object o) : data_(std::move(o)) {}
  // NOLINTEND(google-explicit-constructor)

  bool is_null() const { return data_.index() == 0; }
  bool is_bool() const { return data_.index() == 1; }
  bool is_int() const { return data_.index() == 2; }
  bool is_double() const { return data_.index() == 3; }
  bool is_string() const { return data_.index() == 4; }
  bool is_array() const { return data_.index() == 5; }
  bool is_object() const { return data_.index() == 6; }

  // REQUIRES: the matching is_*().
  bool as_bool() const { return std::get<bool>(data_); }
  std::int64_t as_int() const { return std::get<std::int64_t>(data_); }
  double as_double() const { return std::get<double>(data_); }
  const std::string& as_string() const { return std::get<std::string>(data_); }
  const Array& as_array() const { return std::get<Array>(data_); }
  Array& as_array() { return std::get<Array>(data_); }
  const Object& as_object() const { return std::get<Object>(data_); }
  Object& as_object() { return std::get<Object>(data_); }

  // Member of an object, or nullptr if this is no object or has no such member.
  const Value* find(std::string_view key) const;
  // Member as a type, or the fallback when absent or of another type.
  std::string string_or(std::string_view key, std::string_view fallback) const;
  std::int64_t int_or(std::string_view key, std::int64_t fallback) const;
  bool bool_or(std::string_view key, bool fallback) const;

  friend bool operator==(const Value&, const Value&) = default;

 private:
  std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, Array, Object> data_ = nullptr;
};

struct ParseOptions {
  std::size_t depth_max = 64;
  bool allow_double = true;
};

// Whole text must be one value. Rejects duplicate keys, lone surrogates, bad UTF-8, trailing text, BOM.
// Error kJsonSyntax; the message begins with "line L, column C: ".
Result<Value> parse(std::string_view text, ParseOptions options = {});

// Compact, keys in byte order. Doubles in the shortest form that reads back.
std::string to_string(const Value& value);
// Two-space indentation, for people.
std::string to_pretty(const Value& value);
// The canonical form above. Error kJsonShape on a double or an integer beyond 2^53-1.
Result<std::string> canonical(const Value& value);
// Appends the quoted, escaped form of a UTF-8 string, as in all three writers.
void append_quoted(std::string& out, std::string_view text);

// Typed reading of required members with errors that name the path ("changes[3].kind").
class Reader {
 public:
  Reader(const Value& value, std::string path) : value_(&value), path_(std::move(path)) {}
  const Value& value() const { return *value_; }
  const std::string& path() const { return path_; }
  Result<Reader> member(std::string_view key) const;
  Result<std::string> string(std::string_view key) const;
  Result<std::int64_t> integer(std::string_view key) const;
  Result<bool> boolean(std::string_view key) const;
  // Readers of the elements of a member that must be an array.
  Result<std::vector<Reader>> array(std::string_view key) const;
  std::unexpected<Error> wrong(std::string_view key, std::string_view expected) const;

 private:
  const Value* value_;
  std::string path_;
};

}  // namespace tenure::json
