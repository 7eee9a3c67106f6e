// Obligations: access that must be gone. Open until proven by reading or waived by name, with a reason and an end.
#pragma once

#include <string>
#include <vector>

#include <tenure/app/workspace.hpp>
#include <tenure/engine/rows.hpp>

namespace tenure::app {

struct ObligationFilter {
  std::string target;
  bool closed = false;  // also proven and waived ones
};
// Oldest first. What a waiver no longer covers is open again before the list is made.
Result<std::vector<engine::ObligationRow>> list_obligations(Workspace& workspace, const ObligationFilter& filter);
// By id or unique beginning. kObligationNotFound.
Result<engine::ObligationRow> show_obligation(Workspace& workspace, const std::string& id);

struct WaiveObligation {
  std::string id;
  std::string reason;
  Time until;
  std::string signing_key;  // PEM, Ed25519, of the person; "" = the recorded name alone
};
// By an operator who is not the one whose access it is (T15). kObligationState, kWaiverTerm, kSelfApproval,
// kNotEntitledToApprove, kKeyUnreadable.
Result<engine::ObligationRow> waive_obligation(Workspace& workspace, const WaiveObligation& request);

// Waivers that have ended: what they covered is owed again. Returns the ids.
Result<std::vector<std::string>> reopen_obligations(Workspace& workspace);

}  // namespace tenure::app
