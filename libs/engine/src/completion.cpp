// The ends of changes: verified, carried out by Tenure itself, or handed to a person; and what follows from each end.
#include "judge.hpp"
#include "planted.hpp"
#include "turn.hpp"

#include <algorithm>

#include <tenure/plan/memory.hpp>

namespace tenure::engine {
namespace {

using plan::Verb;

std::string_view event_of(Verb verb) {
  switch (verb) {
    case Verb::kCreate:
      return evidence::event::kAccountCreated;
    case Verb::kUpdate:
      return evidence::event::kAccountUpdated;
    case Verb::kEnable:
      return evidence::event::kAccountEnabled;
    case Verb::kDisable:
      return evidence::event::kAccountDisabled;
    case Verb::kDelete:
      return evidence::event::kAccountDeleted;
    case Verb::kGrant:
      return evidence::event::kEntitlementGranted;
    case Verb::kRevoke:
      return evidence::event::kEntitlementRevoked;
    case Verb::kEndSessions:
      return evidence::event::kSessionEnded;
    case Verb::kClaim:
      return evidence::event::kClaimMade;
    case Verb::kAdopt:
      return evidence::event::kAssignmentDecided;
    case Verb::kOnboard:
      return evidence::event::kTargetOnboarded;
  }
  return evidence::event::kChangeCompleted;
}

std::int64_t due_of(Time until) {
  return until == Time::never() ? 0 : until.to_micros();
}

// Claims, decisions, names and the state of the target, as the planner will look for them.
Status remember(Turn& turn, const ChangeRow& row) {
  TENURE_TRY(const plan::Remembered memory, plan::remembered_after(row.change, row.account, turn.now));
  for (const model::Claim& claim : memory.claims) {
    turn.write({.table = RowTable::kClaim,
                .id = model::row_id(claim),
                .owner = claim.account.target.str(),
                .state = std::to_string(claim.identity.value()),
                .body = model::to_json(claim)});
    if (row.change.verb == Verb::kCreate) turn.record(turn.draft(row, evidence::event::kClaimMade));
  }
  for (const model::Decision& decision : memory.decisions)
    turn.write({.table = RowTable::kDecision,
                .id = model::row_id(decision),
                .owner = decision.account.target.str(),
                .state = std::string(model::name_of(decision.kind)),
                .due = due_of(decision.until),
                .body = model::to_json(decision)});
  for (const model::NameTaken& name : memory.names)
    turn.write({.table = RowTable::kName,
                .id = model::row_id(name),
                .owner = name.target.str(),
                .body = model::to_json(name)});
  for (const std::string& id : memory.claims_ended) {
    turn.write({.table = RowTable::kClaim, .id = id, .erase = true});
    turn.record(turn.draft(row, evidence::event::kClaimEnded));
  }
  for (const std::string& id : memory.decisions_ended)
    turn.write({.table = RowTable::kDecision, .id = id, .erase = true});
  if (memory.managed)
    turn.write({.table = RowTable::kTarget,
                .id = row.change.target.str(),
                .merge = true,
                .owner = row.change.target.str(),
                .body = json::Object{
                    {"target", row.change.target.str()}, {"managed", true}, {"managed_since", turn.now.to_rfc3339()}}});
  return {};
}

// Until when an older write that gives access may still land on what this revocation took away.
Time hazard_of(Turn& turn, const OpenChange& change) {
  const ChangeRow& row = change.row;
  Time hazard = row.hazard_until;
  const auto consider = [&](const model::ChangeId& id) {
    const OpenChange* other = turn.find(id);
    if (other == nullptr || id == row.change.id || !gives_access(other->row.change)) return;
    if (other->row.state == ChangeState::kExecuting || other->row.state == ChangeState::kUnknown)
      hazard = std::max(hazard, other->row.settle_at);
  };
  if (const auto it = turn.state.by_account.find({row.change.target, row.account}); it != turn.state.by_account.end())
    for (const model::ChangeId& id : it->second) consider(id);
  const std::string object = object_of(change, turn.target_of(change).profile);
  if (const auto it = turn.state.occupants.find(object); it != turn.state.occupants.end())
    for (const model::ChangeId& id : it->second) consider(id);
  return hazard;
}

// A write of ours that gives this access back was not settled when the reading was taken.
bool may_still_land(Turn& turn, const ObligationRow& obligation, Time read_at) {
  const auto it = turn.state.by_account.find(obligation.account);
  if (it == turn.state.by_account.end()) return false;
  return std::any_of(it->second.begin(), it->second.end(), [&](const model::ChangeId& id) {
    const OpenChange* other = turn.find(id);
    return other != nullptr && gives_access(other->row.change) && read_at < other->row.settle_at &&
           (other->row.state == ChangeState::kExecuting || other->row.state == ChangeState::kUnknown);
  });
}

void take_image(Turn& turn, const ChangeRow& row, const Reading& reading) {
  if (row.account.empty()) return;
  const model::AccountRef account{row.change.target, row.account};
  if (reading.kind == Reading::Kind::kPresent) turn.image(account, reading.image);
  if (reading.kind == Reading::Kind::kAbsent) turn.image(account, std::nullopt);
}

// One reading is not enough: while an older write may still land, and where nothing was sent and the target's readings
// may be older than the last write of somebody else.
bool look_again_later(Turn& turn, OpenChange& change, std::string_view method) {
  ChangeRow& row = change.row;
  if (planted(Defect::kSkipSecondLook)) return false;
  if (row.state == ChangeState::kManual) return false;  // an export says itself of which time it is; observed() looks
  Time hazard = plan::takes_away(row.change) ? hazard_of(turn, change) : Time{};
  const Duration lag = turn.target_of(change).profile.consistency_lag;
  if (row.attempts == 0 && lag > Duration{} && !row.second_look) hazard = std::max(hazard, turn.now + lag);
  if (turn.now >= hazard) return false;
  row.state = ChangeState::kVerifying;
  row.second_look = true;
  row.hazard_until = hazard;
  evidence::Draft once = turn.draft(row, evidence::event::kTargetVerified);
  once.fields.emplace("method", method);
  once.facts.emplace("attempt", row.attempts);
  once.facts.emplace("again_at", hazard.to_rfc3339());
  turn.record(std::move(once));
  turn.vacate(change);
  turn.wait_until(change, hazard);
  turn.touch(change);
  return true;
}

// Where no reading can show it: never called verified or proven.
constexpr std::string_view kBySecondPerson = "second person";

void record_end(Turn& turn, const ChangeRow& row, std::string_view method) {
  const bool sent = row.attempts > 0;
  const bool witnessed = method == kBySecondPerson;
  evidence::Draft verified = turn.draft(row, evidence::event::kTargetVerified);
  verified.fields.emplace("method", method);
  verified.facts.emplace("attempt", row.attempts);
  if (!witnessed) turn.record(std::move(verified));
  evidence::Draft domain = turn.draft(row, event_of(row.change.verb));
  domain.fields.emplace("name", row.change.account.name);
  domain.fields.emplace("reason", row.change.reason.text);
  domain.facts.emplace("by_this_change", sent);
  if (witnessed) domain.facts.emplace("witnessed", true);
  turn.record(std::move(domain));
  evidence::Draft completed = turn.draft(row, evidence::event::kChangeCompleted);
  completed.facts.emplace("attempts", row.attempts);
  turn.record(std::move(completed));
}

}  // namespace

void prove(Turn& turn, ObligationRow& obligation, std::string_view method) {
  for (const std::string& proof : obligation.required)
    obligation.proofs[proof] = {
        .status = method == kBySecondPerson ? "witnessed" : "proven", .at = turn.now, .method = std::string(method)};
  obligation.state = ObligationState::kProven;
  obligation.proven_at = turn.now;
  turn.touch_obligation(obligation);
  evidence::Draft proven;
  proven.type = evidence::event::kObligationProven;
  proven.time = turn.now;
  proven.case_id = obligation.case_id.str();
  proven.actor = {evidence::ActorKind::kSystem, "engine"};
  proven.subject = subject_ref(obligation.identity);
  proven.target.system = obligation.account.target.str();
  if (!obligation.change.empty()) proven.refs = {obligation.change.str()};
  proven.fields = {{"obligation", obligation.id}, {"method", method}};
  proven.facts = {{"verb", plan::name_of(obligation.verb)}};
  turn.record(std::move(proven));
  turn.forget_obligation(obligation);
}

void complete(Turn& turn, OpenChange& change, const Reading& reading, std::string_view method) {
  ChangeRow& row = change.row;
  if (row.account.empty() && reading.kind == Reading::Kind::kPresent) turn.resolve(change, reading.image.account.id);
  take_image(turn, row, reading);
  if (look_again_later(turn, change, method)) return;
  record_end(turn, row, method);
  if (const Status remembered = remember(turn, row); !remembered) {
    turn.end(change, ChangeState::kFailed, remembered.error().to_string());
    return;
  }
  if (const auto it = turn.state.work_orders.find(row.work_order); it != turn.state.work_orders.end())
    turn.write_work_order(governance::observe(it->second, true, turn.now, turn.now));  // a witnessed one is closed
  if (const auto it = turn.state.obligations.find(row.obligation); it != turn.state.obligations.end())
    prove(turn, it->second, method);
  turn.end(change, ChangeState::kDone, row.attempts > 0 ? "verified" : "already so");
}

void carry_out_locally(Turn& turn, OpenChange& change) {
  const ChangeRow& row = change.row;
  if (const Status remembered = remember(turn, row); !remembered) {
    evidence::Draft no = turn.draft(row, evidence::event::kChangeFailed);
    no.outcome = evidence::Outcome::kFailure;
    no.fields.emplace("problem", remembered.error().to_string());
    turn.record(std::move(no));
    turn.end(change, ChangeState::kFailed, remembered.error().to_string());
    return;
  }
  evidence::Draft domain = turn.draft(row, event_of(row.change.verb));
  domain.fields.emplace("reason", row.change.reason.text);
  domain.fields.emplace("rule", row.change.reason.rule);
  turn.record(std::move(domain));
  turn.record(turn.draft(row, evidence::event::kChangeCompleted));
  turn.end(change, ChangeState::kDone, "recorded");
}

void issue_work_order(Turn& turn, OpenChange& change) {
  ChangeRow& row = change.row;
  row.state = ChangeState::kManual;
  row.next_at = Time{};
  plan::Change resolved = row.change;
  resolved.account.id = row.account;
  const auto order = governance::issue(resolved, row.run, row.case_id, turn.target_of(change).profile.work, turn.now);
  row.work_order = order.row.id;
  turn.write_work_order(order);
  turn.touch(change);
}

void observed(Turn& turn, const Observed& seen) {
  const model::Observation& observation = *seen.observation;
  std::vector<model::ChangeId> manual;
  for (const auto& [id, change] : turn.state.changes)
    if (change.row.state == ChangeState::kManual && change.row.change.target == observation.target)
      manual.push_back(id);
  for (const model::ChangeId& id : manual) {
    OpenChange* change = turn.find(id);
    if (change == nullptr || observation.read_at < change->row.admitted_at) continue;  // older than the question
    const Reading reading = reading_from(observation, change->row.change, change->row.account);
    const Verdict verdict = judge(change->row.change, reading, true);
    if (verdict == Verdict::kNoAnswer) continue;
    if (verdict == Verdict::kGoal) {
      complete(turn, *change, reading, "full reading");
      continue;
    }
    if (const auto it = turn.state.work_orders.find(change->row.work_order); it != turn.state.work_orders.end()) {
      const auto moved = governance::observe(it->second, false, observation.read_at, turn.now);
      if (!moved.records.empty()) turn.write_work_order(moved);
    }
  }
  // Obligations on which no change works any more: proven all the same when the reading shows it.
  std::vector<std::string> idle;
  for (const auto& [id, obligation] : turn.state.obligations)
    if (obligation.account.target == observation.target && turn.find(obligation.change) == nullptr &&
        observation.read_at >= std::max(obligation.decided_at, obligation.sent_at) &&
        !may_still_land(turn, obligation, observation.read_at))
      idle.push_back(id);
  for (const std::string& id : idle) {
    ObligationRow& obligation = turn.state.obligations.at(id);
    plan::Change wanted;
    wanted.verb = obligation.verb;
    wanted.target = observation.target;
    wanted.entitlement = obligation.entitlement;
    wanted.parameters = obligation.parameters;
    if (judge(wanted, reading_from(observation, wanted, obligation.account.id), true) != Verdict::kGoal) continue;
    const model::CaseId case_id = obligation.case_id;
    prove(turn, obligation, "full reading");
    turn.settle_case(case_id, false);
  }
}

void work_order_moved(Turn& turn, const WorkOrderMoved& moved) {
  const governance::WorkOrder& order = moved.moved.row;
  turn.write_work_order(moved.moved);
  if (order.state != governance::WorkOrderState::kWitnessed) return;
  OpenChange* change = turn.find(order.change);
  if (change == nullptr || change->row.state != ChangeState::kManual) return;
  Reading word;
  word.kind = moved.image                                ? Reading::Kind::kPresent
              : change->row.change.verb == Verb::kDelete ? Reading::Kind::kAbsent
                                                         : Reading::Kind::kError;
  if (moved.image) word.image = *moved.image;
  complete(turn, *change, word, kBySecondPerson);
}

void waive(Turn& turn, const Waive& waiver) {
  const auto it = turn.state.obligations.find(waiver.obligation);
  if (it == turn.state.obligations.end() || waiver.until <= turn.now || waiver.until == Time::never()) return;
  ObligationRow obligation = it->second;
  obligation.state = ObligationState::kWaived;
  obligation.waiver = waiver.person.id + ": " + waiver.reason;
  obligation.waived_until = waiver.until;
  turn.touch_obligation(obligation);
  evidence::Draft waived;
  waived.type = evidence::event::kObligationWaived;
  waived.time = turn.now;
  waived.case_id = obligation.case_id.str();
  waived.actor = waiver.person.actor;
  waived.mode = evidence::Mode::kRequested;
  waived.subject = subject_ref(obligation.identity);
  waived.target.system = obligation.account.target.str();
  waived.fields = {{"obligation", obligation.id}, {"person", waiver.person.id}, {"reason", waiver.reason}};
  waived.facts = {{"until", waiver.until.to_rfc3339()}, {"signed", !waiver.signature.empty()}};
  if (!waiver.signature.empty()) waived.fields.emplace("signature", waiver.signature);
  turn.record(std::move(waived));
  turn.forget_obligation(it->second);
  if (OpenChange* change = turn.find(obligation.change); change != nullptr)
    change->row.obligation.clear(), turn.touch(*change);
  turn.settle_case(obligation.case_id, false);
}

}  // namespace tenure::engine
