// Parameters of a grant under the catalogue's order: which grants are one and the same right, and which is more.
#pragma once

#include <compare>
#include <string>

#include <tenure/model/access.hpp>

namespace tenure::policy {
struct EntitlementDoc;
}

namespace tenure::plan {

// The parameters without those that have an order: {"access":"READ"} and {"access":"UPDATE"} are one right, held more
// or less; {"name":"apollo"} and {"name":"cygnus"} are two.
model::Parameters right_of(const policy::EntitlementDoc* entitlement, const model::Parameters& parameters);

// Of two with equal right_of(): unordered when one is more in one parameter and less in another, or a value is unknown
// to the catalogue.
std::partial_ordering compare_parameters(const policy::EntitlementDoc* entitlement, const model::Parameters& a,
                                         const model::Parameters& b);

// The least that is at least as much as both.
model::Parameters more_of(const policy::EntitlementDoc* entitlement, const model::Parameters& a,
                          const model::Parameters& b);

}  // namespace tenure::plan
