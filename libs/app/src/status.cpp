#include "connections.hpp"
#include "plan_rows.hpp"
#include "state.hpp"

#include <tenure/app/status.hpp>
#include <tenure/app/targets.hpp>
#include <tenure/base/file.hpp>

namespace tenure::app {
namespace {

using store::Table;

// How many rows of a table are in one of these states.
Result<std::int64_t> count_states(store::Snapshot& snapshot, Table table, const std::vector<std::string>& states) {
  std::int64_t total = 0;
  for (const auto& state : states) {
    TENURE_TRY(const std::int64_t n, snapshot.count({table, std::nullopt, state}));
    total += n;
  }
  return total;
}

Status add_waiting(Workspace& workspace, store::Snapshot& snapshot, std::vector<PlanWaiting>& out) {
  const Time now = workspace.clock().now();
  TENURE_TRY(const auto open, load_questions(snapshot));
  for (const StoredPlan& stored : open)
    for (auto& waiting : stored.waiting(now)) out.push_back({stored.digest, std::move(waiting)});
  return {};
}

}  // namespace

Result<Overview> overview(Workspace& workspace) {
  TENURE_TRY(const auto snapshot, workspace.store().snapshot());
  Overview o;
  TENURE_TRY(o.identities, snapshot->count({Table::kIdentity}));
  TENURE_TRY(o.plans_open, count_states(*snapshot, Table::kPlan, {"draft"}));
  TENURE_CHECK_OK(add_waiting(workspace, *snapshot, o.waiting));
  TENURE_TRY(o.findings_open, count_states(*snapshot, Table::kFinding, {"open"}));
  TENURE_TRY(o.work_orders_open, count_states(*snapshot, Table::kWorkOrder, {"open", "claimed", "returned"}));
  TENURE_TRY(o.work_orders_attested, count_states(*snapshot, Table::kWorkOrder, {"attested"}));
  TENURE_TRY(o.obligations_open, count_states(*snapshot, Table::kObligation, {"open"}));
  TENURE_TRY(o.break_glass_open, count_states(*snapshot, Table::kBreakGlass, {"asked", "open", "closed"}));
  TENURE_TRY(o.changes_open, snapshot->count({Table::kChange}));
  for (const auto& [name, target] : workspace.policy().targets) {
    TENURE_TRY(const auto state, load_target_state(*snapshot, name));
    if (!state || state->last_full_read == Time{})
      o.targets_unknown.push_back(name.str() + ": never read");
    else if (state->unknown_since != Time{})
      o.targets_unknown.push_back(name.str() + ": unknown since " + state->unknown_since.to_rfc3339() + " (" +
                                  state->unknown_reason + ")");
    else if (!state->unknown_reason.empty())
      o.targets_unknown.push_back(name.str() + ": known only in part (" + state->unknown_reason + ")");
  }
  TENURE_CHECK_OK(snapshot->scan({Table::kFeed, std::nullopt, "held"}, [&](const store::Row& row) {
    o.feeds_held.push_back(row.id);
    return true;
  }));
  TENURE_TRY(o.records, workspace.store().evidence().record_count());
  TENURE_TRY(o.sealed, workspace.store().evidence().sealed_count());
  return o;
}

Result<std::vector<Check>> check_folder(Workspace& workspace) {
  std::vector<Check> checks;
  const auto room = workspace.check_room();
  checks.push_back({"room on the disk", room.has_value(), room ? "" : room.error().message()});
  TENURE_TRY(const std::int64_t records, workspace.store().evidence().record_count());
  TENURE_TRY(const std::int64_t sealed, workspace.store().evidence().sealed_count());
  // What was recorded since the last apply waits for the next one: that is no fault. More sealed than recorded is one.
  checks.push_back({"evidence sealed", sealed <= records,
                    std::to_string(sealed) + " of " + std::to_string(records) + " records" +
                        (sealed < records ? "; the next apply, or `tenure evidence seal`, seals the others" : "")});
  for (const auto& [name, source] : workspace.policy().sources) {
    const auto config = workspace.expand(source.config, source.place);
    const std::string file = config ? workspace.resolve(config->string_or("file", "")) : "";
    const bool ok = config && file_exists(file);
    checks.push_back({"source " + name.str(), ok,
                      !config ? config.error().message()
                      : ok    ? file
                              : "there is no file " + file});
  }
  TENURE_TRY(const auto tests, test_targets(workspace, {}));
  for (const auto& test : tests) {
    std::string detail;
    for (const auto& fault : test.faults) detail += (detail.empty() ? "" : "; ") + fault;
    checks.push_back({"target " + test.target, test.ok, detail});
  }
  return checks;
}

}  // namespace tenure::app
