#include "approvals.hpp"
#include "draft.hpp"
#include "onboard.hpp"
#include "reconcile.hpp"
#include "revert.hpp"

#include <algorithm>
#include <array>

#include <tenure/plan/guard.hpp>
#include <tenure/plan/planner.hpp>

namespace tenure::plan {
namespace {

using model::FindingKind;

std::string purpose_of(const PlanRequest& request) {
  switch (request.kind) {
    case PlanRequest::Kind::kOnboard:
      return "onboard " + request.target.str();
    case PlanRequest::Kind::kRevert: {
      std::string text = "drift revert";
      for (const auto& id : request.findings) text += " " + id;
      return text;
    }
    case PlanRequest::Kind::kReconcile:
      break;
  }
  std::string text = "reconcile";
  for (const auto& target : request.targets) text += " " + target.str();
  for (const auto identity : request.identities) text += " #" + std::to_string(identity.value());
  return text;
}

Status check_onboarding(const Picture& picture, const model::TargetName& name) {
  const auto target = picture.targets().find(name);
  if (target == picture.targets().end())
    return fail(tenure::Reason::kNotFound, "the policy has no target " + name.str());
  if (target->second.answers && target->second.observed->coverage.complete) return {};
  const bool sure = target->second.answers;
  return fail(sure ? tenure::Reason::kTargetPartial : tenure::Reason::kTargetUnreachable,
              name.str() + ": " + target->second.why_not_proven() + "; a baseline needs a full reading");
}

// Findings that every reconcile looks for, and can therefore see to be gone.
bool is_looked_for(FindingKind kind) {
  constexpr std::array<FindingKind, 6> kKinds = {FindingKind::kDriftAdded,  FindingKind::kDriftRemoved,
                                                 FindingKind::kRestriction, FindingKind::kOrphan,
                                                 FindingKind::kUnexplained, FindingKind::kNameCollision};
  return std::find(kKinds.begin(), kKinds.end(), kind) != kKinds.end();
}

bool in_scope(const PlanRequest& request, const Picture& picture, const model::Finding& finding) {
  const auto target = picture.targets().find(finding.account.target);
  if (target == picture.targets().end()) return true;
  if (!target->second.managed || !target->second.answers || !target->second.observed->coverage.complete) return false;
  if (!request.targets.empty() && !request.targets.contains(finding.account.target)) return false;
  return request.identities.empty() || request.identities.contains(finding.identity);
}

// Why it is not found any more, for people.
std::string answer_of(const Picture& picture, const model::Finding& finding) {
  if (!picture.targets().contains(finding.account.target)) return "gone";
  if (finding.kind == FindingKind::kOrphan) return picture.claim_on(finding.account) != nullptr ? "explained" : "gone";
  if (finding.entitlement.empty()) return "gone";
  for (const auto& grant : picture.grants_of(finding.account))
    if (grant.entitlement == finding.entitlement && grant.parameters == finding.parameters) return "explained";
  return finding.kind == FindingKind::kDriftRemoved ? "explained" : "gone";
}

void settle_findings(const PlanRequest& request, const Draft& draft, PlanResult& result) {
  const auto& known = draft.picture().world().findings;
  for (const auto& [id, finding] : draft.findings()) {
    const auto it = known.find(id);
    if (it == known.end() || it->second.state == model::FindingState::kClosed) result.findings.push_back(finding);
  }
  if (request.kind != PlanRequest::Kind::kReconcile) return;
  for (const auto& [id, finding] : known)
    if (finding.state != model::FindingState::kClosed && is_looked_for(finding.kind) && !draft.found(id) &&
        in_scope(request, draft.picture(), finding))
      result.findings_to_close.emplace_back(id, answer_of(draft.picture(), finding));
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
  for (const Change& change : plan.changes)
    if (out.contains(change.id)) draft.withhold(change.target, "changes", "held by a guard");
  std::erase_if(plan.changes, [&](const Change& change) { return out.contains(change.id); });
  std::set<model::CauseId> left;
  for (const Change& change : plan.changes) left.insert(change.cause);
  draft.finish();
  std::erase_if(plan.causes, [&](const Cause& cause) { return !left.contains(cause.id); });
}

}  // namespace

PlanRequest PlanRequest::onboard(model::TargetName target) {
  PlanRequest request;
  request.kind = Kind::kOnboard;
  request.target = std::move(target);
  return request;
}

PlanRequest PlanRequest::revert(std::vector<std::string> findings) {
  PlanRequest request;
  request.kind = Kind::kRevert;
  request.findings = std::move(findings);
  return request;
}

Result<PlanResult> make_plan(const policy::PolicySet& policy, const World& world, const PlanRequest& request) {
  const Picture picture(policy, world);
  Draft draft(picture, purpose_of(request));
  switch (request.kind) {
    case PlanRequest::Kind::kOnboard: {
      TENURE_CHECK_OK(check_onboarding(picture, request.target));
      if (!picture.target(request.target).managed) Onboarding(draft, request.target).run();
      break;
    }
    case PlanRequest::Kind::kReconcile:
      Reconciler(draft, request).run();
      break;
    case PlanRequest::Kind::kRevert:
      TENURE_CHECK_OK(revert_findings(draft, request.findings));
      break;
  }
  draft.finish();
  std::vector<GuardResult> guards;
  if (request.kind != PlanRequest::Kind::kOnboard)
    guards = evaluate_guards(policy.guard, world.now, world.history, headcount(policy, world), draft.plan(),
                             request.released);
  if (!request.released.empty()) leave_out_held(draft, guards);
  PlanResult result;
  // A guard that holds nothing is no part of the plan: what it counted moves with time and would change the digest.
  std::erase_if(guards, [&](const GuardResult& guard) { return !guard.held && request.released.empty(); });
  result.plan = std::move(draft.plan());
  result.plan.guards = std::move(guards);
  result.plan.approvals = approvals_needed(policy, states_in(policy, world), result.plan);
  settle_findings(request, draft, result);
  result.next_due = draft.next_due();
  TENURE_TRY(result.frozen, freeze(result.plan));
  return result;
}

}  // namespace tenure::plan
