// Answers of the store and of targets.
#include "judge.hpp"
#include "planted.hpp"
#include "turn.hpp"

#include <algorithm>

namespace tenure::engine {
namespace {

bool permanent(const Error& error) {
  if (error.retry() == Retry::kLater) return false;
  switch (error.code()) {
    case Code::kInvalid:
    case Code::kPrecondition:
    case Code::kDenied:
    case Code::kUnsupported:
    case Code::kInternal:
      return true;
    default:
      return false;
  }
}

std::string text_of(const std::optional<Error>& error) {
  return error ? error->to_string() : std::string();
}

// Nothing was done. Revocations go on for ever; what gives access ends after a while.
void failed(Turn& turn, OpenChange& change, const std::optional<Error>& error, Duration retry_after) {
  ChangeRow& row = change.row;
  const bool revocation = plan::takes_away(row.change) && !planted(Defect::kGiveUpRevocation);
  ++row.failures;
  row.problem = text_of(error);
  if (!revocation) {
    const bool moved = error && (error->code() == Code::kNotFound || error->code() == Code::kExists);
    if (moved) {
      evidence::Draft stale = turn.draft(row, evidence::event::kChangeStale);
      stale.outcome = evidence::Outcome::kFailure;
      turn.record(std::move(stale));
      turn.end(change, ChangeState::kStale, row.problem);
      return;
    }
    if ((error && permanent(*error)) || row.attempts >= turn.state.limits.grant_attempts_max) {
      turn.end(change, ChangeState::kFailed, row.problem);
      return;
    }
  }
  turn.vacate(change);
  row.state = ChangeState::kRetryWait;
  turn.backoff(change, retry_after);
  turn.touch(change);
}

void acknowledged(Turn& turn, OpenChange& change, const SendDone& done) {
  ChangeRow& row = change.row;
  row.state = ChangeState::kVerifying;
  row.acknowledged_at = turn.now;
  row.problem.clear();
  if (row.change.verb == plan::Verb::kCreate && done.image) turn.resolve(change, done.image->account.id);
  turn.write_attempt(row, AttemptOutcome::kApplied, "");
  evidence::Draft yes = turn.draft(row, evidence::event::kTargetAcknowledged);
  yes.facts.emplace("attempt", row.attempts);
  if (!planted(Defect::kNoEvidence)) turn.record(std::move(yes));
  turn.touch(change);
  if (planted(Defect::kTrustAcknowledgement)) {
    Reading reading;
    if (done.image) reading = {.kind = Reading::Kind::kPresent, .image = *done.image};
    complete(turn, change, reading, "acknowledgement");
    return;
  }
  turn.enqueue(change);
}

void unknown(Turn& turn, OpenChange& change, const std::optional<Error>& error) {
  ChangeRow& row = change.row;
  row.state = ChangeState::kUnknown;
  row.misses = 0;
  row.problem = text_of(error);
  turn.write_attempt(row, AttemptOutcome::kUnknown, row.problem);
  evidence::Draft lost = turn.draft(row, evidence::event::kChangeFailed);
  lost.outcome = evidence::Outcome::kUnknown;
  lost.fields.emplace("problem", row.problem);
  lost.facts.emplace("attempt", row.attempts);
  turn.record(std::move(lost));
  turn.touch(change);
  turn.enqueue(change);
}

void stale(Turn& turn, OpenChange& change, const std::string& text) {
  evidence::Draft stale = turn.draft(change.row, evidence::event::kChangeStale);
  stale.outcome = evidence::Outcome::kFailure;
  stale.facts.emplace("attempts", change.row.attempts);
  turn.record(std::move(stale));
  turn.end(change, ChangeState::kStale, text);
}

// No answer to a reading: the row stays as it is, it is asked again.
void unanswered(Turn& turn, OpenChange& change, const Reading& reading, Duration retry_after) {
  ChangeRow& row = change.row;
  row.problem = text_of(reading.error);
  const bool nothing_sent = row.state != ChangeState::kUnknown && row.state != ChangeState::kVerifying;
  if (nothing_sent && reading.error && permanent(*reading.error) && !plan::takes_away(row.change)) {
    evidence::Draft no = turn.draft(row, evidence::event::kChangeFailed);
    no.outcome = evidence::Outcome::kFailure;
    no.fields.emplace("problem", row.problem);
    no.facts.emplace("attempts", row.attempts);
    turn.record(std::move(no));
    turn.end(change, ChangeState::kFailed, row.problem);
    return;
  }
  ++row.failures;
  if (nothing_sent) turn.vacate(change);
  turn.backoff(change, retry_after);
}

void prior_read(Turn& turn, OpenChange& change, const ReadDone& done) {
  ChangeRow& row = change.row;
  switch (judge(row.change, done.reading, row.attempts > 0)) {
    case Verdict::kGoal:
      complete(turn, change, done.reading, "already so");
      return;
    case Verdict::kPrior:
      // A revocation may have come to the same object while we read.
      if (const std::string blocker = blocker_of(turn, change, change.object); !blocker.empty()) {
        turn.wait_for(change, blocker);
        return;
      }
      turn.acquire(change);
      dispatch(turn, change);
      return;
    case Verdict::kOther:
      stale(turn, change, "the target no longer holds what the plan expected");
      return;
    case Verdict::kNoAnswer:
      unanswered(turn, change, done.reading, done.retry_after);
      return;
  }
}

// The outcome of a write is not known; now the target was asked what it holds.
void read_back(Turn& turn, OpenChange& change, const ReadDone& done) {
  ChangeRow& row = change.row;
  const TargetProfile& profile = turn.target_of(change).profile;
  const Verdict verdict = judge(row.change, done.reading, true);
  if (verdict == Verdict::kNoAnswer) {
    unanswered(turn, change, done.reading, done.retry_after);
    return;
  }
  const auto reconciled = [&](bool applied) {
    evidence::Draft settled = turn.draft(row, evidence::event::kChangeReconciled);
    settled.facts.emplace("attempt", row.attempts);
    settled.facts.emplace("applied", applied);
    turn.record(std::move(settled));
  };
  if (verdict == Verdict::kGoal) {
    reconciled(true);
    complete(turn, change, done.reading, "read-back");
    return;
  }
  ++row.misses;
  // A grant that may still land is not sent again; a revocation is, at once: doing it twice takes away nothing more.
  if (!plan::takes_away(row.change) && turn.now < row.settle_at && !planted(Defect::kNoSettleTime)) {
    const Duration step = std::max(profile.consistency_lag, Duration::seconds(1)) * row.misses;
    turn.wait_until(change, std::min(row.settle_at, turn.now + step));
    return;
  }
  if (verdict == Verdict::kOther) {
    reconciled(false);
    stale(turn, change, "after an unknown outcome the target holds something else");
    return;
  }
  if (row.change.verb == plan::Verb::kCreate && profile.create_class != CreateClass::kNaturalKey) {
    issue_work_order(turn, change);  // nothing tells whether it was made: a person has to look
    return;
  }
  reconciled(false);
  row.problem.clear();
  failed(turn, change, std::nullopt, done.retry_after);
}

void verified_or_not(Turn& turn, OpenChange& change, const ReadDone& done) {
  ChangeRow& row = change.row;
  const TargetProfile& profile = turn.target_of(change).profile;
  const Verdict verdict = judge(row.change, done.reading, true);
  if (verdict == Verdict::kNoAnswer) {
    unanswered(turn, change, done.reading, done.retry_after);
    return;
  }
  if (verdict == Verdict::kGoal) {
    complete(turn, change, done.reading, row.second_look ? "second look" : "read-back");
    return;
  }
  if (!row.second_look && turn.now < row.acknowledged_at + profile.consistency_lag) {
    turn.wait_until(change, row.acknowledged_at + profile.consistency_lag);
    return;
  }
  evidence::Draft no = turn.draft(row, evidence::event::kTargetMismatch);
  no.outcome = evidence::Outcome::kFailure;
  no.facts.emplace("attempt", row.attempts);
  no.facts.emplace("second_look", row.second_look);
  turn.record(std::move(no));
  row.problem = "the target said yes but does not hold it";
  row.second_look = false;
  if (row.change.verb == plan::Verb::kCreate) turn.resolve(change, {});  // the id was part of what was not true
  if (!plan::takes_away(row.change) && row.attempts >= turn.state.limits.grant_attempts_max) {
    turn.end(change, ChangeState::kDrift, row.problem);
    return;
  }
  ++row.failures;
  turn.vacate(change);
  row.state = ChangeState::kRetryWait;
  turn.backoff(change, done.retry_after);
  turn.touch(change);
}

}  // namespace

void commit_done(Turn& turn, const CommitDone& done) {
  State& state = turn.state;
  if (done.result != CommitResult::kOk) {
    state.reload = true;
    turn.emit(Reload{});
    return;
  }
  const auto it = state.intents.find(done.ticket);
  if (it == state.intents.end()) return;
  const std::vector<model::ChangeId> intents = std::move(it->second);
  state.intents.erase(it);
  for (const model::ChangeId& id : intents) {
    OpenChange* change = turn.find(id);
    if (change == nullptr || change->activity != Activity::kIntent) continue;
    change->activity = Activity::kSend;
    Send send;
    send.serial = turn.call(*change);
    send.attempt = change->row.attempts;
    send.account = change->row.account;
    send.change = change->row.change;
    // The call may last until the deadline that the intent names, not longer.
    send.timeout = std::min(turn.target_of(*change).profile.call_timeout, change->row.send_deadline - turn.now);
    if (planted(Defect::kCallOutlivesDeadline)) send.timeout = turn.target_of(*change).profile.call_timeout;
    turn.emit(std::move(send));
  }
}

void leased(Turn& turn, const Leased& leases) {
  State& state = turn.state;
  // Another set of shards, or another epoch, is another life: what is in memory was read under the old one.
  for (const auto& [shard, holding] : state.held) {
    const auto now_held = leases.held.find(shard);
    if (now_held == leases.held.end() || now_held->second.epoch != holding.epoch) {
      lose_lease(turn);
      return;
    }
  }
  state.held = leases.held;
  for (const auto& [name, target] : state.targets) turn.dirty(name);
}

void lose_lease(Turn& turn) {
  turn.state.reload = true;
  turn.emit(Reload{});
}

namespace {

// The answer to a call of an earlier life, or of somebody who has lost the shard: seen, and no more than that.
void answered_late(Turn& turn, const SendDone& done) {
  if (done.change.empty()) return;
  evidence::Draft late;
  late.type = evidence::event::kTargetAnsweredLate;
  late.time = turn.now;
  late.actor = {evidence::ActorKind::kSystem, "engine"};
  late.target.system = done.target.str();
  late.outcome = done.outcome == AttemptOutcome::kApplied  ? evidence::Outcome::kSuccess
                 : done.outcome == AttemptOutcome::kFailed ? evidence::Outcome::kFailure
                                                           : evidence::Outcome::kUnknown;
  late.refs = {done.change.str()};
  late.facts = {{"outcome", name_of(done.outcome)}};
  turn.record(std::move(late));
}

}  // namespace

void send_done(Turn& turn, const SendDone& done) {
  const auto it = turn.state.calls.find(done.serial);
  if (it == turn.state.calls.end()) {
    answered_late(turn, done);
    return;
  }
  const Call call = it->second;
  turn.state.calls.erase(it);
  turn.release(call);
  account_for_call(turn, turn.state.targets[call.target], done.error ? &*done.error : nullptr, done.retry_after);
  OpenChange* change = turn.find(call.change);
  if (change == nullptr || change->serial != done.serial) return;
  change->activity = Activity::kIdle;
  ChangeRow& row = change->row;
  AttemptOutcome outcome = done.outcome;
  if (planted(Defect::kSkipReadBack) && outcome == AttemptOutcome::kUnknown) outcome = AttemptOutcome::kFailed;

  if (!row.superseded_by.empty()) {
    turn.write_attempt(row, outcome, text_of(done.error));
    evidence::Draft over = turn.draft(row, evidence::event::kChangeCancelled);
    over.outcome = outcome == AttemptOutcome::kUnknown ? evidence::Outcome::kUnknown : evidence::Outcome::kSuccess;
    over.refs.push_back(row.superseded_by.str());
    turn.record(std::move(over));
    if (outcome == AttemptOutcome::kUnknown)
      turn.linger(*change);
    else
      turn.end(*change, ChangeState::kSuperseded, "a revocation overtook it");
    return;
  }
  switch (outcome) {
    case AttemptOutcome::kApplied:
      acknowledged(turn, *change, done);
      return;
    case AttemptOutcome::kNone:
    case AttemptOutcome::kUnknown:
      unknown(turn, *change, done.error);
      return;
    case AttemptOutcome::kFailed:
      break;
  }
  turn.write_attempt(row, AttemptOutcome::kFailed, text_of(done.error));
  evidence::Draft no = turn.draft(row, evidence::event::kChangeFailed);
  no.outcome = evidence::Outcome::kFailure;
  no.fields.emplace("problem", text_of(done.error));
  no.facts.emplace("attempt", row.attempts);
  turn.record(std::move(no));
  failed(turn, *change, done.error, done.retry_after);
}

void read_done(Turn& turn, const ReadDone& done) {
  const auto it = turn.state.calls.find(done.serial);
  if (it == turn.state.calls.end()) return;
  const Call call = it->second;
  turn.state.calls.erase(it);
  turn.release(call);
  Target& target = turn.state.targets[call.target];
  if (call.prior) --target.prechecks;
  account_for_call(turn, target, done.reading.error ? &*done.reading.error : nullptr, done.retry_after);
  OpenChange* change = turn.find(call.change);
  if (change == nullptr || change->serial != done.serial) return;
  const Activity activity = change->activity;
  change->activity = Activity::kIdle;
  if (!change->row.superseded_by.empty()) {
    turn.linger(*change);
    return;
  }
  switch (activity) {
    case Activity::kPrior:
      prior_read(turn, *change, done);
      return;
    case Activity::kReadBack:
      read_back(turn, *change, done);
      return;
    case Activity::kVerify:
      verified_or_not(turn, *change, done);
      return;
    default:
      return;
  }
}

}  // namespace tenure::engine
