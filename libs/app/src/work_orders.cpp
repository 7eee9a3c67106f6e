#include "engine_room.hpp"
#include "people.hpp"
#include "state.hpp"
#include "world.hpp"

#include <algorithm>

#include <tenure/app/work_orders.hpp>
#include <tenure/base/file.hpp>
#include <tenure/engine/rows.hpp>

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

// The files a person gave, kept under the digests that the work order and its evidence name.
Result<std::vector<governance::Attachment>> keep_files(Workspace& workspace, const std::vector<GivenFile>& files,
                                                       const governance::Person& person, Time now) {
  std::vector<governance::Attachment> kept;
  const std::string folder = workspace.folder() + "/attachments";
  if (!files.empty()) TENURE_CHECK_OK(make_folders(folder));
  for (const GivenFile& file : files) {
    const Digest digest = Digest::of(file.content);
    TENURE_CHECK_OK(write_file_atomic(folder + "/" + digest.str().substr(7), file.content, 0600));
    kept.push_back({digest, file.name, static_cast<std::int64_t>(file.content.size()), person.id, now});
  }
  return kept;
}

// As the account is from now on said to be: the last reading of it with the change carried out.
std::optional<model::AccountImage> image_after(const plan::World& world, const plan::Change& change,
                                               const model::NativeId& id) {
  if (change.verb == plan::Verb::kDelete) return std::nullopt;
  model::AccountImage image;
  image.account.id = id.empty() ? model::NativeId(change.account.name) : id;
  image.account.name = change.account.name;
  image.account.account_class = change.account_class;
  image.account.purpose = change.purpose;
  const auto view = world.targets.find(change.target);
  if (view != world.targets.end() && view->second.observed) {
    if (const auto* known = view->second.observed->find_account(image.account.id)) image.account = *known;
    image.grants = view->second.observed->grants_of(image.account.id);
  }
  if (change.verb == plan::Verb::kDisable) image.account.enabled = false;
  if (change.verb == plan::Verb::kEnable) image.account.enabled = true;
  for (const auto& [name, value] : change.attributes) image.account.attributes.insert_or_assign(name, value);
  if (change.verb == plan::Verb::kGrant || change.verb == plan::Verb::kRevoke)
    std::erase_if(image.grants, [&](const model::Grant& grant) { return grant.entitlement == change.entitlement; });
  if (change.verb == plan::Verb::kGrant)
    image.grants.push_back({{image.account.id, {}}, change.entitlement, change.parameters});
  std::sort(image.grants.begin(), image.grants.end());
  return image;
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

Result<WorkOrder> release_work_order(Workspace& workspace, const std::string& id, const std::string& reason) {
  TENURE_TRY(const WorkOrder order, show_work_order(workspace, id));
  TENURE_TRY(const plan::World world, load_world(workspace));
  TENURE_TRY(auto moved, governance::release(order, person_of(world, workspace.actor().name), reason, world.now));
  return keep(workspace, std::move(moved));
}

Result<WorkOrder> reject_work_order(Workspace& workspace, const std::string& id, const std::string& reason) {
  TENURE_TRY(const WorkOrder order, show_work_order(workspace, id));
  TENURE_TRY(const plan::World world, load_world(workspace));
  TENURE_TRY(auto moved, governance::reject(order, person_of(world, workspace.actor().name), reason, world.now));
  return keep(workspace, std::move(moved));
}

Result<WorkOrder> note_work_order(Workspace& workspace, const std::string& id, const std::string& text,
                                  const std::vector<GivenFile>& files) {
  TENURE_TRY(const WorkOrder order, show_work_order(workspace, id));
  TENURE_TRY(const plan::World world, load_world(workspace));
  const auto person = person_of(world, workspace.actor().name);
  TENURE_TRY(const auto kept, keep_files(workspace, files, person, world.now));
  TENURE_TRY(auto moved, governance::note(order, person, text, kept, world.now));
  return keep(workspace, std::move(moved));
}

Result<WorkOrder> finish_work_order(Workspace& workspace, const std::string& id, const std::string& statement,
                                    const std::vector<GivenFile>& files) {
  TENURE_TRY(const WorkOrder order, show_work_order(workspace, id));
  TENURE_TRY(const plan::World world, load_world(workspace));
  const auto person = person_of(world, workspace.actor().name);
  TENURE_TRY(const auto kept, keep_files(workspace, files, person, world.now));
  TENURE_TRY(auto moved,
             governance::attest(order, person, statement, kept.empty() ? Digest() : kept.front().digest, world.now));
  if (kept.empty()) return keep(workspace, std::move(moved));
  TENURE_TRY(auto noted, governance::note(moved.row, person, "", kept, world.now));
  for (auto& record : noted.records) moved.records.push_back(std::move(record));
  moved.row = std::move(noted.row);
  return keep(workspace, std::move(moved));
}

Result<WorkOrder> witness_work_order(Workspace& workspace, const std::string& id, const std::string& saw) {
  TENURE_TRY(const WorkOrder order, show_work_order(workspace, id));
  TENURE_TRY(const plan::World world, load_world(workspace));
  TENURE_TRY(auto moved, governance::witness(order, person_of(world, workspace.actor().name), saw, world.now));
  TENURE_TRY(const auto snapshot, workspace.store().snapshot());
  TENURE_TRY(const auto row, snapshot->get(Table::kChange, order.change.str()));
  if (!row) return fail(Reason::kWorkOrderState, order.id + " has no open change any more");
  TENURE_TRY(const auto change, document_of<engine::ChangeRow>(Table::kChange, *row, engine::change_row_from_json));
  auto image = image_after(world, change.change, change.account);
  TENURE_TRY(const auto room, EngineRoom::open(workspace));
  room->executor().post(engine::Stop{});  // nothing else is started on this occasion
  room->executor().post(engine::WorkOrderMoved{std::move(moved), std::move(image)});
  TENURE_CHECK_OK(room->executor().run({}));
  return show_work_order(workspace, order.id);
}

}  // namespace tenure::app
