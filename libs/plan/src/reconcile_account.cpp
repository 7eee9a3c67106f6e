#include "attributes.hpp"
#include "causes.hpp"
#include "reconcile.hpp"

#include <tenure/policy/lifecycle.hpp>

namespace tenure::plan {
namespace {

Reason lifecycle_reason(const Picture& picture, const Who& who) {
  Reason reason;
  reason.rule = "lifecycle " + std::string(model::name_of(who.desired.state));
  reason.text = lifecycle_text(who.identity, who.desired.state, picture.world().now);
  reason.facts = {{"lifecycle", model::name_of(who.desired.state)}};
  return reason;
}

std::string restriction_of(const model::Account& account) {
  return account.restriction.empty() ? "disabled" : account.restriction;
}

}  // namespace

// A wanted account that has a claim and is not in the reading.
void Reconciler::gone(Who& who, const TargetPicture& target, const HeldAccount& held) {
  if (!target.accounts_proven(held.account_class)) {
    draft_.withhold(target.doc->name, "accounts: " + held.account_class, target.why_not_proven());
    return;
  }
  if (picture_.state_in_flight(held.ref)) return;
  const DecisionView* decision = picture_.account_decision(held);
  if (decision != nullptr && decision->kind == model::DecisionKind::kHeld) return;
  draft_.find(model::FindingKind::kRestriction, held.ref, {}, "", who.identity.id,
              "the account of " + who.identity.key + " in " + target.doc->name.str() +
                  " was removed outside Tenure; it is not created again by itself",
              target.doc->owner);
}

void Reconciler::state(Who& who, AccountWork& work) {
  const model::Account& account = *work.held.account;
  if (picture_.state_in_flight(work.held.ref)) {
    work.usable = false;
    return;
  }
  const model::AccountState aim = who.desired.account_state;
  if (aim == model::AccountState::kEnabled) {
    if (work.wanted != nullptr && !account.enabled) enable_or_hold(who, work);
    return;
  }
  work.usable = false;
  const bool ends = aim == model::AccountState::kDisabled || who.desired.ended();
  if (!ends || !account.enabled) return;
  const DecisionView* decision = picture_.account_decision(work.held);
  const bool ours = decision != nullptr && decision->kind == model::DecisionKind::kGranted;
  if (work.type.scope == model::Scope::kAdditive && !ours) return;
  end_logins(who, work, lifecycle_reason(picture_, who),
             cause_of_lifecycle(picture_, who.identity, who.desired.state, work.target));
}

void Reconciler::enable_or_hold(Who& who, AccountWork& work) {
  const model::Account& account = *work.held.account;
  const DecisionView* decision = picture_.account_decision(work.held);
  work.usable = false;
  if (decision != nullptr && decision->kind == model::DecisionKind::kHeld) return;  // somebody decided that it stays so
  if (!work.target.answers) {
    draft_.withhold(work.target.doc->name, "account " + account.name, work.target.why_not_proven());
    return;
  }
  if (decision == nullptr || decision->kind != model::DecisionKind::kDisabled ||
      !work.target.looks_like_ours(account)) {
    draft_.find(model::FindingKind::kRestriction, work.held.ref, {}, "", who.identity.id,
                "the account " + account.name + " in " + work.target.doc->name.str() + " was " +
                    restriction_of(account) + " outside Tenure; it stays so until somebody lifts it",
                work.target.doc->owner);
    return;
  }
  Change change = change_on(work.target, work.held, who.identity.id, Verb::kEnable, Lane::kGrant);
  change.reason = who.account_reason(*work.wanted);
  const Cause cause = cause_of_lifecycle(picture_, who.identity, who.desired.state, work.target);
  work.before_adding.push_back(draft_.add(std::move(change), cause));
  work.usable = true;
}

// No new login, then no session; whatever is severed comes after.
void Reconciler::end_logins(Who& who, AccountWork& work, const Reason& reason, const Cause& cause) {
  Change disable = change_on(work.target, work.held, who.identity.id, Verb::kDisable, Lane::kRevoke);
  disable.prior_present = true;
  disable.reason = reason;
  work.before_severing = {draft_.add(disable, cause)};
  if (!work.target.view->ends_sessions || work.target.doc->manual) return;
  Change sessions = std::move(disable);
  sessions.verb = Verb::kEndSessions;
  sessions.needs = work.before_severing;
  work.before_severing = {draft_.add(std::move(sessions), cause)};
}

// An account that Tenure gave or explained, that no role asks for any more, and in which nothing is left.
void Reconciler::unneeded(Who& who, AccountWork& work) {
  const model::Account& account = *work.held.account;
  if (who.desired.account_state != model::AccountState::kEnabled || work.wanted != nullptr || !work.first ||
      !account.enabled || work.something_stays || work.type.scope != model::Scope::kManaged)
    return;
  if (picture_.state_in_flight(work.held.ref)) return;
  if (who.desired.keeps_account(work.target.doc->name, work.type.name)) return;
  const DecisionView* decision = picture_.account_decision(work.held);
  if (decision == nullptr || decision->kind != model::DecisionKind::kGranted) return;
  Reason reason;
  reason.rule = "no role";
  reason.text = "no role gives an account in " + work.target.doc->name.str() + " any more";
  Facts facts;  // all of them: any may have been the one that changed
  for (const auto& [name, fact] : who.identity.facts) facts.emplace_back(name, fact.value);
  const Cause cause = cause_of_facts(picture_, who.identity, facts, work.target);
  end_logins(who, work, reason, cause);
  for (const std::size_t index : work.revocations) draft_.plan().changes[index].needs = work.before_severing;
}

void Reconciler::remove_later(Who& who, AccountWork& work) {
  if (!who.desired.ended() || work.held.account->enabled || !work.target.answers) return;
  const auto after = policy::deleted_after(picture_.policy(), who.desired.state, work.target.doc->name, work.type);
  if (!after) return;
  if (work.type.scope != model::Scope::kManaged || picture_.state_in_flight(work.held.ref)) return;
  const DecisionView* decision = picture_.account_decision(work.held);
  if (decision == nullptr || decision->kind != model::DecisionKind::kDisabled) return;
  const Time at = decision->since + *after;
  if (at > picture_.world().now) {
    draft_.due(at);
    return;
  }
  if (work.something_stays) return;  // what is outside our scope would go with it
  Change change = change_on(work.target, work.held, who.identity.id, Verb::kDelete, Lane::kRevoke);
  change.prior_present = true;
  change.reason = lifecycle_reason(picture_, who);
  change.reason.text += ", disabled for " + after->to_string();
  for (const std::size_t index : work.revocations) change.needs.push_back(draft_.plan().changes[index].id);
  draft_.add(std::move(change), cause_of_lifecycle(picture_, who.identity, who.desired.state, work.target));
}

void Reconciler::attributes(Who& who, AccountWork& work) {
  if (work.wanted == nullptr || !work.usable || work.type.scope != model::Scope::kManaged) return;
  if (picture_.update_in_flight(work.held.ref)) return;
  if (screened_ != nullptr && screened_->dressed(work.held.ref)) return;
  Change change = change_on(work.target, work.held, who.identity.id, Verb::kUpdate, Lane::kReconcile);
  const WantedAttributes wanted = attributes_of(who.rules, *work.wanted, false);
  for (const auto& [attribute, value] : wanted.values) {
    const auto held = work.held.account->attributes.find(attribute);
    if (held == work.held.account->attributes.end()) continue;  // could not be read: unknown, not blank
    const bool both_blank = value.is_null() && held->second == json::Value("");
    if (held->second == value || both_blank) continue;
    change.attributes.emplace(attribute, value);
    change.prior.emplace(attribute, held->second);
  }
  if (change.attributes.empty()) return;
  if (!work.target.answers) {
    draft_.withhold(work.target.doc->name, "account " + work.held.name, work.target.why_not_proven());
    return;
  }
  change.prior_present = true;
  change.needs = work.before_adding;
  change.reason = who.account_reason(*work.wanted);
  Facts facts;
  for (const auto& [name, fact] : who.identity.facts) facts.emplace_back(name, fact.value);
  draft_.add(std::move(change), cause_of_facts(picture_, who.identity, facts, work.target));
}

}  // namespace tenure::plan
