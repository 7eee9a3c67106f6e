#include "loader.hpp"

#include <algorithm>

#include <tenure/cel/program.hpp>

namespace tenure::policy {
namespace {

const std::vector<std::string>& kind_names() {
  static const std::vector<std::string> names = {"person", "service", "workload", "device", "agent"};
  return names;
}

// An expression over `record`, or { constant: value }; of an attribute also { from: expression, precedence: 10 }.
class RecordExpressions {
 public:
  RecordExpressions(Loading& loading, const SourceDoc& source) : loading_(loading) {
    environment_.add_variable("record", cel::Type::object(source.record_type));
  }

  std::optional<Expression> read(YamlNode& node, std::optional<int>* precedence = nullptr) {
    if (!node.is_map()) return loading_.compile(node, environment_, cel::Type::dyn());
    MapReader reader(node, precedence == nullptr ? "a constant" : "a mapping", loading_.diagnostics);
    YamlNode* from = nullptr;
    if (precedence != nullptr) {
      from = reader.optional("from");
      constexpr int kMany = 1'000'000;
      if (reader.optional("precedence") != nullptr)
        *precedence = static_cast<int>(reader.integer_or("precedence", 0, -kMany, kMany));
    }
    YamlNode* constant = from == nullptr ? reader.required("constant", "a value") : nullptr;
    reader.finish();
    if (from != nullptr) return loading_.compile(*from, environment_, cel::Type::dyn());
    if (constant == nullptr) return std::nullopt;
    if (!constant->is_scalar()) {
      reader.wrong(*constant, "constant", "a single value");
      return std::nullopt;
    }
    YamlNode literal = *constant;
    if (!to_integer(*constant) && !to_boolean(*constant)) {
      literal.text.clear();
      json::append_quoted(literal.text, constant->text);
    }
    auto expression = loading_.compile(literal, environment_, cel::Type::dyn());
    if (expression) expression->text = literal.text;
    return expression;
  }

