// Separation of duties, gaps between roles: what of the changes of one identity has to wait, or must not be.
#pragma once

#include "draft.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

#include <tenure/plan/desired.hpp>
#include <tenure/policy/duties.hpp>
#include <tenure/population/population.hpp>

namespace tenure::plan {

// Which duties an entitlement is, itself or through what it is nested in. Once for a plan; any thread.
class DutyRights {
 public:
  // REQUIRES: the policy outlives it.
  DutyRights(const policy::PolicySet& policy, const population::Population& population);
  const policy::DutySet& of(const model::TargetName& target, const model::EntitlementId& entitlement) const;
  using Right = std::pair<model::TargetName, model::EntitlementId>;
  const std::map<Right, policy::DutySet>& all() const { return rights_; }

 private:
  policy::DutySet none_;
  std::map<Right, policy::DutySet> rights_;
};

class Duties {
 public:
  // REQUIRES: all outlive it.
  Duties(Draft& draft, const PlanRequest& request, const DutyRights& rights);

  // `changes`: those of the identity, by index in the plan. Grants of roles with a gap wait until what the
  // other roles gave is gone; grants that would complete a conflict of duties are not made, or wait for the revocations
  // that resolve it; conflicts are found. `exceptions`: assignments of the identity that hold.
  void settle(const model::Identity& identity, const Desired& desired, const std::vector<std::size_t>& changes,
              const std::vector<const model::Assignment*>& exceptions);
  // Takes the changes that are not to be made out of the draft. After everybody.
  void finish();

 private:
  struct Held {
    const DecisionView* decision;  // nullptr: none
    policy::DutySet duties;
    const Change* revocation;  // of this plan; nullptr: it stays
    std::string shown;
  };

  // The line that a reason or a decision names, for this identity; nullptr: none of this policy.
  const policy::GrantLine* line_of(const std::string& rule, model::IdentityId identity) const;
  policy::DutySet of_rule(const std::string& rule, model::IdentityId identity) const;
  std::vector<Held> held_by(const model::Identity& identity, const Desired& desired,
                            const std::vector<std::size_t>& changes) const;
  void wait_for_gaps(const model::Identity& identity, const std::vector<std::size_t>& additions,
                     const std::vector<Held>& held);
  void separate(const model::Identity& identity, const Desired& desired, const std::vector<std::size_t>& additions,
                const std::vector<Held>& held, const std::vector<const model::Assignment*>& exceptions);
  std::vector<std::size_t> additions_of(model::IdentityId identity, const std::vector<std::size_t>& changes) const;

  Draft& draft_;
  const Picture& picture_;
  const policy::PolicySet& policy_;
  const PlanRequest& request_;
  const DutyRights& rights_;
  policy::DutySet none_;
  bool any_gap_ = false;
  std::set<model::ChangeId> dropped_;
};

}  // namespace tenure::plan
