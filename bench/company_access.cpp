// Who holds what: targets and accounts, entitlements of rules, what nobody's rules give, and what hands changed.
#include "company_parts.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

namespace tenure::bench {
namespace {

using Rows = std::vector<std::uint32_t>;

constexpr std::array<const char*, 8> kTargets = {"directory", "billing", "crm",     "erp",
                                                 "files",     "ledger",  "payroll", "warehouse"};
constexpr std::size_t kGrantsEach = 16;           // in the managed scope, per identity
constexpr double kAccountsBesides = 0.3;          // per identity, in targets other than the directory
constexpr std::size_t kLegacyInEntitlements = 5;  // one in five entitlements is outside the managed scope
constexpr std::size_t kParents = 80;              // of 8,000 entitlements: those in which others are nested
constexpr double kDriftShare = 0.001;
constexpr std::uint32_t kNone = 0xFFFFFFFF;

std::string numbered(std::string_view prefix, std::size_t number) {
  const std::string digits = std::to_string(number);
  return std::string(prefix) + std::string(digits.size() < 5 ? 5 - digits.size() : 0, '0') + digits;
}

class AccessMaker {
 public:
  AccessMaker(Company& company, Dice& dice) : company_(company), dice_(dice) {}

  void make() {
    members_ = members_by(company_, Knowledge::kLast);
    for (Members& members : members_)
      std::erase_if(members.yes, [&](std::uint32_t row) { return company_.working[row] == Working::kLeft; });
    make_targets();
    make_entitlements();
    const std::size_t managed = give();
    choose_parameters_and_nesting(managed * 5 / 4);
    give_outside(managed / 4);
  }

 private:
  void make_targets() {
    for (const char* name : kTargets) {
      company_.targets.emplace_back().name = name;
      account_of_.emplace_back();
    }
    const std::size_t people = company_.size.identities;
    company_.targets[0].owners.resize(people);
    std::iota(company_.targets[0].owners.begin(), company_.targets[0].owners.end(), 0U);

    // Departments get an application of their own until there are accounts enough.
    application_.assign(company_.size.departments, 0);
    std::vector<Rows> by_department(company_.size.departments);
    for (std::size_t r = 0; r < company_.rules.size(); ++r)
      if (company_.rules[r].by_department) {
        Rows& rows = by_department[company_.rules[r].department];
        Rows merged;
        std::set_union(rows.begin(), rows.end(), members_[r].yes.begin(), members_[r].yes.end(),
                       std::back_inserter(merged));
        rows = std::move(merged);
      }
    std::size_t missing = static_cast<std::size_t>(static_cast<double>(people) * kAccountsBesides);
    for (std::size_t n = 0; n < by_department.size() && missing > 0; ++n) {
      const std::size_t department = (n * 37 + 5) % by_department.size();
      const auto target = static_cast<std::uint32_t>(1 + n % (kTargets.size() - 1));
      application_[department] = target;
      auto& owners = company_.targets[target].owners;
      owners.insert(owners.end(), by_department[department].begin(), by_department[department].end());
      missing -= std::min(missing, by_department[department].size());
    }
    for (std::size_t t = 0; t < company_.targets.size(); ++t) {
      auto& owners = company_.targets[t].owners;
      std::sort(owners.begin(), owners.end());
      account_of_[t].assign(people, kNone);
      for (std::uint32_t account = 0; account < owners.size(); ++account) account_of_[t][owners[account]] = account;
    }
  }

  std::uint32_t add_entitlement(std::uint32_t target, std::string id, bool managed) {
    auto& of_target = company_.targets[target].entitlements;
    const auto number = static_cast<std::uint32_t>(company_.entitlements.size());
    company_.entitlements.push_back({target, static_cast<std::uint32_t>(of_target.size()), std::move(id), managed, ""});
    of_target.push_back(number);
    return number;
  }

