// A target comes under management: whose its accounts are, which grants a rule explains, and the baseline of the rest.
// Nothing is sent to the target.
#pragma once

#include "draft.hpp"
#include "names_of.hpp"

#include <map>
#include <vector>

#include <tenure/base/json.hpp>

namespace tenure::plan {

class Onboarding {
 public:
  // REQUIRES: the target was read whole.
  Onboarding(Draft& draft, const model::TargetName& target);
  void run();

 private:
  struct Claimed {
    HeldAccount held;
    model::ChangeId claim;  // empty: claimed before
    std::size_t index = 0;  // of the claim in the plan
  };
  using Accounts = std::map<model::IdentityId, std::vector<Claimed>>;

  void claim_class(const policy::AccountClassDoc& type);
  void explain(model::IdentityId id, std::vector<Claimed>& accounts);
  void explain_unclaimed();
  void baseline(const HeldAccount& held, const GrantView& grant, model::IdentityId identity, bool find);
  void finish();

  Draft& draft_;
  const TargetPicture& target_;
  Cause cause_;
  NamesOf names_;
  Accounts accounts_;
  std::vector<HeldAccount> unclaimed_;
  json::Array baseline_;
  std::map<std::string, json::Array> unclaimed_names_;
};

}  // namespace tenure::plan
