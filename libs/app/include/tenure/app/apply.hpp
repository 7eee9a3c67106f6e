// Applying an approved plan, resuming what a crash interrupted, and the history of runs.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <tenure/app/plans.hpp>
#include <tenure/app/workspace.hpp>
#include <tenure/engine/rows.hpp>
#include <tenure/governance/break_glass.hpp>

namespace tenure::app {

struct Progress {
  std::size_t done = 0, failed = 0, total = 0;
};

struct ApplyOptions {
  std::string digest;                       // "" = only resume what is open
  Duration wait = Duration::minutes(10);    // then it returns with work still open; nothing is lost
  const std::atomic<bool>* stop = nullptr;  // set: start nothing more, return when what runs has ended
  std::function<void(const Progress&)> progress;
  // An emergency: instead of approvals, guards and the checker, which know nothing of it.
  std::optional<governance::Authority> authority;
  std::function<Status(const std::string& run)> on_admission;  // just before a new run is admitted; an error stops it
};

struct RunOutcome {
  std::string run;
  Digest plan;
  std::int64_t total = 0;
  std::map<std::string, std::int64_t> ended;  // done, failed, stale, ... (engine::name_of(ChangeState))
  std::map<std::string, std::int64_t> open;   // states of changes that are still open
  std::int64_t manual_open = 0;               // of these, work orders
  std::int64_t obligations_open = 0;
  bool stopped = false;  // on request
  bool timed_out = false;
  std::vector<std::string> problems;  // distinct, for people, at most 20
};

// kPlanNotApproved (says what is missing), kGuardHeld, kPlanStale, kStoreFull. The sealer runs before it returns.
Result<RunOutcome> apply_plan(Workspace& workspace, const ApplyOptions& options);

Result<std::vector<engine::RunRow>> list_runs(Workspace& workspace);

struct RunStep {
  engine::ChangeRow change;
  std::vector<engine::AttemptRow> attempts;
};
struct RunView {
  engine::RunRow run;
  std::vector<RunStep> steps;  // in order of admission
};
// By id or unique prefix; "" = the newest. kRunNotFound.
Result<RunView> show_run(Workspace& workspace, const std::string& id);

}  // namespace tenure::app
