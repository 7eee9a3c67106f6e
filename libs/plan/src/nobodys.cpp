#include "nobodys.hpp"

#include "reconcile.hpp"
#include "text_parts.hpp"

#include <map>
#include <string>
#include <unordered_set>
#include <vector>

#include <tenure/base/text.hpp>
#include <tenure/policy/evaluate.hpp>

namespace tenure::plan {
namespace {

using population::AccountIndex;
using population::Bitmap;
using population::Column;
using population::IdentityIndex;

using Texts = std::unordered_set<std::string>;  // folded

std::string text_in(const Column& column, std::size_t row) {
  const Column::Code code = row < column.rows() ? column.code(row) : Column::kAbsent;
  if (code < Column::kFirstValue) return "";
  if (const auto text = column.text(code)) return std::string(*text);
  const json::Value& value = column.value(code);
  return value.is_int() ? std::to_string(value.as_int()) : "";
}

std::vector<bool> codes_of(const Column& column, const Texts& texts) {
  std::vector<bool> found(column.codes(), false);
  for (Column::Code code = Column::kFirstValue; code < column.codes(); ++code)
    if (const auto text = column.text(code)) found[code] = texts.contains(ascii_lower(*text));
  return found;
}

class Matches {
 public:
  Matches(const policy::PolicySet& policy, const population::Population& population)
      : population_(population),
        people_(population.people()),
        places_(policy::allocation_places(policy)),
        matches_(people_.rows()) {}

  // Those for whom the rule may give one of the texts.
  void add(const policy::CorrelationRule& rule, model::IdentityKind kind, const Texts& texts) {
    if (texts.empty()) return;
    if (const std::string* fact = read_alone(rule.identity_value, "identity"); fact != nullptr && *fact != "kind") {
      *fact == "key" ? by_key(texts) : by_fact(*fact, texts);
      return;
    }
    if (const std::string* name = read_alone(rule.identity_value, "account")) {
      if (const auto place = places_.find(*name); place != places_.end()) by_name(place->second, *name, texts);
      return;
    }
    matches_ |= people_.of_kind(kind);
  }

  std::vector<IdentityIndex> rows() {
    matches_ &= people_.present();
    std::vector<IdentityIndex> rows;
    matches_.for_each([&](std::size_t row) { rows.push_back(static_cast<IdentityIndex>(row)); });
    return rows;
  }

 private:
  void by_key(const Texts& texts) {
    people_.present().for_each([&](std::size_t row) {
      if (texts.contains(ascii_lower(people_.key(static_cast<IdentityIndex>(row))))) matches_.set(row);
    });
  }

  void by_fact(const std::string& attribute, const Texts& texts) {
    const Column* column = people_.column(attribute);
    if (column == nullptr) return;
    const std::vector<bool> codes = codes_of(*column, texts);
    for (std::size_t row = 0; row < column->rows(); ++row)
      if (codes[column->code(row)]) matches_.set(row);
  }

  void by_name(const policy::AllocationPlace& place, const std::string& attribute, const Texts& texts) {
    const population::Accounts* accounts = population_.accounts(place.target);
    if (accounts == nullptr) return;
    const Column* values = place.rule->is_login ? nullptr : accounts->attribute(attribute);
    for (AccountIndex row = 0; row < accounts->rows(); ++row) {
      const auto& entry = accounts->entry(row);
      if (entry.owner == population::kNobody || entry.owner >= people_.rows()) continue;
      // What is not in the reading has a name by its claim or by the ledger: too rare to look closer.
      const bool may =
          !entry.observed ||
          texts.contains(ascii_lower(values == nullptr ? std::string(accounts->name(row)) : text_in(*values, row)));
      if (!may) continue;
      matches_.set(entry.owner);
      const model::IdentityId root = people_.resolved(people_.id(entry.owner));
      if (people_.contains(root)) matches_.set(people_.row(root));
    }
  }

  const population::Population& population_;
  const population::People& people_;
  const std::map<std::string, policy::AllocationPlace, std::less<>>& places_;
  Bitmap matches_;
};

}  // namespace

Selection accounts_of_nobody(const policy::PolicySet& policy, const population::Population& population,
                             const Picture& picture, const PlanRequest& request) {
  Selection selection;
  Matches matches(policy, population);
  for (const auto& [name, target] : picture.targets()) {
    const population::Accounts* accounts = population.accounts(name);
    if (!in_request(request, target) || !target.answers || accounts == nullptr) continue;
    std::vector<const policy::AccountClassDoc*> types;  // by code
    for (std::uint32_t code = 0; code < accounts->classes().size(); ++code) {
      const auto* type = target.doc->account_class(accounts->classes().text(code));
      types.push_back(type != nullptr && type->scope <= model::Scope::kAdditive ? type : nullptr);
    }
    std::map<const policy::CorrelationRule*, Texts> texts;
    std::map<const policy::CorrelationRule*, model::IdentityKind> kinds;
    for (AccountIndex row = 0; row < accounts->rows(); ++row) {
      const auto& entry = accounts->entry(row);
      if (!entry.observed || entry.claimed || types[entry.account_class] == nullptr) continue;
      selection.accounts[name].push_back(row);
      for (const auto& rule : types[entry.account_class]->correlate) {
        const Column* values = rule.account_attribute == "name" ? nullptr : accounts->attribute(rule.account_attribute);
        std::string text;
        if (rule.account_attribute == "name")
          text = accounts->name(row);
        else if (values != nullptr)
          text = text_in(*values, row);
        if (text.empty()) continue;
        texts[&rule].insert(ascii_lower(text));
        kinds[&rule] = types[entry.account_class]->kind;
      }
    }
    for (const auto& [rule, of_accounts] : texts) matches.add(*rule, kinds.at(rule), of_accounts);
  }
  selection.identities = matches.rows();
  return selection;
}

}  // namespace tenure::plan
