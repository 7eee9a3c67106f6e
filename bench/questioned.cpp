#include "questioned.hpp"

#include "populate.hpp"

#include <algorithm>
#include <utility>

namespace tenure::bench {
namespace {

using plan_check::Code;

// Entitlement indices by account, of what is in the managed scope.
struct ByAccount {
  std::vector<std::uint64_t> offsets;
  std::vector<Code> entitlements;
};

ByAccount by_account(const Company& company, const CompanyTarget& target, const Holding& holding) {
  ByAccount result;
  result.offsets.assign(target.owners.size() + 1, 0);
  const auto each = [&](auto visit) {
    for (Code e = 0; e < target.entitlements.size(); ++e)
      if (company.entitlements[target.entitlements[e]].managed)
        for (std::uint64_t at = holding.offsets[e]; at < holding.offsets[e + 1]; ++at) visit(e, holding.accounts[at]);
  };
  each([&](Code, std::uint32_t account) { ++result.offsets[account + 1]; });
  for (std::size_t account = 0; account < target.owners.size(); ++account)
    result.offsets[account + 1] += result.offsets[account];
  result.entitlements.resize(result.offsets.back());
  std::vector<std::uint64_t> next(result.offsets.begin(), result.offsets.end() - 1);
  each([&](Code e, std::uint32_t account) { result.entitlements[next[account]++] = e; });
  return result;
}

}  // namespace

Questioned::Questioned(const Company& company, const policy::PolicySet& policy, const plan::Frozen& frozen) {
  input_.plan = frozen.bytes;
  input_.digest = frozen.digest.str();
  input_.ends = {"left", "retired", "revoking"};
  input_.limits.share_percent_max = policy.guard.share_percent_max;
  input_.limits.count_max_small = policy.guard.count_max_small;
  input_.limits.population_min = policy.guard.population_min;
  input_.limits.privileged_weight = policy.guard.privileged_weight;
  add_rules(policy);
  add_kind(company.size.identities);
  for (const Attribute& attribute : company.attributes) add_attribute(attribute);
  input_.state_names = {"active", "suspended", "left"};  // in the order of Working
  for (const Working working : company.working) lifecycle_.push_back(static_cast<std::uint8_t>(working));
  input_.lifecycle = lifecycle_;
  input_.rule_names.emplace_back("role all-staff");
  for (std::size_t r = 0; r < company.rules.size(); ++r) input_.rule_names.push_back("role " + role_name(r));
  for (const CompanyTarget& target : company.targets) add_held(company, target);
  input_.identities = static_cast<std::int64_t>(company.size.identities);
}

void Questioned::add_rules(const policy::PolicySet& policy) {
  for (const auto& line : policy.lines) {
    plan_check::RuleText rule;
    rule.rule = line.rule;
    rule.target = line.grant->target.str();
    rule.account_class = line.grant->account_class;
    for (const auto* condition : line.conditions) rule.conditions.push_back(condition->text);
    for (const auto state : line.states) rule.states.emplace(model::name_of(state));
    input_.rules.push_back(rule);
    for (const auto& entitled : line.grant->entitlements) {
      rule.entitlement = entitled.id.str();
      rule.parameters = entitled.parameters;
      input_.rules.push_back(rule);
    }
  }
}

void Questioned::add_kind(std::size_t people) {
  static const json::Value kPerson("person");
  kinds_.assign(people, 0);
  input_.attributes.push_back(
      {.name = "kind", .codes16 = kinds_, .codes32 = {}, .unknown = {}, .value = [](Code) { return &kPerson; }});
}

void Questioned::add_attribute(const Attribute& attribute) {
  auto& kept = *attributes_.emplace_back(std::make_unique<OfAttribute>());
  for (const std::string& text : attribute.values)
    kept.values.push_back(attribute.is_number ? json::Value(std::stoi(text)) : json::Value(text));
  kept.unknown.assign(attribute.unknown.size() / 64 + 1, 0);
  for (std::size_t row = 0; row < attribute.unknown.size(); ++row)
    if (attribute.unknown[row]) kept.unknown[row / 64] |= std::uint64_t{1} << (row % 64);
  input_.attributes.push_back({.name = attribute.name,
                               .codes16 = {},
                               .codes32 = attribute.codes,
                               .unknown = kept.unknown,
                               .value = [&kept](Code code) { return &kept.values[code]; }});
}

void Questioned::add_held(const Company& company, const CompanyTarget& target) {
  auto& kept = *targets_.emplace_back(std::make_unique<OfTarget>());
  for (std::size_t account = 0; account < target.owners.size(); ++account) {
    kept.accounts.push_back(account_id(target, account));
    kept.logins.push_back(company.working[target.owners[account]] == Working::kActive ? 1 : 0);
  }
  const std::vector<std::uint32_t> givers = givers_of(company);
  ByAccount observed = by_account(company, target, target.observed);
  const ByAccount given = by_account(company, target, target.given);
  for (std::size_t account = 0; account < target.owners.size(); ++account) {
    std::uint64_t at = given.offsets[account];
    for (std::uint64_t place = observed.offsets[account]; place < observed.offsets[account + 1]; ++place) {
      const Code e = observed.entitlements[place];
      while (at < given.offsets[account + 1] && given.entitlements[at] < e) ++at;
      const bool ours = at < given.offsets[account + 1] && given.entitlements[at] == e;
      // Rule r is number r + 1 in rule_names; kNone + 1 is what everybody has.
      kept.rules.push_back(ours ? givers[target.entitlements[e]] + 1 : plan_check::kNone);
    }
  }
  kept.offsets = std::move(observed.offsets);
  kept.rights = std::move(observed.entitlements);
  plan_check::Held held;
  held.target = target.name;
  held.account = [&kept](std::uint32_t account) { return std::string_view(kept.accounts[account]); };
  held.owners = target.owners;
  held.logins = kept.logins;
  held.offsets = kept.offsets;
  held.rights = kept.rights;
  held.rules = kept.rules;
  for (const std::uint32_t number : target.entitlements)
    held.names.push_back({company.entitlements[number].id, parameters_of(company.entitlements[number])});
  input_.accounts[target.name] = static_cast<std::int64_t>(target.owners.size());
  input_.held.push_back(std::move(held));
}

}  // namespace tenure::bench
