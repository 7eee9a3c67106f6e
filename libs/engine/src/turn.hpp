// One step under way: collects rows and evidence into one commit, keeps the indexes of State true, and says what else
// is to be done. The parts of the step (admission, starting, outcomes) are written against it.
#pragma once

#include <set>
#include <string>
#include <vector>

#include <tenure/base/clock.hpp>
#include <tenure/engine/exchange.hpp>
#include <tenure/engine/state.hpp>

namespace tenure::engine {

class Turn {
 public:
  Turn(State& s, Time at, Random& rng) : state(s), now(at), random(rng) {}

  State& state;
  const Time now;
  Random& random;

  OpenChange* find(const model::ChangeId& id);
  Target& target_of(const OpenChange& change);

  // --- evidence and rows ---
  // A record of this change; fill fields and facts, then give it to record().
  evidence::Draft draft(const ChangeRow& row, std::string_view type) const;
  void record(evidence::Draft draft);
  void touch(const OpenChange& change) {
    touched_.insert(change.row.change.id);
    rests_on(change.row.shard);
  }
  // The commit of this step rests on the lease of this shard.
  void rests_on(int shard) { shards_.insert(shard); }
  void touch_run(const std::string& run) { touched_runs_.insert(run); }
  void touch_case(const CaseRow& row);
  void touch_obligation(const ObligationRow& row);
  void write(RowWrite write) { commit_.writes.push_back(std::move(write)); }
  void write_attempt(const ChangeRow& row, AttemptOutcome outcome, const std::string& problem);
  void write_work_order(const governance::Transition<governance::WorkOrder>& moved);
  void image(const model::AccountRef& account, const std::optional<model::AccountImage>& image);
  void emit(Effect effect) { effects_.push_back(std::move(effect)); }
  // Send once the commit of this step is durable.
  void intend(const OpenChange& change) { intents_.push_back(change.row.change.id); }

  // --- the life of a change ---
  void add(ChangeRow row);                                           // into State and its indexes, not queued
  void resolve(OpenChange& change, const model::NativeId& account);  // its account is known, or not any more ({})
  void enqueue(OpenChange& change);                                  // into the ready queue of its target, or a timer
  void dequeue(OpenChange& change);
  void wait_until(OpenChange& change, Time at);
  void backoff(OpenChange& change, Duration at_least);
  // Superseded, but its last attempt may still land: it stays open, and later revocations see it, until it no longer
  // can.
  void linger(OpenChange& change);
  // Ends it, writes its last row, tells dependents. `change` is gone afterwards.
  void end(OpenChange& change, ChangeState state, const std::string& text);

  // --- what is in flight ---
  void occupy(OpenChange& change, const std::string& object);
  void vacate(OpenChange& change);
  void wait_for(OpenChange& change, const std::string& blocker);  // leaves the queue until the blocker is gone
  void acquire(OpenChange& change);                               // a slot of its target
  void release(const Call& call);
  std::int64_t call(OpenChange& change);  // serial of a new call
  void dirty(const model::TargetName& target) { dirty_targets.insert(target); }

  std::set<model::TargetName> dirty_targets;  // where something may be started now
  std::set<model::ChangeId> immediate;        // need no target: local decisions, work orders to be issued

  Effects finish();

  // It is open no more.
  void forget_obligation(const ObligationRow& row);
  // Closes the case when nothing of it is open any more; `debt`: a line ended without being done.
  void settle_case(const model::CaseId& id, bool debt);

 private:
  void leave_indexes(const OpenChange& change);
  void unblock(const std::string& object);
  void name_fences();
  void count_end(const ChangeRow& row);

  Commit commit_;
  Effects effects_;
  std::set<model::ChangeId> touched_;
  std::set<std::string> touched_runs_;
  std::vector<model::ChangeId> intents_;
  std::set<int> shards_;
};

// --- parts of the step ---
void admit(Turn& turn, const Admit& admission);
void wake(Turn& turn);            // timers, loaded changes, deadlines of work orders
void start_what_may(Turn& turn);  // on every dirty target
Time next_wake(const State& state, Time now);
// The remote object or the change that this one has to wait for; "" = it may be sent. `object`: object_of(change).
std::string blocker_of(Turn& turn, const OpenChange& change, const std::string& object);
void dispatch(Turn& turn, OpenChange& change);
void commit_done(Turn& turn, const CommitDone& done);
void send_done(Turn& turn, const SendDone& done);
void read_done(Turn& turn, const ReadDone& done);
void observed(Turn& turn, const Observed& seen);
void work_order_moved(Turn& turn, const WorkOrderMoved& moved);
void waive(Turn& turn, const Waive& waiver);
void leased(Turn& turn, const Leased& leases);
void lose_lease(Turn& turn);

// The change is verified: domain evidence, rows that follow from it, obligation proven, then end().
void complete(Turn& turn, OpenChange& change, const Reading& reading, std::string_view method);
void carry_out_locally(Turn& turn, OpenChange& change);
void issue_work_order(Turn& turn, OpenChange& change);
void prove(Turn& turn, ObligationRow& obligation, std::string_view method);
// After a call: breaker, cooldown. `error` nullptr = it answered.
void account_for_call(Turn& turn, Target& target, const Error* error, Duration retry_after);

// A person does it: so planned, or the connector cannot.
bool by_hand(const plan::Change& change, const TargetProfile& profile);
std::string object_of(const OpenChange& change, const TargetProfile& profile);
std::string subject_ref(model::IdentityId identity);
// A fresh UUID version 4 for a case, from the step's generator.
model::CaseId new_case(Random& random);

}  // namespace tenure::engine
