// The end of planning: which findings are new and which are gone, and what goes when a plan is released in part.
#pragma once

#include "draft.hpp"

#include <map>
#include <string>
#include <vector>

#include <tenure/plan/planner.hpp>
#include <tenure/population/population.hpp>

namespace tenure::plan {

// Into result.findings and findings_to_close; decisions that moved into the result. REQUIRES: whatever the request is
// about is in the draft.
void settle_findings(const PlanRequest& request, const population::Population& population,
                     const std::map<std::string, model::Finding>& known, const Draft& draft, PlanResult& result);

// A plan that is released in part goes without what is still held.
void leave_out_held(Draft& draft, std::vector<GuardResult>& guards);

}  // namespace tenure::plan
