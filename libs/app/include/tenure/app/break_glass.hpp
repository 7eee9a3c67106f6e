// Emergency authority: opened, confirmed by a second person, used, closed, reviewed. What can be done while Tenure
// itself is away is in kits.hpp.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include <tenure/app/apply.hpp>
#include <tenure/app/workspace.hpp>
#include <tenure/engine/rows.hpp>
#include <tenure/governance/break_glass.hpp>

namespace tenure::app {

struct OpenBreakGlass {
  std::string reason, ticket;
  std::vector<std::string> targets;
  Duration term;
};
// By the workspace's actor. kBreakGlassRefused, kBreakGlassDebt, kNotFound (a target).
Result<governance::BreakGlass> open_break_glass(Workspace& workspace, const OpenBreakGlass& request);
// All take a break-glass by id or unique beginning; kBreakGlassNotFound. The rest as governance says.
Result<governance::BreakGlass> confirm_break_glass(Workspace& workspace, const std::string& id);
Result<governance::BreakGlass> withdraw_break_glass(Workspace& workspace, const std::string& id,
                                                    const std::string& reason);
// Looks first: plans its targets, so that what differs is a finding, and refuses while anything done under it is not
// verified, a finding of its targets is not answered, or a target was not read since (kBreakGlassUnsettled).
Result<governance::BreakGlass> close_break_glass(Workspace& workspace, const std::string& id,
                                                 const std::string& closing);
// What it held back from the rules is a matter of the rules again: a restriction that still stands becomes a finding.
Result<governance::BreakGlass> review_break_glass(Workspace& workspace, const std::string& id,
                                                  const std::string& words);

// In order of asking. Without `all`: those that owe something.
Result<std::vector<governance::BreakGlass>> list_break_glass(Workspace& workspace, bool all);
struct BreakGlassView {
  governance::BreakGlass glass;
  std::vector<engine::ChangeRow> changes;  // of its runs, in order of admission
  std::vector<std::string> unsettled;      // what stands against closing, as far as rows tell without looking
};
Result<BreakGlassView> show_break_glass(Workspace& workspace, const std::string& id);

struct EmergencyChange {
  std::string id;  // of the break-glass
  std::string target, account;
  plan::Verb verb = plan::Verb::kDisable;  // kDisable, kEnable, kRevoke, kGrant, kEndSessions
  std::string entitlement;
  std::string reason;
  ApplyOptions options;  // wait, stop, progress
};
// One change in the emergency lane, by whoever opened it, while it holds. Its use is recorded before it is admitted.
Result<RunOutcome> change_under_break_glass(Workspace& workspace, const EmergencyChange& request);

}  // namespace tenure::app