 private:
  Loading& loading_;
  cel::Environment environment_;
};

// May a mapping of this type give an attribute of that one? Text is parsed when records are merged.
bool gives(const cel::Type& from, AttributeType to) {
  using Kind = cel::Type::Kind;
  if (from.is_open() || from.is(Kind::kString) || from.is(Kind::kNull)) return true;
  return cel::assignable(from.nullable(false), type_of(to));
}

void check_column(MapReader& reader, const YamlNode& node, std::string_view key, const SourceDoc& source) {
  if (std::find(source.columns.begin(), source.columns.end(), node.text) != source.columns.end()) return;
  reader.diagnostics().error(
      Reason::kPolicyReference, node.place,
      "\"" + std::string(key) + "\" names the column \"" + node.text + "\", which is not declared",
      "one of " + join(source.columns, ", "), suggest(node.text, source.columns));
}

const AttributeDecl* find_declared(const PolicySet& set, std::string_view name) {
  for (const AttributeDecl& decl : set.attributes)
    if (decl.name == name) return &decl;
  return nullptr;
}

void unknown_attribute(const PolicySet& set, const YamlNode& node, const std::string& what, Diagnostics& diagnostics) {
  std::vector<std::string> names;
  for (const AttributeDecl& decl : set.attributes) names.push_back(decl.name);
  diagnostics.error(Reason::kPolicyReference, node.place,
                    what + " names the attribute \"" + node.text + "\", which tenure.yaml does not declare",
                    "one of " + join(names, ", "), suggest(node.text, names));
}

void read_columns(MapReader& reader, SourceDoc& source) {
  if (reader.required("columns", "[names of the columns]") == nullptr) return;
  if (auto* items = reader.items("columns"); items != nullptr) {
    for (const YamlNode& item : *items) {
      if (!is_identifier(item.text))
        reader.wrong(item, "columns", "column names of letters, digits and '_'");
      else if (std::find(source.columns.begin(), source.columns.end(), item.text) != source.columns.end())
        reader.diagnostics().error(Reason::kPolicyDuplicate, item.place,
                                   "the column \"" + item.text + "\" is declared twice");
      else
        source.columns.push_back(item.text);
    }
  }
}

void read_attributes(Loading& loading, MapReader& reader, SourceDoc& source, RecordExpressions& expressions) {
  reader.required("attributes", "{ department: record.department, ... }");
  auto* entries = reader.entries("attributes");
  if (entries == nullptr) return;
  for (auto& [key, value] : *entries) {
    const AttributeDecl* decl = find_declared(loading.set, key.text);
    if (decl == nullptr) unknown_attribute(loading.set, key, reader.what(), loading.diagnostics);
    std::optional<int> precedence;
    auto expression = expressions.read(value, &precedence);
    if (!expression || decl == nullptr) continue;
    if (const cel::Type& type = expression->program->result_type(); !gives(type, decl->type)) {
      loading.diagnostics.error(Reason::kCelType, value.place,
                                "\"" + key.text + "\" must be " + type_of(decl->type).to_string() +
                                    ", but the mapping gives " + type.to_string(),
                                "text, or " + type_of(decl->type).to_string());
      continue;
    }
    source.attributes.push_back({key.text, std::move(*expression), precedence});
  }
  std::sort(source.attributes.begin(), source.attributes.end(),
            [](const AttributeMapping& a, const AttributeMapping& b) { return a.attribute < b.attribute; });
}

bool maps(const SourceDoc& source, std::string_view attribute) {
  return std::any_of(source.attributes.begin(), source.attributes.end(),
                     [&](const AttributeMapping& mapping) { return mapping.attribute == attribute; });
}

void read_identity(Loading& loading, MapReader& reader, SourceDoc& source) {
  YamlNode* node = reader.required("identity", "{ key: person_id, correlate: person_id }");
  if (node == nullptr) return;
  MapReader identity(*node, "identity", loading.diagnostics);
  source.identity_key_attribute = identity.text("key", "an attribute");
  source.correlate_attribute = identity.text("correlate", "an attribute");
  identity.finish();
  for (const char* member : {"key", "correlate"}) {
    const YamlNode* name = node->find(member);
    if (name == nullptr || !name->is_scalar() || name->text.empty() || maps(source, name->text)) continue;
    std::vector<std::string> names;
    for (const AttributeMapping& mapping : source.attributes) names.push_back(mapping.attribute);
    loading.diagnostics.error(
        Reason::kPolicyReference, name->place,
        "identity." + std::string(member) + " names \"" + name->text + "\", which this source does not map",
        "one of " + join(names, ", "), suggest(name->text, names));
  }
}

void read_engagement(Loading& loading, MapReader& reader, SourceDoc& source, RecordExpressions& expressions) {
  YamlNode* node = reader.optional("engagement");
  if (node == nullptr) return;
  MapReader engagement(*node, "engagement", loading.diagnostics);
  if (YamlNode* start = engagement.optional("start")) source.start = expressions.read(*start);
  if (YamlNode* end = engagement.optional("end")) source.end = expressions.read(*end);
  if (YamlNode* status = engagement.optional("status")) source.status = expressions.read(*status);
  engagement.finish();
}

void read_relations(Loading& loading, MapReader& reader, SourceDoc& source, RecordExpressions& expressions) {
  auto* entries = reader.entries("relations");
  if (entries == nullptr) return;
  for (auto& [key, value] : *entries) {
    MapReader relation(value, "relation \"" + key.text + "\"", loading.diagnostics);
    if (!relation.ok()) continue;
    const std::string attribute = relation.text("attribute", "an attribute of the other identity");
    if (YamlNode* name = value.find("attribute");
        name != nullptr && !attribute.empty() && find_declared(loading.set, attribute) == nullptr)
      unknown_attribute(loading.set, *name, relation.what(), loading.diagnostics);
    YamlNode* from = relation.required("from", "record.manager_id");
    relation.finish();
    if (from == nullptr) continue;
    if (auto expression = expressions.read(*from))
      source.relations.push_back({key.text, attribute, std::move(*expression)});
  }
  std::sort(source.relations.begin(), source.relations.end(),
            [](const RelationMapping& a, const RelationMapping& b) { return a.kind < b.kind; });
}

}  // namespace

void load_source(Loading& loading, const Headed& head) {
  MapReader reader(*head.node, "source \"" + head.name + "\"", loading.diagnostics);
  for (const char* known : {"apiVersion", "kind", "metadata"}) reader.optional(known);
  SourceDoc source;
  source.name = model::SourceName(head.name);
  source.title = head.title;
  source.owner = head.owner;
  source.place = head.place;
  require_owner(head, "source", loading.diagnostics);
  source.connector = reader.text("connector", "csv");
  if (YamlNode* connection = reader.required("connection", "{ file: feeds/hr.csv }")) {
    if (!connection->is_map()) reader.wrong(*connection, "connection", "a mapping");
    source.config = to_json(*connection);
  }
  source.kind =
      reader.name_or<model::IdentityKind>("of", model::IdentityKind::kPerson, model::identity_kind, kind_names());
  constexpr int kMany = 1'000'000;
  source.precedence = static_cast<int>(reader.integer_or("precedence", 0, -kMany, kMany));
  read_columns(reader, source);
  source.record_type = make_record_type(head.name, source.columns);
  source.key_column = reader.text("key", "the column that names a record");
  if (const YamlNode* key = head.node->find("key"); key != nullptr && !source.key_column.empty())
    check_column(reader, *key, "key", source);
  RecordExpressions expressions(loading, source);
  read_attributes(loading, reader, source, expressions);
  read_identity(loading, reader, source);
  read_engagement(loading, reader, source, expressions);
  read_relations(loading, reader, source, expressions);
  if (YamlNode* node = reader.optional("guard")) {
    MapReader guard(*node, "guard", loading.diagnostics);
    source.shrink_percent_max =
        static_cast<int>(guard.integer_or("shrink_percent_max", source.shrink_percent_max, 0, 100));
    guard.finish();
  }
  reader.finish();
  loading.set.sources.emplace(source.name, std::move(source));
}

}  // namespace tenure::policy
