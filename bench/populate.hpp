// The company as the planner looks at it.
#pragma once

#include "company.hpp"

#include <tenure/plan/world.hpp>
#include <tenure/policy/policy_set.hpp>
#include <tenure/population/population.hpp>

namespace tenure::bench {

struct Populated {
  population::Population population;  // settled
  plan::Setting setting;              // all targets are managed and were read whole a day ago
};

Populated populate(const Company& company);
// The people alone. REQUIRES: nobody is there yet.
void populate_people(const Company& company, population::People& people);

// The documents of the company, loaded. Aborts when they are wrong: that is a defect of the generator.
policy::PolicySet load_policy(const Company& company);

}  // namespace tenure::bench
