// Consent to a plan. An approval binds to one digest; it says nothing about any other plan, and it is not permission:
// guards, staleness and expected prior values are looked at separately.
//
// Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include <tenure/base/hash.hpp>
#include <tenure/base/json.hpp>
#include <tenure/base/time.hpp>
#include <tenure/governance/transition.hpp>
#include <tenure/model/ids.hpp>
#include <tenure/plan/plan.hpp>

namespace tenure::governance {

struct Approval {
  Digest plan;
  std::string person;                    // natural person; for a standing approval the name of its rule
  bool standing = false;                 // given by a rule in advance ("a leaver needs none"), not by a person
  std::vector<std::string> rules;        // needed approvals (ApprovalNeeded::rule) that it counts for, ordered
  std::vector<model::CauseId> releases;  // causes that a guard held and this person lets go on, ordered
  std::string comment;
  Time at;
  friend bool operator==(const Approval&, const Approval&) = default;
};

// Key of its row: "<digest>/<person>".
std::string row_id(const Approval& approval);

struct Consent {
  Digest plan;
  Person person;
  std::vector<std::string> roles;          // that the person holds in Tenure
  std::string requester;                   // natural person who asked for the plan; "" = nobody (a feed, a timer)
  std::vector<std::string> requesters;     // natural persons who asked for something that is in it
  std::vector<std::string> beneficiaries;  // natural persons who receive access by it
  std::vector<model::CauseId> releases;
  std::string comment;
  std::string case_id;  // the plan's case
};

// Errors: kSelfApproval when the person asked for it or receives it (T15); kNotEntitledToApprove when no needed
// approval may be given by this person. Approving the same digest twice yields the same row.
Result<Transition<Approval>> approve(const Consent& consent, const std::vector<plan::ApprovalNeeded>& needed, Time now);

// The approvals that rules give in advance (ApprovalNeeded::count == 0), one row per rule.
std::vector<Transition<Approval>> standing_approvals(const Digest& plan, const Digest& policy,
                                                     const std::vector<plan::ApprovalNeeded>& needed,
                                                     const std::string& case_id, Time now);

// What is still missing, for people; empty = every needed approval was given to this digest.
std::vector<std::string> missing(const Digest& plan, const std::vector<plan::ApprovalNeeded>& needed,
                                 const std::vector<Approval>& approvals);
inline bool satisfied(const Digest& plan, const std::vector<plan::ApprovalNeeded>& needed,
                      const std::vector<Approval>& approvals) {
  return missing(plan, needed, approvals).empty();
}

json::Value to_json(const Approval& approval);
Result<Approval> approval_from_json(const json::Value& value);

}  // namespace tenure::governance
