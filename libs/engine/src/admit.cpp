// An approved plan becomes open changes, obligations and cases in one commit.
#include "judge.hpp"
#include "planted.hpp"
#include "turn.hpp"

#include <algorithm>

#include <tenure/plan/plan.hpp>

namespace tenure::engine {
namespace {

std::string join(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : "; ") + part;
  return out;
}

bool released(const model::CauseId& cause, const Admit& admission) {
  return std::any_of(admission.approvals.begin(), admission.approvals.end(), [&](const governance::Approval& a) {
    return a.plan == admission.digest && !a.standing &&
           std::find(a.releases.begin(), a.releases.end(), cause) != a.releases.end();
  });
}

Status check_guards(const plan::Plan& plan, const Admit& admission) {
  for (const plan::GuardResult& guard : plan.guards) {
    if (!guard.held) continue;
    std::vector<model::CauseId> causes = guard.causes;
    if (causes.empty())
      for (const plan::Cause& cause : plan.causes) causes.push_back(cause.id);
    for (const model::CauseId& cause : causes) {
      if (admission.only && !admission.only->contains(cause)) continue;
      if (!released(cause, admission)) return fail(Reason::kGuardHeld, guard.guard + " holds " + cause.str());
    }
  }
  return {};
}

Result<plan::Plan> check(const Admit& admission, Time now) {
  if (Digest::of(admission.bytes) != admission.digest)
    return fail(Reason::kChangeNotInPlan, "the document does not have the digest " + admission.digest.brief());
  TENURE_TRY(plan::Plan plan, plan::thaw(admission.bytes));
  if (planted(Defect::kAdmitUnapproved)) return plan;
  if (admission.authority) {
    TENURE_CHECK_OK(governance::covers(*admission.authority, plan, now));
    return plan;
  }
  if (const auto lacking = governance::missing(admission.digest, plan.approvals, admission.approvals, now);
      !lacking.empty())
    return fail(Reason::kPlanNotApproved, join(lacking));
  TENURE_CHECK_OK(check_guards(plan, admission));
  return plan;
}

const plan::Cause* find_cause(const plan::Plan& plan, const model::CauseId& id) {
  const auto it =
      std::lower_bound(plan.causes.begin(), plan.causes.end(), id,
                       [](const plan::Cause& one, const model::CauseId& wanted) { return one.id < wanted; });
  return it != plan.causes.end() && it->id == id ? &*it : nullptr;
}

model::CaseId case_of(Turn& turn, const model::CauseId& id, const plan::Plan& plan, const Admit& admission) {
  if (const auto known = admission.cases.find(id); known != admission.cases.end()) {
    if (const auto it = turn.state.cases.find(known->second); it != turn.state.cases.end()) {
      if (it->second.debt) {
        it->second.debt = false;  // this plan settles what the last one could not
        turn.touch_case(it->second);
      }
      return known->second;
    }
    CaseRow row{.id = known->second, .opened_at = turn.now};
    row.cause.id = id;
    if (const plan::Cause* cause = find_cause(plan, id)) row.cause = *cause;
    turn.touch_case(row);
    turn.state.case_of.emplace(id, row.id);
    turn.state.cases.emplace(row.id, row);
    return row.id;
  }
  if (const auto open = turn.state.case_of.find(id); open != turn.state.case_of.end()) return open->second;
  CaseRow row{.id = new_case(turn.random), .opened_at = turn.now};
  row.cause.id = id;
  if (const plan::Cause* cause = find_cause(plan, id)) row.cause = *cause;
  evidence::Draft opened;
  opened.type = evidence::event::kCaseOpened;
  opened.time = turn.now;
  opened.case_id = row.id.str();
  opened.actor = {evidence::ActorKind::kSystem, "engine"};
  opened.subject = subject_ref(row.cause.identity);
  opened.policy = plan.policy;
  opened.refs = {id.str(), admission.digest.str()};
  opened.fields = {{"cause", row.cause.text}};
  opened.facts = {{"kind", row.cause.kind.empty() ? "unknown" : row.cause.kind}};
  turn.record(std::move(opened));
  turn.touch_case(row);
  turn.state.case_of.emplace(id, row.id);
  turn.state.cases.emplace(row.id, row);
  return row.id;
}

// Who answers for the end of an access: the owner of the target.
std::string owner_of(const Turn& turn, const model::TargetName& target) {
  const auto it = turn.state.targets.find(target);
  return it == turn.state.targets.end() ? std::string() : it->second.profile.work.owner;
}

void open_obligation(Turn& turn, ChangeRow& row) {
  if (!plan::takes_away(row.change) || row.account.empty() || planted(Defect::kForgetObligation)) return;
  row.obligation = obligation_id(row.change, row.account);
  ObligationRow& obligation = turn.state.obligations[row.obligation];
  if (obligation.id.empty()) {
    obligation = {.id = row.obligation,
                  .account = {row.change.target, row.account},
                  .name = row.change.account.name,
                  .verb = row.change.verb,
                  .entitlement = row.change.entitlement,
                  .parameters = row.change.parameters,
                  .identity = row.change.identity,
                  .case_id = row.case_id,
                  .cause = row.change.cause,
                  .owner = owner_of(turn, row.change.target),
                  .required = required_proofs(row.change.verb),
                  .effective_at = row.change.due == Time{} ? turn.now : row.change.due,
                  .decided_at = turn.now};
    turn.state.debts_of_case[row.case_id].insert(row.obligation);
    for (const std::string& proof : obligation.required) obligation.proofs[proof] = {.status = "unknown"};
    evidence::Draft opened = turn.draft(row, evidence::event::kObligationOpened);
    opened.facts.emplace("effective_at", obligation.effective_at.to_rfc3339());
    turn.record(std::move(opened));
  }
  obligation.change = row.change.id;
  obligation.run = row.run;
  turn.touch_obligation(obligation);
}

// A revocation makes older grants on the same account pointless: what was not sent is not sent any more, and what may
// still land is looked for once more when it no longer can.
void overtake(Turn& turn, OpenChange& revocation) {
  ChangeRow& row = revocation.row;
  if (!plan::takes_away(row.change) || row.account.empty()) return;
  const auto it = turn.state.by_account.find({row.change.target, row.account});
  if (it == turn.state.by_account.end()) return;
  const std::set<model::ChangeId> others = it->second;
  for (const model::ChangeId& id : others) {
    OpenChange* giving = turn.find(id);
    if (giving == nullptr || giving->row.plan == row.plan || !overtakes(row.change, giving->row.change)) continue;
    const bool may_land = giving->row.state == ChangeState::kExecuting || giving->row.state == ChangeState::kUnknown;
    if (may_land)
      row.hazard_until =
          std::max(row.hazard_until, giving->row.send_deadline + turn.target_of(*giving).profile.request_lifetime_max);
    giving->row.superseded_by = row.change.id;
    evidence::Draft cancelled = turn.draft(giving->row, evidence::event::kChangeCancelled);
    cancelled.refs.push_back(row.change.id.str());
    cancelled.facts.emplace("may_land", may_land);
    turn.record(std::move(cancelled));
    turn.touch(*giving);
    if (giving->row.state == ChangeState::kExecuting) continue;  // its answer is taken in first
    if (giving->row.state == ChangeState::kUnknown && turn.now < giving->row.settle_at) {
      turn.linger(*giving);
      continue;
    }
    turn.end(*giving, ChangeState::kSuperseded, "a revocation overtook it");
  }
}

// Where one write replaces a whole entitlement, accounts cannot be written apart from each other.
int place(const Turn& turn, const plan::Change& change) {
  const auto target = turn.state.targets.find(change.target);
  if (target != turn.state.targets.end() && target->second.profile.writes_whole_entitlement)
    return shard_of(change.target, "");
  if (!change.account.id.empty()) return shard_of(change.target, change.account.id.str());
  return shard_of(change.target, change.account_class + "/" + change.account.name);
}

ChangeRow row_for(Turn& turn, const plan::Change& change, const plan::Plan& plan, const Admit& admission) {
  ChangeRow row{.change = change, .plan = admission.digest, .policy = plan.policy, .run = admission.run};
  row.mode = change.manual ? evidence::Mode::kManual : admission.mode;
  row.order = turn.state.next_order++;
  row.shard = place(turn, change);
  row.account = change.account.id;
  row.next_at = change.due > turn.now ? change.due : Time{};
  row.admitted_at = turn.now;
  row.case_id = case_of(turn, change.cause, plan, admission);
  return row;
}

}  // namespace

