#include "company_parts.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iterator>

namespace tenure::bench {

CompanySize CompanySize::of(double size) {
  CompanySize result;
  result.identities = std::max<std::size_t>(1'000, static_cast<std::size_t>(1'000'000 * size));
  if (size < 0.1) {
    result.rules /= 10;
    result.departments /= 10;
    result.entitlements /= 10;
  }
  return result;
}

const Attribute& Company::attribute(std::string_view name) const {
  for (const Attribute& one : attributes)
    if (one.name == name) return one;
  std::fprintf(stderr, "the company has no attribute %.*s\n", static_cast<int>(name.size()), name.data());
  std::abort();
}

Attribute& Company::attribute(std::string_view name) {
  return const_cast<Attribute&>(std::as_const(*this).attribute(name));
}

std::size_t Company::accounts() const {
  std::size_t count = 0;
  for (const CompanyTarget& target : targets) count += target.owners.size();
  return count;
}

std::size_t Company::grants() const {
  std::size_t count = 0;
  for (const CompanyTarget& target : targets) count += target.observed.accounts.size();
  return count;
}

Company make_company(const CompanySize& size) {
  Company company;
  company.size = size;
  Dice dice(size.seed);
  make_people(company, dice);
  make_rules(company, dice);
  make_access(company, dice);
  change_by_hand(company, dice);
  move_people(company, dice);
  return company;
}

std::vector<std::uint32_t> givers_of(const Company& company) {
  std::vector<std::uint32_t> givers(company.entitlements.size(), kNobodysRule);
  for (std::size_t r = company.rules.size(); r-- > 0;)
    for (const std::uint32_t number : company.rules[r].entitlements) givers[number] = static_cast<std::uint32_t>(r);
  return givers;
}

std::string account_id(const CompanyTarget& target, std::size_t account) {
  return target.name.substr(0, 3) + std::to_string(10'000'000 + account);
}

std::string parameters_of(const Entitlement& entitlement) {
  return entitlement.access.empty() ? "" : "{\"access\":\"" + entitlement.access + "\"}";
}

namespace {

using Rows = std::vector<std::uint32_t>;

// Those of a list whose lifecycle lets roles apply.
Rows at_work(const Company& company, const Rows& rows) {
  Rows result;
  for (const std::uint32_t row : rows)
    if (company.working[row] != Working::kLeft) result.push_back(row);
  return result;
}

void merge_into(Rows& into, const Rows& more) {
  Rows merged;
  std::set_union(into.begin(), into.end(), more.begin(), more.end(), std::back_inserter(merged));
  into = std::move(merged);
}

// Identities that hold an entitlement, by the owners of the accounts.
Rows owners_of(const CompanyTarget& target, const Holding& holding, std::uint32_t index) {
  Rows rows;
  for (std::uint64_t at = holding.offsets[index]; at < holding.offsets[index + 1]; ++at)
    rows.push_back(target.owners[holding.accounts[at]]);
  return rows;
}

Rows without(const Rows& left, const Rows& right) {
  Rows rest;
  std::set_difference(left.begin(), left.end(), right.begin(), right.end(), std::back_inserter(rest));
  return rest;
}

}  // namespace

Expected expected_of(const Company& company) {
  struct Wish {
    Rows yes, unknown;
  };
  std::vector<Wish> wishes(company.entitlements.size());
  const std::vector<Members> members = members_of(company);
  for (std::size_t r = 0; r < members.size(); ++r) {
    const Rows yes = at_work(company, members[r].yes), unknown = at_work(company, members[r].unknown);
    for (const std::uint32_t entitlement : company.rules[r].entitlements) {
      merge_into(wishes[entitlement].yes, yes);
      merge_into(wishes[entitlement].unknown, unknown);
    }
  }
  for (std::uint32_t i = 0; i < company.size.identities; ++i)  // what everybody has: the first entitlement
    if (company.working[i] != Working::kLeft) wishes[0].yes.push_back(i);

  Expected expected;
  for (std::uint32_t e = 0; e < company.entitlements.size(); ++e) {
    const Entitlement& entitlement = company.entitlements[e];
    if (!entitlement.managed) continue;
    const CompanyTarget& target = company.targets[entitlement.target];
    const Rows observed = owners_of(target, target.observed, entitlement.index);
    const Rows given = owners_of(target, target.given, entitlement.index);
    const Rows missing = without(wishes[e].yes, observed);
    for (const std::uint32_t row : missing) {
      expected.missing.add(e, row);
      if (std::binary_search(given.begin(), given.end(), row)) expected.taken.add(e, row);
    }
    for (const std::uint32_t row : without(without(observed, wishes[e].yes), wishes[e].unknown))
      expected.extra.add(e, row);
  }
  return expected;
}

}  // namespace tenure::bench
