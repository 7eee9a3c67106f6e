#include "loader.hpp"

#include <algorithm>

#include <tenure/cel/program.hpp>

namespace tenure::policy {
namespace {

std::optional<AttributeType> attribute_type(std::string_view name) {
  if (name == "string") return AttributeType::kString;
  if (name == "int") return AttributeType::kInt;
  if (name == "bool") return AttributeType::kBool;
  if (name == "date") return AttributeType::kDate;
  if (name == "list") return AttributeType::kStringList;
  return std::nullopt;
}

const std::vector<std::string>& attribute_type_names() {
  static const std::vector<std::string> names = {"string", "int", "bool", "date", "list"};
  return names;
}

// "level: int" or "title: { type: string, optional: true }".
void read_declaration(MapReader& settings, const YamlNode& key, YamlNode& value, std::vector<AttributeDecl>& out) {
  AttributeDecl decl;
  decl.name = key.text;
  Diagnostics& diagnostics = settings.diagnostics();
  if (!is_identifier(decl.name) || decl.name == "kind" || decl.name == "key") {
    diagnostics.error(Reason::kPolicySchema, key.place, "\"" + decl.name + "\" cannot be the name of an attribute",
                      "letters, digits and '_', not beginning with a digit; not kind or key, which are always there");
    return;
  }
  std::optional<AttributeType> type;
  if (value.is_map()) {
    MapReader reader(value, "attribute \"" + decl.name + "\"", diagnostics);
    if (YamlNode* name = reader.required("type", "string"); name != nullptr)
      type = reader.read_name<AttributeType>(*name, "type", attribute_type, attribute_type_names());
    decl.nullable = reader.boolean_or("optional", false);
    reader.finish();
  } else {
    type = settings.read_name<AttributeType>(value, decl.name, attribute_type, attribute_type_names());
  }
  decl.required = !decl.nullable;
  // A wrong type is reported once, here, and the attribute stays known to expressions.
  decl.type = type.value_or(AttributeType::kString);
  out.push_back(std::move(decl));
}

void read_terms(Loading& loading, YamlNode& node) {
  PolicySet& set = loading.set;
  MapReader reader(node, "assignments", loading.diagnostics);
  set.assignments.decide_again_within = reader.duration_or("decide_again_within", set.assignments.decide_again_within);
  if (auto* entries = reader.entries("by_risk"); entries != nullptr)
    for (auto& [key, value] : *entries) {
      const auto risk = model::risk_from(key.text);
      if (!risk) {
        reader.wrong_name(key, "by_risk", {"low", "medium", "high", "privileged"});
        continue;
      }
      MapReader terms(value, "requests of " + key.text + " risk", loading.diagnostics);
      if (!terms.ok()) continue;
      RequestDoc& request = set.assignments.by_risk[*risk];
      request = read_request(loading, terms, value, std::move(request));
      terms.finish();
    }
  std::vector<std::string> known;
  for (const AttributeDecl& decl : set.attributes) known.push_back(decl.name);
  if (auto* items = reader.items("rest_on"); items != nullptr) {
    for (YamlNode& item : *items) {
      if (std::find(known.begin(), known.end(), item.text) == known.end())
        reader.wrong_name(item, "rest_on", known);
      else
        set.assignments.rest_on.push_back(item.text);
    }
  }
  std::sort(set.assignments.rest_on.begin(), set.assignments.rest_on.end());
  reader.finish();
}

}  // namespace

const std::vector<std::string>& lifecycle_state_names() {
  static const std::vector<std::string> names = {"staged", "active",     "suspended", "leaving",
                                                 "left",   "discovered", "revoking",  "retired"};
  return names;
}

std::vector<model::LifecycleState> read_states(MapReader& reader, std::string_view key,
                                               std::vector<model::LifecycleState> fallback) {
  auto* items = reader.items(key);
  if (items == nullptr) return fallback;
  std::vector<model::LifecycleState> states;
  for (YamlNode& item : *items)
    if (auto state =
            reader.read_name<model::LifecycleState>(item, key, model::lifecycle_state, lifecycle_state_names()))
      states.push_back(*state);
  return states;
}

std::vector<AttributeDecl> read_attribute_declarations(YamlNode& settings, Diagnostics& diagnostics) {
  std::vector<AttributeDecl> out;
  YamlNode* node = settings.find("attributes");
  if (node == nullptr || !node->is_map()) return out;  // load_settings() says so
  MapReader reader(settings, "the Settings document", diagnostics);
  for (auto& [key, value] : node->entries) read_declaration(reader, key, value, out);
  // By name: the order in the document means nothing.
  std::sort(out.begin(), out.end(), [](const AttributeDecl& a, const AttributeDecl& b) { return a.name < b.name; });
  return out;
}

void load_settings(Loading& loading, const Headed& head) {
  PolicySet& set = loading.set;
  set.name = head.name;
  using State = model::LifecycleState;
  using Account = model::AccountState;
  set.lifecycle.account_states = {{State::kStaged, Account::kAbsent},      {State::kActive, Account::kEnabled},
                                  {State::kSuspended, Account::kDisabled}, {State::kLeaving, Account::kDisabled},
                                  {State::kLeft, Account::kDisabled},      {State::kDiscovered, Account::kDisabled},
                                  {State::kRevoking, Account::kDisabled},  {State::kRetired, Account::kDisabled}};
  set.lifecycle.roles_apply_in = {State::kActive};

  MapReader reader(*head.node, "the Settings document", loading.diagnostics);
  for (const char* known : {"apiVersion", "kind", "metadata"}) reader.optional(known);
  if (YamlNode* attributes = reader.required("attributes", "{ department: string, ... }");
      attributes != nullptr && !attributes->is_map())
    reader.wrong(*attributes, "attributes", "a mapping from names to types");
  if (YamlNode* lifecycle = reader.optional("lifecycle"))
    read_lifecycle(set.lifecycle, *lifecycle, loading.diagnostics);
  YamlNode* terms = reader.optional("assignments");
  if (auto* groups = reader.entries("groups"); groups != nullptr) {
    for (auto& [key, value] : *groups) {
      if (!value.is_list()) {
        reader.wrong(value, key.text, "a list of persons");
        continue;
      }
      auto& members = set.groups[key.text];
      for (const YamlNode& item : value.items) {
        if (auto member = to_text(item); member && !member->empty())
          members.push_back(*member);
        else
          reader.wrong(item, key.text, "a list of persons");
      }
    }
  }
  read_deputies(loading, reader);
  // Two persons for what does harm when it is given wrongly, and not for ever.
  set.assignments.by_risk[model::Risk::kHigh].approvals = 2;
  set.assignments.by_risk[model::Risk::kPrivileged].approvals = 2;
  set.assignments.by_risk[model::Risk::kHigh].term_max = Duration::days(365);
  set.assignments.by_risk[model::Risk::kPrivileged].term_max = Duration::days(90);
  if (terms != nullptr) read_terms(loading, *terms);
  reader.finish();
}

}  // namespace tenure::policy
