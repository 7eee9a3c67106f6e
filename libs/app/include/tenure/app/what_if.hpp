// Who would gain and who would lose what, if the rules or somebody's facts were others. Nothing is touched or recorded.
#pragma once

#include <map>
#include <optional>
#include <string>

#include <tenure/app/workspace.hpp>
#include <tenure/plan/impact.hpp>

namespace tenure::app {

struct WhatIf {
  Digest before, after;  // policies; equal when facts were edited
  plan::Impact impact;
  std::map<model::IdentityId, std::string> keys;  // of everybody in the impact, for people
};

// Everybody under the documents of another folder. nullopt after diagnostics when it does not load.
Result<std::optional<WhatIf>> what_if_policy(Workspace& workspace, const std::string& folder, Diagnostics& diagnostics);

// One identity with other facts: attribute -> text as a feed would give it; "" = there is none. Errors: kNotFound for
// the identity or an attribute that is not declared; kUsage for a text that its type does not allow.
Result<WhatIf> what_if_facts(Workspace& workspace, const std::string& identity,
                             const std::map<std::string, std::string>& facts);

}  // namespace tenure::app
