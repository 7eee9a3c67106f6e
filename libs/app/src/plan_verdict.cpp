#include "plan_verdict.hpp"

#include <algorithm>

#include <tenure/plan_check/gathered.hpp>
#include <tenure/policy/lifecycle.hpp>

namespace tenure::app {
namespace {

using plan_check::Gathered;

void add_rules(const policy::PolicySet& policy, plan_check::Input& input) {
  for (const auto& line : policy.lines) {
    plan_check::RuleText rule;
    rule.rule = line.rule;
    rule.target = line.grant->target.str();
    rule.account_class = line.grant->account_class;
    for (const auto* condition : line.conditions) rule.conditions.push_back(condition->text);
    for (const auto state : line.states) rule.states.emplace(model::name_of(state));
    input.rules.push_back(rule);
    for (const auto& entitled : line.grant->entitlements) {
      rule.entitlement = entitled.id.str();
      rule.parameters = entitled.parameters;
      input.rules.push_back(rule);
    }
  }
}

void add_people(const policy::PolicySet& policy, const plan::World& world, Gathered& gathered) {
  for (const auto& [id, identity] : world.identities) {
    gathered.identity(id.value(), std::string(model::name_of(policy::lifecycle_state(policy, identity, world.now))));
    gathered.fact(id.value(), "kind", json::Value(model::name_of(identity.kind)));
    gathered.fact(id.value(), "key", json::Value(identity.key));
    for (const auto& decl : policy.attributes) {
      const auto fact = identity.facts.find(decl.name);
      if (fact == identity.facts.end()) continue;
      const bool blank = fact->second.value.is_null() && !decl.nullable;  // nothing rests on it
      gathered.fact(id.value(), decl.name,
                    fact->second.unknown || blank ? std::nullopt : std::optional(fact->second.value));
    }
  }
}

model::IdentityId resolved(const plan::World& world, model::IdentityId id) {
  for (int step = 0; step < 16; ++step) {
    const auto it = world.identities.find(id);
    if (it == world.identities.end() || !it->second.alias_of.valid()) break;
    id = it->second.alias_of;
  }
  return id;
}

// The rule by which Tenure gave it; "" when it did not.
std::string given_by(const plan::World& world, const model::AccountRef& account, const model::Grant& grant) {
  model::Decision decision;
  decision.account = account;
  decision.entitlement = grant.entitlement;
  decision.parameters = grant.parameters;
  const auto it = world.decisions.find(model::row_id(decision));
  return it != world.decisions.end() && it->second.kind == model::DecisionKind::kGranted ? it->second.actor : "";
}

void add_held(const policy::PolicySet& policy, const plan::World& world, const model::Claim& claim,
              Gathered& gathered) {
  const auto doc = policy.targets.find(claim.account.target);
  const auto view = world.targets.find(claim.account.target);
  if (doc == policy.targets.end() || view == world.targets.end() || !view->second.state.managed) return;
  const bool flying = std::any_of(world.in_flight.begin(), world.in_flight.end(),
                                  [&](const auto& change) { return change.account == claim.account; });
  if (!view->second.observed || flying) return;
  const auto* account = view->second.observed->find_account(claim.account.id);
  const auto* type = account == nullptr ? nullptr : doc->second.account_class(account->account_class);
  if (type == nullptr || type->scope != model::Scope::kManaged) return;
  gathered.account(claim.account.target.str(), claim.account.id.str(), resolved(world, claim.identity).value(),
                   account->enabled);
  for (const auto& grant : view->second.observed->grants_of(claim.account.id))
    if (doc->second.scope_of(grant.entitlement) == model::Scope::kManaged)
      gathered.right(grant.entitlement.str(), grant.parameters, given_by(world, claim.account, grant));
}

void add_population(const policy::PolicySet& policy, const plan::World& world, plan_check::Input& input) {
  for (const auto& [name, view] : world.targets) {
    const auto doc = policy.targets.find(name);
    if (doc == policy.targets.end() || !view.observed) continue;
    for (const auto& account : view.observed->accounts) {
      const auto* type = doc->second.account_class(account.account_class);
      input.accounts[name.str()] += type != nullptr && type->scope <= model::Scope::kAdditive ? 1 : 0;
    }
  }
  std::set<model::IdentityId> claimed;
  for (const auto& [ref, claim] : world.claims) claimed.insert(claim.identity);
  input.identities = static_cast<std::int64_t>(claimed.size());
}

// What was sent before the plan was made: later changes, its own among them, are no fault of it.
void add_history(const plan::World& world, Time made_at, plan_check::Input& input) {
  using plan::Verb;
  for (const auto& past : world.history) {
    if (past.at > made_at || made_at - past.at >= Duration::days(30)) continue;
    plan_check::Touched touched{past.target.str(), past.account.str(), past.root, past.identity.value()};
    const bool reduces = past.lane == plan::Lane::kReduce;
    touched.privileged = past.risk == model::Risk::kPrivileged;
    touched.adds = past.verb == Verb::kCreate || past.verb == Verb::kEnable || (past.verb == Verb::kGrant && !reduces);
    touched.overwrites = past.verb == Verb::kUpdate;
    touched.removes =
        reduces || past.verb == Verb::kDisable || past.verb == Verb::kDelete || past.verb == Verb::kRevoke;
    input.before.push_back(std::move(touched));
  }
}

Gathered gathered_for(const policy::PolicySet& policy, const plan::World& world, const PlanInQuestion& question) {
  Gathered gathered;
  plan_check::Input& input = gathered.input();
  input.plan = question.bytes;
  input.digest = question.digest.str();
  input.ends = {"left", "retired", "revoking"};
  input.limits = {policy.guard.share_percent_max, policy.guard.count_max_small, policy.guard.population_min,
                  policy.guard.privileged_weight};
  for (const auto& attribute : policy.attributes)
    if (attribute.type == policy::AttributeType::kDate) input.dates.insert(attribute.name);
  for (const auto& cause : question.released) input.released.insert(cause.str());
  add_population(policy, world, input);
  add_rules(policy, input);
  add_people(policy, world, gathered);
  if (question.whole)
    for (const auto& [ref, claim] : world.claims) add_held(policy, world, claim, gathered);
  add_history(world, question.made_at, input);
  gathered.finish();
  return gathered;
}

}  // namespace

Status check_plan(const policy::PolicySet& policy, const plan::World& world, const PlanInQuestion& question) {
  const Gathered gathered = gathered_for(policy, world, question);
  const bool same_rules = question.policy == policy.digest;
  for (const plan_check::Fault& fault : plan_check::check(gathered)) {
    if (!same_rules && (fault.kind == "reason" || fault.kind == "guard")) continue;
    return fail(Reason::kPlanRefusedByChecker, "the plan " + question.digest.brief() + " is wrong (" + fault.kind +
                                                   (fault.change.empty() ? "" : ", change " + fault.change) +
                                                   "): " + fault.text);
  }
  return {};
}

}  // namespace tenure::app
