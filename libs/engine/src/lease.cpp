#include "planted.hpp"

#include <tenure/engine/lease.hpp>

namespace tenure::engine {

int shard_of(const model::TargetName& target, std::string_view account) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;  // FNV-1a, 64 bit
  const auto take = [&hash](std::string_view text) {
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    hash = (hash ^ 0xffU) * 0x100000001b3ULL;  // no byte of UTF-8: "ab","c" is not "a","bc"
  };
  take(target.str());
  take(account);
  return static_cast<int>((hash ^ (hash >> 32U)) % kShards);
}

std::optional<Lease> claimed(const Lease& row, const std::string& owner, Time at, const LeaseTerms& terms) {
  const bool free = row.owner.empty() || at >= row.until;
  const bool own = row.owner == owner;
  if (!free && !own && !planted(Defect::kTakeHeldLease)) return std::nullopt;
  Lease next = row;
  next.owner = owner;
  next.until = at + terms.ttl;
  if ((free || !own) && !planted(Defect::kReuseEpoch)) ++next.epoch;
  return next;
}

std::optional<Lease> given_back(const Lease& row, const std::string& owner) {
  if (row.owner != owner) return std::nullopt;
  Lease next = row;
  next.owner.clear();
  next.until = Time{};
  return next;
}

std::int64_t share_of(std::int64_t quota, const std::map<int, Holding>& held) {
  if (static_cast<int>(held.size()) == kShards) return quota;
  const std::int64_t whole = quota / kShards;
  const std::int64_t rest = quota % kShards;
  std::int64_t share = whole * static_cast<std::int64_t>(held.size());
  for (std::int64_t unit = 0; unit < rest; ++unit)
    if (held.contains(static_cast<int>(unit * kShards / rest))) ++share;
  return share;
}

}  // namespace tenure::engine
