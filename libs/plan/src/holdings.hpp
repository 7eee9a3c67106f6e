// What accounts hold, and what was decided about it, as the row planner reads it: by reference to names that are kept
// once. Almost all of it is as it should be, and nothing is copied to find that out.
//
// One thread writes; const members are safe from any thread.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <tenure/model/access.hpp>
#include <tenure/model/decision.hpp>
#include <tenure/plan/world.hpp>
#include <tenure/policy/policy_set.hpp>
#include <tenure/population/population.hpp>

namespace tenure::plan {

struct GrantView {
  const model::EntitlementId& entitlement;
  const model::Parameters& parameters;
  const policy::EntitlementDoc* doc;  // nullptr: not in the catalogue
  model::Scope scope;                 // TargetDoc::scope_of()
};

struct DecisionView {
  model::DecisionKind kind;
  const model::EntitlementId& entitlement;
  const model::Parameters& parameters;
  Time since, until, decide_again_by;
  std::string_view owner, actor;
  const model::Decision* whole;  // nullptr: a plain one of a population
};

// Of one account.
struct Holding {
  std::vector<GrantView> grants;        // as last read, ordered
  std::vector<DecisionView> decisions;  // about grants, ordered by entitlement, parameters
  std::vector<DecisionView> state;      // about the account itself; of several the first counts
};

// The rights of a target by code, with what the policy says of them.
struct KnownRight {
  model::EntitlementId id;
  const policy::EntitlementDoc* doc = nullptr;
  model::Scope scope = model::Scope::kObserved;
};

// All rights that anybody has, for many who are looked at. Immutable; any thread.
class KnownRights {
 public:
  // REQUIRES: both outlive it.
  KnownRights(const policy::PolicySet& policy, const population::Population& population);
  // nullptr: of no target that this was made of.
  const std::vector<KnownRight>* of(const population::Accounts& accounts) const;

 private:
  std::map<const population::Accounts*, std::vector<KnownRight>> of_;
};

class Holdings {
 public:
  // `known` may be nullptr. REQUIRES: all outlive it, and the world, of whose accounts it is.
  Holdings(const policy::PolicySet& policy, const KnownRights* known) : policy_(policy), known_(known) {}
  Holdings(const policy::PolicySet& policy, const World& world);
  Holdings(Holdings&&) = default;
  Holdings& operator=(Holdings&&) = delete;
  ~Holdings() = default;

  // REQUIRES: the accounts outlive it and stay as they are. `observed`: the target was read, and the account with it.
  void add(const population::Accounts& accounts, population::AccountIndex row, bool observed);
  // Of accounts in that target, that was never read: what was decided tells what they hold.
  void assume(const model::TargetName& target);

  const Holding* find(const model::AccountRef& ref) const;  // nullptr: nothing is known

 private:
  struct RefHash {
    std::size_t operator()(const model::AccountRef& ref) const {
      return std::hash<model::NativeId>()(ref.id) * 31 + std::hash<model::TargetName>()(ref.target);
    }
  };
  // Names of one target, by code.
  struct Names {
    const policy::TargetDoc* doc = nullptr;
    const std::vector<KnownRight>* all = nullptr;  // else in `some`, as they are asked for
    std::vector<const KnownRight*> some;
    std::unordered_map<std::uint32_t, const model::Parameters*> parameters;
  };
  const policy::TargetDoc* doc_of(const model::TargetName& target) const;
  Names& names_of(const population::Accounts& accounts);
  const KnownRight& entitlement(const population::Accounts& accounts, Names& names, std::uint32_t code);
  const model::Parameters& parameters(const population::Accounts& accounts, Names& names, std::uint32_t code);

  const policy::PolicySet& policy_;
  const KnownRights* known_ = nullptr;
  std::unordered_map<model::AccountRef, Holding, RefHash> of_;
  std::map<const population::Accounts*, Names> names_;
  std::deque<KnownRight> entitlements_;
  std::deque<model::Parameters> parameters_;
};

}  // namespace tenure::plan