  // As many entitlements for rules over departments and for the others as make kGrantsEach.
  void make_entitlements() {
    add_entitlement(0, "all-staff", true);
    const std::size_t total = company_.size.entitlements;
    const std::size_t parents = std::max<std::size_t>(1, total * kParents / 8'000);
    const std::size_t managed = total - total / kLegacyInEntitlements - parents - 1;
    double size_department = 0, size_other = 0;
    std::vector<std::size_t> department_rules, other_rules;
    for (std::size_t r = 0; r < company_.rules.size(); ++r) {
      (company_.rules[r].by_department ? size_department : size_other) += static_cast<double>(members_[r].yes.size());
      (company_.rules[r].by_department ? department_rules : other_rules).push_back(r);
    }
    size_department /= static_cast<double>(department_rules.size());
    size_other /= static_cast<double>(other_rules.size());
    const double wanted = static_cast<double>(company_.size.identities * (kGrantsEach - 1));
    const double others = (wanted - static_cast<double>(managed) * size_department) / (size_other - size_department);
    const auto of_others = static_cast<std::size_t>(std::clamp(others / static_cast<double>(managed), 0.02, 0.7) *
                                                    static_cast<double>(managed));
    for (std::size_t n = 0; n < managed; ++n) {
      const bool other = n < of_others;
      const auto& rules = other ? other_rules : department_rules;
      const std::size_t place = other ? n : n - of_others;
      Rule& rule = company_.rules[rules[place % rules.size()]];
      const std::uint32_t application = rule.by_department ? application_[rule.department] : 0;
      const std::uint32_t target = place / rules.size() % 2 == 0 ? application : 0;
      const std::uint32_t number = add_entitlement(target, numbered("e", n), true);
      rule.entitlements.push_back(number);
      // Now and then two rules of one department give the same thing.
      if (const std::size_t next = place % rules.size() + company_.size.departments;
          !other && place % 31 == 0 && next < rules.size())
        company_.rules[rules[next]].entitlements.push_back(number);
    }
    for (std::size_t n = 0; n < parents; ++n) parents_.push_back(add_entitlement(0, numbered("bundle-", n), true));
    for (std::size_t n = 0; n < total / kLegacyInEntitlements; ++n)
      add_entitlement(n % 3 == 0 ? static_cast<std::uint32_t>(1 + n / 3 % (kTargets.size() - 1)) : 0,
                      numbered("legacy-", n), false);
  }

  // What the roles give, by entitlement number; the sum.
  std::size_t give() {
    holders_.resize(company_.entitlements.size());
    for (std::uint32_t row = 0; row < company_.size.identities; ++row)
      if (company_.working[row] != Working::kLeft) holders_[0].push_back(row);
    for (std::size_t r = 0; r < company_.rules.size(); ++r)
      for (const std::uint32_t number : company_.rules[r].entitlements) {
        const auto& account_of = account_of_[company_.entitlements[number].target];
        for (const std::uint32_t row : members_[r].yes) holders_[number].push_back(account_of[row]);
      }
    std::size_t count = 0;
    for (Rows& accounts : holders_) {
      if (!std::is_sorted(accounts.begin(), accounts.end())) std::sort(accounts.begin(), accounts.end());
      accounts.erase(std::unique(accounts.begin(), accounts.end()), accounts.end());
      count += accounts.size();
    }
    for (CompanyTarget& target : company_.targets) target.given = folded(target);
    return count;
  }

  Holding folded(const CompanyTarget& target) const {
    Holding holding;
    holding.offsets.push_back(0);
    for (const std::uint32_t number : target.entitlements)
      holding.offsets.push_back(holding.offsets.back() + holders_[number].size());
    holding.accounts.reserve(holding.offsets.back());
    for (const std::uint32_t number : target.entitlements)
      holding.accounts.insert(holding.accounts.end(), holders_[number].begin(), holders_[number].end());
    return holding;
  }

  // A twentieth of all grants has parameters, a tenth is nested in other entitlements.
  void choose_parameters_and_nesting(std::size_t total) {
    std::size_t parametric = total / 20, nested = total / 10;
    std::size_t n = 0;
    for (std::uint32_t number = 1; number < company_.entitlements.size(); ++number) {
      Entitlement& entitlement = company_.entitlements[number];
      const std::size_t holders = holders_[number].size();
      if (!entitlement.managed || holders == 0) continue;
      if (number % 4 == 1 && parametric > 0) {
        entitlement.access = number % 8 == 1 ? "READ" : "UPDATE";
        parametric -= std::min(parametric, holders);
      } else if (number % 4 == 2 && entitlement.target == 0 && nested > 0) {
        const std::uint32_t parent = parents_[n++ % parents_.size()];
        company_.targets[0].nesting.emplace_back(entitlement.index, company_.entitlements[parent].index);
        nested -= std::min(nested, holders);
      }
    }
  }

  // Entitlements that no rule names, some popular, most not.
  void give_outside(std::size_t wanted) {
    std::size_t in_legacy = 0;
    for (const Entitlement& entitlement : company_.entitlements) in_legacy += entitlement.managed ? 0 : 1;
    std::size_t place = 0;
    for (std::uint32_t number = 0; number < company_.entitlements.size(); ++number) {
      if (company_.entitlements[number].managed) continue;
      const CompanyTarget& target = company_.targets[company_.entitlements[number].target];
      const std::size_t average = wanted / in_legacy;
      const std::size_t holders = std::min(target.owners.size() / 2, place++ % 2 == 0 ? average * 3 / 2 : average / 2);
      if (holders == 0) continue;
      const std::size_t gap = std::max<std::size_t>(1, target.owners.size() / holders);
      for (std::size_t account = dice_.below(gap); account < target.owners.size();
           account += 1 + dice_.below(2 * gap - 1))
        if (company_.working[target.owners[account]] != Working::kLeft)
          holders_[number].push_back(static_cast<std::uint32_t>(account));
    }
    for (CompanyTarget& target : company_.targets) target.observed = folded(target);
  }

  Company& company_;
  Dice& dice_;
  std::vector<Members> members_;
  std::vector<std::uint32_t> application_;  // by department: its target besides the directory; 0 = none
  std::vector<Rows> account_of_;            // by target, identity
  std::vector<Rows> holders_;               // by entitlement number: accounts, ascending
  std::vector<std::uint32_t> parents_;
};

// Half of the changed grants are taken away, half are added; of people at work, in the managed scope.
class Hands {
 public:
  Hands(Company& company, CompanyTarget& target, Dice& dice) : company_(company), target_(target), dice_(dice) {}

