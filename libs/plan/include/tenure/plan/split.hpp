// One plan in parts that are plans of their own, each with its own digest: so that a part can be consented to, released
// and carried out alone.
//
// Every change of the whole is in exactly one part, with its reason, cause and expected prior value. What a guard holds
// of the whole it holds of every part that has the same causes: limits are about the root, and a part is not smaller
// than its root. Approvals are asked for by the rules of the policy for what is in the part.
//
// Pure; any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <tenure/model/identity.hpp>
#include <tenure/plan/grouping.hpp>
#include <tenure/plan/plan.hpp>
#include <tenure/policy/policy_set.hpp>

namespace tenure::plan {

// The lifecycle state of an identity now; nullopt: nobody has that number.
using StateOf = std::function<std::optional<model::LifecycleState>(model::IdentityId)>;

struct SplitRequest {
  GroupBy by = GroupBy::kCause;
  // Keys (Group::key) that get parts of their own, everything else being one part, the rest. Empty: a part for each.
  std::vector<std::string> only;
  // A change that needs one of another part is brought together with it instead of being refused: the whole knot of
  // changes that need one another goes where its first member of `only` goes, else where its first change belongs.
  bool pull = false;
};

struct Part {
  std::string key;  // "" = the rest
  Plan plan;
  Frozen frozen;
  std::int64_t pulled = 0;  // changes whose own key is another
};

// `state`: the lifecycle states that approval rules ask for. The parts in order of key, the rest last. Errors:
// kNotFound when `only` names a key that no change has; kPlanSplit when there would be one part, when a need crosses
// parts and `pull` is not set (the message names some of them), or when the plan was made under another policy set:
// approvals are asked for by the rules it was made under. REQUIRES: `whole` is frozen (its ids are those of its
// content).
Result<std::vector<Part>> split(const policy::PolicySet& policy, const StateOf& state, const Plan& whole,
                                const SplitRequest& request);

}  // namespace tenure::plan
