#include "loader.hpp"

#include <algorithm>

namespace tenure::policy {
namespace {

constexpr std::size_t kDutiesMax = 64;

// "role sales-rep", or "directory:build-admins".
void read_member(Loading& loading, const YamlNode& node, Duty& duty) {
  constexpr std::string_view kRole = "role ";
  if (!node.is_scalar() || !node.text.starts_with(kRole)) {
    if (auto right = read_right(loading, node)) duty.rights.push_back(std::move(*right));
    return;
  }
  const model::RoleName role(node.text.substr(kRole.size()));
  if (loading.set.roles.contains(role)) {
    duty.roles.push_back(role);
    return;
  }
  std::vector<std::string> names;
  for (const auto& [name, doc] : loading.set.roles) names.push_back(name.str());
  loading.diagnostics.error(Reason::kPolicyReference, node.place, "there is no role \"" + role.str() + "\"",
                            "one of " + join(names, ", "), suggest(role.str(), names));
}

Duty read_duty(Loading& loading, YamlNode& node) {
  Duty duty;
  if (node.is_scalar()) {
    duty.name = node.text;
    read_member(loading, node, duty);
    return duty;
  }
  MapReader reader(node, "a duty", loading.diagnostics);
  if (!reader.ok()) return duty;
  duty.name = reader.text("name", "what the duty is called");
  reader.required("any_of", "[role NAME, TARGET:ENTITLEMENT]");
  if (auto* items = reader.items("any_of"); items != nullptr)
    for (const YamlNode& item : *items) read_member(loading, item, duty);
  reader.finish();
  return duty;
}

}  // namespace

std::optional<Duty::Right> read_right(Loading& loading, const YamlNode& node) {
  const std::size_t colon = node.is_scalar() ? node.text.find(':') : std::string::npos;
  if (colon == std::string::npos) {
    loading.diagnostics.error(Reason::kPolicySchema, node.place,
                              "\"" + (node.is_scalar() ? node.text : std::string(node.describe())) +
                                  "\" is neither a role nor an entitlement",
                              "role NAME, or TARGET:ENTITLEMENT");
    return std::nullopt;
  }
  Duty::Right right{model::TargetName(node.text.substr(0, colon)), model::EntitlementId(node.text.substr(colon + 1))};
  const auto target = loading.set.targets.find(right.target);
  std::vector<std::string> names;
  if (target == loading.set.targets.end()) {
    for (const auto& [name, doc] : loading.set.targets) names.push_back(name.str());
    loading.diagnostics.error(Reason::kPolicyReference, node.place, "there is no target \"" + right.target.str() + "\"",
                              "one of " + join(names, ", "), suggest(right.target.str(), names));
    return std::nullopt;
  }
  if (target->second.entitlement(right.entitlement) != nullptr) return right;
  for (const EntitlementDoc& one : target->second.entitlements) names.push_back(one.id.str());
  loading.diagnostics.error(
      Reason::kPolicyReference, node.place,
      "\"" + right.entitlement.str() + "\" is not in the catalogue of target \"" + right.target.str() + "\"",
      "an entitlement of targets/" + right.target.str() + ".yaml", suggest(right.entitlement.str(), names));
  return std::nullopt;
}

void load_duties(Loading& loading, const Headed& head) {
  MapReader reader(*head.node, "separation of duties \"" + head.name + "\"", loading.diagnostics);
  for (const char* known : {"apiVersion", "kind", "metadata"}) reader.optional(known);
  DutiesDoc doc;
  doc.name = head.name;
  doc.title = head.title;
  doc.owner = head.owner;
  doc.place = head.place;
  require_owner(head, "separation of duties", loading.diagnostics);
  reader.required("duties", "[role NAME, TARGET:ENTITLEMENT, { name: ..., any_of: [...] }]");
  if (auto* items = reader.items("duties"); items != nullptr) {
    for (YamlNode& item : *items) doc.duties.push_back(read_duty(loading, item));
    if (doc.duties.size() < 2 || doc.duties.size() > kDutiesMax)
      reader.wrong(*reader.optional("duties"), "duties", "a list of 2 to " + std::to_string(kDutiesMax) + " duties");
  }
  const auto most = std::max<std::int64_t>(1, static_cast<std::int64_t>(doc.duties.size()) - 1);
  doc.at_most = static_cast<int>(reader.integer_or("at_most", 1, 1, most));
  const std::string action = reader.text_or("action", "prevent");
  doc.exceptions = action == "allow_with_exception";
  if (!doc.exceptions && action != "prevent")
    reader.wrong(*reader.optional("action"), "action", "prevent or allow_with_exception");
  if (YamlNode* exception = reader.optional("exception")) {
    MapReader inner(*exception, "exception of " + reader.what(), loading.diagnostics);
    doc.exception_max = inner.duration_or("term_max", Duration());
    doc.approvals = static_cast<int>(inner.integer_or("count", 1, 1, 100));
    doc.approvers = read_approvers(loading, inner);
    inner.finish();
    if (!doc.exceptions)
      loading.diagnostics.error(Reason::kPolicySchema, exception->place, reader.what() + " prevents and has exceptions",
                                "action: allow_with_exception, or no exception");
  }
  reader.finish();
  loading.set.duties.push_back(std::move(doc));
}

}  // namespace tenure::policy
