#include "parameters.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <tenure/plan/desired.hpp>
#include <tenure/policy/evaluate.hpp>
#include <tenure/policy/lifecycle.hpp>
#include <tenure/policy/parametric.hpp>

namespace tenure::plan {
namespace {

using model::LifecycleState;

Reason reason_of(const policy::GrantLine& line, policy::Verdict verdict, const model::Assignment* assignment) {
  Reason reason;
  reason.rule = assignment == nullptr ? line.rule : "request " + assignment->id;
  reason.text = assignment == nullptr ? text_of(verdict.facts) : line.rule;
  reason.facts = std::move(verdict.facts);
  if (line.grant->term) reason.term = line.grant->term->to_string();
  return reason;
}

class Builder {
 public:
  Builder(const policy::PolicySet& policy, const policy::Subject& subject, Desired& desired)
      : policy_(policy), subject_(subject), desired_(desired) {}

  void add(const policy::GrantLine& line, const model::Assignment* assignment = nullptr) {
    policy::Verdict verdict = subject_.line(line, desired_.state);
    if (verdict.truth == policy::Truth::kFalse) return;
    const bool known = verdict.truth == policy::Truth::kTrue;
    if (!known) doubt(line, verdict.unknown, verdict.trouble);
    if (line.for_each != nullptr) {
      each(line, std::move(verdict), assignment);
      return;
    }
    const Reason reason = reason_of(line, std::move(verdict), assignment);
    if (!known) return keep(line, reason);
    desired_.given.push_back(&line);
    give(line, line.grant->entitlements, reason);
  }

  void finish() {
    for (auto& [key, account] : accounts_) {
      std::sort(account.grants.begin(), account.grants.end(), [](const DesiredGrant& a, const DesiredGrant& b) {
        return std::tie(a.entitlement, a.parameters) < std::tie(b.entitlement, b.parameters);
      });
      desired_.accounts.push_back(std::move(account));
    }
    desired_.troubles.assign(troubles_.begin(), troubles_.end());
  }

 private:
  const policy::EntitlementDoc* catalogued(const model::TargetName& target, const model::EntitlementId& id) const {
    const auto doc = policy_.targets.find(target);
    return doc == policy_.targets.end() ? nullptr : doc->second.entitlement(id);
  }

  void doubt(const policy::GrantLine& line, const std::vector<std::string>& unknown, const std::string& trouble) {
    troubles_.insert(trouble);
    Doubt& doubt = desired_.doubts.emplace_back(Doubt{&line, {}});
    for (const auto& name : unknown) doubt.because.push_back("attribute " + name);
    if (doubt.because.empty()) doubt.because.push_back(line.rule);
  }

  void refuse(const policy::GrantLine& line, const std::string& why) {
    troubles_.insert(line.rule + ": " + why);
    desired_.refused.push_back({line.grant->target, line.rule, why});
  }

