#include <tenure/base/text.hpp>
#include <tenure/plan/allocate.hpp>
#include <tenure/policy/evaluate.hpp>

namespace tenure::plan {
namespace {

// All logins of a target are one space, whatever their attributes are called.
const std::string kLogins("\1logins");

}  // namespace

NameLedger::NameLedger(const policy::PolicySet& policy, const World& world) : world_(world) {
  collect_attributes(policy);
  for (const auto& [id, name] : world.names)
    take(space(name.target, name.attribute), name.name, resolved(name.identity), false);
  for (const auto& [target, attributes] : attributes_) {
    Space& logins = space(target, "name");
    const auto view = world.targets.find(target);
    if (view != world.targets.end() && view->second.observed)
      for (const auto& account : view->second.observed->accounts) {
        const auto claim = world.claims.find({target, account.id});
        const model::IdentityId owner =
            claim == world.claims.end() ? model::IdentityId() : resolved(claim->second.identity);
        take(logins, account.name, owner, true);
        for (const auto& [attribute, is_login] : attributes)
          if (const auto value = account.attributes.find(attribute);
              !is_login && value != account.attributes.end() && value->second.is_string())
            take(space(target, attribute), value->second.as_string(), owner, true);
      }
    for (const InFlight& change : world.in_flight)
      if (change.account.target == target) take(logins, change.name, resolved(change.identity), true);
  }
}

void NameLedger::collect_attributes(const policy::PolicySet& policy) {
  for (const auto& [target, doc] : policy.targets) attributes_[target]["name"] = true;
  for (const auto& [attribute, place] : policy::allocation_places(policy))
    attributes_[place.target][attribute] |= place.rule->is_login;
}

model::IdentityId NameLedger::resolved(model::IdentityId id) const {
  for (int step = 0; step < 16; ++step) {
    const auto it = world_.identities.find(id);
    if (it == world_.identities.end() || !it->second.alias_of.valid()) return id;
    id = it->second.alias_of;
  }
  return id;
}

NameLedger::Space& NameLedger::space(const model::TargetName& target, const std::string& attribute) {
  const auto known = attributes_.find(target);
  const bool is_login = known == attributes_.end() || !known->second.contains(attribute) || known->second.at(attribute);
  return spaces_[{target, is_login ? kLogins : attribute}];
}

void NameLedger::take(Space& space, const std::string& name, model::IdentityId identity, bool borne) {
  if (name.empty()) return;
  Use& use = space.try_emplace(ascii_lower(name), Use{identity, borne}).first->second;
  use.borne = use.borne || borne;
  // Two owners of one name, now or in the past: nobody gets it again.
  if (use.identity != identity) use.identity = model::IdentityId();
}

bool NameLedger::reserve(Space& space, const std::string& name, model::IdentityId identity) {
  if (name.empty()) return false;
  const auto [it, fresh] = space.try_emplace(ascii_lower(name), Use{identity, true});
  if (fresh) return true;
  if (it->second.borne || it->second.identity != identity || !identity.valid()) return false;
  it->second.borne = true;
  return true;
}

bool NameLedger::reserve_login(const model::TargetName& target, const std::string& name, model::IdentityId identity) {
  return reserve(space(target, "name"), name, identity);
}

std::optional<std::string> NameLedger::allocate(const model::TargetName& target, const policy::AllocationRule& rule,
                                                const std::string& base, model::IdentityId identity) {
  if (base.empty()) return std::nullopt;
  Space& names = space(target, rule.attribute);
  for (std::size_t n = 1;; ++n) {
    // A number as long as the limit would leave nothing of the base, and the next one would be the same text.
    if (n > 1 && rule.length_max != 0 && std::to_string(n).size() >= rule.length_max) return std::nullopt;
    std::string candidate = policy::candidate(rule, base, n);
    if (reserve(names, candidate, identity)) return candidate;
  }
}

std::string login_attribute(const policy::PolicySet& policy, const model::TargetName& target,
                            std::string_view account_class) {
  for (const auto& [attribute, place] : policy::allocation_places(policy))
    if (place.target == target && place.account_class == account_class && place.rule->is_login) return attribute;
  return "name";
}

}  // namespace tenure::plan
