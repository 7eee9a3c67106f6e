// Accounts that nobody claims, and everyone whom they might fit.
#pragma once

#include "picture.hpp"

#include <tenure/plan/extract.hpp>
#include <tenure/plan/planner.hpp>

namespace tenure::plan {

// In the targets asked for. Of identities at least all whom a correlation rule may match with one of the accounts; who
// really fits is for the row planner to say. `picture` of nobody.
Selection accounts_of_nobody(const policy::PolicySet& policy, const population::Population& population,
                             const Picture& picture, const PlanRequest& request);

}  // namespace tenure::plan
