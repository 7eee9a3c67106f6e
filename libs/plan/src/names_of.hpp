// The names that are allocated to each identity: those of the accounts that it holds where names are allocated, and
// what this plan claims or creates.
#pragma once

#include "picture.hpp"

#include <map>

#include <tenure/policy/evaluate.hpp>

namespace tenure::plan {

class NamesOf {
 public:
  explicit NamesOf(const Picture& picture);
  policy::AllocatedNames of(model::IdentityId identity) const;
  void add(model::IdentityId identity, const std::string& attribute, const std::string& name);
  // All names that an account bears by being the identity's account of its class.
  void add_account(model::IdentityId identity, const model::TargetName& target, const model::Account& account);
  // attribute -> name, of an account of this class.
  std::map<std::string, std::string> borne_by(const model::TargetName& target, const model::Account& account) const;
  const std::map<std::string, policy::AllocationPlace, std::less<>>& places() const { return places_; }

 private:
  const Picture& picture_;
  const std::map<std::string, policy::AllocationPlace, std::less<>>& places_;
  std::map<model::IdentityId, policy::AllocatedNames> added_;
};

}  // namespace tenure::plan
