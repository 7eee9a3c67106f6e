#include "loader.hpp"

#include <algorithm>

#include <tenure/cel/program.hpp>
#include <tenure/policy/parametric.hpp>

namespace tenure::policy {
namespace {

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

  void read_includes(YamlNode& item) {
    if (auto name = to_text(item); name && !name->empty())
      role_.includes.push_back({model::RoleName(*name), item.place});
    else
      loading_.diagnostics.error(Reason::kPolicySchema, item.place, "includes is " + std::string(item.describe()),
                                 "a list of names of roles");
  }

  void read_for_each(YamlNode& node) {
    if (!node.is_map() || node.entries.size() != 1 || !is_identifier(node.entries.front().key.text)) {
      loading_.diagnostics.error(Reason::kPolicySchema, node.place,
                                 "for_each of role \"" + role_.name.str() + "\" is not one name with its values",
                                 "for_each: { project: identity.projects }");
      return;
    }
    auto& [key, value] = node.entries.front();
    auto values = loading_.compile(value, loading_.set.vocabulary->conditions, cel::Type::dyn());
    if (!values) return;
    const cel::Type& type = values->program->result_type();
    const bool texts = type.is(cel::Type::Kind::kList) && type.element().is(cel::Type::Kind::kString);
    if (!texts && !type.is(cel::Type::Kind::kString))
      loading_.diagnostics.error(Reason::kCelType, value.place, "the values of for_each are " + type.to_string(),
                                 "text, or a list of texts");
    role_.for_each = ForEach{key.text, std::move(*values)};
  }

  void read_request(YamlNode& node) {
    MapReader reader(node, "request of role \"" + role_.name.str() + "\"", loading_.diagnostics);
    if (!reader.ok()) return;
    RequestDoc request = tenure::policy::read_request(loading_, reader, node, {});
    reader.finish();
    role_.request = std::move(request);
  }

  void read_movers(MapReader& role) {
    if (YamlNode* leave = role.optional("on_leave_role")) {
      MapReader reader(*leave, "on_leave_role", loading_.diagnostics);
      role_.overlap = reader.duration_or("overlap", Duration());
      reader.finish();
    }
    if (YamlNode* join = role.optional("on_join_role")) {
      MapReader reader(*join, "on_join_role", loading_.diagnostics);
      for (const std::string& name : reader.texts_or("gap")) role_.gap.emplace_back(name);
      reader.finish();
    }
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
        check_attribute(loading_, key);
        identity.emplace(key.text, to_json(value));
      }
      example.identity = std::move(identity);
    }
    example.holds = read_holds(loading_, reader, "holds");
    example.holds_not = read_holds(loading_, reader, "holds_not");
    if (reader.optional("may_request") != nullptr) example.may_request = reader.boolean_or("may_request", true);
    if (reader.optional("conflicts") != nullptr) example.conflicts = reader.texts_or("conflicts");
    if (example.holds.empty() && example.holds_not.empty() && !example.may_request && !example.conflicts)
      loading_.diagnostics.error(Reason::kPolicySchema, node.place, reader.what() + " expects nothing",
                                 "holds: { target: [entitlements] }, holds_not, may_request or conflicts");
    reader.finish();
    role_.examples.push_back(std::move(example));
  }

 private:
  const TargetDoc* find_target(MapReader& reader, const YamlNode& node) {
    const std::string name = reader.text("target", "the name of a target");
    if (name.empty()) return nullptr;
    return known_target(loading_, name, node.find("target")->place);
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
    if (!gives_login(grant)) report_no_login(loading_, target, account_class, node.place);
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
    if (target == nullptr) return;
    const bool pattern = id.find('{') != std::string::npos || std::any_of(values.begin(), values.end(), [](auto& one) {
                           return one.second.find('{') != std::string::npos;
                         });
    if (pattern) {
      if (check_pattern(*target, id, values, place->place)) grant.patterns.push_back({id, values});
    } else if (check_entitlement(loading_, *target, id, values, place->place, true)) {
      grant.entitlements.push_back({model::EntitlementId(id), parameters_text(values)});
    }
  }

  // Every brace is part of the placeholder of for_each.
  bool only_placeholders(const std::string& text, const Place& place) {
    std::string rest = text;
    const std::string placeholder = role_.for_each ? "{" + role_.for_each->variable + "}" : "{}";
    for (std::size_t at = rest.find(placeholder); at != std::string::npos; at = rest.find(placeholder))
      rest.erase(at, placeholder.size());
    if (role_.for_each && rest.find_first_of("{}") == std::string::npos) return true;
    loading_.diagnostics.error(Reason::kPolicyReference, place, "\"" + text + "\" has a placeholder that nothing fills",
                               role_.for_each ? placeholder : "for_each: { name: values } in the role");
    return false;
  }

  bool check_pattern(const TargetDoc& target, const std::string& id, const std::map<std::string, std::string>& values,
                     const Place& place) {
    bool good = only_placeholders(id, place);
    for (const auto& [name, value] : values) good = only_placeholders(value, place) && good;
    if (!good) return false;
    const RoleGrant::Pattern pattern{id, values};
    const auto known = catalogued(target, *role_.for_each, pattern);
    if (known.empty())
      loading_.diagnostics.error(
          Reason::kPolicyReference, place,
          "the catalogue of target \"" + target.name.str() + "\" has nothing like \"" + id + "\"",
          "an entitlement that it stands for in targets/" + target.name.str() + ".yaml");
    for (const EntitlementDoc* entitlement : known) {
      std::map<std::string, std::string> fixed;
      for (const auto& [name, value] : values) {
        if (value.find('{') == std::string::npos)
          fixed.emplace(name, value);
        else if (std::find(entitlement->parameters.begin(), entitlement->parameters.end(), name) ==
                 entitlement->parameters.end())
          fixed.emplace(name, "");  // reported below: there is no such parameter
      }
      if (!check_entitlement(loading_, target, entitlement->id.str(), fixed, place, true)) return false;
    }
    return !known.empty();
  }

  Loading& loading_;
  RoleDoc& role_;
};

}  // namespace

