#include <tenure/cel/type.hpp>

namespace tenure::cel {

struct Type::Parameters {
  Type key, element;
};

Type Type::list(Type element) {
  Type t(Kind::kList);
  t.parameters_ = std::make_shared<const Parameters>(Parameters{{}, std::move(element)});
  return t;
}

Type Type::map(Type key, Type value) {
  Type t(Kind::kMap);
  t.parameters_ = std::make_shared<const Parameters>(Parameters{std::move(key), std::move(value)});
  return t;
}

Type Type::object(std::shared_ptr<const ObjectType> object) {
  Type t(Kind::kObject);
  t.object_ = std::move(object);
  return t;
}

const Type& Type::element() const {
  return parameters_->element;
}
const Type& Type::key() const {
  return parameters_->key;
}

std::string Type::to_string() const {
  const auto name = [this]() -> std::string {
    switch (kind_) {
      case Kind::kDyn:
        return "dyn";
      case Kind::kNever:
        return "dyn";
      case Kind::kNull:
        return "null";
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
      case Kind::kTimestamp:
        return "timestamp";
      case Kind::kDuration:
        return "duration";
      case Kind::kType:
        return "type";
      case Kind::kList:
        return "list(" + element().to_string() + ")";
      case Kind::kMap:
        return "map(" + key().to_string() + ", " + element().to_string() + ")";
      case Kind::kObject:
        return object_->name();
    }
    return "dyn";
  };
  return nullable_ ? name() + "?" : name();
}

bool operator==(const Type& a, const Type& b) {
  if (a.kind_ != b.kind_ || a.nullable_ != b.nullable_) return false;
  if (a.kind_ == Type::Kind::kList) return a.element() == b.element();
  if (a.kind_ == Type::Kind::kMap) return a.key() == b.key() && a.element() == b.element();
  if (a.kind_ == Type::Kind::kObject) return a.object_->name() == b.object_->name();
  return true;
}

std::optional<std::size_t> ObjectType::find(std::string_view name) const {
  for (std::size_t i = 0; i < fields_.size(); ++i)
    if (fields_[i].name == name) return i;
  return std::nullopt;
}

bool assignable(const Type& from, const Type& to) {
  if (from.is_open() || to.is(Type::Kind::kDyn)) return true;
  if (from.is_nullable() && !to.is_nullable()) return false;
  if (from.is(Type::Kind::kNull)) return true;
  if (from.kind() != to.kind()) return false;
  if (to.is(Type::Kind::kList)) return assignable(from.element(), to.element());
  if (to.is(Type::Kind::kMap)) return assignable(from.key(), to.key()) && assignable(from.element(), to.element());
  if (to.is(Type::Kind::kObject)) return from.object_type()->name() == to.object_type()->name();
  return true;
}

bool comparable(const Type& a, const Type& b) {
  if (a.is_open() || b.is_open() || a.is(Type::Kind::kNull) || b.is(Type::Kind::kNull)) return true;
  if (a.kind() != b.kind()) return false;
  if (a.is(Type::Kind::kList)) return comparable(a.element(), b.element());
  if (a.is(Type::Kind::kMap)) return comparable(a.key(), b.key()) && comparable(a.element(), b.element());
  if (a.is(Type::Kind::kObject)) return a.object_type()->name() == b.object_type()->name();
  return true;
}

std::optional<Type> join(const Type& a, const Type& b) {
  if (a.is(Type::Kind::kDyn) || b.is(Type::Kind::kDyn)) return Type::dyn();
  const bool nullable = a.is_nullable() || b.is_nullable();
  if (a.is(Type::Kind::kNever) || a.is(Type::Kind::kNull)) return b.is(Type::Kind::kNull) ? b : b.nullable(nullable);
  if (b.is(Type::Kind::kNever) || b.is(Type::Kind::kNull)) return a.nullable(nullable);
  if (a.kind() != b.kind()) return std::nullopt;
  if (a.is(Type::Kind::kList)) {
    const auto element = join(a.element(), b.element());
    return element ? std::optional(Type::list(*element).nullable(nullable)) : std::nullopt;
  }
  if (a.is(Type::Kind::kMap)) {
    const auto key = join(a.key(), b.key());
    const auto element = join(a.element(), b.element());
    return key && element ? std::optional(Type::map(*key, *element).nullable(nullable)) : std::nullopt;
  }
  if (a.is(Type::Kind::kObject) && a.object_type()->name() != b.object_type()->name()) return std::nullopt;
  return a.nullable(nullable);
}

bool holds(const Type& type, const Value& value) {
  if (type.is_open() || value.is_unknown()) return true;
  if (value.is_null()) return type.is_nullable();
  switch (type.kind()) {
    case Type::Kind::kBool:
      return value.is(Value::Kind::kBool);
    case Type::Kind::kInt:
      return value.is(Value::Kind::kInt);
    case Type::Kind::kUint:
      return value.is(Value::Kind::kUint);
    case Type::Kind::kDouble:
      return value.is(Value::Kind::kDouble);
    case Type::Kind::kString:
      return value.is(Value::Kind::kString);
    case Type::Kind::kBytes:
      return value.is(Value::Kind::kBytes);
    case Type::Kind::kTimestamp:
      return value.is(Value::Kind::kTimestamp);
    case Type::Kind::kDuration:
      return value.is(Value::Kind::kDuration);
    case Type::Kind::kType:
      return value.is(Value::Kind::kType);
    case Type::Kind::kList:
      return value.is(Value::Kind::kList);
    case Type::Kind::kMap:
      return value.is(Value::Kind::kMap);
    case Type::Kind::kObject:
      return value.is(Value::Kind::kObject) && value.as_object().type().name() == type.object_type()->name();
    case Type::Kind::kDyn:
    case Type::Kind::kNever:
    case Type::Kind::kNull:
      break;
  }
  return false;
}

}  // namespace tenure::cel
