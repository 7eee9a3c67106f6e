// A small world in virtual time: targets that misbehave, a store that survives crashes, people who change things behind
// Tenure's back, and the engine in the middle. One seed decides everything; the same seed gives the same trace on every
// compiler (T16).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <tenure/base/clock.hpp>
#include <tenure/base/time.hpp>
#include <tenure/connector/testing/fake_target.hpp>
#include <tenure/engine/exchange.hpp>
#include <tenure/engine/state.hpp>
#include <tenure/store/store.hpp>

#include "oracles.hpp"

namespace tenure::store_memory {
struct Disk;
}

namespace tenure::simulation {

struct Options {
  std::uint64_t seed = 1;
  bool trace = false;  // print every event
};

struct Outcome {
  std::vector<std::string> violations;  // "T3: ..."
  std::string trace_hash;
  std::int64_t changes = 0;
  std::int64_t crashes = 0;
  std::int64_t writes = 0;
};

Outcome simulate(const Options& options);

// One simulated target with what the engine knows of it.
struct SimTarget {
  std::unique_ptr<connector::testing::FakeTarget> fake;
  std::unique_ptr<connector::Connection> connection;
  engine::TargetProfile profile;
  bool down = false;
  std::vector<model::NativeId> accounts;
  int created = 0;
  Time last_write;
};

class World {
 public:
  explicit World(const Options& options);
  ~World();
  Outcome run();

 private:
  // --- virtual time ---
  struct Event {
    std::int64_t life = -1;  // of which process; -1: of the outside world
    std::function<void()> run;
  };
  void after(Duration delay, bool of_process, std::function<void()> run);
  bool next(Time until);  // performs one event; false: none before `until`
  Duration between(std::int64_t low_ms, std::int64_t high_ms);

  // --- the process ---
  void start();
  void crash(const char* where);
  bool crash_here(const char* where);
  void input(const engine::Input& input);
  void perform(engine::Effect& effect);
  void perform_commit(engine::Commit& commit);
  void perform_send(const engine::Send& send);
  void perform_read(const engine::Read& read);
  void commit_all();

  // --- the outside ---
  void make_targets();
  connector::testing::Fault choose_fault(const model::TargetName& target, bool write);
  void meddle();
  void people_work();
  bool busy(const model::TargetName& target, const model::NativeId& account) const;

  // --- planning: desired against what is really there ---
  struct Wanted {
    bool enabled = true;
    bool present = true;
    std::set<model::EntitlementId> entitlements;
  };
  void change_wishes();
  void plan_and_admit(bool unapproved);
  std::vector<plan::Change> difference();
  bool settled() const;

  void note(const std::string& line);
  void shut_out_faults();

  Options options_;
  Random random_;
  Random engine_random_;
  Random evidence_random_;
  SeededEntropy entropy_;
  Time now_;
  std::map<std::pair<Time, std::int64_t>, Event> events_;
  std::int64_t next_event_ = 1;

  std::shared_ptr<store_memory::Disk> disk_;
  std::unique_ptr<store::Store> store_;
  engine::State state_;
  bool up_ = false;
  std::int64_t life_ = 0;
  std::vector<engine::Commit> pending_;
  bool commit_scheduled_ = false;
  Time tick_at_ = Time::never();

  std::map<model::TargetName, SimTarget> targets_;
  std::map<model::AccountRef, Wanted> wanted_;
  std::map<std::pair<model::TargetName, std::string>, std::set<model::EntitlementId>> creating_;  // by login
  bool faults_ = true;
  int fault_rate_ = 0;  // of 1000
  int crash_rate_ = 0;  // of 10000
  int plans_ = 0;
  Oracles oracles_;
  Outcome outcome_;
  std::string trace_;
};

}  // namespace tenure::simulation
