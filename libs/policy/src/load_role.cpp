#include "loader.hpp"

#include <algorithm>

#include <tenure/cel/program.hpp>

namespace tenure::policy {
namespace {

std::string parameters_text(const std::map<std::string, std::string>& values) {
  if (values.empty()) return {};
  json::Object object;
  for (const auto& [name, value] : values) object.emplace(name, value);
  return json::to_string(json::Value(std::move(object)));
}

class RoleReader {
 public:
  RoleReader(Loading& loading, RoleDoc& role) : loading_(loading), role_(role) {}

  void read_grant(YamlNode& node) {
    MapReader reader(node, "a grant of role \"" + role_.name.str() + "\"", loading_.diagnostics);
    if (!reader.ok()) return;
    RoleGrant grant;
    const TargetDoc* target = find_target(reader, node);
    if (target != nullptr) grant.target = target->name;
    const AccountClassDoc* account_class = find_class(reader, node, target);
    if (account_class != nullptr) take_account(node, *target, *account_class, grant);
    if (auto* items = reader.items("entitlements"); items != nullptr)
      for (YamlNode& item : *items) read_entitled(reader, item, target, grant);
    if (YamlNode* when = reader.optional("when"))
      grant.when = loading_.compile(*when, loading_.set.vocabulary->conditions, cel::Type::boolean());
    if (reader.optional("term") != nullptr) grant.term = reader.duration_or("term", Duration());
    reader.finish();
    role_.grants.push_back(std::move(grant));
  }

  void read_example(YamlNode& node) {
    MapReader reader(node, "an example of role \"" + role_.name.str() + "\"", loading_.diagnostics);
    if (!reader.ok()) return;
    RoleExample example;
    example.place = node.place;
    reader.required("identity", "{ kind: person, department: Sales }");
    if (auto* entries = reader.entries("identity"); entries != nullptr) {
      json::Object identity;
      for (auto& [key, value] : *entries) {
        check_attribute(key);
        identity.emplace(key.text, to_json(value));
      }
      example.identity = std::move(identity);
    }
    example.holds = read_holds(reader, "holds");
    example.holds_not = read_holds(reader, "holds_not");
    if (example.holds.empty() && example.holds_not.empty())
      loading_.diagnostics.error(Reason::kPolicySchema, node.place, reader.what() + " expects nothing",
                                 "holds: { target: [entitlements] } or holds_not");
    reader.finish();
    role_.examples.push_back(std::move(example));
  }

 private:
  const TargetDoc* find_target(MapReader& reader, const YamlNode& node) {
    const std::string name = reader.text("target", "the name of a target");
    if (name.empty()) return nullptr;
    return known_target(name, node.find("target")->place);
  }

  const TargetDoc* known_target(const std::string& name, const Place& place) {
    const auto found = loading_.set.targets.find(model::TargetName(name));
    if (found != loading_.set.targets.end()) return &found->second;
    std::vector<std::string> names;
    for (const auto& [target, document] : loading_.set.targets) names.push_back(target.str());
    loading_.diagnostics.error(Reason::kPolicyReference, place, "there is no target \"" + name + "\"",
                               "one of " + join(names, ", "), suggest(name, names));
    return nullptr;
  }

  // The class may be left out where the target has only one.
  const AccountClassDoc* find_class(MapReader& reader, const YamlNode& node, const TargetDoc* target) {
    const std::string name = reader.text_or("class");
    if (target == nullptr) return nullptr;
    if (name.empty() && target->classes.size() == 1) return &target->classes.front();
    if (const AccountClassDoc* found = target->account_class(name)) return found;
    std::vector<std::string> names;
    for (const AccountClassDoc& one : target->classes) names.push_back(one.name);
    const YamlNode* place = node.find("class");
    loading_.diagnostics.error(
        Reason::kPolicyReference, place != nullptr ? place->place : node.place,
        name.empty() ? "the grant does not say which account class of \"" + target->name.str() + "\" it is for"
                     : "target \"" + target->name.str() + "\" has no account class \"" + name + "\"",
        "class: one of " + join(names, ", "), suggest(name, names));
    return nullptr;
  }

  void take_account(const YamlNode& node, const TargetDoc& target, const AccountClassDoc& account_class,
                    RoleGrant& grant) {
    grant.account_class = account_class.name;
    const auto found = loading_.templates.find({target.name.str(), account_class.name});
    if (found != loading_.templates.end()) {
      grant.allocations = found->second.allocations;
      grant.attributes = found->second.attributes;
      grant.login = found->second.login;
    }
    const bool has_login =
        grant.login.has_value() || std::any_of(grant.allocations.begin(), grant.allocations.end(),
                                               [](const AllocationRule& rule) { return rule.is_login; });
    if (!has_login)
      loading_.diagnostics.error(Reason::kPolicyReference, node.place,
                                 "account class \"" + account_class.name + "\" of target \"" + target.name.str() +
                                     "\" does not say how a login is made, so a role cannot give such accounts",
                                 "account: { login: ... } in the class");
  }

