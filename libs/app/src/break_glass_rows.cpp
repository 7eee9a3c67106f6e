#include "break_glass_rows.hpp"

#include "people.hpp"
#include "state.hpp"

#include <algorithm>

namespace tenure::app {

using governance::BreakGlass;
using store::Table;

store::Write write_of(const BreakGlass& glass) {
  const Time due = glass.state == governance::BreakGlassState::kAsked ? glass.confirm_by : glass.review_by;
  return {Table::kBreakGlass,
          glass.id,
          store::kAnyVersion,
          false,
          {glass.opened_by, std::string(governance::name_of(glass.state)), due == Time::never() ? 0 : due.to_micros()},
          json::to_string(governance::to_json(glass))};
}

Result<std::vector<BreakGlass>> load_break_glass(store::Snapshot& snapshot) {
  return load_documents<BreakGlass>(snapshot, {Table::kBreakGlass}, governance::break_glass_from_json);
}

Result<BreakGlass> find_break_glass(Workspace& workspace, const std::string& id) {
  TENURE_TRY(const auto snapshot, workspace.store().snapshot());
  TENURE_TRY(const auto all, load_break_glass(*snapshot));
  const BreakGlass* found = nullptr;
  for (const auto& glass : all) {
    if (id.empty() || !glass.id.starts_with(id)) continue;
    if (found != nullptr) return fail(Reason::kBreakGlassNotFound, "more than one break-glass begins with " + id);
    found = &glass;
  }
  if (found == nullptr) return fail(Reason::kBreakGlassNotFound, "there is no break-glass \"" + id + "\"");
  return *found;
}

Result<const policy::BreakGlassRule*> rule_for(Workspace& workspace, const plan::World& world,
                                               const std::set<model::TargetName>& targets) {
  const auto roles = roles_of(workspace.policy(), world, workspace.actor().name);
  for (const auto& rule : workspace.policy().break_glass) {
    const bool may = std::any_of(roles.begin(), roles.end(), [&](const std::string& role) {
      return std::find(rule.who.begin(), rule.who.end(), role) != rule.who.end();
    });
    const bool covers = std::all_of(targets.begin(), targets.end(), [&](const auto& target) {
      return rule.targets.empty() || std::any_of(rule.targets.begin(), rule.targets.end(), [&](const auto& glob) {
               return policy::matches_glob(glob, target.str());
             });
    });
    if (may && covers) return &rule;
  }
  return fail(Reason::kBreakGlassRefused,
              workspace.policy().break_glass.empty()
                  ? "the policy has no BreakGlass document"
                  : "no BreakGlass document lets " + workspace.actor().name + " have these targets");
}

governance::BreakGlassTerms terms_of(const policy::BreakGlassRule& rule) {
  return {rule.name, rule.term_max, rule.confirm_within, rule.review_within, rule.who, rule.confirm, rule.reviewers};
}

Result<std::set<model::TargetName>> targets_named(const Workspace& workspace, const std::vector<std::string>& names) {
  std::set<model::TargetName> targets;
  for (const auto& name : names) {
    if (!workspace.policy().targets.contains(model::TargetName(name)))
      return fail(Reason::kNotFound, "the policy has no target \"" + name + "\"");
    targets.insert(model::TargetName(name));
  }
  return targets;
}

std::string short_id(Workspace& workspace, const char* prefix) {
  return prefix + workspace.environment().random.uuid().substr(0, 8);
}

}  // namespace tenure::app
