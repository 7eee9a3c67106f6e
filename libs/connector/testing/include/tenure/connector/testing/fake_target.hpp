// A target in memory that misbehaves on request: the engine's tests and the simulator run against it, and the conformance
// suite is shown to notice each of its faults. No clock and no sleeping: "too late" happens when the test says so
// (land_late).
//
// Thread-safe; several connections may be open at once. The target outlives its connections.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <tenure/connector/connector.hpp>

namespace tenure::connector::testing {

enum class Fault : std::uint8_t {
  kNone,
  kTimeoutBeforeApply,  // no answer, and nothing was done
  kTimeoutAfterApply,   // no answer, but it was done
  kTimeoutAppliedLate,  // no answer; it is done when land_late() is called
  kNoEffect,            // "200 OK", does nothing; the read-back shows it (kTargetUnverified)
  kLies,                // "200 OK", does nothing, and even the answer's image claims it
  kThrottled,           // kTargetThrottled with Retry-After
  kStaleRead,           // a reading from before the last write
  kDown,                // kTargetUnreachable: known not to have been sent
  kRefused,             // kTargetRefused
  kPartial,             // a page is missing: kTargetPartial
  kRestored,            // done, and then another writer puts the old value back
  kSessionSurvives      // end_sessions() leaves one alive
};

// One write that reached the target.
struct FakeWrite {
  std::string verb;             // "create", "update", "enable", "disable", "delete", "grant", "revoke", "end_sessions"
  model::NativeId account;
  model::EntitlementId entitlement;
  std::string idempotency_key;  // of the call
  bool changed = false;         // false: it was so already
  bool late = false;
};

class FakeTarget {
 public:
  explicit FakeTarget(model::TargetName name);
  ~FakeTarget();

  std::unique_ptr<Connection> connect();
  Manifest manifest;  // may be changed before connect()

  // --- faults ---
  // For the next write (or reading); more than one queue up. When the queue is empty, `chooser` is asked.
  void fail_next_write(Fault fault);
  void fail_next_read(Fault fault);
  using Chooser = std::function<Fault(bool write)>;
  void set_chooser(Chooser chooser);
  void set_retry_after(Duration retry_after);
  // Performs what was held back by kTimeoutAppliedLate, oldest first. Returns how many.
  std::size_t land_late();
  std::size_t late_count() const;
  // Called for every write that reaches the target, also for late ones, when it has been applied. It must not call back.
  using Watcher = std::function<void(const FakeWrite&)>;
  void set_watcher(Watcher watcher);

  // --- behind the connector's back ---
  model::NativeId add_account(const model::Account& account);  // gives an id where account.id is empty
  void remove_account(const model::NativeId& id);
  void set_enabled(const model::NativeId& id, bool enabled);
  void add_grant(const model::NativeId& id, const model::EntitlementId& entitlement, const model::Parameters& parameters);
  void remove_grant(const model::NativeId& id, const model::EntitlementId& entitlement);
  void open_session(const model::NativeId& id, const std::string& session);

  // --- looking at it ---
  std::optional<model::AccountImage> image(const model::NativeId& id) const;
  std::optional<model::AccountImage> by_name(const std::string& account_class, const std::string& name) const;
  std::size_t session_count(const model::NativeId& id) const;
  std::vector<FakeWrite> writes() const;
  model::Observation observation(Time read_at) const;

 private:
  friend class FakeConnection;
  struct Held {
    model::Account account;
    std::set<std::pair<model::EntitlementId, model::Parameters>> grants;
    std::vector<model::Session> sessions;
  };
  using Accounts = std::map<model::NativeId, Held>;
  using Action = std::function<bool(Accounts&)>;  // true: it changed something

  Fault take_fault(bool write);
  bool perform(FakeWrite record, const Action& action);  // REQUIRES: mutex_ held
  static model::AccountImage image_of(const Held& held);
  std::optional<model::AccountImage> image_locked(const Accounts& accounts, const model::NativeId& id) const;

  const model::TargetName name_;
  mutable std::mutex mutex_;
  Accounts accounts_;
  Accounts before_;  // as they were before the last write
  std::int64_t next_id_ = 1;
  std::deque<Fault> write_faults_;
  std::deque<Fault> read_faults_;
  Chooser chooser_;
  Watcher watcher_;
  Duration retry_after_ = Duration::seconds(2);
  std::vector<std::pair<FakeWrite, Action>> late_;
  std::vector<FakeWrite> writes_;
};

}  // namespace tenure::connector::testing
