// Who must agree: the approval rules of the policy over the changes of a plan.
#pragma once

#include <vector>

#include <tenure/plan/plan.hpp>
#include <tenure/plan/split.hpp>
#include <tenure/policy/policy_set.hpp>

namespace tenure::plan {

// One per rule that a change needs, in the order of the policy's rules; standing rules with count 0. Changes that no
// rule matches need one operator ("unmatched"): silence is no consent.
std::vector<ApprovalNeeded> approvals_needed(const policy::PolicySet& policy, const StateOf& state, const Plan& plan);

}  // namespace tenure::plan
