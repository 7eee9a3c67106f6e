#include "commands/all.hpp"
#include "commands/session.hpp"
#include "commands/words.hpp"

#include <algorithm>

#include <tenure/app/apply.hpp>
#include <tenure/plan/grouping.hpp>

namespace tenure::cli {
namespace {

constexpr std::size_t kStepsShown = 30;

json::Object ended_of(const engine::RunRow& run) {
  json::Object object;
  for (const auto& [state, count] : run.ended) object[state] = count;
  return object;
}

std::string progress_of(const engine::RunRow& run) {
  return thousands(run.ended_count()) + " of " + thousands(run.total);
}

Result<Exit> list(const Call& call, app::Workspace& workspace) {
  TENURE_TRY(const auto runs, app::list_runs(workspace));
  const Time now = workspace.clock().now();
  const bool people = call.output.people();
  Document document{"run-list/v1"};
  document.list = true;
  document.columns = {{"RUN", "run"},
                      {"PLAN", people ? "brief" : "plan"},
                      {"STARTED", people ? "started" : "started_at"},
                      {"ENDED", people ? "finished" : "ended_at"},
                      {"CHANGES ENDED", "progress"}};
  for (const auto& run : runs)
    document.items.push_back(json::Object{{"run", run.id},
                                          {"plan", run.plan.str()},
                                          {"brief", run.plan.brief()},
                                          {"started", when(run.started_at, now)},
                                          {"started_at", instant(run.started_at)},
                                          {"finished", run.ended_at == Time{} ? "open" : when(run.ended_at, now)},
                                          {"ended_at", instant(run.ended_at)},
                                          {"total", run.total},
                                          {"progress", progress_of(run)},
                                          {"ended", ended_of(run)}});
  if (runs.empty()) document.text = "Nothing was ever applied. Next: tenure plan create";
  const Exit exit = unless_empty(call, static_cast<std::int64_t>(runs.size()));
  call.output.print(document, exit);
  return exit;
}

json::Value attempt_of(const engine::AttemptRow& attempt) {
  return json::Object{{"number", attempt.number},
                      {"intended_at", instant(attempt.intended_at)},
                      {"ended_at", instant(attempt.ended_at)},
                      {"result", engine::name_of(attempt.outcome)},
                      {"problem", attempt.problem}};
}

json::Value step_of(const app::RunStep& step, Time now) {
  const auto& row = step.change;
  json::Array attempts;
  for (const auto& attempt : step.attempts) attempts.push_back(attempt_of(attempt));
  return json::Object{{"symbol", std::string(1, plan::symbol_of(row.change))},
                      {"id", row.change.id.str()},
                      {"state", engine::name_of(row.state)},
                      {"target", row.change.target.str()},
                      {"text", plan::describe(row.change)},
                      {"lane", plan::name_of(row.change.lane)},
                      {"tries", row.attempts},
                      {"problem", row.problem},
                      {"work_order", row.work_order},
                      {"obligation", row.obligation},
                      {"next", engine::terminal(row.state) || row.next_at <= now ? "" : when(row.next_at, now)},
                      {"next_at", instant(row.next_at)},
                      {"admitted_at", instant(row.admitted_at)},
                      {"ended_at", instant(row.ended_at)},
                      {"attempts", std::move(attempts)}};
}

// What waits or went wrong first, then the rest in order of admission.
int urgency(const engine::ChangeRow& row) {
  if (row.state == engine::ChangeState::kDone || row.state == engine::ChangeState::kSuperseded) return 2;
  return engine::terminal(row.state) || row.failures > 0 || row.state == engine::ChangeState::kUnknown ? 0 : 1;
}

Result<Exit> show(const Call& call, app::Workspace& workspace) {
  TENURE_TRY(auto view, app::show_run(workspace, call.arguments.text("RUN")));
  std::stable_sort(view.steps.begin(), view.steps.end(),
                   [](const app::RunStep& a, const app::RunStep& b) { return urgency(a.change) < urgency(b.change); });
  const Time now = workspace.clock().now();
  Document document{"run/v1",
                    {{"run", view.run.id},
                     {"plan", view.run.plan.str()},
                     {"started_at", instant(view.run.started_at)},
                     {"ended_at", instant(view.run.ended_at)},
                     {"total", view.run.total},
                     {"ended", ended_of(view.run)}}};
  document.list = true;
  document.columns = {{"", "symbol"},     {"STATE", "state"},     {"TARGET", "target"},         {"CHANGE", "text"},
                      {"TRIES", "tries"}, {"PROBLEM", "problem"}, {"WORK ORDER", "work_order"}, {"NEXT TRY", "next"}};
  for (const auto& step : view.steps) document.items.push_back(step_of(step, now));
  document.text = "Run " + view.run.id + " of plan " + view.run.plan.brief() + ", started " +
                  when(view.run.started_at, now) + ": " + progress_of(view.run) + " changes ended" +
                  (view.run.ended_at == Time{} ? ", open" : "");
  const std::size_t all = document.items.size();
  if (call.output.people() && !call.arguments.flag("full") && all > kStepsShown) {
    document.items.resize(kStepsShown);
    document.after = "... " + count_of(static_cast<std::int64_t>(all - kStepsShown), "step") + " not shown (--full)";
  }
  call.output.print(document);
  return Exit::kOk;
}

}  // namespace

std::vector<CommandSpec> run_commands() {
  return {{"run list", "what was applied", {}, {}, with_workspace<list>},
          {"run show",
           "the steps of one run, what is stuck first",
           {{"RUN", "id or its beginning (else the newest)", false}},
           {{"full", "", "every step", Arity::kFlag}},
           with_workspace<show>}};
}

}  // namespace tenure::cli
