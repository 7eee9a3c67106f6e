// desired - observed, over what is managed.
#pragma once

#include "draft.hpp"
#include "duties.hpp"
#include "fitting.hpp"
#include "names_of.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <tenure/plan/allocate.hpp>
#include <tenure/plan/desired.hpp>
#include <tenure/plan/planner.hpp>
#include <tenure/policy/evaluate.hpp>

namespace tenure::plan {

// Why something is given or not given any more; most people get and lose several rights for one reason.
struct Grounds {
  Reason reason;
  Cause cause;
};

// An identity, while it is looked at.
struct Who {
  const model::Identity& identity;
  policy::Subject rules;
  Desired desired;
  std::vector<const model::Assignment*> assignments;  // that hold

  Reason reason(const DesiredGrant& wanted) const { return desired.reason(rules, wanted.because); }
  // The account has no term: what it is given for has.
  Reason account_reason(const DesiredAccount& wanted) const {
    Reason reason = desired.reason(rules, wanted.because);
    reason.term.clear();
    return reason;
  }

  // What was said already: by Desired::because; by rule and target of what is not given any more, with the overlap that
  // was declared for it.
  struct Lost {
    std::string rule;
    const TargetPicture* target;
    Grounds grounds;
    Duration overlap;
    Time until;
  };
  std::vector<std::optional<Grounds>> given = {};
  std::vector<Lost> lost = {};
};

// One of its accounts that is there, while it is looked at.
struct AccountWork {
  const TargetPicture& target;
  const policy::AccountClassDoc& type;
  const HeldAccount& held;
  const DesiredAccount* wanted = nullptr;        // nullptr: no role gives it
  bool first = true;                             // of the class; others only follow the lifecycle
  bool usable = true;                            // things may be added
  std::vector<model::ChangeId> before_severing;  // that revocations need
  std::vector<model::ChangeId> before_adding;    // that grants and updates need
  std::vector<std::size_t> revocations;          // planned here, by index in the plan
  bool something_stays = false;

  model::Scope scope(const GrantView& grant) const { return std::max(type.scope, grant.scope); }
};

// What is known already about the identities that are looked at; without it everything is found out here.
class Screened {
 public:
  virtual ~Screened() = default;
  // Ascending: of all others it is known that they are false for this identity.
  virtual std::vector<LineToAsk> lines(const model::Identity& identity) const = 0;
  // What is undecided about this identity is counted already.
  virtual bool counted(model::IdentityId identity) const = 0;
  // The attributes of the account are as the rules give them.
  virtual bool dressed(const model::AccountRef& account) const = 0;
};

// Any number of them make the parts of one plan, on several threads: each over a world of its own. What they do in
// common, names that must differ, comes after, one part after another in the order of identities (create()).
class Reconciler {
 public:
  // REQUIRES: all outlive it. `screened` may be nullptr.
  Reconciler(Draft& draft, const PlanRequest& request, const Fitting& fitting, const DutyRights& duties,
             const Screened* screened);
  // All identities of the picture's world, without accounts that are to be created.
  void everyone();
  // Those accounts; and what could not be decided before all changes of an identity were known. Once, after everyone().
  bool creates() const { return !waiting_.empty(); }
  void create(NameLedger& ledger);
  // Accounts in the picture's world that nobody claims.
  void nobodys();

 private:
  struct Pending {
    const TargetPicture* target;
    const policy::AccountClassDoc* type;
    const DesiredAccount* wanted;
  };
  struct Waiting {
    Who who;
    std::vector<Pending> accounts;
    std::vector<std::size_t> changes;  // of the identity so far, by index in the plan
  };

