#include "commands/all.hpp"
#include "commands/plan_view.hpp"
#include "commands/session.hpp"
#include "commands/words.hpp"

#include <tenure/app/lookup.hpp>
#include <tenure/app/plans.hpp>
#include <tenure/base/text.hpp>

namespace tenure::cli {
namespace {

const std::vector<Column> kChangeColumns = {
    {"OP", "op"},     {"TARGET", "target"}, {"CHANGE", "text"},        {"RISK", "risk"},
    {"LANE", "lane"}, {"CAUSE", "cause"},   {"REASON", "reason.text"}, {"ID", "id"}};

Result<plan::GroupBy> group_by(const Call& call) {
  const std::string text = call.arguments.text("group", "cause");
  for (const auto& [name, by] : group_names())
    if (text == name) return by;
  return fail(Reason::kUsage, "--group is cause, target, identity or lane, not \"" + text + "\"");
}

Exit print_plan(const Call& call, const PlanView& view, plan::GroupBy by, json::Object more = {},
                const std::string& note = {}) {
  const Stakes stakes = stakes_of(view.plan);
  const Exit exit = unless_empty(call, stakes.changes + stakes.withheld);
  Document document{"plan-view/v1", plan_fields(view, by)};
  document.fields.merge(more);
  document.columns = kChangeColumns;
  if (call.output.people()) {
    document.text = note + plan_text(view, by, call.arguments.flag("full"));
  } else {
    document.list = true;
    document.items = plan_rows(view.plan);
  }
  call.output.print(document, exit);
  return exit;
}

Result<plan::PlanRequest> request_of(const Call& call, app::Workspace& workspace) {
  const Arguments& arguments = call.arguments;
  plan::PlanRequest request;
  if (arguments.has("onboard")) {
    if (arguments.has("target") || arguments.has("identity") || arguments.has("revert-drift"))
      return fail(Reason::kUsage, "--onboard makes a plan of its own: it cannot be narrowed");
    request = plan::PlanRequest::onboard(model::TargetName(arguments.text("onboard")));
  }
  for (const auto& target : arguments.texts("target")) {
    if (!workspace.policy().targets.contains(model::TargetName(target)))
      return fail(Reason::kNotFound, "the policy has no target \"" + target + "\"");
    request.targets.insert(model::TargetName(target));
  }
  for (const auto& name : arguments.texts("identity")) {
    TENURE_TRY(const auto view, app::show_identity(workspace, name));
    request.identities.insert(view.identity.id);
  }
  for (const auto& cause : arguments.texts("release")) request.released.insert(model::CauseId(cause));
  request.revert_drift = arguments.flag("revert-drift");
  return request;
}

Result<Exit> create(const Call& call, app::Workspace& workspace) {
  TENURE_TRY(const auto by, group_by(call));
  TENURE_TRY(const auto request, request_of(call, workspace));
  TENURE_TRY(const auto outcome, app::create_plan(workspace, request));
  TENURE_TRY(const auto coverage, coverage_of(workspace));
  const Time now = workspace.clock().now();
  if (outcome.findings_opened > 0)
    call.output.say(count_of(static_cast<std::int64_t>(outcome.findings_opened), "finding") +
                    " opened: tenure drift list");
  if (outcome.known) call.output.say("The same plan was there already; its approvals hold.");
  const PlanView view =
      outcome.stored ? view_of(*outcome.stored, now) : PlanView{outcome.plan, outcome.digest, "", {}, {}, {}, {}, now};
  std::string note;
  if (outcome.plan.empty()) note = "Planned on " + coverage.words() + ".\n" + coverage.lines();
  return print_plan(call, view, by,
                    {{"known_before", outcome.known},
                     {"findings_opened", outcome.findings_opened},
                     {"findings_closed", outcome.findings_closed},
                     {"targets_known", coverage.known},
                     {"targets_total", coverage.total},
                     {"targets_unknown", texts(coverage.unknown)},
                     {"next_due", instant(outcome.next_due)}},
                    note);
}

Result<Exit> show(const Call& call, app::Workspace& workspace) {
  TENURE_TRY(const auto by, group_by(call));
  TENURE_TRY(const auto stored, app::find_plan(workspace, call.arguments.text("DIGEST")));
  if (call.arguments.flag("canonical")) {
    std::fwrite(stored.bytes.data(), 1, stored.bytes.size(), stdout);
    return Exit::kOk;
  }
  return print_plan(call, view_of(stored, workspace.clock().now()), by);
}

Result<Exit> list(const Call& call, app::Workspace& workspace) {
  TENURE_TRY(const auto plans, app::list_plans(workspace));
  const Time now = workspace.clock().now();
  Document document{"plan-list/v1"};
  document.list = true;
  document.columns = {{"PLAN", "brief"},
                      {"PURPOSE", "purpose"},
                      {"STATE", "status"},
                      {"CHANGES", "counts"},
                      {"MADE", call.output.people() ? "made" : "created_at"},
                      {"BY", "created_by"},
                      {"MISSING", "missing"}};
  for (const auto& stored : plans) {
    if (!call.arguments.flag("all") && stored.state != "draft") continue;
    document.items.push_back(json::Object{{"digest", stored.digest.str()},
                                          {"brief", stored.digest.brief()},
                                          {"purpose", stored.plan.purpose},
                                          {"state", stored.state},
                                          {"status", status_word(stored)},
                                          {"counts", symbol_counts(stored.plan)},
                                          {"changes", stored.plan.changes.size()},
                                          {"made", when(stored.circumstances.created_at, now)},
                                          {"created_at", instant(stored.circumstances.created_at)},
                                          {"created_by", stored.circumstances.created_by},
                                          {"missing", texts(stored.missing)}});
  }
  if (document.items.empty())
    document.text = call.arguments.flag("all") ? "No plan was ever kept. Next: tenure plan create"
                                               : "No open plan (--all shows the others). Next: tenure plan create";
  const Exit exit = unless_empty(call, static_cast<std::int64_t>(document.items.size()));
  call.output.print(document, exit);
  return exit;
}

Result<Exit> approve(const Call& call, app::Workspace& workspace) {
  TENURE_TRY(const auto stored,
             app::approve_plan(workspace, {call.arguments.text("DIGEST"), call.arguments.text("reason"),
                                           call.arguments.texts("release")}));
  const PlanView view = view_of(stored, workspace.clock().now());
  Document document{"plan-approval/v1", plan_fields(view, plan::GroupBy::kCause)};
  document.text =
      "Approval of " + stored.digest.str() + " recorded for " + call.global.actor + ".\n" + verdict_of(view);
  call.output.print(document);
  return Exit::kOk;
}

Result<Exit> discard(const Call& call, app::Workspace& workspace) {
  TENURE_TRY(const auto stored,
             app::discard_plan(workspace, call.arguments.text("DIGEST"), call.arguments.text("reason")));
  Document document{"plan-discard/v1", {{"digest", stored.digest.str()}, {"state", stored.state}}};
  document.text = "Plan " + stored.digest.brief() + " is discarded; nothing of it was carried out.";
  call.output.print(document);
  return Exit::kOk;
}

}  // namespace

std::vector<CommandSpec> plan_commands() {
  const PositionalSpec digest{"DIGEST", "the plan: 9f3c, 9f3c-77a1 or sha256:..."};
  const OptionSpec group{"group", "BY", "cause (default), target, identity or lane"};
  const OptionSpec full{"full", "", "every change, nothing folded", Arity::kFlag};
  const OptionSpec reason{"reason", "TEXT", "why; it is recorded", Arity::kOne, true};
  return {
      {"plan create",
       "what would have to change now, frozen under a digest",
       {},
       {{"onboard", "TARGET", "put a target under management; what nobody explains becomes its baseline"},
        {"target", "TARGET", "only this target (may be repeated)", Arity::kMany},
        {"identity", "IDENTITY", "only this identity (may be repeated)", Arity::kMany},
        {"release", "CAUSE", "a cause that was looked at: plan it, leave out what guards still hold (may be repeated)",
         Arity::kMany},
        {"revert-drift", "", "also undo access that was given outside", Arity::kFlag},
        group,
        full},
       with_workspace<create>},
      {"plan show",
       "one plan, folded to 40 lines unless --full",
       {digest},
       {group, full, {"canonical", "", "the plan/v1 document itself: its SHA-256 is the digest", Arity::kFlag}},
       with_workspace<show>},
      {"plan list",
       "open plans",
       {},
       {{"all", "", "also applied and discarded ones", Arity::kFlag}},
       with_workspace<list>},
      {"plan approve",
       "consent to exactly this content",
       {digest},
       {reason, {"release", "CAUSE", "let a cause go on that a guard holds, or all (may be repeated)", Arity::kMany}},
       with_workspace<approve>},
      {"plan discard", "give a plan up", {digest}, {reason}, with_workspace<discard>}};
}

}  // namespace tenure::cli
