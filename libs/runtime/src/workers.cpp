#include "workers.hpp"

#include "calls.hpp"

namespace tenure::runtime {

Workers::Workers(model::TargetName target, int threads_max, ConnectionPool& pool,
                 std::function<void(engine::Input)> answer)
    : target_(std::move(target)),
      threads_max_(static_cast<std::size_t>(threads_max < 1 ? 1 : threads_max)),
      pool_(pool),
      answer_(std::move(answer)) {}

Workers::~Workers() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Workers::give(Call call) {
  const std::lock_guard lock(mutex_);
  queue_.push_back(std::move(call));
  if (told_ == 0) wake_one();
}

// One is told at a time; who takes a call tells the next one before it asks the target. Where answers come at once, few
// threads do all of it, and where they do not, there are soon as many as may be.
void Workers::wake_one() {
  if (idle_ > 0) {
    ++told_;
    changed_.notify_one();
  } else if (threads_.size() < threads_max_) {
    ++told_;
    threads_.emplace_back([this] { work(); });
  }
}

void Workers::work() {
  std::unique_ptr<connector::Connection> connection;
  std::unique_lock lock(mutex_);
  if (told_ > 0) --told_;
  while (true) {
    if (queue_.empty()) {
      if (closing_) return;
      ++idle_;
      changed_.wait(lock, [this] { return closing_ || told_ > 0; });
      --idle_;
      if (told_ > 0) --told_;
      continue;
    }
    const Call call = std::move(queue_.front());
    queue_.pop_front();
    if (!queue_.empty() && told_ == 0) wake_one();
    lock.unlock();
    serve(connection, call);
    lock.lock();
  }
}

void Workers::serve(std::unique_ptr<connector::Connection>& connection, const Call& call) {
  if (!connection) {
    auto opened = pool_.open(target_);
    if (!opened) {
      if (const auto* send = std::get_if<engine::Send>(&call))
        answer_(engine::SendDone{.serial = send->serial,
                                 .change = send->change.id,
                                 .target = send->change.target,
                                 .outcome = engine::AttemptOutcome::kFailed,
                                 .error = std::move(opened).error()});
      else
        answer_(engine::ReadDone{.serial = std::get<engine::Read>(call).serial,
                                 .reading = {.error = std::move(opened).error()}});
      return;
    }
    connection = std::move(*opened);
  }
  std::visit([&](const auto& one) { answer_(perform(*connection, one)); }, call);
}

}  // namespace tenure::runtime
