// A change that a person carries out: exact steps, a deadline, an attestation, and a read-back that alone makes it
// done.
//
//   open <-> claimed -> attested -> verified         attested -> returned (read-back shows it undone) -> claimed ...
//   claimed -> rejected ("cannot do, because") -> claimed ...        any open state -> cancelled (no longer wanted)
//   attested -> witnessed, where the target can never be read: a second person saw it. Never shown as verified.
//
// "Done" said by the person is an assertion. Deadlines add people (asked_now), they never end the order.
// Pure; any thread.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <tenure/base/hash.hpp>
#include <tenure/base/json.hpp>
#include <tenure/base/time.hpp>
#include <tenure/governance/transition.hpp>
#include <tenure/model/ids.hpp>
#include <tenure/plan/plan.hpp>

namespace tenure::governance {

enum class WorkOrderState : std::uint8_t {
  kOpen,
  kClaimed,
  kAttested,
  kReturned,
  kVerified,
  kCancelled,
  kRejected,
  kWitnessed
};
std::string_view name_of(WorkOrderState state);

// Who is added when it is still open so long after it was issued.
struct WorkEscalation {
  Duration after;
  std::vector<std::string> to;  // groups or persons
  friend bool operator==(const WorkEscalation&, const WorkEscalation&) = default;
};

// A file that a person gave: the bytes are kept elsewhere under their digest.
struct Attachment {
  Digest digest;
  std::string name;  // as the person called it, without folders
  std::int64_t size = 0;
  std::string by;
  Time at;
  friend bool operator==(const Attachment&, const Attachment&) = default;
};

struct WorkNote {
  std::string by, text;
  Time at;
  friend bool operator==(const WorkNote&, const WorkNote&) = default;
};

struct WorkOrder {
  std::string id;  // "W-" and 12 hexadecimal digits of the digest over run and change
  std::string run;
  model::ChangeId change;
  model::CaseId case_id;
  model::TargetName target;
  std::string title;               // "revoke PAY.DATA from C000123 (MFJONES)"
  std::vector<std::string> steps;  // rendered, in order
  WorkOrderState state = WorkOrderState::kOpen;
  std::string owner;  // who answers for it
  std::string claimed_by;
  std::string attestation;  // what the person says was done
  Digest attachment;        // of the file given with the attestation; also among `attachments`
  std::vector<Attachment> attachments;
  std::vector<WorkNote> notes;
  std::string rejected_because;            // what stands in the way, said by whoever rejected it last
  std::vector<WorkEscalation> escalation;  // ascending
  bool readable = true;                    // false: nothing shows it but the word of two persons
  std::string witness, witnessed;          // the second person, and what they say they saw
  Time opened_at;
  Time deadline;
  Time attested_at;
  Time closed_at;
  int returned = 0;  // times a reading contradicted the attestation
  int escalated = 0;
  friend bool operator==(const WorkOrder&, const WorkOrder&) = default;

  bool open() const {
    return state != WorkOrderState::kVerified && state != WorkOrderState::kCancelled &&
           state != WorkOrderState::kWitnessed;
  }
};

// Who is asked to see to it: the owner, who claimed it, and whom time has added. A function of its arguments alone.
std::vector<std::string> asked_now(const WorkOrder& order, Time now);
// When time adds somebody next; never() = nobody is left to add.
Time next_escalation(const WorkOrder& order, Time now);

// How work for one target is described. `steps` by name of verb; verbs without an entry get a plain sentence. In a step
// {target} {account} (the login) {id} {class} {entitlement} {parameters} {identity}, parameters of the grant by name
// ({access}) and attributes that the change writes ({name}) are replaced.
struct WorkTemplates {
  std::map<std::string, std::vector<std::string>, std::less<>> steps;
  std::string owner;
  Duration term = Duration::hours(24);
  std::vector<WorkEscalation> escalation;
  bool readable = true;
};

std::string work_order_id(const std::string& run, const model::ChangeId& change);
// One template line for a change; a placeholder that is not known stays as it is written.
std::string render_step(std::string_view line, const plan::Change& change);

Transition<WorkOrder> issue(const plan::Change& change, const std::string& run, const model::CaseId& case_id,
                            const WorkTemplates& templates, Time now);
// Error kWorkOrderState unless open, claimed or returned.
Result<Transition<WorkOrder>> claim(const WorkOrder& order, const Person& person, Time now);
// The person says it is done. Error kWorkOrderState unless open, claimed or returned.
Result<Transition<WorkOrder>> attest(const WorkOrder& order, const Person& person, const std::string& statement,
                                     const Digest& attachment, Time now);
// Whoever claimed it gives it back, undone; anybody may claim it. Error kWorkOrderState unless claimed by the person.
Result<Transition<WorkOrder>> release(const WorkOrder& order, const Person& person, const std::string& why, Time now);
// Something to remember, with or without files. Error kWorkOrderState when it is closed.
Result<Transition<WorkOrder>> note(const WorkOrder& order, const Person& person, const std::string& text,
                                   const std::vector<Attachment>& files, Time now);
// It cannot be done, and why. The change stays wanted: its owner has to see to it. Error kWorkOrderState as claim().
Result<Transition<WorkOrder>> reject(const WorkOrder& order, const Person& person, const std::string& why, Time now);
// A second person saw it done. Only where the target can never be read; marked as such for ever. Errors:
// kWorkOrderState unless attested and not readable, kSelfWitness when it is the person who attested (T15).
Result<Transition<WorkOrder>> witness(const WorkOrder& order, const Person& person, const std::string& saw, Time now);

// What a fresh reading of the target shows. Verified whatever the state was (somebody may have done it without saying
// so); returned when it was attested and the reading, taken after the attestation, shows it undone. No records: nothing
// new.
Transition<WorkOrder> observe(const WorkOrder& order, bool holds, Time read_at, Time now);
// When the deadline has passed: one step of escalation and the next deadline. No records: not yet.
Transition<WorkOrder> escalate(const WorkOrder& order, Time now);
Transition<WorkOrder> cancel(const WorkOrder& order, const std::string& why, Time now);

json::Value to_json(const WorkOrder& order);
Result<WorkOrder> work_order_from_json(const json::Value& value);

}  // namespace tenure::governance
