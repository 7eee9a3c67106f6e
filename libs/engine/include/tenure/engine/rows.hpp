// The durable rows of the engine (format engine/v1, docs/formats/engine.md): a change under way, one attempt at it, the
// obligation of a revocation, one run, one case. Canonical JSON documents; the runtime stores them under the table and
// id that a RowWrite names. State is rebuilt from them alone after a crash.
//
// Values; no I/O.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <variant>

#include <tenure/base/json.hpp>
#include <tenure/base/time.hpp>
#include <tenure/evidence/leaf.hpp>
#include <tenure/governance/work_order.hpp>
#include <tenure/model/ids.hpp>
#include <tenure/plan/plan.hpp>

namespace tenure::engine {

// Where a row belongs. The runtime maps these to its store's tables.
enum class RowTable : std::uint8_t {
  kChange,
  kAttempt,
  kObligation,
  kWorkOrder,
  kCase,
  kRun,
  kDone,
  kClaim,
  kName,
  kDecision,
  kTarget
};

enum class ChangeState : std::uint8_t {
  kPlanned,     // waits for changes it needs
  kScheduled,   // due later
  kReady,       // may be started: the expected prior value is read first
  kExecuting,   // intent is recorded; the target may or may not have been asked
  kUnknown,     // asked, outcome not known: read back before anything else
  kVerifying,   // the target said yes; a fresh reading decides
  kRetryWait,   // failed without effect; again at next_at
  kManual,      // a person carries it out or has to decide
  kDone,        // verified
  kFailed,      // a grant that ended without effect
  kStale,       // expected prior value did not hold: nothing was sent, plan again
  kDrift,       // accepted by the target but not effective, again and again
  kSuperseded,  // a revocation overtook it
  kCancelled    // what it needs did not happen
};
std::string_view name_of(ChangeState state);
inline bool terminal(ChangeState state) {
  return state >= ChangeState::kDone;
}

// Row kChange; key: change id. Ended changes move to kDone; key: "<run>/<change>".
struct ChangeRow {
  plan::Change change;
  Digest plan;
  Digest policy;
  std::string run;
  model::CaseId case_id;
  evidence::Mode mode = evidence::Mode::kAutomated;
  std::int64_t order = 0;  // of admission; decides within a lane
  int shard = 0;           // of its account (lease.hpp); for the life of the row
  ChangeState state = ChangeState::kReady;
  model::NativeId account;  // resolved: change.account.id, or what the producer made
  int attempts = 0;         // intents recorded
  int failures = 0;         // in a row, for the backoff
  int misses = 0;           // readings after an unknown outcome that did not show the effect
  Time next_at;             // Time{} = now
  Time intended_at;         // of the last attempt
  Time send_deadline;       // of the last attempt: no connection of ours writes after it
  Time settle_at;           // until then the last attempt may still land
  Time hazard_until;        // until then an older write that gives access may still land after this revocation
  Time acknowledged_at;
  bool second_look = false;  // verified once; again at hazard_until
  std::set<model::ChangeId> waiting_for;
  model::ChangeId superseded_by;
  std::string obligation;  // id, "" = none
  std::string work_order;  // id, "" = none
  std::string problem;     // last error for people: "the target does not answer [E-4001]"
  Time admitted_at;
  Time ended_at;
  friend bool operator==(const ChangeRow&, const ChangeRow&) = default;
};

enum class AttemptOutcome : std::uint8_t { kNone, kApplied, kFailed, kUnknown };
std::string_view name_of(AttemptOutcome outcome);

// Row kAttempt; key: "<run>/<change>/<number>". Written before the first byte leaves (T1) and once more with its
// outcome.
struct AttemptRow {
  model::ChangeId change;
  std::string run;
  int number = 0;
  Digest plan;
  Time intended_at;
  Time send_deadline;
  AttemptOutcome outcome = AttemptOutcome::kNone;
  Time ended_at;
  std::string problem;
  friend bool operator==(const AttemptRow&, const AttemptRow&) = default;
};

enum class ObligationState : std::uint8_t { kOpen, kProven, kWaived };
std::string_view name_of(ObligationState state);

// One component of a proof.
struct ProofPart {
  std::string status;  // "proven", "refuted", "unsupported", "unknown"; "witnessed": by the word of two persons
  Time at;
  std::string method;  // "read_account", "list_sessions", "full reading"
  friend bool operator==(const ProofPart&, const ProofPart&) = default;
};

// Row kObligation: "this must be absent by then". Key: subject, so that a second revocation of the same thing takes up
// the same obligation. Closed by proof or waiver only (T3).
struct ObligationRow {
  std::string id;
  model::AccountRef account;
  std::string name;  // login, for people
  plan::Verb verb = plan::Verb::kRevoke;
  model::EntitlementId entitlement;
  model::Parameters parameters;
  model::IdentityId identity;
  model::CaseId case_id;
  model::CauseId cause;
  model::ChangeId change;  // that works on it now; empty when none does
  std::string run;
  std::string owner;  // accountable
  ObligationState state = ObligationState::kOpen;
  std::set<std::string> required;  // proofs: "configuration", "sessions_zero"
  std::map<std::string, ProofPart> proofs;
  Time effective_at;  // must be absent from then on
  Time decided_at;
  Time sent_at;  // first attempt
  Time proven_at;
  std::string waiver;  // who waived it and why; with waived_until
  Time waived_until;
  friend bool operator==(const ObligationRow&, const ObligationRow&) = default;
};
std::string obligation_id(const plan::Change& change, const model::NativeId& account);

// Row kRun; key: run id. Counts are of ended changes.
struct RunRow {
  std::string id;
  Digest plan;
  Time started_at;
  Time ended_at;
  std::int64_t total = 0;
  std::map<std::string, std::int64_t> ended;  // by name of terminal state
  friend bool operator==(const RunRow&, const RunRow&) = default;
  std::int64_t ended_count() const;
};

// Row kCase; key: case id; owner: cause.
struct CaseRow {
  model::CaseId id;
  plan::Cause cause;
  bool closed = false;
  bool debt = false;  // a line ended without being done: a later plan has to settle it before the case may close
  Time opened_at;
  Time closed_at;
  friend bool operator==(const CaseRow&, const CaseRow&) = default;
};

json::Value to_json(const ChangeRow& row);
Result<ChangeRow> change_row_from_json(const json::Value& value);
json::Value to_json(const AttemptRow& row);
Result<AttemptRow> attempt_row_from_json(const json::Value& value);
json::Value to_json(const ObligationRow& row);
Result<ObligationRow> obligation_row_from_json(const json::Value& value);
json::Value to_json(const RunRow& row);
Result<RunRow> run_row_from_json(const json::Value& value);
json::Value to_json(const CaseRow& row);
Result<CaseRow> case_row_from_json(const json::Value& value);

// What a row holds, as a value: the step has no time to write documents, whoever stores the row does.
using RowBody = std::variant<std::monostate, json::Value, ChangeRow, AttemptRow, ObligationRow, RunRow, CaseRow,
                             governance::WorkOrder>;

struct RowWrite {
  RowTable table = RowTable::kChange;
  std::string id;
  bool erase = false;
  // The body's members replace those of the stored row, which may be absent (used for kTarget, which others write too).
  bool merge = false;
  std::string owner;
  std::string state;
  std::int64_t due = 0;  // microseconds; 0 = none
  RowBody body;
};
// The document to be stored.
json::Value document(const RowBody& body);

}  // namespace tenure::engine
