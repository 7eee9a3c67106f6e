#include "turn.hpp"

#include "judge.hpp"
#include "planted.hpp"

#include <algorithm>

namespace tenure::engine {
namespace {

bool low(const OpenChange& change) {
  return change.row.change.lane >= plan::Lane::kReduce;
}

std::int64_t due_of(const ChangeRow& row) {
  return row.next_at == Time::never() ? 0 : row.next_at.to_micros();
}

RowWrite row_of(const ChangeRow& row) {
  return {.table = RowTable::kChange,
          .id = row.change.id.str(),
          .owner = row.change.target.str(),
          .state = std::string(name_of(row.state)),
          .due = due_of(row),
          .body = row};
}

}  // namespace

std::string subject_ref(model::IdentityId identity) {
  return identity.valid() ? "identity:" + std::to_string(identity.value()) : std::string();
}

model::CaseId new_case(Random& random) {
  return model::CaseId(random.uuid());
}

bool by_hand(const plan::Change& change, const TargetProfile& profile) {
  return change.manual || profile.manual || (change.verb == plan::Verb::kEndSessions && !profile.ends_sessions);
}

std::string object_of(const OpenChange& change, const TargetProfile& profile) {
  const plan::Change& c = change.row.change;
  std::string object = c.target.str();
  if (c.verb == plan::Verb::kCreate) return object + "/n/" + c.account_class + "/" + c.account.name;
  if (profile.writes_whole_entitlement && (c.verb == plan::Verb::kGrant || c.verb == plan::Verb::kRevoke))
    return object + "/e/" + c.entitlement.str();
  return object + "/a/" + change.row.account.str();
}

OpenChange* Turn::find(const model::ChangeId& id) {
  const auto it = state.changes.find(id);
  return it == state.changes.end() ? nullptr : &it->second;
}

Target& Turn::target_of(const OpenChange& change) {
  return state.targets[change.row.change.target];
}

evidence::Draft Turn::draft(const ChangeRow& row, std::string_view type) const {
  evidence::Draft draft;
  draft.type = type;
  draft.time = now;
  draft.case_id = row.case_id.str();
  draft.actor = {evidence::ActorKind::kSystem, "engine"};
  draft.subject = subject_ref(row.change.identity);
  draft.target.system = row.change.target.str();
  draft.mode = row.mode;
  draft.policy = row.policy;
  draft.refs = {row.change.id.str(), row.plan.str()};
  draft.fields = {{"account", row.account.empty() ? row.change.account.name : row.account.str()}};
  if (!row.change.entitlement.empty()) draft.fields.emplace("entitlement", row.change.entitlement.str());
  draft.facts = {{"verb", plan::name_of(row.change.verb)}};
  return draft;
}

void Turn::record(evidence::Draft draft) {
  commit_.records.push_back(std::move(draft));
}

void Turn::touch_case(const CaseRow& row) {
  write({.table = RowTable::kCase,
         .id = row.id.str(),
         .owner = row.cause.id.str(),
         .state = row.closed ? "closed" : "open",
         .body = row});
}

void Turn::touch_obligation(const ObligationRow& row) {
  write({.table = RowTable::kObligation,
         .id = row.id,
         .owner = row.account.target.str(),
         .state = std::string(name_of(row.state)),
         .due = row.effective_at == Time::never() ? 0 : row.effective_at.to_micros(),
         .body = row});
}

void Turn::write_attempt(const ChangeRow& row, AttemptOutcome outcome, const std::string& problem) {
  AttemptRow attempt{.change = row.change.id,
                     .run = row.run,
                     .number = row.attempts,
                     .plan = row.plan,
                     .intended_at = row.intended_at,
                     .send_deadline = row.send_deadline,
                     .outcome = outcome,
                     .problem = problem};
  if (outcome != AttemptOutcome::kNone) attempt.ended_at = now;
  write({.table = RowTable::kAttempt,
         .id = row.run + "/" + row.change.id.str() + "/" + std::to_string(row.attempts),
         .owner = row.change.id.str(),
         .state = std::string(name_of(outcome)),
         .body = std::move(attempt)});
}

void Turn::write_work_order(const governance::Transition<governance::WorkOrder>& moved) {
  const governance::WorkOrder& order = moved.row;
  write({.table = RowTable::kWorkOrder,
         .id = order.id,
         .owner = order.target.str(),
         .state = std::string(governance::name_of(order.state)),
         .due = order.deadline.to_micros(),
         .body = order});
  for (const evidence::Draft& one : moved.records) record(one);
  if (order.open())
    state.work_orders[order.id] = order;
  else
    state.work_orders.erase(order.id);
}

void Turn::image(const model::AccountRef& account, const std::optional<model::AccountImage>& seen) {
  commit_.images.push_back({account, seen});
}

void Turn::add(ChangeRow row) {
  const model::ChangeId id = row.change.id;
  OpenChange& open = state.changes[id];
  open.row = std::move(row);
  for (const model::ChangeId& needed : open.row.waiting_for) state.dependents[needed].insert(id);
  if (!open.row.account.empty()) state.by_account[{open.row.change.target, open.row.account}].insert(id);
  state.by_case[open.row.case_id].insert(id);
}

void Turn::resolve(OpenChange& change, const model::NativeId& account) {
  ChangeRow& row = change.row;
  const model::TargetName& target = row.change.target;
  if (const auto it = state.by_account.find({target, row.account});
      !row.account.empty() && it != state.by_account.end()) {
    it->second.erase(row.change.id);
    if (it->second.empty()) state.by_account.erase(it);
  }
  row.account = account;
  if (!account.empty()) state.by_account[{target, account}].insert(row.change.id);
}

void Turn::enqueue(OpenChange& change) {
  dequeue(change);
  ChangeRow& row = change.row;
  if (row.state == ChangeState::kPlanned || row.state == ChangeState::kManual || terminal(row.state)) return;
  if (row.next_at > now) {
    state.timers.emplace(row.next_at, row.change.id);
    return;
  }
  if (!row.superseded_by.empty() || is_local(row.change.verb) || by_hand(row.change, target_of(change).profile)) {
    immediate.insert(row.change.id);
    return;
  }
  const auto lane = planted(Defect::kIgnoreLanes) ? std::size_t{3} : static_cast<std::size_t>(row.change.lane);
  target_of(change).ready.at(lane).emplace(row.order, row.change.id);
  change.queued = true;
  dirty(row.change.target);
}

void Turn::dequeue(OpenChange& change) {
  const ChangeRow& row = change.row;
  state.timers.erase({row.next_at, row.change.id});
  if (!change.queued) return;
  for (auto& lane : target_of(change).ready) lane.erase({row.order, row.change.id});
  change.queued = false;
}

void Turn::wait_until(OpenChange& change, Time at) {
  dequeue(change);
  change.row.next_at = at;
  enqueue(change);
}

void Turn::backoff(OpenChange& change, Duration at_least) {
  const Limits& limits = state.limits;
  Duration cap = limits.backoff_first;
  for (int i = 1; i < change.row.failures && cap < limits.backoff_max; ++i) cap = cap * 2;
  cap = std::min(cap, limits.backoff_max);
  // Full jitter, with a floor so that a failing target is never asked in a tight loop.
  const Duration floor = Duration::millis(50);
  const auto spread = static_cast<std::uint64_t>(std::max<std::int64_t>(1, (cap - floor).to_micros()));
  const Duration delay = floor + Duration::micros(static_cast<std::int64_t>(random.below(spread)));
  wait_until(change, now + std::max(delay, at_least));
}

void Turn::linger(OpenChange& change) {
  change.row.state = ChangeState::kUnknown;
  vacate(change);
  wait_until(change, change.row.settle_at);
  touch(change);
}

void Turn::leave_indexes(const OpenChange& change) {
  const ChangeRow& row = change.row;
  const auto drop = [&](auto& index, const auto& key) {
    if (const auto it = index.find(key); it != index.end()) {
      it->second.erase(row.change.id);
      if (it->second.empty()) index.erase(it);
    }
  };
  if (!row.account.empty()) drop(state.by_account, model::AccountRef{row.change.target, row.account});
  drop(state.by_case, row.case_id);
  for (const model::ChangeId& needed : row.waiting_for) drop(state.dependents, needed);
  state.restarted.erase(row.change.id);
}

void Turn::unblock(const std::string& object) {
  const auto it = state.blocked.find(object);
  if (it == state.blocked.end()) return;
  const std::set<model::ChangeId> waiting = std::move(it->second);
  state.blocked.erase(it);
  for (const model::ChangeId& id : waiting)
    if (OpenChange* change = find(id); change != nullptr && change->activity == Activity::kIdle) enqueue(*change);
}

void Turn::occupy(OpenChange& change, const std::string& object) {
  change.object = object;
  state.occupants[object].insert(change.row.change.id);
}

void Turn::vacate(OpenChange& change) {
  if (change.object.empty()) return;
  const std::string object = std::move(change.object);
  change.object.clear();
  if (const auto it = state.occupants.find(object); it != state.occupants.end()) {
    it->second.erase(change.row.change.id);
    if (it->second.empty()) state.occupants.erase(it);
  }
  unblock(object);
}

void Turn::wait_for(OpenChange& change, const std::string& blocker) {
  dequeue(change);
  vacate(change);
  state.blocked[blocker].insert(change.row.change.id);
}

void Turn::acquire(OpenChange& change) {
  Target& target = target_of(change);
  ++target.running;
  if (low(change)) ++target.running_low;
}

void Turn::release(const Call& call) {
  Target& target = state.targets[call.target];
  --target.running;
  if (call.low) --target.running_low;
  dirty(call.target);
}

std::int64_t Turn::call(OpenChange& change) {
  const std::int64_t serial = state.next_serial++;
  change.serial = serial;
  state.calls[serial] = {change.row.change.target, change.row.change.id, low(change)};
  return serial;
}

void Turn::count_end(const ChangeRow& row) {
  const auto it = state.runs.find(row.run);
  if (it == state.runs.end()) return;
  ++it->second.ended[std::string(name_of(row.state))];
  if (it->second.ended_count() >= it->second.total) it->second.ended_at = now;
  touch_run(row.run);
}

void Turn::forget_obligation(const ObligationRow& row) {
  if (const auto it = state.debts_of_case.find(row.case_id); it != state.debts_of_case.end()) {
    it->second.erase(row.id);
    if (it->second.empty()) state.debts_of_case.erase(it);
  }
  state.obligations.erase(row.id);  // `row` is gone
}

void Turn::settle_case(const model::CaseId& id, bool debt) {
  const auto it = state.cases.find(id);
  if (it == state.cases.end()) return;
  CaseRow& row = it->second;
  if (debt && !row.debt) {
    row.debt = true;
    touch_case(row);
  }
  if (row.debt || state.by_case.contains(id) || state.debts_of_case.contains(id)) return;
  row.closed = true;
  row.closed_at = now;
  touch_case(row);
  evidence::Draft closed;
  closed.type = evidence::event::kCaseClosed;
  closed.time = now;
  closed.case_id = id.str();
  closed.actor = {evidence::ActorKind::kSystem, "engine"};
  closed.subject = subject_ref(row.cause.identity);
  record(std::move(closed));
  state.case_of.erase(row.cause.id);
  state.cases.erase(it);
}

void Turn::end(OpenChange& change, ChangeState ended, const std::string& text) {
  dequeue(change);
  vacate(change);
  ChangeRow& row = change.row;
  row.state = ended;
  row.ended_at = now;
  row.next_at = Time{};
  const model::ChangeId id = row.change.id;
  leave_indexes(change);
  touched_.erase(id);
  rests_on(row.shard);
  write({.table = RowTable::kChange, .id = id.str(), .erase = true});
  write({.table = RowTable::kDone,
         .id = row.run + "/" + id.str(),
         .owner = row.run,
         // Decisions that were only recorded are told apart, so that what was sent can be asked for alone.
         .state = is_local(row.change.verb) && ended == ChangeState::kDone ? "recorded" : std::string(name_of(ended)),
         .due = now.to_micros(),
         .body = row});
  if (const auto it = state.obligations.find(row.obligation); it != state.obligations.end()) {
    it->second.change = {};  // nobody works on it: the next plan takes it up
    touch_obligation(it->second);
  }
  if (const auto it = state.work_orders.find(row.work_order);
      it != state.work_orders.end() && ended != ChangeState::kDone)
    write_work_order(governance::cancel(it->second, text, now));
  count_end(row);
  emit(Notify{row.run, id, ended, text});

  std::set<model::ChangeId> dependents;
  if (const auto it = state.dependents.find(id); it != state.dependents.end()) {
    dependents = std::move(it->second);
    state.dependents.erase(it);
  }
  const model::NativeId made = row.account;
  const model::CaseId case_id = row.case_id;
  const bool debt = ended != ChangeState::kDone && ended != ChangeState::kSuperseded;
  state.changes.erase(id);  // `change` and `row` are gone
  unblock(id.str());

  for (const model::ChangeId& dependent : dependents) {
    OpenChange* next = find(dependent);
    if (next == nullptr) continue;
    if (ended != ChangeState::kDone) {
      evidence::Draft cancelled = draft(next->row, evidence::event::kChangeCancelled);
      cancelled.outcome = evidence::Outcome::kFailure;
      cancelled.refs.push_back(id.str());
      record(std::move(cancelled));
      end(*next, ChangeState::kCancelled, "a change that it needs was not made");
      continue;
    }
    next->row.waiting_for.erase(id);
    if (next->row.account.empty() && next->row.change.account.producer == id) {
      next->row.account = made;
      state.by_account[{next->row.change.target, made}].insert(dependent);
    }
    if (next->row.waiting_for.empty()) {
      next->row.state = next->row.next_at > now ? ChangeState::kScheduled : ChangeState::kReady;
      record(draft(next->row, evidence::event::kChangePlanned));
      enqueue(*next);
    }
    touch(*next);
  }
  settle_case(case_id, debt);
}

void Turn::name_fences() {
  if (commit_.writes.empty() && commit_.images.empty()) return;  // what was seen may always be said
  if (planted(Defect::kNoFences)) return;
  if (shards_.empty() && !state.held.empty()) shards_.insert(state.held.begin()->first);
  for (const int shard : shards_)
    if (const auto it = state.held.find(shard); it != state.held.end())
      commit_.fences.push_back({shard, it->second.epoch});
}

Effects Turn::finish() {
  for (const model::ChangeId& id : touched_)
    if (const OpenChange* change = find(id); change != nullptr) commit_.writes.push_back(row_of(change->row));
  for (const std::string& id : touched_runs_) {
    const auto it = state.runs.find(id);
    if (it == state.runs.end()) continue;
    const bool ended = it->second.ended_at != Time{};
    commit_.writes.push_back(
        {.table = RowTable::kRun, .id = id, .state = ended ? "ended" : "open", .body = it->second});
    if (ended) state.runs.erase(it);
  }
  Effects out;
  const bool commits = !commit_.writes.empty() || !commit_.records.empty() || !commit_.images.empty();
  if (commits || !intents_.empty()) {
    commit_.ticket = state.next_ticket++;
    name_fences();
    if (!intents_.empty()) state.intents[commit_.ticket] = intents_;
    const std::int64_t ticket = commit_.ticket;
    out.emplace_back(std::move(commit_));
    if (planted(Defect::kSendBeforeCommit) && !intents_.empty()) {
      Turn early(state, now, random);
      commit_done(early, {ticket, CommitResult::kOk});
      for (Effect& effect : early.effects_) out.insert(out.begin(), std::move(effect));
    }
  }
  for (Effect& effect : effects_) out.push_back(std::move(effect));
  return out;
}

}  // namespace tenure::engine
