// What people may ask for: `request` of roles, and `requestable` of single entitlements. A right that can be asked for
// by itself is kept as a role of its own, named after it ("directory:vpn-users"), which no document can be: everything
// that holds of requested roles then holds of it.
#include "loader.hpp"

#include <algorithm>

#include <tenure/cel/program.hpp>

namespace tenure::policy {
namespace {

constexpr std::size_t kValuesTogetherMax = 64;  // combinations of parameters that one entitlement may be asked for with

using Chosen = std::map<std::string, std::string>;

// Every combination of the values of its parameters; nullopt after diagnostics.
std::optional<std::vector<Chosen>> combinations(Loading& loading, const EntitlementDoc& entitlement,
                                                const Place& place) {
  std::vector<Chosen> all = {{}};
  for (const std::string& name : entitlement.parameters) {
    const auto order = entitlement.order.find(name);
    if (order == entitlement.order.end() || all.size() * order->second.size() > kValuesTogetherMax) {
      loading.diagnostics.error(
          Reason::kPolicySchema, place,
          "\"" + entitlement.id.str() + "\" cannot be asked for by itself: " +
              (order == entitlement.order.end()
                   ? "parameter \"" + name + "\" may have any value"
                   : "its parameters have more than " + std::to_string(kValuesTogetherMax) + " combinations"),
          "parameters: { " + name + ": [values, least first] }", "let a role with `request` give it");
      return std::nullopt;
    }
    std::vector<Chosen> more;
    for (const Chosen& one : all)
      for (const std::string& value : order->second) {
        Chosen next = one;
        next[name] = value;
        more.push_back(std::move(next));
      }
    all = std::move(more);
  }
  return all;
}

model::RoleName name_of(const TargetDoc& target, const EntitlementDoc& entitlement, const Chosen& parameters) {
  std::string name = target.name.str() + ":" + entitlement.id.str();
  for (const auto& [parameter, value] : parameters) name += " " + parameter + "=" + value;
  return model::RoleName(std::move(name));
}

const AccountClassDoc* class_for(MapReader* reader, const YamlNode& node, const TargetDoc& target,
                                 const EntitlementDoc& entitlement, Diagnostics& diagnostics) {
  const std::string name = reader == nullptr ? std::string() : reader->text_or("class");
  if (name.empty() && target.classes.size() == 1) return &target.classes.front();
  if (const AccountClassDoc* found = target.account_class(name)) return found;
  std::vector<std::string> names;
  for (const AccountClassDoc& one : target.classes) names.push_back(one.name);
  diagnostics.error(Reason::kPolicyReference, node.place,
                    name.empty() ? "requestable of \"" + entitlement.id.str() + "\" does not say for which accounts"
                                 : "target \"" + target.name.str() + "\" has no account class \"" + name + "\"",
                    "class: one of " + join(names, ", "), suggest(name, names));
  return nullptr;
}

}  // namespace

std::string parameters_text(const std::map<std::string, std::string>& values) {
  if (values.empty()) return {};
  json::Object object;
  for (const auto& [name, value] : values) object.emplace(name, value);
  return json::to_string(json::Value(std::move(object)));
}

bool gives_login(const RoleGrant& grant) {
  return grant.login.has_value() || std::any_of(grant.allocations.begin(), grant.allocations.end(),
                                                [](const AllocationRule& rule) { return rule.is_login; });
}

void report_no_login(Loading& loading, const TargetDoc& target, const AccountClassDoc& account_class,
                     const Place& place) {
  loading.diagnostics.error(Reason::kPolicyReference, place,
                            "account class \"" + account_class.name + "\" of target \"" + target.name.str() +
                                "\" does not say how a login is made, so a role cannot give such accounts",
                            "account: { login: ... } in the class");
}

RequestDoc read_request(Loading& loading, MapReader& reader, YamlNode& node, RequestDoc request) {
  if (YamlNode* allowed = reader.optional("allowed_if"))
    request.allowed_if = loading.compile(*allowed, loading.set.vocabulary->conditions, cel::Type::boolean());
  request.term_max = reader.duration_or("term_max", request.term_max, true);
  const std::string justification = reader.text_or("justification", request.justification ? "required" : "optional");
  request.justification = justification != "optional";
  if (justification != "required" && justification != "optional")
    reader.wrong(*node.find("justification"), "justification", "required or optional");
  if (YamlNode* approvals = reader.optional("approvals")) {
    MapReader inner(*approvals, "approvals of " + reader.what(), loading.diagnostics);
    request.approvals = static_cast<int>(inner.integer_or("count", request.approvals, 1, 100));
    if (approvals->find("approvers") != nullptr) request.approvers = read_approvers(loading, inner);
    inner.optional("approvers");
    inner.finish();
  }
  return request;
}

void load_requestable(Loading& loading, const TargetDoc& target, const EntitlementDoc& entitlement, YamlNode& node) {
  const bool plain = node.is_scalar() && (node.text == "true" || node.text == "false");
  if (plain && node.text == "false") return;
  RequestDoc request;
  if (const auto terms = loading.set.assignments.by_risk.find(entitlement.risk);
      terms != loading.set.assignments.by_risk.end())
    request = terms->second;
  const AccountClassDoc* type = nullptr;
  if (plain) {
    type = class_for(nullptr, node, target, entitlement, loading.diagnostics);
  } else {
    MapReader reader(node, "requestable of \"" + entitlement.id.str() + "\"", loading.diagnostics);
    if (!reader.ok()) return;
    request = read_request(loading, reader, node, std::move(request));
    type = class_for(&reader, node, target, entitlement, loading.diagnostics);
    reader.finish();
  }
  if (type == nullptr) return;
  const auto all = combinations(loading, entitlement, node.place);
  if (!all) return;
  const auto account = loading.templates.find({target.name.str(), type->name});
  for (const Chosen& parameters : *all) {
    RoleDoc role;
    role.name = name_of(target, entitlement, parameters);
    role.title = entitlement.title;
    role.owner = entitlement.owner;
    role.states = loading.set.lifecycle.roles_apply_in;
    role.request = request;
    role.place = node.place;
    RoleGrant& grant = role.grants.emplace_back();
    grant.target = target.name;
    grant.account_class = type->name;
    if (account != loading.templates.end()) {
      grant.allocations = account->second.allocations;
      grant.attributes = account->second.attributes;
      grant.login = account->second.login;
    }
    if (!gives_login(grant)) {
      report_no_login(loading, target, *type, node.place);
      return;
    }
    grant.entitlements.push_back({entitlement.id, parameters_text(parameters)});
    loading.set.rights.emplace(role.name, std::move(role));
  }
}

}  // namespace tenure::policy
