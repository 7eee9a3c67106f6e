// What must hold whatever happens. Each oracle names the invariant it stands for; the planted defects show that it can fail.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <tenure/connector/testing/fake_target.hpp>
#include <tenure/engine/exchange.hpp>
#include <tenure/engine/state.hpp>
#include <tenure/store/store.hpp>

namespace tenure::simulation {

class Oracles {
 public:
  std::vector<std::string> violations;
  std::int64_t floor_share = 0;
  std::map<model::TargetName, engine::TargetProfile> profiles;

  // A plan that was approved / one that nobody approved.
  void approved(const std::set<model::ChangeId>& changes);
  void unapproved(const std::set<model::ChangeId>& changes);

  // The process asks for effects. `state` is as step() left it.
  void on_step(const engine::State& state, const engine::Effects& effects);
  void on_send(const engine::Send& send, const engine::TargetProfile& profile);
  void on_read(const model::ChangeId& change) { looked_.insert(change); }
  void on_answer(std::int64_t serial);
  void on_crash();
  void on_durable(const engine::Commit& commit, Time now,
                  const std::map<model::TargetName, const connector::testing::FakeTarget*>& targets);

  // A write reaches a target.
  void on_write(const model::TargetName& target, const connector::testing::FakeWrite& write, store::Store& store);
  // Somebody else changed this account: earlier effects of ours no longer tell anything about it.
  void on_meddling(const model::TargetName& target, const model::NativeId& account);

  void at_end(store::Store& store, const engine::State& state);
  void fail(const std::string& invariant, const std::string& what);

 private:
  struct Arrivals {
    int all = 0;
    bool changed = false;
  };
  void check_obligations(const engine::Commit& commit);
  void check_done(const engine::Commit& commit, Time now,
                  const std::map<model::TargetName, const connector::testing::FakeTarget*>& targets);
  void check_attempts(const engine::Commit& commit);
  void check_nothing_may_land(const engine::ChangeRow& revocation, Time now);

  std::set<model::ChangeId> approved_;
  std::set<model::ChangeId> unapproved_;
  std::map<model::ChangeId, plan::Change> changes_;
  std::map<model::ChangeId, std::string> states_;      // durable state by change
  std::map<model::ChangeId, Time> admitted_;
  std::map<model::ChangeId, Arrivals> arrivals_;
  std::map<std::string, Time> proven_;  // obligation -> when the change that proved it was admitted
  std::map<model::ChangeId, model::NativeId> accounts_;
  struct Flight {
    model::ChangeId change;
    std::string object;
    bool takes_away = false;
  };
  std::map<std::int64_t, Flight> flights_;
  std::set<model::ChangeId> looked_;  // read since their last send, by this process
  struct Attempt {
    std::string outcome;
    Time intended_at;
    Time send_deadline;
  };
  std::map<std::pair<model::ChangeId, int>, Attempt> attempts_;
  struct Bucket {
    double tokens = 0;
    Time at;
  };
  std::map<model::TargetName, Bucket> buckets_;
};

}  // namespace tenure::simulation
