#include <tenure/population/by_account.hpp>

namespace tenure::population {

ByAccount::ByAccount(const Holders& holders, std::size_t accounts) : offsets_(accounts + 1, 0) {
  if (holders.entitlements() > 0) entitlements_.fit(static_cast<std::uint32_t>(holders.entitlements() - 1));
  entitlements_.resize(holders.size());
  // offsets_[a + 1] runs from the start of a to its end while it is written, and needs no second array.
  for (const AccountIndex account : holders.accounts())
    if (std::size_t{account} + 2 < offsets_.size()) ++offsets_[account + 2];
  for (std::size_t a = 1; a < offsets_.size(); ++a) offsets_[a] += offsets_[a - 1];
  for (EntitlementIndex e = 0; e < holders.entitlements(); ++e)
    for (const AccountIndex account : holders[e]) entitlements_.set(offsets_[account + 1]++, e);
}

std::vector<EntitlementIndex> ByAccount::of(AccountIndex account) const {
  std::vector<EntitlementIndex> out;
  for (std::uint32_t place = offset(account); place < offset(std::size_t{account} + 1); ++place)
    out.push_back(entitlements_[place]);
  return out;
}

}  // namespace tenure::population
