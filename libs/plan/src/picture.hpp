// A World with the indexes that planning needs. Refers to the world and the policy; they must outlive it.
#pragma once

#include "holdings.hpp"
#include "text_index.hpp"

#include <map>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
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

  // As last read; nullptr: it is not in the reading. REQUIRES: observed.
  const model::Account* find_account(const model::NativeId& id) const;

  TextIndex rows;  // of accounts in the reading, by id
};

struct HeldAccount {
  model::AccountRef ref;
  const model::Claim* claim = nullptr;      // nullptr: nobody's
  const model::Account* account = nullptr;  // as last read; nullptr: not in the reading
  std::string account_class;                // "" when the account is not in the reading and its class cannot be told
  std::string name;
  const Holding* holding = nullptr;  // what is known of it; nullptr: nothing
};

class Picture {
 public:
  // Of what the accounts hold, the world itself tells.
  Picture(const policy::PolicySet& policy, const World& world) : Picture(policy, world, Holdings(policy, world)) {}
  Picture(const policy::PolicySet& policy, const World& world, Holdings holdings);
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
  std::span<const model::Claim* const> claims_of(model::IdentityId identity) const;
  const model::Claim* claim_on(const model::AccountRef& ref) const;
  // Of an account in the picture that may have no claim; of a claim, without the account.
  HeldAccount held(const TargetPicture& target, const model::Account& account) const;
  HeldAccount held(const model::Claim& claim) const;
  // Direct grants as last read; of a target that was never read, those that decisions tell of.
  std::span<const GrantView> grants_of(const HeldAccount& held) const;

  const DecisionView* account_decision(const HeldAccount& held) const;
  // About this right of this account: the same parameters if there is one, else the same right with other parameters.
  const DecisionView* decision(const HeldAccount& held, const model::EntitlementId& entitlement,
                               const model::Parameters& parameters) const;
  std::span<const DecisionView> grant_decisions(const HeldAccount& held) const;

  bool grant_in_flight(const model::AccountRef& ref, const model::EntitlementId& entitlement) const;
  bool state_in_flight(const model::AccountRef& ref) const;  // create, enable, disable, delete
  bool update_in_flight(const model::AccountRef& ref) const;
  bool create_in_flight(model::IdentityId identity, const model::TargetName& target) const;

 private:
  struct RefHash {
    std::size_t operator()(const model::AccountRef& ref) const {
      return std::hash<model::NativeId>()(ref.id) * 31 + std::hash<model::TargetName>()(ref.target);
    }
  };
  struct Flying {
    bool state = false, update = false;
    std::vector<model::EntitlementId> entitlements;
  };

  void index_target(const policy::TargetDoc& doc);
  void index_claims();
  void index_flying();
  model::Account assumed(const model::Claim& claim) const;
  const Flying* flying(const model::AccountRef& ref) const;

  const policy::PolicySet& policy_;
  const World& world_;
  std::map<model::TargetName, TargetPicture> targets_;
  std::unordered_map<model::IdentityId, model::IdentityId> aliases_;
  std::vector<const model::Claim*> claims_;                                               // by identity, then account
  std::unordered_map<model::IdentityId, std::pair<std::size_t, std::size_t>> claims_of_;  // where they stand
  Holdings holdings_;
  // Accounts of targets that were never read, as claims and decisions tell of them.
  std::unordered_map<model::AccountRef, model::Account, RefHash> assumed_;
  std::unordered_map<model::AccountRef, Flying, RefHash> flying_;
  std::set<std::pair<model::IdentityId, model::TargetName>> flying_creates_;
};

}  // namespace tenure::plan
