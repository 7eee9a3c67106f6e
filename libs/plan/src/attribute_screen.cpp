#include "attribute_screen.hpp"

#include "text_parts.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <string>

#include <tenure/policy/evaluate.hpp>

namespace tenure::plan {
namespace {

using population::Column;

const json::Value& blank() {
  static const json::Value kBlank("");
  return kBlank;
}

// A value that rules give, as codes of the account's column.
struct Wanted {
  bool any = true;  // unknown: keeps what it has
  Column::Code code = Column::kAbsent;
  Column::Code same = Column::kAbsent;  // "" is as good as none
  bool fits(Column::Code held) const {
    // What could not be read is unknown, not blank.
    return any || held == Column::kAbsent || (held == code && code != Column::kAbsent) ||
           (held == same && same != Column::kAbsent);
  }
};

Wanted wanted_of(const policy::Computed& computed, const Column& held) {
  Wanted wanted;
  wanted.any = computed.unknown;
  if (computed.unknown) return wanted;
  wanted.code = computed.value.is_null() ? Column::kNull : held.find(computed.value);
  if (computed.value.is_null()) wanted.same = held.find(blank());
  return wanted;
}

class AttributeScreen {
 public:
  AttributeScreen(const ScreenGround& ground, const population::Accounts& accounts, const Bitmap& looked_at,
                  Bitmap& differ)
      : ground_(ground),
        people_(ground.population.people()),
        accounts_(accounts),
        looked_at_(looked_at),
        differ_(differ),
        places_(policy::allocation_places(ground.policy)) {}

  void run(const policy::RoleGrant& rules) {
    std::vector<std::pair<const policy::AttributeRule*, const Column*>> by_row;
    std::set<std::string> decided;
    for (const auto& rule : rules.attributes) {
      if (rule.strength == policy::Strength::kInitial || !decided.insert(rule.attribute).second) continue;
      const Column* held = accounts_.attribute(rule.attribute);
      if (held == nullptr) continue;  // no account was ever read with it
      if (const auto parts = text_parts(ground_.policy, ground_.population, rule.value))
        by_text(*parts, *held);
      else
        by_row.emplace_back(&rule, held);
    }
    if (!by_row.empty())
      looked_at_.for_each([&](std::size_t account) { one(static_cast<AccountIndex>(account), by_row); });
  }

 private:
  IdentityIndex owner(AccountIndex account) const { return ground_.somebody_of(accounts_.entry(account).owner); }

  void by_text(const TextParts& parts, const Column& held) {
    looked_at_.for_each([&](std::size_t index) {
      const auto account = static_cast<AccountIndex>(index);
      const Column::Code code = code_of(held, account);
      if (code == Column::kAbsent) return;  // could not be read: unknown, not blank
      const IdentityIndex row = owner(account);
      switch (parts.compare(row, code == Column::kNull ? std::nullopt : held.text(code))) {
        case TextParts::Answer::kDiffers:
          differ_.set(index);
          break;
        case TextParts::Answer::kNothing:  // the rule says that there is none
          if (code != Column::kNull && held.text(code) != std::string_view()) differ_.set(index);
          break;
        case TextParts::Answer::kEqual:
        case TextParts::Answer::kUnknown:
          break;
      }
    });
  }

  static Column::Code code_of(const Column& held, AccountIndex account) {
    return account < held.rows() ? held.code(account) : Column::kAbsent;
  }

  void one(AccountIndex account, const std::vector<std::pair<const policy::AttributeRule*, const Column*>>& rules) {
    const IdentityIndex row = owner(account);
    const model::Identity identity = people_.identity(row);
    auto names = names_of(row);
    if (!names) {
      differ_.set(account);
      return;
    }
    const policy::Subject subject(ground_.policy, identity, std::move(*names));
    for (const auto& [rule, held] : rules)
      if (!wanted_of(subject.value(rule->value), *held).fits(code_of(*held, account))) differ_.set(account);
  }

  // nullopt: there is more than one account that could give a name.
  std::optional<policy::AllocatedNames> names_of(IdentityIndex row) const {
    policy::AllocatedNames names;
    for (const auto& [attribute, place] : places_) {
      const population::Accounts* accounts = ground_.population.accounts(place.target);
      if (accounts == nullptr) continue;
      AccountIndex found = population::kNobody;
      for (const AccountIndex account : accounts->of_owner(row)) {
        const auto& entry = accounts->entry(account);
        if (!entry.observed) return std::nullopt;
        if (accounts->classes().text(entry.account_class) != place.account_class) continue;
        if (found != population::kNobody) return std::nullopt;
        found = account;
      }
      if (found == population::kNobody) continue;
      if (place.rule->is_login) {
        names.emplace(attribute, accounts->name(found));
      } else if (const Column* values = accounts->attribute(attribute)) {
        const auto code = code_of(*values, found);
        if (code >= Column::kFirstValue && values->value(code).is_string())
          names.emplace(attribute, values->value(code).as_string());
      }
    }
    return names;
  }

  const ScreenGround& ground_;
  const population::People& people_;
  const population::Accounts& accounts_;
  const Bitmap& looked_at_;
  Bitmap& differ_;
  const std::map<std::string, policy::AllocationPlace, std::less<>>& places_;
};

}  // namespace

void screen_attributes(const ScreenGround& ground, const population::Accounts& accounts, const policy::RoleGrant& rules,
                       const Bitmap& looked_at, Bitmap& differ) {
  differ.fill(false);
  AttributeScreen(ground, accounts, looked_at, differ).run(rules);
}

}  // namespace tenure::plan
