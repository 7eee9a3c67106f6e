#include "mapped.hpp"

#include <algorithm>
#include <charconv>

#include <tenure/base/text.hpp>
#include <tenure/cel/environment.hpp>
#include <tenure/cel/json.hpp>
#include <tenure/cel/program.hpp>

namespace tenure::source {
namespace {

constexpr std::size_t kAbsent = static_cast<std::size_t>(-1);
// `record` is the only variable of a mapping.
constexpr cel::VariableIndex kRecordVariable = 0;

class RecordObject final : public cel::Object {
 public:
  RecordObject(std::shared_ptr<const cel::ObjectType> type, const std::vector<std::size_t>& fields,
               const Record& record)
      : type_(std::move(type)), fields_(fields), record_(record) {}
  const cel::ObjectType& type() const override { return *type_; }
  cel::Value field(std::size_t index) const override {
    // A column that the accepted feed did not have yet: nobody has told.
    if (fields_[index] == kAbsent) return cel::Value::unknown();
    const auto& field = record_.fields[fields_[index]];
    return field ? cel::Value::string(*field) : cel::Value::null();
  }

 private:
  std::shared_ptr<const cel::ObjectType> type_;
  const std::vector<std::size_t>& fields_;
  const Record& record_;
};

std::optional<json::Value> parse_text(const std::string& text, policy::AttributeType type) {
  using Type = policy::AttributeType;
  switch (type) {
    case Type::kString:
      return text;
    case Type::kInt: {
      std::int64_t number = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
      return number;
    }
    case Type::kBool:
      if (text == "true") return true;
      if (text == "false") return false;
      return std::nullopt;
    case Type::kDate: {
      const auto time = Time::parse(text);
      if (!time) return std::nullopt;
      return text.size() == 10 ? text : time->to_rfc3339();
    }
    case Type::kStringList: {
      json::Array list;
      for (const std::string& part : split(text, ';'))
        if (const auto trimmed = trim(part); !trimmed.empty()) list.push_back(trimmed);
      return list;
    }
  }
  return std::nullopt;
}

std::string_view expectation(policy::AttributeType type) {
  using Type = policy::AttributeType;
  switch (type) {
    case Type::kString:
      return "text";
    case Type::kInt:
      return "a whole number";
    case Type::kBool:
      return "true or false";
    case Type::kDate:
      return "a date such as 2026-11-20";
    case Type::kStringList:
      return "texts separated by semicolons";
  }
  return "a value";
}

bool fits(const json::Value& value, policy::AttributeType type) {
  using Type = policy::AttributeType;
  switch (type) {
    case Type::kInt:
      return value.is_int();
    case Type::kBool:
      return value.is_bool();
    case Type::kStringList:
      return value.is_array();
    case Type::kString:
    case Type::kDate:
      return value.is_string();
  }
  return false;
}

}  // namespace

struct Mapper::Parts {
  const policy::PolicySet& policy;
  const policy::SourceDoc& source;
  const Records& records;
  Diagnostics& diagnostics;
  std::vector<std::size_t> fields;  // index in the records of each column of the record type
  std::vector<policy::AttributeType> types;
  mutable bool troubled = false;
  mutable bool quiet = false;

  cel::Activation activation_of(const Record& record) const;

  Field evaluate(const policy::Expression& from, policy::AttributeType type, std::string_view what,
                 const Record& record, const cel::Activation& activation) const {
    const auto value = from.program->evaluate(activation);
    if (!value) return unreadable(from, what, record, value.error().message(), "a value that the mapping can read");
    if (value->is_null()) return {};
    if (value->is_unknown()) return {Field::State::kUnreadable, {}};
    if (value->is(cel::Value::Kind::kString)) return from_text(from, type, what, record, value->as_string());
    auto plain = cel::to_json(*value);
    if (!plain || !fits(*plain, type))
      return unreadable(from, what, record, "the mapping gives a " + value->type_name(), expectation(type));
    return {Field::State::kValue, std::move(*plain)};
  }

  Field from_text(const policy::Expression& from, policy::AttributeType type, std::string_view what,
                  const Record& record, const std::string& raw) const {
    const std::string text(trim(raw));
    if (text.empty()) return {};
    if (auto value = parse_text(text, type)) return {Field::State::kValue, std::move(*value)};
    return unreadable(from, what, record, "\"" + text.substr(0, 64) + "\" is not " + std::string(expectation(type)),
                      expectation(type));
  }