void admit(Turn& turn, const Admit& admission) {
  const Result<plan::Plan> plan = check(admission, turn.now);
  if (!plan) {
    turn.emit(Refused{admission.run, plan.error()});
    return;
  }
  std::set<model::ChangeId> admitted;
  std::vector<const plan::Change*> changes;
  for (const plan::Change& change : plan->changes) {
    if (admission.only && !admission.only->contains(change.cause)) continue;
    if (turn.find(change.id) != nullptr) continue;  // on its way already
    if (!turn.state.targets.contains(change.target) && !is_local(change.verb)) {
      turn.emit(Refused{admission.run, Error(Reason::kNotFound, "there is no target " + change.target.str())});
      return;
    }
    changes.push_back(&change);
    admitted.insert(change.id);
  }
  RunRow run{.id = admission.run, .plan = admission.digest, .started_at = turn.now};
  run.total = static_cast<std::int64_t>(changes.size());
  if (run.total == 0) run.ended_at = turn.now;
  turn.state.runs[run.id] = run;
  turn.touch_run(run.id);

  std::vector<model::ChangeId> hopeless;
  for (const plan::Change* change : changes) {
    turn.state.targets[change->target].profile.name = change->target;
    ChangeRow row = row_for(turn, *change, *plan, admission);
    bool needs_missing = false;
    for (const model::ChangeId& needed : change->needs) {
      if (admitted.contains(needed) || turn.find(needed) != nullptr)
        row.waiting_for.insert(needed);
      else if (!admission.only)
        continue;  // ended before: an earlier admission of the same plan
      else
        needs_missing = true;
    }
    row.state = !row.waiting_for.empty() ? ChangeState::kPlanned
                : row.next_at > turn.now ? ChangeState::kScheduled
                                         : ChangeState::kReady;
    open_obligation(turn, row);
    evidence::Draft planned = turn.draft(row, evidence::event::kChangePlanned);
    if (admission.authority) planned.refs.push_back(admission.authority->id);
    turn.record(std::move(planned));
    const model::ChangeId id = change->id;
    turn.add(std::move(row));
    turn.touch(*turn.find(id));
    if (needs_missing || (change->account.id.empty() && !change->account.producer.empty() &&
                          !admitted.contains(change->account.producer)))
      hopeless.push_back(id);
  }
  for (const plan::Change* change : changes)
    if (OpenChange* open = turn.find(change->id); open != nullptr) overtake(turn, *open);
  for (const plan::Change* change : changes)
    if (OpenChange* open = turn.find(change->id); open != nullptr) turn.enqueue(*open);
  for (const model::ChangeId& id : hopeless) {
    OpenChange* open = turn.find(id);
    if (open == nullptr) continue;
    turn.record(turn.draft(open->row, evidence::event::kChangeCancelled));
    turn.end(*open, ChangeState::kCancelled, "a change that it needs is not part of this run");
  }
}

}  // namespace tenure::engine
