// The thread that makes what the engine decided durable, so that the engine decides the next transaction while the last
// one is being synced (group commit): one transaction at a time, in the order given.
//
// Thread-safety: one owner gives and takes; the callback comes on the committer's thread.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include <tenure/base/clock.hpp>
#include <tenure/engine/exchange.hpp>
#include <tenure/store/store.hpp>

namespace tenure::runtime {

class Committer {
 public:
  struct Outcome {
    std::vector<engine::Commit> commits;
    Status status;
  };

  // `finished` is called when an outcome may be taken.
  Committer(store::Store& store, const Clock& clock, std::function<void()> finished);
  ~Committer();  // finishes what was given

  // One transaction. REQUIRES: not busy().
  void give(std::vector<engine::Commit> commits);
  // Something was given whose outcome has not been taken.
  bool busy() const { return given_; }
  // The outcome, once it is there. An error: nothing of it may be taken for durable, and the store has to be read.
  std::optional<Outcome> take();

 private:
  void work();
  Status commit(const std::vector<engine::Commit>& commits);
  Status try_commit(const std::vector<engine::Commit>& commits);

  store::Store& store_;
  const Clock& clock_;
  const std::function<void()> finished_;
  bool given_ = false;  // owner's

  std::mutex mutex_;
  std::condition_variable changed_;
  bool closing_ = false;
  std::optional<std::vector<engine::Commit>> work_;
  std::optional<Outcome> outcome_;
  std::thread thread_;  // last: everything else is there when it begins
};

}  // namespace tenure::runtime
