// Which account has which right, with which parameters, and under which record: observed grants of a target, or what
// Tenure itself gave. Arrays for all accounts, both ways round, and an overlay for accounts that changed since.
// Part of Accounts.
//
// One thread writes; const members are safe from any thread. Spans hold until the next write.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include <tenure/population/by_account.hpp>
#include <tenure/population/holders.hpp>
#include <tenure/population/packed.hpp>

namespace tenure::population {

// Parameters of a right that an account has, where it has any: sorted by (entitlement, account). An account that has
// one right several times has one pair in the arrays and one Parametric for each time, without parameters included.
struct Parametric {
  Pair pair;
  std::uint32_t parameters = 0;  // code in Accounts::parameters(); 0 = none
  friend auto operator<=>(const Parametric&, const Parametric&) = default;
};

class Rights {
 public:
  struct Right {
    EntitlementIndex entitlement = 0;
    std::uint32_t parameters = 0;  // 0 = none
    std::uint32_t record = 0;
    friend auto operator<=>(const Right&, const Right&) = default;
  };

  // The arrays: everything but the accounts in changed().
  const Holders& by_entitlement() const { return by_entitlement_; }
  const ByAccount& by_account() const { return by_account_; }
  std::span<const Parametric> parametric() const { return parametric_; }
  // Accounts whose rights were written since the arrays were: ascending, after settle().
  std::span<const AccountIndex> changed() const { return changed_; }

  // As last written, ordered.
  std::vector<Right> of(AccountIndex account) const;
  // Replaces what the account has. Microseconds.
  void put(AccountIndex account, std::vector<Right> rights);
  // Ends a round of writing: folds when more than one account in a hundred changed, else only lists them.
  void settle(std::size_t entitlements, std::size_t accounts);
  // Rewrites the arrays: nothing is in changed() afterwards.
  void fold(std::size_t entitlements, std::size_t accounts);
  // Replaces everything. Records are parallel to by_entitlement.accounts(), and to parametric, which is sorted; both
  // empty: all are 0.
  void assign(Holders by_entitlement, std::span<const std::uint32_t> records, std::vector<Parametric> parametric,
              std::vector<std::uint32_t> parametric_records, std::size_t accounts);
  void assign(Holders by_entitlement, std::uint32_t record_of_all, std::size_t accounts);
  // For each account of the arrays that is not in the overlay: visit(pair, record) of each of its rights.
  // `wanted(record)` says of which.
  template <class Wanted, class Visit>
  void for_each_record(Wanted wanted, Visit visit) const;
  // Another number whenever the arrays were rewritten.
  std::uint64_t array_version() const { return version_; }
  bool in_overlay(AccountIndex account) const { return !overlay_.empty() && overlay_.contains(account); }
  std::size_t bytes() const;

 private:
  std::uint32_t record_at(std::uint64_t place) const { return records_.size() == 0 ? common_record_ : records_[place]; }
  void append_of(AccountIndex account, std::vector<Right>& out) const;  // of the arrays

  // The parametric ones of a pair: [first, last) in parametric_. Most entitlements have none at all.
  std::pair<std::size_t, std::size_t> parametric_of(Pair pair) const;
  void set_parametric(std::vector<Parametric> parametric, std::vector<std::uint32_t> records);

  Holders by_entitlement_;
  ByAccount by_account_;
  // Parallel to the places of by_account_; means nothing at pairs that are in parametric_. Empty: all are
  // common_record_.
  PackedCodes records_;
  std::uint32_t common_record_ = 0;
  std::vector<Parametric> parametric_;
  std::vector<std::uint32_t> parametric_offsets_;  // by entitlement, one more; empty: there are none
  std::vector<std::uint32_t> parametric_records_;  // parallel to parametric_; empty: all 0
  std::unordered_map<AccountIndex, std::vector<Right>> overlay_;
  std::vector<AccountIndex> changed_;
  std::uint64_t version_ = 0;
  bool listed_ = true;  // changed_ tells of all of overlay_
};

template <class Wanted, class Visit>
void Rights::for_each_record(Wanted wanted, Visit visit) const {
  for (AccountIndex account = 0; account < by_account_.accounts(); ++account) {
    if (in_overlay(account)) continue;
    const std::uint32_t last = by_account_.offset(std::size_t{account} + 1);
    for (std::uint32_t at = by_account_.offset(account); at < last; ++at) {
      const std::uint32_t record = record_at(at);
      if (!wanted(record)) continue;
      const Pair pair{by_account_.entitlement(at), account};
      const auto [first, end] = parametric_of(pair);
      if (first == end) visit(pair, record);
    }
  }
  for (std::size_t i = 0; i < parametric_.size(); ++i) {
    const std::uint32_t record = parametric_records_.empty() ? 0 : parametric_records_[i];
    if (!in_overlay(parametric_[i].pair.account) && wanted(record)) visit(parametric_[i].pair, record);
  }
}

}  // namespace tenure::population
