// Settings member "lifecycle": states and their accounts, the steps that follow later, who answers for what is no
// person.
#include "loader.hpp"

#include <algorithm>

namespace tenure::policy {
namespace {

const std::vector<std::string> kAccountStates = {"absent", "disabled", "enabled"};
const std::vector<std::string> kPurposes = {"normal", "admin", "test", "service", "shared"};
const std::vector<std::string> kOthers = {"service", "workload", "device", "agent"};

bool is_end(model::LifecycleState state) {
  using enum model::LifecycleState;
  return state == kLeft || state == kRetired || state == kRevoking;
}

void read_step(LifecycleDoc& lifecycle, model::LifecycleState state, YamlNode& node, Diagnostics& diagnostics) {
  MapReader reader(node, "a step of the lifecycle", diagnostics);
  if (!reader.ok()) return;
  GraceStep step;
  step.state = state;
  step.place = node.place;
  reader.required("after", "how long after the account was disabled, for example 30d");
  step.after = reader.duration_or("after", Duration());
  step.deletes = reader.boolean_or("delete", false);
  step.entitlements = reader.texts_or("revoke");
  step.targets = reader.texts_or("targets");
  step.classes = reader.texts_or("classes");
  if (auto* items = reader.items("purposes"); items != nullptr)
    for (YamlNode& item : *items)
      if (const auto purpose = reader.read_name<model::Purpose>(item, "purposes", model::purpose_from, kPurposes))
        step.purposes.push_back(*purpose);
  reader.finish();
  if (step.deletes == !step.entitlements.empty())
    diagnostics.error(Reason::kPolicySchema, node.place, "a step of the lifecycle does not say one thing",
                      "revoke: [names of entitlements], or delete: true");
  if (step.deletes && !is_end(state))
    diagnostics.error(Reason::kPolicySchema, node.place,
                      "accounts would be deleted while their owner is " + std::string(model::name_of(state)),
                      "delete in left, retired or revoking only");
  lifecycle.steps.push_back(std::move(step));
}

void read_steps(LifecycleDoc& lifecycle, MapReader& lifecycle_reader, YamlNode& node, Diagnostics& diagnostics) {
  MapReader reader(node, "steps of the lifecycle", diagnostics);
  if (!reader.ok()) return;
  for (const std::string& name : lifecycle_state_names()) {
    auto* items = reader.items(name);
    if (items == nullptr) continue;
    const model::LifecycleState state = *model::lifecycle_state(name);
    const auto accounts = lifecycle.account_states.find(state);
    if (accounts != lifecycle.account_states.end() && accounts->second == model::AccountState::kEnabled)
      lifecycle_reader.wrong(
          node, "steps",
          "steps of states that disable accounts: they count from then, and those of " + name + " stay enabled");
    for (YamlNode& item : *items) read_step(lifecycle, state, item, diagnostics);
  }
  reader.finish();
}

void read_owner(LifecycleDoc& lifecycle, YamlNode& node, Diagnostics& diagnostics) {
  MapReader reader(node, "owner of the lifecycle", diagnostics);
  if (!reader.ok()) return;
  OwnerRule& rule = lifecycle.owner;
  if (auto* items = reader.items("of"); items != nullptr)
    for (YamlNode& item : *items)
      if (const auto kind = reader.read_name<model::IdentityKind>(item, "of", model::identity_kind, kOthers)) {
        if (*kind == model::IdentityKind::kPerson)
          reader.wrong_name(item, "of", kOthers);
        else
          rule.of.push_back(*kind);
      }
  rule.relations = reader.texts_or("relations", {"owner"});
  rule.within = reader.duration_or("within", rule.within);
  reader.finish();
  if (rule.of.empty())
    diagnostics.error(Reason::kPolicySchema, node.place, "owner of the lifecycle is about nobody",
                      "of: [" + join(kOthers, ", ") + "]");
}

void check_globs(Loading& loading, const GraceStep& step, const std::vector<std::string>& globs,
                 const std::vector<std::string>& known, const std::string& what) {
  for (const std::string& glob : globs)
    if (std::none_of(known.begin(), known.end(), [&](const std::string& one) { return matches_glob(glob, one); }))
      loading.diagnostics.error(Reason::kPolicyReference, step.place,
                                "\"" + glob + "\" in a step of the lifecycle is no " + what,
                                known.size() > 20 ? "" : "one of " + join(known, ", "), suggest(glob, known));
}

}  // namespace

void read_lifecycle(LifecycleDoc& lifecycle, YamlNode& node, Diagnostics& diagnostics) {
  MapReader reader(node, "lifecycle", diagnostics);
  lifecycle.prehire = reader.duration_or("prehire", Duration());
  lifecycle.delete_after = reader.duration_or("delete_after", Duration(), true);
  lifecycle.roles_apply_in = read_states(reader, "roles_apply_in", lifecycle.roles_apply_in);
  if (auto* entries = reader.entries("accounts"); entries != nullptr) {
    for (auto& [key, value] : *entries) {
      const auto state = model::lifecycle_state(key.text);
      const auto account = reader.read_name<model::AccountState>(value, key.text, model::account_state, kAccountStates);
      if (!state)
        reader.wrong_name(key, "accounts", lifecycle_state_names());
      else if (account)
        lifecycle.account_states[*state] = *account;
    }
  }
  if (YamlNode* steps = reader.optional("steps")) read_steps(lifecycle, reader, *steps, diagnostics);
  if (YamlNode* owner = reader.optional("owner")) read_owner(lifecycle, *owner, diagnostics);
  reader.finish();
}

void check_steps(Loading& loading) {
  std::vector<std::string> targets, classes, entitlements;
  for (const auto& [name, target] : loading.set.targets) {
    targets.push_back(name.str());
    for (const AccountClassDoc& one : target.classes) classes.push_back(one.name);
    for (const EntitlementDoc& one : target.entitlements) entitlements.push_back(one.id.str());
  }
  for (const GraceStep& step : loading.set.lifecycle.steps) {
    check_globs(loading, step, step.targets, targets, "target");
    check_globs(loading, step, step.classes, classes, "account class");
    check_globs(loading, step, step.entitlements, entitlements, "entitlement of a catalogue");
  }
}

}  // namespace tenure::policy
