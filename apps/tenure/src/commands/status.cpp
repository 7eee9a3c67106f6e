#include "commands/all.hpp"
#include "commands/plan_view.hpp"
#include "commands/session.hpp"
#include "commands/words.hpp"
#include "environment.hpp"

#include <tenure/app/status.hpp>
#include <tenure/base/text.hpp>

namespace tenure::cli {
namespace {

std::string next_of(const app::Overview& o) {
  if (!o.feeds_held.empty()) return "tenure source list";
  if (!o.targets_unknown.empty()) return "tenure target read";
  if (o.work_orders_open > 0) return "tenure workorder list";
  if (o.changes_open > 0) return "tenure apply";
  if (o.plans_open > 0) return "tenure plan list";
  if (o.findings_open > 0) return "tenure drift list";
  return "tenure plan create";
}

std::string text_of(const app::Overview& o, std::size_t targets, Time now) {
  const std::size_t known = targets - o.targets_unknown.size();
  std::string text = aligned({{"identities", thousands(o.identities)},
                              {"targets known", std::to_string(known) + " of " + std::to_string(targets)},
                              {"feeds held", o.feeds_held.empty() ? "0" : join(o.feeds_held, ", ")},
                              {"plans open", thousands(o.plans_open)},
                              {"changes open", thousands(o.changes_open)},
                              {"revocations not proven", thousands(o.obligations_open)},
                              {"break-glass not reviewed", o.break_glass_open > 0 ? thousands(o.break_glass_open) : ""},
                              {"findings open", thousands(o.findings_open)},
                              {"work orders open", thousands(o.work_orders_open)},
                              {"work orders said done, not verified", thousands(o.work_orders_attested)},
                              {"evidence", thousands(o.records) + " records, " + thousands(o.sealed) + " sealed"}});
  for (const auto& one : o.waiting)
    text += "  " + one.plan.brief() + " waits for " + waiting_text(one.waiting, now) + "\n";
  for (const auto& unknown : o.targets_unknown) text += "  ? " + printable(unknown) + "\n";
  return text;
}

Result<Exit> status(const Call& call, app::Workspace& workspace) {
  TENURE_TRY(const auto o, app::overview(workspace));
  const std::size_t targets = workspace.policy().targets.size();
  json::Array waiting;
  for (const auto& one : o.waiting) {
    json::Value row = to_json(one.waiting);
    row.as_object().emplace("plan", one.plan.str());
    waiting.push_back(std::move(row));
  }
  Document document{"status/v1",
                    {{"identities", o.identities},
                     {"targets_total", targets},
                     {"unknown", texts(o.targets_unknown)},
                     {"feeds_held", texts(o.feeds_held)},
                     {"plans_open", o.plans_open},
                     {"approvals_waiting", std::move(waiting)},
                     {"changes_open", o.changes_open},
                     {"obligations_open", o.obligations_open},
                     {"break_glass_open", o.break_glass_open},
                     {"findings_open", o.findings_open},
                     {"work_orders_open", o.work_orders_open},
                     {"work_orders_attested", o.work_orders_attested},
                     {"records", o.records},
                     {"sealed", o.sealed}}};
  document.text = text_of(o, targets, workspace.clock().now());
  document.after = "Next: " + next_of(o);
  call.output.print(document);
  return Exit::kOk;
}

// Works without a state folder too: that there is none is one of its answers.
Exit doctor(const Call& call) {
  std::vector<app::Check> checks;
  std::string connectors;
  for (const auto& [name, connector] : program_environment().connectors)
    connectors += (connectors.empty() ? "" : ", ") + name;
  checks.push_back({"connectors", true, connectors});
  const auto workspace = open_workspace(call);
  if (!workspace) {
    checks.push_back(
        {"state folder " + call.global.folder, false,
         workspace.error().to_string() + "; " + std::string(reason_info(workspace.error().reason()).remedy)});
  } else {
    checks.push_back({"state folder " + call.global.folder, true,
                      "policy " + (*workspace)->policy().digest.brief() + " in " + (*workspace)->policy_folder()});
    auto found = app::check_folder(**workspace);
    if (!found) return report(call, fail(found.error()));
    for (auto& check : *found) checks.push_back(std::move(check));
  }
  Document document{"doctor/v1"};
  document.list = true;
  document.columns = {{"OK", "ok"}, {"WHAT", "what"}, {"DETAIL", "detail"}};
  std::int64_t faults = 0;
  for (const auto& check : checks) {
    faults += check.ok ? 0 : 1;
    document.items.push_back(json::Object{{"ok", check.ok}, {"what", check.what}, {"detail", check.detail}});
  }
  document.fields["faults"] = faults;
  document.after = faults == 0 ? "Nothing is missing." : count_of(faults, "fault") + ".";
  const Exit exit = faults == 0 ? Exit::kOk : Exit::kFailed;
  call.output.print(document, exit);
  return exit;
}

}  // namespace

std::vector<CommandSpec> status_commands() {
  return {{"status", "one screen: what waits, what is open, what is unknown", {}, {}, with_workspace<status>},
          {"doctor", "what this machine and folder lack, with the remedy", {}, {}, doctor}};
}

}  // namespace tenure::cli
