#include "approvals.hpp"

#include <algorithm>
#include <map>

#include <tenure/policy/evaluate.hpp>
#include <tenure/policy/lifecycle.hpp>

namespace tenure::plan {
namespace {

policy::ChangeFacts facts_of(const policy::PolicySet& policy, const World& world, const Change& change,
                             const std::string& cause_kind) {
  policy::ChangeFacts facts;
  facts.verb = name_of(change.verb);
  facts.kind = name_of(change.kind);
  facts.risk = model::name_of(change.risk);
  facts.target = change.target.str();
  facts.entitlement = change.entitlement.str();
  facts.purpose = model::name_of(change.purpose);
  if (const auto it = world.identities.find(change.identity); it != world.identities.end())
    facts.state = model::name_of(policy::lifecycle_state(policy, it->second, world.now));
  facts.cause = cause_kind;
  facts.takes_away = takes_away(change);
  facts.manual = change.manual;
  return facts;
}

std::string count_text(std::int64_t changes) {
  return std::to_string(changes) + (changes == 1 ? " change" : " changes");
}

}  // namespace

std::vector<ApprovalNeeded> approvals_needed(const policy::PolicySet& policy, const World& world, const Plan& plan) {
  std::map<const policy::ApprovalRule*, std::int64_t> matched;
  std::int64_t unmatched = 0;
  std::map<model::CauseId, std::string> kinds;
  for (const Cause& cause : plan.causes) kinds[cause.id] = cause.kind;
  for (const Change& change : plan.changes) {
    const auto rules = policy::approvals_for(policy, facts_of(policy, world, change, kinds[change.cause]));
    if (rules.empty()) ++unmatched;
    for (const auto* rule : rules) ++matched[rule];
  }
  std::vector<ApprovalNeeded> needed;
  for (const auto& rule : policy.approvals) {
    const auto it = matched.find(&rule);
    if (it == matched.end()) continue;
    ApprovalNeeded one;
    one.rule = rule.standing ? "standing:" + rule.name : rule.name;
    one.count = rule.standing ? 0 : rule.count;
    one.approvers = rule.approvers;
    one.text = count_text(it->second);
    needed.push_back(std::move(one));
  }
  if (unmatched > 0) needed.push_back({"unmatched", 1, {}, count_text(unmatched)});
  return needed;
}

}  // namespace tenure::plan
