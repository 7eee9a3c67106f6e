// Everyone in memory, filled from one picture of the store: whole blocks and rows into columns and sorted arrays, never
// one value of the model per grant. What is loaded is what the rows say (population_test.cpp compares).
#pragma once

#include <tenure/base/workers.hpp>
#include <tenure/policy/policy_set.hpp>
#include <tenure/population/population.hpp>
#include <tenure/store/store.hpp>

namespace tenure::app {

// Of the policy's targets and of all identities. Every worker opens a snapshot of its own; nobody commits meanwhile
// (kStoreConflict, if somebody did: try again). Settled.
Result<population::Population> load_population(store::Store& store, const policy::PolicySet& policy, Workers& workers);

}  // namespace tenure::app
