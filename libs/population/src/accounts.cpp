#include <algorithm>
#include <tuple>
#include <utility>

#include <tenure/base/text.hpp>
#include <tenure/population/accounts.hpp>

namespace tenure::population {
namespace {

// By row_id, made once for each.
template <class T>
void order_by_row_id(std::vector<T>& values) {
  std::vector<std::pair<std::string, T>> keyed;
  keyed.reserve(values.size());
  for (T& value : values) keyed.emplace_back(model::row_id(value), std::move(value));
  std::sort(keyed.begin(), keyed.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  values.clear();
  for (auto& [key, value] : keyed) values.push_back(std::move(value));
}

}  // namespace

bool plain(const model::Decision& decision) {
  if (!decision.entitlement.empty()) return decision.kind == model::DecisionKind::kGranted;
  return decision.parameters.empty() &&
         (decision.kind == model::DecisionKind::kGranted || decision.kind == model::DecisionKind::kDisabled);
}

AccountIndex Accounts::find(const model::NativeId& id) const {
  return ids_.find(id.str());
}

AccountIndex Accounts::find_name(std::string_view login) const {
  const Dictionary::Code code = names_.find(ascii_lower(login));
  if (code == Dictionary::kNone) return kNobody;
  const auto all = by_name_.all(code);
  return all.empty() ? kNobody : all.size() > 1 ? kSeveral : all.front();
}

std::optional<model::Account> Accounts::account(AccountIndex row) const {
  const Entry& entry = entries_[row];
  if (!entry.observed) return std::nullopt;
  model::Account out;
  out.id = id(row);
  out.incarnation = texts_.text(incarnations_[row]);
  out.name = name(row);
  out.account_class = classes_.text(entry.account_class);
  out.purpose = entry.purpose;
  out.enabled = entry.enabled;
  out.restriction = texts_.text(restrictions_[row]);
  for (const auto& [attribute, column] : attributes_) {
    const Column::Code code = column.code(row);
    if (code == Column::kAbsent) continue;
    out.attributes.emplace_hint(out.attributes.end(), attribute,
                                code == Column::kNull ? json::Value() : column.value(code));
  }
  return out;
}

std::optional<model::Claim> Accounts::claim(AccountIndex row) const {
  if (!entries_[row].claimed) return std::nullopt;
  const ClaimRecord record = claim_records_[claims_[row] - 1];
  model::Claim out;
  out.account = {target_, id(row)};
  if (entries_[row].owner != kNobody) out.identity = People::id(entries_[row].owner);
  out.purpose = static_cast<model::Purpose>(record.purpose);
  out.reason = texts_.text(record.reason);
  out.since = Time::from_micros(record.since);
  return out;
}

const Column* Accounts::attribute(std::string_view name) const {
  const auto it = attributes_.find(name);
  return it == attributes_.end() ? nullptr : &it->second;
}

std::vector<std::string> Accounts::attributes() const {
  std::vector<std::string> names;
  for (const auto& [name, column] : attributes_) names.push_back(name);
  return names;
}

EntitlementIndex Accounts::entitlement(const model::EntitlementId& id) const {
  return entitlements_.find(id.str());
}

std::vector<model::Grant> Accounts::grants(AccountIndex row) const {
  std::vector<model::Grant> out;
  const model::Holder holder{id(row), {}};
  for (const Rights::Right& right : observed_.of(row))
    out.push_back({holder, model::EntitlementId(std::string(entitlements_.text(right.entitlement))),
                   model::Parameters(parameters_.text(right.parameters))});
  std::sort(out.begin(), out.end());
  return out;
}

model::Decision Accounts::decision_of(AccountIndex row, const Rights::Right& right) const {
  model::Decision out = decision_of(row, right.record);
  out.entitlement = model::EntitlementId(std::string(entitlements_.text(right.entitlement)));
  out.parameters = parameters_.text(right.parameters);
  return out;
}

model::Decision Accounts::decision_of(AccountIndex row, std::uint32_t code) const {
  const PlainRecord record = plain_records_[code];
  model::Decision out;
  out.kind = model::DecisionKind::kGranted;
  out.account = {target_, id(row)};
  out.owner = texts_.text(record.owner);
  out.actor = texts_.text(record.actor);
  out.reason = texts_.text(record.reason);
  out.ticket = texts_.text(record.ticket);
  out.second_person = texts_.text(record.second_person);
  out.since = Time::from_micros(record.since);
  out.until = Time::from_micros(record.until);
  return out;
}

std::vector<model::Decision> Accounts::decisions(AccountIndex row) const {
  std::vector<model::Decision> out;
  for (const Rights::Right& right : given_.of(row)) out.push_back(decision_of(row, right));
  if (const std::uint32_t about = account_records_[row]; about != 0) {
    out.push_back(decision_of(row, about - 1));
    if (entries_[row].disabled) out.back().kind = model::DecisionKind::kDisabled;
  }
  if (const auto* special = special_decisions(row)) out.insert(out.end(), special->begin(), special->end());
  order_by_row_id(out);
  return out;
}

const std::vector<model::Decision>* Accounts::special_decisions(AccountIndex row) const {
  if (!entries_[row].special) return nullptr;
  return &special_.at(row);
}

Accounts::PlainDecision Accounts::plain_decision(std::uint32_t record) const {
  const PlainRecord plain = plain_records_[record];
  return {Time::from_micros(plain.since), Time::from_micros(plain.until), texts_.text(plain.owner),
          texts_.text(plain.actor)};
}

std::optional<Accounts::StateDecision> Accounts::state_decision(AccountIndex row) const {
  const std::uint32_t about = account_records_[row];
  if (about == 0) return std::nullopt;
  return StateDecision{entries_[row].disabled ? model::DecisionKind::kDisabled : model::DecisionKind::kGranted,
                       about - 1};
}

model::Observation Accounts::observation() const {
  model::Observation out;
  if (reading_) out = *reading_;
  out.target = target_;
  out.grants = nesting_;
  for (AccountIndex row = 0; row < rows(); ++row) {
    if (entries_[row].observed) out.accounts.push_back(*account(row));
    for (model::Grant& grant : grants(row)) out.grants.push_back(std::move(grant));
  }
  out.sort();
  return out;
}

model::NameTaken Accounts::name_taken(const Taken& taken) const {
  model::NameTaken out;
  out.target = target_;
  const Origin origin = origins_[taken.origin];
  out.attribute = ledger_names_[origin.ledger];
  out.name = names_.text(taken.name);
  if (taken.identity != kNobody) out.identity = People::id(taken.identity);
  out.since = Time::from_micros(origin.since);
  return out;
}

std::vector<model::NameTaken> Accounts::names(std::string_view attribute, std::string_view name) const {
  std::vector<model::NameTaken> out;
  const auto ledger = ledgers_.find(attribute);
  const Dictionary::Code code = names_.find(ascii_lower(name));
  if (ledger == ledgers_.end() || code == Dictionary::kNone) return out;
  for (const std::uint32_t taken : ledger->second.by_folded.all(code)) out.push_back(name_taken(taken_[taken]));
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
    return std::tie(a.identity, a.since, a.name) < std::tie(b.identity, b.since, b.name);
  });
  return out;
}

