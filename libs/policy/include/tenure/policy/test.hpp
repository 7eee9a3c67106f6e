// The examples that stand beside roles, run against the rules.
#pragma once

#include <cstddef>

#include <tenure/base/diagnostic.hpp>
#include <tenure/policy/policy_set.hpp>

namespace tenure::policy {

struct ExampleCount {
  std::size_t run = 0;
  std::size_t failed = 0;
};

// Evaluates every example against the role it stands beside, in the first lifecycle state in which that role applies.
// `holds` must be given and `holds_not` must not be; what is unknown fails either, naming the attributes that the
// example would have to give. Errors kPolicyExample with the example's place.
ExampleCount run_examples(const PolicySet& set, Diagnostics& diagnostics);

}  // namespace tenure::policy
