// Performs what the engine decides: commits to the store, calls to targets, time.
//
// One Executor per process. The engine loop runs on the thread that calls run() or apply(); each target has its own
// workers, so that a dead target holds up nobody else. Inputs that arrive together share one commit (group commit).
//
// Thread-safety: request_stop() from any thread, also from a signal handler; everything else from one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <tenure/base/clock.hpp>
#include <tenure/connector/connector.hpp>
#include <tenure/engine/exchange.hpp>
#include <tenure/engine/state.hpp>
#include <tenure/store/store.hpp>

namespace tenure::runtime {

// Opens connections; given by the application. Thread-safe. A connection is then used by one worker thread. An error is
// reported to the change that needed the connection, with effect none.
class ConnectionPool {
 public:
  virtual ~ConnectionPool() = default;
  virtual Result<std::unique_ptr<connector::Connection>> open(const model::TargetName& target) = 0;
};

// The engine's view of a target from its manifest; the caller fills quotas and work templates from the target document.
engine::TargetProfile profile_of(const model::TargetName& target, const connector::Manifest& manifest);

struct Progress {
  std::int64_t ended = 0;  // in this call of run()
  std::int64_t open = 0;
  std::int64_t in_flight = 0;
  const engine::Notify* last = nullptr;  // that ended just now; valid during the call
};

struct RunOptions {
  // run() returns when nothing is in flight and no change has ended for so long, although some wait for their time.
  Duration patience = Duration::seconds(20);
  std::function<void(const Progress&)> on_progress;  // on the caller's thread
};

struct RunSummary {
  std::int64_t done = 0, failed = 0, stale = 0, drift = 0, superseded = 0, cancelled = 0;  // ended during this call
  std::int64_t manual = 0;                                                                 // open: with people
  std::int64_t unknown = 0;      // open: outcome not known yet
  std::int64_t waiting = 0;      // open: not due, or their target does not answer
  std::int64_t obligations = 0;  // open
  Time next_at = Time::never();  // when something is due again
  bool stopped = false;
  std::vector<engine::Notify> ended;
};

struct Services {
  store::Store& store;
  ConnectionPool& connections;
  const Clock& clock;
  Random& random;
};

class Executor {
 public:
  Executor(Services services, std::vector<engine::TargetProfile> targets, engine::Limits limits = {});
  ~Executor();  // waits for calls in flight

  // Takes up every open row of the store: call it first. Changes whose outcome was never recorded are read back by the
  // next run().
  Status resume();

  // Admits an approved plan and runs. Errors: those of the engine's refusal (kPlanNotApproved, kGuardHeld,
  // kChangeNotInPlan, nothing was recorded then) and of run().
  Result<RunSummary> apply(engine::Admit admission, const RunOptions& options = {});

  // Goes on until everything ended, waits for people, or waits longer than the options allow. On return nothing is in
  // flight. An error of the store: nothing more was sent after it; resume() before anything else.
  Result<RunSummary> run(const RunOptions& options = {});

  // Something that the engine should know (Observed, WorkOrderMoved, Waive); taken in by the next run().
  void post(engine::Input input);

  // Starts nothing more; run() returns when what is in flight has been recorded.
  void request_stop() noexcept;

  const engine::State& state() const;

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace tenure::runtime
