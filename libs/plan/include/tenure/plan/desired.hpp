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
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <tenure/model/access.hpp>
#include <tenure/model/assignment.hpp>
#include <tenure/model/identity.hpp>
#include <tenure/plan/plan.hpp>
#include <tenure/policy/policy_set.hpp>

namespace tenure::policy {
class Subject;
}

namespace tenure::plan {

struct DesiredGrant {
  model::EntitlementId entitlement;
  model::Parameters parameters;
  Reason reason;  // names the role; of several roles that give the same, the first by name
  friend bool operator==(const DesiredGrant&, const DesiredGrant&) = default;
};

// At most one account per target and class.
struct DesiredAccount {
  model::TargetName target;
  std::string account_class;
  model::Purpose purpose = model::Purpose::kNormal;
  Reason reason;
  std::vector<const policy::RoleGrant*> given_by;  // in order of role name; for attributes and names
  std::vector<DesiredGrant> grants;                // ordered by entitlement, parameters
};

// What stays if it is there, and is not added if it is not.
struct Kept {
  model::TargetName target;
  std::string account_class;
  model::EntitlementId entitlement;  // empty: the account itself
  model::Parameters parameters;
  Reason reason;
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
  std::vector<Kept> kept;
  std::vector<const policy::GrantLine*> given;  // lines that give something, those of rules first
  std::vector<Doubt> doubts;
  std::vector<Refused> refused;
  // Why conditions are unknown, and what cannot be given: "level is unknown", "directory has no entitlement x";
  // ordered.
  std::vector<std::string> troubles;

  bool ended() const;  // nothing stays, whatever explains it
  const DesiredAccount* account(const model::TargetName& target, std::string_view account_class) const;
  // Whether the grant stays although it is not desired.
  const Kept* keeps(const policy::TargetDoc& target, std::string_view account_class,
                    const model::EntitlementId& entitlement, const model::Parameters& parameters) const;
  const Kept* keeps_account(const model::TargetName& target, std::string_view account_class) const;
};

// `state` says what the lifecycle rules make of the identity at the time in question (policy::lifecycle_state). Of
// `lines`, numbers in policy.lines in ascending order, only those are looked at: for a caller who knows that all others
// are false for this identity. `assignments` are those of the identity that hold at the time in question, by id.
Desired desired_of(const policy::PolicySet& policy, const policy::Subject& subject, model::IdentityId identity,
                   model::LifecycleState state,
                   const std::optional<std::span<const std::uint32_t>>& lines = std::nullopt,
                   std::span<const model::Assignment* const> assignments = {});

// The id of the assignment that a reason's rule names ("request A-0123456789ab"); "" when it names none.
std::string assignment_of(const std::string& rule);

// "department = Finance, level = 5"; "always" when it rests on nothing.
std::string text_of(const std::vector<std::pair<std::string, json::Value>>& facts);

}  // namespace tenure::plan
