// What a person decided to undo: one change per finding.
#pragma once

#include "draft.hpp"

#include <string>
#include <vector>

namespace tenure::plan {

// Errors kFindingNotFound, kFindingState. An added or unexplained grant is revoked, a removed one given again, a
// restricted account enabled, an account of nobody disabled. What is already so makes no change.
Status revert_findings(Draft& draft, const std::vector<std::string>& findings);

}  // namespace tenure::plan
