// What role documents say: whom a role is given to, what it gives, and what it leads to that people ask for.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <tenure/base/diagnostic.hpp>
#include <tenure/base/json.hpp>
#include <tenure/base/time.hpp>
#include <tenure/model/access.hpp>
#include <tenure/model/identity.hpp>
#include <tenure/model/ids.hpp>
#include <tenure/policy/expression.hpp>

namespace tenure::policy {

enum class Strength : std::uint8_t { kInitial, kEnforced };

// `account` is what was allocated to the identity, whatever the target: `account.uid` means the same name everywhere.
struct AttributeRule {
  std::string attribute;
  Expression value;  // over `identity` and `account`; string, int, bool or list of strings; null = the account has none
  Strength strength = Strength::kEnforced;
};

// A unique name: an allocation, not an expression. Candidates: value, then value2, value3, ... (candidate() in
// evaluate.hpp). An attribute is allocated in one account class of one target; elsewhere it is read as account.<name>.
struct AllocationRule {
  std::string attribute;  // "uid"; the account's login when `is_login`
  Expression value;       // over `identity`
  bool is_login = false;
  std::size_t length_max = 0;  // 0 = none; the number counts
};

// Where a name of `account` is allocated.
struct AllocationPlace {
  model::TargetName target;
  std::string account_class;
  const AllocationRule* rule = nullptr;
};

// Allocations, attributes and login come from the `account` block of the account class; they are repeated here, so that
// a grant is complete. They are equal in all grants of one class.
struct RoleGrant {
  model::TargetName target;
  std::string account_class;                // which class of the target; its purpose follows
  std::vector<AllocationRule> allocations;  // when the account must be created
  std::vector<AttributeRule> attributes;
  std::optional<Expression> login;  // login that is not allocated: same as another target's name
  struct Entitled {
    model::EntitlementId id;
    model::Parameters parameters;
  };
  std::vector<Entitled> entitlements;
  // Of a parametric role: entitlements with "{variable}" in the id or in values of parameters; expand() in
  // parametric.hpp says what they are for a value.
  struct Pattern {
    std::string id;
    std::map<std::string, std::string> parameters;
  };
  std::vector<Pattern> patterns;
  std::optional<Expression> when;
  std::optional<Duration> term;
};

// A parametric role is given once for every value.
struct ForEach {
  std::string variable;  // "project"
  Expression values;     // over `identity`: text (one value; "" and null: none) or a list of texts
};

// Who may ask for a role, or for a single entitlement.
struct RequestDoc {
  std::optional<Expression> allowed_if;  // over the `identity` that would hold it; absent: anybody
  Duration term_max;                     // 0 = no limit
  bool justification = true;             // a reason is required
  int approvals = 1;                     // persons who are neither requester nor subject
  std::vector<std::string> approvers;    // groups or persons; empty = any operator
};

struct Included {
  model::RoleName role;
  Place place;
};

struct RoleExample {
  json::Value identity;                                   // attributes
  std::map<std::string, std::vector<std::string>> holds;  // target -> entitlements
  std::map<std::string, std::vector<std::string>> holds_not;
  std::optional<bool> may_request;
  std::optional<std::vector<std::string>> conflicts;  // names of SeparationOfDuties documents that it would violate
  Place place;
};

// "role sales-rep"; "entitlement directory:vpn-users" of a right that is asked for by itself (PolicySet::rights).
std::string shown(const model::RoleName& role);

struct RoleDoc {
  model::RoleName name;
  std::string title;
  std::string owner;
  std::optional<Expression> assign;           // over `identity`: birthright; absent: only by request or inclusion
  std::vector<model::LifecycleState> states;  // in which it applies; default: LifecycleDoc::roles_apply_in
  std::vector<Included> includes;             // roles whose grants are given to whoever is given this one
  std::optional<ForEach> for_each;
  std::optional<RequestDoc> request;
  std::vector<RoleGrant> grants;
  // on_leave_role.overlap: what the role gave is taken only so long after its condition became false.
  Duration overlap;
  // on_join_role.gap: what it gives waits until what these roles gave is proven to be gone.
  std::vector<model::RoleName> gap;
  std::vector<RoleExample> examples;
  Place place;
};

// One grant of a role with everything that it takes: what the planner walks, by row, and the screen, by column. Whoever
// is in one of `states`, is of `kind`, and for whom all conditions hold, is given `grant`; of a parametric line, once
// for every value of `for_each`.
struct GrantLine {
  model::RoleName role;                       // in which the grant stands
  std::vector<model::RoleName> through;       // roles that include it, outermost first; empty: it is assigned itself
  std::string rule;                           // as reasons name it: "role sales-rep", "role sales-lead > sales-rep"
  std::vector<const Expression*> conditions;  // over `identity`: `assign` of the outermost role, then `when`
  std::vector<model::LifecycleState> states;  // those of all roles on the way
  model::IdentityKind kind = model::IdentityKind::kPerson;  // of the account class
  const RoleGrant* grant = nullptr;
  const ForEach* for_each = nullptr;  // not parametric: nullptr

  // The role that is assigned.
  const model::RoleName& outermost() const { return through.empty() ? role : through.front(); }
  // The role itself or one that includes it on this way.
  bool is_of(const model::RoleName& name) const;
};

// --- separation of duties
// ----------------------------------------------------------------------------------------------

// Holding any of the roles, or of the entitlements (also through nesting in the target), is having the duty.
struct Duty {
  struct Right {
    model::TargetName target;
    model::EntitlementId entitlement;
    friend auto operator<=>(const Right&, const Right&) = default;
  };
  std::string name;  // "enter payments"
  std::vector<model::RoleName> roles;
  std::vector<Right> rights;
};

struct DutiesDoc {
  std::string name;
  std::string title;
  std::string owner;
  std::vector<Duty> duties;  // at most 64
  int at_most = 1;           // of them in one identity
  // Allowed for whoever has a named, approved exception that has not ended; else prevented for everybody.
  bool exceptions = false;
  Duration exception_max;  // 0 = no limit; an exception always ends
  int approvals = 1;       // of an exception
  std::vector<std::string> approvers;
  Place place;
};

// How long decisions of people rest on the facts that they were made under.
struct AssignmentTerms {
  // How a single entitlement of that risk is asked for, unless the catalogue says otherwise.
  std::map<model::Risk, RequestDoc> by_risk;
  Duration decide_again_within = Duration::days(14);
  // Attributes that every decision rests on, besides those that its own rule reads; in byte order. Default: those that
  // conditions of roles read.
  std::vector<std::string> rest_on;
};

}  // namespace tenure::policy
