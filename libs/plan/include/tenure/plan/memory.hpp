// What Tenure remembers once a change has ended well: claims, decisions, names, and that a target is managed. Engine,
// tests and simulation use this one function, so that the next plan always finds the memory that it reads.
//
//   kCreate     claim; account decision kGranted; the names into the ledger
//   kEnable     account decision kGranted              kDisable  account decision kDisabled
//   kDelete     the claim and the account decision end (the names stay taken)
//   kGrant      decision kGranted with the rule as actor; the one under the prior parameters ends
//   kRevoke     the decision ends; but one whose term is over stays, so that the rule does not give it again
//   kClaim      claim; names; account decision kGranted or kDisabled where a rule explains the account's state
//   kAdopt      decision kGranted: from now on the grant is held because of the rule, and ends with it
//   kOnboard    the target is managed; decisions kBaseline; names found on accounts that nobody claims
//   kUpdate, kEndSessions   nothing
//   kDisable, kRevoke in the emergency lane: decision kHeld, so that no rule undoes what an emergency did until a
//               person has looked at it
//
// Values; no I/O; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <tenure/model/decision.hpp>
#include <tenure/plan/plan.hpp>

namespace tenure::plan {

struct Remembered {
  std::vector<model::Claim> claims;          // put by row_id
  std::vector<model::Decision> decisions;    // put by row_id
  std::vector<model::NameTaken> names;       // put by row_id
  std::vector<std::string> claims_ended;     // row ids to erase; nothing happens where there is none
  std::vector<std::string> decisions_ended;  // the same
  bool managed = false;                      // kOnboard: set TargetState.managed and managed_since = at
};

// `account` is the id that the target really gave (for kCreate, and for what was planned on an account still to be
// created); otherwise change.account.id. `at` is when it was verified. Error kPlanFormat: a kOnboard whose attributes
// are not what the planner wrote.
Result<Remembered> remembered_after(const Change& change, const model::NativeId& account, Time at);

// The decisions kBaseline that a kOnboard change carries in attributes["baseline"], with the deadline counted from
// `at`. The list is part of the plan, so that approval covers it. Error kPlanFormat.
Result<std::vector<model::Decision>> baseline_of(const Change& onboard, Time at);

}  // namespace tenure::plan
