// Who must agree: the approval rules of the policy over the changes of a plan.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include <tenure/model/identity.hpp>
#include <tenure/plan/plan.hpp>
#include <tenure/policy/policy_set.hpp>

namespace tenure::plan {

// The lifecycle state of an identity now; nullopt: nobody has that number.
using StateOf = std::function<std::optional<model::LifecycleState>(model::IdentityId)>;

// One per rule that a change needs, in the order of the policy's rules; standing rules with count 0. Changes that no
// rule matches need one operator ("unmatched"): silence is no consent.
std::vector<ApprovalNeeded> approvals_needed(const policy::PolicySet& policy, const StateOf& state, const Plan& plan);

}  // namespace tenure::plan
