#include "equal_run.hpp"
#include "merge_difference.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <tenure/population/holders.hpp>

namespace tenure::population {
namespace {

using Accounts = std::vector<AccountIndex>;

struct Split {
  Accounts only_left, only_right;
};

Split plain(const Accounts& left, const Accounts& right) {
  Split out;
  std::set_difference(left.begin(), left.end(), right.begin(), right.end(), std::back_inserter(out.only_left));
  std::set_difference(right.begin(), right.end(), left.begin(), left.end(), std::back_inserter(out.only_right));
  return out;
}

template <class Run>
bool right_answer(const Accounts& left, const Accounts& right, Run run) {
  Split out;
  merge_difference(
      std::span(left), std::span(right), run, [&](AccountIndex a) { out.only_left.push_back(a); },
      [&](AccountIndex a) { out.only_right.push_back(a); });
  const Split expected = plain(left, right);
  return out.only_left == expected.only_left && out.only_right == expected.only_right;
}

// Ascending numbers, and the same with a few taken out and put in, so that runs of every length are equal.
std::pair<Accounts, Accounts> with_drift() {
  const auto size = *rc::gen::inRange<std::size_t>(0, 700);
  Accounts left;
  AccountIndex next = *rc::gen::inRange<AccountIndex>(0, 5);
  for (std::size_t i = 0; i < size; ++i, next += *rc::gen::inRange<AccountIndex>(1, 4)) left.push_back(next);
  const int percent = *rc::gen::element(0, 1, 5, 50, 100);
  std::set<AccountIndex> right(left.begin(), left.end());
  for (const AccountIndex account : left) {
    if (*rc::gen::inRange(0, 100) >= percent) continue;
    if (*rc::gen::arbitrary<bool>()) right.erase(account);
    if (*rc::gen::arbitrary<bool>()) right.insert(account + 1);
  }
  return {left, Accounts(right.begin(), right.end())};
}

RC_GTEST_PROP(DifferenceProperty, EveryKernelGivesTheAnswerOfThePlainAlgorithm, ()) {
  const auto [left, right] = with_drift();
  for (const EqualRun& run : equal_runs()) RC_ASSERT(right_answer(left, right, run.run));
  Split out;
  difference(std::span(left), std::span(right), out.only_left, out.only_right);
  RC_ASSERT(out.only_left == plain(left, right).only_left);
  RC_ASSERT(out.only_right == plain(left, right).only_right);
}

TEST(Difference, KernelsStopAtEveryPosition) {
  for (const EqualRun& run : equal_runs())
    for (std::size_t size = 0; size < 200; ++size) {
      Accounts left(size), right;
      for (std::size_t i = 0; i < size; ++i) left[i] = static_cast<AccountIndex>(i * 3);
      right = left;
      EXPECT_EQ(run.run(left.data(), right.data(), size), size) << run.name;
      for (std::size_t at = 0; at < size; ++at) {
        right[at] += 1;
        EXPECT_EQ(run.run(left.data(), right.data(), size), at) << run.name << " size " << size;
        right[at] -= 1;
      }
    }
  EXPECT_EQ(equal_runs().back().name, "scalar");
}

// The oracle finds a kernel that overlooks one lane of one block.
TEST(Difference, APlantedFaultIsFound) {
  const auto faulty = [](const std::uint32_t* left, const std::uint32_t* right, std::size_t size) {
    std::size_t i = 0;
    while (i < size && (left[i] == right[i] || i % 64 == 37)) ++i;
    return i;
  };
  Accounts left(100);
  for (std::size_t i = 0; i < left.size(); ++i) left[i] = static_cast<AccountIndex>(2 * i);
  Accounts right = left;
  right[37] += 1;
  EXPECT_FALSE(right_answer(left, right, faulty));
  EXPECT_TRUE(right_answer(left, right, equal_runs().front().run));
}

std::vector<Pair> some_pairs(std::size_t entitlements, int accounts) {
  std::vector<Pair> pairs;
  const auto count = *rc::gen::inRange<std::size_t>(0, 600);
  for (std::size_t i = 0; i < count; ++i) {
    // Half of them of one entitlement: the one that everybody holds.
    const bool common = *rc::gen::arbitrary<bool>();
    const auto e = common ? 1 % entitlements : *rc::gen::inRange<std::size_t>(0, entitlements);
    pairs.push_back({static_cast<EntitlementIndex>(e), static_cast<AccountIndex>(*rc::gen::inRange(0, accounts))});
  }
  return pairs;
}

std::set<Pair> pairs_of(const Holders& holders) {
  std::set<Pair> out;
  for (EntitlementIndex e = 0; e < holders.entitlements(); ++e)
    for (const AccountIndex account : holders[e]) out.insert({e, account});
  return out;
}

bool well_formed(const Holders& holders) {
  for (EntitlementIndex e = 0; e < holders.entitlements(); ++e)
    if (std::adjacent_find(holders[e].begin(), holders[e].end(), std::greater_equal<>()) != holders[e].end())
      return false;
  return holders.offset(static_cast<EntitlementIndex>(holders.entitlements())) == holders.size();
}

RC_GTEST_PROP(HoldersProperty, HoldWhatWasPutInBothWays, ()) {
  const auto entitlements = *rc::gen::inRange<std::size_t>(1, 12);
  const auto pairs = some_pairs(entitlements, *rc::gen::element(3, 300, 70'000));
  const std::set<Pair> expected(pairs.begin(), pairs.end());
  const Holders holders = Holders::of(pairs, entitlements);
  RC_ASSERT(well_formed(holders));
  RC_ASSERT(holders.entitlements() == entitlements);
  RC_ASSERT(pairs_of(holders) == expected);
  for (const Pair& pair : pairs) RC_ASSERT(holders.contains(pair.entitlement, pair.account));
  const Holders by_account = holders.transposed(70'000);
  RC_ASSERT(well_formed(by_account));
  RC_ASSERT(by_account.entitlements() == 70'000U);
  for (const Pair& pair : pairs) RC_ASSERT(by_account.contains(pair.account, pair.entitlement));
  RC_ASSERT(by_account.size() == holders.size());
  RC_ASSERT(by_account.transposed(entitlements) == holders);
}

RC_GTEST_PROP(HoldersProperty, ChangesAreSetOperations, ()) {
  const auto entitlements = *rc::gen::inRange<std::size_t>(1, 8);
  auto pairs = some_pairs(entitlements, 30);
  Holders holders = Holders::of(pairs, entitlements);
  std::set<Pair> expected(pairs.begin(), pairs.end());
  const auto more = entitlements + *rc::gen::inRange<std::size_t>(0, 3);
  const auto removed = some_pairs(more, 30), added = some_pairs(more, 30);
  for (const Pair& pair : removed) expected.erase(pair);
  expected.insert(added.begin(), added.end());
  holders.change(added, removed, more);
  RC_ASSERT(well_formed(holders));
  RC_ASSERT(holders.entitlements() == more);
  RC_ASSERT(pairs_of(holders) == expected);
}

RC_GTEST_PROP(HoldersProperty, DifferenceIsTheSameOnAnyNumberOfThreads, ()) {
  const auto entitlements = *rc::gen::inRange<std::size_t>(1, 8);
  const auto more = entitlements + *rc::gen::inRange<std::size_t>(0, 3);
  const auto left = some_pairs(entitlements, 200);
  auto right = some_pairs(more, 200);
  if (*rc::gen::arbitrary<bool>()) right.insert(right.end(), left.begin(), left.end());
  const std::set<Pair> l(left.begin(), left.end()), r(right.begin(), right.end());
  Difference expected;
  std::set_difference(l.begin(), l.end(), r.begin(), r.end(), std::back_inserter(expected.only_left));
  std::set_difference(r.begin(), r.end(), l.begin(), l.end(), std::back_inserter(expected.only_right));
  const Holders of_left = Holders::of(left, entitlements), of_right = Holders::of(right, more);
  for (const unsigned threads : {1U, 2U, 3U, 7U}) RC_ASSERT(difference(of_left, of_right, threads) == expected);
}

TEST(Holders, EmptyOnesAreHarmless) {
  const Holders none;
  EXPECT_EQ(none.entitlements(), 0U);
  EXPECT_TRUE(none[3].empty());
  EXPECT_FALSE(none.contains(0, 0));
  EXPECT_EQ(difference(none, none, 2), Difference{});
  const Holders one = Holders::sorted({0, 2}, {4, 9});
  EXPECT_EQ(difference(none, one, 2).only_right, (std::vector<Pair>{{0, 4}, {0, 9}}));
}

}  // namespace
}  // namespace tenure::population
