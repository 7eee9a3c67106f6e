#include "settle.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace tenure::plan {
namespace {

using model::FindingKind;

// Findings that every reconcile looks for, and can therefore see to be gone.
bool is_looked_for(const model::Finding& finding) {
  constexpr std::array<FindingKind, 8> kKinds = {
      FindingKind::kDriftAdded,  FindingKind::kDriftRemoved,  FindingKind::kRestriction, FindingKind::kOrphan,
      FindingKind::kUnexplained, FindingKind::kNameCollision, FindingKind::kSod,         FindingKind::kDecideAgain};
  // Of what has no owner, the feed that tells of it says so (merge); whether the owner is still there is seen here.
  if (finding.kind == FindingKind::kUnowned) return !finding.about.empty();
  return std::find(kKinds.begin(), kKinds.end(), finding.kind) != kKinds.end();
}

bool in_scope(const PlanRequest& request, const Picture& picture, const model::Finding& finding) {
  if (finding.account.target.empty())  // about an identity, wherever
    return request.targets.empty() && (request.identities.empty() || request.identities.contains(finding.identity));
  const auto target = picture.targets().find(finding.account.target);
  if (target == picture.targets().end()) return true;
  if (!target->second.managed || !target->second.answers || !target->second.observed->coverage.complete) return false;
  if (!request.targets.empty() && !request.targets.contains(finding.account.target)) return false;
  return request.identities.empty() || request.identities.contains(finding.identity);
}

// Why it is not found any more, for people.
std::string answer_of(const Picture& picture, const population::Population& population, const model::Finding& finding) {
  const population::Accounts* accounts = population.accounts(finding.account.target);
  if (!picture.targets().contains(finding.account.target) || accounts == nullptr) return "gone";
  const population::AccountIndex account = accounts->find(finding.account.id);
  if (finding.kind == FindingKind::kOrphan)
    return account != population::kNobody && accounts->claim(account) ? "explained" : "gone";
  if (finding.entitlement.empty()) return "gone";
  if (account != population::kNobody)
    for (const auto& grant : accounts->grants(account))
      if (grant.entitlement == finding.entitlement && grant.parameters == finding.parameters) return "explained";
  return finding.kind == FindingKind::kDriftRemoved ? "explained" : "gone";
}

}  // namespace

void settle_findings(const PlanRequest& request, const population::Population& population,
                     const std::map<std::string, model::Finding>& known, const Draft& draft, PlanResult& result) {
  for (const auto& [id, finding] : draft.findings()) {
    const auto it = known.find(id);
    if (it == known.end() || it->second.state == model::FindingState::kClosed) result.findings.push_back(finding);
  }
  for (const auto& [id, assignment] : draft.assignments()) result.assignments.push_back(assignment);
  for (const auto& [id, decision] : draft.decisions()) result.decisions.push_back(decision);
  if (request.kind != PlanRequest::Kind::kReconcile) return;
  for (const auto& [id, finding] : known)
    if (finding.state != model::FindingState::kClosed && is_looked_for(finding) && !draft.found(id) &&
        in_scope(request, draft.picture(), finding))
      result.findings_to_close.emplace_back(id, answer_of(draft.picture(), population, finding));
}

// A plan that is released in part goes without what is still held.
void leave_out_held(Draft& draft, std::vector<GuardResult>& guards) {
  std::set<model::CauseId> held;
  std::erase_if(guards, [](const GuardResult& guard) { return !guard.held; });
  for (GuardResult& guard : guards) {
    held.insert(guard.causes.begin(), guard.causes.end());
    guard.held = false;
    guard.text += "; " + std::to_string(guard.causes.size()) + " causes left out of this plan";
    guard.causes.clear();
  }
  if (held.empty()) return;
  Plan& plan = draft.plan();
  // What needs a change that is left out cannot go either.
  std::set<model::ChangeId> out;
  for (bool more = true; more;) {
    more = false;
    for (const Change& change : plan.changes) {
      if (out.contains(change.id)) continue;
      const bool needs_one = out.contains(change.account.producer) ||
                             std::any_of(change.needs.begin(), change.needs.end(),
                                         [&](const model::ChangeId& need) { return out.contains(need); });
      if (needs_one || held.contains(change.cause)) more = out.insert(change.id).second || more;
    }
  }
  std::set<std::pair<model::TargetName, model::NativeId>> still_enabled;
  for (const Change& change : plan.changes) {
    if (!out.contains(change.id)) continue;
    draft.withhold(change.target, "changes", "held by a guard");
    if (change.verb == Verb::kDisable) still_enabled.emplace(change.target, change.account.id);
  }
  // What would have stayed for a while after that is not counted from anything.
  std::erase_if(plan.later, [&](const Later& later) {
    if (later.until != Time::never() || !still_enabled.contains({later.target, later.account.id})) return false;
    draft.withhold(later.target, "changes", "held by a guard");
    return true;
  });
  std::erase_if(plan.changes, [&](const Change& change) { return out.contains(change.id); });
  std::set<model::CauseId> left;
  for (const Change& change : plan.changes) left.insert(change.cause);
  draft.finish();
  std::erase_if(plan.causes, [&](const Cause& cause) { return !left.contains(cause.id); });
}

}  // namespace tenure::plan
