#include "vocabulary.hpp"

#include <tenure/cel/json.hpp>

namespace tenure::policy {

cel::Type type_of(AttributeType type) {
  switch (type) {
    case AttributeType::kString:
      return cel::Type::string();
    case AttributeType::kInt:
      return cel::Type::integer();
    case AttributeType::kBool:
      return cel::Type::boolean();
    case AttributeType::kDate:
      return cel::Type::timestamp();
    case AttributeType::kStringList:
      return cel::Type::list(cel::Type::string());
  }
  return cel::Type::dyn();
}

cel::Value fact_value(const AttributeDecl& decl, const json::Value* value) {
  if (value == nullptr || value->is_null()) return decl.nullable ? cel::Value::null() : cel::Value::unknown();
  auto typed = cel::from_json(*value, type_of(decl.type), decl.name);
  // Stored under an earlier declaration: not what this policy means, so nothing may rest on it.
  return typed ? std::move(*typed) : cel::Value::unknown();
}

std::shared_ptr<const Vocabulary> make_vocabulary(std::vector<AttributeDecl> attributes,
                                                  const std::vector<std::string>& allocated) {
  auto vocabulary = std::make_shared<Vocabulary>();
  std::vector<cel::Field> fields = {{"key", cel::Type::string()}, {"kind", cel::Type::string()}};
  for (const AttributeDecl& decl : attributes)
    fields.push_back({decl.name, type_of(decl.type).nullable(decl.nullable)});
  vocabulary->identity = std::make_shared<cel::ObjectType>("identity", std::move(fields));
  vocabulary->attributes = std::move(attributes);

  std::vector<cel::Field> names;
  for (const std::string& name : allocated) names.push_back({name, cel::Type::string()});
  vocabulary->account = std::make_shared<cel::ObjectType>("account", std::move(names));

  const cel::Type text = cel::Type::string();
  vocabulary->change =
      std::make_shared<cel::ObjectType>("change", std::vector<cel::Field>{{"verb", text},
                                                                          {"kind", text},
                                                                          {"risk", text},
                                                                          {"target", text},
                                                                          {"entitlement", text},
                                                                          {"purpose", text},
                                                                          {"state", text},
                                                                          {"cause", text},
                                                                          {"takes_away", cel::Type::boolean()},
                                                                          {"manual", cel::Type::boolean()}});

  vocabulary->conditions.add_variable("identity", cel::Type::object(vocabulary->identity));
  vocabulary->values.add_variable("identity", cel::Type::object(vocabulary->identity));
  vocabulary->values.add_variable("account", cel::Type::object(vocabulary->account));
  vocabulary->changes.add_variable("change", cel::Type::object(vocabulary->change));
  return vocabulary;
}

std::shared_ptr<const cel::ObjectType> make_record_type(const std::string& source,
                                                        const std::vector<std::string>& columns) {
  std::vector<cel::Field> fields;
  for (const std::string& column : columns) fields.push_back({column, cel::Type::string().nullable()});
  return std::make_shared<cel::ObjectType>("record of " + source, std::move(fields));
}

}  // namespace tenure::policy
