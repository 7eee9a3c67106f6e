#include "revert.hpp"

#include "reconcile.hpp"

#include <algorithm>

namespace tenure::plan {
namespace {

using model::FindingKind;

class Revert {
 public:
  Revert(Draft& draft, const model::Finding& finding)
      : draft_(draft), finding_(finding), target_(draft.picture().target(finding.account.target)) {}

  Status run() {
    TENURE_CHECK_OK(locate());
    switch (finding_.kind) {
      case FindingKind::kDriftAdded:
      case FindingKind::kUnexplained:
        if (holds()) grant(Verb::kRevoke, Lane::kRevoke, true);
        return {};
      case FindingKind::kDriftRemoved:
        if (!holds()) grant(Verb::kGrant, Lane::kGrant, false);
        return {};
      case FindingKind::kRestriction:
        if (!held_.account->enabled) add(change_on(target_, held_, finding_.identity, Verb::kEnable, Lane::kGrant));
        return {};
      case FindingKind::kOrphan:
        if (held_.account->enabled) disable();
        return {};
      default:
        return fail(tenure::Reason::kFindingState, finding_.id + " (" + std::string(model::name_of(finding_.kind)) +
                                                       ") is not something that a change of ours can undo");
    }
  }

 private:
  Status locate() {
    if (!target_.answers)
      return fail(tenure::Reason::kFindingState,
                  finding_.id + ": " + target_.doc->name.str() + " " + target_.why_not_proven());
    const auto* account = target_.observed->find_account(finding_.account.id);
    if (account == nullptr)
      return fail(tenure::Reason::kFindingState,
                  finding_.id + ": the account is not there; it is not created again here");
    held_ = draft_.picture().held(target_, *account);
    const model::Scope scope = finding_.entitlement.empty() ? target_.scope(held_.account_class)
                                                            : target_.scope(held_.account_class, finding_.entitlement);
    if (scope > model::Scope::kAdditive)
      return fail(tenure::Reason::kFindingState, finding_.id + ": it is outside the managed scope");
    return {};
  }

  bool holds() const {
    const auto grants = draft_.picture().grants_of(held_);
    return std::any_of(grants.begin(), grants.end(), [&](const GrantView& grant) {
      return grant.entitlement == finding_.entitlement && grant.parameters == finding_.parameters;
    });
  }

  void grant(Verb verb, Lane lane, bool present) {
    Change change =
        grant_change(target_, held_, finding_.identity, verb, lane, finding_.entitlement, finding_.parameters);
    change.prior_present = present;
    add(std::move(change));
  }

  void disable() {
    Change change = change_on(target_, held_, finding_.identity, Verb::kDisable, Lane::kRevoke);
    change.prior_present = true;
    const model::ChangeId disabled = add(std::move(change));
    if (!target_.view->ends_sessions || target_.doc->manual) return;
    Change sessions = change_on(target_, held_, finding_.identity, Verb::kEndSessions, Lane::kRevoke);
    sessions.prior_present = true;
    sessions.needs = {disabled};
    add(std::move(sessions));
  }

  model::ChangeId add(Change change) {
    Cause cause{{}, "drift", "drift", finding_.id + ": " + finding_.summary, finding_.identity};
    cause.id = cause_id(cause);
    change.reason.rule = "drift revert " + finding_.id;
    change.reason.text = finding_.summary;
    return draft_.add(std::move(change), cause);
  }

  Draft& draft_;
  const model::Finding& finding_;
  const TargetPicture& target_;
  HeldAccount held_;
};

}  // namespace

Status revert_findings(Draft& draft, const std::vector<std::string>& findings) {
  for (const auto& id : findings) {
    const auto& known = draft.picture().world().findings;
    const auto it = known.find(id);
    if (it == known.end()) return fail(tenure::Reason::kFindingNotFound, id);
    if (it->second.state == model::FindingState::kClosed) return fail(tenure::Reason::kFindingState, id + " is closed");
    if (!draft.picture().targets().contains(it->second.account.target))
      return fail(tenure::Reason::kFindingState, id + ": its target has no document any more");
    TENURE_CHECK_OK(Revert(draft, it->second).run());
  }
  return {};
}

}  // namespace tenure::plan
