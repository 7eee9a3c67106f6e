// A target in this process that answers at once: what a change costs Tenure itself. It reads back what it wrote, counts
// every write by key, and can be dead (no answer reaches it, each call fails at once).
//
// Thread-safe.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>

#include <tenure/connector/connector.hpp>
#include <tenure/runtime/executor.hpp>

namespace tenure::bench {

class InstantTarget {
 public:
  Result<std::unique_ptr<connector::Connection>> connect();

  // --- what connections do ---
  model::AccountImage image(const model::NativeId& id) const;
  void set(const model::NativeId& id, const model::EntitlementId& entitlement, bool held);

  // Answers that an oracle compares with the plan.
  std::int64_t writes() const { return writes_.load(); }
  // Writes of the same right in the same direction, twice: an effect that was repeated.
  std::int64_t repeated() const { return repeated_.load(); }
  bool holds(const model::NativeId& id, const model::EntitlementId& entitlement) const;

  // Called with the account before each write, on the worker's thread: when its first byte leaves.
  std::function<void(const model::NativeId&)> on_write;
  std::atomic<bool> dead = false;

 private:
  struct Part {
    mutable std::mutex mutex;
    std::unordered_map<std::string, std::set<std::string>> rights;
  };
  Part& part(const std::string& id) { return parts_.at(std::hash<std::string>()(id) % parts_.size()); }
  const Part& part(const std::string& id) const { return parts_.at(std::hash<std::string>()(id) % parts_.size()); }

  std::array<Part, 64> parts_;
  std::atomic<std::int64_t> writes_ = 0, repeated_ = 0;
};

// Connections to named targets.
class InstantTargets final : public runtime::ConnectionPool {
 public:
  InstantTarget& add(const model::TargetName& name) { return targets_[name]; }
  InstantTarget& at(const model::TargetName& name) { return targets_.at(name); }
  Result<std::unique_ptr<connector::Connection>> open(const model::TargetName& target) override {
    return targets_.at(target).connect();
  }

 private:
  std::map<model::TargetName, InstantTarget> targets_;
};

}  // namespace tenure::bench
