// The real executor over a real store and targets in this process: what the engine's figures are measured on.
//
// One change is the work that the peers do as well (docs/performance.md): durable accept, durable intent, write,
// durable result, read-back, durable verified, each with its evidence in the same transaction. Every change has a
// cause, a case and an account of its own.
#pragma once

#include "harness.hpp"
#include "instant_target.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <tenure/base/clock.hpp>
#include <tenure/lab/process.hpp>
#include <tenure/plan/plan.hpp>
#include <tenure/runtime/executor.hpp>
#include <tenure/store/store.hpp>

namespace tenure::bench {

inline const model::TargetName kAlive("directory"), kDead("mainframe");
inline constexpr int kInFlight = 32;

// Where the store comes from: a folder, and whether it is to be made.
using OpenStore = std::function<Result<std::unique_ptr<store::Store>>(bool create, Random&, Entropy&)>;
OpenStore sqlite_in(const std::string& folder);

struct Work {
  plan::Verb verb = plan::Verb::kGrant;
  plan::Lane lane = plan::Lane::kGrant;
  model::TargetName target = kAlive;
  std::int64_t first = 0, count = 0;  // numbers of accounts
};
std::string account_name(std::int64_t number);

// A frozen plan of such changes, and what the engine admits. A standing approval is part of it.
engine::Admit admission(const Work& work, const std::string& run);

class EngineRig {
 public:
  EngineRig(Harness& harness, OpenStore open) : harness_(harness), open_(std::move(open)) {}

  // Opens (or makes) the store and an executor that has taken up every open row.
  void start(bool create);
  void stop();

  store::Store& store() { return *store_; }
  runtime::Executor& executor() { return *executor_; }
  InstantTarget& target(const model::TargetName& name) { return targets_.at(name); }
  const Clock& clock() const { return *clock_; }

  // Runs what is admitted to its end and checks it: every change done and verified, every right in the target, no write
  // repeated. Seconds from the first durable accept to the last durable verification.
  double run(const std::vector<Work>& works);
  // Rows of a table.
  std::int64_t rows(store::Table table, std::optional<std::string> state = std::nullopt);
  // Transactions of this store against changes that ended in it.
  double commits_per_change();

 private:
  void check(const std::vector<Work>& works);

  Harness& harness_;
  OpenStore open_;
  std::unique_ptr<Clock> clock_ = make_system_clock();
  std::unique_ptr<Entropy> entropy_ = make_system_entropy();
  Random store_random_{1}, engine_random_{2};
  InstantTargets targets_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<runtime::Executor> executor_;
  int runs_ = 0;
};

}  // namespace tenure::bench
