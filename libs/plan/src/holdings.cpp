#include "holdings.hpp"

#include <algorithm>

namespace tenure::plan {
namespace {

const model::EntitlementId kNoEntitlement;
const model::Parameters kNoParameters;

DecisionView view_of(const model::Decision& decision) {
  return {decision.kind,  decision.entitlement, decision.parameters,
          decision.since, decision.until,       decision.decide_again_by,
          decision.owner, decision.actor,       &decision};
}

GrantView view_of(const policy::TargetDoc* target, const model::EntitlementId& entitlement,
                  const model::Parameters& parameters) {
  if (target == nullptr) return {entitlement, parameters, nullptr, model::Scope::kObserved};
  return {entitlement, parameters, target->entitlement(entitlement), target->scope_of(entitlement)};
}

KnownRight known_right(const policy::TargetDoc* target, const population::Accounts& accounts, std::uint32_t code) {
  KnownRight right;
  right.id = model::EntitlementId(std::string(accounts.entitlement_ids().text(code)));
  if (target == nullptr) return right;
  right.doc = target->entitlement(right.id);
  right.scope = target->scope_of(right.id);
  return right;
}

bool before(const DecisionView* a, const DecisionView* b) {
  const auto order = a->entitlement <=> b->entitlement;
  return order != 0 ? order < 0 : a->parameters < b->parameters;
}

// Views cannot be moved about: they are put in order by their places.
void put_in_order(std::vector<DecisionView>& views) {
  const auto is_before = [](const DecisionView& a, const DecisionView& b) { return before(&a, &b); };
  if (std::is_sorted(views.begin(), views.end(), is_before)) return;
  std::vector<const DecisionView*> order;
  order.reserve(views.size());
  for (const DecisionView& view : views) order.push_back(&view);
  std::stable_sort(order.begin(), order.end(), before);
  std::vector<DecisionView> sorted;
  sorted.reserve(views.size());
  for (const DecisionView* view : order) sorted.push_back(*view);
  views.swap(sorted);
}

}  // namespace

KnownRights::KnownRights(const policy::PolicySet& policy, const population::Population& population) {
  for (const auto& [name, doc] : policy.targets) {
    const population::Accounts* accounts = population.accounts(name);
    if (accounts == nullptr) continue;
    std::vector<KnownRight>& rights = of_[accounts];
    rights.reserve(accounts->entitlement_ids().size());
    for (std::uint32_t code = 0; code < accounts->entitlement_ids().size(); ++code)
      rights.push_back(known_right(&doc, *accounts, code));
  }
}

const std::vector<KnownRight>* KnownRights::of(const population::Accounts& accounts) const {
  const auto found = of_.find(&accounts);
  return found == of_.end() ? nullptr : &found->second;
}

Holdings::Holdings(const policy::PolicySet& policy, const World& world) : policy_(policy) {
  for (const auto& [id, decision] : world.decisions) {
    Holding& holding = of_[decision.account];
    (decision.entitlement.empty() ? holding.state : holding.decisions).push_back(view_of(decision));
  }
  for (auto& [ref, holding] : of_) {
    put_in_order(holding.decisions);
    put_in_order(holding.state);
  }
  for (const auto& [name, view] : world.targets) {
    if (!view.observed) continue;
    const policy::TargetDoc* doc = doc_of(name);
    for (const auto& grant : view.observed->grants)
      if (!grant.holder.account.empty())
        of_[{name, grant.holder.account}].grants.push_back(view_of(doc, grant.entitlement, grant.parameters));
  }
}

const policy::TargetDoc* Holdings::doc_of(const model::TargetName& target) const {
  const auto found = policy_.targets.find(target);
  return found == policy_.targets.end() ? nullptr : &found->second;
}

Holdings::Names& Holdings::names_of(const population::Accounts& accounts) {
  const auto [it, fresh] = names_.try_emplace(&accounts);
  if (fresh) {
    it->second.doc = doc_of(accounts.target());
    it->second.all = known_ == nullptr ? nullptr : known_->of(accounts);
    if (it->second.all == nullptr) it->second.some.resize(accounts.entitlement_ids().size());
  }
  return it->second;
}

const KnownRight& Holdings::entitlement(const population::Accounts& accounts, Names& names, std::uint32_t code) {
  if (names.all != nullptr) return (*names.all)[code];
  const KnownRight*& known = names.some[code];
  if (known == nullptr) known = &entitlements_.emplace_back(known_right(names.doc, accounts, code));
  return *known;
}

const model::Parameters& Holdings::parameters(const population::Accounts& accounts, Names& names, std::uint32_t code) {
  const std::string_view text = accounts.parameters().text(code);
  if (text.empty()) return kNoParameters;
  const model::Parameters*& known = names.parameters[code];
  if (known == nullptr) known = &parameters_.emplace_back(text);
  return *known;
}

void Holdings::add(const population::Accounts& accounts, population::AccountIndex row, bool observed) {
  Names& names = names_of(accounts);
  Holding& holding = of_[{accounts.target(), accounts.id(row)}];
  const auto plain = [&](const population::Rights::Right& right) {
    const auto said = accounts.plain_decision(right.record);
    return DecisionView{model::DecisionKind::kGranted,
                        entitlement(accounts, names, right.entitlement).id,
                        parameters(accounts, names, right.parameters),
                        said.since,
                        said.until,
                        Time::never(),
                        said.owner,
                        said.actor,
                        nullptr};
  };
  const auto given = accounts.given_rights(row);
  holding.decisions.reserve(given.size());
  for (const auto& right : given) holding.decisions.push_back(plain(right));
  if (const auto about = accounts.state_decision(row)) {
    const auto said = accounts.plain_decision(about->record);
    holding.state.push_back({about->kind, kNoEntitlement, kNoParameters, said.since, said.until, Time::never(),
                             said.owner, said.actor, nullptr});
  }
  if (const auto* special = accounts.special_decisions(row))
    for (const model::Decision& decision : *special)
      (decision.entitlement.empty() ? holding.state : holding.decisions).push_back(view_of(decision));
  put_in_order(holding.decisions);
  put_in_order(holding.state);
  if (!observed) return;
  std::vector<GrantView> grants;
  const auto rights = accounts.observed_rights(row);
  grants.reserve(rights.size());
  for (const auto& right : rights) {
    const KnownRight& known = entitlement(accounts, names, right.entitlement);
    grants.push_back({known.id, parameters(accounts, names, right.parameters), known.doc, known.scope});
  }
  std::vector<const GrantView*> order;
  order.reserve(grants.size());
  for (const GrantView& grant : grants) order.push_back(&grant);
  std::sort(order.begin(), order.end(), [](const GrantView* a, const GrantView* b) {
    const auto compared = a->entitlement <=> b->entitlement;
    return compared != 0 ? compared < 0 : a->parameters < b->parameters;
  });
  holding.grants.reserve(grants.size());
  for (const GrantView* grant : order) holding.grants.push_back(*grant);
}

void Holdings::assume(const model::TargetName& target) {
  for (auto& [ref, holding] : of_) {
    if (ref.target != target) continue;
    holding.grants.clear();
    for (const DecisionView& decision : holding.decisions)
      if (decision.kind != model::DecisionKind::kHeld)
        holding.grants.push_back(view_of(doc_of(target), decision.entitlement, decision.parameters));
  }
}

const Holding* Holdings::find(const model::AccountRef& ref) const {
  const auto found = of_.find(ref);
  return found == of_.end() ? nullptr : &found->second;
}

}  // namespace tenure::plan
