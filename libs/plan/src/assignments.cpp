#include "assignments.hpp"

#include <algorithm>

#include <tenure/policy/evaluate.hpp>

namespace tenure::plan {
namespace {

constexpr std::string_view kRequest = "request ";

// "department changed"; "" when all facts are what they were. What is unknown now has not changed.
std::string changed_fact(const model::Identity& identity,
                         const std::map<std::string, json::Value, std::less<>>& facts) {
  for (const auto& [name, value] : facts) {
    const auto now = identity.facts.find(name);
    if (now == identity.facts.end() || now->second.unknown) continue;
    if (now->second.value != value) return name + " changed";
  }
  return {};
}

// Why the role would not be given to the identity if somebody asked today.
std::string no_longer_allowed(const policy::PolicySet& policy, const policy::Subject& rules,
                              const model::Assignment& assignment) {
  if (assignment.kind == model::AssignmentKind::kException) {
    const bool there = std::any_of(policy.duties.begin(), policy.duties.end(), [&](const policy::DutiesDoc& one) {
      return one.name == assignment.duties && one.exceptions;
    });
    return there ? "" : assignment.duties + " has no exceptions any more";
  }
  const policy::RoleDoc* role = policy.role(assignment.role);
  const std::string shown = policy::shown(assignment.role);
  if (role == nullptr || !role->request) return "the " + shown + " cannot be asked for any more";
  const policy::Verdict verdict = rules.may_request(*role->request);
  if (verdict.truth == policy::Truth::kTrue) return {};
  return shown + (verdict.truth == policy::Truth::kFalse ? " may not be asked for any more" : ": " + verdict.trouble);
}

std::string subject_of(const model::Assignment& assignment) {
  return assignment.kind == model::AssignmentKind::kException ? "the exception from " + assignment.duties
                                                              : policy::shown(assignment.role);
}

}  // namespace

std::string assignment_of(const std::string& rule) {
  return rule.starts_with(kRequest) ? rule.substr(kRequest.size()) : std::string();
}

Cause cause_of_request(const std::string& assignment, model::IdentityId identity) {
  Cause cause{{}, "request", "requests", std::string(kRequest) + assignment, identity};
  cause.id = cause_id(cause);
  return cause;
}

std::vector<const model::Assignment*> holding(const Setting& setting, model::IdentityId identity) {
  std::vector<const model::Assignment*> out;
  const auto found = setting.assignments.find(identity);
  if (found == setting.assignments.end()) return out;
  for (const model::Assignment& one : found->second)
    if (one.holds_at(setting.now)) out.push_back(&one);
  return out;
}

void look_again(Draft& draft, const model::Identity& identity, const policy::Subject& rules, bool ended) {
  const World& world = draft.picture().world();
  const policy::PolicySet& policy = draft.picture().policy();
  const auto found = world.assignments.find(identity.id);
  if (found == world.assignments.end()) return;
  for (model::Assignment one : found->second) {
    if (one.state != model::AssignmentState::kApproved && one.state != model::AssignmentState::kAsked) continue;
    const auto end = [&](std::string why) {
      one.state = model::AssignmentState::kEnded;
      one.ended_at = world.now;
      one.ended_because = std::move(why);
      draft.moved(std::move(one));
    };
    if (ended) {
      end("the identity has left");
      continue;
    }
    if (one.until <= world.now) {
      end("its term ended " + one.until.to_date());
      continue;
    }
    if (one.decide_again_by <= world.now) {
      end(one.decide_again_because + ", and nobody decided again by " + one.decide_again_by.to_date());
      continue;
    }
    draft.due(one.until);
    if (one.state != model::AssignmentState::kApproved) continue;
    if (one.decide_again_by == Time::never()) {
      std::string why = no_longer_allowed(policy, rules, one);
      if (why.empty()) why = changed_fact(identity, one.facts);
      if (why.empty()) continue;
      one.decide_again_because = std::move(why);
      one.decide_again_by = world.now + policy.assignments.decide_again_within;
      draft.moved(one);
    }
    draft.due(one.decide_again_by);
    model::Finding finding;
    finding.kind = model::FindingKind::kDecideAgain;
    finding.identity = identity.id;
    finding.about = one.id;
    finding.id = model::finding_id(finding.kind, {}, {}, "", identity.id, finding.about);
    finding.owner = one.owner;
    finding.deadline = one.decide_again_by;
    finding.summary = identity.key + " has " + subject_of(one) + " by " + one.id + ": " + one.decide_again_because +
                      "; it ends " + one.decide_again_by.to_date() + " unless somebody renews it";
    draft.find(std::move(finding));
  }
}

void look_again(Draft& draft, const model::Identity& identity, const model::Decision& adopted, std::string summary,
                const std::string& owner) {
  const World& world = draft.picture().world();
  Time by = adopted.decide_again_by;
  const std::string why = changed_fact(identity, adopted.facts);
  if (by == Time::never()) {
    if (why.empty()) return;
    by = world.now + draft.picture().policy().assignments.decide_again_within;
    model::Decision due = adopted;
    due.decide_again_by = by;
    draft.moved(std::move(due));
  }
  draft.due(by);
  model::Finding finding;
  finding.kind = model::FindingKind::kDecideAgain;
  finding.account = adopted.account;
  finding.entitlement = adopted.entitlement;
  finding.parameters = adopted.parameters;
  finding.identity = identity.id;
  finding.id = model::finding_id(finding.kind, finding.account, finding.entitlement, finding.parameters, identity.id);
  finding.owner = adopted.owner.empty() ? owner : adopted.owner;
  finding.deadline = by;
  finding.summary = std::move(summary) + " was adopted under other facts" + (why.empty() ? "" : " (" + why + ")") +
                    "; it ends " + by.to_date() + " unless somebody adopts it again";
  draft.find(std::move(finding));
}

}  // namespace tenure::plan
