// The examples that stand beside roles and in documents of their own, run against the rules. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <tenure/base/diagnostic.hpp>
#include <tenure/policy/policy_set.hpp>

namespace tenure::policy {

struct ExampleFault {
  std::string what;      // "role sales-rep, directory: sales is not held"
  std::string expected;  // "it is held"
  std::string remedy;    // may be ""
};

struct ExampleResult {
  std::string suite;  // "role sales-rep", "examples joiners"
  std::string name;   // as the author says; of a role's example "example 2"
  Place place;
  std::vector<ExampleFault> faults;
  bool passed() const { return faults.empty(); }
};

// Evaluates every example. One beside a role is about that role alone, in the first lifecycle state in which it
// applies; one of a document about everything that the rules and the requests that it names give, in the state that its
// engagements imply. What is unknown fulfils neither an expectation to hold nor one to lack; the fault names the
// attributes that the example would have to give. In order of role, then of document.
std::vector<ExampleResult> test_examples(const PolicySet& set);

struct ExampleCount {
  std::size_t run = 0;
  std::size_t failed = 0;
};
// The same as diagnostics: errors kPolicyExample with the example's place.
ExampleCount run_examples(const PolicySet& set, Diagnostics& diagnostics);

}  // namespace tenure::policy
