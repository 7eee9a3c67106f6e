// Values of the Common Expression Language (cel-spec langdef, "Values"), and one that the specification leaves to
// implementations: `unknown`, a value that exists or not but that no source has told us (a target that did not answer).
// Unknown is never null and never an error: it absorbs, except where the other operand decides.
//
// Instants and durations are whole microseconds. Text must be valid UTF-8; the caller guarantees it.
// Immutable and cheap to copy (long parts are shared); any thread may own its own copy.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <tenure/base/time.hpp>

namespace tenure::cel {

class Map;
class Object;

class Value {
 public:
  enum class Kind : std::uint8_t {
    kNull,
    kBool,
    kInt,
    kUint,
    kDouble,
    kString,
    kBytes,
    kList,
    kMap,
    kTimestamp,
    kDuration,
    kType,
    kObject,
    kUnknown
  };

  Value() = default;  // null
  static Value null() { return {}; }
  static Value unknown() { return Value(Data(Unknown{})); }
  static Value boolean(bool b) { return Value(Data(b)); }
  static Value integer(std::int64_t n) { return Value(Data(n)); }
  static Value unsigned_integer(std::uint64_t n) { return Value(Data(n)); }
  static Value real(double d) { return Value(Data(d)); }
  static Value string(std::string text);
  static Value bytes(std::string octets);
  static Value list(std::vector<Value> elements);
  static Value map(Map entries);
  static Value timestamp(Time t) { return Value(Data(t)); }
  static Value duration(Duration d) { return Value(Data(d)); }
  // The value that type(x) gives: "int", "list", "google.protobuf.Timestamp", the name of an object type.
  static Value type(std::string name);
  static Value object(std::shared_ptr<const Object> object);  // REQUIRES: not nullptr

  Kind kind() const { return static_cast<Kind>(data_.index()); }
  bool is(Kind kind) const { return data_.index() == static_cast<std::size_t>(kind); }
  bool is_null() const { return is(Kind::kNull); }
  bool is_unknown() const { return is(Kind::kUnknown); }
  bool is_true() const { return is(Kind::kBool) && as_bool(); }
  bool is_false() const { return is(Kind::kBool) && !as_bool(); }

  // REQUIRES: the matching kind. References live as long as a copy of this value does.
  bool as_bool() const { return std::get<bool>(data_); }
  std::int64_t as_int() const { return std::get<std::int64_t>(data_); }
  std::uint64_t as_uint() const { return std::get<std::uint64_t>(data_); }
  double as_double() const { return std::get<double>(data_); }
  const std::string& as_string() const { return *std::get<Text>(data_); }
  const std::string& as_bytes() const { return *std::get<Octets>(data_).text; }
  const std::vector<Value>& as_list() const { return *std::get<List>(data_); }
  const Map& as_map() const { return *std::get<MapRef>(data_); }
  Time as_timestamp() const { return std::get<Time>(data_); }
  Duration as_duration() const { return std::get<Duration>(data_); }
  const std::string& as_type() const { return *std::get<TypeName>(data_).text; }
  const Object& as_object() const { return *std::get<ObjectRef>(data_); }

  // Name of the dynamic type, as type(x) gives it; "unknown" for unknown.
  std::string type_name() const;

  // The same value of the same kind, all the way down (NaN is itself, 1 is not 1u, unknown is itself). This is not
  // CEL's ==, in which 1 == 1u and an unknown element makes the comparison unknown: see equal().
  friend bool operator==(const Value& a, const Value& b);

 private:
  struct Unknown {};
  struct Octets {
    std::shared_ptr<const std::string> text;
  };
  struct TypeName {
    std::shared_ptr<const std::string> text;
  };
  using Text = std::shared_ptr<const std::string>;
  using List = std::shared_ptr<const std::vector<Value>>;
  using MapRef = std::shared_ptr<const Map>;
  using ObjectRef = std::shared_ptr<const Object>;
  using Data = std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, Text, Octets, List, MapRef, Time,
                            Duration, TypeName, ObjectRef, Unknown>;  // in the order of Kind
  explicit Value(Data data) : data_(std::move(data)) {}

  Data data_;
};

// Entries in key order (bool, then numbers by value, then strings by code point), so that iteration is the same
// everywhere. Keys are bool, int, uint or string; 1 and 1u are the same key.
class Map {
 public:
  using Entry = std::pair<Value, Value>;
  Map() = default;
  // nullopt: a key is of another kind, or two keys are equal.
  static std::optional<Map> from(std::vector<Entry> entries);

  std::size_t size() const { return entries_.size(); }
  const std::vector<Entry>& entries() const { return entries_; }
  // By CEL equality (a double finds the integer it equals); nullptr when absent or no possible key.
  const Value* find(const Value& key) const;
  const Value* find(std::string_view key) const;

 private:
  std::vector<Entry> entries_;
};

class ObjectType;

// A value with declared fields (type.hpp). Implemented by whoever holds the rows, so that only the fields that are read
// are made. A field() may be unknown; it is null only when declared nullable. Must be immutable while evaluated.
class Object {
 public:
  virtual ~Object() = default;
  virtual const ObjectType& type() const = 0;
  // REQUIRES: index < type().fields().size().
  virtual Value field(std::size_t index) const = 0;
};

// An Object that holds its fields, in the order of the type.
class Record final : public Object {
 public:
  // REQUIRES: fields.size() == type->fields().size().
  Record(std::shared_ptr<const ObjectType> type, std::vector<Value> fields)
      : type_(std::move(type)), fields_(std::move(fields)) {}
  const ObjectType& type() const override { return *type_; }
  Value field(std::size_t index) const override { return fields_[index]; }

 private:
  std::shared_ptr<const ObjectType> type_;
  std::vector<Value> fields_;
};

// Order of two numbers of any of the three kinds: integers exactly, and as doubles where one is a double; unordered
// with NaN. REQUIRES: both are numbers.
std::partial_ordering compare_numbers(const Value& a, const Value& b);

}  // namespace tenure::cel
