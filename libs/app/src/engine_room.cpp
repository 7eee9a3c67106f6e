#include "engine_room.hpp"

#include "connections.hpp"

namespace tenure::app {
namespace {

// "grant: PERMIT ..." lines of the target document, by verb.
governance::WorkTemplates templates_of(const policy::TargetDoc& target) {
  governance::WorkTemplates templates;
  templates.owner = target.owner;
  templates.term = target.work_order_deadline;
  templates.readable = target.readable;
  for (const auto& level : target.work_order_escalation) templates.escalation.push_back({level.after, level.to});
  for (const auto& line : target.work_order_steps) {
    const std::size_t colon = line.find(": ");
    if (colon != std::string::npos) templates.steps[line.substr(0, colon)].push_back(line.substr(colon + 2));
  }
  return templates;
}

}  // namespace

Result<std::unique_ptr<EngineRoom>> EngineRoom::open(Workspace& workspace) {
  std::vector<engine::TargetProfile> profiles;
  for (const auto& [name, target] : workspace.policy().targets) {
    TENURE_TRY(const auto* connector, connector_of(workspace, target.connector));
    engine::TargetProfile profile = runtime::profile_of(name, connector->manifest());
    profile.manual = profile.manual || target.manual;
    profile.concurrency_max = target.limits.concurrency;
    profile.writes_per_second = target.limits.writes_per_second;
    profile.work = templates_of(target);
    profiles.push_back(std::move(profile));
  }
  std::unique_ptr<EngineRoom> room(new EngineRoom(workspace));
  room->executor_ = std::make_unique<runtime::Executor>(
      runtime::Services{workspace.store(), *room, workspace.clock(), workspace.environment().random},
      std::move(profiles));
  TENURE_CHECK_OK(room->executor_->resume());
  return room;
}

Result<std::unique_ptr<connector::Connection>> EngineRoom::open(const model::TargetName& target) {
  const auto it = workspace_.policy().targets.find(target);
  if (it == workspace_.policy().targets.end())
    return fail(Reason::kPolicyReference, "the policy has no target " + target.str() + " any more");
  return open_target(workspace_, it->second);
}

}  // namespace tenure::app
