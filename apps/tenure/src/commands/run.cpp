#include "commands/all.hpp"
#include "commands/run_view.hpp"
#include "commands/session.hpp"
#include "commands/words.hpp"

#include <tenure/app/run_story.hpp>

namespace tenure::cli {
namespace {

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

Result<Exit> show(const Call& call, app::Workspace& workspace) {
  TENURE_TRY(const auto story, app::tell_run(workspace, call.arguments.text("RUN")));
  call.output.print(run_document(story, workspace.clock().now(), call.output.people(), call.arguments.flag("full")));
  return Exit::kOk;
}

}  // namespace

std::vector<CommandSpec> run_commands() {
  return {{"run list", "what was applied", {}, {}, with_workspace<list>},
          {"run show",
           "what set a run off, which logic ran, and every step: what is stuck first",
           {{"RUN", "id or its beginning (else the newest)", false}},
           {{"full", "", "every step", Arity::kFlag}},
           with_workspace<show>},
          {"run watch",
           "follow a run that another process carries out; ends with it",
           {{"RUN", "id or its beginning (else the newest)", false}},
           {{"every", "DURATION", "how often to look (500ms)"},
            {"wait", "DURATION", "look no longer than so long (for ever)"}},
           watch_run}};
}

}  // namespace tenure::cli
