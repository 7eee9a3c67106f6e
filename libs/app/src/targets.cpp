#include "connections.hpp"
#include "engine_room.hpp"
#include "state.hpp"
#include "world.hpp"

#include <algorithm>
#include <future>

#include <tenure/app/obligations.hpp>
#include <tenure/app/targets.hpp>
#include <tenure/runtime/reader.hpp>

namespace tenure::app {
namespace {

using store::Table;

constexpr Duration kReadTimeout = Duration::seconds(60);

Result<std::vector<const policy::TargetDoc*>> chosen(Workspace& workspace, const std::vector<std::string>& names) {
  std::vector<const policy::TargetDoc*> targets;
  for (const auto& name : names)
    if (!workspace.policy().targets.contains(model::TargetName(name)))
      return fail(Reason::kNotFound, "the policy has no target \"" + name + "\"");
  TENURE_TRY(const auto snapshot, workspace.store().snapshot());
  for (const auto& [name, target] : workspace.policy().targets) {
    // After its first inventory nothing shows it: what two persons said since is not overwritten by an old list.
    TENURE_TRY(const auto state, load_target_state(*snapshot, name));
    if (!target.readable && state && state->managed) continue;
    if (names.empty() || std::find(names.begin(), names.end(), name.str()) != names.end()) targets.push_back(&target);
  }
  return targets;
}

struct Timed {
  runtime::TargetReading reading;
  Duration took;
};

Timed read_one(Workspace& workspace, const policy::TargetDoc& target) {
  const Duration begun = workspace.clock().monotonic();
  auto connection = open_target(workspace, target);
  if (!connection) return {{target.name, workspace.clock().now(), fail(std::move(connection).error())}, Duration()};
  auto reading = runtime::read_target(**connection, target.name, kReadTimeout, workspace.clock());
  return {std::move(reading), workspace.clock().monotonic() - begun};
}

// Commits a reading; another commit in between is no harm, it is only done again on the newer state.
Status keep(Workspace& workspace, const runtime::TargetReading& reading) {
  for (int attempt = 0;; ++attempt) {
    TENURE_TRY(const auto snapshot, workspace.store().snapshot());
    TENURE_TRY(const store::Batch batch, runtime::batch_for(reading, *snapshot, workspace.clock().now()));
    auto committed = workspace.store().commit(batch);
    if (committed) return {};
    if (committed.error().reason() != Reason::kStoreConflict || attempt == 3) return fail(std::move(committed).error());
  }
}

TargetOutcome outcome_of(const Timed& timed, const std::string& digest_before) {
  TargetOutcome outcome;
  outcome.target = timed.reading.target.str();
  outcome.took = timed.took;
  if (!timed.reading.observation) {
    outcome.error = timed.reading.observation.error();
    outcome.problem = timed.reading.observation.error().to_string();
    return outcome;
  }
  const model::Observation& observation = *timed.reading.observation;
  outcome.known = observation.coverage.complete;
  outcome.problem = observation.coverage.reason;
  if (!observation.coverage.complete && outcome.problem.empty()) outcome.problem = "it answered only in part";
  outcome.accounts = static_cast<std::int64_t>(observation.accounts.size());
  outcome.entitlements = static_cast<std::int64_t>(observation.entitlements.size());
  outcome.grants = static_cast<std::int64_t>(observation.grants.size());
  outcome.changed = observation.content_digest() != digest_before;
  return outcome;
}

using WorkOrders = std::map<std::string, governance::WorkOrder>;

Result<WorkOrders> load_work_orders(Workspace& workspace) {
  TENURE_TRY(const auto snapshot, workspace.store().snapshot());
  TENURE_TRY(auto rows,
             load_documents<governance::WorkOrder>(*snapshot, {Table::kWorkOrder}, governance::work_order_from_json));
  WorkOrders orders;
  for (auto& order : rows) orders.emplace(order.id, std::move(order));
  return orders;
}

// Shows the readings to the engine, which settles manual changes and obligations, and counts what that did.
Status settle(Workspace& workspace, const std::vector<Timed>& readings, ReadOutcome& outcome) {
  TENURE_CHECK_OK(reopen_obligations(workspace));
  TENURE_TRY(const WorkOrders before, load_work_orders(workspace));
  TENURE_TRY(const auto room, EngineRoom::open(workspace));
  for (const auto& timed : readings)
    if (timed.reading.observation)
      room->executor().post(engine::Observed{std::make_shared<const model::Observation>(*timed.reading.observation)});
  runtime::RunOptions options;
  options.patience = Duration();  // take in the readings; what waits for its time is the business of apply
  TENURE_CHECK_OK(room->executor().run(options));
  TENURE_TRY(const WorkOrders after, load_work_orders(workspace));
  for (const auto& [id, order] : after) {
    const auto old = before.find(id);
    if (old == before.end() || old->second.state == order.state) continue;
    for (auto& target : outcome.targets) {
      if (target.target != order.target.str()) continue;
      if (order.state == governance::WorkOrderState::kVerified) ++target.work_orders_verified;
      if (order.state == governance::WorkOrderState::kReturned) ++target.work_orders_returned;
    }
  }
  return {};
}

}  // namespace

bool ReadOutcome::all_known() const {
  return std::all_of(targets.begin(), targets.end(), [](const TargetOutcome& target) { return target.known; });
}

Result<ReadOutcome> read_targets(Workspace& workspace, const std::vector<std::string>& names) {
  TENURE_TRY(const auto targets, chosen(workspace, names));
  // Side by side: a target that hangs costs its own deadline and nobody else's.
  std::vector<std::future<Timed>> running;
  for (const auto* target : targets)
    running.push_back(std::async(std::launch::async, [&workspace, target] { return read_one(workspace, *target); }));
  std::vector<Timed> readings;
  for (auto& future : running) readings.push_back(future.get());
  ReadOutcome outcome;
  for (const auto& timed : readings) {
    std::string digest_before;
    {
      TENURE_TRY(const auto snapshot, workspace.store().snapshot());
      TENURE_TRY(const auto state, load_target_state(*snapshot, timed.reading.target));
      if (state) digest_before = state->observation_digest;
    }
    outcome.targets.push_back(outcome_of(timed, digest_before));
    TENURE_CHECK_OK(keep(workspace, timed.reading));
  }
  TENURE_CHECK_OK(settle(workspace, readings, outcome));
  return outcome;
}

Result<std::vector<TargetStatus>> list_targets(Workspace& workspace) {
  TENURE_TRY(const Everybody everybody, load_everybody(workspace));
  std::vector<TargetStatus> all;
  for (const auto& [name, target] : workspace.policy().targets) {
    const plan::TargetView& view = everybody.setting.targets.at(name);
    TargetStatus status{view.state, target.title, target.connector, target.owner, target.manual};
    const population::Accounts* accounts = everybody.population.accounts(name);
    if (view.observed && accounts != nullptr) {
      for (const auto& entry : accounts->entries()) status.accounts += entry.observed ? 1 : 0;
      // Several parameters of one right are several grants.
      for (population::AccountIndex row = 0; row < accounts->rows(); ++row)
        status.grants += static_cast<std::int64_t>(accounts->observed_rights(row).size());
      status.grants += static_cast<std::int64_t>(accounts->nesting().size());
    }
    for (const auto& [id, finding] : everybody.setting.findings) {
      if (finding.account.target != name || finding.state == model::FindingState::kClosed) continue;
      if (finding.kind == model::FindingKind::kUnexplained) ++status.unexplained;
      if (finding.kind == model::FindingKind::kOrphan) ++status.orphans;
    }
    all.push_back(std::move(status));
  }
  return all;
}

Result<std::vector<TargetTest>> test_targets(Workspace& workspace, const std::vector<std::string>& names) {
  TENURE_TRY(const auto targets, chosen(workspace, names));
  std::vector<TargetTest> tests;
  for (const auto* target : targets) {
    TargetTest test{target->name.str(), false, {}};
    auto connection = open_target(workspace, *target);
    auto faults = connection ? (*connection)->preflight({})
                             : Result<std::vector<connector::PreflightFault>>(fail(connection.error()));
    if (!faults)
      test.faults.push_back(faults.error().to_string());
    else
      for (const auto& fault : *faults) test.faults.push_back(fault.right + ": needed for " + fault.why);
    test.ok = test.faults.empty();
    tests.push_back(std::move(test));
  }
  return tests;
}

}  // namespace tenure::app
