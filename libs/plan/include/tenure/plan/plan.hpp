// The plan: the frozen difference desired - observed, named by its digest (format plan/v1, docs/formats/plan.md).
//
// A plan is immutable once frozen. Its digest covers changes with their reasons and expected prior values, the policy
// digest, unknowns, guard results and needed approvals. Store sequence and read-back times travel beside it, outside
// the digest, so that an unchanged re-plan has the same digest and keeps its approvals. Approval binds to the digest;
// the engine refuses anything that is not in it (T2).
//
// Values; no I/O.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tenure/base/hash.hpp>
#include <tenure/base/json.hpp>
#include <tenure/base/time.hpp>
#include <tenure/model/access.hpp>
#include <tenure/model/ids.hpp>

namespace tenure {
class Workers;
}

namespace tenure::plan {

enum class ChangeKind : std::uint8_t { kAccount, kAttribute, kGrant, kCredential, kSession, kRelation, kEffect };

// What is done. kAdopt, kClaim and kOnboard are decisions that Tenure records; nothing is sent to the target for them.
enum class Verb : std::uint8_t {
  kCreate,  // account appears, enabled unless `enable` says otherwise
  kUpdate,  // attributes
  kEnable,
  kDisable,
  kDelete,
  kGrant,
  kRevoke,
  kEndSessions,  // sessions zero, proven
  kClaim,        // `<` this account belongs to that identity
  kAdopt,        // `<` a grant that is there is explained by a rule from now on
  kOnboard       // `<` the target comes under management; the rest of its grants becomes the baseline
};
// What Tenure remembers once a change is verified (or, for the last three, decided) is computed in one place:
// remembered_after() in memory.hpp.

// L0..L4 of the engine; revocations first.
enum class Lane : std::uint8_t { kEmergency, kRevoke, kReduce, kGrant, kReconcile };

// Why: recomputable later from the policy set and the facts named here.
struct Reason {
  std::string rule;  // "role dept-finance", "lifecycle left", "drift revert F-12ab...", "onboard directory"
  std::string text;  // one line for people: "department = Finance"
  std::vector<std::pair<std::string, json::Value>> facts;  // attribute -> value it rests on, ordered by name
  std::string term;                                        // duration or "" for none
  friend bool operator==(const Reason&, const Reason&) = default;
};

// A value the target will make, named by the change that makes it.
struct AccountOf {
  model::NativeId id;        // "" while known only after `producer` is applied
  model::ChangeId producer;  // the kCreate change, when id is not known yet
  std::string name;          // login, for people
  friend bool operator==(const AccountOf&, const AccountOf&) = default;
};

struct Change {
  model::ChangeId id;
  ChangeKind kind = ChangeKind::kGrant;
  Verb verb = Verb::kGrant;
  Lane lane = Lane::kGrant;
  model::TargetName target;
  AccountOf account;
  std::string account_class;
  model::Purpose purpose = model::Purpose::kNormal;
  model::IdentityId identity;        // whose; not valid() for an orphan
  model::EntitlementId entitlement;  // kGrant, kRevoke, kAdopt
  model::Parameters parameters;
  model::Parameters prior_parameters;  // kGrant: what is held now; kRevoke: what was given, when that differs
  model::AttributeMap attributes;      // kCreate: all; kUpdate: new values
  std::map<std::string, std::string>
      names;                  // kCreate, kClaim: allocated attribute -> unique name, for the ledger of names
  model::AttributeMap prior;  // kUpdate: expected prior values; a mismatch sends nothing and re-plans
  // What is expected before it is sent. kGrant: whether the entitlement is held (with prior_parameters); kRevoke: true;
  // kEnable: false, kDisable: true (enabled); kCreate: false; kUpdate, kDelete, kEndSessions: true (the account is
  // there).
  bool prior_present = false;
  bool manual = false;  // carried out by a person: becomes a work order
  model::Risk risk = model::Risk::kLow;
  model::CauseId cause;
  Reason reason;
  Time due;                            // not before; Time{} = now
  std::vector<model::ChangeId> needs;  // changes that must be verified first, ordered
  friend bool operator==(const Change&, const Change&) = default;
};

// The root that changes follow from.
struct Cause {
  model::CauseId id;           // cause_id(): from the members below
  std::string kind;            // "source_row", "policy", "drift", "onboarding", "request", "timer"
  std::string root;            // what guards count together: "source hr", "policy", "onboard directory"
  std::string text;            // "hr status of C000123 = terminated"
  model::IdentityId identity;  // may be not valid()
  friend bool operator==(const Cause&, const Cause&) = default;
};

// Something that could not be decided because the world did not answer.
struct Unknown {
  model::TargetName target;
  std::string what;  // "accounts", "identity P00123: department"
  std::string reason;
  std::int64_t changes_withheld = 0;
  friend bool operator==(const Unknown&, const Unknown&) = default;
};

// A right that nothing gives any more, and that stays for a declared time: an overlap of movers, a later step of the
// lifecycle. No change: when the time has come, the next plan revokes it, unless it is given again by then.
struct Later {
  model::TargetName target;
  AccountOf account;  // without a producer
  std::string account_class;
  model::IdentityId identity;
  model::EntitlementId entitlement;
  model::Parameters parameters;
  std::string rule;            // "role pay-clerk", "lifecycle left"
  Duration after;              // as declared
  Time until = Time::never();  // never: so long after this plan has disabled the account
  friend bool operator==(const Later&, const Later&) = default;
};

struct GuardResult {
  std::string guard;  // "share of removals, directory"
  bool held = false;
  std::string text;                    // "31 % of 412 accounts, limit 20 %"
  std::vector<model::CauseId> causes;  // that it holds, ordered
  friend bool operator==(const GuardResult&, const GuardResult&) = default;
};

// One round of consent; the next one is asked when this one is whole.
struct ApprovalStep {
  int count = 1;                         // different persons
  std::vector<std::string> approvers;    // groups or persons that may; empty = any operator who is not the requester
  Duration escalate_after;               // since the step was asked; zero = never
  std::vector<std::string> escalate_to;  // who may as well from then on
  friend bool operator==(const ApprovalStep&, const ApprovalStep&) = default;
};

// The first step is in the members; `then` holds what follows.
struct ApprovalNeeded {
  std::string rule;                    // "privileged", "standing:leaver"
  int count = 1;                       // persons; 0 = standing approval, named by rule
  std::vector<std::string> approvers;  // as ApprovalStep::approvers
  std::string text;
  Duration escalate_after;
  std::vector<std::string> escalate_to;
  std::vector<ApprovalStep> then;
  // Nobody answered for so long, or the consent was not used for so long: it has lapsed. Zero = never; always zero in a
  // plan that takes access away, because a revocation is not given up: it escalates.
  Duration expires_after;
  std::string limit;  // of a standing approval, for people: "at most 50 changes of one plan"
  friend bool operator==(const ApprovalNeeded&, const ApprovalNeeded&) = default;

