#include <tenure/connector/testing/fake_target.hpp>

#include <algorithm>

namespace tenure::connector::testing {

// Every write goes the same way: a fault decides whether it is applied, what is answered, and what is restored after.
class FakeConnection final : public Connection,
                             public AccountReader,
                             public AccountWriter,
                             public GrantWriter,
                             public SessionControl {
 public:
  explicit FakeConnection(FakeTarget& target) : target_(target), manifest_(target.manifest) {}

  const Manifest& manifest() const override { return manifest_; }
  Duration retry_after() const override { return retry_after_; }
  Result<std::vector<PreflightFault>> preflight(const Call&) override { return std::vector<PreflightFault>{}; }
  AccountReader* account_reader() override { return this; }
  AccountWriter* account_writer() override { return manifest_.writes_accounts ? this : nullptr; }
  GrantWriter* grant_writer() override { return manifest_.writes_grants ? this : nullptr; }
  SessionControl* session_control() override { return manifest_.ends_sessions ? this : nullptr; }

  Result<model::Observation> read_all(const Call&) override {
    if (auto fault = read_fault(); !fault) return fail(fault.error());
    return target_.observation(Time{});
  }
  Result<std::optional<model::AccountImage>> read_account(const Call&, const model::NativeId& id) override {
    auto stale = read_fault();
    if (!stale) return fail(stale.error());
    const std::lock_guard lock(target_.mutex_);
    return target_.image_locked(*stale ? target_.before_ : target_.accounts_, id);
  }
  Result<std::optional<model::AccountImage>> find_account(const Call&, const std::string& account_class,
                                                          const std::string& name) override {
    auto stale = read_fault();
    if (!stale) return fail(stale.error());
    const std::lock_guard lock(target_.mutex_);
    for (const auto& [id, held] : *stale ? target_.before_ : target_.accounts_)
      if (held.account.name == name && held.account.account_class == account_class)
        return FakeTarget::image_of(held);
    return std::optional<model::AccountImage>();
  }

  Result<model::AccountImage> create(const Call& call, const AccountDraft& draft) override {
    model::NativeId id;
    {
      const std::lock_guard lock(target_.mutex_);
      for (const auto& [other, held] : target_.accounts_)
        if (held.account.name == draft.name && held.account.account_class == draft.account_class) {
          if (held.account.enabled != draft.enabled || held.account.attributes != draft.attributes)
            return fail(Reason::kTargetObjectExists, "an account of this name is there");
          id = other;
        }
      if (id.empty()) id = model::NativeId("id-" + std::to_string(target_.next_id_++));
    }
    model::Account account;
    account.id = id;
    account.name = draft.name;
    account.account_class = draft.account_class;
    account.purpose = draft.purpose;
    account.enabled = draft.enabled;
    account.attributes = draft.attributes;
    return write({.verb = "create", .account = id, .idempotency_key = call.idempotency_key},
                 [account](FakeTarget::Accounts& all) {
                   for (const auto& [other, held] : all)
                     if (held.account.name == account.name && held.account.account_class == account.account_class)
                       return false;
                   all[account.id].account = account;
                   return true;
                 });
  }
  Result<model::AccountImage> update(const Call& call, const model::NativeId& id,
                                     const model::AttributeMap& attributes) override {
    return write({.verb = "update", .account = id, .idempotency_key = call.idempotency_key},
                 [id, attributes](FakeTarget::Accounts& all) {
                   const auto it = all.find(id);
                   if (it == all.end()) return false;
                   bool changed = false;
                   for (const auto& [name, value] : attributes) {
                     changed = changed || it->second.account.attributes[name] != value;
                     it->second.account.attributes[name] = value;
                   }
                   return changed;
                 });
  }
  Result<model::AccountImage> set_enabled(const Call& call, const model::NativeId& id, bool enabled) override {
    return write({.verb = enabled ? "enable" : "disable", .account = id, .idempotency_key = call.idempotency_key},
                 [id, enabled](FakeTarget::Accounts& all) {
                   const auto it = all.find(id);
                   if (it == all.end() || it->second.account.enabled == enabled) return false;
                   it->second.account.enabled = enabled;
                   return true;
                 });
  }
  Status remove(const Call& call, const model::NativeId& id) override {
    auto image = write({.verb = "delete", .account = id, .idempotency_key = call.idempotency_key},
                       [id](FakeTarget::Accounts& all) { return all.erase(id) > 0; });
    if (!image) return fail(image.error());
    return {};
  }

  Result<model::AccountImage> grant(const Call& call, const model::NativeId& id,
                                    const model::EntitlementId& entitlement,
                                    const model::Parameters& parameters) override {
    return write({.verb = "grant", .account = id, .entitlement = entitlement, .idempotency_key = call.idempotency_key},
                 [=](FakeTarget::Accounts& all) {
                   const auto it = all.find(id);
                   if (it == all.end()) return false;
                   const std::size_t before = it->second.grants.count({entitlement, parameters});
                   std::erase_if(it->second.grants, [&](const auto& one) { return one.first == entitlement; });
                   it->second.grants.emplace(entitlement, parameters);
                   return before == 0;
                 });
  }
  Result<model::AccountImage> revoke(const Call& call, const model::NativeId& id,
                                     const model::EntitlementId& entitlement, const model::Parameters&) override {
    return write({.verb = "revoke", .account = id, .entitlement = entitlement, .idempotency_key = call.idempotency_key},
                 [=](FakeTarget::Accounts& all) {
                   const auto it = all.find(id);
                   return it != all.end() &&
                          std::erase_if(it->second.grants, [&](const auto& one) { return one.first == entitlement; }) > 0;
                 });
  }

  Result<std::vector<model::Session>> list_sessions(const Call&, const model::NativeId& id) override {
    if (auto fault = read_fault(); !fault) return fail(fault.error());
    const std::lock_guard lock(target_.mutex_);
    const auto it = target_.accounts_.find(id);
    return it == target_.accounts_.end() ? std::vector<model::Session>{} : it->second.sessions;
  }
  Result<std::vector<model::Session>> end_sessions(const Call& call, const model::NativeId& id) override {
    bool survives = false;
    auto image = write({.verb = "end_sessions", .account = id, .idempotency_key = call.idempotency_key},
                       [id, &survives](FakeTarget::Accounts& all) {
                         const auto it = all.find(id);
                         if (it == all.end() || it->second.sessions.empty()) return false;
                         it->second.sessions.resize(survives ? 1 : 0);
                         return true;
                       },
                       &survives);
    if (!image) return fail(image.error());
    const std::lock_guard lock(target_.mutex_);
    const auto it = target_.accounts_.find(id);
    return it == target_.accounts_.end() ? std::vector<model::Session>{} : it->second.sessions;
  }

 private:
  // True: the reading is to be answered from before the last write.
  Result<bool> read_fault() {
    retry_after_ = {};
    switch (target_.take_fault(false)) {
      case Fault::kTimeoutBeforeApply:
      case Fault::kTimeoutAfterApply:
      case Fault::kTimeoutAppliedLate: return fail(Reason::kTargetTimeout, "no answer to a reading");
      case Fault::kDown: return fail(Reason::kTargetUnreachable, "nobody listens");
      case Fault::kPartial: return fail(Reason::kTargetPartial, "the second page is missing");
      case Fault::kThrottled:
        retry_after_ = target_.retry_after_;
        return fail(Reason::kTargetThrottled, "slow down", Effect::kNone, Retry::kLater);
      case Fault::kStaleRead: return true;
      default: return false;
    }
  }

  Result<model::AccountImage> write(const FakeWrite& record, const FakeTarget::Action& action, bool* survives = nullptr) {
    retry_after_ = {};
    const Fault fault = target_.take_fault(true);
    const std::lock_guard lock(target_.mutex_);
    switch (fault) {
      case Fault::kTimeoutBeforeApply: return timeout();
      case Fault::kDown: return fail(Reason::kTargetUnreachable, "nobody listens", Effect::kNone, Retry::kLater);
      case Fault::kRefused: return fail(Reason::kTargetRefused, "not allowed");
      case Fault::kPartial: return fail(Reason::kTargetProtocol, "half an answer", Effect::kUnknown, Retry::kAfterReadBack);
      case Fault::kThrottled:
        retry_after_ = target_.retry_after_;
        return fail(Reason::kTargetThrottled, "slow down", Effect::kNone, Retry::kLater);
      case Fault::kNoEffect:
        return fail(Reason::kTargetUnverified, "it said yes", Effect::kUnknown, Retry::kAfterReadBack);
      case Fault::kTimeoutAppliedLate:
        // A late end of sessions would look at a variable of this call: it is applied at once instead.
        if (survives == nullptr) {
          target_.late_.emplace_back(record, action);
          return timeout();
        }
        break;
      case Fault::kLies: {
        FakeTarget::Accounts imagined = target_.accounts_;
        action(imagined);
        return answer(imagined, record.account);
      }
      case Fault::kSessionSurvives:
        if (survives != nullptr) *survives = true;
        break;
      default: break;
    }
    const FakeTarget::Accounts before = target_.accounts_;
    const bool missing = record.verb != "create" && record.verb != "delete" && !target_.accounts_.contains(record.account);
    if (missing) return fail(Reason::kTargetObjectMissing, "there is no such account");
    target_.perform(record, action);
    if (fault == Fault::kTimeoutAfterApply || fault == Fault::kTimeoutAppliedLate) return timeout();
    Result<model::AccountImage> result = answer(target_.accounts_, record.account);
    if (fault == Fault::kRestored) target_.accounts_ = before;
    return result;
  }

  static std::unexpected<Error> timeout() {
    return fail(Reason::kTargetTimeout, "no answer to a write", Effect::kUnknown, Retry::kAfterReadBack);
  }

  Result<model::AccountImage> answer(const FakeTarget::Accounts& accounts, const model::NativeId& id) const {
    if (auto image = target_.image_locked(accounts, id)) return *image;
    model::AccountImage gone;
    gone.account.id = id;
    return gone;
  }

  FakeTarget& target_;
  const Manifest manifest_;
  Duration retry_after_;
};

FakeTarget::FakeTarget(model::TargetName name) : name_(std::move(name)) {
  manifest.connector = "fake";
  manifest.title = "a target in memory";
  manifest.reads_accounts = true;
  manifest.writes_accounts = true;
  manifest.writes_grants = true;
  manifest.ends_sessions = true;
  manifest.proofs.sessions_zero = true;
}

FakeTarget::~FakeTarget() = default;

std::unique_ptr<Connection> FakeTarget::connect() { return std::make_unique<FakeConnection>(*this); }

void FakeTarget::fail_next_write(Fault fault) {
  const std::lock_guard lock(mutex_);
  write_faults_.push_back(fault);
}
void FakeTarget::fail_next_read(Fault fault) {
  const std::lock_guard lock(mutex_);
  read_faults_.push_back(fault);
}
void FakeTarget::set_chooser(Chooser chooser) {
  const std::lock_guard lock(mutex_);
  chooser_ = std::move(chooser);
}
void FakeTarget::set_retry_after(Duration retry_after) {
  const std::lock_guard lock(mutex_);
  retry_after_ = retry_after;
}
void FakeTarget::set_watcher(Watcher watcher) {
  const std::lock_guard lock(mutex_);
  watcher_ = std::move(watcher);
}

Fault FakeTarget::take_fault(bool write) {
  const std::lock_guard lock(mutex_);
  std::deque<Fault>& queue = write ? write_faults_ : read_faults_;
  if (!queue.empty()) {
    const Fault fault = queue.front();
    queue.pop_front();
    return fault;
  }
  return chooser_ ? chooser_(write) : Fault::kNone;
}

bool FakeTarget::perform(FakeWrite record, const Action& action) {
  Accounts after = accounts_;
  record.changed = action(after);
  if (record.changed) {
    before_ = std::move(accounts_);
    accounts_ = std::move(after);
  }
  writes_.push_back(record);
  if (watcher_) watcher_(record);
  return record.changed;
}

std::size_t FakeTarget::land_late() {
  const std::lock_guard lock(mutex_);
  const auto late = std::move(late_);
  late_.clear();
  for (const auto& [record, action] : late) {
    FakeWrite landing = record;
    landing.late = true;
    perform(landing, action);
  }
  return late.size();
}

std::size_t FakeTarget::late_count() const {
  const std::lock_guard lock(mutex_);
  return late_.size();
}

model::NativeId FakeTarget::add_account(const model::Account& account) {
  const std::lock_guard lock(mutex_);
  model::Account added = account;
  if (added.id.empty()) added.id = model::NativeId("id-" + std::to_string(next_id_++));
  const model::NativeId id = added.id;
  accounts_[id].account = std::move(added);
  before_[id] = accounts_[id];
  return id;
}
void FakeTarget::remove_account(const model::NativeId& id) {
  const std::lock_guard lock(mutex_);
  accounts_.erase(id);
}
void FakeTarget::set_enabled(const model::NativeId& id, bool enabled) {
  const std::lock_guard lock(mutex_);
  if (const auto it = accounts_.find(id); it != accounts_.end()) it->second.account.enabled = enabled;
}
void FakeTarget::add_grant(const model::NativeId& id, const model::EntitlementId& entitlement,
                           const model::Parameters& parameters) {
  const std::lock_guard lock(mutex_);
  if (const auto it = accounts_.find(id); it != accounts_.end()) it->second.grants.emplace(entitlement, parameters);
}
void FakeTarget::remove_grant(const model::NativeId& id, const model::EntitlementId& entitlement) {
  const std::lock_guard lock(mutex_);
  if (const auto it = accounts_.find(id); it != accounts_.end())
    std::erase_if(it->second.grants, [&](const auto& one) { return one.first == entitlement; });
}
void FakeTarget::open_session(const model::NativeId& id, const std::string& session) {
  const std::lock_guard lock(mutex_);
  if (const auto it = accounts_.find(id); it != accounts_.end()) it->second.sessions.push_back({session, "fake"});
}

model::AccountImage FakeTarget::image_of(const Held& held) {
  model::AccountImage image;
  image.account = held.account;
  for (const auto& [entitlement, parameters] : held.grants)
    image.grants.push_back({{held.account.id, {}}, entitlement, parameters});
  return image;
}

std::optional<model::AccountImage> FakeTarget::image_locked(const Accounts& accounts, const model::NativeId& id) const {
  const auto it = accounts.find(id);
  if (it == accounts.end()) return std::nullopt;
  return image_of(it->second);
}

std::optional<model::AccountImage> FakeTarget::image(const model::NativeId& id) const {
  const std::lock_guard lock(mutex_);
  return image_locked(accounts_, id);
}
std::optional<model::AccountImage> FakeTarget::by_name(const std::string& account_class, const std::string& name) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [id, held] : accounts_)
    if (held.account.name == name && held.account.account_class == account_class) return image_of(held);
  return std::nullopt;
}
std::size_t FakeTarget::session_count(const model::NativeId& id) const {
  const std::lock_guard lock(mutex_);
  const auto it = accounts_.find(id);
  return it == accounts_.end() ? 0 : it->second.sessions.size();
}
std::vector<FakeWrite> FakeTarget::writes() const {
  const std::lock_guard lock(mutex_);
  return writes_;
}

model::Observation FakeTarget::observation(Time read_at) const {
  const std::lock_guard lock(mutex_);
  model::Observation observation;
  observation.target = name_;
  observation.read_at = read_at;
  observation.coverage.complete = true;
  std::set<model::EntitlementId> entitlements;
  for (const auto& [id, held] : accounts_) {
    observation.accounts.push_back(held.account);
    for (const model::Grant& grant : image_of(held).grants) {
      observation.grants.push_back(grant);
      entitlements.insert(grant.entitlement);
    }
  }
  for (const model::EntitlementId& id : entitlements) observation.entitlements.push_back({id, ""});
  observation.sort();
  return observation;
}

}  // namespace tenure::connector::testing
