// Who acts: from what a person typed to the natural person, so that nobody approves for themselves under another name.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <tenure/app/workspace.hpp>
#include <tenure/governance/approval.hpp>
#include <tenure/governance/transition.hpp>
#include <tenure/model/identity.hpp>
#include <tenure/plan/world.hpp>
#include <tenure/population/population.hpp>

namespace tenure::app {

// The identity that a name means: its key ("P00123"), the login of an account it holds ("ana.ash", "adm-ana.ash"), or
// nothing for an operator whom no source knows.
const model::Identity* find_identity(const plan::World& world, const std::string& name);
// kNotFound with the nearest names.
Result<const model::Identity*> must_find_identity(const plan::World& world, const std::string& name);

// The same among everybody in memory.
std::optional<population::IdentityIndex> find_identity(const population::Population& everybody,
                                                       const std::string& name);
Result<population::IdentityIndex> must_find_identity(const population::Population& everybody, const std::string& name);

governance::Person person_of(const plan::World& world, const std::string& name);
// Names of the operators' groups that the person is in, the names that they have there, plus the person's own name.
std::vector<std::string> roles_of(const policy::PolicySet& policy, const plan::World& world, const std::string& name);
// For whom the person may act at this time: those who name them as their deputy in the settings, and identities with a
// relation "deputy" to theirs. Ordered by id. A deputy's deputy is nobody's.
std::vector<governance::Principal> principals_of(const policy::PolicySet& policy, const plan::World& world,
                                                 const std::string& name, Time now);
// Ids of the natural persons (as person_of gives them) who receive access by the plan.
std::vector<std::string> beneficiaries_of(const plan::World& world, const plan::Plan& plan);
// And of those whose access it ends.
std::vector<std::string> losers_of(const plan::World& world, const plan::Plan& plan);

}  // namespace tenure::app
