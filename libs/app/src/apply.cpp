#include "engine_room.hpp"
#include "plan_rows.hpp"
#include "plan_verdict.hpp"
#include "state.hpp"
#include "world.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <stop_token>
#include <thread>

#include <tenure/app/apply.hpp>
#include <tenure/app/approvals.hpp>
#include <tenure/app/evidence.hpp>
#include <tenure/app/obligations.hpp>
#include <tenure/plan/guard.hpp>
#include <tenure/runtime/decisions.hpp>

namespace tenure::app {
namespace {

using store::Table;

std::optional<engine::RunRow> run_of(const std::vector<engine::RunRow>& runs, const Digest& plan) {
  std::optional<engine::RunRow> found;
  for (const auto& run : runs)
    if (run.plan == plan && (!found || run.started_at > found->started_at)) found = run;
  return found;
}

Status check_approved(const StoredPlan& stored) {
  if (!stored.missing.empty())
    return fail(Reason::kPlanNotApproved, "the plan " + stored.digest.brief() +
                                              " still needs: " + stored.missing.front() +
                                              (stored.missing.size() > 1 ? " (and more)" : ""));
  if (const auto held = stored.held(); !held.empty())
    return fail(Reason::kGuardHeld,
                "a guard holds " + std::to_string(held.size()) + " causes of the plan " + stored.digest.brief());
  return {};
}

// Once more, on the world as it is: the plan may have been changed where it lay, or what it rests on is so no more.
// What is missing in it by now is a matter of the next plan.
Status check_before_sending(Workspace& workspace, store::Snapshot& snapshot, const StoredPlan& stored) {
  const auto workers = all_processors();
  TENURE_TRY(const Everybody everybody, load_everybody(workspace, snapshot, *workers));
  std::set<model::CauseId> released;
  for (const auto& approval : stored.approvals) released.insert(approval.releases.begin(), approval.releases.end());
  return check_plan(
      workspace.policy(), everybody.population, everybody.setting,
      {stored.bytes, stored.digest, stored.plan.policy, std::move(released), stored.circumstances.created_at, false});
}

// What other plans did since this one was made, or have on the way, counts: limits are not passed by plans that are
// made side by side.
Status check_guards(Workspace& workspace, const StoredPlan& stored) {
  std::set<model::CauseId> released = stored.released;
  for (const auto& approval : stored.approvals) released.insert(approval.releases.begin(), approval.releases.end());
  TENURE_TRY(const plan::Setting past, load_history(workspace));
  for (const auto& result :
       plan::evaluate_guards(workspace.policy(), past.now, past.history, stored.headcount, stored.plan, released))
    if (result.held)
      return fail(Reason::kGuardHeld, result.guard + ": " + result.text +
                                          ", with what was carried out since the plan was made; make it again, "
                                          "`tenure plan create`, and look at what is held");
  return {};
}

Result<std::map<model::CauseId, model::CaseId>> open_cases(store::Snapshot& snapshot) {
  TENURE_TRY(const auto rows, load_documents<engine::CaseRow>(snapshot, {Table::kCase}, engine::case_row_from_json));
  std::map<model::CauseId, model::CaseId> cases;
  for (const auto& row : rows)
    if (!row.closed) cases[row.cause.id] = row.id;
  return cases;
}

// The plan's own row and case, once its run exists: it cannot be applied a second time.
Status mark_applied(Workspace& workspace, const StoredPlan& stored, const RunOutcome& outcome) {
  if (stored.state != "draft") return {};
  evidence::Draft applied;
  applied.type = "plan.applied";
  applied.time = workspace.clock().now();
  applied.case_id = stored.case_id;
  applied.actor = {evidence::ActorKind::kSystem, "engine"};
  applied.policy = stored.plan.policy;
  applied.refs = {stored.digest.str(), outcome.run};
  applied.facts = {{"changes", outcome.total}};
  evidence::Draft closed = applied;
  closed.type = "case.closed";
  closed.facts = {};
  store::Batch batch;
  batch.writes.push_back(write_of(stored, "applied"));
  batch.records = {std::move(applied), std::move(closed)};
  TENURE_CHECK_OK(workspace.store().commit(batch));
  return {};
}

// What stands after the executor returned, from the rows: the truth that a crash would leave too.
Result<RunOutcome> summarise(Workspace& workspace, const std::string& run, const runtime::RunSummary& summary) {
  TENURE_TRY(const auto snapshot, workspace.store().snapshot());
  RunOutcome outcome;
  outcome.run = run;
  outcome.stopped = summary.stopped;
  outcome.obligations_open = summary.obligations;
  std::set<std::string> problems;
  TENURE_TRY(const auto changes,
             load_documents<engine::ChangeRow>(*snapshot, {Table::kChange}, engine::change_row_from_json));
  for (const auto& row : changes) {
    if (!run.empty() && row.run != run) continue;
    ++outcome.open[std::string(engine::name_of(row.state))];
    if (row.state == engine::ChangeState::kManual) ++outcome.manual_open;
    if (!row.problem.empty()) problems.insert(row.change.target.str() + ": " + row.problem);
  }
  store::Query ended{Table::kDone};
  if (!run.empty()) ended.owner = run;
  TENURE_TRY(const auto done, load_documents<engine::ChangeRow>(*snapshot, ended, engine::change_row_from_json));
  for (const auto& row : done) {
    ++outcome.ended[std::string(engine::name_of(row.state))];
    if (!row.problem.empty() && row.state != engine::ChangeState::kDone)
      problems.insert(row.change.target.str() + ": " + row.problem);
  }
  outcome.total = static_cast<std::int64_t>(done.size());
  for (const auto& [state, count] : outcome.open) outcome.total += count;
  for (const auto& problem : problems)
    if (outcome.problems.size() < 20) outcome.problems.push_back(problem);
  return outcome;
}

// Passes the caller's flag on to the executor, also while a target hangs and nothing moves. Ends with its owner.
class StopWatch {
 public:
  StopWatch(EngineRoom& room, const std::atomic<bool>* stop) {
    if (stop == nullptr) return;
    watcher_ = std::jthread([&room, stop](const std::stop_token& over) {
      std::mutex mutex;
      std::condition_variable_any tick;
      std::unique_lock lock(mutex);
      while (!over.stop_requested() && !stop->load())
        tick.wait_for(lock, over, std::chrono::milliseconds(100), [] { return false; });
      if (stop->load()) room.executor().request_stop();
    });
  }

