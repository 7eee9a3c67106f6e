#include "holdings.hpp"

#include <algorithm>
#include <set>
#include <string_view>

#include <tenure/plan/extract.hpp>

namespace tenure::plan {
namespace {

using population::AccountIndex;
using population::IdentityIndex;

TargetView without_accounts(const TargetView& view) {
  TargetView bare;
  bare.state = view.state;
  bare.ends_sessions = view.ends_sessions;
  bare.own_restriction = view.own_restriction;
  if (view.observed) {
    bare.observed.emplace();
    bare.observed->target = view.observed->target;
    bare.observed->read_at = view.observed->read_at;
    bare.observed->coverage = view.observed->coverage;
  }
  return bare;
}

// Some accounts of one target become values.
class TargetExtract {
 public:
  TargetExtract(const population::Accounts& accounts, World& world, Holdings* holdings)
      : accounts_(accounts), world_(world), holdings_(holdings) {
    const auto view = world.targets.find(accounts.target());
    if (view != world.targets.end() && view->second.observed) observed_ = &*view->second.observed;
  }

  void add(AccountIndex row) { rows_.push_back(row); }

  void finish() {
    std::sort(rows_.begin(), rows_.end());
    rows_.erase(std::unique(rows_.begin(), rows_.end()), rows_.end());
    for (const AccountIndex row : rows_) {
      if (auto claim = accounts_.claim(row)) world_.claims.emplace(claim->account, std::move(*claim));
      if (holdings_ != nullptr) {
        holdings_->add(accounts_, row, observed_ != nullptr && accounts_.entry(row).observed);
        continue;
      }
      for (auto& decision : accounts_.decisions(row)) {
        std::string id = row_id(decision);
        world_.decisions.emplace(std::move(id), std::move(decision));
      }
    }
    if (observed_ == nullptr) return;
    std::erase_if(rows_, [&](AccountIndex row) { return !accounts_.entry(row).observed; });
    std::vector<std::pair<model::NativeId, AccountIndex>> ordered;
    ordered.reserve(rows_.size());
    for (const AccountIndex row : rows_) ordered.emplace_back(accounts_.id(row), row);
    std::sort(ordered.begin(), ordered.end());
    observed_->accounts.reserve(ordered.size());
    for (const auto& [id, row] : ordered) {
      observed_->accounts.push_back(*accounts_.account(row));
      if (holdings_ != nullptr) continue;
      for (auto& grant : accounts_.grants(row)) observed_->grants.push_back(std::move(grant));
    }
  }

 private:
  const population::Accounts& accounts_;
  World& world_;
  Holdings* holdings_;  // nullptr: into the world
  model::Observation* observed_ = nullptr;
  std::vector<AccountIndex> rows_;
};

}  // namespace

population::Population population_of(const World& world) {
  population::Population population;
  for (const auto& [id, identity] : world.identities) population.people().put(identity);
  for (const auto& [name, view] : world.targets)
    if (view.observed) population.put_observation(*view.observed);
  for (const auto& [ref, claim] : world.claims) population.put(claim);
  for (const auto& [id, decision] : world.decisions) population.put(decision);
  for (const auto& [id, name] : world.names) population.put(name);
  population.settle();
  return population;
}

Setting setting_of(const World& world) {
  Setting setting;
  setting.now = world.now;
  for (const auto& [name, view] : world.targets) {
    TargetView& bare = setting.targets[name] = without_accounts(view);
    if (view.observed) bare.observed->entitlements = view.observed->entitlements;
  }
  setting.findings = world.findings;
  setting.in_flight = world.in_flight;
  setting.history = world.history;
  setting.policy_since = world.policy_since;
  setting.silent_sources = world.silent_sources;
  setting.assignments = world.assignments;
  return setting;
}

Selection Selection::everybody(const population::Population& population) {
  Selection all;
  population.people().present().for_each(
      [&](std::size_t row) { all.identities.push_back(static_cast<IdentityIndex>(row)); });
  for (const auto& name : population.targets())
    for (AccountIndex row = 0; row < population.accounts(name)->rows(); ++row) all.accounts[name].push_back(row);
  return all;
}

Extractor::Extractor(const policy::PolicySet& policy, const population::Population& population, const Setting& setting)
    : policy_(policy), population_(population), setting_(setting) {
  const population::People& people = population.people();
  people.aliases().for_each([&](std::size_t row) {
    const auto alias = static_cast<IdentityIndex>(row);
    merged_.emplace(people.row(people.resolved(people.id(alias))), alias);
  });
  for (const auto& [name, view] : setting.targets) all_read_ = all_read_ && view.observed.has_value();
}

World Extractor::operator()(const Selection& selection) const {
  return extract(selection, nullptr);
}

World Extractor::operator()(const Selection& selection, Holdings& holdings) const {
  return extract(selection, &holdings);
}

World Extractor::extract(const Selection& selection, Holdings* holdings) const {
  World world;
  world.now = setting_.now;
  world.policy_since = setting_.policy_since;
  world.silent_sources = setting_.silent_sources;
  for (const auto& [name, view] : setting_.targets) world.targets.emplace(name, without_accounts(view));
  const population::People& people = population_.people();
  std::vector<IdentityIndex> rows;
  for (const IdentityIndex row : selection.identities) {
    rows.push_back(row);
    for (auto [it, end] = merged_.equal_range(row); it != end; ++it) rows.push_back(it->second);
  }
  for (const IdentityIndex row : rows) {
    world.identities.emplace(people.id(row), people.identity(row));
    if (const auto decided = setting_.assignments.find(people.id(row)); decided != setting_.assignments.end())
      world.assignments.insert(*decided);
    if (all_read_) continue;
    for (auto& name : population_.names_of(people.id(row))) world.names.emplace(row_id(name), std::move(name));
  }
  for (const auto& [name, doc] : policy_.targets) {
    const population::Accounts* accounts = population_.accounts(name);
    if (accounts == nullptr) continue;
    TargetExtract target(*accounts, world, holdings);
    for (const IdentityIndex row : rows)
      for (const AccountIndex account : accounts->of_owner(row)) target.add(account);
    if (const auto more = selection.accounts.find(name); more != selection.accounts.end())
      for (const AccountIndex account : more->second) target.add(account);
    target.finish();
  }
  std::set<std::pair<std::string_view, std::string_view>> held;
  if (!setting_.in_flight.empty())
    for (const auto& [name, view] : world.targets)
      if (view.observed)
        for (const auto& account : view.observed->accounts) held.emplace(name.str(), account.id.str());
  for (const InFlight& change : setting_.in_flight)
    if (world.identities.contains(people.resolved(change.identity)) || world.claims.contains(change.account) ||
        held.contains({change.account.target.str(), change.account.id.str()}))
      world.in_flight.push_back(change);
  return world;
}

}  // namespace tenure::plan
