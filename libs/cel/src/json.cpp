#include <limits>

#include <tenure/base/text.hpp>
#include <tenure/cel/json.hpp>

namespace tenure::cel {
namespace {

constexpr std::size_t kValuesMax = 65'536;

std::unexpected<Error> wrong(std::string_view path, std::string_view expected) {
  return fail(Reason::kJsonShape, std::string(path) + " must be " + std::string(expected));
}

Result<Value> open_value(const json::Value& value, std::string_view path);

Result<Value> list_of(const json::Value& value, const Type& element, std::string_view path) {
  if (!value.is_array()) return wrong(path, "a list");
  std::vector<Value> list;
  for (std::size_t i = 0; i < value.as_array().size(); ++i) {
    TENURE_TRY(Value v, from_json(value.as_array()[i], element, std::string(path) + "[" + std::to_string(i) + "]"));
    list.push_back(std::move(v));
  }
  return Value::list(std::move(list));
}

Result<Value> map_of(const json::Value& value, const Type& element, std::string_view path) {
  if (!value.is_object()) return wrong(path, "an object");
  std::vector<Map::Entry> entries;
  for (const auto& [key, member] : value.as_object()) {
    TENURE_TRY(Value v, from_json(member, element, std::string(path) + "." + key));
    entries.emplace_back(Value::string(key), std::move(v));
  }
  return Value::map(*Map::from(std::move(entries)));
}

Result<Value> object_of(const json::Value& value, const std::shared_ptr<const ObjectType>& type,
                        std::string_view path) {
  if (!value.is_object()) return wrong(path, "an object");
  std::vector<std::string> names;
  for (const Field& f : type->fields()) names.push_back(f.name);
  for (const auto& [key, member] : value.as_object()) {
    if (type->find(key)) continue;
    const std::string near = nearest(key, names);
    return fail(Reason::kJsonShape, std::string(path) + " has no attribute \"" + key + "\"" +
                                        (near.empty() ? "" : "; did you mean \"" + near + "\"?"));
  }
  std::vector<Value> fields;
  for (const Field& f : type->fields()) {
    const json::Value* member = value.find(f.name);
    if (member == nullptr && !f.type.is_nullable() && !f.type.is_open())
      return fail(Reason::kJsonShape, std::string(path) + " lacks the attribute \"" + f.name + "\"");
    TENURE_TRY(Value v,
               from_json(member == nullptr ? json::Value() : *member, f.type, std::string(path) + "." + f.name));
    fields.push_back(std::move(v));
  }
  return Value::object(std::make_shared<const Record>(type, std::move(fields)));
}

Result<Value> open_value(const json::Value& value, std::string_view path) {
  if (value.is_null()) return Value();
  if (value.is_bool()) return Value::boolean(value.as_bool());
  if (value.is_int()) return Value::integer(value.as_int());
  if (value.is_double()) return Value::real(value.as_double());
  if (value.is_string()) return Value::string(value.as_string());
  return value.is_array() ? list_of(value, Type::dyn(), path) : map_of(value, Type::dyn(), path);
}

class Writer {
 public:
  Result<json::Value> write(const Value& v) {
    if (++count_ > kValuesMax) return wrong("the value", "of at most 65536 parts");
    switch (v.kind()) {
      case Value::Kind::kNull:
        return json::Value();
      case Value::Kind::kBool:
        return json::Value(v.as_bool());
      case Value::Kind::kInt:
        return json::Value(v.as_int());
      case Value::Kind::kUint:
        if (v.as_uint() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) break;
        return json::Value(static_cast<std::int64_t>(v.as_uint()));
      case Value::Kind::kDouble:
        return json::Value(v.as_double());
      case Value::Kind::kString:
        return json::Value(v.as_string());
      case Value::Kind::kBytes:
        if (!is_utf8(v.as_bytes())) break;
        return json::Value(v.as_bytes());
      case Value::Kind::kTimestamp:
        return json::Value(v.as_timestamp().to_rfc3339());
      case Value::Kind::kDuration:
        return json::Value(v.as_duration().to_string());
      case Value::Kind::kList:
        return write_list(v.as_list());
      case Value::Kind::kMap:
        return write_map(v.as_map());
      case Value::Kind::kObject:
        return write_object(v.as_object());
      case Value::Kind::kType:
      case Value::Kind::kUnknown:
        break;
    }
    return fail(Reason::kJsonShape, "a value of type " + v.type_name() + " has no JSON form");
  }

 private:
  Result<json::Value> write_list(const std::vector<Value>& list) {
    json::Array out;
    for (const Value& v : list) {
      TENURE_TRY(json::Value element, write(v));
      out.push_back(std::move(element));
    }
    return json::Value(std::move(out));
  }
  Result<json::Value> write_map(const Map& map) {
    json::Object out;
    for (const auto& [key, value] : map.entries()) {
      if (!key.is(Value::Kind::kString))
        return fail(Reason::kJsonShape, "a map key of type " + key.type_name() + " has no JSON form");
      TENURE_TRY(out[key.as_string()], write(value));
    }
    return json::Value(std::move(out));
  }
  Result<json::Value> write_object(const Object& object) {
    json::Object out;
    for (std::size_t i = 0; i < object.type().fields().size(); ++i) {
      TENURE_TRY(out[object.type().fields()[i].name], write(object.field(i)));
    }
    return json::Value(std::move(out));
  }

  std::size_t count_ = 0;
};

}  // namespace

Result<Value> from_json(const json::Value& value, const Type& type, std::string_view path) {
  if (type.is_open()) return open_value(value, path);
  if (value.is_null()) {
    if (!type.is_nullable()) return wrong(path, type.to_string() + ", not null");
    return Value();
  }
  switch (type.kind()) {
    case Type::Kind::kBool:
      if (value.is_bool()) return Value::boolean(value.as_bool());
      break;
    case Type::Kind::kInt:
      if (value.is_int()) return Value::integer(value.as_int());
      break;
    case Type::Kind::kUint:
      if (value.is_int() && value.as_int() >= 0)
        return Value::unsigned_integer(static_cast<std::uint64_t>(value.as_int()));
      break;
    case Type::Kind::kDouble:
      if (value.is_double()) return Value::real(value.as_double());
      if (value.is_int()) return Value::real(static_cast<double>(value.as_int()));
      break;
    case Type::Kind::kString:
      if (value.is_string()) return Value::string(value.as_string());
      break;
    case Type::Kind::kBytes:
      if (value.is_string()) return Value::bytes(value.as_string());
      break;
    case Type::Kind::kTimestamp:
      if (value.is_string())
        if (const auto time = Time::parse(value.as_string())) return Value::timestamp(*time);
      return wrong(path, "a date or an RFC 3339 instant");
    case Type::Kind::kDuration:
      if (value.is_string())
        if (const auto duration = Duration::parse(value.as_string())) return Value::duration(*duration);
      return wrong(path, "a duration such as 90d or 12h");
    case Type::Kind::kList:
      return list_of(value, type.element(), path);
    case Type::Kind::kMap:
      if (!comparable(type.key(), Type::string())) return wrong(path, "a map with text keys");
      return map_of(value, type.element(), path);
    case Type::Kind::kObject:
      return object_of(value, type.object_type(), path);
    default:
      break;
  }
  return wrong(path, "of type " + type.to_string());
}

Result<json::Value> to_json(const Value& value) {
  return Writer().write(value);
}

}  // namespace tenure::cel
