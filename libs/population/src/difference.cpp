#include "equal_run.hpp"
#include "merge_difference.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include <tenure/population/holders.hpp>

namespace tenure::population {
namespace {

const EqualRun& fastest() {
  static const EqualRun kRun = equal_runs().front();
  return kRun;
}

// A place between grants: everything of earlier entitlements, and of this one the accounts below `account`, lies before
// it. 64 bits, so that "after all accounts" is a number too.
struct Cut {
  std::uint64_t entitlement = 0;
  std::uint64_t account = 0;
};

std::uint64_t below(std::span<const AccountIndex> accounts, std::uint64_t limit) {
  return static_cast<std::uint64_t>(std::lower_bound(accounts.begin(), accounts.end(), limit,
                                                     [](std::uint64_t a, std::uint64_t b) { return a < b; }) -
                                    accounts.begin());
}

std::uint64_t before(const Holders& left, const Holders& right, std::uint64_t entitlement) {
  const auto index = static_cast<EntitlementIndex>(entitlement);
  return left.offset(index) + right.offset(index);
}

// The last cut with at most `grants` before it.
Cut cut_at(const Holders& left, const Holders& right, std::uint64_t grants) {
  std::uint64_t low = 0, high = std::max(left.entitlements(), right.entitlements());
  while (high - low > 1) {
    const std::uint64_t middle = low + (high - low) / 2;
    (before(left, right, middle) <= grants ? low : high) = middle;
  }
  const auto of_left = left[static_cast<EntitlementIndex>(low)], of_right = right[static_cast<EntitlementIndex>(low)];
  const std::uint64_t rest = grants - before(left, right, low);
  std::uint64_t first = 0, last = std::uint64_t{1} << 32;
  while (last - first > 1) {
    const std::uint64_t middle = first + (last - first) / 2;
    (below(of_left, middle) + below(of_right, middle) <= rest ? first : last) = middle;
  }
  return {low, first};
}

std::span<const AccountIndex> slice(std::span<const AccountIndex> accounts, std::uint64_t entitlement, Cut from,
                                    Cut to) {
  const std::uint64_t first = entitlement == from.entitlement ? below(accounts, from.account) : 0;
  const std::uint64_t last = entitlement == to.entitlement ? below(accounts, to.account) : accounts.size();
  return accounts.subspan(first, last - first);
}

Difference between(const Holders& left, const Holders& right, Cut from, Cut to) {
  Difference out;
  const auto run = fastest().run;
  for (std::uint64_t e = from.entitlement; e <= to.entitlement; ++e) {
    const auto entitlement = static_cast<EntitlementIndex>(e);
    merge_difference(
        slice(left[entitlement], e, from, to), slice(right[entitlement], e, from, to), run,
        [&](AccountIndex account) { out.only_left.push_back({entitlement, account}); },
        [&](AccountIndex account) { out.only_right.push_back({entitlement, account}); });
  }
  return out;
}

}  // namespace

void difference(std::span<const AccountIndex> left, std::span<const AccountIndex> right,
                std::vector<AccountIndex>& only_left, std::vector<AccountIndex>& only_right) {
  merge_difference(
      left, right, fastest().run, [&](AccountIndex account) { only_left.push_back(account); },
      [&](AccountIndex account) { only_right.push_back(account); });
}

Difference difference(const Holders& left, const Holders& right, unsigned threads) {
  const std::uint64_t entitlements = std::max(left.entitlements(), right.entitlements());
  const std::uint64_t grants = left.size() + right.size();
  if (entitlements == 0) return {};
  std::vector<Cut> cuts = {Cut{}};
  for (unsigned part = 1; part < threads; ++part) cuts.push_back(cut_at(left, right, grants / threads * part));
  cuts.push_back(Cut{entitlements - 1, std::uint64_t{1} << 32});

  std::vector<Difference> parts(cuts.size() - 1);
  std::vector<std::thread> others;
  for (std::size_t part = 1; part < parts.size(); ++part)
    others.emplace_back([&, part] { parts[part] = between(left, right, cuts[part], cuts[part + 1]); });
  parts[0] = between(left, right, cuts[0], cuts[1]);
  for (std::thread& other : others) other.join();

  Difference all = std::move(parts[0]);
  for (std::size_t part = 1; part < parts.size(); ++part) {
    all.only_left.insert(all.only_left.end(), parts[part].only_left.begin(), parts[part].only_left.end());
    all.only_right.insert(all.only_right.end(), parts[part].only_right.begin(), parts[part].only_right.end());
  }
  return all;
}

}  // namespace tenure::population
