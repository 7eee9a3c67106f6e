#include <algorithm>
#include <utility>

#include <tenure/population/rights.hpp>

namespace tenure::population {

void Rights::append_of(AccountIndex account, std::vector<Right>& out) const {
  std::uint64_t at = by_account_.offset(account);
  for (const EntitlementIndex entitlement : by_account_[account]) {
    const Pair pair{entitlement, account};
    auto own = std::lower_bound(parametric_.begin(), parametric_.end(), Parametric{pair, 0});
    if (own == parametric_.end() || own->pair != pair) out.push_back({entitlement, 0, record_at(at)});
    for (; own != parametric_.end() && own->pair == pair; ++own)
      out.push_back(
          {entitlement, own->parameters,
           parametric_records_.empty() ? 0 : parametric_records_[static_cast<std::size_t>(own - parametric_.begin())]});
    ++at;
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
    for (const EntitlementIndex entitlement : by_account_[account]) removed.push_back({entitlement, account});
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
  std::vector<std::uint64_t> offsets = {0};
  offsets.reserve(accounts + 1);
  std::vector<EntitlementIndex> held;
  held.reserve(by_entitlement_.size());
  // Where all have one record, there is no array of them.
  const bool told_apart = records_.size() != 0 || std::any_of(overlay_.begin(), overlay_.end(), [&](const auto& entry) {
                            return std::any_of(entry.second.begin(), entry.second.end(),
                                               [&](const Right& right) { return right.record != common_record_; });
                          });
  PackedCodes records;
  if (told_apart) records.reserve(by_entitlement_.size());
  auto next = touched.begin();
  for (AccountIndex account = 0; account < std::max(accounts, by_account_.entitlements()); ++account) {
    if (next == touched.end() || *next != account) {
      const auto of_account = by_account_[account];
      held.insert(held.end(), of_account.begin(), of_account.end());
      for (std::uint64_t at = by_account_.offset(account); told_apart && at < by_account_.offset(account + 1); ++at)
        records.push_back(record_at(at));
    } else {
      for (const Right& right : overlay_.at(*next++)) {
        if (held.size() > offsets.back() && held.back() == right.entitlement) continue;
        held.push_back(right.entitlement);
        if (told_apart) records.push_back(right.record);
      }
    }
    offsets.push_back(held.size());
  }
  by_account_ = Holders::sorted(std::move(offsets), std::move(held));
  records_ = std::move(records);

  std::sort(parametric.begin(), parametric.end());
  parametric_.clear();
  parametric_records_.clear();
  for (const auto& [entry, record] : parametric) {
    parametric_.push_back(entry);
    parametric_records_.push_back(record);
  }
  overlay_.clear();
  ++version_;
}

void Rights::assign(Holders by_entitlement, std::span<const std::uint32_t> records, std::vector<Parametric> parametric,
                    std::vector<std::uint32_t> parametric_records, std::size_t accounts) {
  overlay_.clear();
  changed_.clear();
  listed_ = true;
  by_entitlement_ = std::move(by_entitlement);
  by_account_ = by_entitlement_.transposed(accounts);
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
  parametric_ = std::move(parametric);
  parametric_records_ = std::move(parametric_records);
  ++version_;
}

void Rights::assign(Holders by_entitlement, std::uint32_t record_of_all, std::size_t accounts) {
  assign(std::move(by_entitlement), {}, {}, {}, accounts);
  common_record_ = record_of_all;
}

std::size_t Rights::bytes() const {
  std::size_t total =
      by_entitlement_.bytes() + by_account_.bytes() + records_.bytes() + parametric_.capacity() * sizeof(Parametric) +
      parametric_records_.capacity() * sizeof(std::uint32_t) + changed_.capacity() * sizeof(AccountIndex);
  for (const auto& [account, rights] : overlay_) total += 64 + rights.capacity() * sizeof(Right);
  return total;
}

}  // namespace tenure::population
