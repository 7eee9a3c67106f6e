// Rows of break-glasses and kits, and who may what.
#pragma once

#include <string>
#include <vector>

#include <tenure/app/workspace.hpp>
#include <tenure/governance/break_glass.hpp>
#include <tenure/plan/world.hpp>
#include <tenure/policy/policy_set.hpp>

namespace tenure::app {

store::Write write_of(const governance::BreakGlass& glass);
Result<std::vector<governance::BreakGlass>> load_break_glass(store::Snapshot& snapshot);
Result<governance::BreakGlass> find_break_glass(Workspace& workspace, const std::string& id);
// kBreakGlassRefused when the policy has no rule that lets the actor have all these targets.
Result<const policy::BreakGlassRule*> rule_for(Workspace& workspace, const plan::World& world,
                                               const std::set<model::TargetName>& targets);
governance::BreakGlassTerms terms_of(const policy::BreakGlassRule& rule);
// kNotFound names the target.
Result<std::set<model::TargetName>> targets_named(const Workspace& workspace, const std::vector<std::string>& names);
std::string short_id(Workspace& workspace, const char* prefix);  // "B-" and 8 hexadecimal digits

}  // namespace tenure::app
