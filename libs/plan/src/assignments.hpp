// Decisions of people while a plan is made: which hold, which are to be decided again, which are over.
#pragma once

#include "draft.hpp"

#include <string>
#include <vector>

#include <tenure/plan/desired.hpp>

namespace tenure::plan {

// Those of the identity that hold now, by id. Pointers into the setting.
std::vector<const model::Assignment*> holding(const Setting& setting, model::IdentityId identity);

// Looks at every assignment of the identity: what is over ends; what rests on a fact that has changed is due, and found
// until somebody decides. `ended`: the identity has left, and nothing survives that.
void look_again(Draft& draft, const model::Identity& identity, const policy::Subject& rules, bool ended);
// The same for an adoption that still holds.
void look_again(Draft& draft, const model::Identity& identity, const model::Decision& adopted, std::string summary,
                const std::string& owner);

Cause cause_of_request(const std::string& assignment, model::IdentityId identity);

}  // namespace tenure::plan