  // Once for every value. While the condition or the values are unknown, what could be given stays.
  void each(const policy::GrantLine& line, policy::Verdict verdict, const model::Assignment* assignment) {
    const bool decided = verdict.truth == policy::Truth::kTrue;
    policy::Values values = subject_.values(*line.for_each);
    if (values.unknown && decided) doubt(line, values.unknown_attributes, values.trouble);
    if (decided && !values.trouble.empty() && !values.unknown) refuse(line, values.trouble);
    verdict.facts.insert(verdict.facts.end(), values.facts.begin(), values.facts.end());
    std::sort(verdict.facts.begin(), verdict.facts.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    verdict.facts.erase(std::unique(verdict.facts.begin(), verdict.facts.end()), verdict.facts.end());
    const bool known = decided && !values.unknown;
    Reason reason = reason_of(line, std::move(verdict), assignment);
    if (values.unknown) return keep(line, reason);
    if (known && !values.values.empty()) desired_.given.push_back(&line);
    for (const std::string& value : values.values) {
      policy::Expanded expanded = policy::expand(policy_, line, value);
      reason.text = line.for_each->variable + " = " + value;
      if (known)
        for (const auto& trouble : expanded.troubles) refuse(line, trouble);
      for (const auto& one : expanded.kept)
        desired_.kept.push_back({line.grant->target, line.grant->account_class, one.id, one.parameters, reason});
      if (known)
        give(line, expanded.given, reason);
      else
        for (const auto& one : expanded.given)
          desired_.kept.push_back({line.grant->target, line.grant->account_class, one.id, one.parameters, reason});
    }
    if (!known && !values.values.empty())
      desired_.kept.push_back({line.grant->target, line.grant->account_class, {}, "", reason});
  }

  void keep(const policy::GrantLine& line, const Reason& reason) {
    const policy::RoleGrant& grant = *line.grant;
    desired_.kept.push_back({grant.target, grant.account_class, {}, "", reason});
    for (auto& one : policy::possible(policy_, line))
      desired_.kept.push_back({grant.target, grant.account_class, std::move(one.entitlement), std::move(one.parameters),
                               reason, one.any_parameters});
  }

  void give(const policy::GrantLine& line, const std::vector<policy::RoleGrant::Entitled>& entitlements,
            const Reason& reason) {
    const policy::RoleGrant& grant = *line.grant;
    DesiredAccount& account = accounts_[{grant.target, grant.account_class}];
    if (account.given_by.empty()) {
      account.target = grant.target;
      account.account_class = grant.account_class;
      account.reason = reason;
      account.reason.term.clear();
      if (const auto doc = policy_.targets.find(grant.target); doc != policy_.targets.end())
        if (const auto* type = doc->second.account_class(grant.account_class)) account.purpose = type->purpose;
    }
    if (account.given_by.empty() || account.given_by.back() != &grant) account.given_by.push_back(&grant);
    for (const auto& entitled : entitlements) add_grant(account, entitled, reason);
  }

  void add_grant(DesiredAccount& account, const policy::RoleGrant::Entitled& entitled, const Reason& reason) {
    const policy::EntitlementDoc* doc = catalogued(account.target, entitled.id);
    for (DesiredGrant& other : account.grants) {
      if (other.entitlement != entitled.id || right_of(doc, other.parameters) != right_of(doc, entitled.parameters))
        continue;
      const model::Parameters more = more_of(doc, other.parameters, entitled.parameters);
      if (more != other.parameters && more == entitled.parameters) other.reason = reason;
      other.parameters = more;
      return;
    }
    account.grants.push_back({entitled.id, entitled.parameters, reason});
  }

  const policy::PolicySet& policy_;
  const policy::Subject& subject_;
  Desired& desired_;
  std::map<std::pair<model::TargetName, std::string>, DesiredAccount> accounts_;
  std::set<std::string> troubles_;
};

}  // namespace

bool Desired::ended() const {
  switch (state) {
    case LifecycleState::kLeft:
    case LifecycleState::kRetired:
    case LifecycleState::kRevoking:
      return true;
    case LifecycleState::kLeaving:
      return account_state != model::AccountState::kEnabled;
    default:
      return false;
  }
}

const DesiredAccount* Desired::account(const model::TargetName& target, std::string_view account_class) const {
  for (const auto& account : accounts)
    if (account.target == target && account.account_class == account_class) return &account;
  return nullptr;
}

const Kept* Desired::keeps(const policy::TargetDoc& target, std::string_view account_class,
                           const model::EntitlementId& entitlement, const model::Parameters& parameters) const {
  const policy::EntitlementDoc* doc = target.entitlement(entitlement);
  for (const Kept& one : kept)
    if (one.target == target.name && one.account_class == account_class && one.entitlement == entitlement &&
        (one.any_parameters || right_of(doc, one.parameters) == right_of(doc, parameters)))
      return &one;
  return nullptr;
}

const Kept* Desired::keeps_account(const model::TargetName& target, std::string_view account_class) const {
  for (const Kept& one : kept)
    if (one.target == target && one.account_class == account_class) return &one;
  return nullptr;
}

Desired desired_of(const policy::PolicySet& policy, const policy::Subject& subject, model::IdentityId identity,
                   LifecycleState state, const std::optional<std::span<const std::uint32_t>>& lines,
                   std::span<const model::Assignment* const> assignments) {
  Desired desired;
  desired.identity = identity;
  desired.state = state;
  desired.account_state = policy::account_state(policy, state);
  Builder builder(policy, subject, desired);
  if (lines)
    for (const std::uint32_t number : *lines) builder.add(policy.lines[number]);
  else
    for (const policy::GrantLine& line : policy.lines) builder.add(line);
  for (const model::Assignment* assignment : assignments) {
    if (assignment->kind != model::AssignmentKind::kRequest) continue;
    const auto asked = policy.request_lines.find(assignment->role);
    if (asked == policy.request_lines.end()) continue;  // nobody may ask for it any more: it gives nothing
    for (const policy::GrantLine& line : asked->second) builder.add(line, assignment);
  }
  builder.finish();
  return desired;
}

std::string text_of(const std::vector<std::pair<std::string, json::Value>>& facts) {
  if (facts.empty()) return "always";
  std::string text;
  for (const auto& [name, value] : facts) {
    if (name == "kind" && facts.size() > 1) continue;  // people see what they look at
    if (!text.empty()) text += ", ";
    text += name + " = " + (value.is_string() ? value.as_string() : json::to_string(value));
  }
  return text;
}

}  // namespace tenure::plan
