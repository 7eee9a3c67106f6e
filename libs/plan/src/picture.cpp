#include "picture.hpp"

#include "parameters.hpp"

#include <algorithm>

namespace tenure::plan {
namespace {

bool names(const std::vector<std::string>& parts, std::string_view part) {
  return std::find(parts.begin(), parts.end(), part) != parts.end();
}

}  // namespace

bool TargetPicture::accounts_proven(std::string_view account_class) const {
  if (!answers) return false;
  const model::Coverage& coverage = observed->coverage;
  if (coverage.complete) return true;
  // Without a list of what is missing, all of it may be.
  return !coverage.unknown.empty() && !names(coverage.unknown, account_class);
}

bool TargetPicture::grants_proven(const model::EntitlementId& entitlement) const {
  if (!answers) return false;
  const model::Coverage& coverage = observed->coverage;
  if (coverage.complete) return true;
  return !coverage.unknown.empty() && !names(coverage.unknown, "entitlements") && !names(coverage.unknown, "grants") &&
         !names(coverage.unknown, "grants:" + entitlement.str());
}

std::string TargetPicture::why_not_proven() const {
  if (observed == nullptr) return "never read";
  if (!answers) return view->state.unknown_reason.empty() ? "does not answer" : view->state.unknown_reason;
  return observed->coverage.reason.empty() ? "read only in part" : observed->coverage.reason;
}

bool TargetPicture::looks_like_ours(const model::Account& account) const {
  return !view->own_restriction || *view->own_restriction == account.restriction;
}

model::Scope TargetPicture::scope(std::string_view account_class) const {
  const auto* type = doc->account_class(account_class);
  return type == nullptr ? model::Scope::kObserved : type->scope;
}

model::Scope TargetPicture::scope(std::string_view account_class, const model::EntitlementId& entitlement) const {
  return std::max(scope(account_class), doc->scope_of(entitlement));  // later enumerators allow less
}

const model::Account* TargetPicture::find_account(const model::NativeId& id) const {
  const TextIndex::Number row = rows.find(id.str());
  return row == TextIndex::kNone ? nullptr : &observed->accounts[row];
}

Picture::Picture(const policy::PolicySet& policy, const World& world, Holdings holdings)
    : policy_(policy), world_(world), holdings_(std::move(holdings)) {
  for (const auto& [id, identity] : world.identities)
    if (identity.alias_of.valid()) aliases_.emplace(id, identity.alias_of);
  index_claims();
  for (const auto& [name, doc] : policy.targets) index_target(doc);
  for (const auto& [name, target] : targets_)
    if (target.observed == nullptr) holdings_.assume(name);
  for (const auto& [ref, claim] : world.claims)
    if (const auto it = targets_.find(ref.target); it != targets_.end() && it->second.observed == nullptr)
      assumed_.emplace(ref, assumed(claim));
  index_flying();
}

void Picture::index_claims() {
  std::vector<std::pair<model::IdentityId, const model::Claim*>> claims;
  claims.reserve(world_.claims.size());
  for (const auto& [ref, claim] : world_.claims) claims.emplace_back(resolved(claim.identity), &claim);
  std::stable_sort(claims.begin(), claims.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  claims_.reserve(claims.size());
  claims_of_.reserve(claims.size());
  for (const auto& [identity, claim] : claims) {
    claims_.push_back(claim);
    claims_of_.try_emplace(identity, claims_.size() - 1, claims_.size()).first->second.second = claims_.size();
  }
}

void Picture::index_flying() {
  for (const InFlight& change : world_.in_flight) {
    const auto verb = verb_from(change.verb);
    if (!verb) continue;
    if (*verb == Verb::kCreate) flying_creates_.emplace(resolved(change.identity), change.account.target);
    Flying& flying = flying_[change.account];
    const ChangeKind kind = kind_of(*verb);
    flying.state = flying.state || kind == ChangeKind::kAccount;
    flying.update = flying.update || kind == ChangeKind::kAttribute;
    if (kind == ChangeKind::kGrant) flying.entitlements.push_back(change.entitlement);
  }
}

void Picture::index_target(const policy::TargetDoc& doc) {
  TargetPicture& picture = targets_[doc.name];
  picture.doc = &doc;
  const auto it = world_.targets.find(doc.name);
  if (it == world_.targets.end()) return;
  picture.view = &it->second;
  picture.managed = it->second.state.managed;
  if (!it->second.observed) return;
  picture.observed = &*it->second.observed;
  picture.answers = it->second.state.unknown_since == Time{};
  const std::vector<model::Account>& accounts = picture.observed->accounts;
  picture.rows = TextIndex(accounts.size());
  for (std::uint32_t row = 0; row < accounts.size(); ++row) picture.rows.emplace(accounts[row].id.str(), row);
}

model::Account Picture::assumed(const model::Claim& claim) const {
  model::Account account;
  account.id = claim.account.id;
  account.name = claim.account.id.str();
  account.purpose = claim.purpose;
  for (const auto& type : policy_.targets.at(claim.account.target).classes)
    if (type.purpose == claim.purpose && account.account_class.empty()) account.account_class = type.name;
  for (const auto& [id, name] : world_.names)
    if (name.target == claim.account.target && resolved(name.identity) == resolved(claim.identity))
      account.name = name.name;
  const Holding* known = holdings_.find(claim.account);
  account.enabled =
      known == nullptr || known->state.empty() || known->state.front().kind != model::DecisionKind::kDisabled;
  return account;
}

model::IdentityId Picture::resolved(model::IdentityId id) const {
  if (aliases_.empty()) return id;
  for (int step = 0; step < 16; ++step) {  // a merge of a merge; a circle would be a defect elsewhere
    const auto it = aliases_.find(id);
    if (it == aliases_.end()) return id;
    id = it->second;
  }
  return id;
}

std::span<const model::Claim* const> Picture::claims_of(model::IdentityId identity) const {
  const auto it = claims_of_.find(identity);
  if (it == claims_of_.end()) return {};
  return {claims_.data() + it->second.first, claims_.data() + it->second.second};
}

std::vector<HeldAccount> Picture::accounts_of(model::IdentityId identity, const model::TargetName& name) const {
  std::vector<HeldAccount> accounts;
  const TargetPicture& target = targets_.at(name);
  for (const model::Claim* claim : claims_of(identity)) {
    if (claim->account.target != name) continue;
    HeldAccount held = this->held(*claim);
    if (target.observed != nullptr)
      held.account = target.find_account(claim->account.id);
    else if (const auto it = assumed_.find(claim->account); it != assumed_.end())
      held.account = &it->second;
    if (held.account != nullptr) {
      held.account_class = held.account->account_class;
      held.name = held.account->name;
    } else {
      for (const auto& type : target.doc->classes)
        if (type.purpose == claim->purpose && held.account_class.empty()) held.account_class = type.name;
    }
    accounts.push_back(std::move(held));
  }
  if (accounts.size() < 2) return accounts;
  // The account that rules mean must not change when somebody disables it or another one appears: the one in which
  // Tenure gave something comes first, then what it decided about.
  const auto rank = [&](const HeldAccount& held) {
    const auto given = grant_decisions(held);
    const bool gave = std::any_of(given.begin(), given.end(), [](const DecisionView& decision) {
      return decision.kind == model::DecisionKind::kGranted;
    });
    const DecisionView* decided = account_decision(held);
    const int by_account = decided == nullptr ? 2 : decided->kind == model::DecisionKind::kDisabled ? 1 : 0;
    const int by_decision = gave ? 0 : 1 + by_account;
    const int by_state = held.account == nullptr ? 2 : held.account->enabled ? 0 : 1;
    return std::pair(by_decision, by_state);
  };
  std::sort(accounts.begin(), accounts.end(), [&](const HeldAccount& a, const HeldAccount& b) {
    return std::tuple(rank(a), std::cref(a.ref)) < std::tuple(rank(b), std::cref(b.ref));
  });
  return accounts;
}

const model::Claim* Picture::claim_on(const model::AccountRef& ref) const {
  const auto it = world_.claims.find(ref);
  return it == world_.claims.end() ? nullptr : &it->second;
}

HeldAccount Picture::held(const TargetPicture& target, const model::Account& account) const {
  const model::AccountRef ref{target.doc->name, account.id};
  return {ref, claim_on(ref), &account, account.account_class, account.name, holdings_.find(ref)};
}

HeldAccount Picture::held(const model::Claim& claim) const {
  return {claim.account, &claim, nullptr, "", claim.account.id.str(), holdings_.find(claim.account)};
}

std::span<const GrantView> Picture::grants_of(const HeldAccount& held) const {
  return held.holding == nullptr ? std::span<const GrantView>() : held.holding->grants;
}

const DecisionView* Picture::account_decision(const HeldAccount& held) const {
  return held.holding == nullptr || held.holding->state.empty() ? nullptr : &held.holding->state.front();
}

const DecisionView* Picture::decision(const HeldAccount& held, const model::EntitlementId& entitlement,
                                      const model::Parameters& parameters) const {
  const auto all = grant_decisions(held);
  auto at = std::ranges::lower_bound(
      all, entitlement, [](const model::EntitlementId& a, const model::EntitlementId& b) { return a < b; },
      [](const DecisionView& one) -> const model::EntitlementId& { return one.entitlement; });
  const policy::EntitlementDoc* doc = nullptr;
  const DecisionView* similar = nullptr;
  for (; at != all.end() && at->entitlement == entitlement; ++at) {
    if (at->parameters == parameters) return &*at;
    if (similar != nullptr) continue;
    if (doc == nullptr) doc = targets_.at(held.ref.target).doc->entitlement(entitlement);
    if (right_of(doc, at->parameters) == right_of(doc, parameters)) similar = &*at;
  }
  return similar;
}

std::span<const DecisionView> Picture::grant_decisions(const HeldAccount& held) const {
  return held.holding == nullptr ? std::span<const DecisionView>() : held.holding->decisions;
}

const Picture::Flying* Picture::flying(const model::AccountRef& ref) const {
  if (flying_.empty()) return nullptr;
  const auto it = flying_.find(ref);
  return it == flying_.end() ? nullptr : &it->second;
}
bool Picture::grant_in_flight(const model::AccountRef& ref, const model::EntitlementId& entitlement) const {
  const Flying* changes = flying(ref);
  return changes != nullptr && std::find(changes->entitlements.begin(), changes->entitlements.end(), entitlement) !=
                                   changes->entitlements.end();
}
bool Picture::state_in_flight(const model::AccountRef& ref) const {
  const Flying* changes = flying(ref);
  return changes != nullptr && changes->state;
}
bool Picture::update_in_flight(const model::AccountRef& ref) const {
  const Flying* changes = flying(ref);
  return changes != nullptr && changes->update;
}
bool Picture::create_in_flight(model::IdentityId identity, const model::TargetName& target) const {
  return !flying_creates_.empty() && flying_creates_.contains({identity, target});
}

}  // namespace tenure::plan
