// The plan checker's verdict on a plan, before it is stored and before anything of it is sent. The checker is told what
// it needs from the world; it shares no code with the planner that made the plan.
#pragma once

#include <optional>
#include <set>
#include <string_view>

#include <tenure/base/hash.hpp>
#include <tenure/plan/planner.hpp>
#include <tenure/plan/world.hpp>
#include <tenure/policy/policy_set.hpp>
#include <tenure/population/population.hpp>

namespace tenure::app {

struct PlanInQuestion {
  std::string_view bytes;
  Digest digest;
  Digest policy;                      // under which it was made
  std::set<model::CauseId> released;  // causes that a person has looked at
  Time made_at;
  bool whole = false;  // about everyone and every managed target, and just made: nothing may be missing in it
};

// Error kPlanRefusedByChecker, naming kind and change of the first fault. A plan of another policy than this one is
// judged by what it says itself only: its rules are not at hand.
Status check_plan(const policy::PolicySet& policy, const population::Population& population,
                  const plan::Setting& setting, const PlanInQuestion& question);

}  // namespace tenure::app
