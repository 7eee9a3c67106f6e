// What people ask for and decide: requests of roles and single entitlements, exceptions from separated duties, their
// end and renewal.
#pragma once

#include <string>
#include <vector>

#include <tenure/app/workspace.hpp>
#include <tenure/model/assignment.hpp>

namespace tenure::app {

// With the names that people know.
struct AssignmentView {
  model::Assignment assignment;
  std::string person;                // key of the identity
  int approvals_needed = 1;          // persons, in all
  std::vector<std::string> answers;  // verbs that are open: "approve", "refuse", "renew", "end"
};

struct AskFor {
  std::string role;      // or an entitlement, "directory:vpn-users", "payroll:PAY.DATA access=READ"; or
  std::string duties;    // an exception from this SeparationOfDuties document
  std::string identity;  // key, login or "identity:7"
  std::string reason;
  Time until = Time::never();
};
// By the workspace's actor. kNotFound (no such role, duties or identity), kRequestRefused (the policy does not let it
// be asked for, for this identity, or that cannot be decided), kAssignmentTerm. Asked twice: a second request.
Result<AssignmentView> ask_for(Workspace& workspace, const AskFor& asked);

struct AssignmentFilter {
  std::string identity;  // "" = all
  bool asked = false;    // only those that wait for a decision
  bool due = false;      // only those that are to be decided again
  bool all = false;      // also those that were refused or have ended
};
// Ordered by identity, then id.
Result<std::vector<AssignmentView>> list_assignments(Workspace& workspace, const AssignmentFilter& filter);

struct DecideAssignment {
  std::string id;  // or a unique prefix
  std::string reason;
  Time until = Time::never();  // renew: the new end
};
// By the workspace's actor. kAssignmentNotFound, kAssignmentState; kSelfApproval, kNotEntitledToApprove (not ending);
// kRequestRefused (approve and renew: what the policy would not let anybody ask for today), kAssignmentTerm.
Result<AssignmentView> approve_request(Workspace& workspace, const DecideAssignment& decision);
Result<AssignmentView> refuse_request(Workspace& workspace, const DecideAssignment& decision);
Result<AssignmentView> renew_assignment(Workspace& workspace, const DecideAssignment& decision);
Result<AssignmentView> end_assignment(Workspace& workspace, const DecideAssignment& decision);

}  // namespace tenure::app