const TargetDoc* known_target(Loading& loading, const std::string& name, const Place& place) {
  const auto found = loading.set.targets.find(model::TargetName(name));
  if (found != loading.set.targets.end()) return &found->second;
  std::vector<std::string> names;
  for (const auto& [target, document] : loading.set.targets) names.push_back(target.str());
  loading.diagnostics.error(Reason::kPolicyReference, place, "there is no target \"" + name + "\"",
                            "one of " + join(names, ", "), suggest(name, names));
  return nullptr;
}

bool check_entitlement(Loading& loading, const TargetDoc& target, const std::string& id,
                       const std::map<std::string, std::string>& values, const Place& place, bool granted) {
  const EntitlementDoc* found = target.entitlement(model::EntitlementId(id));
  if (found == nullptr) {
    std::vector<std::string> names;
    for (const EntitlementDoc& one : target.entitlements) names.push_back(one.id.str());
    loading.diagnostics.error(Reason::kPolicyReference, place,
                              "\"" + id + "\" is not in the catalogue of target \"" + target.name.str() + "\"",
                              "an entitlement of targets/" + target.name.str() + ".yaml", suggest(id, names));
    return false;
  }
  for (const auto& [name, value] : values) {
    if (std::find(found->parameters.begin(), found->parameters.end(), name) == found->parameters.end()) {
      loading.diagnostics.error(Reason::kPolicyReference, place, "\"" + id + "\" has no parameter \"" + name + "\"",
                                "one of " + join(found->parameters, ", "), suggest(name, found->parameters));
      return false;
    }
    const auto order = found->order.find(name);
    if (order != found->order.end() &&
        std::find(order->second.begin(), order->second.end(), value) == order->second.end()) {
      loading.diagnostics.error(Reason::kPolicyReference, place,
                                "\"" + value + "\" is no value of parameter \"" + name + "\" of \"" + id + "\"",
                                "one of " + join(order->second, ", "), suggest(value, order->second));
      return false;
    }
  }
  const model::Scope scope = target.scope_of(model::EntitlementId(id));
  if (granted && scope != model::Scope::kManaged && scope != model::Scope::kAdditive)
    loading.diagnostics.warning(Reason::kPolicyReference, place,
                                "\"" + id + "\" is granted here but only " + std::string(model::name_of(scope)) +
                                    " in target \"" + target.name.str() + "\": nothing will be written",
                                "scope managed or additive");
  return true;
}

void check_attribute(Loading& loading, const YamlNode& key) {
  if (key.text == "kind" || key.text == "key") return;
  std::vector<std::string> names = {"kind", "key"};
  for (const AttributeDecl& decl : loading.set.attributes) {
    if (decl.name == key.text) return;
    names.push_back(decl.name);
  }
  loading.diagnostics.error(Reason::kPolicyReference, key.place,
                            "the example gives \"" + key.text + "\", which tenure.yaml does not declare",
                            "one of " + join(names, ", "), suggest(key.text, names));
}

std::map<std::string, std::vector<std::string>> read_holds(Loading& loading, MapReader& reader,
                                                           std::string_view member) {
  std::map<std::string, std::vector<std::string>> out;
  auto* entries = reader.entries(member);
  if (entries == nullptr) return out;
  for (auto& [key, value] : *entries) {
    const TargetDoc* target = known_target(loading, key.text, key.place);
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
      if (target != nullptr) check_entitlement(loading, *target, words.front(), values, item.place, false);
      list.push_back(item.text);
    }
  }
  return out;
}

void load_role(Loading& loading, const Headed& head) {
  MapReader reader(*head.node, "role \"" + head.name + "\"", loading.diagnostics);
  for (const char* known : {"apiVersion", "kind", "metadata"}) reader.optional(known);
  RoleDoc role;
  role.name = model::RoleName(head.name);
  role.title = head.title;
  role.owner = head.owner;
  role.place = head.place;
  require_owner(head, "role", loading.diagnostics);
  if (YamlNode* assign = reader.optional("assign"))
    role.assign = loading.compile(*assign, loading.set.vocabulary->conditions, cel::Type::boolean());
  role.states = read_states(reader, "states", loading.set.lifecycle.roles_apply_in);
  RoleReader parts(loading, role);
  if (auto* items = reader.items("includes"); items != nullptr)
    for (YamlNode& item : *items) parts.read_includes(item);
  if (YamlNode* values = reader.optional("for_each")) parts.read_for_each(*values);
  if (YamlNode* request = reader.optional("request")) parts.read_request(*request);
  parts.read_movers(reader);
  if (role.includes.empty()) reader.required("grants", "[{ target: ..., entitlements: [...] }]");
  if (role.for_each && !role.includes.empty())
    loading.diagnostics.error(Reason::kPolicySchema, role.includes.front().place,
                              "role \"" + head.name + "\" has for_each and includes others",
                              "one of them: an included role has its own for_each");
  if (auto* items = reader.items("grants"); items != nullptr)
    for (YamlNode& item : *items) parts.read_grant(item);
  if (auto* items = reader.items("examples"); items != nullptr)
    for (YamlNode& item : *items) parts.read_example(item);
  reader.finish();
  loading.set.roles.emplace(role.name, std::move(role));
}

}  // namespace tenure::policy
