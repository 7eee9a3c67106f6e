#include "plan_rows.hpp"
#include "state.hpp"

#include <tenure/app/run_story.hpp>

namespace tenure::app {

using store::Table;

Result<RunStory> tell_run(Workspace& workspace, const std::string& id) {
  RunStory story;
  TENURE_TRY(story.view, show_run(workspace, id));
  const engine::RunRow& run = story.view.run;
  TENURE_TRY(const auto snapshot, workspace.store().snapshot());
  TENURE_TRY(const auto row, snapshot->get(Table::kPlan, run.plan.str()));
  if (row) {
    TENURE_TRY(StoredPlan stored, load_plan(*snapshot, *row, workspace.clock().now()));
    story.purpose = stored.plan.purpose;
    story.created_by = stored.circumstances.created_by;
    story.created_at = stored.circumstances.created_at;
    story.causes = std::move(stored.plan.causes);
    story.policy = stored.plan.policy;
    story.approvals = std::move(stored.approvals);
  }
  for (const RunStep& step : story.view.steps) {
    ++story.rules[step.change.change.reason.rule];
    if (step.change.work_order.empty()) continue;
    TENURE_TRY(const auto order, snapshot->get(Table::kWorkOrder, step.change.work_order));
    if (!order) continue;
    TENURE_TRY(auto value,
               document_of<governance::WorkOrder>(Table::kWorkOrder, *order, governance::work_order_from_json));
    story.work_orders.emplace(step.change.work_order, std::move(value));
  }
  story.folded = run.total - static_cast<std::int64_t>(story.view.steps.size());
  return story;
}

}  // namespace tenure::app
