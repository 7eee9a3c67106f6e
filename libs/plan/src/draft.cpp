#include "draft.hpp"

#include <algorithm>

namespace tenure::plan {

Draft::Draft(const Picture& picture, std::string purpose) : picture_(picture) {
  plan_.policy = picture.policy().digest;
  plan_.purpose = std::move(purpose);
}

model::ChangeId Draft::add(Change change, const Cause& cause) {
  change.id = model::ChangeId("#" + std::to_string(plan_.changes.size()));
  change.kind = kind_of(change.verb);
  change.cause = cause.id;
  const policy::TargetDoc& doc = *picture_.target(change.target).doc;
  change.manual = doc.manual && is_remote(change.verb);
  if (!change.entitlement.empty())
    change.risk = doc.risk_of(change.entitlement);
  else if (change.purpose == model::Purpose::kAdmin)
    change.risk = model::Risk::kPrivileged;  // an account for administration is what it can do
  causes_.try_emplace(cause.id, cause);
  plan_.changes.push_back(std::move(change));
  return plan_.changes.back().id;
}

void Draft::withhold(const model::TargetName& target, const std::string& what, const std::string& reason,
                     std::int64_t changes) {
  unknowns_[{target, what, reason}] += changes;
}

void Draft::find(model::FindingKind kind, const model::AccountRef& account, const model::EntitlementId& entitlement,
                 const model::Parameters& parameters, model::IdentityId identity, std::string summary,
                 std::string owner, Time deadline) {
  std::string id = model::finding_id(kind, account, entitlement, parameters, identity);
  const auto [it, fresh] = findings_.try_emplace(std::move(id));
  if (!fresh) return;
  model::Finding& finding = it->second;
  finding.id = it->first;
  finding.kind = kind;
  finding.account = account;
  finding.entitlement = entitlement;
  finding.parameters = parameters;
  finding.identity = identity;
  finding.summary = std::move(summary);
  finding.owner = std::move(owner);
  finding.opened_at = picture_.world().now;
  finding.deadline = deadline;
}

void Draft::due(Time at) {
  if (at > picture_.world().now) next_due_ = std::min(next_due_, at);
}

void Draft::finish() {
  plan_.causes.clear();
  plan_.causes.reserve(causes_.size());
  for (const auto& [id, cause] : causes_) plan_.causes.push_back(cause);
  std::sort(plan_.causes.begin(), plan_.causes.end(), [](const Cause& a, const Cause& b) { return a.id < b.id; });
  plan_.unknowns.clear();
  for (const auto& [key, changes] : unknowns_)
    plan_.unknowns.push_back({std::get<0>(key), std::get<1>(key), std::get<2>(key), changes});
}

}  // namespace tenure::plan
