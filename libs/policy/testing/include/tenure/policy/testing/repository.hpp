// Reads a policy repository from a folder, for tests. (The application has its own reader.)
#pragma once

#include <string>
#include <vector>

#include <tenure/policy/load.hpp>

namespace tenure::policy::testing {

// All *.yaml files below the folder, in order of path; paths relative to it. Aborts the process when the folder cannot
// be read: that is a defect of the test.
std::vector<Document> read_repository(const std::string& folder);

// Loads it, printing every diagnostic to standard error and aborting on errors.
PolicySet load_repository(const std::string& folder);

}  // namespace tenure::policy::testing
