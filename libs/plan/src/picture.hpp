// A World with the indexes that planning needs. Refers to the world and the policy; they must outlive it.
#pragma once

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
  // Its direct grants as last read, ordered. REQUIRES: observed.
  std::span<const model::Grant> grants_of(const model::NativeId& id) const;

  TextIndex rows;                   // of accounts in the reading, by id
  std::vector<std::size_t> grants;  // where those of each row begin; one more than there are rows
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
  std::span<const model::Claim* const> claims_of(model::IdentityId identity) const;
  const model::Claim* claim_on(const model::AccountRef& ref) const;
  // Direct grants as last read; of a target that was never read, those that decisions tell of.
  std::span<const model::Grant> grants_of(const model::AccountRef& ref) const;

  const model::Decision* account_decision(const model::AccountRef& ref) const;
  // About this right of this account: the same parameters if there is one, else the same right with other parameters.
  const model::Decision* decision(const model::AccountRef& ref, const model::EntitlementId& entitlement,
                                  const model::Parameters& parameters) const;
  std::span<const model::Decision* const> grant_decisions(const model::AccountRef& ref) const;

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
  // Decisions about one account: that about its state, and where those about its grants stand in grant_decisions_.
  struct Decided {
    const model::Decision* account = nullptr;
    std::size_t begin = 0, end = 0;
  };
  // An account of a target that was never read, as claims and decisions tell of it.
  struct Assumed {
    model::Account account;
    std::vector<model::Grant> grants;
  };
  struct Flying {
    bool state = false, update = false;
    std::vector<model::EntitlementId> entitlements;
  };

  void index_target(const policy::TargetDoc& doc);
  void index_claims();
  void index_decisions();
  void index_flying();
  Assumed assumed(const model::Claim& claim) const;
  std::vector<model::Grant> assumed_grants(const model::AccountRef& ref) const;
  const Decided* decided(const model::AccountRef& ref) const;
  const Flying* flying(const model::AccountRef& ref) const;

  const policy::PolicySet& policy_;
  const World& world_;
  std::map<model::TargetName, TargetPicture> targets_;
  std::unordered_map<model::IdentityId, model::IdentityId> aliases_;
  std::vector<const model::Claim*> claims_;                                               // by identity, then account
  std::unordered_map<model::IdentityId, std::pair<std::size_t, std::size_t>> claims_of_;  // where they stand
  std::vector<const model::Decision*> grant_decisions_;                                   // by account, then row id
  std::unordered_map<model::AccountRef, Decided, RefHash> decided_;
  std::unordered_map<model::AccountRef, Assumed, RefHash> assumed_;
  std::unordered_map<model::AccountRef, Flying, RefHash> flying_;
  std::set<std::pair<model::IdentityId, model::TargetName>> flying_creates_;
};

}  // namespace tenure::plan
