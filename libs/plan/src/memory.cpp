#include <tenure/plan/memory.hpp>

namespace tenure::plan {
namespace {

model::Decision decision(const Change& change, const model::AccountRef& account, model::DecisionKind kind, Time at) {
  model::Decision result;
  result.kind = kind;
  result.account = account;
  result.actor = change.reason.rule;
  result.reason = change.reason.text;
  result.since = at;
  return result;
}

void remember_names(const Change& change, Time at, Remembered& memory) {
  for (const auto& [attribute, name] : change.names)
    memory.names.push_back({change.target, attribute, name, change.identity, at});
}

model::Claim claim(const Change& change, const model::AccountRef& account, std::string reason, Time at) {
  return {account, change.identity, change.purpose, std::move(reason), at};
}

Status remember_grant(const Change& change, const model::AccountRef& account, Time at, Remembered& memory) {
  model::Decision granted = decision(change, account, model::DecisionKind::kGranted, at);
  granted.entitlement = change.entitlement;
  granted.parameters = change.parameters;
  if (!change.reason.term.empty()) {
    auto term = Duration::parse(change.reason.term);
    if (!term) return fail(tenure::Reason::kPlanFormat, "reason.term: " + term.error().message());
    granted.until = at + *term;
  }
  if (change.verb == Verb::kGrant && change.prior_present && change.prior_parameters != change.parameters) {
    model::Decision prior = granted;
    prior.parameters = change.prior_parameters;
    memory.decisions_ended.push_back(row_id(prior));
  }
  memory.decisions.push_back(std::move(granted));
  return {};
}

void remember_revoke(const Change& change, const model::AccountRef& account, Time at, Remembered& memory) {
  if (change.lane == Lane::kEmergency) {
    model::Decision held = decision(change, account, model::DecisionKind::kHeld, at);
    held.entitlement = change.entitlement;
    held.parameters = change.parameters;
    memory.decisions.push_back(std::move(held));
    return;
  }
  if (!change.reason.term.empty()) return;  // the term is over: what is remembered is that it was
  model::Decision ended;
  ended.account = account;
  ended.entitlement = change.entitlement;
  ended.parameters = change.parameters;
  memory.decisions_ended.push_back(row_id(ended));
  if (change.prior_parameters.empty()) return;
  ended.parameters = change.prior_parameters;
  memory.decisions_ended.push_back(row_id(ended));
}

void remember_claim(const Change& change, const model::AccountRef& account, Time at, Remembered& memory) {
  memory.claims.push_back(claim(change, account, change.reason.text, at));
  remember_names(change, at, memory);
  const auto state = change.attributes.find("state");
  if (state == change.attributes.end()) return;
  const bool enabled = state->second == json::Value("enabled");
  memory.decisions.push_back(
      decision(change, account, enabled ? model::DecisionKind::kGranted : model::DecisionKind::kDisabled, at));
}

Status remember_onboarding(const Change& change, Time at, Remembered& memory) {
  memory.managed = true;
  TENURE_TRY(memory.decisions, baseline_of(change, at));
  const auto orphans = change.attributes.find("unclaimed_names");
  if (orphans == change.attributes.end()) return {};
  if (!orphans->second.is_object()) return fail(tenure::Reason::kPlanFormat, "unclaimed_names: expected an object");
  for (const auto& [attribute, names] : orphans->second.as_object()) {
    if (!names.is_array()) return fail(tenure::Reason::kPlanFormat, "unclaimed_names: expected arrays");
    for (const auto& name : names.as_array())
      if (name.is_string()) memory.names.push_back({change.target, attribute, name.as_string(), {}, at});
  }
  return {};
}

}  // namespace

Result<std::vector<model::Decision>> baseline_of(const Change& onboard, Time at) {
  const auto malformed = [](const std::string& message) {
    return fail(tenure::Reason::kPlanFormat, "baseline: " + message);
  };
  std::vector<model::Decision> decisions;
  if (onboard.verb != Verb::kOnboard) return malformed("only an onboarding has one");
  const auto list = onboard.attributes.find("baseline");
  const auto deadline = onboard.attributes.find("baseline_deadline");
  if (list == onboard.attributes.end() || !list->second.is_array()) return malformed("expected an array");
  if (deadline == onboard.attributes.end() || !deadline->second.is_string()) return malformed("expected a deadline");
  const auto period = Duration::parse(deadline->second.as_string());
  if (!period) return malformed(period.error().message());
  for (const auto& element : list->second.as_array()) {
    const json::Reader reader(element, "");
    auto account = reader.string("account");
    auto entitlement = reader.string("entitlement");
    if (!account || !entitlement) return malformed("expected account and entitlement");
    model::Decision baseline =
        decision(onboard, {onboard.target, model::NativeId(std::move(*account))}, model::DecisionKind::kBaseline, at);
    baseline.entitlement = model::EntitlementId(std::move(*entitlement));
    baseline.parameters = element.string_or("parameters", "");
    baseline.owner = element.string_or("owner", "");
    baseline.until = at + *period;
    decisions.push_back(std::move(baseline));
  }
  return decisions;
}

Result<Remembered> remembered_after(const Change& change, const model::NativeId& account, Time at) {
  Remembered memory;
  const model::AccountRef ref{change.target, account};
  switch (change.verb) {
    case Verb::kCreate:
      memory.claims.push_back(claim(change, ref, "created by change " + change.id.str(), at));
      memory.decisions.push_back(decision(change, ref, model::DecisionKind::kGranted, at));
      remember_names(change, at, memory);
      break;
    case Verb::kEnable:
      memory.decisions.push_back(decision(change, ref, model::DecisionKind::kGranted, at));
      break;
    case Verb::kDisable:
      memory.decisions.push_back(decision(
          change, ref, change.lane == Lane::kEmergency ? model::DecisionKind::kHeld : model::DecisionKind::kDisabled,
          at));
      break;
    case Verb::kDelete: {
      model::Claim ended;
      ended.account = ref;
      memory.claims_ended.push_back(row_id(ended));
      memory.decisions_ended.push_back(row_id(decision(change, ref, model::DecisionKind::kGranted, at)));
      break;
    }
    case Verb::kGrant:
    case Verb::kAdopt:
      TENURE_CHECK_OK(remember_grant(change, ref, at, memory));
      break;
    case Verb::kRevoke:
      remember_revoke(change, ref, at, memory);
      break;
    case Verb::kClaim:
      remember_claim(change, ref, at, memory);
      break;
    case Verb::kOnboard:
      TENURE_CHECK_OK(remember_onboarding(change, at, memory));
      break;
    case Verb::kUpdate:
    case Verb::kEndSessions:
      break;
  }
  return memory;
}

}  // namespace tenure::plan
