// The threads that talk to one target. Each has its own connection, opened when it is first needed.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <variant>
#include <vector>

#include <tenure/engine/exchange.hpp>
#include <tenure/runtime/executor.hpp>

namespace tenure::runtime {

using Call = std::variant<engine::Send, engine::Read>;

class Workers {
 public:
  // `answer` is called on a worker thread, once per call.
  Workers(model::TargetName target, int threads_max, ConnectionPool& pool, std::function<void(engine::Input)> answer);
  ~Workers();  // finishes what was given
  void give(Call call);

 private:
  void work();
  void wake_one();  // REQUIRES: mutex_ is held
  void serve(std::unique_ptr<connector::Connection>& connection, const Call& call);

  const model::TargetName target_;
  const std::size_t threads_max_;
  ConnectionPool& pool_;
  const std::function<void(engine::Input)> answer_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Call> queue_;
  std::size_t idle_ = 0;
  std::size_t told_ = 0;  // to look, and have not looked yet
  bool closing_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace tenure::runtime
