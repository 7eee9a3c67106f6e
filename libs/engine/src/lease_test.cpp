#include <array>
#include <vector>

#include <gtest/gtest.h>

#include <tenure/base/clock.hpp>
#include <tenure/engine/lease.hpp>

namespace tenure::engine {
namespace {

const Time kBegin = Time::from_micros(1'800'000'000'000'000);
const LeaseTerms kTerms;

TEST(Shard, IsTheSameForEver) {
  // Rows on disk hold these numbers: another function would part an account from its history.
  EXPECT_EQ(shard_of(model::TargetName("directory"), "7f0c"), shard_of(model::TargetName("directory"), "7f0c"));
  std::array<int, kShards> used{};
  for (int i = 0; i < 6400; ++i) {
    const int shard = shard_of(model::TargetName("directory"), "id-" + std::to_string(i));
    ASSERT_GE(shard, 0);
    ASSERT_LT(shard, kShards);
    ++used.at(static_cast<std::size_t>(shard));
  }
  for (const int count : used) EXPECT_GT(count, 50) << "accounts spread over all shards";
  EXPECT_NE(shard_of(model::TargetName("ab"), "c"), shard_of(model::TargetName("a"), "bc"));
}

TEST(Lease, IsTakenRenewedAndTakenOver) {
  const Lease nobodys{.shard = 3};
  const auto first = claimed(nobodys, "a/1", kBegin, kTerms);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->epoch, 1);
  EXPECT_EQ(first->until, kBegin + kTerms.ttl);
  EXPECT_FALSE(claimed(*first, "b/1", kBegin + Duration::seconds(5), kTerms)) << "it is held";
  const auto renewed = claimed(*first, "a/1", kBegin + Duration::seconds(2), kTerms);
  ASSERT_TRUE(renewed);
  EXPECT_EQ(renewed->epoch, 1) << "who renews goes on";
  const auto taken = claimed(*renewed, "b/1", renewed->until, kTerms);
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->epoch, 2);
  EXPECT_EQ(taken->owner, "b/1");
  const auto late = claimed(*renewed, "a/1", renewed->until, kTerms);
  ASSERT_TRUE(late);
  EXPECT_EQ(late->epoch, 2) << "what it decided before it slept is void";
  EXPECT_FALSE(given_back(*taken, "a/1"));
  EXPECT_EQ(claimed(*given_back(*taken, "b/1"), "a/1", kBegin, kTerms)->epoch, 3);
}

// However the shards are divided, the parts never add up to more than the quota; who holds all of them has all of it.
TEST(Share, NeverAddsUpToMore) {
  Random random(7);
  for (int round = 0; round < 2000; ++round) {
    const auto quota = static_cast<std::int64_t>(random.below(200));
    const std::uint64_t nodes = 1 + random.below(5);
    std::vector<std::map<int, Holding>> held(nodes);
    for (int shard = 0; shard < kShards; ++shard) held.at(random.below(nodes)).emplace(shard, Holding{});
    std::int64_t sum = 0;
    for (const auto& one : held) sum += share_of(quota, one);
    ASSERT_EQ(sum, quota);
    if (!held.front().empty()) held.front().erase(held.front().begin());  // nobody holds this one
    sum = 0;
    for (const auto& one : held) sum += share_of(quota, one);
    ASSERT_LE(sum, quota);
  }
}

}  // namespace
}  // namespace tenure::engine
