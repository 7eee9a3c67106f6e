// What people ask for and decide that an identity should hold: from asking to the end. The row is model::Assignment.
//
//   asked -> approved -> ended          asked -> refused          asked -> ended (withdrawn)
//
// Approved means decided, not given: the next plan gives it, and that plan is approved by its digest. A fact that
// changed makes an approved one due (decide_again_by); renewing decides it again under the facts of today. Pure; any
// thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <tenure/governance/transition.hpp>
#include <tenure/model/assignment.hpp>

namespace tenure::governance {

// What the policy says about it.
struct AssignmentTerms {
  Duration term_max;          // 0 = no limit
  bool ends = false;          // a term is required
  bool justification = true;  // a reason is required
  int approvals = 1;
  std::vector<std::string> approvers;  // groups or persons; empty = anybody but requester and subject
};

struct Asking {
  model::Assignment what;  // kind, identity, role or duties, owner, until, reason, facts
  Person person;           // who asks
  std::string case_id;
};
// Errors: kAssignmentTerm (no reason, or a term that is over, too long or missing).
Result<Transition<model::Assignment>> ask(const Asking& asking, const AssignmentTerms& terms, Time now);

struct Deciding {
  Person person;
  std::vector<std::string> roles;  // that the person holds in Tenure
  std::string subject;             // natural person who would hold it; "" = not a person
  std::string reason;
  std::map<std::string, json::Value, std::less<>> facts;  // that it is decided under
  std::string case_id;
};
// Errors of all: kAssignmentState; of decisions: kSelfApproval (requester or subject, T15), kNotEntitledToApprove.
// Approved when enough persons have agreed; the same person counts once.
Result<Transition<model::Assignment>> approve(const model::Assignment& asked, const Deciding& deciding,
                                              const AssignmentTerms& terms, Time now);
Result<Transition<model::Assignment>> refuse(const model::Assignment& asked, const Deciding& deciding,
                                             const AssignmentTerms& terms, Time now);
// Decided again until `until`, by a person who might have approved it. Also kAssignmentTerm.
Result<Transition<model::Assignment>> renew(const model::Assignment& approved, const Deciding& deciding,
                                            const AssignmentTerms& terms, Time until, Time now);
// By anybody, also the subject: less access needs no consent.
Result<Transition<model::Assignment>> end(const model::Assignment& open, const Deciding& deciding, Time now);

// What the planner saw happen by itself: a fact changed, a term is over.
Transition<model::Assignment> moved(const model::Assignment& as_it_is_now, const std::string& case_id, Time now);

}  // namespace tenure::governance
