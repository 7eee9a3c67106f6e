// Who holds what in one target: entitlement x account, as sorted arrays of account numbers per entitlement (CSR), and
// the other way round. 4 bytes a grant and direction. Differences between two of them run at the speed of memory.
//
// One thread writes; const members are safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace tenure::population {

using AccountIndex = std::uint32_t;      // dense in its target
using EntitlementIndex = std::uint32_t;  // dense in its target
struct Pair {
  EntitlementIndex entitlement = 0;
  AccountIndex account = 0;
  friend auto operator<=>(const Pair&, const Pair&) = default;
};

// Sorted arrays, one per entitlement. Immutable but for change().
class Holders {
 public:
  Holders() = default;
  // Any order; duplicates count once. REQUIRES: every entitlement < entitlements.
  static Holders of(std::vector<Pair> pairs, std::size_t entitlements);
  // offsets has one element more than there are entitlements; accounts ascend strictly within each.
  static Holders sorted(std::vector<std::uint64_t> offsets, std::vector<AccountIndex> accounts);

  std::size_t entitlements() const { return offsets_.empty() ? 0 : offsets_.size() - 1; }
  std::size_t size() const { return accounts_.size(); }
  // Empty for an entitlement that came later than these arrays.
  std::span<const AccountIndex> operator[](EntitlementIndex entitlement) const {
    if (entitlement >= entitlements()) return {};
    return {accounts_.data() + offsets_[entitlement], accounts_.data() + offsets_[entitlement + 1]};
  }
  // The first position of an entitlement in accounts(), for arrays parallel to it; size() beyond the last.
  std::uint64_t offset(EntitlementIndex entitlement) const {
    return entitlement >= entitlements() ? accounts_.size() : offsets_[entitlement];
  }
  std::span<const AccountIndex> accounts() const { return accounts_; }
  bool contains(EntitlementIndex entitlement, AccountIndex account) const;
  // Rewrites everything once: what is removed goes, then what is added comes. Any order; pairs that are there (or not
  // there) already do not matter. `entitlements`: how many there are now; never fewer than before.
  void change(std::span<const Pair> added, std::span<const Pair> removed, std::size_t entitlements);
  // The same pairs by account: entitlements ascend within each account.
  Holders transposed(std::size_t accounts) const;
  std::size_t bytes() const {
    return accounts_.capacity() * sizeof(AccountIndex) + offsets_.capacity() * sizeof(std::uint64_t);
  }
  friend bool operator==(const Holders&, const Holders&) = default;

 private:
  std::vector<std::uint64_t> offsets_;
  std::vector<AccountIndex> accounts_;
};

struct Difference {
  std::vector<Pair> only_left, only_right;  // ordered
  friend bool operator==(const Difference&, const Difference&) = default;
};
// Everything in which the two differ. `threads`: 1 or more; the work is divided by the number of grants, wherever that
// cuts, so that one entitlement that everybody holds does not keep the others waiting.
Difference difference(const Holders& left, const Holders& right, unsigned threads = 1);
// The same for one pair of strictly ascending arrays; appends. The kernel is chosen at run time (AVX-512, AVX2,
// scalar), and all give the same answer.
void difference(std::span<const AccountIndex> left, std::span<const AccountIndex> right,
                std::vector<AccountIndex>& only_left, std::vector<AccountIndex>& only_right);

}  // namespace tenure::population
