#include "committer.hpp"

#include <algorithm>

#include <tenure/runtime/row_mapping.hpp>

namespace tenure::runtime {
namespace {

constexpr int kConflictsMax = 5;

bool reads_rows(const engine::Commit& commit) {
  return std::any_of(commit.writes.begin(), commit.writes.end(), [](const auto& write) { return write.merge; });
}

}  // namespace

Committer::Committer(store::Store& store, const Clock& clock, std::function<void()> finished)
    : store_(store), clock_(clock), finished_(std::move(finished)), thread_([this] { work(); }) {}

Committer::~Committer() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Committer::give(std::vector<engine::Commit> commits) {
  given_ = true;
  {
    const std::lock_guard lock(mutex_);
    work_ = std::move(commits);
  }
  changed_.notify_one();
}

std::optional<Committer::Outcome> Committer::take() {
  if (!given_) return std::nullopt;
  const std::lock_guard lock(mutex_);
  std::optional<Outcome> outcome = std::move(outcome_);
  outcome_.reset();
  if (outcome) given_ = false;
  return outcome;
}

void Committer::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return closing_ || work_; });
    if (!work_) return;
    std::vector<engine::Commit> commits = std::move(*work_);
    work_.reset();
    lock.unlock();
    Status status = commit(commits);
    lock.lock();
    outcome_.emplace(std::move(commits), std::move(status));
    lock.unlock();
    finished_();
    lock.lock();
  }
}

Status Committer::commit(const std::vector<engine::Commit>& commits) {
  Status status = try_commit(commits);
  // Somebody else wrote a row that is merged: it is read again.
  for (int i = 0; i < kConflictsMax && !status && status.error().reason() == Reason::kStoreConflict; ++i)
    status = try_commit(commits);
  return status;
}

Status Committer::try_commit(const std::vector<engine::Commit>& commits) {
  store::Batch batch;
  // Everything that was given before is durable here, so that a snapshot shows it.
  std::unique_ptr<store::Snapshot> snapshot;
  if (std::any_of(commits.begin(), commits.end(), reads_rows)) {
    TENURE_TRY(snapshot, store_.snapshot());
  }
  for (const engine::Commit& one : commits) TENURE_CHECK_OK(append(batch, one, snapshot.get(), clock_.now()));
  snapshot.reset();
  if (batch.empty()) return {};
  TENURE_TRY([[maybe_unused]] const auto committed, store_.commit(batch));
  return {};
}

}  // namespace tenure::runtime
