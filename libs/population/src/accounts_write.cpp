// The writing half of Accounts: what Population and AccountsLoader do to one target.
#include <algorithm>
#include <iterator>
#include <utility>

#include <tenure/base/text.hpp>
#include <tenure/population/accounts.hpp>

namespace tenure::population {

Accounts::Accounts(model::TargetName target) : target_(std::move(target)) {
  // Code 0 is "" in all of them: what new rows have.
  for (Dictionary* dictionary : {&names_, &classes_, &parameters_, &texts_}) dictionary->intern("");
}
Accounts::~Accounts() = default;

AccountIndex Accounts::know(std::string_view id) {
  const AccountIndex row = ids_.intern(id);
  if (row >= entries_.size()) grow(std::size_t{row} + 1);
  return row;
}

void Accounts::grow(std::size_t rows) {
  entries_.resize(rows);
  name_of_.resize(rows, 0);
  incarnations_.resize(rows);
  restrictions_.resize(rows);
  claims_.resize(rows);
  account_records_.resize(rows);
  for (auto& [name, column] : attributes_) column.resize(rows);
}

Column& Accounts::attribute_column(const std::string& name) {
  const auto [it, is_new] = attributes_.try_emplace(name);
  if (is_new) it->second.resize(rows());
  return it->second;
}

std::uint32_t Accounts::folded(std::string_view name) {
  return names_.intern(ascii_lower(name));
}

// Claims.

void Accounts::set_owner(AccountIndex row, IdentityIndex owner) {
  IdentityIndex& current = entries_[row].owner;
  if (current == owner) return;
  if (current != kNobody) {
    std::vector<AccountIndex> of_old(of_owner_[current].begin(), of_owner_[current].end());
    std::erase(of_old, row);
    of_owner_.put(current, of_old);
  }
  current = owner;
  if (owner == kNobody) return;
  std::vector<AccountIndex> of_new(of_owner_[owner].begin(), of_owner_[owner].end());
  of_new.insert(std::lower_bound(of_new.begin(), of_new.end(), row), row);
  of_owner_.put(owner, of_new);
}

void Accounts::put(const model::Claim& claim) {
  ++version_;
  const AccountIndex row = know(claim.account.id.str());
  set_owner(row, claim.identity.valid() ? People::row(claim.identity) : kNobody);
  claims_.set(row, claim_records_.intern({claim.since.to_micros(), texts_.intern(claim.reason),
                                          static_cast<std::uint32_t>(claim.purpose)}) +
                       1);
  entries_[row].claimed = true;
  if (!entries_[row].observed) entries_[row].purpose = claim.purpose;
}

void Accounts::erase_claim(std::string_view id) {
  const AccountIndex row = ids_.find(id);
  if (row == Dictionary::kNone || !entries_[row].claimed) return;
  ++version_;
  set_owner(row, kNobody);
  claims_.set(row, 0);
  entries_[row].claimed = false;
  if (!entries_[row].observed) entries_[row].purpose = model::Purpose::kNormal;
}

// Decisions.

std::uint32_t Accounts::record_of(const model::Decision& decision) {
  return plain_records_.intern({decision.since.to_micros(), decision.until.to_micros(), texts_.intern(decision.owner),
                                texts_.intern(decision.actor), texts_.intern(decision.reason),
                                texts_.intern(decision.ticket), texts_.intern(decision.second_person), 0});
}

void Accounts::put(const model::Decision& decision) {
  const AccountIndex row = know(decision.account.id.str());
  erase_decision(row, decision.entitlement.str(), decision.parameters);
  if (!plain(decision)) {
    special_[row].push_back(decision);
    entries_[row].special = true;
    return;
  }
  if (decision.entitlement.empty()) {
    account_records_.set(row, record_of(decision) + 1);
    entries_[row].granted = decision.kind == model::DecisionKind::kGranted;
    entries_[row].disabled = decision.kind == model::DecisionKind::kDisabled;
    return;
  }
  std::vector<Rights::Right> rights = given_.of(row);
  rights.push_back(
      {entitlements_.intern(decision.entitlement.str()), parameters_.intern(decision.parameters), record_of(decision)});
  given_.put(row, std::move(rights));
}

bool Accounts::erase_decision(AccountIndex row, std::string_view entitlement, std::string_view parameters) {
  if (entitlement.empty() && parameters.empty() && account_records_[row] != 0) {
    account_records_.set(row, 0);
    entries_[row].granted = entries_[row].disabled = false;
    return true;
  }
  if (entries_[row].special) {
    auto& special = special_.at(row);
    const auto erased = std::erase_if(special, [&](const model::Decision& decision) {
      return decision.entitlement.str() == entitlement && decision.parameters == parameters;
    });
    if (special.empty()) {
      special_.erase(row);
      entries_[row].special = false;
    }
    if (erased > 0) return true;
  }
  const Dictionary::Code right = entitlements_.find(entitlement), with = parameters_.find(parameters);
  if (right == Dictionary::kNone || with == Dictionary::kNone) return false;
  std::vector<Rights::Right> rights = given_.of(row);
  const auto erased = std::erase_if(
      rights, [&](const Rights::Right& given) { return given.entitlement == right && given.parameters == with; });
  if (erased == 0) return false;
  given_.put(row, std::move(rights));
  return true;
}

// account/entitlement or account/entitlement/parameters, any of which may have slashes of its own: whichever reading is
// a decision that is there.
bool Accounts::erase_decision(std::string_view rest) {
  for (std::size_t at = rest.find('/'); at != std::string_view::npos; at = rest.find('/', at + 1)) {
    const AccountIndex row = ids_.find(rest.substr(0, at));
    if (row == Dictionary::kNone) continue;
    const std::string_view behind = rest.substr(at + 1);
    if (erase_decision(row, behind, "")) return true;
    for (std::size_t split = behind.find('/'); split != std::string_view::npos; split = behind.find('/', split + 1))
      if (split + 1 < behind.size() && erase_decision(row, behind.substr(0, split), behind.substr(split + 1)))
        return true;
  }
  return false;
}

// The ledger of names.

void Accounts::put(const model::NameTaken& name) {
  give_name(take_name(name.attribute, name.name, name.since),
            name.identity.valid() ? People::row(name.identity) : kNobody);
}

std::uint32_t Accounts::take_name(const std::string& attribute, std::string_view name, Time since) {
  const auto [ledger, is_new] = ledgers_.try_emplace(attribute);
  if (is_new) {
    ledger->second.number = ledger_names_.size();
    ledger_names_.push_back(attribute);
  }
  const std::uint32_t code = names_.intern(name), lower = folded(name);
  RowsByCode& used = ledger->second.by_folded;
  const auto same_case = used.all(lower);
  const auto known =
      std::find_if(same_case.begin(), same_case.end(), [&](std::uint32_t index) { return taken_[index].name == code; });
  std::uint32_t index = static_cast<std::uint32_t>(taken_.size());
  if (known == same_case.end()) {
    taken_.push_back({code, kNobody, 0});
    used.add(lower, index);
  } else {
    index = *known;
  }
  taken_[index].origin = origins_.intern({since.to_micros(), ledger->second.number});
  return index;
}

void Accounts::give_name(std::uint32_t index, IdentityIndex identity) {
  Taken& taken = taken_[index];
  if (taken.identity == identity) return;
  if (taken.identity != kNobody) {
    std::vector<std::uint32_t> of_old(taken_by_[taken.identity].begin(), taken_by_[taken.identity].end());
    std::erase(of_old, index);
    taken_by_.put(taken.identity, of_old);
  }
  taken.identity = identity;
  if (identity == kNobody) return;
  std::vector<std::uint32_t> of_new(taken_by_[identity].begin(), taken_by_[identity].end());
  of_new.push_back(index);
  taken_by_.put(identity, of_new);
}

// Readings.

void Accounts::name_account(AccountIndex row, std::string_view name) {
  if (entries_[row].observed) by_name_.remove(folded(this->name(row)), row);
  name_of_[row] = names_.intern(name);
  by_name_.add(folded(name), row);
}

void Accounts::observe(AccountIndex row, const model::Account& account) {
  ++version_;
  name_account(row, account.name);
  Entry& entry = entries_[row];
  entry.observed = true;
  entry.account_class = static_cast<std::uint16_t>(classes_.intern(account.account_class));
  entry.purpose = account.purpose;
  entry.enabled = account.enabled;
  entry.restricted = !account.restriction.empty();
  incarnations_.set(row, texts_.intern(account.incarnation));
  restrictions_.set(row, texts_.intern(account.restriction));
  for (auto& [name, column] : attributes_)
    if (column.code(row) != Column::kAbsent && !account.attributes.contains(name)) column.erase(row);
  for (const auto& [name, value] : account.attributes) attribute_column(name).put(row, value, false);
}

void Accounts::forget(AccountIndex row) {
  Entry& entry = entries_[row];
  if (!entry.observed) return;
  ++version_;
  by_name_.remove(folded(name(row)), row);
  name_of_[row] = 0;
  entry.observed = entry.enabled = entry.restricted = false;
  entry.account_class = 0;
  entry.purpose =
      entry.claimed ? static_cast<model::Purpose>(claim_records_[claims_[row] - 1].purpose) : model::Purpose::kNormal;
  incarnations_.set(row, 0);
  restrictions_.set(row, 0);
  for (auto& [name, column] : attributes_)
    if (column.code(row) != Column::kAbsent) column.erase(row);
}

void Accounts::put_observation(const model::Observation& observation) {
  for (AccountIndex row = 0; row < rows(); ++row) forget(row);
  for (const auto& account : observation.accounts) observe(know(account.id.str()), account);
  put_reading(observation);
  put_grants(observation.grants);
}

void Accounts::put_reading(const model::Observation& head) {
  for (const auto& entitlement : head.entitlements) entitlements_.intern(entitlement.id.str());
  reading_.emplace();
  reading_->target = target_;
  reading_->read_at = head.read_at;
  reading_->coverage = head.coverage;
  reading_->entitlements = head.entitlements;
}

void Accounts::put_grants(const std::vector<model::Grant>& grants) {
  nesting_.clear();
  std::vector<Pair> pairs;
  std::vector<Parametric> parametric;
  const auto pair_of = [&](const model::Grant& grant) {
    return Pair{entitlements_.intern(grant.entitlement.str()), know(grant.holder.account.str())};
  };
  for (const auto& grant : grants) {
    if (!grant.holder.entitlement.empty()) {
      nesting_.push_back(grant);
      continue;
    }
    pairs.push_back(pair_of(grant));
    if (!grant.parameters.empty()) parametric.push_back({pairs.back(), parameters_.intern(grant.parameters)});
  }
  std::sort(nesting_.begin(), nesting_.end());
  std::sort(parametric.begin(), parametric.end());
  // The same right without parameters beside one with: told apart from "only with".
  const std::size_t with = parametric.size();
  for (const auto& grant : grants) {
    if (with == 0 || !grant.parameters.empty() || !grant.holder.entitlement.empty()) continue;
    const Parametric without{pair_of(grant), 0};
    const auto beside =
        std::lower_bound(parametric.begin(), parametric.begin() + static_cast<std::ptrdiff_t>(with), without);
    if (beside != parametric.begin() + static_cast<std::ptrdiff_t>(with) && beside->pair == without.pair)
      parametric.push_back(without);
  }
  std::sort(parametric.begin(), parametric.end());
  parametric.erase(std::unique(parametric.begin(), parametric.end()), parametric.end());
  observed_.assign(Holders::of(std::move(pairs), entitlements()), {}, std::move(parametric), {}, rows());
}

void Accounts::put_image(const model::AccountRef& account, const std::optional<model::AccountImage>& image) {
  const AccountIndex row = know(account.id.str());
  std::vector<Rights::Right> rights;
  if (image) {
    observe(row, image->account);
    for (const auto& grant : image->grants)
      rights.push_back({entitlements_.intern(grant.entitlement.str()), parameters_.intern(grant.parameters), 0});
  } else {
    forget(row);
  }
  std::sort(rights.begin(), rights.end());
  rights.erase(std::unique(rights.begin(), rights.end()), rights.end());
  if (rights != observed_.of(row)) observed_.put(row, std::move(rights));
}

// The end of a round of writing.

void Accounts::settle() {
  of_owner_.settle();
  taken_by_.settle();
  observed_.settle(entitlements(), rows());
  given_.settle(entitlements(), rows());
  list_changed();
  collect_terms();
}

void Accounts::fold() {
  of_owner_.fold();
  taken_by_.fold();
  observed_.fold(entitlements(), rows());
  given_.fold(entitlements(), rows());
  list_changed();
  collect_terms();
}

void Accounts::list_changed() {
  changed_.clear();
  std::set_union(observed_.changed().begin(), observed_.changed().end(), given_.changed().begin(),
                 given_.changed().end(), std::back_inserter(changed_));
}

void Accounts::collect_terms() {
  next_term_ = Time::never();
  if (given_.array_version() != terms_version_) {
    terms_version_ = given_.array_version();
    std::vector<Time> until;  // by record
    bool any = false;
    for (std::uint32_t record = 0; record < plain_records_.size(); ++record) {
      until.push_back(plain_decision(record).until);
      any = any || until.back() != Time::never();
    }
    terms_.clear();
    if (any)
      given_.for_each_record([&](std::uint32_t record) { return until[record] != Time::never(); },
                             [&](Pair pair, std::uint32_t record) { terms_.push_back({until[record], pair}); });
    std::sort(terms_.begin(), terms_.end());
  }
  for (const Term& term : terms_) {
    if (given_.in_overlay(term.pair.account)) continue;
    next_term_ = term.until;
    break;
  }
  for (const AccountIndex account : given_.changed())
    for (const Rights::Right& right : given_.of(account))
      next_term_ = std::min(next_term_, plain_decision(right.record).until);
}

}  // namespace tenure::population
