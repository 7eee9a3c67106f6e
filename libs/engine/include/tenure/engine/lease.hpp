// Who may work: shards, leases and epochs. Work is divided into 64 shards by the account that it writes; a node works
// on a shard only while it holds the lease of it, and every commit names the epochs that it rests on, so that the store
// refuses what a node decided that has lost its lease without knowing (T8).
//
//   a lease is taken by a compare-and-swap of its row, in database time; it lasts `ttl`, is renewed every `renew`;
//   whoever finds it expired takes it over with the next epoch;
//   a node believes in its lease only until `ttl` after it *asked* (its own clock, so that skew does not matter), and
//   ends every call `margin` before that.
//
// Pure; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <tenure/base/time.hpp>
#include <tenure/model/ids.hpp>

namespace tenure::engine {

inline constexpr int kShards = 64;

// The shard of an account. `account`: what names it when the change is admitted (its id, or class and name while it has
// none); empty for what concerns the target as a whole. The same on every node and compiler, for ever.
int shard_of(const model::TargetName& target, std::string_view account);

struct LeaseTerms {
  Duration ttl = Duration::seconds(6);
  Duration renew = Duration::seconds(2);
  Duration margin = Duration::seconds(2);  // a call ends so long before the lease does
};

// The row of a shard, in database time. owner: "<node>/<boot>", never used by two processes.
struct Lease {
  int shard = 0;
  std::string owner;  // "" = nobody
  std::int64_t epoch = 0;
  Time until;
  friend bool operator==(const Lease&, const Lease&) = default;
};

// What `owner` may make of the row that it read at database time `at`: its own lease renewed under the same epoch; a
// free or expired one taken under the next epoch (also its own, once expired: what it decided before is void); nullopt
// when another holds it. Written only where the row is still the one that was read.
std::optional<Lease> claimed(const Lease& row, const std::string& owner, Time at, const LeaseTerms& terms);
// Given back at an orderly end, so that nobody has to wait. nullopt: it is not held by `owner`.
std::optional<Lease> given_back(const Lease& row, const std::string& owner);

// A shard that this node holds, as the engine knows it. `until` is in the time that step() is given: the time at which
// the lease was asked for, plus the ttl.
struct Holding {
  std::int64_t epoch = 0;
  Time until;
  friend bool operator==(const Holding&, const Holding&) = default;
};

// The part of a target's quota (connections, or writes per second) for a node that holds these shards. Each unit of the
// quota belongs to one shard, so that the parts of all nodes never add up to more than the whole (T12).
std::int64_t share_of(std::int64_t quota, const std::map<int, Holding>& held);

}  // namespace tenure::engine
