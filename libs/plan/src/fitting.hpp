// Accounts that nobody claims and that would fit somebody: nothing is created beside them.
#pragma once

#include "names_of.hpp"
#include "picture.hpp"

#include <map>
#include <string>
#include <tuple>

#include <tenure/plan/planner.hpp>

namespace tenure::plan {

struct Fitting {
  std::map<std::tuple<model::IdentityId, model::TargetName, std::string>, std::string> logins;  // by identity and class
  std::map<model::AccountRef, std::string> keys;  // of the identity that the account fits
};

// Among the accounts and identities of the picture's world.
Fitting find_fitting(const Picture& picture, const PlanRequest& request);

}  // namespace tenure::plan
