// Unique names: allocations, not expressions. A name is free when no account of the target bears it, nobody else was
// ever given it, and no change under way makes it. Comparison is case-insensitive (ASCII); all logins of a target are
// one space. Candidates are those of policy::candidate().
//
// Sticky: whoever was given a name and no longer bears it gets it again. The planner asks in identity-id order and puts
// the name into the plan; there it is frozen. One thread.
#pragma once

#include <map>
#include <optional>
#include <string>

#include <tenure/plan/world.hpp>
#include <tenure/policy/policy_set.hpp>

namespace tenure::plan {

class NameLedger {
 public:
  // REQUIRES: policy and world outlive it.
  NameLedger(const policy::PolicySet& policy, const World& world);

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
  using Space = std::map<std::string, Use, std::less<>>;
  void take(Space& space, const std::string& name, model::IdentityId identity, bool borne);
  static bool reserve(Space& space, const std::string& name, model::IdentityId identity);
  // Attributes of a target that are in the ledger: "name", and those of its allocations; true for logins.
  void collect_attributes(const policy::PolicySet& policy);
  Space& space(const model::TargetName& target, const std::string& attribute);
  model::IdentityId resolved(model::IdentityId id) const;

  const World& world_;
  std::map<model::TargetName, std::map<std::string, bool>> attributes_;
  std::map<std::pair<model::TargetName, std::string>, Space> spaces_;
};

// The attribute under which logins of a target's class are in the ledger: that of its allocation, else "name".
std::string login_attribute(const policy::PolicySet& policy, const model::TargetName& target,
                            std::string_view account_class);

}  // namespace tenure::plan
