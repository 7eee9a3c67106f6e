#include "loader.hpp"

#include <algorithm>
#include <array>

#include <tenure/cel/program.hpp>

namespace tenure::policy {
namespace {

const std::vector<std::string> kScopeNames = {"managed", "additive", "observed", "ignored"};
const std::vector<std::string> kRiskNames = {"low", "medium", "high", "privileged"};
const std::vector<std::string> kPurposeNames = {"normal", "admin", "test", "service", "shared"};
const std::vector<std::string> kIdentityKindNames = {"person", "service", "workload", "device", "agent"};
constexpr std::array<std::string_view, 7> kStepVerbs = {"create", "update", "enable", "disable",
                                                        "delete", "grant",  "revoke"};

// An account attribute may be text, a number, a truth value or a list of texts; null means that the account has none.
bool storable(const cel::Type& type) {
  using Kind = cel::Type::Kind;
  if (type.is_open()) return true;
  if (type.is(Kind::kList)) return type.element().is(Kind::kString) || type.element().is_open();
  return type.is(Kind::kString) || type.is(Kind::kInt) || type.is(Kind::kBool) || type.is(Kind::kNull);
}

void read_allocation(Loading& loading, YamlNode& node, const std::string& attribute, AccountTemplate& out) {
  MapReader reader(node, "account attribute \"" + attribute + "\"", loading.diagnostics);
  AllocationRule rule;
  rule.attribute = attribute;
  rule.is_login = reader.boolean_or("login", false);
  rule.length_max = static_cast<std::size_t>(reader.integer_or("length_max", 0, 2, 1024));
  YamlNode* allocate = reader.required("allocate", "an expression");
  reader.finish();
  if (allocate == nullptr) return;
  auto expression = loading.compile(*allocate, loading.set.vocabulary->conditions, cel::Type::string());
  if (!expression) return;
  rule.value = std::move(*expression);
  out.allocations.push_back(std::move(rule));
}

void read_attribute(Loading& loading, YamlNode& value, const std::string& attribute, AccountTemplate& out) {
  Strength strength = Strength::kEnforced;
  YamlNode* expression_node = &value;
  if (value.is_map()) {
    MapReader reader(value, "account attribute \"" + attribute + "\"", loading.diagnostics);
    expression_node = reader.required("value", "an expression");
    const std::string name = reader.text_or("strength", "enforced");
    if (name == "initial")
      strength = Strength::kInitial;
    else if (name != "enforced")
      reader.wrong_name(*value.find("strength"), "strength", {"enforced", "initial"});
    reader.optional("allocate");  // a known alternative, for the list of members
    reader.finish();
    if (expression_node == nullptr) return;
  }
  auto expression = loading.compile(*expression_node, loading.set.vocabulary->values, cel::Type::dyn());
  if (!expression) return;
  if (const cel::Type& type = expression->program->result_type(); !storable(type)) {
    loading.diagnostics.error(Reason::kCelType, expression_node->place,
                              "the attribute \"" + attribute + "\" would be a " + type.to_string(),
                              "string, int, bool or list(string)");
    return;
  }
  out.attributes.push_back({attribute, std::move(*expression), strength});
}

AccountTemplate read_account(Loading& loading, MapReader& owner, std::vector<Entry>& entries) {
  AccountTemplate out;
  const YamlNode* login = nullptr;
  for (auto& [key, value] : entries) {
    if (key.text == "login") {
      login = &key;
      out.login = loading.compile(value, loading.set.vocabulary->values, cel::Type::string());
      continue;
    }
    out.attribute_names.push_back(key.text);
    if (value.is_map() && value.find("allocate") != nullptr)
      read_allocation(loading, value, key.text, out);
    else
      read_attribute(loading, value, key.text, out);
  }
  const auto by_name = [](const auto& a, const auto& b) { return a.attribute < b.attribute; };
  std::sort(out.allocations.begin(), out.allocations.end(), by_name);
  std::sort(out.attributes.begin(), out.attributes.end(), by_name);
  const auto logins = std::count_if(out.allocations.begin(), out.allocations.end(),
                                    [](const AllocationRule& rule) { return rule.is_login; });
  if (logins + (login != nullptr ? 1 : 0) > 1)
    loading.diagnostics.error(Reason::kPolicySchema, login != nullptr ? login->place : owner.place(),
                              "the account of " + owner.what() + " has more than one login",
                              "either login: or one allocated attribute with login: true");
  return out;
}

void read_correlation(Loading& loading, MapReader& reader, AccountClassDoc& out) {
  auto* items = reader.items("correlate");
  if (items == nullptr) return;
  for (YamlNode& item : *items) {
    MapReader rule_reader(item, "a correlation rule", loading.diagnostics);
    if (!rule_reader.ok()) continue;
    CorrelationRule rule;
    rule.account_attribute = rule_reader.text("account", "an attribute of the account, or name");
    YamlNode* equals = rule_reader.required("equals", "an expression over identity");
    rule_reader.finish();
    if (equals == nullptr) continue;
    auto expression = loading.compile(*equals, loading.set.vocabulary->values, cel::Type::string().nullable());
    if (!expression) continue;
    rule.text = rule.account_attribute + " = " + expression->text;
    rule.identity_value = std::move(*expression);
    out.correlate.push_back(std::move(rule));
  }
}

void read_class(Loading& loading, TargetDoc& target, const YamlNode& key, YamlNode& value) {
  MapReader reader(value, "account class \"" + key.text + "\"", loading.diagnostics);
  if (!reader.ok()) return;
  AccountClassDoc out;
  out.name = key.text;
  if (!is_name(out.name)) reader.wrong(key, "classes", "letters, digits, '.', '_' and '-'");
  out.kind = reader.name_or<model::IdentityKind>("of", out.kind, model::identity_kind, kIdentityKindNames);
  out.purpose = reader.name_or<model::Purpose>("purpose", out.purpose, model::purpose_from, kPurposeNames);
  out.scope = reader.name_or<model::Scope>("scope", out.scope, model::scope_from, kScopeNames);
  out.owner = reader.text_or("owner", target.owner);
  if (YamlNode* config = reader.optional("config")) {
    if (!config->is_map()) reader.wrong(*config, "config", "a mapping");
    out.config = to_json(*config);
  } else {
    out.config = json::Object();
  }
  out.attributes = reader.texts_or("attributes");
  read_correlation(loading, reader, out);
  if (auto* entries = reader.entries("account"); entries != nullptr) {
    AccountTemplate account = read_account(loading, reader, *entries);
    out.attributes.insert(out.attributes.end(), account.attribute_names.begin(), account.attribute_names.end());
    loading.templates.emplace(std::pair(target.name.str(), out.name), std::move(account));
  }
  std::sort(out.attributes.begin(), out.attributes.end());
  out.attributes.erase(std::unique(out.attributes.begin(), out.attributes.end()), out.attributes.end());
  reader.finish();
  target.classes.push_back(std::move(out));
}

// "parameters: { access: [READ, UPDATE] }" (ordered, least first) or "parameters: [name]".
void read_parameters(MapReader& reader, EntitlementDoc& out) {
  YamlNode* node = reader.optional("parameters");
  if (node == nullptr) return;
  if (node->is_list()) {
    out.parameters = reader.texts_or("parameters");
  } else if (node->is_map()) {
    for (const auto& [name, values] : node->entries) {
      out.parameters.push_back(name.text);
      if (values.is_null()) continue;
      if (!values.is_list()) {
        reader.wrong(values, name.text, "a list of values, least first");
        continue;
      }
      auto& order = out.order[name.text];
      for (const YamlNode& value : values.items) order.push_back(value.text);
    }
  } else {
    reader.wrong(*node, "parameters", "names with their values, least first");
  }
  std::sort(out.parameters.begin(), out.parameters.end());
}

void read_entitlement(Loading& loading, TargetDoc& target, const YamlNode& key, YamlNode& value) {
  MapReader reader(value, "entitlement \"" + key.text + "\"", loading.diagnostics);
  if (!reader.ok()) return;
  EntitlementDoc out;
  out.id = model::EntitlementId(key.text);
  out.title = reader.text("title", "what it allows, for people");
  out.owner = reader.text("owner", "the person who answers for it");
  out.risk = reader.name_or<model::Risk>("risk", out.risk, model::risk_from, kRiskNames);
  out.scope = reader.name_or<model::Scope>("scope", out.scope, model::scope_from, kScopeNames);
  out.environment = reader.text_or("environment");
  read_parameters(reader, out);
  if (YamlNode* requestable = reader.optional("requestable")) load_requestable(loading, target, out, *requestable);
  reader.finish();
  target.entitlements.push_back(std::move(out));
}

void read_scopes(Loading& loading, MapReader& reader, TargetDoc& target) {
  auto* items = reader.items("scopes");
  if (items == nullptr) return;
  for (YamlNode& item : *items) {
    MapReader rule(item, "a scope", loading.diagnostics);
    if (!rule.ok()) continue;
    std::string glob = rule.text("entitlements", "a name; * stands for any text");
    rule.required("scope", join(kScopeNames, ", "));
    const auto scope = rule.name_or<model::Scope>("scope", model::Scope::kManaged, model::scope_from, kScopeNames);
    rule.finish();
    target.entitlement_scopes.emplace_back(std::move(glob), scope);
  }
}

void read_escalation(Loading& loading, MapReader& manual, TargetDoc& target) {
  auto* items = manual.items("escalate");
  if (items == nullptr) return;
  for (YamlNode& item : *items) {
    MapReader one(item, "an escalation", loading.diagnostics);
    if (!one.ok()) continue;
    WorkOrderEscalation level;
    if (one.required("after", "a duration such as 2d") != nullptr) level.after = one.duration_or("after", Duration());
    one.required("to", "[groups or persons]");
    level.to = read_approvers(loading, one, "to");
    one.finish();
    target.work_order_escalation.push_back(std::move(level));
  }
  std::stable_sort(target.work_order_escalation.begin(), target.work_order_escalation.end(),
                   [](const auto& a, const auto& b) { return a.after < b.after; });
}

void read_manual(Loading& loading, MapReader& reader, TargetDoc& target) {
  YamlNode* node = reader.optional("manual");
  if (node == nullptr) return;
  MapReader manual(*node, "manual", loading.diagnostics);
  target.manual = true;
  target.work_order_deadline = manual.duration_or("deadline", target.work_order_deadline);
  target.readable = manual.boolean_or("readable", true);
  read_escalation(loading, manual, target);
  if (YamlNode* steps = manual.required("steps", "{ create: ..., grant: ..., ... }")) {
    MapReader verbs(*steps, "steps", loading.diagnostics);
    for (const std::string_view verb : kStepVerbs)
      if (std::string step = verbs.text_or(verb); !step.empty())
        target.work_order_steps.push_back(std::string(verb) + ": " + step);
    verbs.finish();
  }
  manual.finish();
}

// Two classes that allocate one attribute would make account.<name> ambiguous.
void check_allocations(Loading& loading, const Headed& head) {
  for (const auto& [place, account] : loading.templates) {
    if (place.first != head.name) continue;
    for (const AllocationRule& rule : account.allocations) {
      for (const auto& [other, theirs] : loading.templates) {
        if (!(other < place)) break;
        for (const AllocationRule& their : theirs.allocations)
          if (their.attribute == rule.attribute)
            loading.diagnostics.error(Reason::kPolicyDuplicate, rule.value.place,
                                      "\"" + rule.attribute + "\" is allocated a second time (first by class \"" +
                                          other.second + "\" of target \"" + other.first + "\")",
                                      "every name allocated once", "use account." + rule.attribute + " here");
      }
    }
  }
}

}  // namespace

std::vector<std::string> find_allocated(const std::vector<Headed>& heads) {
  std::vector<std::string> names;
  for (const Headed& head : heads) {
    const YamlNode* classes = head.kind == "Target" ? head.node->find("classes") : nullptr;
    if (classes == nullptr) continue;
    for (const auto& [class_name, account_class] : classes->entries) {
      const YamlNode* account = account_class.find("account");
      if (account == nullptr) continue;
      for (const auto& [key, value] : account->entries)
        if (value.find("allocate") != nullptr && is_identifier(key.text)) names.push_back(key.text);
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

void load_target(Loading& loading, const Headed& head) {
  MapReader reader(*head.node, "target \"" + head.name + "\"", loading.diagnostics);
  for (const char* known : {"apiVersion", "kind", "metadata"}) reader.optional(known);
  TargetDoc target;
  target.name = model::TargetName(head.name);
  target.title = head.title;
  target.owner = head.owner;
  target.place = head.place;
  require_owner(head, "target", loading.diagnostics);
  target.connector = reader.text("connector", "ldap");
  if (YamlNode* connection = reader.required("connection", "the connector's settings")) {
    if (!connection->is_map()) reader.wrong(*connection, "connection", "a mapping");
    target.config = to_json(*connection);
  }
  reader.required("classes", "{ people: { ... } }");
  if (auto* entries = reader.entries("classes"); entries != nullptr) {
    head.node->find("classes")->ordered = true;  // connectors take the first class that an account falls into
    for (auto& [key, value] : *entries) read_class(loading, target, key, value);
  }
  if (auto* entries = reader.entries("entitlements"); entries != nullptr)
    for (auto& [key, value] : *entries) read_entitlement(loading, target, key, value);
  std::sort(target.entitlements.begin(), target.entitlements.end(),
            [](const EntitlementDoc& a, const EntitlementDoc& b) { return a.id < b.id; });
  read_scopes(loading, reader, target);
  read_manual(loading, reader, target);
  target.baseline_deadline = reader.duration_or("baseline_deadline", target.baseline_deadline);
  target.revert_drift = reader.boolean_or("revert_drift", false);
  if (YamlNode* node = reader.optional("limits")) {
    MapReader limits(*node, "limits", loading.diagnostics);
    target.limits.concurrency = static_cast<int>(limits.integer_or("concurrency", target.limits.concurrency, 1, 1000));
    target.limits.writes_per_second =
        static_cast<int>(limits.integer_or("writes_per_second", target.limits.writes_per_second, 0, 1'000'000));
    limits.finish();
  }
  reader.finish();
  check_allocations(loading, head);
  auto catalogue = std::make_shared<std::unordered_map<model::EntitlementId, std::size_t>>();
  for (std::size_t i = 0; i < target.entitlements.size(); ++i) catalogue->emplace(target.entitlements[i].id, i);
  target.catalogue = std::move(catalogue);
  loading.set.targets.emplace(target.name, std::move(target));
}

}  // namespace tenure::policy