  Field unreadable(const policy::Expression& from, std::string_view what, const Record& record, const std::string& why,
                   std::string_view expected) const {
    troubled = true;
    if (quiet) return {Field::State::kUnreadable, {}};
    std::vector<std::string> columns;
    for (const std::string& path : from.program->references())
      if (path.starts_with("record.")) columns.push_back(path.substr(7));
    const std::string where = columns.empty() ? std::string(what) : "column " + join(columns, ", ");
    diagnostics.warning(Reason::kFeedValue, {records.file, record.line, 0}, where + ": " + why, std::string(expected),
                        "correct it in the source; until then the last known value stands");
    return {Field::State::kUnreadable, {}};
  }
};

const Field* Mapped::attribute(std::string_view name) const {
  for (std::size_t i = 0; i < source->attributes.size(); ++i)
    if (source->attributes[i].attribute == name) return &attributes[i];
  return nullptr;
}

Mapper::Mapper(const policy::PolicySet& policy, const policy::SourceDoc& source, const Records& records,
               Diagnostics& diagnostics)
    : parts_(new Parts{policy, source, records, diagnostics, {}, {}, false, false}) {
  for (const cel::Field& field : source.record_type->fields()) {
    const auto found = std::find(records.columns.begin(), records.columns.end(), field.name);
    parts_->fields.push_back(
        found == records.columns.end() ? kAbsent : static_cast<std::size_t>(found - records.columns.begin()));
  }
  for (const policy::AttributeMapping& mapping : source.attributes) {
    const auto decl = std::find_if(policy.attributes.begin(), policy.attributes.end(),
                                   [&](const policy::AttributeDecl& one) { return one.name == mapping.attribute; });
    parts_->types.push_back(decl == policy.attributes.end() ? policy::AttributeType::kString : decl->type);
  }
}
Mapper::~Mapper() = default;

cel::Activation Mapper::Parts::activation_of(const Record& record) const {
  cel::Activation activation;
  activation.set(kRecordVariable,
                 cel::Value::object(std::make_shared<RecordObject>(source.record_type, fields, record)));
  return activation;
}

Field Mapper::attribute(const Record& record, std::size_t index) const {
  const policy::AttributeMapping& mapping = parts_->source.attributes[index];
  parts_->quiet = true;
  return parts_->evaluate(mapping.from, parts_->types[index], mapping.attribute, record, parts_->activation_of(record));
}

Field Mapper::relation(const Record& record, std::size_t index) const {
  const policy::RelationMapping& mapping = parts_->source.relations[index];
  parts_->quiet = true;
  return parts_->evaluate(mapping.from, policy::AttributeType::kString, mapping.kind, record,
                          parts_->activation_of(record));
}

Mapped Mapper::map(const Record& record, bool& troubled) const {
  const policy::SourceDoc& source = parts_->source;
  const cel::Activation activation = parts_->activation_of(record);
  parts_->quiet = false;
  parts_->troubled = false;
  Mapped mapped;
  mapped.source = &source;
  mapped.record = &record;
  for (std::size_t i = 0; i < source.attributes.size(); ++i)
    mapped.attributes.push_back(parts_->evaluate(source.attributes[i].from, parts_->types[i],
                                                 source.attributes[i].attribute, record, activation));
  for (const policy::RelationMapping& relation : source.relations)
    mapped.relations.push_back(
        parts_->evaluate(relation.from, policy::AttributeType::kString, relation.kind, record, activation));
  const auto part = [&](const std::optional<policy::Expression>& from, policy::AttributeType type, const char* what) {
    return from ? parts_->evaluate(*from, type, what, record, activation) : Field{};
  };
  mapped.start = part(source.start, policy::AttributeType::kDate, "start");
  mapped.end = part(source.end, policy::AttributeType::kDate, "end");
  mapped.status = part(source.status, policy::AttributeType::kString, "status");
  if (mapped.status.has_value() && !is_status(source.kind, mapped.status.value.as_string()))
    mapped.status = parts_->unreadable(
        *source.status, "status", record, "\"" + mapped.status.value.as_string().substr(0, 64) + "\" is no status",
        source.kind == model::IdentityKind::kPerson ? "active, leave or terminated"
                                                    : "discovered, active, suspended, revoking or retired");
  troubled = parts_->troubled;
  return mapped;
}

bool is_status(model::IdentityKind kind, std::string_view status) {
  if (kind == model::IdentityKind::kPerson) return status == "active" || status == "leave" || status == "terminated";
  return status == "discovered" || status == "active" || status == "suspended" || status == "revoking" ||
         status == "retired";
}

}  // namespace tenure::source