std::vector<model::NameTaken> Accounts::names_of(model::IdentityId identity) const {
  std::vector<model::NameTaken> out;
  if (identity.valid()) {
    for (const std::uint32_t taken : taken_by_[People::row(identity)]) out.push_back(name_taken(taken_[taken]));
  } else {
    for (const Taken& taken : taken_)
      if (taken.identity == kNobody) out.push_back(name_taken(taken));
  }
  order_by_row_id(out);
  return out;
}

std::vector<model::NameTaken> Accounts::all_names() const {
  std::vector<model::NameTaken> out;
  for (const Taken& taken : taken_) out.push_back(name_taken(taken));
  order_by_row_id(out);
  return out;
}

std::vector<std::string> Accounts::name_attributes() const {
  std::vector<std::string> names;
  for (const auto& [attribute, ledger] : ledgers_) names.push_back(attribute);
  return names;
}

std::size_t Accounts::bytes() const {
  std::size_t total = ids_.bytes() + entries_.capacity() * sizeof(Entry) + names_.bytes() + classes_.bytes() +
                      entitlements_.bytes() + parameters_.bytes() + texts_.bytes() +
                      name_of_.capacity() * sizeof(std::uint32_t) + by_name_.bytes() + incarnations_.bytes() +
                      restrictions_.bytes() + claims_.bytes() + claim_records_.bytes() + of_owner_.bytes() +
                      observed_.bytes() + given_.bytes() + plain_records_.bytes() + account_records_.bytes() +
                      terms_.capacity() * sizeof(terms_.front()) + taken_.capacity() * sizeof(Taken) +
                      taken_by_.bytes() + origins_.bytes();
  for (const auto& [name, column] : attributes_) total += column.bytes();
  for (const auto& [attribute, ledger] : ledgers_) total += ledger.by_folded.bytes();
  for (const auto& [row, decisions] : special_) total += 64 + decisions.capacity() * sizeof(model::Decision);
  return total + nesting_.capacity() * sizeof(model::Grant);
}

}  // namespace tenure::population