  void read_entitled(MapReader& reader, YamlNode& item, const TargetDoc* target, RoleGrant& grant) {
    std::string id;
    std::map<std::string, std::string> values;
    const YamlNode* place = &item;
    if (item.is_map()) {
      for (auto& [key, value] : item.entries) {
        if (!value.is_scalar()) {
          reader.wrong(value, key.text, "a single value");
        } else if (key.text == "id") {
          id = value.text;
          place = &value;
        } else {
          values.emplace(key.text, value.text);
        }
      }
      if (id.empty()) return reader.wrong(item, "entitlements", "{ id: name, parameter: value }");
    } else if (auto text = to_text(item)) {
      id = *text;
    } else {
      return reader.wrong(item, "entitlements", "a name, or { id: name, parameter: value }");
    }
    if (target != nullptr && check_entitlement(*target, id, values, place->place, true))
      grant.entitlements.push_back({model::EntitlementId(id), parameters_text(values)});
  }

  bool check_entitlement(const TargetDoc& target, const std::string& id,
                         const std::map<std::string, std::string>& values, const Place& place, bool granted) {
    const EntitlementDoc* found = target.entitlement(model::EntitlementId(id));
    if (found == nullptr) {
      std::vector<std::string> names;
      for (const EntitlementDoc& one : target.entitlements) names.push_back(one.id.str());
      loading_.diagnostics.error(Reason::kPolicyReference, place,
                                 "\"" + id + "\" is not in the catalogue of target \"" + target.name.str() + "\"",
                                 "an entitlement of targets/" + target.name.str() + ".yaml", suggest(id, names));
      return false;
    }
    for (const auto& [name, value] : values) {
      if (std::find(found->parameters.begin(), found->parameters.end(), name) == found->parameters.end()) {
        loading_.diagnostics.error(Reason::kPolicyReference, place, "\"" + id + "\" has no parameter \"" + name + "\"",
                                   "one of " + join(found->parameters, ", "), suggest(name, found->parameters));
        return false;
      }
      const auto order = found->order.find(name);
      if (order != found->order.end() &&
          std::find(order->second.begin(), order->second.end(), value) == order->second.end()) {
        loading_.diagnostics.error(Reason::kPolicyReference, place,
                                   "\"" + value + "\" is no value of parameter \"" + name + "\" of \"" + id + "\"",
                                   "one of " + join(order->second, ", "), suggest(value, order->second));
        return false;
      }
    }
    const model::Scope scope = target.scope_of(model::EntitlementId(id));
    if (granted && scope != model::Scope::kManaged && scope != model::Scope::kAdditive)
      loading_.diagnostics.warning(Reason::kPolicyReference, place,
                                   "\"" + id + "\" is granted here but only " + std::string(model::name_of(scope)) +
                                       " in target \"" + target.name.str() + "\": nothing will be written",
                                   "scope managed or additive");
    return true;
  }

  void check_attribute(const YamlNode& key) {
    if (key.text == "kind" || key.text == "key") return;
    std::vector<std::string> names = {"kind", "key"};
    for (const AttributeDecl& decl : loading_.set.attributes) {
      if (decl.name == key.text) return;
      names.push_back(decl.name);
    }
    loading_.diagnostics.error(Reason::kPolicyReference, key.place,
                               "the example gives \"" + key.text + "\", which tenure.yaml does not declare",
                               "one of " + join(names, ", "), suggest(key.text, names));
  }

  std::map<std::string, std::vector<std::string>> read_holds(MapReader& reader, std::string_view member) {
    std::map<std::string, std::vector<std::string>> out;
    auto* entries = reader.entries(member);
    if (entries == nullptr) return out;
    for (auto& [key, value] : *entries) {
      const TargetDoc* target = known_target(key.text, key.place);
      if (!value.is_list()) {
        reader.wrong(value, key.text, "a list of entitlements");
        continue;
      }
      auto& list = out[key.text];
      for (const YamlNode& item : value.items) {
        const std::vector<std::string> words = split(item.text, ' ');
        std::map<std::string, std::string> values;
        for (std::size_t i = 1; i < words.size(); ++i) {
          const std::size_t equals = words[i].find('=');
          if (equals == std::string::npos)
            reader.wrong(item, member, "NAME, or NAME parameter=value");
          else
            values.emplace(words[i].substr(0, equals), words[i].substr(equals + 1));
        }
        if (target != nullptr) check_entitlement(*target, words.front(), values, item.place, false);
        list.push_back(item.text);
      }
    }
    return out;
  }

  Loading& loading_;
  RoleDoc& role_;
};

}  // namespace

void load_role(Loading& loading, const Headed& head) {
  MapReader reader(*head.node, "role \"" + head.name + "\"", loading.diagnostics);
  for (const char* known : {"apiVersion", "kind", "metadata"}) reader.optional(known);
  RoleDoc role;
  role.name = model::RoleName(head.name);
  role.owner = head.owner;
  role.place = head.place;
  require_owner(head, "role", loading.diagnostics);
  if (YamlNode* assign = reader.required("assign", "a condition over identity"))
    if (auto expression = loading.compile(*assign, loading.set.vocabulary->conditions, cel::Type::boolean()))
      role.assign = std::move(*expression);
  role.states = read_states(reader, "states", loading.set.lifecycle.roles_apply_in);
  RoleReader parts(loading, role);
  reader.required("grants", "[{ target: ..., entitlements: [...] }]");
  if (auto* items = reader.items("grants"); items != nullptr)
    for (YamlNode& item : *items) parts.read_grant(item);
  if (auto* items = reader.items("examples"); items != nullptr)
    for (YamlNode& item : *items) parts.read_example(item);
  reader.finish();
  loading.set.roles.emplace(role.name, std::move(role));
}

}  // namespace tenure::policy
