// A World with the indexes that planning needs. Refers to the world and the policy; they must outlive it.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <tenure/plan/world.hpp>
#include <tenure/policy/policy_set.hpp>

namespace tenure::plan {

struct TargetPicture {
  const policy::TargetDoc* doc = nullptr;
  const TargetView* view = nullptr;
  const model::Observation* observed = nullptr;  // nullptr: never read
  bool managed = false;
  bool answers = false;  // not unknown_since, and read at least once

  // Whether what is not in the reading is proven not to be there.
  bool accounts_proven(std::string_view account_class) const;
  bool grants_proven(const model::EntitlementId& entitlement) const;
  std::string why_not_proven() const;
  // Whether a disabled account looks as our own disabling leaves it.
  bool looks_like_ours(const model::Account& account) const;
  model::Scope scope(std::string_view account_class) const;
  model::Scope scope(std::string_view account_class, const model::EntitlementId& entitlement) const;
};

struct HeldAccount {
  model::AccountRef ref;
  const model::Claim* claim = nullptr;      // nullptr: nobody's
  const model::Account* account = nullptr;  // as last read; nullptr: not in the reading
  std::string account_class;                // "" when the account is not in the reading and its class cannot be told
  std::string name;
};

class Picture {
 public:
  Picture(const policy::PolicySet& policy, const World& world);
  Picture(const Picture&) = delete;
  Picture& operator=(const Picture&) = delete;

  const policy::PolicySet& policy() const { return policy_; }
  const World& world() const { return world_; }
  // Targets with a document, in order of name.
  const std::map<model::TargetName, TargetPicture>& targets() const { return targets_; }
  const TargetPicture& target(const model::TargetName& name) const { return targets_.at(name); }

  // Follows merges; the id itself where there is no such identity.
  model::IdentityId resolved(model::IdentityId id) const;
  // Claimed accounts in a target, best first: what Tenure decided about, then enabled, then by id. Of a target that was
  // never read: what claims and decisions tell, taken to be there.
  std::vector<HeldAccount> accounts_of(model::IdentityId identity, const model::TargetName& name) const;
  const std::vector<const model::Claim*>& claims_of(model::IdentityId identity) const;
  const model::Claim* claim_on(const model::AccountRef& ref) const;
  // Direct grants as last read; of a target that was never read, those that decisions tell of.
  std::vector<model::Grant> grants_of(const model::AccountRef& ref) const;

  const model::Decision* account_decision(const model::AccountRef& ref) const;
  // About this right of this account: the same parameters if there is one, else the same right with other parameters.
  const model::Decision* decision(const model::AccountRef& ref, const model::EntitlementId& entitlement,
                                  const model::Parameters& parameters) const;
  std::vector<const model::Decision*> grant_decisions(const model::AccountRef& ref) const;

  bool grant_in_flight(const model::AccountRef& ref, const model::EntitlementId& entitlement) const;
  bool state_in_flight(const model::AccountRef& ref) const;  // create, enable, disable, delete
  bool update_in_flight(const model::AccountRef& ref) const;
  bool create_in_flight(model::IdentityId identity, const model::TargetName& target) const;

 private:
  void index_target(const policy::TargetDoc& doc);
  const model::Account* assumed_account(const model::Claim& claim);

  const policy::PolicySet& policy_;
  const World& world_;
  std::map<model::TargetName, TargetPicture> targets_;
  std::map<model::IdentityId, std::vector<const model::Claim*>> claims_;
  std::map<model::AccountRef, std::vector<const model::Decision*>> decisions_;
  std::map<model::AccountRef, const model::Account*> assumed_;  // accounts of targets that were never read
  std::deque<model::Account> assumed_accounts_;
  std::set<std::pair<model::AccountRef, std::string>> flying_;  // (account, entitlement or "state", "update")
  std::set<std::pair<model::IdentityId, model::TargetName>> flying_creates_;
};

}  // namespace tenure::plan
