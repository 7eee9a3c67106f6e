#include "attribute_screen.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <string>

#include <tenure/cel/program.hpp>
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

// The attribute when the expression is no more than identity.<attribute>.
const std::string* read_alone(const policy::Expression& expression) {
  const cel::Ast& ast = expression.program->checked().ast;
  const cel::Expr& root = ast[ast.root];
  if (root.kind != cel::Expr::Kind::kSelect || root.args.size() != 1) return nullptr;
  const cel::Expr& variable = ast[root.args.front()];
  return variable.kind == cel::Expr::Kind::kIdent && variable.name == "identity" ? &root.name : nullptr;
}

class AttributeScreen {
 public:
  AttributeScreen(const ScreenGround& ground, const population::Accounts& accounts, const Bitmap& looked_at,
                  Bitmap& candidates)
      : ground_(ground),
        people_(ground.population.people()),
        accounts_(accounts),
        looked_at_(looked_at),
        candidates_(candidates),
        places_(policy::allocation_places(ground.policy)) {}

  void run(const policy::RoleGrant& rules) {
    std::vector<std::pair<const policy::AttributeRule*, const Column*>> by_row;
    std::set<std::string> decided;
    for (const auto& rule : rules.attributes) {
      if (rule.strength == policy::Strength::kInitial || !decided.insert(rule.attribute).second) continue;
      const Column* held = accounts_.attribute(rule.attribute);
      if (held == nullptr) continue;  // no account was ever read with it
      const std::string* attribute = read_alone(rule.value);
      const bool declared = attribute != nullptr && *attribute != "key" && *attribute != "kind";
      if (declared)
        by_code(rule, people_.column(*attribute), *held);
      else
        by_row.emplace_back(&rule, held);
    }
    if (!by_row.empty())
      looked_at_.for_each([&](std::size_t account) { one(static_cast<AccountIndex>(account), by_row); });
  }

 private:
  IdentityIndex owner(AccountIndex account) const { return ground_.somebody_of(accounts_.entry(account).owner); }

  // One value per code of the fact: what the rule makes of it is asked for the first who has it.
  void by_code(const policy::AttributeRule& rule, const Column* facts, const Column& held) {
    std::vector<std::optional<Wanted>> wanted(facts == nullptr ? 1 : facts->codes());
    looked_at_.for_each([&](std::size_t index) {
      const auto account = static_cast<AccountIndex>(index);
      const IdentityIndex row = owner(account);
      const bool in_column = facts != nullptr && row < facts->rows();
      if (in_column && facts->unknown(row)) return;
      std::optional<Wanted>& one = wanted[in_column ? facts->code(row) : Column::kAbsent];
      if (!one) {
        const model::Identity identity = people_.identity(row);
        one = wanted_of(policy::Subject(ground_.policy, identity).value(rule.value), held);
      }
      if (!one->fits(code_of(held, account))) candidates_.set(row);
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
      candidates_.set(row);
      return;
    }
    const policy::Subject subject(ground_.policy, identity, std::move(*names));
    for (const auto& [rule, held] : rules)
      if (!wanted_of(subject.value(rule->value), *held).fits(code_of(*held, account))) candidates_.set(row);
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
  Bitmap& candidates_;
  std::map<std::string, policy::AllocationPlace, std::less<>> places_;
};

}  // namespace

void screen_attributes(const ScreenGround& ground, const population::Accounts& accounts, const policy::RoleGrant& rules,
                       const Bitmap& looked_at, Bitmap& candidates) {
  AttributeScreen(ground, accounts, looked_at, candidates).run(rules);
}

}  // namespace tenure::plan
