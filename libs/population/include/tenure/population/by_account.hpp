// The entitlements of each account, ascending: Holders the other way round. 1, 2 or 4 bytes a grant, as the number of
// entitlements asks for. At most 2^32 - 1 grants.
// One thread writes; const members are safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <tenure/population/holders.hpp>
#include <tenure/population/packed.hpp>

namespace tenure::population {

class ByAccount {
 public:
  ByAccount() = default;
  ByAccount(const Holders& holders, std::size_t accounts);  // REQUIRES: every account < accounts

  std::size_t accounts() const { return offsets_.size() - 1; }
  std::size_t size() const { return entitlements_.size(); }
  // The entitlements of an account are at the places [offset(account), offset(account + 1)); none for one that came
  // later than this.
  std::uint32_t offset(std::size_t account) const {
    return account >= accounts() ? static_cast<std::uint32_t>(size()) : offsets_[account];
  }
  EntitlementIndex entitlement(std::uint32_t place) const { return entitlements_[place]; }
  std::vector<EntitlementIndex> of(AccountIndex account) const;
  std::size_t bytes() const { return offsets_.capacity() * sizeof(std::uint32_t) + entitlements_.bytes(); }

  // Written account by account.
  void reserve(std::size_t accounts, std::size_t grants) {
    offsets_.reserve(accounts + 1);
    entitlements_.reserve(grants);
  }
  void append(EntitlementIndex entitlement) { entitlements_.push_back(entitlement); }  // to the next account
  void end_account() { offsets_.push_back(static_cast<std::uint32_t>(entitlements_.size())); }

 private:
  std::vector<std::uint32_t> offsets_ = {0};
  PackedCodes entitlements_;
};

}  // namespace tenure::population