  // reconcile.cpp: who and where
  bool in_request(const TargetPicture& target) const;
  void one(const model::Identity& identity);
  void count_undecided(const Who& who);
  Cause cause_of(const Who& who, const Reason& reason, const TargetPicture& target) const;
  void in_class(Who& who, const TargetPicture& target, const policy::AccountClassDoc& type,
                const std::vector<HeldAccount>& accounts, std::vector<Pending>& pending);
  void account(Who& who, AccountWork& work);
  void create_all(Who& who, std::vector<Pending> pending, NameLedger& ledger);
  bool create(Who& who, const Pending& pending, NameLedger& ledger, bool last_chance);
  std::string login_for(Who& who, const Pending& pending, NameLedger& ledger, Change& change, std::string& trouble);
  void nobodys(const TargetPicture& target);

  // reconcile_account.cpp: state and attributes
  void gone(Who& who, const TargetPicture& target, const HeldAccount& held);
  void state(Who& who, AccountWork& work);
  void enable_or_hold(Who& who, AccountWork& work);
  void end_logins(Who& who, AccountWork& work, const Reason& reason, const Cause& cause);
  void unneeded(Who& who, AccountWork& work);
  void remove_later(Who& who, AccountWork& work);
  void attributes(Who& who, AccountWork& work);

  // reconcile_grants.cpp
  void grants(Who& who, AccountWork& work);
  void wanted_grant(Who& who, AccountWork& work, const GrantView& grant, const DesiredGrant& wanted);
  void more_than_wanted(Who& who, AccountWork& work, const GrantView& grant, const DesiredGrant& wanted,
                        const DecisionView* decision);
  void unwanted_grant(Who& who, AccountWork& work, const GrantView& grant);
  void no_longer_given(Who& who, AccountWork& work, const GrantView& grant, const DecisionView& decision);
  const Grounds& grounds_of(Who& who, const DesiredGrant& wanted, const TargetPicture& target) const;
  const Who::Lost& lost(Who& who, std::string_view rule, const TargetPicture& target) const;
  void missing_grant(Who& who, AccountWork& work, const DesiredGrant& wanted);
  void adopted_but_gone(Who& who, AccountWork& work, std::span<const GrantView> observed);
  void set_parameters(Who& who, AccountWork& work, const GrantView& grant, const DesiredGrant& wanted, Lane lane);
  void revoke(Who& who, AccountWork& work, const GrantView& grant, const Reason& reason, const Cause& cause);
  // For now, although nothing gives it any more.
  void stays(const Who& who, AccountWork& work, const GrantView& grant, const std::string& rule, Duration after,
             Time until);
  bool waits_for_step(const Who& who, AccountWork& work, const GrantView& grant);
  Time end_of_overlap(const Who& who, const policy::GrantLine& line, const Reason& reason) const;
  void drift_added(const TargetPicture& target, const HeldAccount& held, const GrantView& grant,
                   model::IdentityId identity, const std::string& note, const DesiredGrant* down_to, AccountWork* work);

  Draft& draft_;
  const PlanRequest& request_;
  const Picture& picture_;
  Duties duties_;
  NamesOf names_of_;
  const Fitting& fitting_;
  const Screened* screened_;
  std::vector<Waiting> waiting_;
};

// Managed, and asked for.
bool in_request(const PlanRequest& request, const TargetPicture& target);
// A change on an account that is there, without cause and reason.
Change change_on(const TargetPicture& target, const HeldAccount& held, model::IdentityId identity, Verb verb,
                 Lane lane);
Change grant_change(const TargetPicture& target, const HeldAccount& held, model::IdentityId identity, Verb verb,
                    Lane lane, const model::EntitlementId& entitlement, const model::Parameters& parameters);
// A finding about a grant of the baseline, shown until somebody decides.
void find_unexplained(Draft& draft, const TargetPicture& target, const HeldAccount& held, const GrantView& grant,
                      model::IdentityId identity, const std::string& owner, Time deadline);
std::string owner_of(const TargetPicture& target, const model::EntitlementId& entitlement);
// `vpn`, `PAY.DATA {"access":"READ"}`
std::string shown(const model::EntitlementId& entitlement, const model::Parameters& parameters);

}  // namespace tenure::plan
