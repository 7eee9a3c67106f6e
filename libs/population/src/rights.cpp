#include <algorithm>
#include <utility>

#include <tenure/population/rights.hpp>

namespace tenure::population {

std::pair<std::size_t, std::size_t> Rights::parametric_of(Pair pair) const {
  if (std::size_t{pair.entitlement} + 1 >= parametric_offsets_.size()) return {};
  const auto begin = parametric_.begin() + parametric_offsets_[pair.entitlement];
  const auto end = parametric_.begin() + parametric_offsets_[pair.entitlement + 1];
  const auto first = std::lower_bound(begin, end, Parametric{pair, 0});
  auto last = first;
  while (last != end && last->pair == pair) ++last;
  return {first - parametric_.begin(), last - parametric_.begin()};
}

void Rights::set_parametric(std::vector<Parametric> parametric, std::vector<std::uint32_t> records) {
  parametric_ = std::move(parametric);
  parametric_records_ = std::move(records);
  parametric_offsets_.clear();
  if (parametric_.empty()) return;
  parametric_offsets_.assign(std::size_t{parametric_.back().pair.entitlement} + 2, 0);
  for (const Parametric& entry : parametric_) ++parametric_offsets_[entry.pair.entitlement + 1];
  for (std::size_t e = 1; e < parametric_offsets_.size(); ++e) parametric_offsets_[e] += parametric_offsets_[e - 1];
}

void Rights::append_of(AccountIndex account, std::vector<Right>& out) const {
  const std::uint32_t end = by_account_.offset(std::size_t{account} + 1);
  for (std::uint32_t at = by_account_.offset(account); at < end; ++at) {
    const EntitlementIndex entitlement = by_account_.entitlement(at);
    const auto [first, last] = parametric_of({entitlement, account});
    if (first == last) out.push_back({entitlement, 0, record_at(at)});
    for (std::size_t i = first; i < last; ++i)
      out.push_back({entitlement, parametric_[i].parameters, parametric_records_.empty() ? 0 : parametric_records_[i]});
  }
}

std::vector<Rights::Right> Rights::of(AccountIndex account) const {
  if (!overlay_.empty())
    if (const auto it = overlay_.find(account); it != overlay_.end()) return it->second;
  std::vector<Right> out;
  append_of(account, out);
  return out;
}

void Rights::put(AccountIndex account, std::vector<Right> rights) {
  std::sort(rights.begin(), rights.end());
  overlay_[account] = std::move(rights);
  listed_ = false;
}

void Rights::settle(std::size_t entitlements, std::size_t accounts) {
  if (overlay_.size() * 100 > accounts) return fold(entitlements, accounts);
  if (listed_) return;
  changed_.clear();
  for (const auto& [account, rights] : overlay_) changed_.push_back(account);
  std::sort(changed_.begin(), changed_.end());
  listed_ = true;
}

void Rights::fold(std::size_t entitlements, std::size_t accounts) {
  changed_.clear();
  listed_ = true;
  if (overlay_.empty()) return;
  std::vector<AccountIndex> touched;
  for (const auto& [account, rights] : overlay_) touched.push_back(account);
  std::sort(touched.begin(), touched.end());

  std::vector<Pair> added, removed;
  std::vector<std::pair<Parametric, std::uint32_t>> parametric;
  for (std::size_t i = 0; i < parametric_.size(); ++i)
    if (!overlay_.contains(parametric_[i].pair.account))
      parametric.emplace_back(parametric_[i], parametric_records_.empty() ? 0 : parametric_records_[i]);
  for (const AccountIndex account : touched) {
    for (const EntitlementIndex entitlement : by_account_.of(account)) removed.push_back({entitlement, account});
    const auto& rights = overlay_.at(account);
    for (std::size_t i = 0; i < rights.size(); ++i) {
      const Pair pair{rights[i].entitlement, account};
      if (i == 0 || rights[i - 1].entitlement != pair.entitlement) added.push_back(pair);
      const bool several = (i > 0 && rights[i - 1].entitlement == pair.entitlement) ||
                           (i + 1 < rights.size() && rights[i + 1].entitlement == pair.entitlement);
      if (several || rights[i].parameters != 0)
        parametric.emplace_back(Parametric{pair, rights[i].parameters}, rights[i].record);
    }
  }
  by_entitlement_.change(added, removed, entitlements);

  // By account: as it was between the touched ones.
  const std::size_t all = std::max(accounts, by_account_.accounts());
  ByAccount held;
  held.reserve(all, by_entitlement_.size());
  // Where all have one record, there is no array of them.
  const bool told_apart = records_.size() != 0 || std::any_of(overlay_.begin(), overlay_.end(), [&](const auto& entry) {
                            return std::any_of(entry.second.begin(), entry.second.end(),
                                               [&](const Right& right) { return right.record != common_record_; });
                          });
  PackedCodes records;
  if (told_apart) records.reserve(by_entitlement_.size());
  auto next = touched.begin();
  for (AccountIndex account = 0; account < all; ++account) {
    if (next == touched.end() || *next != account) {
      const std::uint32_t last = by_account_.offset(std::size_t{account} + 1);
      for (std::uint32_t at = by_account_.offset(account); at < last; ++at) {
        held.append(by_account_.entitlement(at));
        if (told_apart) records.push_back(record_at(at));
      }
    } else {
      const auto& rights = overlay_.at(*next++);
      for (std::size_t i = 0; i < rights.size(); ++i) {
        if (i > 0 && rights[i - 1].entitlement == rights[i].entitlement) continue;
        held.append(rights[i].entitlement);
        if (told_apart) records.push_back(rights[i].record);
      }
    }
    held.end_account();
  }
  by_account_ = std::move(held);
  records_ = std::move(records);

  std::sort(parametric.begin(), parametric.end());
  std::vector<Parametric> entries;
  std::vector<std::uint32_t> their_records;
  for (const auto& [entry, record] : parametric) {
    entries.push_back(entry);
    their_records.push_back(record);
  }
  set_parametric(std::move(entries), std::move(their_records));
  overlay_.clear();
  ++version_;
}

void Rights::assign(Holders by_entitlement, std::span<const std::uint32_t> records, std::vector<Parametric> parametric,
                    std::vector<std::uint32_t> parametric_records, std::size_t accounts) {
  overlay_.clear();
  changed_.clear();
  listed_ = true;
  by_entitlement_ = std::move(by_entitlement);
  by_account_ = ByAccount(by_entitlement_, accounts);
  records_ = PackedCodes();
  common_record_ = 0;
  if (!records.empty()) {
    // Each account's next place: its rights come in the order of entitlements, as transposed() wrote them.
    std::vector<std::uint32_t> taken(accounts, 0);
    records_.resize(by_entitlement_.size());
    records_.fit(*std::max_element(records.begin(), records.end()));
    const auto all = by_entitlement_.accounts();
    for (std::size_t i = 0; i < all.size(); ++i) records_.set(by_account_.offset(all[i]) + taken[all[i]]++, records[i]);
  }
  set_parametric(std::move(parametric), std::move(parametric_records));
  ++version_;
}

void Rights::assign(Holders by_entitlement, std::uint32_t record_of_all, std::size_t accounts) {
  assign(std::move(by_entitlement), {}, {}, {}, accounts);
  common_record_ = record_of_all;
}

std::size_t Rights::bytes() const {
  std::size_t total = by_entitlement_.bytes() + by_account_.bytes() + records_.bytes() +
                      parametric_.capacity() * sizeof(Parametric) +
                      (parametric_records_.capacity() + parametric_offsets_.capacity()) * sizeof(std::uint32_t) +
                      changed_.capacity() * sizeof(AccountIndex);
  for (const auto& [account, rights] : overlay_) total += 64 + rights.capacity() * sizeof(Right);
  return total;
}

}  // namespace tenure::population
