#include "parameters.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <tenure/plan/desired.hpp>
#include <tenure/policy/evaluate.hpp>
#include <tenure/policy/lifecycle.hpp>

namespace tenure::plan {
namespace {

using model::LifecycleState;

Reason reason_of(const policy::GrantLine& line, policy::Verdict verdict) {
  Reason reason;
  reason.rule = line.rule;
  reason.text = text_of(verdict.facts);
  reason.facts = std::move(verdict.facts);
  if (line.grant->term) reason.term = line.grant->term->to_string();
  return reason;
}

class Builder {
 public:
  Builder(const policy::PolicySet& policy, const policy::Subject& subject, Desired& desired)
      : policy_(policy), subject_(subject), desired_(desired) {}

  void add(std::uint32_t number) {
    const policy::GrantLine& line = policy_.lines[number];
    policy::Verdict verdict = subject_.line(line, desired_.state);
    if (verdict.truth == policy::Truth::kFalse) return;
    const bool known = verdict.truth == policy::Truth::kTrue;
    if (!known) doubt(number, verdict);
    const Reason reason = reason_of(line, std::move(verdict));
    if (known)
      give(*line.grant, reason);
    else
      keep(*line.grant, reason);
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

  void doubt(std::uint32_t number, const policy::Verdict& verdict) {
    troubles_.insert(verdict.trouble);
    Doubt& doubt = desired_.doubts.emplace_back(Doubt{number, {}});
    for (const auto& name : verdict.unknown) doubt.because.push_back("attribute " + name);
    if (doubt.because.empty()) doubt.because.push_back(policy_.lines[number].rule);
  }

  void keep(const policy::RoleGrant& grant, const Reason& reason) {
    desired_.kept.push_back({grant.target, grant.account_class, {}, "", reason});
    for (const auto& entitled : grant.entitlements)
      desired_.kept.push_back({grant.target, grant.account_class, entitled.id, entitled.parameters, reason});
  }

  void give(const policy::RoleGrant& grant, const Reason& reason) {
    DesiredAccount& account = accounts_[{grant.target, grant.account_class}];
    if (account.given_by.empty()) {
      account.target = grant.target;
      account.account_class = grant.account_class;
      account.reason = reason;
      account.reason.term.clear();
      if (const auto doc = policy_.targets.find(grant.target); doc != policy_.targets.end())
        if (const auto* type = doc->second.account_class(grant.account_class)) account.purpose = type->purpose;
    }
    account.given_by.push_back(&grant);
    for (const auto& entitled : grant.entitlements) add_grant(account, entitled, reason);
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
        right_of(doc, one.parameters) == right_of(doc, parameters))
      return &one;
  return nullptr;
}

const Kept* Desired::keeps_account(const model::TargetName& target, std::string_view account_class) const {
  for (const Kept& one : kept)
    if (one.target == target && one.account_class == account_class) return &one;
  return nullptr;
}

Desired desired_of(const policy::PolicySet& policy, const policy::Subject& subject, model::IdentityId identity,
                   LifecycleState state, const std::optional<std::span<const std::uint32_t>>& lines) {
  Desired desired;
  desired.identity = identity;
  desired.state = state;
  desired.account_state = policy::account_state(policy, state);
  Builder builder(policy, subject, desired);
  if (lines)
    for (const std::uint32_t number : *lines) builder.add(number);
  else
    for (std::uint32_t number = 0; number < policy.lines.size(); ++number) builder.add(number);
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
