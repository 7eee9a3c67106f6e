#include "world.hpp"

#include "calls.hpp"

#include <cstdio>

#include <tenure/engine/step.hpp>
#include <tenure/plan/plan.hpp>
#include <tenure/runtime/row_mapping.hpp>
#include <tenure/store_memory/memory_store.hpp>

namespace tenure::simulation {
namespace {

using connector::testing::FakeTarget;
using connector::testing::FakeWrite;
using connector::testing::Fault;
using plan::Verb;

const Time kBegin = Time::from_micros(1'800'000'000'000'000);

std::uint64_t mix(std::uint64_t hash, const std::string& text) {  // FNV-1a
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return hash;
}

// What a person does who was told to.
void by_hand(FakeTarget& target, const plan::Change& change, const model::NativeId& account) {
  switch (change.verb) {
    case Verb::kCreate: {
      model::Account one;
      one.name = change.account.name;
      one.account_class = change.account_class;
      one.attributes = change.attributes;
      target.add_account(one);
      break;
    }
    case Verb::kDelete:
      target.remove_account(account);
      break;
    case Verb::kEnable:
    case Verb::kDisable:
      target.set_enabled(account, change.verb == Verb::kEnable);
      break;
    case Verb::kGrant:
      target.add_grant(account, change.entitlement, change.parameters);
      break;
    case Verb::kRevoke:
      target.remove_grant(account, change.entitlement);
      break;
    default:
      break;
  }
}

}  // namespace

World::World(const Options& options)
    : options_(options),
      random_(options.seed),
      engine_random_(options.seed ^ 0x9e37),
      evidence_random_(options.seed ^ 0x79b9),
      entropy_(options.seed),
      now_(kBegin),
      disk_(store_memory::make_disk()) {}

World::~World() = default;

Duration World::between(std::int64_t low_ms, std::int64_t high_ms) {
  return Duration::micros(low_ms * 1000 + static_cast<std::int64_t>(random_.below(
                                              static_cast<std::uint64_t>((high_ms - low_ms) * 1000 + 1))));
}

void World::after(Duration delay, bool of_process, std::function<void()> run) {
  events_[{now_ + delay, next_event_++}] = {of_process ? life_ : -1, std::move(run)};
}

bool World::next(Time until) {
  if (events_.empty() || events_.begin()->first.first > until) return false;
  auto node = events_.extract(events_.begin());
  now_ = std::max(now_, node.key().first);
  const Event& event = node.mapped();
  if (event.life >= 0 && (event.life != life_ || !up_)) return true;
  event.run();
  return true;
}

void World::note(const std::string& line) {
  const std::string stamped = std::to_string((now_ - kBegin).to_micros()) + " " + line + "\n";
  trace_ = std::to_string(mix(trace_.empty() ? 0xcbf29ce484222325ULL : std::stoull(trace_), stamped));
  if (options_.trace) std::fputs(stamped.c_str(), stdout);
}

// --- the process ---

void World::start() {
  auto store = store_memory::open(disk_, evidence_random_, entropy_);
  if (!store) {
    oracles_.fail("store", store.error().to_string());
    return;
  }
  store_ = std::move(*store);
  ++life_;
  up_ = true;
  pending_.clear();
  commit_scheduled_ = false;
  tick_at_ = Time::never();
  auto snapshot = store_->snapshot();
  auto rows = runtime::load_rows(**snapshot);
  if (!rows) {
    oracles_.fail("load", rows.error().to_string());
    return;
  }
  std::vector<engine::TargetProfile> profiles;
  for (const auto& [name, target] : targets_) profiles.push_back(target.profile);
  engine::Limits limits;
  limits.floor_share = oracles_.floor_share;
  limits.grant_attempts_max = 4;
  state_ = engine::load(std::move(*rows), std::move(profiles), limits, life_ * 1'000'000);
  input(engine::Tick{});
}

void World::crash(const char* where) {
  note(std::string("crash ") + where);
  up_ = false;
  ++outcome_.crashes;
  oracles_.on_crash();
  after(between(1, 3000), false, [this] { start(); });
}

bool World::crash_here(const char* where) {
  if (!up_) return true;
  if (crash_rate_ == 0 || random_.below(10000) >= static_cast<std::uint64_t>(crash_rate_)) return false;
  crash(where);
  return true;
}

void World::input(const engine::Input& input) {
  if (!up_) return;
  engine::Effects effects = engine::step(state_, input, now_, engine_random_);
  oracles_.on_step(state_, effects);
  for (engine::Effect& effect : effects) {
    if (crash_here("between effects")) return;
    perform(effect);
  }
}

void World::perform(engine::Effect& effect) {
  if (auto* commit = std::get_if<engine::Commit>(&effect)) {
    perform_commit(*commit);
  } else if (const auto* send = std::get_if<engine::Send>(&effect)) {
    perform_send(*send);
  } else if (const auto* read = std::get_if<engine::Read>(&effect)) {
    perform_read(*read);
  } else if (const auto* arm = std::get_if<engine::Arm>(&effect)) {
    if (arm->at == Time::never()) return;
    after(arm->at > now_ ? arm->at - now_ : Duration{}, true, [this] { input(engine::Tick{}); });
  } else if (std::holds_alternative<engine::Reload>(effect)) {
    crash("reload");
  } else if (const auto* notify = std::get_if<engine::Notify>(&effect)) {
    note("end " + notify->change.str() + " " + std::string(name_of(notify->state)));
    ++outcome_.changes;
  } else if (const auto* refused = std::get_if<engine::Refused>(&effect)) {
    note("refused " + reason_code(refused->error.reason()));
  }
}

void World::perform_commit(engine::Commit& commit) {
  pending_.push_back(std::move(commit));
  if (commit_scheduled_) return;
  commit_scheduled_ = true;
  after(between(0, 20), true, [this] { commit_all(); });
}

void World::commit_all() {
  commit_scheduled_ = false;
  std::vector<engine::Commit> commits;
  commits.swap(pending_);
  if (crash_here("before commit")) return;
  const auto trouble = [&](int per_mille) {
    return faults_ && random_.below(1000) < static_cast<std::uint64_t>(per_mille);
  };
  engine::CommitResult result = engine::CommitResult::kOk;
  bool applied = true;
  if (trouble(fault_rate_ / 20)) {
    result = random_.chance(1, 2) ? engine::CommitResult::kFailed : engine::CommitResult::kUnknown;
    applied = result == engine::CommitResult::kUnknown && random_.chance(1, 2);
  }
  if (applied) {
    store::Batch batch;
    auto snapshot = store_->snapshot();
    for (const engine::Commit& commit : commits)
      if (auto status = runtime::append(batch, commit, snapshot->get(), now_); !status)
        oracles_.fail("commit", status.error().to_string());
    if (auto committed = store_->commit(batch); !committed) oracles_.fail("commit", committed.error().to_string());
    std::map<model::TargetName, const FakeTarget*> fakes;
    for (const auto& [name, target] : targets_) fakes[name] = target.fake.get();
    for (const engine::Commit& commit : commits) oracles_.on_durable(commit, now_, fakes);
    note("commit " + std::to_string(commits.size()) + " " + std::to_string(batch.records.size()));
  }
  for (const engine::Commit& commit : commits) {
    if (crash_here("after commit")) return;
    input(engine::CommitDone{commit.ticket, result});
  }
}

void World::perform_send(const engine::Send& send) {
  SimTarget& target = targets_.at(send.change.target);
  oracles_.on_send(send, target.profile);
  ++outcome_.writes;
  note("send " + send.change.id.str() + " " + std::string(plan::name_of(send.change.verb)));
  const std::int64_t life = life_;
  after(between(1, 150), false, [this, send, life] {
    SimTarget& there = targets_.at(send.change.target);
    const engine::SendDone done = runtime::perform(*there.connection, send);
    note("apply " + send.change.id.str() + " " + std::string(name_of(done.outcome)));
    if (there.fake->late_count() > 0) {
      const std::int64_t longest = there.profile.request_lifetime_max.to_micros() / 1000;
      after(between(0, longest), false, [this, name = send.change.target] {
        note("landed " + std::to_string(targets_.at(name).fake->land_late()));
      });
    }
    if (life != life_ || !up_) return;
    const bool timeout = done.error && done.error->code() == Code::kTimeout;
    after(timeout ? send.timeout : between(1, 150), true, [this, done] {
      oracles_.on_answer(done.serial);
      if (!crash_here("before outcome")) input(done);
    });
  });
}

void World::perform_read(const engine::Read& read) {
  after(between(1, 80), true, [this, read] {
    SimTarget& there = targets_.at(read.target);
    const engine::ReadDone done = runtime::perform(*there.connection, read);
    note("read " + read.change.str() + " " + read.why);
    const bool timeout = done.reading.error && done.reading.error->code() == Code::kTimeout;
    after(timeout ? read.timeout : between(1, 80), true, [this, done, id = read.change] {
      oracles_.on_read(id);
      input(done);
    });
  });
}

// --- the outside ---

void World::make_targets() {
  const int count = 1 + static_cast<int>(random_.below(3));
  for (int i = 0; i < count; ++i) {
    const model::TargetName name("t" + std::to_string(i));
    SimTarget& target = targets_[name];
    target.fake = std::make_unique<FakeTarget>(name);
    target.fake->manifest.ends_sessions = !random_.chance(1, 4);
    target.connection = target.fake->connect();
    engine::TargetProfile& profile = target.profile;
    profile.name = name;
    profile.manual = random_.chance(1, 10);
    profile.ends_sessions = target.fake->manifest.ends_sessions;
    profile.writes_whole_entitlement = random_.chance(1, 3);
    profile.concurrency_max = 1 + static_cast<int>(random_.below(4));
    profile.call_timeout = between(1000, 5000);
    profile.request_lifetime_max = between(3000, 20000);
    profile.consistency_lag = random_.chance(1, 2) ? Duration{} : between(200, 2000);
    if (random_.chance(1, 4)) {
      profile.writes_per_second = 1 + static_cast<std::int64_t>(random_.below(20));
      profile.write_burst = 1 + static_cast<std::int64_t>(random_.below(5));
    }
    oracles_.profiles[name] = profile;
    for (std::uint64_t n = 2 + random_.below(4); n > 0; --n) {
      model::Account account;
      account.name = "u" + std::to_string(n);
      account.account_class = "people";
      const model::NativeId id = target.fake->add_account(account);
      target.accounts.push_back(id);
      Wanted& wanted = wanted_[{name, id}];
      for (const char* entitlement : kEntitlements)
        if (random_.chance(1, 2)) {
          target.fake->add_grant(id, model::EntitlementId(entitlement), "");
          wanted.entitlements.insert(model::EntitlementId(entitlement));
        }
      if (random_.chance(1, 2)) target.fake->open_session(id, "s" + std::to_string(n));
    }
    target.fake->set_chooser([this, name](bool write) { return choose_fault(name, write); });
    target.fake->set_watcher([this, name](const FakeWrite& write) {
      SimTarget& there = targets_.at(name);
      if (write.changed) there.last_write = now_;
      oracles_.on_write(name, write, *store_);
    });
  }
}

Fault World::choose_fault(const model::TargetName& name, bool write) {
  SimTarget& target = targets_.at(name);
  if (target.down) return Fault::kDown;
  if (!faults_ || random_.below(1000) >= static_cast<std::uint64_t>(fault_rate_)) return Fault::kNone;
  if (write) {
    constexpr std::array<Fault, 10> kWrite = {Fault::kTimeoutBeforeApply, Fault::kTimeoutAfterApply,
                                              Fault::kTimeoutAppliedLate, Fault::kTimeoutAppliedLate,
                                              Fault::kNoEffect,           Fault::kLies,
                                              Fault::kThrottled,          Fault::kPartial,
                                              Fault::kSessionSurvives,    Fault::kRefused};
    return kWrite.at(random_.below(kWrite.size()));
  }
  constexpr std::array<Fault, 4> kRead = {Fault::kTimeoutBeforeApply, Fault::kThrottled, Fault::kPartial,
                                          Fault::kStaleRead};
  const Fault fault = kRead.at(random_.below(kRead.size()));
  if (fault == Fault::kStaleRead && now_ - target.last_write >= target.profile.consistency_lag) return Fault::kNone;
  return fault;
}

bool World::busy(const model::TargetName& target, const model::NativeId& account) const {
  if (!up_) return true;
  if (!pending_.empty()) return true;
  for (const auto& [id, change] : state_.changes)
    if (change.row.change.target == target && (change.row.account == account || change.row.account.empty()))
      return true;
  return targets_.at(target).fake->late_count() > 0;
}

void World::meddle() {
  if (!faults_ || targets_.empty()) return;
  auto it = targets_.begin();
  std::advance(it, static_cast<std::ptrdiff_t>(random_.below(targets_.size())));
  SimTarget& target = it->second;
  const model::NativeId id = target.accounts.at(random_.below(target.accounts.size()));
  if (busy(it->first, id)) return;
  const model::EntitlementId entitlement(kEntitlements.at(random_.below(kEntitlements.size())));
  switch (random_.below(4)) {
    case 0:
      target.fake->add_grant(id, entitlement, "");
      break;
    case 1:
      target.fake->remove_grant(id, entitlement);
      break;
    case 2:
      target.fake->set_enabled(id, random_.chance(1, 2));
      break;
    default:
      target.fake->open_session(id, "x" + std::to_string(next_event_));
      break;
  }
  oracles_.on_meddling(it->first, id);
  note("meddling " + it->first.str() + " " + id.str());
}

void World::people_work() {
  if (!up_) return;
  std::vector<model::ChangeId> manual;
  for (const auto& [id, change] : state_.changes)
    if (change.row.state == engine::ChangeState::kManual && (!faults_ || random_.chance(1, 2))) manual.push_back(id);
  for (const model::ChangeId& id : manual) {
    if (!up_) return;
    const auto it = state_.changes.find(id);
    if (it == state_.changes.end()) continue;
    SimTarget& target = targets_.at(it->second.row.change.target);
    if (it->second.row.change.verb == Verb::kEndSessions) {
      // Nothing can read sessions there: only a waiver ends the obligation, and the change with it.
      continue;
    }
    if (!faults_ || random_.chance(2, 3)) by_hand(*target.fake, it->second.row.change, it->second.row.account);
    const auto order = state_.work_orders.find(it->second.row.work_order);
    if (order == state_.work_orders.end()) continue;
    if (auto attested =
            governance::attest(order->second, {"bo", {evidence::ActorKind::kPerson, "ref-bo"}}, "done", {}, now_))
      input(engine::WorkOrderMoved{std::move(*attested)});
  }
  for (auto& [name, target] : targets_) {
    if (!up_) return;
    after(Duration::millis(1), true, [this, name] {
      auto observation = std::make_shared<model::Observation>(targets_.at(name).fake->observation(now_));
      if (!targets_.at(name).down) input(engine::Observed{observation});
    });
  }
}

bool World::settled() const {
  if (!up_ || !pending_.empty() || !state_.changes.empty()) return false;
  for (const auto& [name, target] : targets_)
    if (target.fake->late_count() > 0) return false;
  return true;
}

void World::shut_out_faults() {
  faults_ = false;
  crash_rate_ = 0;
  for (auto& [name, target] : targets_) target.down = false;
  note("quiet from here");
}

Outcome World::run() {
  fault_rate_ = random_.chance(1, 5) ? 0 : static_cast<int>(random_.below(400));
  crash_rate_ = random_.chance(1, 3) ? 0 : static_cast<int>(random_.below(150));
  oracles_.floor_share = random_.chance(1, 2) ? 0 : 20;
  make_targets();
  start();
  const std::int64_t plans = 1 + static_cast<std::int64_t>(random_.below(4));
  for (std::int64_t i = 0; i < plans; ++i) {
    const bool unapproved = random_.chance(1, 8);
    after(between(0, 40'000), false, [this, unapproved] {
      change_wishes();
      plan_and_admit(unapproved);
    });
    // A change of mind soon after: revocations overtake grants that are under way.
    after(between(0, 40'000), false, [this] {
      change_wishes();
      plan_and_admit(false);
    });
  }
  for (std::uint64_t i = random_.below(4); i > 0; --i) after(between(0, 60'000), false, [this] { meddle(); });
  for (auto& [name, target] : targets_)
    if (fault_rate_ > 0 && random_.chance(1, 4)) {
      after(between(0, 30'000), false, [this, which = name] { targets_.at(which).down = faults_; });
      after(between(30'000, 90'000), false, [this, which = name] { targets_.at(which).down = false; });
    }
  after(between(5'000, 60'000), false, [this] { people_work(); });
  const Time quiet = now_ + Duration::seconds(90);
  while (next(quiet) && oracles_.violations.empty()) {
  }
  now_ = std::max(now_, quiet);
  shut_out_faults();
  const Time deadline = now_ + Duration::hours(3);
  for (int round = 0; round < 12 && oracles_.violations.empty(); ++round) {
    const Time until = std::min(deadline, now_ + Duration::minutes(20));
    people_work();
    while (oracles_.violations.empty() && next(until)) {
      if (settled() && events_.empty()) break;
    }
    if (!settled()) continue;
    people_work();
    while (oracles_.violations.empty() && next(now_ + Duration::seconds(30))) {
    }
    if (settled() && difference().empty()) break;
    plan_and_admit(false);
  }
  if (oracles_.violations.empty()) {
    if (!settled() || !difference().empty()) oracles_.fail("T13", "the world did not become what was wished");
    oracles_.at_end(*store_, state_);
  }
  outcome_.violations = oracles_.violations;
  outcome_.trace_hash = trace_;
  return outcome_;
}

Outcome simulate(const Options& options) {
  return World(options).run();
}

}  // namespace tenure::simulation
