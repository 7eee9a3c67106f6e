#include <algorithm>
#include <cmath>

#include <tenure/cel/type.hpp>
#include <tenure/cel/value.hpp>

namespace tenure::cel {
namespace {

using Kind = Value::Kind;

bool is_number(const Value& v) {
  return v.is(Kind::kInt) || v.is(Kind::kUint) || v.is(Kind::kDouble);
}

std::partial_ordering reversed(std::partial_ordering o) {
  if (o == std::partial_ordering::less) return std::partial_ordering::greater;
  if (o == std::partial_ordering::greater) return std::partial_ordering::less;
  return o;
}

std::partial_ordering compare_integers(const Value& a, const Value& b) {
  if (a.is(Kind::kInt) && b.is(Kind::kInt)) return a.as_int() <=> b.as_int();
  if (a.is(Kind::kUint) && b.is(Kind::kUint)) return a.as_uint() <=> b.as_uint();
  if (a.is(Kind::kUint)) return reversed(compare_integers(b, a));
  if (a.as_int() < 0) return std::partial_ordering::less;
  return static_cast<std::uint64_t>(a.as_int()) <=> b.as_uint();
}

// As the conformance suite has it: the integer becomes a double, and the largest ones round.
double as_real(const Value& v) {
  if (v.is(Kind::kDouble)) return v.as_double();
  return v.is(Kind::kInt) ? static_cast<double>(v.as_int()) : static_cast<double>(v.as_uint());
}

int key_rank(const Value& v) {
  if (v.is(Kind::kBool)) return 0;
  if (is_number(v)) return 1;
  return v.is(Kind::kString) ? 2 : 3;
}

bool key_less(const Value& a, const Value& b) {
  const int ra = key_rank(a), rb = key_rank(b);
  if (ra != rb) return ra < rb;
  if (ra == 0) return a.as_bool() < b.as_bool();
  if (ra == 1) return compare_numbers(a, b) == std::partial_ordering::less;
  return a.as_string() < b.as_string();
}

bool same_map(const Map& a, const Map& b) {
  return a.entries() == b.entries();
}

bool same_object(const Object& a, const Object& b) {
  if (a.type().name() != b.type().name() || a.type().fields().size() != b.type().fields().size()) return false;
  for (std::size_t i = 0; i < a.type().fields().size(); ++i)
    if (!(a.field(i) == b.field(i))) return false;
  return true;
}

}  // namespace

Value Value::string(std::string text) {
  return Value(Data(std::make_shared<const std::string>(std::move(text))));
}
Value Value::bytes(std::string octets) {
  return Value(Data(Octets{std::make_shared<const std::string>(std::move(octets))}));
}
Value Value::list(std::vector<Value> elements) {
  return Value(Data(std::make_shared<const std::vector<Value>>(std::move(elements))));
}
Value Value::map(Map entries) {
  return Value(Data(std::make_shared<const Map>(std::move(entries))));
}
Value Value::type(std::string name) {
  return Value(Data(TypeName{std::make_shared<const std::string>(std::move(name))}));
}
Value Value::object(std::shared_ptr<const Object> object) {
  return Value(Data(std::move(object)));
}

std::string Value::type_name() const {
  switch (kind()) {
    case Kind::kNull:
      return "null_type";
    case Kind::kBool:
      return "bool";
    case Kind::kInt:
      return "int";
    case Kind::kUint:
      return "uint";
    case Kind::kDouble:
      return "double";
    case Kind::kString:
      return "string";
    case Kind::kBytes:
      return "bytes";
    case Kind::kList:
      return "list";
    case Kind::kMap:
      return "map";
    case Kind::kTimestamp:
      return "google.protobuf.Timestamp";
    case Kind::kDuration:
      return "google.protobuf.Duration";
    case Kind::kType:
      return "type";
    case Kind::kObject:
      return as_object().type().name();
    case Kind::kUnknown:
      return "unknown";
  }
  return "unknown";
}

bool operator==(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Kind::kNull:
    case Kind::kUnknown:
      return true;
    case Kind::kBool:
      return a.as_bool() == b.as_bool();
    case Kind::kInt:
      return a.as_int() == b.as_int();
    case Kind::kUint:
      return a.as_uint() == b.as_uint();
    case Kind::kDouble:
      return a.as_double() == b.as_double() || (std::isnan(a.as_double()) && std::isnan(b.as_double()));
    case Kind::kString:
      return a.as_string() == b.as_string();
    case Kind::kBytes:
      return a.as_bytes() == b.as_bytes();
    case Kind::kList:
      return a.as_list() == b.as_list();
    case Kind::kMap:
      return same_map(a.as_map(), b.as_map());
    case Kind::kTimestamp:
      return a.as_timestamp() == b.as_timestamp();
    case Kind::kDuration:
      return a.as_duration() == b.as_duration();
    case Kind::kType:
      return a.as_type() == b.as_type();
    case Kind::kObject:
      return same_object(a.as_object(), b.as_object());
  }
  return false;
}

std::partial_ordering compare_numbers(const Value& a, const Value& b) {
  if (a.is(Kind::kDouble) || b.is(Kind::kDouble)) return as_real(a) <=> as_real(b);
  return compare_integers(a, b);
}

std::optional<Map> Map::from(std::vector<Entry> entries) {
  for (const auto& [key, value] : entries)
    if (key_rank(key) > 2 || key.is(Kind::kDouble)) return std::nullopt;
  std::ranges::sort(entries, [](const Entry& a, const Entry& b) { return key_less(a.first, b.first); });
  for (std::size_t i = 1; i < entries.size(); ++i)
    if (!key_less(entries[i - 1].first, entries[i].first)) return std::nullopt;
  Map map;
  map.entries_ = std::move(entries);
  return map;
}

const Value* Map::find(const Value& key) const {
  if (key_rank(key) > 2 || (key.is(Kind::kDouble) && std::isnan(key.as_double()))) return nullptr;
  const auto it = std::ranges::lower_bound(entries_, key, key_less, &Entry::first);
  if (it == entries_.end() || key_less(key, it->first)) return nullptr;
  return &it->second;
}

const Value* Map::find(std::string_view key) const {
  const auto before = [](const Entry& e, std::string_view k) {
    return key_rank(e.first) < 2 || e.first.as_string() < k;
  };
  const auto it = std::lower_bound(entries_.begin(), entries_.end(), key, before);
  if (it == entries_.end() || !it->first.is(Kind::kString) || it->first.as_string() != key) return nullptr;
  return &it->second;
}

}  // namespace tenure::cel
