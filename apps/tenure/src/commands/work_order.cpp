#include "commands/all.hpp"
#include "commands/session.hpp"
#include "commands/words.hpp"

#include <tenure/app/work_orders.hpp>
#include <tenure/base/file.hpp>

namespace tenure::cli {
namespace {

json::Object row_of(const governance::WorkOrder& order) {
  return {{"id", order.id},
          {"state", governance::name_of(order.state)},
          {"target", order.target.str()},
          {"title", order.title},
          {"steps", texts(order.steps)},
          {"owner", order.owner},
          {"claimed_by", order.claimed_by},
          {"attestation", order.attestation},
          {"attachment", order.attachment.empty() ? json::Value() : json::Value(order.attachment.str())},
          {"run", order.run},
          {"change", order.change.str()},
          {"case", order.case_id.str()},
          {"opened_at", instant(order.opened_at)},
          {"deadline", instant(order.deadline)},
          {"attested_at", instant(order.attested_at)},
          {"closed_at", instant(order.closed_at)},
          {"returned", order.returned},
          {"escalated", order.escalated}};
}

// Said to be done and seen to be done are two things.
std::string state_words(const governance::WorkOrder& order) {
  if (order.state == governance::WorkOrderState::kAttested) return "said to be done, not verified";
  if (order.state == governance::WorkOrderState::kVerified) return "verified by read-back";
  if (order.state == governance::WorkOrderState::kReturned) return "said to be done, a reading shows it undone";
  return std::string(governance::name_of(order.state));
}

std::string next_of(const governance::WorkOrder& order) {
  switch (order.state) {
    case governance::WorkOrderState::kOpen:
      return "Next: tenure workorder claim " + order.id;
    case governance::WorkOrderState::kClaimed:
    case governance::WorkOrderState::kReturned:
      return "Next: tenure workorder done " + order.id + " --statement TEXT";
    case governance::WorkOrderState::kAttested:
      return "Next: tenure target read " + order.target.str() + " (only a reading of the target makes it verified)";
    default:
      return "";
  }
}

void print_order(const Call& call, app::Workspace& workspace, const governance::WorkOrder& order) {
  const Time now = workspace.clock().now();
  Document document{"workorder/v1", row_of(order)};
  document.text = order.id + "  " + printable(order.title) + "\n" +
                  aligned({{"state", state_words(order)},
                           {"target", order.target.str()},
                           {"owner", order.owner},
                           {"claimed by", order.claimed_by},
                           {"opened", when(order.opened_at, now)},
                           {"deadline", when(order.deadline, now)},
                           {"statement", order.attestation},
                           {"file", order.attachment.str()},
                           {"returned", order.returned > 0 ? count_of(order.returned, "time") : ""},
                           {"escalated", order.escalated > 0 ? count_of(order.escalated, "time") : ""}});
  document.text += "Steps:\n";
  for (std::size_t i = 0; i < order.steps.size(); ++i)
    document.text += "  " + std::to_string(i + 1) + ". " + printable(order.steps[i]) + "\n";
  document.after = next_of(order);
  call.output.print(document);
}

Result<Exit> list(const Call& call, app::Workspace& workspace) {
  TENURE_TRY(const auto orders,
             app::list_work_orders(workspace, {call.arguments.text("target"), call.arguments.flag("all")}));
  const Time now = workspace.clock().now();
  const bool people = call.output.people();
  Document document{"workorder-list/v1"};
  document.list = true;
  document.columns = {
      {"ID", "id"},       {"STATE", "state"},           {"TARGET", "target"}, {"DEADLINE", people ? "due" : "deadline"},
      {"OWNER", "owner"}, {"CLAIMED BY", "claimed_by"}, {"WHAT", "title"}};
  for (const auto& order : orders) {
    json::Object row = row_of(order);
    row["due"] = when(order.deadline, now);
    document.items.push_back(std::move(row));
  }
  if (orders.empty())
    document.text = call.arguments.flag("all") ? "There was never a work order." : "No work order is open.";
  else
    document.after =
        count_of(static_cast<std::int64_t>(orders.size()), "work order") + ". Next: tenure workorder show ID";
  const Exit exit = unless_empty(call, static_cast<std::int64_t>(orders.size()));
  call.output.print(document, exit);
  return exit;
}

Result<Exit> show(const Call& call, app::Workspace& workspace) {
  TENURE_TRY(const auto order, app::show_work_order(workspace, call.arguments.text("ID")));
  print_order(call, workspace, order);
  return Exit::kOk;
}

Result<Exit> claim(const Call& call, app::Workspace& workspace) {
  TENURE_TRY(const auto order, app::claim_work_order(workspace, call.arguments.text("ID")));
  print_order(call, workspace, order);
  return Exit::kOk;
}

Result<Exit> done(const Call& call, app::Workspace& workspace) {
  std::string attachment;
  if (call.arguments.has("file")) {
    TENURE_TRY(attachment, read_file(call.arguments.text("file")));
  }
  TENURE_TRY(const auto order, app::finish_work_order(workspace, call.arguments.text("ID"),
                                                      call.arguments.text("statement"), attachment));
  print_order(call, workspace, order);
  return Exit::kOk;
}

}  // namespace

std::vector<CommandSpec> work_order_commands() {
  const PositionalSpec id{"ID", "the work order, or the beginning of its id"};
  return {{"workorder list",
           "work that waits for a person",
           {},
           {{"target", "TARGET", "only this target"}, {"all", "", "also verified and cancelled ones", Arity::kFlag}},
           with_workspace<list>},
          {"workorder show", "the exact steps of one work order", {id}, {}, with_workspace<show>},
          {"workorder claim", "say that you carry it out", {id}, {}, with_workspace<claim>},
          {"workorder done",
           "say that it is done; only a later reading of the target verifies it",
           {id},
           {{"statement", "TEXT", "what was done", Arity::kOne, true},
            {"file", "FILE", "what shows it; kept under its digest"}},
           with_workspace<done>}};
}

}  // namespace tenure::cli
