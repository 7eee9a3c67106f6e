#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include <tenure/population/holders.hpp>

namespace tenure::population {
namespace {

// Bytes from the lowest up, as many as the greatest number has; `scratch` holds as many numbers.
void radix_sort(std::span<AccountIndex> numbers, std::vector<AccountIndex>& scratch) {
  AccountIndex any = 0;
  for (const AccountIndex number : numbers) any |= number;
  if (scratch.size() < numbers.size()) scratch.resize(numbers.size());
  std::span<AccountIndex> from = numbers, to = std::span(scratch).first(numbers.size());
  const auto bits = static_cast<unsigned>(std::bit_width(any));
  for (unsigned shift = 0; shift < bits; shift += 8) {
    std::array<std::uint32_t, 257> starts{};
    for (const AccountIndex number : from) ++starts[(number >> shift & 0xFF) + 1];
    for (std::size_t digit = 1; digit < starts.size(); ++digit) starts[digit] += starts[digit - 1];
    for (const AccountIndex number : from) to[starts[number >> shift & 0xFF]++] = number;
    std::swap(from, to);
  }
  if (from.data() != numbers.data()) std::copy(from.begin(), from.end(), numbers.begin());
}

void sort_accounts(std::span<AccountIndex> accounts, std::vector<AccountIndex>& scratch) {
  constexpr std::size_t kRadixPays = 96;
  if (std::is_sorted(accounts.begin(), accounts.end())) return;
  if (accounts.size() < kRadixPays)
    std::sort(accounts.begin(), accounts.end());
  else
    radix_sort(accounts, scratch);
}

std::vector<Pair> ordered(std::span<const Pair> pairs) {
  std::vector<Pair> sorted(pairs.begin(), pairs.end());
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

}  // namespace

Holders Holders::of(std::vector<Pair> pairs, std::size_t entitlements) {
  Holders out;
  out.offsets_.assign(entitlements + 1, 0);
  // Scattered by entitlement first: each is then small enough to be sorted in the cache.
  std::vector<std::uint64_t> next(entitlements + 1, 0);
  for (const Pair& pair : pairs) ++next[pair.entitlement + 1];
  for (std::size_t e = 0; e < entitlements; ++e) next[e + 1] += next[e];
  const std::vector<std::uint64_t> starts = next;
  std::vector<AccountIndex>& accounts = out.accounts_;
  accounts.resize(pairs.size());
  for (const Pair& pair : pairs) accounts[next[pair.entitlement]++] = pair.account;
  pairs = {};

  std::vector<AccountIndex> scratch;
  std::uint64_t kept = 0;
  for (std::size_t e = 0; e < entitlements; ++e) {
    const auto of_one = std::span(accounts).subspan(starts[e], starts[e + 1] - starts[e]);
    sort_accounts(of_one, scratch);
    const std::uint64_t first = kept;
    for (const AccountIndex account : of_one)
      if (kept == first || accounts[kept - 1] != account) accounts[kept++] = account;
    out.offsets_[e + 1] = kept;
  }
  accounts.resize(kept);
  return out;
}

Holders Holders::sorted(std::vector<std::uint64_t> offsets, std::vector<AccountIndex> accounts) {
  Holders out;
  out.offsets_ = std::move(offsets);
  out.accounts_ = std::move(accounts);
  return out;
}

bool Holders::contains(EntitlementIndex entitlement, AccountIndex account) const {
  const auto holders = (*this)[entitlement];
  return std::binary_search(holders.begin(), holders.end(), account);
}

void Holders::change(std::span<const Pair> added, std::span<const Pair> removed, std::size_t entitlements) {
  const std::vector<Pair> comes = ordered(added), goes = ordered(removed);
  const std::size_t count = std::max(entitlements, this->entitlements());
  std::vector<std::uint64_t> offsets(count + 1, 0);
  std::vector<AccountIndex> accounts;
  accounts.reserve(accounts_.size() + comes.size());
  std::size_t c = 0, g = 0;
  std::uint64_t copied = 0;  // of accounts_, up to where everything is in `accounts` already
  for (std::size_t e = 0; e < count; ++e) {
    const auto index = static_cast<EntitlementIndex>(e);
    const auto touched = [&](const std::vector<Pair>& pairs, std::size_t at) {
      return at < pairs.size() && pairs[at].entitlement == index;
    };
    if (touched(comes, c) || touched(goes, g)) {
      accounts.insert(accounts.end(), accounts_.begin() + static_cast<std::ptrdiff_t>(copied),
                      accounts_.begin() + static_cast<std::ptrdiff_t>(offset(index)));
      offsets[e] = accounts.size();
      const auto keep = [&](AccountIndex account) {
        if (accounts.size() == offsets[e] || accounts.back() != account) accounts.push_back(account);
      };
      for (const AccountIndex account : (*this)[index]) {
        for (; touched(comes, c) && comes[c].account < account; ++c) keep(comes[c].account);
        while (touched(goes, g) && goes[g].account < account) ++g;
        const bool stays = !touched(goes, g) || goes[g].account != account;
        if (stays || (touched(comes, c) && comes[c].account == account)) keep(account);
      }
      for (; touched(comes, c); ++c) keep(comes[c].account);
      while (touched(goes, g)) ++g;
      copied = offset(index + 1);
    }
    // Behind this entitlement: what is written plus what is copied later.
    offsets[e + 1] = accounts.size() + (offset(index + 1) - copied);
  }
  accounts.insert(accounts.end(), accounts_.begin() + static_cast<std::ptrdiff_t>(copied), accounts_.end());
  offsets_ = std::move(offsets);
  accounts_ = std::move(accounts);
}

Holders Holders::transposed(std::size_t accounts) const {
  Holders out;
  out.offsets_.assign(accounts + 1, 0);
  out.accounts_.resize(accounts_.size());
  // offsets_[a + 1] runs from the start of a to its end while the accounts are written, and needs no second array.
  for (const AccountIndex account : accounts_)
    if (std::size_t{account} + 2 < out.offsets_.size()) ++out.offsets_[account + 2];
  for (std::size_t a = 1; a < out.offsets_.size(); ++a) out.offsets_[a] += out.offsets_[a - 1];
  for (std::size_t e = 0; e < entitlements(); ++e)
    for (const AccountIndex account : (*this)[static_cast<EntitlementIndex>(e)])
      out.accounts_[out.offsets_[account + 1]++] = static_cast<AccountIndex>(e);
  return out;
}

}  // namespace tenure::population
