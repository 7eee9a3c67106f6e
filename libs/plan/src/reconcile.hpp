// desired - observed, over what is managed.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <tenure/plan/allocate.hpp>
#include <tenure/plan/desired.hpp>
#include <tenure/plan/planner.hpp>

#include "draft.hpp"
#include "judge.hpp"

namespace tenure::plan {

class Reconciler {
 public:
  Reconciler(Draft& draft, const PlanRequest& request);
  void run();

 private:
  struct Subject {
    const model::Identity& identity;
    Desired desired;
    std::map<model::TargetName, std::string> logins;
    std::int64_t withheld = 0;  // changes that unknown attributes of the identity keep back
  };
  // One account of the subject, while it is looked at.
  struct Account {
    const TargetPicture& target;
    const policy::AccountClassDoc& type;
    const HeldAccount& held;
    const DesiredAccount* wanted = nullptr;  // nullptr: no role gives it
    bool usable = true;                      // things may be added
    std::vector<model::ChangeId> before_severing;  // that revocations need
    std::vector<model::ChangeId> before_adding;    // that grants and updates need
    std::vector<std::size_t> revocations;          // planned here, by index
    bool something_stays = false;
  };
  struct Pending {
    const TargetPicture* target;
    const policy::AccountClassDoc* type;
    const DesiredAccount* wanted;
  };

  bool in_request(const TargetPicture& target) const;
  void subject(const model::Identity& identity);
  void in_class(Subject& subject, const TargetPicture& target, const policy::AccountClassDoc& type,
                const std::vector<HeldAccount>& held, std::vector<Pending>& pending);
  void absent_account(Subject& subject, const TargetPicture& target, const HeldAccount& held, bool wanted);

  void account(Subject& subject, Account& account);
  void state_of(Subject& subject, Account& account);
  void end_logins(Subject& subject, Account& account, Reason reason, const Cause& cause);
  void enable_or_hold(Subject& subject, Account& account);
  void unneeded(Subject& subject, Account& account);
  void remove_later(Subject& subject, Account& account);
  void attributes(Subject& subject, Account& account);

  void held_grant(Subject& subject, Account& account, const model::Grant& grant);
  void wanted_grant(Subject& subject, Account& account, const model::Grant& grant, const DesiredGrant& wanted);
  void unwanted_grant(Subject& subject, Account& account, const model::Grant& grant);
  void end_of_rule(Subject& subject, Account& account, const model::Grant& grant, const model::Decision& decision);
  void missing_grant(Subject& subject, Account& account, const DesiredGrant& wanted);
  void adopted_but_gone(Subject& subject, Account& account, const std::vector<model::Grant>& observed);
  void drift_added(const Account& account, const model::Grant& grant, model::IdentityId identity, std::string note);
  void set_parameters(Subject& subject, Account& account, const model::Grant& grant, const DesiredGrant& wanted,
                      Lane lane);
  model::ChangeId revoke(const Account& account, const model::Grant& grant, model::IdentityId identity, Reason reason,
                         const Cause& cause);

  void create_all(Subject& subject, std::vector<Pending> pending);
  // False: the login follows one that is not known yet.
  bool create(Subject& subject, const Pending& pending, bool last_chance);
  void nobodys(const TargetPicture& target);
  void find_fitting(const TargetPicture& target);

  Draft& draft_;
  const PlanRequest& request_;
  const Picture& picture_;
  NameLedger names_;
  // Unclaimed accounts that would fit somebody: nothing is created beside them.
  std::map<std::tuple<model::IdentityId, model::TargetName, std::string>, std::string> fitting_;
  std::map<model::AccountRef, model::IdentityId> fits_;
};

// A change on an account that is there.
Change change_on(const TargetPicture& target, const HeldAccount& held, model::IdentityId identity, Verb verb, Lane lane);
// Findings about the baseline, shown until somebody decides.
void find_unexplained(Draft& draft, const TargetPicture& target, const model::AccountRef& ref, const std::string& name,
                      const model::Grant& grant, model::IdentityId identity, const std::string& owner, Time deadline);
// "vpn", "PAY.DATA {"access":"READ"}"
std::string shown(const model::EntitlementId& entitlement, const model::Parameters& parameters);

}  // namespace tenure::plan
