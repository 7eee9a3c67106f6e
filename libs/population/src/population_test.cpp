#include "random_values.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <tenure/base/text.hpp>
#include <tenure/population/population.hpp>

namespace tenure::population {
namespace {

// The same in plain maps.
struct PlainTarget {
  bool read = false;
  model::Observation reading;  // accounts and grants are below
  std::map<model::NativeId, model::Account> accounts;
  std::set<model::Grant> grants;
};

struct Plain {
  std::map<model::IdentityId, model::Identity> identities;
  std::map<model::TargetName, PlainTarget> targets;
  std::map<model::AccountRef, model::Claim> claims;
  std::map<std::string, model::Decision> decisions;
  std::map<std::string, model::NameTaken> names;

  void put_observation(const model::Observation& observation) {
    PlainTarget& to = targets[observation.target];
    to.read = true;
    to.reading = observation;
    to.accounts.clear();
    for (const auto& account : observation.accounts) to.accounts[account.id] = account;
    to.grants = {observation.grants.begin(), observation.grants.end()};
  }
  void put_image(const model::AccountRef& ref, const std::optional<model::AccountImage>& image) {
    PlainTarget& to = targets[ref.target];
    to.accounts.erase(ref.id);
    std::erase_if(to.grants, [&](const model::Grant& grant) { return grant.holder.account == ref.id; });
    if (!image) return;
    to.accounts[ref.id] = image->account;
    to.grants.insert(image->grants.begin(), image->grants.end());
  }
};

void write_one(RandomValues& random, Population& population, Plain& plain) {
  switch (random.below(12)) {
    case 0:
    case 1: {
      const auto identity = random.identity(12);
      population.people().put(identity);
      plain.identities[identity.id] = identity;
      break;
    }
    case 2:
    case 3: {
      const auto claim = random.claim();
      population.put(claim);
      plain.claims[claim.account] = claim;
      break;
    }
    case 4: {
      const auto account = random.account_ref();
      population.erase_claim(account);
      plain.claims.erase(account);
      break;
    }
    case 5:
    case 6:
    case 7: {
      const auto decision = random.decision();
      population.put(decision);
      plain.decisions[model::row_id(decision)] = decision;
      break;
    }
    case 8: {
      const auto decision = random.decision();
      population.erase_decision(model::row_id(decision));
      plain.decisions.erase(model::row_id(decision));
      break;
    }
    case 9: {
      const auto name = random.name();
      population.put(name);
      plain.names[model::row_id(name)] = name;
      break;
    }
    case 10: {
      const auto ref = random.account_ref();
      std::optional<model::AccountImage> image;
      if (!random.once_in(3)) image = model::AccountImage{random.account(ref.id), random.grants_of(ref.id)};
      population.put_image(ref, image);
      plain.put_image(ref, image);
      break;
    }
    default: {
      if (!random.once_in(4)) break;
      const auto observation = random.observation();
      population.put_observation(observation);
      plain.put_observation(observation);
    }
  }
}

void check_people(const People& people, const Plain& plain) {
  for (IdentityIndex row = 0; row < people.rows(); ++row) {
    const auto it = plain.identities.find(People::id(row));
    RC_ASSERT(people.present().test(row) == (it != plain.identities.end()));
    RC_ASSERT(people.contains(People::id(row)) == people.present().test(row));
    if (it == plain.identities.end()) {
      for (std::size_t kind = 0; kind < 5; ++kind)
        RC_ASSERT(!people.of_kind(static_cast<model::IdentityKind>(kind)).test(row));
      continue;
    }
    const model::Identity& identity = it->second;
    RC_ASSERT(people.identity(row) == identity);
    RC_ASSERT(people.kind(row) == identity.kind);
    for (std::size_t kind = 0; kind < 5; ++kind)
      RC_ASSERT(people.of_kind(static_cast<model::IdentityKind>(kind)).test(row) ==
                (static_cast<std::size_t>(identity.kind) == kind));
    RC_ASSERT(people.aliases().test(row) == identity.alias_of.valid());
    RC_ASSERT(people.periods(row).size() == identity.engagements.size());
    for (const auto& name : people.attributes()) {
      const Column& column = *people.column(name);
      RC_ASSERT((column.code(row) != Column::kAbsent) == identity.facts.contains(name));
      RC_ASSERT(column.where(column.code(row)).test(row) == !column.unknown(row));
    }
  }
  for (const auto& [id, identity] : plain.identities) RC_ASSERT(people.contains(id));
}

void check_account(const Accounts& accounts, AccountIndex row, const Plain& plain, const PlainTarget& target) {
  const model::AccountRef ref{accounts.target(), accounts.id(row)};
  const Accounts::Entry& entry = accounts.entry(row);
  RC_ASSERT(accounts.find(ref.id) == row);
  const auto account = target.accounts.find(ref.id);
  RC_ASSERT(entry.observed == (account != target.accounts.end()));
  RC_ASSERT(accounts.account(row).has_value() == entry.observed);
  const auto claim = plain.claims.find(ref);
  RC_ASSERT(accounts.claim(row).has_value() == (claim != plain.claims.end()));
  RC_ASSERT(entry.claimed == (claim != plain.claims.end()));
  if (entry.observed) {
    RC_ASSERT(accounts.account(row) == account->second);
    RC_ASSERT(entry.restricted == !account->second.restriction.empty());
    RC_ASSERT(entry.enabled == account->second.enabled);
    RC_ASSERT(entry.purpose == account->second.purpose);
    RC_ASSERT(accounts.classes().text(entry.account_class) == account->second.account_class);
  } else {
    RC_ASSERT(accounts.name(row).empty());
    RC_ASSERT(entry.purpose == (entry.claimed ? claim->second.purpose : model::Purpose::kNormal));
  }
  if (entry.claimed) {
    // An identity that is no number is nobody.
    model::Claim expected = claim->second;
    RC_ASSERT(accounts.claim(row) == expected);
    RC_ASSERT(entry.owner == (expected.identity.valid() ? People::row(expected.identity) : kNobody));
  }
  std::vector<model::Grant> grants;
  for (const auto& grant : target.grants)
    if (grant.holder.account == ref.id && grant.holder.entitlement.empty()) grants.push_back(grant);
  RC_ASSERT(accounts.grants(row) == grants);
  std::vector<model::Decision> decisions;
  bool special = false, granted = false, disabled = false;
  for (const auto& [key, decision] : plain.decisions) {
    if (decision.account != ref) continue;
    decisions.push_back(decision);
    special = special || !population::plain(decision);
    const bool about_account = decision.entitlement.empty() && decision.parameters.empty();
    granted = granted || (about_account && decision.kind == model::DecisionKind::kGranted);
    disabled = disabled || (about_account && decision.kind == model::DecisionKind::kDisabled);
  }
  RC_ASSERT(entry.granted == granted);
  RC_ASSERT(entry.disabled == disabled);
  RC_ASSERT(accounts.decisions(row) == decisions);
  RC_ASSERT(entry.special == special);
  RC_ASSERT((accounts.special_decisions(row) != nullptr) == special);
}

// The arrays agree with the rights of every account that is not in changed().
void check_arrays(const Accounts& accounts, const Holders& by_entitlement, const ByAccount& by_account,
                  std::span<const Parametric> parametric,
                  std::vector<Rights::Right> (Accounts::*rights_of)(AccountIndex) const) {
  const std::set<AccountIndex> changed(accounts.changed().begin(), accounts.changed().end());
  std::set<Pair> pairs, expected, transposed;
  std::set<Parametric> with, with_expected;
  for (EntitlementIndex e = 0; e < by_entitlement.entitlements(); ++e)
    for (const AccountIndex account : by_entitlement[e])
      if (!changed.contains(account)) pairs.insert({e, account});
  for (AccountIndex account = 0; account < accounts.rows(); ++account) {
    if (changed.contains(account)) continue;
    for (const EntitlementIndex e : by_account.of(account)) transposed.insert({e, account});
    const auto rights = (accounts.*rights_of)(account);
    for (const auto& right : rights) {
      const Pair pair{right.entitlement, account};
      expected.insert(pair);
      const auto of_pair = std::count_if(rights.begin(), rights.end(),
                                         [&](const auto& other) { return other.entitlement == right.entitlement; });
      if (of_pair > 1 || right.parameters != 0) with_expected.insert({pair, right.parameters});
    }
  }
  for (const Parametric& entry : parametric)
    if (!changed.contains(entry.pair.account)) with.insert(entry);
  RC_ASSERT(std::is_sorted(parametric.begin(), parametric.end()));
  RC_ASSERT(pairs == expected);
  RC_ASSERT(transposed == expected);
  RC_ASSERT(with == with_expected);
}

void check_terms(const Accounts& accounts) {
  Time next = Time::never();
  std::multiset<Accounts::Term> terms;
  const std::set<AccountIndex> changed(accounts.changed().begin(), accounts.changed().end());
  for (AccountIndex row = 0; row < accounts.rows(); ++row)
    for (const auto& decision : accounts.decisions(row)) {
      if (!plain(decision) || decision.entitlement.empty() || decision.until == Time::never()) continue;
      next = std::min(next, decision.until);
      if (changed.contains(row)) continue;
      terms.insert({decision.until, {accounts.entitlement(decision.entitlement), row}});
    }
  RC_ASSERT(accounts.next_term() == next);
  std::vector<Accounts::Term> of_arrays;
  for (const Accounts::Term& term : accounts.terms())
    if (!changed.contains(term.pair.account)) of_arrays.push_back(term);
  RC_ASSERT(of_arrays == std::vector<Accounts::Term>(terms.begin(), terms.end()));
}

void check_target(const Accounts& accounts, const Plain& plain) {
  static const PlainTarget kNone;
  const auto it = plain.targets.find(accounts.target());
  const PlainTarget& target = it == plain.targets.end() ? kNone : it->second;
  std::map<std::string, std::vector<AccountIndex>> logins;
  std::map<IdentityIndex, std::vector<AccountIndex>> owned;
  for (AccountIndex row = 0; row < accounts.rows(); ++row) {
    check_account(accounts, row, plain, target);
    if (accounts.entry(row).observed) logins[ascii_lower(accounts.name(row))].push_back(row);
    if (accounts.entry(row).owner != kNobody) owned[accounts.entry(row).owner].push_back(row);
  }
  for (const auto& [login, rows] : logins)
    RC_ASSERT(accounts.find_name(login) == (rows.size() == 1 ? rows.front() : kSeveral));
  for (IdentityIndex owner = 0; owner < 15; ++owner) {
    const auto of_owner = accounts.of_owner(owner);
    RC_ASSERT(std::vector<AccountIndex>(of_owner.begin(), of_owner.end()) == owned[owner]);
  }
  RC_ASSERT(accounts.reading().has_value() == target.read);
  const model::Observation now = accounts.observation();
  std::vector<model::Account> expected;
  for (const auto& [id, account] : target.accounts) expected.push_back(account);
  RC_ASSERT(now.accounts == expected);
  RC_ASSERT(now.grants == std::vector<model::Grant>(target.grants.begin(), target.grants.end()));
  if (target.read) {
    RC_ASSERT(now.entitlements == target.reading.entitlements);
    RC_ASSERT(now.coverage == target.reading.coverage);
    RC_ASSERT(now.read_at == target.reading.read_at);
  }
}

void check_names(const Population& population, const Plain& plain) {
  const auto key = [](const model::NameTaken& name) {
    return std::make_tuple(name.target, name.attribute, ascii_lower(name.name));
  };
  using Key = decltype(key({}));
  std::map<Key, std::vector<model::NameTaken>> used;
  std::map<model::IdentityId, std::vector<model::NameTaken>> by_identity;
  for (const auto& [id, name] : plain.names) {
    used[key(name)].push_back(name);
    by_identity[name.identity].push_back(name);
  }
  for (auto& [of, names] : used) {
    std::stable_sort(names.begin(), names.end(), [](const auto& a, const auto& b) {
      return std::tie(a.identity, a.since, a.name) < std::tie(b.identity, b.since, b.name);
    });
    std::set<model::IdentityId> identities;
    for (const auto& name : names) identities.insert(name.identity);
    const auto use = population.name(std::get<0>(of), std::get<1>(of), names.back().name);
    RC_ASSERT(use.first == names.front());
    RC_ASSERT(use.several == (identities.size() > 1));
  }
  for (std::int64_t id = 0; id < 12; ++id)
    RC_ASSERT(population.names_of(model::IdentityId(id)) == by_identity[model::IdentityId(id)]);
  RC_ASSERT(!population.name(model::TargetName("directory"), "uid", "no such name").first.has_value());
}

void check(const Population& population, const Plain& plain) {
  check_people(population.people(), plain);
  for (const auto& target : population.targets()) check_target(*population.accounts(target), plain);
  for (const auto& [ref, claim] : plain.claims) RC_ASSERT(population.accounts(ref.target) != nullptr);
  for (const auto& [id, decision] : plain.decisions) {
    const Accounts* accounts = population.accounts(decision.account.target);
    RC_ASSERT(accounts != nullptr);
    RC_ASSERT(accounts->find(decision.account.id) != kNobody);
  }
  check_names(population, plain);
}

void check_settled(const Population& population) {
  for (const auto& target : population.targets()) {
    const Accounts& accounts = *population.accounts(target);
    check_arrays(accounts, accounts.observed(), accounts.observed_by_account(), accounts.parametric_observed(),
                 &Accounts::observed_rights);
    check_arrays(accounts, accounts.given(), accounts.given_by_account(), accounts.parametric_given(),
                 &Accounts::given_rights);
    check_terms(accounts);
  }
}

// What was put in comes out, whatever came in between, settled or not.
RC_GTEST_PROP(PopulationProperty, EqualsPlainMaps, (std::uint64_t seed)) {
  RandomValues random(seed);
  Population population;
  Plain plain;
  const auto steps = *rc::gen::inRange(1, 150);
  // With many accounts, a few that change stay in the overlay.
  if (random.once_in(2)) {
    model::Observation many = random.observation();
    many.accounts.clear();
    many.grants.clear();
    for (int i = 1000; i < 1400; ++i) many.accounts.push_back(random.account(model::NativeId("n" + std::to_string(i))));
    population.put_observation(many);
    plain.put_observation(many);
  }
  for (int step = 0; step < steps; ++step) {
    write_one(random, population, plain);
    if (random.once_in(10)) random.once_in(2) ? population.settle() : population.fold();
  }
  check(population, plain);
  population.settle();
  check(population, plain);
  check_settled(population);
  population.fold();
  check(population, plain);
  check_settled(population);
  for (const auto& target : population.targets()) RC_ASSERT(population.accounts(target)->changed().empty());
  RC_ASSERT(population.bytes() > 0U);
}

TEST(Population, AFewChangedAccountsStayOutOfTheArraysUntilThereAreMore) {
  const model::TargetName target("directory");
  RandomValues random(7);
  model::Observation reading;
  reading.target = target;
  for (int i = 0; i < 1'000; ++i) {
    const model::NativeId id("n" + std::to_string(10'000 + i));
    reading.accounts.push_back(random.account(id));
    reading.grants.push_back({{id, {}}, model::EntitlementId("staff"), ""});
  }
  Population population;
  population.put_observation(reading);
  population.settle();
  const Accounts& accounts = *population.accounts(target);
  EXPECT_EQ(accounts.observed().size(), 1'000U);
  const auto take_staff = [&](int i) {
    const model::NativeId id("n" + std::to_string(10'000 + i));
    population.put_image({target, id}, model::AccountImage{random.account(id), {}});
  };
  take_staff(3);
  EXPECT_TRUE(accounts.grants(3).empty());
  population.settle();
  EXPECT_EQ(std::vector<AccountIndex>(accounts.changed().begin(), accounts.changed().end()),
            std::vector<AccountIndex>{3});
  EXPECT_EQ(accounts.observed().size(), 1'000U);
  for (int i = 0; i < 11; ++i) take_staff(i);
  population.settle();
  EXPECT_TRUE(accounts.changed().empty());
  EXPECT_EQ(accounts.observed().size(), 989U);
}

TEST(Population, AliasesAreFollowed) {
  Population population;
  for (int i = 1; i <= 4; ++i) {
    model::Identity identity;
    identity.id = model::IdentityId(i);
    if (i < 3) identity.alias_of = model::IdentityId(i + 1);
    population.people().put(identity);
  }
  EXPECT_EQ(population.people().resolved(model::IdentityId(1)), model::IdentityId(3));
  EXPECT_EQ(population.people().resolved(model::IdentityId(4)), model::IdentityId(4));
  EXPECT_EQ(population.people().resolved(model::IdentityId(9)), model::IdentityId(9));
}

}  // namespace
}  // namespace tenure::population
