// Results of the examples of a policy in the form that build servers read: JUnit XML, a suite for each role and
// document with examples, a case for each example.
#pragma once

#include <string>
#include <vector>

#include <tenure/policy/test.hpp>

namespace tenure::cli {

std::string junit_of(const std::string& policy, const std::vector<policy::ExampleResult>& results);

}  // namespace tenure::cli
