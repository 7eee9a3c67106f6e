// Static types of the checker (cel-spec langdef, "Gradual Type Checking"), with two additions: every type may be
// *nullable* (its values may be null), and object types are declared by the caller instead of by protocol buffers.
// Immutable values; any thread may own its own copy.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tenure/cel/value.hpp>

namespace tenure::cel {

class ObjectType;

class Type {
 public:
  enum class Kind : std::uint8_t {
    kDyn,    // anything, checked when it runs
    kNever,  // the element of the empty list: assignable to everything
    kNull,
    kBool,
    kInt,
    kUint,
    kDouble,
    kString,
    kBytes,
    kTimestamp,
    kDuration,
    kType,
    kList,
    kMap,
    kObject
  };

  Type() = default;                          // dyn
  explicit Type(Kind kind) : kind_(kind) {}  // REQUIRES: not list, map or object
  static Type dyn() { return Type(Kind::kDyn); }
  static Type boolean() { return Type(Kind::kBool); }
  static Type integer() { return Type(Kind::kInt); }
  static Type unsigned_integer() { return Type(Kind::kUint); }
  static Type real() { return Type(Kind::kDouble); }
  static Type string() { return Type(Kind::kString); }
  static Type bytes() { return Type(Kind::kBytes); }
  static Type timestamp() { return Type(Kind::kTimestamp); }
  static Type duration() { return Type(Kind::kDuration); }
  static Type list(Type element);
  static Type map(Type key, Type value);
  static Type object(std::shared_ptr<const ObjectType> object);

  Kind kind() const { return kind_; }
  bool is(Kind kind) const { return kind_ == kind; }
  bool is_number() const { return kind_ == Kind::kInt || kind_ == Kind::kUint || kind_ == Kind::kDouble; }
  // Nothing is known before it runs.
  bool is_open() const { return kind_ == Kind::kDyn || kind_ == Kind::kNever; }
  bool is_nullable() const { return nullable_ || kind_ == Kind::kNull; }
  Type nullable(bool yes = true) const {
    Type t = *this;
    t.nullable_ = yes;
    return t;
  }

  // REQUIRES: kList (element), kMap (key, element), kObject (object_type).
  const Type& element() const;
  const Type& key() const;
  const std::shared_ptr<const ObjectType>& object_type() const { return object_; }

  // "list(string)", "map(string, int)", the object's name; nullable types end in "?".
  std::string to_string() const;
  friend bool operator==(const Type& a, const Type& b);

 private:
  struct Parameters;
  Kind kind_ = Kind::kDyn;
  bool nullable_ = false;
  std::shared_ptr<const Parameters> parameters_;
  std::shared_ptr<const ObjectType> object_;
};

struct Field {
  std::string name;
  Type type;
};

// A struct-like schema. The order of the fields is the index that Object::field takes.
class ObjectType {
 public:
  // REQUIRES: field names are distinct.
  ObjectType(std::string name, std::vector<Field> fields) : name_(std::move(name)), fields_(std::move(fields)) {}
  const std::string& name() const { return name_; }
  const std::vector<Field>& fields() const { return fields_; }
  std::optional<std::size_t> find(std::string_view name) const;

 private:
  std::string name_;
  std::vector<Field> fields_;
};

// May a value of `from` be used where `to` is required? dyn passes in both directions; null only into nullable types.
bool assignable(const Type& from, const Type& to);
// Can == be meaningful? Null is comparable with everything.
bool comparable(const Type& a, const Type& b);
// The least type of ours that holds both; nullopt when there is none but dyn.
std::optional<Type> join(const Type& a, const Type& b);
// Is this run-time value one of the type, by its own kind (elements and fields are not looked at)? Unknown always is.
bool holds(const Type& type, const Value& value);

}  // namespace tenure::cel
