// Who must agree to what, in what order, who stands in for whom, and what happens when nobody answers.
#include "loader.hpp"

#include <algorithm>

#include <tenure/cel/program.hpp>

namespace tenure::policy {
namespace {

bool in_a_group(const PolicySet& set, const std::string& person) {
  return std::any_of(set.groups.begin(), set.groups.end(), [&](const auto& group) {
    return std::find(group.second.begin(), group.second.end(), person) != group.second.end();
  });
}

void check_approvers(const PolicySet& set, MapReader& reader, std::string_view key, const YamlNode* node,
                     const std::vector<std::string>& approvers) {
  std::vector<std::string> known;
  for (const auto& [name, members] : set.groups) known.push_back(name);
  for (const std::string& approver : approvers) {
    if (set.groups.contains(approver) || in_a_group(set, approver)) continue;
    reader.diagnostics().error(
        Reason::kPolicyReference, node != nullptr ? node->place : reader.place(),
        "\"" + approver + "\" in " + std::string(key) + " is neither a group nor a member of one",
        "one of the groups " + join(known, ", "), suggest(approver, known));
  }
}

// approvers, count, escalate: of a step, or of a rule that is one step.
ApprovalStep read_step(const PolicySet& set, MapReader& reader, const YamlNode& node) {
  ApprovalStep step;
  step.approvers = reader.texts_or("approvers");
  check_approvers(set, reader, "approvers", node.find("approvers"), step.approvers);
  step.count = static_cast<int>(reader.integer_or("count", 1, 1, 100));
  YamlNode* escalate = reader.optional("escalate");
  if (escalate == nullptr) return step;
  MapReader inner(*escalate, "escalate", reader.diagnostics());
  if (inner.required("after", "a duration such as 2d") != nullptr)
    step.escalate_after = inner.duration_or("after", Duration());
  if (inner.required("to", "[groups or persons]") != nullptr) step.escalate_to = inner.texts_or("to");
  check_approvers(set, inner, "to", escalate->find("to"), step.escalate_to);
  if (step.approvers.empty())
    reader.diagnostics().error(Reason::kPolicySchema, escalate->place,
                               "any operator may approve already, so there is nobody to escalate to",
                               "approvers beside escalate");
  inner.finish();
  return step;
}

void read_steps(Loading& loading, MapReader& reader, const Headed& head, ApprovalRule& rule) {
  std::vector<YamlNode>* items = reader.items("steps");
  if (items == nullptr || items->empty()) {
    rule.steps.push_back(read_step(loading.set, reader, *head.node));
    return;
  }
  for (const char* other : {"approvers", "count", "escalate"}) {
    if (const YamlNode* there = reader.optional(other))
      loading.diagnostics.error(Reason::kPolicySchema, there->place, reader.what() + " says " + other + " beside steps",
                                "it in each step");
  }
  for (YamlNode& item : *items) {
    MapReader step(item, "a step of " + reader.what(), loading.diagnostics);
    if (!step.ok()) continue;
    rule.steps.push_back(read_step(loading.set, step, item));
    step.finish();
  }
}

std::optional<Deputy> read_deputy(YamlNode& node, const std::string& principal, Diagnostics& diagnostics) {
  Deputy deputy;
  if (node.is_map()) {
    MapReader reader(node, "a deputy of " + principal, diagnostics);
    deputy.person = reader.text("name", "the person who stands in");
    for (auto& [key, into] : {std::pair{"from", &deputy.from}, std::pair{"until", &deputy.until}}) {
      YamlNode* date = reader.optional(key);
      if (date == nullptr) continue;
      if (const auto time = Time::parse(date->text); date->is_scalar() && time)
        *into = *time;
      else
        reader.wrong(*date, key, "a date such as 2026-12-01");
    }
    reader.finish();
    if (deputy.until <= deputy.from)
      diagnostics.error(Reason::kPolicySchema, node.place, "the deputy of " + principal + " ends before it begins",
                        "from earlier than until");
  } else if (auto name = to_text(node); name && !name->empty()) {
    deputy.person = *name;
  } else {
    diagnostics.error(Reason::kPolicySchema, node.place, "a deputy of " + principal + " is " + node.describe().data(),
                      "a person, or { name: ..., from: ..., until: ... }");
  }
  if (deputy.person.empty()) return std::nullopt;
  if (deputy.person == principal) {
    diagnostics.error(Reason::kPolicySchema, node.place, principal + " cannot be their own deputy", "another person");
    return std::nullopt;
  }
  return deputy;
}

}  // namespace

void read_deputies(Loading& loading, MapReader& settings) {
  auto* entries = settings.entries("deputies");
  if (entries == nullptr) return;
  for (auto& [principal, value] : *entries) {
    if (!value.is_list()) {
      settings.wrong(value, principal.text, "a list of persons");
      continue;
    }
    if (!in_a_group(loading.set, principal.text))
      loading.diagnostics.error(Reason::kPolicyReference, principal.place,
                                "\"" + principal.text + "\" has deputies and is a member of no group",
                                "a member of one of the groups");
    for (YamlNode& item : value.items)
      if (auto deputy = read_deputy(item, principal.text, loading.diagnostics))
        loading.set.deputies[principal.text].push_back(std::move(*deputy));
  }
}

std::vector<std::string> read_approvers(Loading& loading, MapReader& reader, std::string_view key) {
  std::vector<std::string> approvers = reader.texts_or(key);
  check_approvers(loading.set, reader, key, reader.optional(key), approvers);
  return approvers;
}

void load_approval(Loading& loading, const Headed& head) {
  MapReader reader(*head.node, "approval \"" + head.name + "\"", loading.diagnostics);
  for (const char* known : {"apiVersion", "kind", "metadata"}) reader.optional(known);
  ApprovalRule rule;
  rule.name = head.name;
  rule.owner = head.owner;
  YamlNode* when = reader.optional("when");
  if (when != nullptr) rule.when = loading.compile(*when, loading.set.vocabulary->changes, cel::Type::boolean());
  rule.otherwise = reader.boolean_or("otherwise", false);
  rule.standing = reader.boolean_or("standing", false);
  rule.changes_max = reader.integer_or("limit", 0, 1, 1'000'000'000);
  if (rule.changes_max > 0 && !rule.standing)
    loading.diagnostics.error(Reason::kPolicySchema, reader.optional("limit")->place,
                              reader.what() + " has a limit and is not standing", "limit beside standing: true");
  rule.expires_after = reader.duration_or("expires", Duration());
  if (rule.otherwise && when != nullptr)
    loading.diagnostics.error(Reason::kPolicySchema, when->place, reader.what() + " says both when and otherwise",
                              "one of them", "otherwise holds for the changes that no other rule matches");
  if (!rule.standing) {
    read_steps(loading, reader, head, rule);
    // What takes access away does not lapse: without an answer somebody else has to be asked.
    for (const ApprovalStep& step : rule.steps)
      if (rule.expires_after != Duration() && !step.approvers.empty() && step.escalate_to.empty())
        loading.diagnostics.error(Reason::kPolicySchema, reader.optional("expires")->place,
                                  reader.what() + " expires and does not escalate",
                                  "escalate beside expires: a revocation does not lapse, it escalates");
  } else {
    for (const char* person : {"approvers", "count", "escalate", "expires", "steps"})
      if (const YamlNode* there = reader.optional(person))
        loading.diagnostics.error(Reason::kPolicySchema, there->place,
                                  reader.what() + " is standing and says " + person,
                                  "standing: true alone, or who must agree without standing");
  }
  reader.finish();
  loading.set.approvals.push_back(std::move(rule));
}

}  // namespace tenure::policy
