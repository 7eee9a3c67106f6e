// The facts that a decision of a person about an identity rests on.
#pragma once

#include <map>
#include <string>

#include <tenure/model/identity.hpp>
#include <tenure/policy/policy_set.hpp>

namespace tenure::app {

// Those that the policy names (AssignmentTerms::rest_on) and those that the request's condition reads; known ones.
std::map<std::string, json::Value, std::less<>> deciding_facts(const policy::PolicySet& policy,
                                                               const model::Identity& identity,
                                                               const policy::RequestDoc* request);

}  // namespace tenure::app
