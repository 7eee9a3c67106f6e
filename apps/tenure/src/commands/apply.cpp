#include "commands/all.hpp"
#include "commands/consent.hpp"
#include "commands/session.hpp"
#include "commands/words.hpp"

#include <tenure/app/apply.hpp>

namespace tenure::cli {
namespace {

std::int64_t sum(const std::map<std::string, std::int64_t>& counts, std::initializer_list<const char*> names) {
  std::int64_t total = 0;
  for (const char* name : names) {
    const auto it = counts.find(name);
    if (it != counts.end()) total += it->second;
  }
  return total;
}

std::int64_t sum(const std::map<std::string, std::int64_t>& counts) {
  std::int64_t total = 0;
  for (const auto& [name, count] : counts) total += count;
  return total;
}

json::Object object_of(const std::map<std::string, std::int64_t>& counts) {
  json::Object object;
  for (const auto& [name, count] : counts) object[name] = count;
  return object;
}

// Stopped and timed out come before everything: whoever waits has to know that the end was not seen.
Exit exit_of_run(const app::RunOutcome& outcome) {
  if (outcome.stopped) return Exit::kInterrupted;
  if (outcome.timed_out) return Exit::kTimedOut;
  // Nothing was done of a plan whose world has moved: that is not "partly".
  if (outcome.total > 0 && sum(outcome.ended, {"stale"}) == outcome.total) return Exit::kStale;
  const Exit exit = sum(outcome.ended, {"failed", "drift"}) > 0 ? Exit::kFailed : Exit::kOk;
  const bool partly =
      sum(outcome.open) > 0 || outcome.obligations_open > 0 || sum(outcome.ended, {"stale", "cancelled"}) > 0;
  return worse(exit, partly ? Exit::kPartly : Exit::kOk);
}

// Changes of all runs that have ended, by state.
Result<std::map<std::string, std::int64_t>> ended_so_far(app::Workspace& workspace) {
  TENURE_TRY(const auto runs, app::list_runs(workspace));
  std::map<std::string, std::int64_t> ended;
  for (const auto& run : runs)
    for (const auto& [state, count] : run.ended) ended[state] += count;
  return ended;
}

// A call without a plan works on what is open in any run: only what it ended itself is its outcome, the rest is
// history.
Status leave_out_history(app::Workspace& workspace, const std::map<std::string, std::int64_t>& before,
                         app::RunOutcome& outcome) {
  TENURE_TRY(outcome.ended, ended_so_far(workspace));
  for (const auto& [state, count] : before) outcome.ended[state] -= count;
  std::erase_if(outcome.ended, [](const auto& entry) { return entry.second <= 0; });
  outcome.total = sum(outcome.ended) + sum(outcome.open);
  return {};
}

std::string counts_text(const std::map<std::string, std::int64_t>& counts) {
  std::string text;
  for (const auto& [name, count] : counts) text += (text.empty() ? "" : ", ") + thousands(count) + " " + name;
  return text;
}

std::string text_of(const app::RunOutcome& outcome) {
  std::string text =
      (outcome.run.empty() ? "Open work: " : "Run " + outcome.run + ": ") + count_of(outcome.total, "change");
  if (!outcome.ended.empty()) text += "; ended: " + counts_text(outcome.ended);
  if (!outcome.open.empty()) text += "; open: " + counts_text(outcome.open);
  text += "\n";
  for (const auto& problem : outcome.problems) text += "  ! " + printable(problem) + "\n";
  if (outcome.obligations_open > 0)
    text += "  " + count_of(outcome.obligations_open, "revocation") +
            " not proven yet: open until a reading shows them gone\n";
  return text;
}

std::string next_of(const app::RunOutcome& outcome, Exit exit) {
  const std::string resume = outcome.plan.empty() ? "tenure apply" : "tenure apply " + outcome.plan.brief();
  if (outcome.stopped) return "Stopped on request; nothing recorded is lost. Resume: " + resume;
  if (outcome.timed_out) return "The wait ended before the work did; nothing is lost. Go on: " + resume;
  if (outcome.manual_open > 0)
    return count_of(outcome.manual_open, "change") + " for a person to carry out. Next: tenure workorder list";
  if (sum(outcome.ended, {"stale"}) > 0)
    return "What was expected there had moved; nothing was sent for it. Next: tenure plan create";
  if (exit != Exit::kOk) return outcome.run.empty() ? "Next: tenure run list" : "Next: tenure run show " + outcome.run;
  if (outcome.total == 0) return "Nothing is open.";
  return "Everything is verified by read-back. Next: tenure evidence verify";
}

Result<Exit> apply(const Call& call, app::Workspace& workspace) {
  app::ApplyOptions options;
  TENURE_TRY(options.wait, duration_argument(call, "wait", Duration::minutes(10)));
  if (call.arguments.has("DIGEST")) {
    TENURE_TRY(const auto stored, app::find_plan(workspace, call.arguments.text("DIGEST")));
    options.digest = stored.digest.str();
    // Missing approvals and guards are said first, by the use case: no question that cannot be answered.
    if (stored.state == "draft" && stored.missing.empty() && stored.held().empty())
      TENURE_CHECK_OK(ask_consent(call, stored));
  }
  install_stop_signals();
  options.stop = &stop_requested();
  Progress progress(call.global.progress, "apply", workspace.clock());
  options.progress = [&](const app::Progress& p) { progress.update(p.done, p.failed, p.total); };
  TENURE_TRY(const auto before, ended_so_far(workspace));
  auto outcome = app::apply_plan(workspace, options);
  progress.finish();
  if (!outcome) return fail(outcome.error());
  if (options.digest.empty()) TENURE_CHECK_OK(leave_out_history(workspace, before, *outcome));
  const Exit exit = exit_of_run(*outcome);
  Document document{"run-outcome/v1",
                    {{"run", outcome->run},
                     {"plan", outcome->plan.empty() ? json::Value() : json::Value(outcome->plan.str())},
                     {"total", outcome->total},
                     {"ended", object_of(outcome->ended)},
                     {"open", object_of(outcome->open)},
                     {"manual_open", outcome->manual_open},
                     {"obligations_open", outcome->obligations_open},
                     {"stopped", outcome->stopped},
                     {"timed_out", outcome->timed_out},
                     {"problems", texts(outcome->problems)}}};
  document.text = text_of(*outcome);
  document.after = next_of(*outcome, exit);
  call.output.print(document, exit);
  return exit;
}

}  // namespace

std::vector<CommandSpec> apply_commands() {
  return {{"apply",
           "carry out an approved plan, verify every change by read-back; without DIGEST: resume what is open",
           {{"DIGEST", "the plan: 9f3c, 9f3c-77a1 or sha256:...", false}},
           {{"approve", "DIGEST", "consent without a terminal: the whole sha256:... of the plan"},
            {"wait", "DURATION", "how long to wait for the end (10m); the work is not lost"}},
           with_workspace<apply>}};
}

}  // namespace tenure::cli
