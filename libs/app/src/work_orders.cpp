#include "people.hpp"
#include "state.hpp"
#include "world.hpp"

#include <algorithm>

#include <tenure/app/work_orders.hpp>
#include <tenure/base/file.hpp>

namespace tenure::app {
namespace {

using governance::WorkOrder;
using store::Table;

Result<std::vector<WorkOrder>> load_all(Workspace& workspace) {
  TENURE_TRY(const auto snapshot, workspace.store().snapshot());
  return load_documents<WorkOrder>(*snapshot, {Table::kWorkOrder}, governance::work_order_from_json);
}

Result<WorkOrder> keep(Workspace& workspace, governance::Transition<WorkOrder> moved) {
  store::Batch batch;
  const std::int64_t due = moved.row.deadline == Time::never() ? 0 : moved.row.deadline.to_micros();
  batch.writes.push_back({Table::kWorkOrder,
                          moved.row.id,
                          store::kAnyVersion,
                          false,
                          {moved.row.target.str(), std::string(governance::name_of(moved.row.state)), due},
                          json::to_string(governance::to_json(moved.row))});
  batch.records = std::move(moved.records);
  TENURE_CHECK_OK(workspace.store().commit(batch));
  return std::move(moved.row);
}

// The file a person gave, under the digest that the work order and its evidence name.
Result<Digest> keep_attachment(Workspace& workspace, const std::string& content) {
  if (content.empty()) return Digest();
  const Digest digest = Digest::of(content);
  const std::string folder = workspace.folder() + "/attachments";
  TENURE_CHECK_OK(make_folders(folder));
  TENURE_CHECK_OK(write_file_atomic(folder + "/" + digest.str().substr(7), content, 0600));
  return digest;
}

}  // namespace

Result<std::vector<WorkOrder>> list_work_orders(Workspace& workspace, const WorkOrderFilter& filter) {
  TENURE_TRY(auto all, load_all(workspace));
  std::erase_if(all, [&](const WorkOrder& order) {
    return (!filter.target.empty() && order.target.str() != filter.target) || (!filter.closed && !order.open());
  });
  std::stable_sort(all.begin(), all.end(),
                   [](const WorkOrder& a, const WorkOrder& b) { return a.deadline < b.deadline; });
  return all;
}

Result<WorkOrder> show_work_order(Workspace& workspace, const std::string& id) {
  TENURE_TRY(const auto all, load_all(workspace));
  const WorkOrder* found = nullptr;
  for (const auto& order : all) {
    if (!order.id.starts_with(id)) continue;
    if (found != nullptr) return fail(Reason::kWorkOrderNotFound, "more than one work order begins with " + id);
    found = &order;
  }
  if (found == nullptr || id.empty()) return fail(Reason::kWorkOrderNotFound, "there is no work order \"" + id + "\"");
  return *found;
}

Result<WorkOrder> claim_work_order(Workspace& workspace, const std::string& id) {
  TENURE_TRY(const WorkOrder order, show_work_order(workspace, id));
  TENURE_TRY(const plan::World world, load_world(workspace));
  TENURE_TRY(auto moved, governance::claim(order, person_of(world, workspace.actor().name), world.now));
  return keep(workspace, std::move(moved));
}

Result<WorkOrder> finish_work_order(Workspace& workspace, const std::string& id, const std::string& statement,
                                    const std::string& attachment) {
  TENURE_TRY(const WorkOrder order, show_work_order(workspace, id));
  TENURE_TRY(const plan::World world, load_world(workspace));
  TENURE_TRY(const Digest digest, keep_attachment(workspace, attachment));
  TENURE_TRY(auto moved,
             governance::attest(order, person_of(world, workspace.actor().name), statement, digest, world.now));
  return keep(workspace, std::move(moved));
}

}  // namespace tenure::app
