// What may be started now: due work by lane, within each target's connections, quota and breaker.
#include "judge.hpp"
#include "planted.hpp"
#include "turn.hpp"

#include <algorithm>

namespace tenure::engine {
namespace {

constexpr std::int64_t kToken = 1'000'000;
constexpr Duration kLeastTimeForACall = Duration::millis(500);

bool high(plan::Lane lane) {
  return lane <= plan::Lane::kRevoke;
}

// This node's part of what the target allows.
std::int64_t share(const State& state, std::int64_t quota) {
  return state.held.empty() ? quota : share_of(quota, state.held);
}

void refill(const State& state, Target& target, Time now) {
  const TargetProfile& profile = target.profile;
  if (profile.writes_per_second <= 0) return;
  const std::int64_t rate = share(state, profile.writes_per_second);
  const std::int64_t cap = share(state, std::max<std::int64_t>(1, profile.write_burst)) * kToken;
  if (target.tokens_at == Time{}) {
    target.tokens_us = 0;  // after a restart nobody knows what was spent just before: begin with an empty bucket (T12)
    if (planted(Defect::kFullBucketAtStart)) target.tokens_us = cap;
  } else if (now > target.tokens_at && rate > 0) {
    const std::int64_t room = std::max<std::int64_t>(0, cap - target.tokens_us) / rate + 1;
    const std::int64_t elapsed = std::min((now - target.tokens_at).to_micros(), room);
    target.tokens_us = std::min(cap, target.tokens_us + elapsed * rate);
  }
  target.tokens_at = now;
}

// Tokens that grants must leave for revocations.
std::int64_t reserved_tokens(const TargetProfile& profile, bool low) {
  if (!low || profile.write_burst < 2 || planted(Defect::kNoReserve)) return 0;
  return std::max<std::int64_t>(1, profile.write_burst / 10) * kToken;
}

bool token_left(const State& state, Target& target, bool low, Time now) {
  if (target.profile.writes_per_second <= 0 || planted(Defect::kIgnoreRate)) return true;
  refill(state, target, now);
  return target.tokens_us - target.prechecks * kToken - reserved_tokens(target.profile, low) >= kToken;
}

Time next_token_at(const State& state, const Target& target, Time now) {
  // Whoever comes first; a few microseconds early only costs one more look.
  const std::int64_t rate = std::max<std::int64_t>(1, share(state, target.profile.writes_per_second));
  const std::int64_t wanted = (target.prechecks + 1) * kToken + reserved_tokens(target.profile, true);
  const std::int64_t lacking = std::max<std::int64_t>(1, wanted - target.tokens_us);
  return now + Duration::micros(lacking / rate + 1);
}

bool lane_open(const State& state, Target& target, plan::Lane lane, Time now) {
  const int cap = static_cast<int>(share(state, std::max(1, target.profile.concurrency_max)));
  const int reserve = cap >= 2 ? std::max(1, cap / 10) : 0;
  if (target.running >= cap) return false;
  if (!high(lane) && target.running_low >= cap - reserve) return false;
  if (now < target.cooldown_until) return false;
  if (!target.open) return true;
  if (now >= target.open_until) return target.running == 0;  // half open: one at a time
  return high(lane) && now >= target.probe_at;
}

bool wants_token(const ChangeRow& row) {
  return row.state == ChangeState::kReady || row.state == ChangeState::kScheduled ||
         row.state == ChangeState::kRetryWait;
}

void read(Turn& turn, OpenChange& change, Activity activity, std::string_view why) {
  const ChangeRow& row = change.row;
  Target& target = turn.target_of(change);
  turn.acquire(change);
  change.activity = activity;
  Read read;
  read.serial = turn.call(change);
  read.what = row.change.verb == plan::Verb::kEndSessions ? Read::What::kSessions
              : row.account.empty()                       ? Read::What::kByName
                                                          : Read::What::kAccount;
  read.why = why;
  read.change = row.change.id;
  read.lane = row.change.lane;
  read.target = row.change.target;
  read.account = row.account;
  read.account_class = row.change.account_class;
  read.name = row.change.account.name;
  read.timeout = target.profile.call_timeout;
  if (activity == Activity::kPrior) {
    ++target.prechecks;
    turn.state.calls[read.serial].prior = true;
  }
  turn.emit(std::move(read));
}

// False: it waits for another change and has left the queue.
bool start(Turn& turn, OpenChange& change) {
  ChangeRow& row = change.row;
  Target& target = turn.target_of(change);
  const bool writes = wants_token(row);
  if (writes) {
    const std::string object = object_of(change, target.profile);
    if (const std::string blocker = blocker_of(turn, change, object); !blocker.empty()) {
      turn.wait_for(change, blocker);
      return false;
    }
    turn.dequeue(change);
    turn.occupy(change, object);
    if (planted(Defect::kSkipPriorCheck)) {
      turn.acquire(change);
      dispatch(turn, change);
      return true;
    }
    read(turn, change, Activity::kPrior, "prior");
    return true;
  }
  turn.dequeue(change);
  if (row.state == ChangeState::kUnknown)
    read(turn, change, Activity::kReadBack, "read_back");
  else
    read(turn, change, Activity::kVerify, row.second_look ? "second_look" : "verify");
  return true;
}

// The change to start next on this target; nullptr = none may.
OpenChange* pick(Turn& turn, Target& target, bool floor_turn) {
  std::array<std::size_t, kLanes> order = {0, 1, 2, 3, 4};
  // A small share for the lower lanes, so that a flood of revocations does not stop joiners for ever; never before an
  // emergency.
  if (floor_turn && target.ready[0].empty()) order = {3, 4, 1, 2, 0};
  for (const std::size_t lane : order) {
    if (target.ready.at(lane).empty()) continue;
    if (!lane_open(turn.state, target, static_cast<plan::Lane>(lane), turn.now)) continue;
    const bool low = lane > 1;
    const bool token = token_left(turn.state, target, low, turn.now);
    for (const auto& [seq, id] : target.ready.at(lane)) {
      OpenChange* change = turn.find(id);
      if (change == nullptr || (!token && wants_token(change->row))) {
        if (change != nullptr && !token) break;  // readings behind it wait for one token at most
        continue;
      }
      return change;
    }
  }
  return nullptr;
}

void start_on(Turn& turn, Target& target) {
  while (true) {
    const Limits& limits = turn.state.limits;
    const bool floor_turn = limits.floor_share > 0 && (target.starts + 1) % limits.floor_share == 0;
    OpenChange* change = pick(turn, target, floor_turn);
    if (change == nullptr) return;
    const bool probe = target.open;
    if (!start(turn, *change)) continue;
    ++target.starts;
    if (probe) target.probe_at = turn.now + limits.probe_every;
  }
}

}  // namespace

std::string blocker_of(Turn& turn, const OpenChange& change, const std::string& object) {
  const ChangeRow& row = change.row;
  const bool revocation = plan::takes_away(row.change);
  if (const auto it = turn.state.occupants.find(object); it != turn.state.occupants.end())
    for (const model::ChangeId& id : it->second) {
      const OpenChange* other = turn.find(id);
      if (id == row.change.id || other == nullptr || planted(Defect::kIgnoreObject)) continue;
      if (!revocation || plan::takes_away(other->row.change)) return object;
    }
  if (!gives_access(row.change) || row.account.empty()) return "";
  const auto it = turn.state.by_account.find({row.change.target, row.account});
  if (it == turn.state.by_account.end()) return "";
  for (const model::ChangeId& id : it->second) {
    const OpenChange* other = turn.find(id);
    if (other != nullptr && other->row.order < row.order && plan::takes_away(other->row.change) &&
        overtakes(other->row.change, row.change))
      return id.str();
  }
  return "";
}

namespace {

// When every call of this node has to be over.
Time last_moment(const Turn& turn) {
  const Time until = turn.state.leased_until();
  return until == Time::never() || planted(Defect::kIgnoreLeaseEnd) ? Time::never()
                                                                    : until - turn.state.limits.lease.margin;
}

}  // namespace

void dispatch(Turn& turn, OpenChange& change) {
  ChangeRow& row = change.row;
  Target& target = turn.target_of(change);
  // Too little of the lease is left for a call; it is renewed long before, or lost.
  if (last_moment(turn) < turn.now + std::min(target.profile.call_timeout, kLeastTimeForACall)) {
    Call slot{row.change.target, row.change.id, row.change.lane >= plan::Lane::kReduce};
    turn.release(slot);
    turn.vacate(change);
    turn.wait_until(change, turn.now + Duration::millis(200));
    return;
  }
  if (target.profile.writes_per_second > 0) {
    refill(turn.state, target, turn.now);
    target.tokens_us -= kToken;
  }
  row.state = ChangeState::kExecuting;
  row.next_at = Time{};
  ++row.attempts;
  row.send_deadline = std::min(turn.now + target.profile.call_timeout, last_moment(turn));
  row.intended_at = turn.now;
  row.settle_at = row.send_deadline + target.profile.request_lifetime_max;
  row.acknowledged_at = Time{};
  change.activity = Activity::kIntent;
  turn.write_attempt(row, AttemptOutcome::kNone, "");
  evidence::Draft intent = turn.draft(row, evidence::event::kChangeDispatched);
  intent.fields.emplace("name", row.change.account.name);
  intent.fields.emplace("reason", row.change.reason.text);
  intent.facts.emplace("attempt", row.attempts);
  turn.record(std::move(intent));
  if (const auto it = turn.state.obligations.find(row.obligation);
      it != turn.state.obligations.end() && it->second.sent_at == Time{}) {
    it->second.sent_at = turn.now;
    turn.touch_obligation(it->second);
  }
  turn.touch(change);
  turn.intend(change);
}

void start_what_may(Turn& turn) {
  while (!turn.immediate.empty() || !turn.dirty_targets.empty()) {
    if (!turn.immediate.empty()) {
      const model::ChangeId id = *turn.immediate.begin();
      turn.immediate.erase(turn.immediate.begin());
      OpenChange* change = turn.find(id);
      if (change == nullptr || change->row.next_at > turn.now) continue;
      if (change->activity != Activity::kIdle) continue;
      if (!change->row.superseded_by.empty()) {
        evidence::Draft over = turn.draft(change->row, evidence::event::kChangeReconciled);
        over.facts.emplace("superseded", true);
        turn.record(std::move(over));
        turn.end(*change, ChangeState::kSuperseded, "a revocation overtook it");
      } else if (is_local(change->row.change.verb))
        carry_out_locally(turn, *change);
      else
        issue_work_order(turn, *change);
      continue;
    }
    const model::TargetName name = *turn.dirty_targets.begin();
    turn.dirty_targets.erase(turn.dirty_targets.begin());
    if (!turn.state.stopping) start_on(turn, turn.state.targets[name]);
  }
}

void account_for_call(Turn& turn, Target& target, const Error* error, Duration retry_after) {
  const Limits& limits = turn.state.limits;
  if (retry_after > Duration{})
    target.cooldown_until = std::max(target.cooldown_until, turn.now + std::min(retry_after, limits.cooldown_max));
  const bool reached = error == nullptr || (error->code() != Code::kUnavailable && error->code() != Code::kTimeout &&
                                            error->code() != Code::kUnauthenticated);
  if (reached) {
    target.failures = 0;
    target.open = false;
    target.opened = 0;
    return;
  }
  ++target.failures;
  if (target.failures < limits.breaker_failures && !target.open) return;
  if (target.open && turn.now < target.open_until) return;
  Duration pause = limits.breaker_first;
  for (int i = 0; i < target.opened && pause < limits.backoff_max; ++i) pause = pause * 2;
  pause = std::min(pause, limits.backoff_max);
  const Duration jitter = Duration::micros(static_cast<std::int64_t>(
      turn.random.below(static_cast<std::uint64_t>(std::max<std::int64_t>(1, pause.to_micros() / 2)))));
  target.open = true;
  ++target.opened;
  target.open_until = turn.now + (pause - jitter);
  target.probe_at = std::max(target.probe_at, turn.now);
}

void wake(Turn& turn) {
  State& state = turn.state;
  const std::set<model::ChangeId> fresh = std::move(state.fresh);
  state.fresh.clear();
  for (const model::ChangeId& id : fresh) {
    OpenChange* change = turn.find(id);
    if (change == nullptr) continue;
    ChangeRow& row = change->row;
    if (state.restarted.contains(id)) {
      evidence::Draft lost = turn.draft(row, evidence::event::kChangeFailed);
      lost.outcome = evidence::Outcome::kUnknown;
      lost.facts.emplace("attempt", row.attempts);
      lost.facts.emplace("restarted", true);
      turn.record(std::move(lost));
      turn.write_attempt(row, AttemptOutcome::kUnknown, "no outcome was recorded before a restart");
      turn.touch(*change);
      state.restarted.erase(id);
    }
    if (!row.superseded_by.empty()) {
      turn.linger(*change);
      continue;
    }
    if (row.state == ChangeState::kUnknown || (row.state == ChangeState::kVerifying && !row.second_look))
      turn.occupy(*change, object_of(*change, turn.target_of(*change).profile));
    turn.enqueue(*change);
  }
  while (!state.timers.empty() && state.timers.begin()->first <= turn.now) {
    const model::ChangeId id = state.timers.begin()->second;
    state.timers.erase(state.timers.begin());
    if (OpenChange* change = turn.find(id); change != nullptr && change->activity == Activity::kIdle)
      turn.enqueue(*change);
  }
  std::vector<std::string> overdue;
  for (const auto& [id, order] : state.work_orders)
    if (order.deadline <= turn.now) overdue.push_back(id);
  for (const std::string& id : overdue) turn.write_work_order(governance::escalate(state.work_orders.at(id), turn.now));
  for (auto& [name, target] : state.targets)
    if (std::any_of(target.ready.begin(), target.ready.end(), [](const auto& lane) { return !lane.empty(); }))
      turn.dirty(name);
}

Time next_wake(const State& state, Time now) {
  Time at = state.timers.empty() ? Time::never() : state.timers.begin()->first;
  for (const auto& [id, order] : state.work_orders) at = std::min(at, order.deadline);
  if (state.stopping) return Time::never();
  for (const auto& [name, target] : state.targets) {
    const bool waiting_high = !target.ready[0].empty() || !target.ready[1].empty();
    const bool waiting = waiting_high || std::any_of(target.ready.begin() + 2, target.ready.end(),
                                                     [](const auto& lane) { return !lane.empty(); });
    if (!waiting || target.running > 0) continue;  // an answer wakes it
    Time gate = now + Duration::millis(1);
    if (target.profile.writes_per_second > 0) gate = std::max(gate, next_token_at(state, target, now));
    if (target.open && now < target.open_until)
      gate = std::max(gate, waiting_high ? std::min(target.open_until, target.probe_at) : target.open_until);
    gate = std::max(gate, target.cooldown_until);
    at = std::min(at, gate);
  }
  return at;
}

}  // namespace tenure::engine
