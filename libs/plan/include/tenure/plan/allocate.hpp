// Unique names: allocations, not expressions. A name is free when no account of the target bears it, nobody else was
// ever given it, and no change under way makes it. Comparison is case-insensitive (ASCII); all logins of a target are
// one space. Candidates are those of policy::candidate().
//
// Sticky: whoever was given a name and no longer bears it gets it again. The planner asks in identity-id order and puts
// the name into the plan; there it is frozen. One thread.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include <tenure/plan/world.hpp>
#include <tenure/policy/policy_set.hpp>

namespace tenure::population {
class Population;
}

namespace tenure::plan {

// What was ever used is asked of the population, name by name; only what is reserved here is kept here.
class NameLedger {
 public:
  // REQUIRES: all three outlive it; the population is settled.
  NameLedger(const policy::PolicySet& policy, const population::Population& population, const Setting& setting);

  // Reserves what it returns. nullopt: the base is blank, or the length limit leaves no room for another number.
  std::optional<std::string> allocate(const model::TargetName& target, const policy::AllocationRule& rule,
                                      const std::string& base, model::IdentityId identity);
  // For a login that is not chosen here: false when somebody else has it or had it, or an account bears it.
  bool reserve_login(const model::TargetName& target, const std::string& name, model::IdentityId identity);

 private:
  struct Use {
    model::IdentityId identity;  // not valid(): nobody's
    bool borne = false;          // by an account, or about to be
  };
  // Names that must differ: those of one attribute, or all logins of a target.
  struct Space {
    std::vector<std::string> attributes;  // of the ledger
    bool logins = false;
    std::unordered_map<std::string, Use> reserved;  // folded: here, or by changes under way
    std::unordered_map<std::string, Use> borne;     // folded: values of an account attribute that is no login
    std::map<std::pair<const policy::AllocationRule*, std::string>, std::size_t> next;  // base -> number to try first
  };
  Space& space(const model::TargetName& target, const std::string& attribute);
  Space make_space(const model::TargetName& target, const std::string& attribute, bool logins) const;
  // nullopt: never heard of.
  std::optional<Use> use_of(const model::TargetName& target, const Space& space, const std::string& folded) const;
  bool reserve(const model::TargetName& target, Space& space, const std::string& name, model::IdentityId identity);
  model::IdentityId owner_of(const model::TargetName& target, std::uint32_t account) const;
  bool had_names(model::IdentityId identity) const;

  const population::Population& population_;
  const Setting& setting_;
  std::map<model::TargetName, std::map<std::string, bool>> attributes_;  // true for logins
  std::map<std::pair<model::TargetName, std::string>, Space> spaces_;
  std::set<model::IdentityId> merged_;  // others are aliases of them
};

// The attribute under which logins of a target's class are in the ledger: that of its allocation, else "name".
std::string login_attribute(const policy::PolicySet& policy, const model::TargetName& target,
                            std::string_view account_class);

}  // namespace tenure::plan
