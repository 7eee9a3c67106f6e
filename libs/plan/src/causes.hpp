// Which root a change follows from: the source row that changed last among what the change rests on; or the policy,
// when everything it rests on was known before the policy or the management of the target began.
#pragma once

#include "picture.hpp"

#include <tenure/plan/plan.hpp>

namespace tenure::plan {

using Facts = std::vector<std::pair<std::string, json::Value>>;

// For what a rule gives or no longer gives, resting on these facts.
Cause cause_of_facts(const Picture& picture, const model::Identity& identity, const Facts& facts,
                     const TargetPicture& target);
// For what follows from the identity's lifecycle state.
Cause cause_of_lifecycle(const Picture& picture, const model::Identity& identity, model::LifecycleState state,
                         const TargetPicture& target);
// "hr status of C000123 = terminated", "hr end of C000123 = 2026-11-20": what makes the state, for people.
std::string lifecycle_text(const model::Identity& identity, model::LifecycleState state, Time now);

}  // namespace tenure::plan
