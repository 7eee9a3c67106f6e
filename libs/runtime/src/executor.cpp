#include "committer.hpp"
#include "workers.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>

#include <tenure/engine/step.hpp>
#include <tenure/runtime/executor.hpp>
#include <tenure/runtime/row_mapping.hpp>

namespace tenure::runtime {

engine::TargetProfile profile_of(const model::TargetName& target, const connector::Manifest& manifest) {
  engine::TargetProfile profile;
  profile.name = target;
  profile.manual = manifest.manual;
  profile.reads_accounts = manifest.reads_accounts;
  profile.ends_sessions = manifest.ends_sessions;
  profile.writes_whole_entitlement = manifest.grant_writes_object == "entitlement";
  switch (manifest.create_class) {
    case connector::OperationClass::kA:
    case connector::OperationClass::kB:
      profile.create_class = engine::CreateClass::kNaturalKey;
      break;
    case connector::OperationClass::kC:
      profile.create_class = engine::CreateClass::kMadeByTarget;
      break;
    case connector::OperationClass::kD:
    case connector::OperationClass::kE:
      profile.create_class = engine::CreateClass::kOneShot;
      break;
  }
  profile.consistency_lag = manifest.consistency_lag;
  profile.request_lifetime_max = manifest.request_lifetime_max;
  return profile;
}

class Executor::Implementation {
 public:
  Implementation(Services services, std::vector<engine::TargetProfile> targets, engine::Limits limits)
      : services_(services),
        profiles_(std::move(targets)),
        limits_(limits),
        committer_(services.store, services.clock, [this] { look(); }) {
    state_ = engine::load({}, profiles_, limits_);
  }

  Status resume() {
    TENURE_TRY(const auto snapshot, services_.store.snapshot());
    TENURE_TRY(engine::Rows rows, load_rows(*snapshot));
    state_ = engine::load(std::move(rows), profiles_, limits_, state_.next_serial);
    broken_ = false;
    post(engine::Tick{});
    return {};
  }

  void post(engine::Input input) {
    {
      const std::lock_guard lock(mutex_);
      inbox_.push_back(std::move(input));
    }
    arrived_.notify_one();
  }

  void request_stop() noexcept { stop_.store(true); }

  Result<RunSummary> run(const RunOptions& options) {
    if (broken_) return fail(Reason::kStoreIo, "a commit failed; the state has to be loaded again");
    summary_ = {};
    options_ = &options;
    state_.stopping = false;
    Duration last_end = services_.clock.monotonic();
    std::int64_t ended = 0;
    while (true) {
      std::deque<engine::Input> inputs = take();
      std::optional<Committer::Outcome> outcome = committer_.take();
      if (!outcome && inputs.empty()) inputs.emplace_back(engine::Tick{});
      if (outcome)
        if (Status durable = became_durable(*outcome); !durable) return abandon(std::move(durable).error());
      if (stop_.load() && !state_.stopping) inputs.emplace_back(engine::Stop{});
      for (const engine::Input& input : inputs) step(input);
      commit_what_waits();
      if (refused_ && !committer_.busy()) return refuse();

      const auto total = static_cast<std::int64_t>(summary_.ended.size());
      if (total != ended) last_end = services_.clock.monotonic();
      ended = total;
      if (calls_out_ == 0 && !committer_.busy() && finished(last_end)) return summarise();
      wait();
    }
  }

  Result<RunSummary> apply(engine::Admit admission, const RunOptions& options) {
    post(std::move(admission));
    return run(options);
  }

  const engine::State& state() const { return state_; }

 private:
  std::deque<engine::Input> take() {
    const std::lock_guard lock(mutex_);
    std::deque<engine::Input> inputs;
    inputs.swap(inbox_);
    looked_at_ = true;
    return inputs;
  }

  // The committer has an outcome.
  void look() {
    {
      const std::lock_guard lock(mutex_);
      looked_at_ = false;
    }
    arrived_.notify_one();
  }

  void step(const engine::Input& input) {
    if (std::holds_alternative<engine::SendDone>(input) || std::holds_alternative<engine::ReadDone>(input))
      --calls_out_;
    engine::Effects effects = engine::step(state_, input, services_.clock.now(), services_.random);
    for (engine::Effect& effect : effects) std::visit([this](auto& one) { perform(one); }, effect);
  }

  void perform(engine::Commit& commit) { commits_.push_back(std::move(commit)); }
  void perform(engine::Send& send) {
    const model::TargetName target = send.change.target;
    give(target, std::move(send));
  }
  void perform(engine::Read& read) {
    const model::TargetName target = read.target;
    give(target, std::move(read));
  }
  void perform(engine::Arm& arm) { armed_ = arm.at; }
  void perform(engine::Notify& notify) { ends_.push_back(std::move(notify)); }
  void perform(engine::Reload&) {}  // became_durable() has the error
  void perform(engine::Refused& refused) { refused_ = std::move(refused.error); }

  void give(const model::TargetName& target, Call call) {
    auto& workers = workers_[target];
    if (!workers) {
      const auto it = state_.targets.find(target);
      const int threads = it == state_.targets.end() ? 1 : it->second.profile.concurrency_max;
      workers = std::make_unique<Workers>(target, threads, services_.connections,
                                          [this](engine::Input input) { post(std::move(input)); });
    }
    ++calls_out_;
    workers->give(std::move(call));
  }

  // Everything that was decided while the last transaction was made durable becomes the next one.
  void commit_what_waits() {
    if (commits_.empty() || committer_.busy()) return;
    committer_.give(std::exchange(commits_, {}));
    ends_given_ = std::exchange(ends_, {});
  }

