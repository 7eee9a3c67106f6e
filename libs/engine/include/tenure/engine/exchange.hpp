// What goes into a step and what comes out: inputs and effects as values. The engine performs nothing itself.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include <tenure/base/error.hpp>
#include <tenure/base/hash.hpp>
#include <tenure/base/time.hpp>
#include <tenure/engine/lease.hpp>
#include <tenure/engine/rows.hpp>
#include <tenure/evidence/record.hpp>
#include <tenure/governance/approval.hpp>
#include <tenure/governance/break_glass.hpp>
#include <tenure/governance/work_order.hpp>
#include <tenure/model/access.hpp>

namespace tenure::engine {

// --- inputs ------------------------------------------------------------------------------------------------------

// An approved plan enters. The engine itself checks that the bytes have this digest, that every needed approval was
// given to it, and that no guard holds a cause that nobody released (T2); else the effect Refused, and nothing else.
struct Admit {
  std::string run;
  Digest digest;
  std::string bytes;  // plan/v1
  std::vector<governance::Approval> approvals;
  std::map<model::CauseId, model::CaseId> cases;  // open cases by cause; the rest get new ones
  std::optional<std::set<model::CauseId>> only;   // release in part: changes of these causes
  // An emergency: instead of approvals and guards. It holds now and covers every change (governance::covers), and the
  // evidence of each change names it.
  std::optional<governance::Authority> authority;
  evidence::Mode mode = evidence::Mode::kAutomated;
};

// Time has passed, or State was loaded: look at what is due.
struct Tick {};

enum class CommitResult : std::uint8_t { kOk, kFailed, kUnknown };
struct CommitDone {
  std::int64_t ticket = 0;
  CommitResult result = CommitResult::kOk;
};

struct SendDone {
  std::int64_t serial = 0;   // of the Send
  model::ChangeId change;    // of the Send: who asked may have been succeeded by somebody who does not know the serial
  model::TargetName target;  // of the Send
  AttemptOutcome outcome = AttemptOutcome::kUnknown;
  std::optional<model::AccountImage> image;  // the connector's own read-back
  std::optional<Error> error;
  Duration retry_after;  // the target asked to wait; zero = it did not
};

// What a fresh reading says about one change.
struct Reading {
  enum class Kind : std::uint8_t { kPresent, kAbsent, kSessions, kError };
  Kind kind = Kind::kError;
  model::AccountImage image;   // kPresent
  std::int64_t sessions = 0;   // kSessions: how many are there
  std::optional<Error> error;  // kError
};
struct ReadDone {
  std::int64_t serial = 0;  // of the Read
  Reading reading;
  Duration retry_after;
};

// A full reading of a target, complete for these classes: settles manual changes and open obligations (T9: what its
// coverage does not prove is left alone).
struct Observed {
  std::shared_ptr<const model::Observation> observation;
};

// The row of a work order changed outside the engine (claimed, attested): the engine takes it over and commits it.
// Witnessed ends its change, by the word of two persons and marked so; `image` is then how the account is from now on
// said to be (nothing = it is gone, or was not told).
struct WorkOrderMoved {
  governance::Transition<governance::WorkOrder> moved;
  std::optional<model::AccountImage> image;
};

// A signed, expiring waiver of an open obligation.
struct Waive {
  std::string obligation;
  governance::Person person;
  std::string reason;
  Time until;
  std::string signature;  // of the person over the waiver, with their key, for the evidence; "" = recorded name only
};

// Start nothing more; what runs is still taken in.
struct Stop {};

// The shards that this node holds now, each with its epoch and until when (taken, or renewed). From the first of these
// on every commit names the epochs that it rests on, calls end before the leases do, and quotas are shares. Without any
// the engine works alone, under a lock that nobody else can have (one process, one folder).
struct Leased {
  std::map<int, Holding> held;
};
// A lease is gone: not renewed in time, or the store refused a commit because of its epoch. Reload follows.
struct LeaseLost {};

using Input =
    std::variant<Admit, Tick, CommitDone, SendDone, ReadDone, Observed, WorkOrderMoved, Waive, Stop, Leased, LeaseLost>;

// --- effects -----------------------------------------------------------------------------------------------------

// A fresh image that the stored observation of the target takes over. nullopt = proven absent.
struct ImageUpdate {
  model::AccountRef account;
  std::optional<model::AccountImage> image;
};

// The epoch of a shard that a commit rests on. When the store has another one, nothing of the transaction is written
// (kStoreFenced): give LeaseLost.
struct Fence {
  int shard = 0;
  std::int64_t epoch = 0;
  friend bool operator==(const Fence&, const Fence&) = default;
};

// One transaction: rows and evidence, or nothing. Answered by CommitDone with the same ticket. Commits are performed in
// the order in which they were asked for; several may share one transaction, which then rests on all their fences.
struct Commit {
  std::int64_t ticket = 0;
  std::vector<Fence> fences;  // by shard, each once. Empty: rests on no lease (works alone; or evidence only, no rows)
  std::vector<RowWrite> writes;
  std::vector<ImageUpdate> images;
  std::vector<evidence::Draft> records;
};

// One write to a target. Asked for only after the commit of its intent. Answered by SendDone.
struct Send {
  std::int64_t serial = 0;
  int attempt = 0;
  model::NativeId account;  // resolved; empty for kCreate
  plan::Change change;
  Duration timeout;
};

// One reading. Answered by ReadDone.
struct Read {
  enum class What : std::uint8_t { kAccount, kByName, kSessions };
  std::int64_t serial = 0;
  What what = What::kAccount;
  std::string why;  // "prior", "read_back", "verify", "second_look"
  model::ChangeId change;
  plan::Lane lane = plan::Lane::kReconcile;
  model::TargetName target;
  model::NativeId account;
  std::string account_class;
  std::string name;
  Duration timeout;
};

// The next time at which something may be due: give a Tick then. Time::never(): nothing waits for time.
struct Arm {
  Time at;
};

// For people: a change ended.
struct Notify {
  std::string run;
  model::ChangeId change;
  ChangeState state = ChangeState::kDone;
  std::string text;
};

// A commit did not go through (or nobody knows), or a lease is gone: memory and disk differ. Drop State, wait for what
// runs, load() again once leases are held. Answers that come late are given to the next State all the same: it records
// them (target.answered_late) and does nothing else with them.
struct Reload {};

struct Refused {
  std::string run;
  Error error;
};

using Effect = std::variant<Commit, Send, Read, Arm, Notify, Reload, Refused>;
using Effects = std::vector<Effect>;

}  // namespace tenure::engine
