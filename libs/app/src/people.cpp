#include "people.hpp"

#include <algorithm>
#include <set>

#include <tenure/base/text.hpp>

namespace tenure::app {
namespace {

// Through a claim on an account with this login, whatever the account's purpose: an admin account is the same person.
const model::Identity* by_login(const plan::World& world, const std::string& lower) {
  for (const auto& [target, view] : world.targets) {
    if (!view.observed) continue;
    for (const auto& account : view.observed->accounts) {
      if (ascii_lower(account.name) != lower) continue;
      const auto claim = world.claims.find({target, account.id});
      if (claim == world.claims.end()) continue;
      const auto identity = world.identities.find(claim->second.identity);
      if (identity != world.identities.end() && claim->second.purpose != model::Purpose::kShared)
        return &identity->second;
    }
  }
  return nullptr;
}

// Of two identities that were merged there is one person.
std::string natural_id(const model::Identity& identity) {
  const model::IdentityId id = identity.alias_of.valid() ? identity.alias_of : identity.id;
  return "identity:" + std::to_string(id.value());
}

// Of two that were merged the one that is kept.
const model::Identity* home_of(const plan::World& world, const model::Identity& identity) {
  const auto home = world.identities.find(identity.alias_of);
  return home == world.identities.end() ? &identity : &home->second;
}

}  // namespace

const model::Identity* find_identity(const plan::World& world, const std::string& name) {
  const std::string lower = ascii_lower(name);
  for (const auto& [id, identity] : world.identities)
    if (ascii_lower(identity.key) == lower || natural_id(identity) == lower) return home_of(world, identity);
  return by_login(world, lower);
}

Result<const model::Identity*> must_find_identity(const plan::World& world, const std::string& name) {
  if (const auto* identity = find_identity(world, name)) return identity;
  std::vector<std::string> keys;
  for (const auto& [id, identity] : world.identities) keys.push_back(identity.key);
  const std::string near = nearest(name, keys);
  return fail(Reason::kNotFound,
              "nobody is known as \"" + name + "\"" + (near.empty() ? "" : "; did you mean " + near + "?"));
}

std::optional<population::IdentityIndex> find_identity(const population::Population& everybody,
                                                       const std::string& name) {
  const std::string lower = ascii_lower(name);
  const population::People& people = everybody.people();
  for (population::IdentityIndex row = 0; row < people.rows(); ++row)
    if (people.present().test(row) &&
        (ascii_lower(people.key(row)) == lower || lower == "identity:" + std::to_string(people.id(row).value())))
      return population::People::row(people.resolved(population::People::id(row)));
  for (const auto& target : everybody.targets()) {
    const population::Accounts& accounts = *everybody.accounts(target);
    const population::AccountIndex found = accounts.find_name(lower);
    if (found == population::kNobody) continue;
    for (population::AccountIndex row = 0; row < accounts.rows(); ++row) {
      const auto& entry = accounts.entry(row);
      const bool bears = found == population::kSeveral ? ascii_lower(accounts.name(row)) == lower : row == found;
      if (!bears || !entry.observed || entry.owner >= people.rows() || !people.present().test(entry.owner)) continue;
      const auto claim = accounts.claim(row);
      if (claim && claim->purpose != model::Purpose::kShared)
        return population::People::row(people.resolved(population::People::id(entry.owner)));
    }
  }
  return std::nullopt;
}

Result<population::IdentityIndex> must_find_identity(const population::Population& everybody, const std::string& name) {
  if (const auto row = find_identity(everybody, name)) return *row;
  const population::People& people = everybody.people();
  std::vector<std::string> keys;
  people.present().for_each(
      [&](std::size_t row) { keys.emplace_back(people.key(static_cast<population::IdentityIndex>(row))); });
  const std::string near = nearest(name, keys);
  return fail(Reason::kNotFound,
              "nobody is known as \"" + name + "\"" + (near.empty() ? "" : "; did you mean " + near + "?"));
}

governance::Person person_of(const plan::World& world, const std::string& name) {
  if (const auto* identity = find_identity(world, name))
    return {natural_id(*identity), {evidence::ActorKind::kPerson, natural_id(*identity)}};
  return {"operator:" + ascii_lower(name), {evidence::ActorKind::kPerson, "operator"}};
}

std::vector<std::string> roles_of(const policy::PolicySet& policy, const plan::World& world, const std::string& name) {
  const std::string person = person_of(world, name).id;
  std::vector<std::string> roles = {name};
  for (const auto& [group, members] : policy.groups) {
    const auto member = std::find_if(members.begin(), members.end(), [&](const std::string& one) {
      return ascii_lower(one) == ascii_lower(name) || person_of(world, one).id == person;
    });
    if (member == members.end()) continue;
    roles.push_back(group);
    if (*member != name) roles.push_back(*member);
  }
  return roles;
}

std::vector<governance::Principal> principals_of(const policy::PolicySet& policy, const plan::World& world,
                                                 const std::string& name, Time now) {
  const std::string person = person_of(world, name).id;
  std::map<std::string, governance::Principal> found;
  const auto add = [&](const std::string& principal) {
    const std::string id = person_of(world, principal).id;
    if (id != person) found[id] = {id, roles_of(policy, world, principal)};
  };
  for (const auto& [principal, deputies] : policy.deputies)
    for (const policy::Deputy& deputy : deputies)
      if (deputy.from <= now && now < deputy.until && person_of(world, deputy.person).id == person) add(principal);
  for (const auto& [id, identity] : world.identities)
    for (const model::Relation& relation : identity.relations) {
      if (relation.kind != "deputy" || identity.alias_of.valid()) continue;
      const auto to = world.identities.find(relation.to);
      if (to != world.identities.end() && natural_id(to->second) == person) add(identity.key);
    }
  std::vector<governance::Principal> all;
  for (auto& [id, principal] : found) all.push_back(std::move(principal));
  return all;
}

namespace {

std::vector<std::string> touched(const plan::World& world, const plan::Plan& plan, bool takes_away) {
  std::set<std::string> people;
  for (const auto& change : plan.changes) {
    if (plan::takes_away(change) != takes_away || !plan::is_remote(change.verb)) continue;
    const auto it = world.identities.find(change.identity);
    if (it != world.identities.end()) people.insert(natural_id(it->second));
  }
  return {people.begin(), people.end()};
}

}  // namespace

std::vector<std::string> beneficiaries_of(const plan::World& world, const plan::Plan& plan) {
  return touched(world, plan, false);
}

std::vector<std::string> losers_of(const plan::World& world, const plan::Plan& plan) {
  return touched(world, plan, true);
}

}  // namespace tenure::app
