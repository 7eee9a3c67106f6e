// Why somebody holds something, and who can reach something: over what was read, decided and ruled. Values; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <tenure/plan/plan.hpp>
#include <tenure/plan/world.hpp>
#include <tenure/policy/policy_set.hpp>

namespace tenure::population {
class Population;
}

namespace tenure::plan {

// One way from an account to an entitlement: directly, or through nesting. The first element is what the account holds,
// the last what was asked about: {"dept-sales", "crm-users"}.
using AccessPath = std::vector<model::EntitlementId>;

// What of a path's first step explains that it is there.
enum class Standing : std::uint8_t {
  kRule,         // a role gives it, and Tenure knows it
  kDecision,     // adopted, accepted or declared by a person
  kBaseline,     // there when the target came under management; nobody has explained it
  kUnexplained,  // neither rule nor decision
  kOutside       // outside the managed scope: seen, not decided about
};

struct Explanation {
  model::AccountRef account;
  std::string account_name;
  bool enabled = true;
  AccessPath path;
  model::Parameters parameters;  // of the first step
  Standing standing = Standing::kUnexplained;
  std::optional<Reason> rule;               // kRule: by the rules as they are now
  std::optional<model::Decision> decision;  // about the first step, if any
};

struct Why {
  model::IdentityId identity;
  model::LifecycleState state = model::LifecycleState::kActive;
  std::vector<Explanation> held;     // ordered by account, path
  std::optional<Reason> wanted;      // the rule that asks for it, whether or not it is held
  std::vector<std::string> unknown;  // why the answer is not whole: the target does not answer, "level is unknown"
  // For people, one after another: "aberg (directory) holds crm-users through dept-sales", "role dept-sales gives
  // dept-sales: department = Sales".
  std::vector<std::string> sentences;
};

// Error kNotFound: no such identity or target. Looks at that identity alone.
Result<Why> why(const policy::PolicySet& policy, const population::Population& population, const Setting& setting,
                model::IdentityId identity, const model::TargetName& target, const model::EntitlementId& entitlement);
Result<Why> why(const policy::PolicySet& policy, const World& world, model::IdentityId identity,
                const model::TargetName& target, const model::EntitlementId& entitlement);

struct Reach {
  model::AccountRef account;
  std::string account_name;
  bool enabled = true;            // of the account; a disabled one reaches nothing now, and is listed
  model::IdentityId identity;     // not valid(): nobody's account
  std::vector<AccessPath> paths;  // shortest first, then by name; each entitlement at most once in a path
};

struct WhoCan {
  std::vector<Reach> reach;          // ordered by identity, account
  std::vector<std::string> unknown;  // what was not read
};

// Error kNotFound: no such target.
Result<WhoCan> who_can(const policy::PolicySet& policy, const population::Population& population,
                       const Setting& setting, const model::TargetName& target,
                       const model::EntitlementId& entitlement);

std::string_view name_of(Standing standing);

}  // namespace tenure::plan
