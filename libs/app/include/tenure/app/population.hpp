// Everyone in memory, filled from one picture of the store: whole blocks and rows into columns and sorted arrays, never
// one value of the model per grant. What is loaded is what the rows say (population_test.cpp compares).
#pragma once

#include <cstdint>
#include <optional>

#include <tenure/base/workers.hpp>
#include <tenure/policy/policy_set.hpp>
#include <tenure/population/population.hpp>
#include <tenure/store/store.hpp>

namespace tenure::app {

// Of the policy's targets and of all identities, settled. Every worker opens a snapshot of its own, and all must show
// the same commit, that of `sequence` if it is given: kStoreConflict when somebody committed meanwhile; begin again.
Result<population::Population> load_population(store::Store& store, const policy::PolicySet& policy, Workers& workers,
                                               std::optional<std::int64_t> sequence = std::nullopt);

}  // namespace tenure::app
