// Limits on what may change before a person looks: per target, and per root of causes (a feed, the policy), across
// targets; adds, removals and overwrites each; within each window of the guard (24 hours and 30 days unless it says
// otherwise), what was sent before included, so that no limit is passed by splitting or by going slowly.
//
// What counts: accounts touched in a target (of a root: identities touched), a touched one five times when a privileged
// right or an administrator's account is among it (GuardDoc). The population is the accounts of the target's written
// classes (of a source: identities with a claim that it tells of; of another root: all with a claim). At population_min
// or more the limit is a share, below it a number. Removals of more than collapse_percent_max of a population are held
// whatever their number: a small source that vanishes, a small target that is emptied.
//
// A guard with a scope counts what is in it, as one: accounts, or identities when it names sources alone. It stands
// beside the others, or, when it says `instead`, in place of those that name less (policy::replaces).
//
// Values; no I/O; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
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
  std::map<model::TargetName, std::int64_t> accounts;                         // of written classes, as last read
  std::int64_t identities = 0;                                                // with a claim
  std::map<std::pair<model::TargetName, std::string>, std::int64_t> classes;  // accounts of each written class
  std::map<model::SourceName, std::int64_t> sources;  // identities with a claim, by source that tells of them
};
Headcount headcount(const policy::PolicySet& policy, const population::Population& population);

// One result per guard that looked at anything, ordered by name. A held one names the causes that make it; causes in
// `released` are counted no more, and what they did before counts on. An onboarding has no remote effect: no results.
std::vector<GuardResult> evaluate_guards(const policy::GuardDoc& limits, Time now,
                                         std::span<const CountedChange> history, const Headcount& headcount,
                                         const Plan& plan, const std::set<model::CauseId>& released);
// Of the general guard, then of those with a scope.
std::vector<GuardResult> evaluate_guards(const policy::PolicySet& policy, Time now,
                                         std::span<const CountedChange> history, const Headcount& headcount,
                                         const Plan& plan, const std::set<model::CauseId>& released);

// Those that stand in place of others and count something of this plan: part of the plan also when nothing is held, so
// that whoever approves it sees under which limits it was made. Their text does not move with time.
std::vector<GuardResult> replacing_guards(const policy::PolicySet& policy, const Plan& plan);

// How far back history has to reach.
Duration longest_window(const policy::PolicySet& policy);

}  // namespace tenure::plan