  void change(std::size_t grants) {
    choose(grants / 2);
    Holding changed;
    const Holding& held = target_.observed;
    changed.offsets.push_back(0);
    std::size_t next_taken = 0, next_added = 0;
    for (std::uint32_t e = 0; e < target_.entitlements.size(); ++e) {
      const auto begin = changed.accounts.size();
      for (std::uint64_t at = held.offsets[e]; at < held.offsets[e + 1]; ++at)
        if (next_taken < taken_.size() && taken_[next_taken] == at)
          ++next_taken;
        else
          changed.accounts.push_back(held.accounts[at]);
      const auto middle = changed.accounts.size();
      for (; next_added < added_.size() && added_[next_added].first == e; ++next_added)
        changed.accounts.push_back(added_[next_added].second);
      const auto iterator = [&](std::size_t at) { return changed.accounts.begin() + static_cast<std::ptrdiff_t>(at); };
      std::inplace_merge(iterator(begin), iterator(middle), changed.accounts.end());
      changed.offsets.push_back(changed.accounts.size());
    }
    target_.observed = std::move(changed);
  }

 private:
  bool may_change(std::uint32_t e, std::uint32_t account) const {
    return company_.entitlements[target_.entitlements[e]].managed &&
           company_.working[target_.owners[account]] == Working::kActive;
  }

  void choose(std::size_t each) {
    const Holding& held = target_.observed;
    // In a very small company a target may have nothing that may change.
    std::size_t tries = 100 * each + 1'000;
    while (taken_.size() < each && --tries > 0) {
      const std::uint64_t at = dice_.below(held.accounts.size());
      const auto e = std::upper_bound(held.offsets.begin(), held.offsets.end(), at) - held.offsets.begin() - 1;
      if (may_change(static_cast<std::uint32_t>(e), held.accounts[at])) taken_.push_back(at);
    }
    tries = 1'000 * each + 1'000;
    while (added_.size() < each && --tries > 0) {
      const std::uint32_t e = dice_.below(target_.entitlements.size()), account = dice_.below(target_.owners.size());
      const auto begin = held.accounts.begin() + static_cast<std::ptrdiff_t>(held.offsets[e]);
      const auto end = held.accounts.begin() + static_cast<std::ptrdiff_t>(held.offsets[e + 1]);
      if (begin != end && may_change(e, account) && !std::binary_search(begin, end, account))
        added_.emplace_back(e, account);
    }
    std::sort(taken_.begin(), taken_.end());
    taken_.erase(std::unique(taken_.begin(), taken_.end()), taken_.end());
    std::sort(added_.begin(), added_.end());
    added_.erase(std::unique(added_.begin(), added_.end()), added_.end());
  }

  Company& company_;
  CompanyTarget& target_;
  Dice& dice_;
  std::vector<std::uint64_t> taken_;  // places in the array of observed accounts
  std::vector<std::pair<std::uint32_t, std::uint32_t>> added_;
};

}  // namespace

void make_access(Company& company, Dice& dice) {
  AccessMaker(company, dice).make();
}

void change_by_hand(Company& company, Dice& dice) {
  for (CompanyTarget& target : company.targets) {
    const auto grants = static_cast<std::size_t>(static_cast<double>(target.observed.accounts.size()) * kDriftShare);
    if (grants >= 2) Hands(company, target, dice).change(grants);
  }
}

}  // namespace tenure::bench
