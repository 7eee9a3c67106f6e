// A population as the rows of a state folder: what loading begins with.
#pragma once

#include <tenure/base/error.hpp>
#include <tenure/population/population.hpp>
#include <tenure/store/store.hpp>

namespace tenure::bench {

// Identities, claims and names a row each; readings and remembered grants in blocks, as the product writes them.
Status write_rows(const population::Population& population, store::Store& store);

}  // namespace tenure::bench
