#include "world.hpp"

#include "connections.hpp"
#include "state.hpp"

#include <tenure/engine/rows.hpp>
#include <tenure/plan/guard.hpp>
#include <tenure/runtime/reader.hpp>

namespace tenure::app {
namespace {

using store::Table;

Status load_targets(Workspace& workspace, store::Snapshot& snapshot, plan::World& world) {
  for (const auto& [name, target] : workspace.policy().targets) {
    plan::TargetView view;
    TENURE_TRY(const auto state, load_target_state(snapshot, name));
    view.state = state.value_or(model::TargetState{});
    view.state.target = name;
    TENURE_TRY(view.observed, runtime::load_observation(snapshot, name));
    if (const auto connector = connector_of(workspace, target.connector)) {
      const connector::Manifest& manifest = (*connector)->manifest();
      view.ends_sessions = manifest.ends_sessions;
      if (!manifest.own_restriction.empty()) view.own_restriction = manifest.own_restriction;
    }
    world.targets.emplace(name, std::move(view));
  }
  return {};
}

Status load_silent_sources(Workspace& workspace, store::Snapshot& snapshot, plan::World& world) {
  for (const auto& [name, source] : workspace.policy().sources) {
    TENURE_TRY(const auto row, snapshot.get(Table::kFeed, name.str()));
    if (!row || row->index.state != "accepted") world.silent_sources.insert(name);
  }
  return {};
}

Status load_names(store::Snapshot& snapshot, plan::World& world) {
  TENURE_TRY(auto rows, load_documents<model::NameTaken>(snapshot, {Table::kName}, model::name_from_json));
  for (auto& name : rows) world.names.emplace(model::row_id(name), std::move(name));
  return {};
}

plan::CountedChange counted(const engine::ChangeRow& row, const std::string& root, Time at) {
  const plan::Change& change = row.change;
  return {at,
          root,
          change.target,
          change.verb,
          change.lane,
          row.account,
          change.account.name,
          change.identity,
          change.risk,
          change.account_class,
          change.entitlement};
}

using Roots = std::map<model::CauseId, std::string>;

Result<Roots> load_roots(store::Snapshot& snapshot) {
  TENURE_TRY(const auto cases, load_documents<engine::CaseRow>(snapshot, {Table::kCase}, engine::case_row_from_json));
  Roots roots;
  for (const auto& row : cases) roots[row.cause.id] = row.cause.root;
  return roots;
}

// What ended lately and what is on its way count in the rolling guards.
Status add_history(Workspace& workspace, store::Snapshot& snapshot, const std::vector<engine::ChangeRow>& open,
                   plan::Setting& setting) {
  TENURE_TRY(const Roots roots, load_roots(snapshot));
  const Duration window = plan::longest_window(workspace.policy());
  const auto add = [&](const engine::ChangeRow& row, Time at) {
    const auto root = roots.find(row.change.cause);
    setting.history.push_back(counted(row, root == roots.end() ? "" : root->second, at));
  };
  for (const auto& row : open) add(row, setting.now);
  TENURE_TRY(const auto done, load_documents<engine::ChangeRow>(snapshot, {Table::kDone, std::nullopt, "done"},
                                                                engine::change_row_from_json));
  for (const auto& row : done)
    if (row.ended_at + window > setting.now) add(row, row.ended_at);
  return {};
}

// Open changes must not be planned again.
Status load_changes(Workspace& workspace, store::Snapshot& snapshot, plan::World& world) {
  TENURE_TRY(const auto open,
             load_documents<engine::ChangeRow>(snapshot, {Table::kChange}, engine::change_row_from_json));
  for (const auto& row : open)
    world.in_flight.push_back({row.change.id,
                               {row.change.target, row.account},
                               row.change.entitlement,
                               std::string(plan::name_of(row.change.verb)),
                               row.change.account.name,
                               row.change.identity});
  return add_history(workspace, snapshot, open, world);
}

}  // namespace

Result<plan::World> load_world(Workspace& workspace, store::Snapshot& snapshot) {
  plan::World world;
  world.now = workspace.clock().now();
  TENURE_TRY(world.identities, load_identities(snapshot));
  TENURE_CHECK_OK(load_targets(workspace, snapshot, world));
  TENURE_TRY(world.claims, load_claims(snapshot));
  TENURE_TRY(world.decisions, load_decisions(snapshot));
  TENURE_TRY(world.findings, load_findings(snapshot));
  TENURE_CHECK_OK(load_names(snapshot, world));
  TENURE_CHECK_OK(load_changes(workspace, snapshot, world));
  TENURE_CHECK_OK(load_silent_sources(workspace, snapshot, world));
  // A policy set that no plan was made under yet is in force from this plan on (plans.cpp writes it down).
  world.policy_since = world.now;
  TENURE_TRY(const auto active, snapshot.get(Table::kMeta, "policy"));
  if (active) {
    TENURE_TRY(const json::Value value, json::parse(active->body));
    if (value.string_or("digest", "") == workspace.policy().digest.str()) {
      TENURE_TRY(world.policy_since, Time::parse(value.string_or("since", "")));
    }
  }
  return world;
}

Result<plan::World> load_people(Workspace& workspace) {
  TENURE_TRY(const auto snapshot, workspace.store().snapshot());
  plan::World world;
  world.now = workspace.clock().now();
  TENURE_TRY(world.identities, load_identities(*snapshot));
  TENURE_CHECK_OK(load_targets(workspace, *snapshot, world));
  TENURE_TRY(world.claims, load_claims(*snapshot));
  return world;
}

Result<plan::World> load_world(Workspace& workspace) {
  TENURE_TRY(const auto snapshot, workspace.store().snapshot());
  return load_world(workspace, *snapshot);
}

}  // namespace tenure::app
