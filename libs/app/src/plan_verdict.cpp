#include "plan_verdict.hpp"

#include <algorithm>

#include <tenure/plan_check/gathered.hpp>
#include <tenure/policy/evaluate.hpp>
#include <tenure/policy/lifecycle.hpp>
#include <tenure/policy/parametric.hpp>

namespace tenure::app {
namespace {

using plan_check::Gathered;

// Every value that anybody has of a parametric line, or that the catalogue knows.
std::set<std::string> values_of(const policy::PolicySet& policy, const population::People& people,
                                const policy::GrantLine& line) {
  std::set<std::string> values = policy::catalogued_values(policy, line);
  people.present().for_each([&](std::size_t row) {
    const model::Identity identity = people.identity(static_cast<population::IdentityIndex>(row));
    for (auto& value : policy::Subject(policy, identity).values(*line.for_each).values) values.insert(std::move(value));
  });
  return values;
}

void add_rights(const std::vector<policy::RoleGrant::Entitled>& entitlements, plan_check::RuleText rule,
                plan_check::Input& input) {
  input.rules.push_back(rule);
  for (const auto& entitled : entitlements) {
    rule.entitlement = entitled.id.str();
    rule.parameters = entitled.parameters;
    input.rules.push_back(rule);
  }
}

// What a line gives, as texts; a parametric one gives for each value, to whoever has it.
void add_line(const policy::PolicySet& policy, const population::People& people, const policy::GrantLine& line,
              plan_check::RuleText rule, plan_check::Input& input) {
  rule.target = line.grant->target.str();
  rule.account_class = line.grant->account_class;
  for (const auto* condition : line.conditions) rule.conditions.push_back(condition->text);
  for (const auto state : line.states) rule.states.emplace(model::name_of(state));
  if (line.for_each == nullptr) return add_rights(line.grant->entitlements, std::move(rule), input);
  const std::string text = "(" + line.for_each->values.text + ")";
  for (const auto& value : values_of(policy, people, line)) {
    plan_check::RuleText one = rule;
    one.conditions.push_back(text + " != null && (" + text + " == \"" + value + "\" || \"" + value + "\" in " + text +
                             ")");
    policy::Expanded expanded = policy::expand(policy, line, value);
    // What the catalogue has lost meanwhile is not given, and stays where it is held.
    expanded.given.insert(expanded.given.end(), expanded.kept.begin(), expanded.kept.end());
    add_rights(expanded.given, std::move(one), input);
  }
}

void add_rules(const policy::PolicySet& policy, const population::People& people, const plan::Setting& setting,
               plan_check::Input& input) {
  for (const auto& line : policy.lines) {
    plan_check::RuleText rule;
    rule.rule = line.rule;
    rule.overlap = policy.roles.at(line.outermost()).overlap.to_micros();
    add_line(policy, people, line, std::move(rule), input);
  }
  for (const auto& [identity, assignments] : setting.assignments)
    for (const auto& assignment : assignments) {
      const auto lines = policy.request_lines.find(assignment.role);
      if (!assignment.holds_at(setting.now) || lines == policy.request_lines.end()) continue;
      for (const auto& line : lines->second) {
        plan_check::RuleText rule;
        rule.rule = "request " + assignment.id;
        rule.identity = identity.value();
        add_line(policy, people, line, std::move(rule), input);
      }
    }
}

void add_people(const policy::PolicySet& policy, const population::People& people, Time now, Gathered& gathered) {
  people.present().for_each([&](std::size_t row) {
    const model::Identity identity = people.identity(static_cast<population::IdentityIndex>(row));
    const std::int64_t id = identity.id.value();
    gathered.identity(id, std::string(model::name_of(policy::lifecycle_state(policy, identity, now))));
    gathered.fact(id, "kind", json::Value(model::name_of(identity.kind)));
    gathered.fact(id, "key", json::Value(identity.key));
    for (const auto& decl : policy.attributes) {
      const auto fact = identity.facts.find(decl.name);
      if (fact == identity.facts.end()) continue;
      const bool blank = fact->second.value.is_null() && !decl.nullable;  // nothing rests on it
      gathered.fact(id, decl.name, fact->second.unknown || blank ? std::nullopt : std::optional(fact->second.value));
    }
  });
}

// The rule by which Tenure gave it; "" when it did not.
std::string given_by(const std::vector<model::Decision>& decisions, const model::Grant& grant) {
  for (const model::Decision& decision : decisions)
    if (decision.kind == model::DecisionKind::kGranted && decision.entitlement == grant.entitlement &&
        decision.parameters == grant.parameters)
      return decision.actor;
  return "";
}

void add_held(const policy::TargetDoc& target, const population::People& people, const population::Accounts& accounts,
              const plan::Setting& setting, Gathered& gathered) {
  std::set<model::NativeId> flying;
  for (const auto& change : setting.in_flight)
    if (change.account.target == target.name) flying.insert(change.account.id);
  for (population::AccountIndex row = 0; row < accounts.rows(); ++row) {
    const auto& entry = accounts.entry(row);
    if (!entry.observed || !entry.claimed || flying.contains(accounts.id(row))) continue;
    const auto* type = target.account_class(accounts.classes().text(entry.account_class));
    if (type == nullptr || type->scope != model::Scope::kManaged) continue;
    gathered.account(target.name.str(), accounts.id(row).str(),
                     people.resolved(population::People::id(entry.owner)).value(), entry.enabled);
    const auto decisions = accounts.decisions(row);
    for (const auto& grant : accounts.grants(row))
      if (target.scope_of(grant.entitlement) == model::Scope::kManaged)
        gathered.right(grant.entitlement.str(), grant.parameters, given_by(decisions, grant));
  }
}

void add_headcount(const policy::PolicySet& policy, const population::Population& population,
                   plan_check::Input& input) {
  std::set<population::IdentityIndex> claimed;
  for (const auto& [name, target] : policy.targets) {
    const population::Accounts* accounts = population.accounts(name);
    if (accounts == nullptr) continue;
    for (const auto& entry : accounts->entries()) {
      if (entry.claimed) claimed.insert(entry.owner);
      if (!entry.observed || !accounts->reading()) continue;
      const auto* type = target.account_class(accounts->classes().text(entry.account_class));
      if (type == nullptr || type->scope > model::Scope::kAdditive) continue;
      ++input.accounts[name.str()];
      ++input.classes[{name.str(), type->name}];
    }
  }
  input.identities = static_cast<std::int64_t>(claimed.size());
  const population::People& people = population.people();
  for (const population::IdentityIndex row : claimed) {
    if (row >= people.rows()) continue;
    std::set<std::uint32_t> sources;
    for (const auto& record : people.records(row)) sources.insert(record.source);
    for (const std::uint32_t source : sources) ++input.sources[std::string(people.sources().text(source))];
  }
}

// What was sent before the plan was made: later changes, its own among them, are no fault of it.
void add_history(const plan::Setting& setting, Time made_at, Duration longest, plan_check::Input& input) {
  using plan::Verb;
  for (const auto& past : setting.history) {
    if (past.at > made_at || made_at - past.at >= longest) continue;
    plan_check::Touched touched{past.target.str(), past.name.empty() ? past.account.str() : "new " + past.name,
                                past.root, past.identity.value()};
    touched.account_class = past.account_class;
    touched.entitlement = past.entitlement.str();
    touched.age = (made_at - past.at).to_micros();
    const bool reduces = past.lane == plan::Lane::kReduce;
    touched.privileged = past.risk == model::Risk::kPrivileged;
    touched.adds = past.verb == Verb::kCreate || past.verb == Verb::kEnable || (past.verb == Verb::kGrant && !reduces);
    touched.overwrites = past.verb == Verb::kUpdate;
    touched.removes =
        reduces || past.verb == Verb::kDisable || past.verb == Verb::kDelete || past.verb == Verb::kRevoke;
    input.before.push_back(std::move(touched));
  }
}

void add_steps(const policy::PolicySet& policy, plan_check::Input& input) {
  for (const policy::GraceStep& step : policy.lifecycle.steps) {
    if (step.deletes) continue;
    plan_check::StepText text{std::string(model::name_of(step.state)), {}, step.entitlements, step.after.to_micros()};
    for (const auto& [name, target] : policy.targets)
      for (const auto& type : target.classes)
        if (policy::is_about(step, step.state, name, type)) text.accounts.emplace(name.str(), type.name);
    input.steps.push_back(std::move(text));
  }
}

plan_check::Limits limits_of(const policy::GuardDoc& guard) {
  plan_check::Limits limits;
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

Gathered gathered_for(const policy::PolicySet& policy, const population::Population& population,
                      const plan::Setting& setting, const PlanInQuestion& question) {
  Gathered gathered;
  plan_check::Input& input = gathered.input();
  input.plan = question.bytes;
  input.digest = question.digest.str();
  input.ends = {"left", "retired", "revoking"};
  input.limits = limits_of(policy.guard);
  for (const auto& scoped : policy.guards) input.guards.push_back(limits_of(scoped));
  add_steps(policy, input);
  input.made_at = question.made_at.to_micros();
  for (const auto& attribute : policy.attributes)
    if (attribute.type == policy::AttributeType::kDate) input.dates.insert(attribute.name);
  for (const auto& cause : question.released) input.released.insert(cause.str());
  add_headcount(policy, population, input);
  add_rules(policy, population.people(), setting, input);
  add_people(policy, population.people(), setting.now, gathered);
  for (const auto& [name, target] : policy.targets) {
    const auto view = setting.targets.find(name);
    const population::Accounts* accounts = population.accounts(name);
    if (question.whole && view != setting.targets.end() && view->second.state.managed && accounts != nullptr)
      add_held(target, population.people(), *accounts, setting, gathered);
  }
  add_history(setting, question.made_at, plan::longest_window(policy), input);
  gathered.finish();
  return gathered;
}

}  // namespace

Status check_plan(const policy::PolicySet& policy, const population::Population& population,
                  const plan::Setting& setting, const PlanInQuestion& question) {
  const Gathered gathered = gathered_for(policy, population, setting, question);
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