 private:
  std::jthread watcher_;
};

Result<runtime::RunSummary> perform(EngineRoom& room, const std::optional<engine::Admit>& admission,
                                    const ApplyOptions& options, std::size_t total) {
  runtime::RunOptions run_options;
  run_options.patience = options.wait;
  std::size_t failed = 0;
  run_options.on_progress = [&](const runtime::Progress& progress) {
    if (progress.last != nullptr && progress.last->state != engine::ChangeState::kDone) ++failed;
    if (options.progress) options.progress({static_cast<std::size_t>(progress.ended), failed, total});
  };
  const StopWatch watch(room, options.stop);
  if (admission) return room.executor().apply(*admission, run_options);
  return room.executor().run(run_options);
}

// Every grant leaves a decision: once they have become many they go into blocks. Somebody else's decision meanwhile is
// no fault: what is not folded now is folded after another run.
Status fold(Workspace& workspace) {
  constexpr std::size_t kLeast = 4'096;
  for (const auto& [name, target] : workspace.policy().targets) {
    std::vector<store::Write> writes;
    {
      TENURE_TRY(const auto snapshot, workspace.store().snapshot());
      TENURE_TRY(writes, runtime::fold_decisions(*snapshot, name, kLeast));
    }
    if (writes.empty()) continue;
    const auto committed = workspace.store().commit({.writes = std::move(writes)});
    if (!committed && committed.error().reason() != Reason::kStoreConflict) return fail(committed.error());
  }
  return {};
}

}  // namespace

Result<RunOutcome> apply_plan(Workspace& workspace, const ApplyOptions& options) {
  TENURE_CHECK_OK(workspace.check_room());
  TENURE_CHECK_OK(reopen_obligations(workspace));
  std::optional<StoredPlan> stored;
  std::optional<engine::Admit> admission;
  std::string run;
  std::size_t total = 0;
  if (!options.digest.empty()) {
    TENURE_CHECK_OK(expire_plans(workspace));
    TENURE_TRY(stored, find_plan(workspace, options.digest));
    if (stored->state == "discarded" || stored->state == "expired")
      return fail(Reason::kPlanStale, "the plan " + stored->digest.brief() + " was " + stored->state);
    if (!options.authority) TENURE_CHECK_OK(check_approved(*stored));
    total = stored->plan.changes.size();
    TENURE_TRY(const auto snapshot, workspace.store().snapshot());
    TENURE_TRY(const auto runs, load_documents<engine::RunRow>(*snapshot, {Table::kRun}, engine::run_row_from_json));
    // A run that a crash interrupted goes on; an approved plan is admitted once.
    if (const auto known = run_of(runs, stored->digest);
        known && stored->circumstances.created_at <= known->started_at) {
      run = known->id;
    } else {
      if (!options.authority) {
        TENURE_CHECK_OK(check_before_sending(workspace, *snapshot, *stored));
        TENURE_CHECK_OK(check_guards(workspace, *stored));
      }
      TENURE_TRY(auto cases, open_cases(*snapshot));
      run = "R-" + workspace.environment().random.uuid().substr(0, 8);
      admission = engine::Admit{run, stored->digest, stored->bytes, stored->approvals, std::move(cases), std::nullopt};
      admission->authority = options.authority;
      if (options.authority) admission->mode = evidence::Mode::kBreakGlass;
      if (options.on_admission) TENURE_CHECK_OK(options.on_admission(run));
    }
  }
  TENURE_TRY(const auto room, EngineRoom::open(workspace));
  const Duration begun = workspace.clock().monotonic();
  TENURE_TRY(const auto summary, perform(*room, admission, options, total));
  TENURE_TRY(RunOutcome outcome, summarise(workspace, run, summary));
  if (stored) {
    outcome.plan = stored->digest;
    TENURE_CHECK_OK(mark_applied(workspace, *stored, outcome));
  }
  const bool waiting = std::any_of(outcome.open.begin(), outcome.open.end(), [](const auto& entry) {
    return entry.first != engine::name_of(engine::ChangeState::kManual);
  });
  outcome.timed_out = waiting && !outcome.stopped && workspace.clock().monotonic() - begun >= options.wait;
  TENURE_CHECK_OK(fold(workspace));
  TENURE_CHECK_OK(seal(workspace));
  return outcome;
}

Result<std::vector<engine::RunRow>> list_runs(Workspace& workspace) {
  TENURE_TRY(const auto snapshot, workspace.store().snapshot());
  TENURE_TRY(auto runs, load_documents<engine::RunRow>(*snapshot, {Table::kRun}, engine::run_row_from_json));
  std::stable_sort(runs.begin(), runs.end(), [](const auto& a, const auto& b) { return a.started_at < b.started_at; });
  return runs;
}

Result<RunView> show_run(Workspace& workspace, const std::string& id) {
  TENURE_TRY(const auto runs, list_runs(workspace));
  if (runs.empty()) return fail(Reason::kRunNotFound, "nothing was applied yet");
  const engine::RunRow* found = id.empty() ? &runs.back() : nullptr;
  for (const auto& run : runs) {
    if (id.empty() || !run.id.starts_with(id)) continue;
    if (found != nullptr) return fail(Reason::kRunNotFound, "more than one run begins with " + id);
    found = &run;
  }
  if (found == nullptr) return fail(Reason::kRunNotFound, "there is no run \"" + id + "\"");
  RunView view{*found, {}};
  TENURE_TRY(const auto snapshot, workspace.store().snapshot());
  TENURE_TRY(auto open, load_documents<engine::ChangeRow>(*snapshot, {Table::kChange}, engine::change_row_from_json));
  std::erase_if(open, [&](const engine::ChangeRow& row) { return row.run != found->id; });
  TENURE_TRY(const auto done,
             load_documents<engine::ChangeRow>(*snapshot, {Table::kDone, found->id}, engine::change_row_from_json));
  open.insert(open.end(), done.begin(), done.end());
  std::sort(open.begin(), open.end(), [](const auto& a, const auto& b) { return a.order < b.order; });
  TENURE_TRY(const auto attempts,
             load_documents<engine::AttemptRow>(*snapshot, {Table::kAttempt}, engine::attempt_row_from_json));
  std::map<model::ChangeId, std::vector<engine::AttemptRow>> by_change;
  for (const auto& attempt : attempts)
    if (attempt.run == found->id) by_change[attempt.change].push_back(attempt);
  for (auto& row : open) {
    auto& tries = by_change[row.change.id];
    std::sort(tries.begin(), tries.end(), [](const auto& a, const auto& b) { return a.number < b.number; });
    view.steps.push_back({std::move(row), std::move(tries)});
  }
  return view;
}

}  // namespace tenure::app