  // All steps in order; none of a standing approval.
  std::vector<ApprovalStep> steps() const;
};

struct Plan {
  Digest policy;
  std::string purpose;          // "reconcile", "onboard directory", "drift revert F-..."
  std::vector<Cause> causes;    // ordered by id
  std::vector<Change> changes;  // in order of execution preference: lane, depth of needs, cause, id
  std::vector<Later> later;     // ordered by target, account, entitlement, parameters
  std::vector<Unknown> unknowns;
  std::vector<GuardResult> guards;
  std::vector<ApprovalNeeded> approvals;

  bool empty() const { return changes.empty(); }
  bool held() const;  // any guard holds
  const Change* find(const model::ChangeId& id) const;
};

// What travels beside the plan, outside its digest.
struct Circumstances {
  std::int64_t store_sequence = 0;
  Time created_at;
  std::string created_by;
  std::map<std::string, Time> read_at;  // per target
};

struct Frozen {
  Digest digest;
  std::string bytes;  // canonical JSON; what is stored and hashed
};

// Sets every change's id from its content, orders everything, and freezes. Until then ids are any distinct texts that
// `needs` and `producer` refer to. Error kPlanFormat if a reference dangles, needs go in a circle or to a later lane,
// two changes are the same, or a value has no canonical form (floating point); what becomes of the plan is then not
// said. The bytes do not depend on the workers.
Result<Frozen> freeze(Plan& plan);
Result<Frozen> freeze(Plan& plan, Workers& workers);
// Reads plan/v1. Error kPlanFormat with the path of the first fault. What is read is exactly what freeze() wrote:
// unknown members, another order, other spacing or an id that is not that of the content are refused.
Result<Plan> thaw(std::string_view bytes);

json::Value to_json(const Change& change);
Result<Change> change_from_json(const json::Value& value);
json::Value to_json(const ApprovalNeeded& approval);
Result<ApprovalNeeded> approval_needed_from_json(const json::Value& value);

std::optional<ChangeKind> change_kind(std::string_view name);
std::optional<Verb> verb_from(std::string_view name);
std::optional<Lane> lane_from(std::string_view name);
// The kind of what a verb changes: one kind per verb.
ChangeKind kind_of(Verb verb);
// Claims, adoptions and onboarding are recorded, never sent.
bool is_remote(Verb verb);
model::CauseId cause_id(const Cause& cause);

std::string_view name_of(ChangeKind kind);
std::string_view name_of(Verb verb);
std::string_view name_of(Lane lane);
// "+ ~ - < m ?": + grant or create or enable, ~ change, - remove or disable or end, < adopt, m manual order.
char symbol_of(const Change& change);
// True for what takes access away: disable, delete, revoke, end sessions, or parameters that shrink.
bool takes_away(const Change& change);

}  // namespace tenure::plan
