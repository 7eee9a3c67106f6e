// Consent to a plan. An approval binds to one digest; it says nothing about any other plan, and it is not permission:
// guards, staleness and expected prior values are looked at separately.
//
// Pure; any thread.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
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

// How an approval counts for one needed approval.
struct Counted {
  int step = 0;             // of ApprovalNeeded::steps()
  std::string in_place_of;  // the approver whose deputy the person is; "" = in their own right
  Time at;
  friend bool operator==(const Counted&, const Counted&) = default;
};

enum class Said : std::uint8_t { kGiven, kDenied, kWithdrawn };
std::string_view name_of(Said voice);

// The answer of one person to one plan. The row stays when the answer is taken back: it says so from then on.
struct Approval {
  Digest plan;
  std::string person;                    // natural person; for a standing approval the name of its rule
  bool standing = false;                 // given by a rule in advance ("a leaver needs none"), not by a person
  std::vector<std::string> rules;        // needed approvals (ApprovalNeeded::rule) that it counts for, ordered
  std::vector<model::CauseId> releases;  // causes that a guard held and this person lets go on, ordered
  std::string comment;
  Time at;
  Digest policy;      // of a standing approval: the policy set that gives it
  std::string limit;  // of a standing approval: how far it goes, for people; "" = as far as guards let it
  std::map<std::string, Counted> counted;  // by rule, where it is not simply the first step, in own right, at `at`
  Said answer = Said::kGiven;
  friend bool operator==(const Approval&, const Approval&) = default;

  Counted counts_for(const std::string& rule) const;
};

// Key of its row: "<digest>/<person>".
std::string row_id(const Approval& approval);

// Somebody for whom a person may act now, as their deputy.
struct Principal {
  std::string id;                  // natural person
  std::vector<std::string> roles;  // that they hold in Tenure
};

struct Consent {
  Digest plan;
  Person person;
  std::vector<std::string> roles;          // that the person holds in Tenure
  std::string requester;                   // natural person who asked for the plan; "" = nobody (a feed, a timer)
  std::vector<std::string> requesters;     // natural persons who asked for something that is in it
  std::vector<std::string> beneficiaries;  // natural persons who receive access by it
  std::vector<std::string> losers;         // natural persons whose access it ends: none of them denies that
  std::vector<model::CauseId> releases;
  std::string comment;
  std::string case_id;                // the plan's case
  std::vector<Principal> deputy_for;  // ordered by id
  Time asked_at;                      // when the plan was made: the first steps are asked since then
};

// Consent of a person. It counts for the step of each needed approval that waits now, at most once per needed approval:
// in the person's own right, else in place of somebody who may approve and whose deputy the person is. In place of
// somebody who asked for the plan or receives access by it nobody approves (T15). A deputy and whom they stand in for
// count once. `given` are the approvals of the plan so far; the person's own among them is continued, not replaced.
// Errors: kSelfApproval when the person, or everybody they could act for, asked for it or receives it;
// kApprovalOrder when only later steps could be approved by this person; kNotEntitledToApprove when none.
Result<Transition<Approval>> approve(const Consent& consent, const std::vector<plan::ApprovalNeeded>& needed,
                                     const std::vector<Approval>& given, Time now);

// Refusal by a person who could have consented now. The plan is carried out by nobody while it stands, whoever else
// agrees. In own matters nobody denies: not what they asked for (they discard it), not what takes access from them
// (T15). `consent.comment` is the reason and required. Errors as approve(), and kApprovalState without a reason.
Result<Transition<Approval>> deny(const Consent& consent, const std::vector<plan::ApprovalNeeded>& needed,
                                  const std::vector<Approval>& given, Time now);
// The person takes back what they said, consent or denial, before anything of the plan was sent: the caller has made
// sure of that. Nothing of it counts from then on, what it released is held again. Error kApprovalState.
Result<Transition<Approval>> withdraw(const Approval& answer, const Person& person, const std::string& why,
                                      const std::string& case_id, Time now);

// The approvals that rules give in advance (ApprovalNeeded::count == 0), one row per rule.
std::vector<Transition<Approval>> standing_approvals(const Digest& plan, const Digest& policy,
                                                     const std::vector<plan::ApprovalNeeded>& needed,
                                                     const std::string& case_id, Time now);

// What is still missing, for people; empty = every step of every needed approval was given to this digest, nobody
// denied it, and no consent has lapsed at `now`.
std::vector<std::string> missing(const Digest& plan, const std::vector<plan::ApprovalNeeded>& needed,
                                 const std::vector<Approval>& approvals, Time now);
inline bool satisfied(const Digest& plan, const std::vector<plan::ApprovalNeeded>& needed,
                      const std::vector<Approval>& approvals, Time now) {
  return missing(plan, needed, approvals, now).empty();
}
// Denials that stand.
std::vector<const Approval*> denials(const Digest& plan, const std::vector<Approval>& approvals);

// The first needed approval that has lapsed: nobody answered in time, or the consent was not used in time. nullopt:
// none. What takes access away never does (ApprovalNeeded::expires_after is zero then).
struct Lapsed {
  std::string rule;
  Time at;
  bool answered = false;
};
std::optional<Lapsed> lapsed(const Digest& plan, const std::vector<plan::ApprovalNeeded>& needed,
                             const std::vector<Approval>& approvals, Time asked_at, Time now);

// The step of a needed approval that waits for persons. A function of its arguments alone: nothing has to run for an
// escalation to happen.
struct Waiting {
  std::string rule;
  int step = 0, steps = 1;
  int given = 0, count = 1;
  std::vector<std::string> approvers;  // that may now, escalated or not; empty = any operator
  Time asked_at;                       // the plan was made, or the step before became whole
  Time escalates_at = Time::never();   // never: not by this step
  bool escalated = false;              // escalates_at has come
  Time expires_at = Time::never();     // the question is over then
  // When time does something to it next.
  Time due() const { return std::min(escalated ? Time::never() : escalates_at, expires_at); }
};
// One for every needed approval that is not whole, in their order.
std::vector<Waiting> waiting_for(const Digest& plan, const std::vector<plan::ApprovalNeeded>& needed,
                                 const std::vector<Approval>& approvals, Time asked_at, Time now);

json::Value to_json(const Approval& approval);
Result<Approval> approval_from_json(const json::Value& value);

}  // namespace tenure::governance
