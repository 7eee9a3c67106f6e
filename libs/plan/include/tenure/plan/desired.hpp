// The desired state of one identity, with the reasons: which accounts it should have, and what they should hold.
//
// Unknown is not none: where a role's condition cannot be decided, what the role could give is *kept* (neither added
// nor removed) and the attribute that is missing is listed. Whether a role gives anything in a lifecycle state is said
// by the policy; when the state is an end (left, retired, revoking; leaving, unless its accounts stay enabled) nothing
// is kept.
//
// Values; no I/O; any thread. Lifetimes: a Desired refers to the policy set it was made from.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <tenure/model/access.hpp>
#include <tenure/model/assignment.hpp>
#include <tenure/model/identity.hpp>
#include <tenure/plan/plan.hpp>
#include <tenure/policy/evaluate.hpp>
#include <tenure/policy/policy_set.hpp>

namespace tenure::plan {

// Why something is given or kept. Words are made of it when somebody asks (Desired::reason): of what is as it should be
// nobody does.
struct Because {
  const policy::GrantLine* line = nullptr;
  const model::Assignment* assignment =
      nullptr;                                 // that asks for it; nullptr: the rule gives it to whoever it is true of
  std::optional<policy::FactList> facts = {};  // of a parametric line, those of its values included
  std::string value = {};                      // of a parametric line
};

struct DesiredGrant {
  const policy::RoleGrant::Entitled* right = nullptr;  // of the policy, or made for the Desired
  std::uint32_t because = 0;                           // in Desired::because; of several roles that give the same, the
                                                       // first by name
  const model::EntitlementId& entitlement() const { return right->id; }
  const model::Parameters& parameters() const { return right->parameters; }
};

// At most one account per target and class.
struct DesiredAccount {
  const model::TargetName* target = nullptr;
  const std::string* account_class = nullptr;
  std::uint32_t because = 0;                       // a reason without its term
  std::vector<const policy::RoleGrant*> given_by;  // in order of role name; for attributes and names
  std::vector<DesiredGrant> grants;                // ordered by entitlement, parameters
};

// What stays if it is there, and is not added if it is not.
struct Kept {
  const policy::GrantLine* line = nullptr;  // in which account
  model::EntitlementId entitlement = {};    // empty: the account itself
  model::Parameters parameters = {};
  bool any_parameters = false;  // whatever the parameters are
};

// A line that cannot be decided.
struct Doubt {
  const policy::GrantLine* line = nullptr;
  std::vector<std::string> because;  // "attribute level"; "role sales" when no attribute that it reads is unknown
};

// What a line would give for a value and must not: nothing is made up.
struct Refused {
  model::TargetName target;
  std::string rule;  // "role project-member"
  std::string why;   // "directory has no entitlement project-zeta"
};

struct Desired {
  model::IdentityId identity;
  model::LifecycleState state = model::LifecycleState::kActive;
  model::AccountState account_state = model::AccountState::kEnabled;
  std::vector<DesiredAccount> accounts;  // ordered by target, class
  std::vector<Because> because;
  std::vector<Kept> kept;
  std::vector<const policy::GrantLine*> kept_lines;  // of which everything stays: plain ones that cannot be decided
  std::vector<const policy::GrantLine*> given;       // lines that give something, those of rules first
  std::vector<Doubt> doubts;
  std::vector<Refused> refused;
  // Why conditions are unknown, and what cannot be given: "level is unknown", "directory has no entitlement x";
  // ordered.
  std::vector<std::string> troubles;

  bool ended() const;  // nothing stays, whatever explains it
  const DesiredAccount* account(const model::TargetName& target, std::string_view account_class) const;
  // Whether the grant stays although it is not desired: the parameters of what keeps it.
  const model::Parameters* keeps(const policy::TargetDoc& target, std::string_view account_class,
                                 const model::EntitlementId& entitlement, const model::Parameters& parameters) const;
  bool keeps_account(const model::TargetName& target, std::string_view account_class) const;
  // `subject`: of whom this is.
  Reason reason(const policy::Subject& subject, std::uint32_t because) const;

  std::deque<policy::RoleGrant::Entitled> made;  // rights that are in no document: values and unions of parameters
};

// A line of which something is known already.
struct LineToAsk {
  enum class Known : std::uint8_t {
    kNothing,
    kTrue,
    kUndecided  // and listed as such: nothing but what stays because of it is asked
  };
  std::uint32_t number = 0;  // in policy.lines
  Known known = Known::kNothing;
};

// `state` says what the lifecycle rules make of the identity at the time in question (policy::lifecycle_state). Of all
// lines only `lines`, in ascending order, are looked at: for a caller who knows that all others are false for this
// identity. `assignments` are those of the identity that hold at the time in question, by id; they outlive the result.
Desired desired_of(const policy::PolicySet& policy, const policy::Subject& subject, model::IdentityId identity,
                   model::LifecycleState state, const std::optional<std::span<const LineToAsk>>& lines = std::nullopt,
                   std::span<const model::Assignment* const> assignments = {});

// The id of the assignment that a reason's rule names ("request A-0123456789ab"); "" when it names none.
std::string assignment_of(const std::string& rule);

// "department = Finance, level = 5"; "always" when it rests on nothing.
std::string text_of(const std::vector<std::pair<std::string, json::Value>>& facts);

}  // namespace tenure::plan
