// Limits on what may change before a person looks: per target, and per root of causes (a feed, the policy); adds,
// removals and overwrites each; within 24 hours and within 30 days, what was sent before included, so that no limit is
// passed by splitting.
//
// What counts: accounts touched in a target (of a root: identities touched), a touched one five times when a privileged
// right or an administrator's account is among it (GuardDoc). The population is the accounts of the target's written
// classes (of a root: identities with a claim). At population_min or more the limit is a share, below it a number.
//
// Values; no I/O; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <vector>

#include <tenure/plan/plan.hpp>
#include <tenure/plan/world.hpp>
#include <tenure/policy/policy_set.hpp>

namespace tenure::population {
class Population;
}

namespace tenure::plan {

// How many there are of what guards take a share of.
struct Headcount {
  std::map<model::TargetName, std::int64_t> accounts;  // of written classes, as last read
  std::int64_t identities = 0;                         // with a claim
};
Headcount headcount(const policy::PolicySet& policy, const population::Population& population);

// One result per guard that looked at anything, ordered by name. A held one names the causes that make it; causes in
// `released` are counted no more, and what they did before counts on. An onboarding has no remote effect: no results.
std::vector<GuardResult> evaluate_guards(const policy::GuardDoc& limits, Time now,
                                         std::span<const CountedChange> history, const Headcount& headcount,
                                         const Plan& plan, const std::set<model::CauseId>& released);

}  // namespace tenure::plan