  // What is durable now: sends may leave, and people may hear of what ended.
  Status became_durable(const Committer::Outcome& outcome) {
    const auto result = outcome.status ? engine::CommitResult::kOk : engine::CommitResult::kUnknown;
    for (const engine::Commit& one : outcome.commits) step(engine::CommitDone{one.ticket, result});
    if (!outcome.status) return outcome.status;
    for (engine::Notify& end : std::exchange(ends_given_, {})) tell(std::move(end));
    return {};
  }

  void tell(engine::Notify end) {
    summary_.ended.push_back(std::move(end));
    if (!options_->on_progress) return;
    options_->on_progress({.ended = static_cast<std::int64_t>(summary_.ended.size()),
                           .open = static_cast<std::int64_t>(state_.changes.size()),
                           .in_flight = calls_out_,
                           .last = &summary_.ended.back()});
  }

  // Memory and disk differ: wait for what runs, forget its answers (a restart finds out), and let the caller decide.
  Result<RunSummary> abandon(Error error) {
    drain();
    commits_.clear();
    ends_.clear();
    ends_given_.clear();
    broken_ = true;
    return fail(std::move(error));
  }

  Result<RunSummary> refuse() {
    Error error = std::move(*refused_);
    refused_.reset();
    return fail(std::move(error));
  }

  void drain() {
    while (calls_out_ > 0) {
      const std::deque<engine::Input> late = take();
      for (const engine::Input& input : late)
        if (std::holds_alternative<engine::SendDone>(input) || std::holds_alternative<engine::ReadDone>(input))
          --calls_out_;
      if (late.empty()) {
        std::unique_lock lock(mutex_);
        arrived_.wait(lock, [this] { return !inbox_.empty(); });
      }
    }
  }

  bool finished(Duration last_end) {
    {
      const std::lock_guard lock(mutex_);
      if (!inbox_.empty()) return false;
    }
    if (state_.stopping) return true;
    if (armed_ == Time::never()) return true;
    const Time now = services_.clock.now();
    if (armed_ <= now) return false;
    const bool work = std::any_of(state_.changes.begin(), state_.changes.end(),
                                  [](const auto& one) { return one.second.row.state != engine::ChangeState::kManual; });
    if (!work) return true;  // only deadlines of people are left
    return armed_ - now > options_->patience || services_.clock.monotonic() - last_end > options_->patience;
  }

  void wait() {
    // The stop flag may be set by a signal handler, which cannot notify: look at it five times a second.
    Duration longest = Duration::millis(200);
    const Time now = services_.clock.now();
    if (armed_ != Time::never()) longest = std::min(longest, armed_ > now ? armed_ - now : Duration::micros(0));
    std::unique_lock lock(mutex_);
    arrived_.wait_for(lock, std::chrono::microseconds(longest.to_micros()),
                      [this] { return !inbox_.empty() || !looked_at_; });
  }

  Result<RunSummary> summarise() {
    using engine::ChangeState;
    RunSummary out = std::move(summary_);
    for (const engine::Notify& notify : out.ended) {
      switch (notify.state) {
        case ChangeState::kDone:
          ++out.done;
          break;
        case ChangeState::kFailed:
          ++out.failed;
          break;
        case ChangeState::kStale:
          ++out.stale;
          break;
        case ChangeState::kDrift:
          ++out.drift;
          break;
        case ChangeState::kSuperseded:
          ++out.superseded;
          break;
        default:
          ++out.cancelled;
          break;
      }
    }
    out.manual = state_.count(ChangeState::kManual);
    out.unknown = state_.count(ChangeState::kUnknown);
    out.waiting = static_cast<std::int64_t>(state_.changes.size()) - out.manual - out.unknown;
    out.obligations = static_cast<std::int64_t>(state_.obligations.size());
    out.next_at = armed_;
    out.stopped = state_.stopping;
    options_ = nullptr;
    return out;
  }

  const Services services_;
  const std::vector<engine::TargetProfile> profiles_;
  const engine::Limits limits_;
  engine::State state_;
  bool broken_ = false;
  std::vector<engine::Commit> commits_;            // decided, not yet given to the committer
  std::vector<engine::Notify> ends_, ends_given_;  // that they say, and that what was given says
  Time armed_ = Time::never();
  std::int64_t calls_out_ = 0;
  std::optional<Error> refused_;
  RunSummary summary_;
  const RunOptions* options_ = nullptr;
  std::atomic<bool> stop_{false};

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<engine::Input> inbox_;
  bool looked_at_ = true;  // after the last outcome of the committer

  Committer committer_;

  std::map<model::TargetName, std::unique_ptr<Workers>> workers_;  // last: joined before the inbox goes
};

Executor::Executor(Services services, std::vector<engine::TargetProfile> targets, engine::Limits limits)
    : implementation_(std::make_unique<Implementation>(services, std::move(targets), limits)) {}
Executor::~Executor() = default;
Status Executor::resume() {
  return implementation_->resume();
}
Result<RunSummary> Executor::apply(engine::Admit admission, const RunOptions& options) {
  return implementation_->apply(std::move(admission), options);
}
Result<RunSummary> Executor::run(const RunOptions& options) {
  return implementation_->run(options);
}
void Executor::post(engine::Input input) {
  implementation_->post(std::move(input));
}
void Executor::request_stop() noexcept {
  implementation_->request_stop();
}
const engine::State& Executor::state() const {
  return implementation_->state();
}

}  // namespace tenure::runtime
