// One shard's open changes and the health of its targets. Owned by one thread. Everything durable in it is a row; the
// rest (indexes, health, what is in flight) is rebuilt by load() and by the first readings.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <tenure/base/time.hpp>
#include <tenure/engine/lease.hpp>
#include <tenure/engine/rows.hpp>
#include <tenure/governance/work_order.hpp>
#include <tenure/model/ids.hpp>

namespace tenure::engine {

// How a create may be repeated after an unknown outcome (connector::OperationClass B, C, D).
enum class CreateClass : std::uint8_t { kNaturalKey, kMadeByTarget, kOneShot };

// What the engine must know of a target; from its connector's manifest and the target document.
struct TargetProfile {
  model::TargetName name;
  bool manual = false;  // every change becomes a work order
  bool reads_accounts = true;
  bool ends_sessions = false;
  bool writes_whole_entitlement = false;  // one grant write replaces the entitlement's member list
  CreateClass create_class = CreateClass::kNaturalKey;
  Duration consistency_lag;
  Duration request_lifetime_max = Duration::seconds(60);
  Duration call_timeout = Duration::seconds(30);
  int concurrency_max = 4;
  std::int64_t writes_per_second = 0;  // 0 = no limit
  std::int64_t write_burst = 1;        // tokens that may be saved up
  governance::WorkTemplates work;
};

struct Limits {
  int grant_attempts_max = 8;
  Duration backoff_first = Duration::seconds(1);
  Duration backoff_max = Duration::minutes(5);
  int breaker_failures = 5;  // in a row
  Duration breaker_first = Duration::seconds(10);
  Duration probe_every = Duration::seconds(30);  // floor of emergency and revoke behind an open breaker
  Duration cooldown_max = Duration::minutes(5);  // longest Retry-After that is honoured
  std::int64_t floor_share = 20;                 // of so many starts, one is for grant and reconcile
  LeaseTerms lease;
};

inline constexpr std::size_t kLanes = 5;

struct Target {
  TargetProfile profile;
  // In flight now.
  int running = 0;
  int running_low = 0;  // of these, lanes below revoke
  int prechecks = 0;    // readings that will want a write token
  // Breaker and pacing.
  int failures = 0;  // calls in a row that did not reach it
  bool open = false;
  int opened = 0;  // times in a row, for the backoff
  Time open_until;
  Time probe_at;
  Time cooldown_until;
  std::int64_t tokens_us = 0;  // tokens in units of 1/1,000,000
  Time tokens_at;
  std::int64_t starts = 0;  // for the floor
  // What may be started, in order of admission, by lane.
  std::array<std::set<std::pair<std::int64_t, model::ChangeId>>, kLanes> ready;
};

enum class Activity : std::uint8_t { kIdle, kPrior, kIntent, kSend, kReadBack, kVerify };

struct OpenChange {
  ChangeRow row;
  Activity activity = Activity::kIdle;
  std::int64_t serial = 0;  // of the call in flight
  std::string object;       // remote object it occupies; "" = none
  bool queued = false;      // in Target::ready
};

struct Call {
  model::TargetName target;
  model::ChangeId change;
  bool low = false;    // below revoke
  bool prior = false;  // reads the expected prior value
};

struct State {
  Limits limits;
  std::map<model::TargetName, Target> targets;
  std::map<model::ChangeId, OpenChange> changes;
  std::map<std::string, ObligationRow> obligations;          // open ones
  std::map<std::string, governance::WorkOrder> work_orders;  // open ones
  std::map<model::CaseId, CaseRow> cases;                    // open ones
  std::map<std::string, RunRow> runs;                        // not ended

  // Indexes.
  std::set<std::pair<Time, model::ChangeId>> timers;
  std::map<model::ChangeId, std::set<model::ChangeId>> dependents;
  std::map<model::AccountRef, std::set<model::ChangeId>> by_account;
  std::map<model::CaseId, std::set<model::ChangeId>> by_case;
  std::map<model::CauseId, model::CaseId> case_of;               // open cases
  std::map<model::CaseId, std::set<std::string>> debts_of_case;  // open obligations
  std::map<std::string, std::set<model::ChangeId>> occupants;    // remote object -> changes that occupy it
  std::map<std::string, std::set<model::ChangeId>> blocked;      // remote object or change -> changes that wait for it
  std::map<std::int64_t, Call> calls;                            // in flight, by serial
  std::map<std::int64_t, std::vector<model::ChangeId>> intents;  // ticket -> sends that wait for it
  std::set<model::ChangeId> fresh;                               // loaded, not yet looked at
  std::set<model::ChangeId> restarted;                           // loaded while executing: outcome was never recorded

  std::map<int, Holding> held;  // shards; empty: this engine works alone
  std::int64_t next_ticket = 1;
  std::int64_t next_serial = 1;
  std::int64_t next_order = 1;
  Time armed = Time::never();
  bool stopping = false;
  bool reload = false;

  // Until when the leases last that it works under; never() when it works alone.
  Time leased_until() const;
  // Nothing runs and nothing may be started before the next timer.
  bool idle() const;
  std::int64_t count(ChangeState state) const;
};

// What load() needs; from the store.
struct Rows {
  std::vector<ChangeRow> changes;
  std::vector<ObligationRow> obligations;          // open
  std::vector<governance::WorkOrder> work_orders;  // open
  std::vector<CaseRow> cases;                      // open
  std::vector<RunRow> runs;                        // not ended
};

// Rebuilds State. A change that was executing without an outcome is unknown from now on; the first step() records that.
// first_serial keeps late answers to an earlier life apart: give a larger one each time.
State load(Rows rows, std::vector<TargetProfile> targets, const Limits& limits, std::int64_t first_serial = 1);

}  // namespace tenure::engine
