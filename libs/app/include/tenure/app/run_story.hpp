// A run as people ask about it: what set it off, which logic ran, who agreed, and what became of every step.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <tenure/app/apply.hpp>

namespace tenure::app {

struct RunStory {
  RunView view;
  std::string purpose;     // "reconcile", "break-glass B-..."
  std::string created_by;  // who ran the planner
  Time created_at;
  std::vector<plan::Cause> causes;              // what set it off, in the order of the plan
  Digest policy;                                // which logic ran
  std::map<std::string, std::int64_t> rules;    // changes by the rule that wanted them
  std::vector<governance::Approval> approvals;  // who agreed, standing ones included
  std::map<std::string, governance::WorkOrder> work_orders;
  // Ended changes that were counted but are not among the steps any more.
  std::int64_t folded = 0;
};
// By id or unique prefix; "" = the newest. kRunNotFound. Reads one snapshot: may be asked beside a process that works.
Result<RunStory> tell_run(Workspace& workspace, const std::string& id);

}  // namespace tenure::app
