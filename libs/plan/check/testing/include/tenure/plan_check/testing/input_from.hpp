// What the checker is given, made from a policy set and a world, for tests.
#pragma once

#include <tenure/plan/planner.hpp>
#include <tenure/plan_check/gathered.hpp>

namespace tenure::plan_check::testing {

// REQUIRES: frozen outlives the result.
Gathered input_from(const policy::PolicySet& policy, const plan::World& world, const plan::Frozen& frozen,
                    const plan::PlanRequest& request);

}  // namespace tenure::plan_check::testing
