#include "commands/all.hpp"
#include "commands/session.hpp"
#include "commands/words.hpp"

#include <tenure/app/work_orders.hpp>
#include <tenure/base/file.hpp>
#include <tenure/base/text.hpp>

namespace tenure::cli {
namespace {

json::Array notes_of(const governance::WorkOrder& order) {
  json::Array notes;
  for (const auto& note : order.notes)
    notes.push_back(json::Object{{"by", note.by}, {"text", note.text}, {"at", instant(note.at)}});
  return notes;
}

json::Array files_of(const governance::WorkOrder& order) {
  json::Array files;
  for (const auto& file : order.attachments)
    files.push_back(json::Object{{"digest", file.digest.str()},
                                 {"name", file.name},
                                 {"size", file.size},
                                 {"by", file.by},
                                 {"at", instant(file.at)}});
  return files;
}

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
          {"rejected_because", order.rejected_because},
          {"witness", order.witness},
          {"witnessed", order.witnessed},
          {"readable", order.readable},
          {"notes", notes_of(order)},
          {"attachments", files_of(order)},
          {"escalated", order.escalated}};
}

// Said to be done and seen to be done are two things.
std::string state_words(const governance::WorkOrder& order) {
  if (order.state == governance::WorkOrderState::kAttested) return "said to be done, not verified";
  if (order.state == governance::WorkOrderState::kVerified) return "verified by read-back";
  if (order.state == governance::WorkOrderState::kReturned) return "said to be done, a reading shows it undone";
  if (order.state == governance::WorkOrderState::kRejected) return "cannot be done: " + order.rejected_because;
  if (order.state == governance::WorkOrderState::kWitnessed) return "by the word of two persons, never read";
  return std::string(governance::name_of(order.state));
}

std::string next_of(const governance::WorkOrder& order) {
  switch (order.state) {
    case governance::WorkOrderState::kOpen:
    case governance::WorkOrderState::kRejected:
      return "Next: tenure workorder claim " + order.id;
    case governance::WorkOrderState::kClaimed:
    case governance::WorkOrderState::kReturned:
      return "Next: tenure workorder done " + order.id + " --statement TEXT";
    case governance::WorkOrderState::kAttested:
      if (!order.readable)
        return "Next, by a second person who saw it: tenure workorder witness " + order.id + " --saw TEXT";
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
                           {"escalated", order.escalated > 0 ? count_of(order.escalated, "time") : ""},
                           {"asked now", join(governance::asked_now(order, now), ", ")},
                           {"adds somebody", governance::next_escalation(order, now) == Time::never()
                                                 ? ""
                                                 : when(governance::next_escalation(order, now), now)},
                           {"witness", order.witness.empty() ? "" : order.witness + ": " + order.witnessed}});
  for (const auto& note : order.notes)
    document.text += "  note of " + note.by + ", " + when(note.at, now) + ": " + printable(note.text) + "\n";
  for (const auto& file : order.attachments)
    document.text +=
        "  file " + printable(file.name) + ", " + thousands(file.size) + " bytes, " + file.digest.str() + "\n";
  document.fields["asked_now"] = texts(governance::asked_now(order, now));
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
  document.columns = {{"ID", "id"},           {"STATE", "state"},
                      {"TARGET", "target"},   {"DEADLINE", people ? "due" : "deadline"},
                      {"ASKED", "asked_now"}, {"CLAIMED BY", "claimed_by"},
                      {"WHAT", "title"}};
  for (const auto& order : orders) {
    json::Object row = row_of(order);
    row["due"] = when(order.deadline, now);
    row["asked_now"] = texts(governance::asked_now(order, now));
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

Result<std::vector<app::GivenFile>> files_given(const Call& call) {
  std::vector<app::GivenFile> files;
  for (const auto& path : call.arguments.texts("file")) {
    TENURE_TRY(auto content, read_file(path));
    files.push_back({path.substr(path.rfind('/') + 1), std::move(content)});
  }
  return files;
}

Result<Exit> done(const Call& call, app::Workspace& workspace) {
  TENURE_TRY(const auto files, files_given(call));
  TENURE_TRY(const auto order,
             app::finish_work_order(workspace, call.arguments.text("ID"), call.arguments.text("statement"), files));
  print_order(call, workspace, order);
  return Exit::kOk;
}

Result<Exit> note(const Call& call, app::Workspace& workspace) {
  TENURE_TRY(const auto files, files_given(call));
  TENURE_TRY(const auto order,
             app::note_work_order(workspace, call.arguments.text("ID"), call.arguments.text("text"), files));
  print_order(call, workspace, order);
  return Exit::kOk;
}

Result<Exit> release(const Call& call, app::Workspace& workspace) {
  TENURE_TRY(const auto order,
             app::release_work_order(workspace, call.arguments.text("ID"), call.arguments.text("reason")));
  print_order(call, workspace, order);
  return Exit::kOk;
}

Result<Exit> reject(const Call& call, app::Workspace& workspace) {
  TENURE_TRY(const auto order,
             app::reject_work_order(workspace, call.arguments.text("ID"), call.arguments.text("reason")));
  print_order(call, workspace, order);
  return Exit::kOk;
}

Result<Exit> witness(const Call& call, app::Workspace& workspace) {
  TENURE_TRY(const auto order,
             app::witness_work_order(workspace, call.arguments.text("ID"), call.arguments.text("saw")));
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
          {"workorder release",
           "give it back undone; somebody else may claim it",
           {id},
           {{"reason", "TEXT", "why; it is recorded", Arity::kOne, true}},
           with_workspace<release>},
          {"workorder note",
           "write something down, or add a file",
           {id},
           {{"text", "TEXT", "what is worth knowing"},
            {"file", "FILE", "kept under its digest (may be repeated)", Arity::kMany}},
           with_workspace<note>},
          {"workorder reject",
           "say that it cannot be done, and why; the change stays wanted",
           {id},
           {{"reason", "TEXT", "what stands in the way", Arity::kOne, true}},
           with_workspace<reject>},
          {"workorder witness",
           "as a second person, where the target can never be read: say what you saw",
           {id},
           {{"saw", "TEXT", "what you saw", Arity::kOne, true}},
           with_workspace<witness>},
          {"workorder done",
           "say that it is done; only a later reading of the target verifies it",
           {id},
           {{"statement", "TEXT", "what was done", Arity::kOne, true},
            {"file", "FILE", "what shows it; kept under its digest (may be repeated)", Arity::kMany}},
           with_workspace<done>}};
}

}  // namespace tenure::cli
