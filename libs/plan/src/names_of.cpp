#include "names_of.hpp"

namespace tenure::plan {

NamesOf::NamesOf(const Picture& picture) : picture_(picture), places_(policy::allocation_places(picture.policy())) {}

std::map<std::string, std::string> NamesOf::borne_by(const model::TargetName& target,
                                                     const model::Account& account) const {
  std::map<std::string, std::string> names;
  for (const auto& [attribute, place] : places_) {
    if (place.target != target || place.account_class != account.account_class) continue;
    if (place.rule->is_login) {
      names[attribute] = account.name;
    } else if (const auto value = account.attributes.find(attribute);
               value != account.attributes.end() && value->second.is_string()) {
      names[attribute] = value->second.as_string();
    }
  }
  return names;
}

policy::AllocatedNames NamesOf::of(model::IdentityId identity) const {
  policy::AllocatedNames names;
  for (const auto& [attribute, place] : places_) {
    if (!picture_.targets().contains(place.target)) continue;
    for (const HeldAccount& held : picture_.accounts_of(identity, place.target)) {
      if (held.account == nullptr || held.account_class != place.account_class) continue;
      for (auto& [name, value] : borne_by(place.target, *held.account)) names.try_emplace(name, std::move(value));
    }
  }
  if (const auto it = added_.find(identity); it != added_.end())
    for (const auto& [attribute, name] : it->second) names.try_emplace(attribute, name);
  return names;
}

void NamesOf::add(model::IdentityId identity, const std::string& attribute, const std::string& name) {
  added_[identity].try_emplace(attribute, name);
}

void NamesOf::add_account(model::IdentityId identity, const model::TargetName& target, const model::Account& account) {
  for (const auto& [attribute, name] : borne_by(target, account)) add(identity, attribute, name);
}

}  // namespace tenure::plan
