#include <algorithm>
#include <utility>

#include <tenure/base/text.hpp>
#include <tenure/population/loading.hpp>

namespace tenure::population {
namespace {

// The items of each owner, ascending: counted, summed up, written in order. kNobody owns nothing.
template <class OwnerOf>
void group(Rows<std::uint32_t>& to, std::size_t items, OwnerOf owner_of) {
  std::vector<std::uint32_t> offsets = {0};
  for (std::size_t item = 0; item < items; ++item) {
    const IdentityIndex owner = owner_of(item);
    if (owner == kNobody) continue;
    if (owner + std::size_t{2} > offsets.size()) offsets.resize(owner + std::size_t{2}, 0);
    ++offsets[owner + std::size_t{1}];
  }
  for (std::size_t owner = 1; owner < offsets.size(); ++owner) offsets[owner] += offsets[owner - 1];
  offsets.shrink_to_fit();
  std::vector<std::uint32_t> next = offsets, grouped(offsets.back());
  for (std::size_t item = 0; item < items; ++item)
    if (const IdentityIndex owner = owner_of(item); owner != kNobody)
      grouped[next[owner]++] = static_cast<std::uint32_t>(item);
  to.assign(std::move(offsets), std::move(grouped));
}

}  // namespace

PeopleLoader::PeopleLoader(People& people, std::size_t identities) : people_(people), identities_(identities) {
  people_.reserve(identities);
  people_.grow(identities);
  people_.present_.fill(true);
}

void PeopleLoader::present(Bitmap present) {
  people_.present_ = std::move(present);
}

void PeopleLoader::keys(std::span<const std::string_view> keys) {
  people_.keys_.intern(keys, people_.key_of_);
}

void PeopleLoader::kinds(std::span<const model::IdentityKind> kinds) {
  std::copy(kinds.begin(), kinds.end(), people_.kinds_.begin());
}

void PeopleLoader::facts(const std::string& attribute, Column column, const Provenance& of_all) {
  facts(attribute, std::move(column), {&of_all, 1}, {});
}

void PeopleLoader::facts(const std::string& attribute, Column column, std::span<const Provenance> provenances,
                         std::span<const std::uint32_t> by_row) {
  People::FactColumn& to = people_.fact_column(attribute);
  to.column = std::move(column);
  std::vector<std::uint32_t> codes;
  for (const Provenance& from : provenances)
    codes.push_back(
        people_.provenances_.intern({from.known_at.to_micros(), people_.sources_.intern(from.source.str())}));
  if (!codes.empty()) to.provenance.fit(*std::max_element(codes.begin(), codes.end()));
  for (std::size_t row = 0; row < identities_; ++row)
    to.provenance.set(row, by_row.empty() ? codes.front() : codes[by_row[row]]);
}

void PeopleLoader::periods(std::vector<std::uint32_t> offsets, std::vector<People::Period> items) {
  people_.periods_.assign(std::move(offsets), std::move(items));
}
void PeopleLoader::relations(std::vector<std::uint32_t> offsets, std::vector<People::Link> items) {
  people_.relations_.assign(std::move(offsets), std::move(items));
}
void PeopleLoader::records(std::vector<std::uint32_t> offsets, std::vector<People::Record> items) {
  people_.records_.assign(std::move(offsets), std::move(items));
}

void PeopleLoader::finish() {
  people_.keys_.shrink();
  for (auto& [name, fact] : people_.facts_) fact.column.shrink();
  ++people_.version_;
  people_.present_.for_each(
      [&](std::size_t row) { people_.of_kind_[static_cast<std::size_t>(people_.kinds_[row])].set(row); });
}

AccountsLoader::AccountsLoader(Population& population, const model::TargetName& target)
    : accounts_(population.known(target)) {}

void AccountsLoader::accounts(std::span<const std::string_view> ids, std::span<const std::string_view> names) {
  std::vector<std::uint32_t> rows(ids.size());
  accounts_.ids_.reserve(ids.size());
  accounts_.names_.reserve(names.size());
  accounts_.ids_.intern(ids, rows);
  accounts_.grow(ids.size());
  accounts_.names_.intern(names, accounts_.name_of_);
  accounts_.by_name_.reserve(names.size());
  for (AccountIndex row = 0; row < ids.size(); ++row) {
    accounts_.entries_[row].observed = accounts_.entries_[row].enabled = true;
    const std::string_view name = names[row];
    const bool upper = std::any_of(name.begin(), name.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
    accounts_.by_name_.add(upper ? accounts_.folded(name) : accounts_.name_of_[row], row);
  }
}

void AccountsLoader::entitlements(std::span<const std::string_view> ids) {
  std::vector<std::uint32_t> codes(ids.size());
  accounts_.entitlements_.intern(ids, codes);
}

void AccountsLoader::reading(const model::Observation& head) {
  accounts_.put_reading(head);
  accounts_.nesting_.clear();
  for (const model::Grant& grant : head.grants)
    if (grant.holder.account.empty()) accounts_.nesting_.push_back(grant);
  std::sort(accounts_.nesting_.begin(), accounts_.nesting_.end());
}

std::uint16_t AccountsLoader::account_class(std::string_view name) {
  return static_cast<std::uint16_t>(accounts_.classes_.intern(name));
}

void AccountsLoader::classes(std::span<const std::uint16_t> codes) {
  for (std::size_t row = 0; row < codes.size(); ++row) accounts_.entries_[row].account_class = codes[row];
}
void AccountsLoader::classes(std::uint16_t of_all) {
  for (Accounts::Entry& entry : accounts_.entries_) entry.account_class = of_all;
}

void AccountsLoader::purposes(std::span<const model::Purpose> purposes) {
  for (std::size_t row = 0; row < purposes.size(); ++row) accounts_.entries_[row].purpose = purposes[row];
}

void AccountsLoader::enabled(const Bitmap& enabled) {
  for (std::size_t row = 0; row < enabled.size(); ++row) accounts_.entries_[row].enabled = enabled.test(row);
}

void AccountsLoader::attribute(const std::string& name, Column column) {
  accounts_.attribute_column(name) = std::move(column);
}

void AccountsLoader::claims(std::span<const IdentityIndex> owners, std::string_view reason, Time since) {
  const std::uint32_t text = accounts_.texts_.intern(reason);
  for (AccountIndex row = 0; row < owners.size(); ++row) {
    if (owners[row] == kNobody) continue;
    Accounts::Entry& entry = accounts_.entries_[row];
    entry.owner = owners[row];
    entry.claimed = true;
    accounts_.claims_.set(
        row, accounts_.claim_records_.intern({since.to_micros(), text, static_cast<std::uint32_t>(entry.purpose)}) + 1);
  }
  group(accounts_.of_owner_, owners.size(), [&](std::size_t row) { return owners[row]; });
}

void AccountsLoader::observed(Holders by_entitlement, std::vector<Parametric> parametric) {
  std::sort(parametric.begin(), parametric.end());
  accounts_.observed_.assign(std::move(by_entitlement), {}, std::move(parametric), {}, accounts_.rows());
}

void AccountsLoader::given(Holders by_entitlement, std::span<const std::uint32_t> records,
                           std::vector<std::pair<Parametric, std::uint32_t>> parametric) {
  std::sort(parametric.begin(), parametric.end());
  std::vector<Parametric> entries;
  std::vector<std::uint32_t> their_records;
  for (const auto& [entry, record] : parametric) {
    entries.push_back(entry);
    their_records.push_back(record);
  }
  accounts_.given_.assign(std::move(by_entitlement), records, std::move(entries), std::move(their_records),
                          accounts_.rows());
}

void AccountsLoader::given(Holders by_entitlement, std::uint32_t record_of_all) {
  accounts_.given_.assign(std::move(by_entitlement), record_of_all, accounts_.rows());
}

void AccountsLoader::made(std::span<const std::uint32_t> records) {
  for (std::size_t row = 0; row < records.size(); ++row) {
    if (records[row] == kNobody) continue;
    accounts_.account_records_.set(row, records[row] + 1);
    accounts_.entries_[row].granted = true;
  }
}

void AccountsLoader::names(const std::string& attribute, std::span<const std::string_view> names,
                           std::span<const IdentityIndex> identities, Time since) {
  accounts_.taken_.reserve(accounts_.taken_.size() + names.size());
  for (std::size_t i = 0; i < names.size(); ++i)
    if (!names[i].empty()) accounts_.taken_[accounts_.take_name(attribute, names[i], since)].identity = identities[i];
}

void AccountsLoader::finish() {
  group(accounts_.taken_by_, accounts_.taken_.size(), [&](std::size_t i) { return accounts_.taken_[i].identity; });
  ++accounts_.version_;
  accounts_.fold();
  for (Dictionary* dictionary : {&accounts_.ids_, &accounts_.names_, &accounts_.texts_}) dictionary->shrink();
  for (auto& [name, column] : accounts_.attributes_) column.shrink();
  for (auto& [attribute, ledger] : accounts_.ledgers_) ledger.by_folded.shrink();
  accounts_.by_name_.shrink();
}

}  // namespace tenure::population
