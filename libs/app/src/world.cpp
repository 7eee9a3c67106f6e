#include "world.hpp"

#include "connections.hpp"
#include "state.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include <tenure/app/population.hpp>
#include <tenure/engine/rows.hpp>
#include <tenure/plan/extract.hpp>
#include <tenure/plan/guard.hpp>

namespace tenure::app {
namespace {

using store::Table;

Status load_targets(Workspace& workspace, store::Snapshot& snapshot, const population::Population& population,
                    plan::Setting& setting) {
  for (const auto& [name, target] : workspace.policy().targets) {
    plan::TargetView view;
    TENURE_TRY(const auto state, load_target_state(snapshot, name));
    view.state = state.value_or(model::TargetState{});
    view.state.target = name;
    if (const auto* accounts = population.accounts(name)) view.observed = accounts->reading();
    if (const auto connector = connector_of(workspace, target.connector)) {
      const connector::Manifest& manifest = (*connector)->manifest();
      view.ends_sessions = manifest.ends_sessions;
      if (!manifest.own_restriction.empty()) view.own_restriction = manifest.own_restriction;
    }
    setting.targets.emplace(name, std::move(view));
  }
  return {};
}

Status load_silent_sources(Workspace& workspace, store::Snapshot& snapshot, plan::Setting& setting) {
  for (const auto& [name, source] : workspace.policy().sources) {
    TENURE_TRY(const auto row, snapshot.get(Table::kFeed, name.str()));
    if (!row || row->index.state != "accepted") setting.silent_sources.insert(name);
  }
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
Status load_changes(Workspace& workspace, store::Snapshot& snapshot, plan::Setting& setting) {
  TENURE_TRY(const auto open,
             load_documents<engine::ChangeRow>(snapshot, {Table::kChange}, engine::change_row_from_json));
  for (const auto& row : open)
    setting.in_flight.push_back({row.change.id,
                                 {row.change.target, row.account},
                                 row.change.entitlement,
                                 std::string(plan::name_of(row.change.verb)),
                                 row.change.account.name,
                                 row.change.identity});
  return add_history(workspace, snapshot, open, setting);
}

Result<plan::Setting> load_setting(Workspace& workspace, store::Snapshot& snapshot,
                                   const population::Population& population) {
  plan::Setting setting;
  setting.now = workspace.clock().now();
  TENURE_CHECK_OK(load_targets(workspace, snapshot, population, setting));
  TENURE_TRY(setting.findings, load_findings(snapshot));
  TENURE_TRY(setting.assignments, load_assignments(snapshot, population.people()));
  TENURE_CHECK_OK(load_changes(workspace, snapshot, setting));
  TENURE_CHECK_OK(load_silent_sources(workspace, snapshot, setting));
  // A policy set that no plan was made under yet is in force from this plan on (plans.cpp writes it down).
  setting.policy_since = setting.now;
  TENURE_TRY(const auto active, snapshot.get(Table::kMeta, "policy"));
  if (active) {
    TENURE_TRY(const json::Value value, json::parse(active->body));
    if (value.string_or("digest", "") == workspace.policy().digest.str()) {
      TENURE_TRY(setting.policy_since, Time::parse(value.string_or("since", "")));
    }
  }
  return setting;
}

}  // namespace

std::unique_ptr<Workers> all_processors() {
  return make_workers(std::max(1U, std::thread::hardware_concurrency()));
}

Result<Everybody> load_everybody(Workspace& workspace, store::Snapshot& snapshot, Workers& workers) {
  TENURE_TRY(auto population, load_population(workspace.store(), workspace.policy(), workers, snapshot.sequence()));
  TENURE_TRY(auto setting, load_setting(workspace, snapshot, population));
  return Everybody{std::move(population), std::move(setting)};
}

Result<Everybody> load_everybody(Workspace& workspace) {
  TENURE_TRY(const auto snapshot, workspace.store().snapshot());
  const auto workers = all_processors();
  return load_everybody(workspace, *snapshot, *workers);
}

Result<plan::World> load_world(Workspace& workspace) {
  TENURE_TRY(auto everybody, load_everybody(workspace));
  const plan::Extractor extract(workspace.policy(), everybody.population, everybody.setting);
  plan::World world = extract(plan::Selection::everybody(everybody.population));
  world.findings = std::move(everybody.setting.findings);
  world.history = std::move(everybody.setting.history);
  return world;
}

Result<plan::Setting> load_history(Workspace& workspace) {
  TENURE_TRY(const auto snapshot, workspace.store().snapshot());
  plan::Setting setting;
  setting.now = workspace.clock().now();
  TENURE_TRY(const auto open,
             load_documents<engine::ChangeRow>(*snapshot, {Table::kChange}, engine::change_row_from_json));
  TENURE_CHECK_OK(add_history(workspace, *snapshot, open, setting));
  return setting;
}

}  // namespace tenure::app
