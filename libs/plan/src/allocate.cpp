#include <tenure/base/text.hpp>
#include <tenure/plan/allocate.hpp>
#include <tenure/policy/evaluate.hpp>
#include <tenure/population/population.hpp>

namespace tenure::plan {
namespace {

// All logins of a target are one space, whatever their attributes are called.
const std::string kLogins("\1logins");

}  // namespace

NameLedger::NameLedger(const policy::PolicySet& policy, const population::Population& population,
                       const Setting& setting)
    : population_(population), setting_(setting) {
  for (const auto& [target, doc] : policy.targets) attributes_[target]["name"] = true;
  for (const auto& [attribute, place] : policy::allocation_places(policy))
    attributes_[place.target][attribute] |= place.rule->is_login;
  const population::People& people = population.people();
  people.aliases().for_each(
      [&](std::size_t row) { merged_.insert(people.resolved(people.id(static_cast<std::uint32_t>(row)))); });
}

NameLedger::Space& NameLedger::space(const model::TargetName& target, const std::string& attribute) {
  const auto known = attributes_.find(target);
  const bool is_login = known == attributes_.end() || !known->second.contains(attribute) || known->second.at(attribute);
  const std::pair key(target, is_login ? kLogins : attribute);
  const auto found = spaces_.find(key);
  return found != spaces_.end() ? found->second
                                : spaces_.emplace(key, make_space(target, attribute, is_login)).first->second;
}

NameLedger::Space NameLedger::make_space(const model::TargetName& target, const std::string& attribute,
                                         bool logins) const {
  Space space;
  space.logins = logins;
  if (!logins) {
    space.attributes = {attribute};
    const population::Accounts* accounts = population_.accounts(target);
    const population::Column* values = accounts == nullptr ? nullptr : accounts->attribute(attribute);
    if (values == nullptr) return space;
    for (std::uint32_t row = 0; row < accounts->rows(); ++row) {
      const auto code = values->code(row);
      if (!accounts->entry(row).observed || code < population::Column::kFirstValue) continue;
      if (!values->value(code).is_string() || values->value(code).as_string().empty()) continue;
      const Use use{owner_of(target, row), true};
      const auto [it, fresh] = space.borne.try_emplace(ascii_lower(values->value(code).as_string()), use);
      if (!fresh && it->second.identity != use.identity) it->second.identity = model::IdentityId();
    }
    return space;
  }
  // What no document calls an attribute of its own any more was a login once.
  const auto known = attributes_.find(target);
  if (const population::Accounts* accounts = population_.accounts(target))
    for (const auto& name : accounts->name_attributes())
      if (known == attributes_.end() || !known->second.contains(name) || known->second.at(name))
        space.attributes.push_back(name);
  for (const InFlight& change : setting_.in_flight) {
    if (change.account.target != target || change.name.empty()) continue;
    const Use use{population_.people().resolved(change.identity), true};
    const auto [it, fresh] = space.reserved.try_emplace(ascii_lower(change.name), use);
    if (!fresh && it->second.identity != use.identity) it->second.identity = model::IdentityId();
  }
  return space;
}

model::IdentityId NameLedger::owner_of(const model::TargetName& target, std::uint32_t account) const {
  const std::uint32_t owner = population_.accounts(target)->entry(account).owner;
  const population::People& people = population_.people();
  return owner == population::kNobody ? model::IdentityId() : people.resolved(people.id(owner));
}

std::optional<NameLedger::Use> NameLedger::use_of(const model::TargetName& target, const Space& space,
                                                  const std::string& folded) const {
  std::optional<Use> use;
  // Two owners of one name, now or in the past: nobody gets it again.
  const auto take = [&](model::IdentityId identity, bool borne) {
    if (!use) use = Use{identity, borne};
    use->borne = use->borne || borne;
    if (use->identity != identity) use->identity = model::IdentityId();
  };
  for (const auto& attribute : space.attributes)
    if (const auto used = population_.name(target, attribute, folded); used.first)
      take(used.several ? model::IdentityId() : population_.people().resolved(used.first->identity), false);
  if (space.logins) {
    const population::Accounts* accounts = population_.accounts(target);
    const std::uint32_t account = accounts == nullptr ? population::kNobody : accounts->find_name(folded);
    if (account == population::kSeveral)
      take({}, true);
    else if (account != population::kNobody)
      take(owner_of(target, account), true);
  } else if (const auto it = space.borne.find(folded); it != space.borne.end()) {
    take(it->second.identity, true);
  }
  if (const auto it = space.reserved.find(folded); it != space.reserved.end()) take(it->second.identity, true);
  return use;
}

bool NameLedger::reserve(const model::TargetName& target, Space& space, const std::string& name,
                         model::IdentityId identity) {
  if (name.empty()) return false;
  std::string folded = ascii_lower(name);
  const auto use = use_of(target, space, folded);
  if (use && (use->borne || use->identity != identity || !identity.valid())) return false;
  space.reserved[std::move(folded)] = Use{identity, true};
  return true;
}

bool NameLedger::reserve_login(const model::TargetName& target, const std::string& name, model::IdentityId identity) {
  return reserve(target, space(target, "name"), name, identity);
}

std::optional<std::string> NameLedger::allocate(const model::TargetName& target, const policy::AllocationRule& rule,
                                                const std::string& base, model::IdentityId identity) {
  if (base.empty()) return std::nullopt;
  Space& names = space(target, rule.attribute);
  // What was found to be another's stays another's: whoever never had a name need not try it again.
  std::size_t ignored = 1;
  std::size_t& next = had_names(identity) ? ignored : names.next.try_emplace({&rule, base}, 1).first->second;
  for (std::size_t n = next;; ++n) {
    // A number as long as the limit would leave nothing of the base, and the next one would be the same text.
    if (n > 1 && rule.length_max != 0 && std::to_string(n).size() >= rule.length_max) return std::nullopt;
    std::string candidate = policy::candidate(rule, base, n);
    if (!reserve(target, names, candidate, identity)) continue;
    next = n + 1;
    return candidate;
  }
}

bool NameLedger::had_names(model::IdentityId identity) const {
  return merged_.contains(identity) || !population_.names_of(identity).empty();
}

std::string login_attribute(const policy::PolicySet& policy, const model::TargetName& target,
                            std::string_view account_class) {
  for (const auto& [attribute, place] : policy::allocation_places(policy))
    if (place.target == target && place.account_class == account_class && place.rule->is_login) return attribute;
  return "name";
}

}  // namespace tenure::plan
