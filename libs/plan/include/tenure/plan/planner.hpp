// The planner: policy x population x request -> plan, findings, and when to look again. A pure function: the same
// values give the same bytes (T16), and a second plan on the world that the first one made is empty (T6).
//
// How it thinks about everyone at once: a screen goes over columns, bitmaps and sorted arrays and finds out who may not
// be as the rules want it; only those become values, and the row planner, which alone knows what is said about an
// identity, says it. Whoever is not provably steady is looked at, so that the screen changes nothing but the time.
//
// What a plan is never made of: an absence that was not proven (T9), an undoing of an out-of-band restriction, a
// removal in an onboarding.
#pragma once

#include <cstddef>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <tenure/base/workers.hpp>
#include <tenure/plan/explain.hpp>
#include <tenure/plan/guard.hpp>
#include <tenure/plan/impact.hpp>
#include <tenure/plan/plan.hpp>
#include <tenure/plan/world.hpp>
#include <tenure/policy/policy_set.hpp>

namespace tenure::population {
class Population;
}

namespace tenure::plan {

struct PlanRequest {
  enum class Kind : std::uint8_t { kReconcile, kOnboard, kRevert };
  Kind kind = Kind::kReconcile;
  model::TargetName target;                // kOnboard
  std::set<model::TargetName> targets;     // kReconcile: only these of the managed ones; empty = all
  std::set<model::IdentityId> identities;  // kReconcile: only these; empty = everyone, and accounts of nobody
  bool revert_drift = false;               // kReconcile: as if every target's document said so
  std::vector<std::string> findings;       // kRevert: their ids
  // Causes that a person has looked at: guards no longer hold them. When it is not empty, the changes of causes that
  // are still held are left out and listed as unknown ("held by a guard"), so that the rest can go.
  std::set<model::CauseId> released;

  static PlanRequest reconcile() { return {}; }
  static PlanRequest onboard(model::TargetName target);
  static PlanRequest revert(std::vector<std::string> findings);
};

struct PlanResult {
  Plan plan;  // frozen: ids and order are final
  Frozen frozen;
  std::vector<model::Finding> findings;  // to open; those that are open already are not repeated; ordered by id
  std::vector<std::pair<std::string, std::string>> findings_to_close;  // id -> answer, "gone" or "explained"; ordered
  // Decisions of people that have moved by themselves, as they are from now on: due to be decided again, or ended.
  std::vector<model::Assignment> assignments;  // ordered by id
  std::vector<model::Decision> decisions;      // adopted ones that are due; ordered by row_id
  Time next_due = Time::never();               // the first instant at which time alone can change the plan
  Headcount headcount;                         // that guards took shares of; none for an onboarding
  std::size_t looked_at = 0;  // identities that the screen could not show to be steady; no part of the answer
};

// Errors: kNotFound (no such target), kTargetPartial (onboarding without a full reading), kPrecondition-coded
// kFindingState (revert of what cannot be reverted), kFindingNotFound. REQUIRES: the population is settled. The result
// does not depend on the workers.
Result<PlanResult> make_plan(const policy::PolicySet& policy, const population::Population& population,
                             const Setting& setting, const PlanRequest& request, Workers& workers);
// The same for a few people.
Result<PlanResult> make_plan(const policy::PolicySet& policy, const World& world, const PlanRequest& request);
// The same without a screen: what the laws compare with.
Result<PlanResult> make_plan_by_row(const policy::PolicySet& policy, const World& world, const PlanRequest& request);

struct Recall;
class LineIndex;

// For a caller who plans again and again over one population: keeps what one plan found out and the next can use. One
// thread; between calls the population may be written and settled.
class Planner {
 public:
  // REQUIRES: all outlive it.
  Planner(const policy::PolicySet& policy, const population::Population& population, Workers& workers);
  ~Planner();

  Result<PlanResult> plan(const Setting& setting, const PlanRequest& request);
  // After facts, accounts or decisions of one identity changed: its part of the plan for everyone. About a millisecond.
  Result<PlanResult> plan_one(const Setting& setting, model::IdentityId identity);
  // When its lifecycle state next changes by time alone; terms say when in PlanResult::next_due. Time::never() if it
  // does not, or there is no such identity.
  Time next_change(model::IdentityId identity, Time now) const;
  Result<Why> why(const Setting& setting, model::IdentityId identity, const model::TargetName& target,
                  const model::EntitlementId& entitlement);
  // Everybody under other rules; one identity with other facts.
  Impact what_if(const policy::PolicySet& edited, Time now);
  Impact what_if(const model::Identity& edited, Time now) const;

 private:
  const LineIndex& lines();

  const policy::PolicySet& policy_;
  const population::Population& population_;
  Workers& workers_;
  std::unique_ptr<Recall> recall_;
};

}  // namespace tenure::plan
