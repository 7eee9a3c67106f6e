// Who answers for services, workloads, devices and agents.
#pragma once

#include "draft.hpp"

#include <tenure/plan/planner.hpp>
#include <tenure/population/population.hpp>

namespace tenure::plan {

// A finding for each identity that the policy's owner rule is about, that has not ended, and for which nobody who is
// there answers any more. Nothing is taken away on its account, also not at its deadline.
void find_unanswered(const policy::PolicySet& policy, const population::Population& population, const Setting& setting,
                     const PlanRequest& request, Draft& draft);

}  // namespace tenure::plan
