#include <tenure/plan_check/testing/input_from.hpp>
#include <tenure/policy/evaluate.hpp>
#include <tenure/policy/lifecycle.hpp>
#include <tenure/policy/parametric.hpp>

namespace tenure::plan_check::testing {
namespace {

// What a line gives, as texts; of a parametric one, for every value that anybody has or that the catalogue knows, to
// whoever has it.
void add_line(const policy::PolicySet& policy, const plan::World& world, const policy::GrantLine& line, RuleText rule,
              Input& input) {
  rule.target = line.grant->target.str();
  rule.account_class = line.grant->account_class;
  for (const auto* condition : line.conditions) rule.conditions.push_back(condition->text);
  for (const auto state : line.states) rule.states.emplace(model::name_of(state));
  if (line.for_each == nullptr) {
    input.rules.push_back(rule);
    for (const auto& entitled : line.grant->entitlements) {
      rule.entitlement = entitled.id.str();
      rule.parameters = entitled.parameters;
      input.rules.push_back(rule);
    }
    return;
  }
  std::set<std::string> values = policy::catalogued_values(policy, line);
  for (const auto& [id, identity] : world.identities)
    for (auto& value : policy::Subject(policy, identity).values(*line.for_each).values) values.insert(std::move(value));
  const std::string text = "(" + line.for_each->values.text + ")";
  for (const auto& value : values) {
    RuleText one = rule;
    one.conditions.push_back(text + " != null && (" + text + " == \"" + value + "\" || \"" + value + "\" in " + text +
                             ")");
    input.rules.push_back(one);
    policy::Expanded expanded = policy::expand(policy, line, value);
    expanded.given.insert(expanded.given.end(), expanded.kept.begin(), expanded.kept.end());
    for (const auto& entitled : expanded.given) {
      one.entitlement = entitled.id.str();
      one.parameters = entitled.parameters;
      input.rules.push_back(one);
    }
  }
}

void add_rules(const policy::PolicySet& policy, const plan::World& world, Input& input) {
  for (const auto& line : policy.lines) {
    RuleText rule;
    rule.rule = line.rule;
    rule.overlap = policy.roles.at(line.outermost()).overlap.to_micros();
    add_line(policy, world, line, std::move(rule), input);
  }
  for (const auto& [identity, assignments] : world.assignments) {
    for (const auto& assignment : assignments) {
      const auto lines = policy.request_lines.find(assignment.role);
      if (!assignment.holds_at(world.now) || lines == policy.request_lines.end()) continue;
      for (const auto& line : lines->second) {
        RuleText rule;
        rule.rule = "request " + assignment.id;
        rule.identity = identity.value();
        add_line(policy, world, line, std::move(rule), input);
      }
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

// The rule by which Tenure gave it; "" when it did not.
std::string given_by(const plan::World& world, const model::AccountRef& account, const model::Grant& grant) {
  model::Decision decision;
  decision.account = account;
  decision.entitlement = grant.entitlement;
  decision.parameters = grant.parameters;
  const auto it = world.decisions.find(model::row_id(decision));
  return it != world.decisions.end() && it->second.kind == model::DecisionKind::kGranted ? it->second.actor : "";
}

bool in_flight(const plan::World& world, const model::AccountRef& ref) {
  for (const auto& change : world.in_flight)
    if (change.account == ref) return true;
  return false;
}

void add_held(const policy::PolicySet& policy, const plan::World& world, const model::Claim& claim,
              Gathered& gathered) {
  const auto doc = policy.targets.find(claim.account.target);
  const auto view = world.targets.find(claim.account.target);
  if (doc == policy.targets.end() || view == world.targets.end() || !view->second.state.managed) return;
  if (!view->second.observed || in_flight(world, claim.account)) return;
  const auto* account = view->second.observed->find_account(claim.account.id);
  const auto* type = account == nullptr ? nullptr : doc->second.account_class(account->account_class);
  if (type == nullptr || type->scope != model::Scope::kManaged) return;
  gathered.account(claim.account.target.str(), claim.account.id.str(), claim.identity.value(), account->enabled);
  for (const auto& grant : view->second.observed->grants_of(claim.account.id))
    if (doc->second.scope_of(grant.entitlement) == model::Scope::kManaged)
      gathered.right(grant.entitlement.str(), grant.parameters, given_by(world, claim.account, grant));
}

void add_population(const policy::PolicySet& policy, const plan::World& world, Input& input) {
  for (const auto& [name, view] : world.targets) {
    const auto doc = policy.targets.find(name);
    if (doc == policy.targets.end() || !view.observed) continue;
    for (const auto& account : view.observed->accounts) {
      const auto* type = doc->second.account_class(account.account_class);
      if (type == nullptr || type->scope > model::Scope::kAdditive) continue;
      ++input.accounts[name.str()];
      ++input.classes[{name.str(), type->name}];
    }
  }
  std::set<model::IdentityId> claimed;
  for (const auto& [ref, claim] : world.claims) claimed.insert(claim.identity);
  input.identities = static_cast<std::int64_t>(claimed.size());
  for (const auto& id : claimed) {
    const auto identity = world.identities.find(id);
    if (identity == world.identities.end()) continue;
    std::set<std::string> sources;
    for (const auto& record : identity->second.records) sources.insert(record.source.str());
    for (const auto& source : sources) ++input.sources[source];
  }
}

void add_steps(const policy::PolicySet& policy, Input& input) {
  for (const policy::GraceStep& step : policy.lifecycle.steps) {
    if (step.deletes) continue;
    StepText text{std::string(model::name_of(step.state)), {}, step.entitlements, step.after.to_micros()};
    for (const auto& [name, target] : policy.targets)
      for (const auto& type : target.classes)
        if (policy::is_about(step, step.state, name, type)) text.accounts.emplace(name.str(), type.name);
    input.steps.push_back(std::move(text));
  }
}

Limits limits_of(const policy::GuardDoc& guard) {
  Limits limits;
  limits.share_percent_max = guard.share_percent_max;
  limits.count_max_small = guard.count_max_small;
  limits.population_min = guard.population_min;
  limits.privileged_weight = guard.privileged_weight;
  limits.collapse_percent_max = guard.collapse_percent_max;
  limits.collapse_min = guard.collapse_min;
  limits.window = guard.windows.back().to_micros();
  limits.name = guard.name;
  limits.instead = guard.instead;
  limits.targets = guard.scope.targets;
  limits.sources = guard.scope.sources;
  limits.classes = guard.scope.classes;
  limits.entitlements = guard.scope.entitlements;
  limits.effects = guard.scope.effects;
  return limits;
}

}  // namespace

Gathered input_from(const policy::PolicySet& policy, const plan::World& world, const plan::Frozen& frozen,
                    const plan::PlanRequest& request) {
  Gathered gathered;
  Input& input = gathered.input();
  input.plan = frozen.bytes;
  input.digest = frozen.digest.str();
  input.ends = {"left", "retired", "revoking"};
  input.limits = limits_of(policy.guard);
  for (const auto& scoped : policy.guards) input.guards.push_back(limits_of(scoped));
  add_steps(policy, input);
  input.made_at = world.now.to_micros();
  for (const auto& attribute : policy.attributes)
    if (attribute.type == policy::AttributeType::kDate) input.dates.insert(attribute.name);
  add_people(policy, world, gathered);
  for (const auto& cause : request.released) input.released.insert(cause.str());
  add_rules(policy, world, input);
  add_population(policy, world, input);
  if (request.kind == plan::PlanRequest::Kind::kReconcile && request.identities.empty() && request.targets.empty())
    for (const auto& [ref, claim] : world.claims) add_held(policy, world, claim, gathered);
  for (const auto& past : world.history) {
    if (past.at > world.now || world.now - past.at >= plan::longest_window(policy)) continue;
    Touched touched{past.target.str(), past.name.empty() ? past.account.str() : "new " + past.name, past.root,
                    past.identity.value()};
    touched.account_class = past.account_class;
    touched.entitlement = past.entitlement.str();
    touched.age = (world.now - past.at).to_micros();
    touched.privileged = past.risk == model::Risk::kPrivileged;
    const bool reduces = past.lane == plan::Lane::kReduce;
    touched.adds = past.verb == plan::Verb::kCreate || past.verb == plan::Verb::kEnable ||
                   (past.verb == plan::Verb::kGrant && !reduces);
    touched.overwrites = past.verb == plan::Verb::kUpdate;
    touched.removes = reduces || past.verb == plan::Verb::kDisable || past.verb == plan::Verb::kDelete ||
                      past.verb == plan::Verb::kRevoke;
    input.before.push_back(touched);
  }
  gathered.finish();
  return gathered;
}

}  // namespace tenure::plan_check::testing
