#include "assignments.hpp"
#include "causes.hpp"
#include "parameters.hpp"
#include "reconcile.hpp"

#include <algorithm>
#include <string_view>

#include <tenure/policy/lifecycle.hpp>

namespace tenure::plan {
namespace {

using model::DecisionKind;

bool over(const DecisionView& decision, Time now) {
  return decision.until <= now || decision.decide_again_by <= now;
}

Cause drift_cause(const std::string& finding, const std::string& text) {
  Cause cause{{}, "drift", "drift", finding + ": " + text, {}};
  cause.id = cause_id(cause);
  return cause;
}

// The facts of the conditions of the line, up to the first that is not true.
void why_not(const Who& who, const policy::GrantLine& line, const model::TargetName& target, Facts& facts) {
  if (line.kind != who.identity.kind) return;
  if (std::find(line.states.begin(), line.states.end(), who.desired.state) == line.states.end()) return;
  for (std::size_t i = 0; i < line.conditions.size(); ++i) {
    if (i > 0 && line.grant->target != target) return;
    const policy::Verdict verdict = who.rules.condition(*line.conditions[i]);
    facts.insert(facts.end(), verdict.facts.begin(), verdict.facts.end());
    if (verdict.truth != policy::Truth::kTrue) return;
  }
  if (line.for_each == nullptr) return;
  const policy::Values values = who.rules.values(*line.for_each);
  facts.insert(facts.end(), values.facts.begin(), values.facts.end());
}

Cause term_cause(const DecisionView& decision, model::IdentityId identity) {
  Cause cause{{},
              "timer",
              "terms",
              "the term of " + decision.entitlement.str() + " ended " + decision.until.to_date(),
              identity};
  cause.id = cause_id(cause);
  return cause;
}

// Where wanted grants of the entitlement begin: they are ordered by it.
std::size_t first_of(const DesiredAccount* wanted, const model::EntitlementId& entitlement) {
  if (wanted == nullptr) return 0;
  const auto it = std::lower_bound(
      wanted->grants.begin(), wanted->grants.end(), entitlement,
      [](const DesiredGrant& grant, const model::EntitlementId& id) { return grant.entitlement() < id; });
  return static_cast<std::size_t>(it - wanted->grants.begin());
}

}  // namespace

void Reconciler::grants(Who& who, AccountWork& work) {
  const std::span<const GrantView> observed = picture_.grants_of(work.held);
  std::vector<bool> met(work.wanted == nullptr ? 0 : work.wanted->grants.size(), false);
  for (const GrantView& grant : observed) {
    if (work.scope(grant) > model::Scope::kAdditive) {
      work.something_stays = true;
      continue;
    }
    const DesiredGrant* wanted = nullptr;
    for (std::size_t i = first_of(work.wanted, grant.entitlement); i < met.size() && wanted == nullptr; ++i) {
      const DesiredGrant& one = work.wanted->grants[i];
      if (one.entitlement() != grant.entitlement) break;
      if (one.parameters() != grant.parameters &&
          right_of(grant.doc, one.parameters()) != right_of(grant.doc, grant.parameters))
        continue;
      wanted = &one;
      met[i] = true;
    }
    if (picture_.grant_in_flight(work.held.ref, grant.entitlement)) {
      work.something_stays = true;  // decided again when it has ended
    } else if (wanted != nullptr) {
      wanted_grant(who, work, grant, *wanted);
    } else {
      unwanted_grant(who, work, grant);
    }
  }
  for (std::size_t i = 0; i < met.size(); ++i)
    if (!met[i]) missing_grant(who, work, work.wanted->grants[i]);
  if (!who.desired.ended()) adopted_but_gone(who, work, observed);
}

void Reconciler::wanted_grant(Who& who, AccountWork& work, const GrantView& grant, const DesiredGrant& wanted) {
  work.something_stays = true;
  const DecisionView* decision = picture_.decision(work.held, grant.entitlement, grant.parameters);
  const bool exact = decision != nullptr && decision->parameters == grant.parameters;
  const auto order = compare_parameters(grant.doc, grant.parameters, wanted.parameters());
  if (order == std::partial_ordering::equivalent) {
    if (exact && decision->kind == DecisionKind::kGranted) {
      if (over(*decision, picture_.world().now)) {
        no_longer_given(who, work, grant, *decision);
        return;
      }
      if (decision->until != Time::never()) draft_.due(decision->until);
      return;
    }
    if (exact && decision->kind == DecisionKind::kAdopted && !over(*decision, picture_.world().now)) return;
    if (work.scope(grant) != model::Scope::kManaged || !work.target.answers) return;
    Change adopt = grant_change(work.target, work.held, who.identity.id, Verb::kAdopt, Lane::kReconcile,
                                grant.entitlement, grant.parameters);
    adopt.prior_present = true;
    const Grounds& grounds = grounds_of(who, wanted, work.target);
    adopt.reason = grounds.reason;
    draft_.add(std::move(adopt), grounds.cause);
    return;
  }
  if (order == std::partial_ordering::greater) {
    const model::Parameters* kept =
        who.desired.keeps(*work.target.doc, work.type.name, grant.entitlement, grant.parameters);
    if (kept != nullptr && compare_parameters(grant.doc, *kept, grant.parameters) >= 0) return;
    more_than_wanted(who, work, grant, wanted, exact ? decision : nullptr);
    return;
  }
  // Less than wanted. When we gave more once, somebody took it away.
  for (const DecisionView& other : picture_.grant_decisions(work.held))
    if (other.entitlement == wanted.entitlement() && other.parameters == wanted.parameters() &&
        other.kind == DecisionKind::kGranted) {
      missing_grant(who, work, wanted);
      return;
    }
  set_parameters(who, work, grant, wanted, Lane::kGrant);
}

// The right is wanted, but less of it: what we gave, or what somebody kept until now, is reduced; the rest is a
// deviation.
void Reconciler::more_than_wanted(Who& who, AccountWork& work, const GrantView& grant, const DesiredGrant& wanted,
                                  const DecisionView* decision) {
  const Time now = picture_.world().now;
  if (decision == nullptr || decision->kind == DecisionKind::kHeld) {
    drift_added(work.target, work.held, grant, who.identity.id, "", &wanted, &work);
    return;
  }
  if (decision->kind == DecisionKind::kBaseline) {
    find_unexplained(draft_, work.target, work.held, grant, who.identity.id, std::string(decision->owner),
                     decision->until);
    return;
  }
  if (decision->kind != DecisionKind::kGranted && !over(*decision, now)) {
    draft_.due(decision->until);
    return;
  }
  if (decision->kind == DecisionKind::kGranted || decision->kind == DecisionKind::kAdopted) {
    set_parameters(who, work, grant, wanted, Lane::kReduce);
    return;
  }
  drift_added(work.target, work.held, grant, who.identity.id,
              ", " + std::string(model::name_of(decision->kind)) + " only until " + decision->until.to_date(), &wanted,
              &work);
}

void Reconciler::set_parameters(Who& who, AccountWork& work, const GrantView& grant, const DesiredGrant& wanted,
                                Lane lane) {
  const bool adds = lane == Lane::kGrant;
  if (adds && !work.usable) return;
  if (adds && !work.target.answers) {
    draft_.withhold(work.target.doc->name, "account " + work.held.name, work.target.why_not_proven());
    return;
  }
  Change change = grant_change(work.target, work.held, who.identity.id, Verb::kGrant, lane, wanted.entitlement(),
                               wanted.parameters());
  change.prior_parameters = grant.parameters;
  change.prior_present = true;
  const Grounds& grounds = grounds_of(who, wanted, work.target);
  change.reason = grounds.reason;
  if (adds) change.needs = work.before_adding;
  draft_.add(std::move(change), grounds.cause);
}

void Reconciler::unwanted_grant(Who& who, AccountWork& work, const GrantView& grant) {
  const model::Scope scope = work.scope(grant);
  const DecisionView* decision = picture_.decision(work.held, grant.entitlement, grant.parameters);
  const bool ours = decision != nullptr && decision->kind == DecisionKind::kGranted;
  if (scope == model::Scope::kAdditive && !ours) {
    work.something_stays = true;
    return;
  }
  const bool term_over = decision != nullptr && over(*decision, picture_.world().now);
  if ((ours || who.desired.ended()) && !term_over && waits_for_step(who, work, grant)) return;
  if (who.desired.ended()) {
    Reason reason;
    reason.rule = "lifecycle " + std::string(model::name_of(who.desired.state));
    reason.text = lifecycle_text(who.identity, who.desired.state, picture_.world().now);
    reason.facts = {{"lifecycle", model::name_of(who.desired.state)}};
    revoke(who, work, grant, reason, cause_of_lifecycle(picture_, who.identity, who.desired.state, work.target));
    return;
  }
  if (who.desired.keeps(*work.target.doc, work.type.name, grant.entitlement, grant.parameters) != nullptr) {
    work.something_stays = true;
    if (decision != nullptr && decision->kind == DecisionKind::kBaseline)
      find_unexplained(draft_, work.target, work.held, grant, who.identity.id, std::string(decision->owner),
                       decision->until);
    return;
  }
  if (ours) {
    no_longer_given(who, work, grant, *decision);
    return;
  }
  const bool exact = decision != nullptr && decision->parameters == grant.parameters;
  if (!exact || decision->kind == DecisionKind::kHeld) {
    drift_added(work.target, work.held, grant, who.identity.id, "", nullptr, &work);
    return;
  }
  if (decision->kind == DecisionKind::kBaseline) {
    work.something_stays = true;
    find_unexplained(draft_, work.target, work.held, grant, who.identity.id, std::string(decision->owner),
                     decision->until);
    return;
  }
  if (!over(*decision, picture_.world().now)) {
    work.something_stays = true;
    draft_.due(decision->until);
    if (decision->kind == DecisionKind::kAdopted)
      look_again(
          draft_, who.identity, *decision->whole,
          shown(grant.entitlement, grant.parameters) + " of " + work.held.name + " in " + work.target.doc->name.str(),
          owner_of(work.target, grant.entitlement));
    return;
  }
  if (decision->kind == DecisionKind::kAdopted) {
    Reason reason;
    reason.rule = "end of term";
    reason.text = "kept until " + std::min(decision->until, decision->decide_again_by).to_date() + " by " +
                  std::string(decision->actor);
    revoke(who, work, grant, reason, term_cause(*decision, who.identity.id));
    return;
  }
  drift_added(work.target, work.held, grant, who.identity.id,
              ", " + std::string(model::name_of(decision->kind)) + " only until " + decision->until.to_date(), nullptr,
              &work);
}

// Tenure gave it because of a rule: the rule does not give it any more, or its term is over.
void Reconciler::no_longer_given(Who& who, AccountWork& work, const GrantView& grant, const DecisionView& decision) {
  if (over(decision, picture_.world().now)) {
    Reason reason;
    reason.rule = decision.actor;
    reason.text = "the term ended " + decision.until.to_date();
    reason.term = (decision.until - decision.since).to_string();
    revoke(who, work, grant, reason, term_cause(decision, who.identity.id));
    return;
  }
  const Who::Lost& why = lost(who, decision.actor, work.target);
  if (why.until > picture_.world().now)
    stays(who, work, grant, why.rule, why.overlap, why.until);
  else
    revoke(who, work, grant, why.grounds.reason, why.grounds.cause);
}

const Grounds& Reconciler::grounds_of(Who& who, const DesiredGrant& wanted, const TargetPicture& target) const {
  who.given.resize(who.desired.because.size());
  std::optional<Grounds>& known = who.given[wanted.because];
  if (!known) {
    Reason reason = who.reason(wanted);
    Cause cause = cause_of(who, reason, target);
    known.emplace(std::move(reason), std::move(cause));
  }
  return *known;
}

// Why a rule that gave something does not give it any more, and when what it gave ends.
const Who::Lost& Reconciler::lost(Who& who, std::string_view rule, const TargetPicture& target) const {
  for (const Who::Lost& known : who.lost)
    if (known.target == &target && known.rule == rule) return known;
  Who::Lost& lost = who.lost.emplace_back(Who::Lost{std::string(rule), &target, {}, {}, {}});
  Reason& reason = lost.grounds.reason;
  reason.rule = rule;
  if (const std::string id = assignment_of(reason.rule); !id.empty()) {
    reason.text = "it does not hold any more";
    lost.grounds.cause = cause_of_request(id, who.identity.id);
    return lost;
  }
  // Why not, in the facts of the rule that gave it.
  const policy::GrantLine* giver = nullptr;
  const auto& numbers = picture_.policy().lines_of_rule;
  if (const auto found = numbers.find(reason.rule); found != numbers.end()) {
    giver = &picture_.policy().lines[found->second.front()];
    for (const std::uint32_t number : found->second)
      why_not(who, picture_.policy().lines[number], target.doc->name, reason.facts);
  }
  std::sort(reason.facts.begin(), reason.facts.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  reason.facts.erase(std::unique(reason.facts.begin(), reason.facts.end()), reason.facts.end());
  if (!reason.facts.empty())
    reason.text = text_of(reason.facts);
  else if (who.desired.state != model::LifecycleState::kActive)
    reason.text = lifecycle_text(who.identity, who.desired.state, picture_.world().now);
  else
    reason.text = "no rule gives it any more";
  lost.grounds.cause = who.desired.state == model::LifecycleState::kActive
                           ? cause_of_facts(picture_, who.identity, reason.facts, target)
                           : cause_of_lifecycle(picture_, who.identity, who.desired.state, target);
  if (giver != nullptr) {
    lost.until = end_of_overlap(who, *giver, reason);
    lost.overlap = picture_.policy().roles.at(giver->outermost()).overlap;
  }
  return lost;
}

void Reconciler::stays(const Who& who, AccountWork& work, const GrantView& grant, const std::string& rule,
                       Duration after, Time until) {
  work.something_stays = true;
  draft_.due(until);
  Later later;
  later.target = work.target.doc->name;
  later.account = {work.held.ref.id, {}, work.held.name};
  later.account_class = work.type.name;
  later.identity = who.identity.id;
  later.entitlement = grant.entitlement;
  later.parameters = grant.parameters;
  later.rule = rule;
  later.after = after;
  later.until = until;
  draft_.later(std::move(later));
}

// A right that the lifecycle leaves in a disabled account for a while. It counts from when Tenure disabled the account:
// what was disabled by somebody else has no such time, and nothing stays in it.
bool Reconciler::waits_for_step(const Who& who, AccountWork& work, const GrantView& grant) {
  if (who.desired.account_state == model::AccountState::kEnabled) return false;
  const policy::GraceStep* step =
      policy::revoking_step(picture_.policy(), who.desired.state, work.target.doc->name, work.type, grant.entitlement);
  if (step == nullptr || step->after == Duration()) return false;
  if (picture_.state_in_flight(work.held.ref)) {  // it is being disabled: decided again when that has ended
    work.something_stays = true;
    return true;
  }
  Time until = Time::never();
  if (work.held.account->enabled) {
    if (work.before_severing.empty()) return false;
  } else {
    const DecisionView* disabled = picture_.account_decision(work.held);
    if (disabled == nullptr || disabled->kind != DecisionKind::kDisabled) return false;
    until = disabled->since + step->after;
    if (until <= picture_.world().now) return false;
  }
  stays(who, work, grant, "lifecycle " + std::string(model::name_of(who.desired.state)), step->after, until);
  return true;
}

// A declared overlap counts from when the latest of the facts became known. There is none for whoever leaves, nor when
// the policy changed: nothing that the role gave may outlive the rule.
Time Reconciler::end_of_overlap(const Who& who, const policy::GrantLine& line, const Reason& reason) const {
  const Duration overlap = picture_.policy().roles.at(line.outermost()).overlap;
  if (overlap == Duration() || who.desired.state != model::LifecycleState::kActive) return {};
  Time changed;
  for (const auto& [name, value] : reason.facts)
    if (const auto fact = who.identity.facts.find(name); fact != who.identity.facts.end())
      changed = std::max(changed, fact->second.known_at);
  return changed == Time{} || changed < picture_.world().policy_since ? Time{} : changed + overlap;
}

void Reconciler::missing_grant(Who& who, AccountWork& work, const DesiredGrant& wanted) {
  const model::TargetName& target = work.target.doc->name;
  if (std::max(work.type.scope, work.target.doc->scope_of(wanted.entitlement())) > model::Scope::kAdditive) return;
  if (picture_.grant_in_flight(work.held.ref, wanted.entitlement())) return;
  if (!work.usable) return;  // restricted or paused: nothing is added to it
  if (!work.target.grants_proven(wanted.entitlement())) {
    draft_.withhold(target, "grants", work.target.why_not_proven());
    return;
  }
  const DecisionView* decision = picture_.decision(work.held, wanted.entitlement(), wanted.parameters());
  if (decision != nullptr) {
    const bool active = !over(*decision, picture_.world().now);
    if (decision->kind == DecisionKind::kHeld && active) return;
    if (decision->kind == DecisionKind::kGranted && !active) return;  // its term is over: somebody has to ask again
    if (active && (decision->kind == DecisionKind::kGranted || decision->kind == DecisionKind::kAdopted)) {
      draft_.find(model::FindingKind::kDriftRemoved, work.held.ref, wanted.entitlement(), wanted.parameters(),
                  who.identity.id,
                  shown(wanted.entitlement(), wanted.parameters()) + " was taken from " + work.held.name + " in " +
                      target.str() + " outside Tenure; it is not given back by itself",
                  owner_of(work.target, wanted.entitlement()));
      return;
    }
  }
  Change change = grant_change(work.target, work.held, who.identity.id, Verb::kGrant, Lane::kGrant,
                               wanted.entitlement(), wanted.parameters());
  const Grounds& grounds = grounds_of(who, wanted, work.target);
  change.reason = grounds.reason;
  change.needs = work.before_adding;
  draft_.add(std::move(change), grounds.cause);
}

// What a person decided to keep, and somebody took away.
void Reconciler::adopted_but_gone(Who& who, AccountWork& work, std::span<const GrantView> observed) {
  if (!work.target.answers) return;
  for (const DecisionView& decision : picture_.grant_decisions(work.held)) {
    if (decision.kind != DecisionKind::kAdopted || over(decision, picture_.world().now)) continue;
    if (!work.target.grants_proven(decision.entitlement)) continue;
    if (picture_.grant_in_flight(work.held.ref, decision.entitlement)) continue;
    const bool there = std::any_of(observed.begin(), observed.end(), [&](const GrantView& grant) {
      return grant.entitlement == decision.entitlement && grant.parameters == decision.parameters;
    });
    if (there) continue;
    draft_.find(model::FindingKind::kDriftRemoved, work.held.ref, decision.entitlement, decision.parameters,
                who.identity.id,
                shown(decision.entitlement, decision.parameters) + " was taken from " + work.held.name + " in " +
                    work.target.doc->name.str() + " outside Tenure; it is not given back by itself",
                decision.owner.empty() ? owner_of(work.target, decision.entitlement) : std::string(decision.owner));
  }
}

void Reconciler::revoke(Who& who, AccountWork& work, const GrantView& grant, const Reason& reason, const Cause& cause) {
  Change change = grant_change(work.target, work.held, who.identity.id, Verb::kRevoke, Lane::kRevoke, grant.entitlement,
                               grant.parameters);
  change.prior_present = true;
  change.reason = reason;
  change.needs = work.before_severing;
  // What we gave under other parameters ends with it.
  const DecisionView* given = picture_.decision(work.held, grant.entitlement, grant.parameters);
  if (given != nullptr && given->parameters != grant.parameters) change.prior_parameters = given->parameters;
  work.revocations.push_back(draft_.plan().changes.size());
  draft_.add(std::move(change), cause);
}

void Reconciler::drift_added(const TargetPicture& target, const HeldAccount& held, const GrantView& grant,
                             model::IdentityId identity, const std::string& note, const DesiredGrant* down_to,
                             AccountWork* work) {
  if (work != nullptr) work->something_stays = true;
  if (!target.answers) return;  // an old reading is no news
  const std::string finding =
      model::finding_id(model::FindingKind::kDriftAdded, held.ref, grant.entitlement, grant.parameters, identity);
  const std::string what =
      held.name + " holds " + shown(grant.entitlement, grant.parameters) + " in " + target.doc->name.str();
  draft_.find(model::FindingKind::kDriftAdded, held.ref, grant.entitlement, grant.parameters, identity,
              what + ", and no decision explains it" + note, owner_of(target, grant.entitlement));
  if (!target.doc->revert_drift && !request_.revert_drift) return;
  Change change =
      grant_change(target, held, identity, Verb::kRevoke, Lane::kRevoke, grant.entitlement, grant.parameters);
  change.prior_present = true;
  if (down_to != nullptr) {  // the rule's part of it stays
    change.verb = Verb::kGrant;
    change.lane = Lane::kReduce;
    change.prior_parameters = std::exchange(change.parameters, down_to->parameters());
  }
  change.reason.rule = "drift revert " + finding;
  change.reason.text = what + ", and no decision explains it";
  draft_.add(std::move(change), drift_cause(finding, what));
}

}  // namespace tenure::plan
