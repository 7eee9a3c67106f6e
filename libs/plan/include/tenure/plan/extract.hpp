// Between everyone in memory (population::Population and Setting) and the values that the row planner reads (World).
// Values; no I/O; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include <tenure/plan/world.hpp>
#include <tenure/policy/policy_set.hpp>
#include <tenure/population/population.hpp>

namespace tenure::plan {

// Everyone in the world, settled. For tests and callers with few people.
population::Population population_of(const World& world);
// The world without anybody.
Setting setting_of(const World& world);

class Holdings;

struct Selection {
  std::vector<population::IdentityIndex>
      identities;  // with all their accounts, and with those who were merged into them
  std::map<model::TargetName, std::vector<population::AccountIndex>> accounts;  // besides
  static Selection everybody(const population::Population& population);
};

// Makes worlds of some: identities, their assignments and accounts in all targets of the policy with grants, claims,
// decisions, changes under way. Findings, history and nesting, which the row planner does not read, are left out; the
// ledger of names too, but for targets that were never read (there it says what the accounts are called).
class Extractor {
 public:
  // REQUIRES: all outlive it, and what is settled stays as it is.
  Extractor(const policy::PolicySet& policy, const population::Population& population, const Setting& setting);
  World operator()(const Selection& selection) const;
  // The same without grants and decisions, which go into `holdings` and are not made into values.
  World operator()(const Selection& selection, Holdings& holdings) const;

 private:
  World extract(const Selection& selection, Holdings* holdings) const;

  const policy::PolicySet& policy_;
  const population::Population& population_;
  const Setting& setting_;
  std::multimap<population::IdentityIndex, population::IdentityIndex> merged_;  // who -> aliases of them
  bool all_read_ = true;
};

}  // namespace tenure::plan
