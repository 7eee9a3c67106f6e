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

std::span<const model::Grant> TargetPicture::grants_of(const model::NativeId& id) const {
  const std::vector<model::Grant>& all = observed->grants;
  if (const TextIndex::Number row = rows.find(id.str()); row != TextIndex::kNone)
    return {all.data() + grants[row], all.data() + grants[row + 1]};
  // Grants were read, and the account that holds them was not.
  const auto holder = [](const model::Grant& grant) -> const model::NativeId& { return grant.holder.account; };
  const auto range = std::ranges::equal_range(all, id, {}, holder);
  return {range.begin(), range.end()};
}

Picture::Picture(const policy::PolicySet& policy, const World& world) : policy_(policy), world_(world) {
  for (const auto& [id, identity] : world.identities)
    if (identity.alias_of.valid()) aliases_.emplace(id, identity.alias_of);
  index_claims();
  index_decisions();
  for (const auto& [name, doc] : policy.targets) index_target(doc);
  for (const auto& [ref, claim] : world.claims)
    if (const auto it = targets_.find(ref.target); it != targets_.end() && it->second.observed == nullptr)
      assumed_.emplace(ref, assumed(claim));
  for (const auto& [ref, about] : decided_)
    if (const auto it = targets_.find(ref.target); it != targets_.end() && it->second.observed == nullptr)
      assumed_[ref].grants = assumed_grants(ref);
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

void Picture::index_decisions() {
  // Rows are ordered by account, but for ids with a separator in them.
  std::vector<const model::Decision*> rows;
  rows.reserve(world_.decisions.size());
  for (const auto& [id, decision] : world_.decisions) rows.push_back(&decision);
  const auto by_account = [](const model::Decision* a, const model::Decision* b) { return a->account < b->account; };
  if (!std::is_sorted(rows.begin(), rows.end(), by_account)) std::stable_sort(rows.begin(), rows.end(), by_account);
  grant_decisions_.reserve(rows.size());
  const model::AccountRef* last = nullptr;
  Decided* decided = nullptr;
  for (const model::Decision* decision : rows) {
    if (last == nullptr || *last != decision->account) {
      last = &decision->account;
      decided = &decided_[*last];
      decided->begin = decided->end = grant_decisions_.size();
    }
    if (!decision->entitlement.empty()) {
      grant_decisions_.push_back(decision);
      decided->end = grant_decisions_.size();
    } else if (decided->account == nullptr) {
      decided->account = decision;
    }
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
  const std::vector<model::Grant>& grants = picture.observed->grants;
  picture.rows = TextIndex(accounts.size());
  picture.grants.reserve(accounts.size() + 1);
  std::size_t at = 0;  // both are ordered by the account's id
  for (std::uint32_t row = 0; row < accounts.size(); ++row) {
    picture.rows.emplace(accounts[row].id.str(), row);
    while (at < grants.size() && grants[at].holder.account < accounts[row].id) ++at;
    picture.grants.push_back(at);
    while (at < grants.size() && grants[at].holder.account == accounts[row].id) ++at;
  }
  picture.grants.push_back(at);
}

Picture::Assumed Picture::assumed(const model::Claim& claim) const {
  Assumed assumed;
  model::Account& account = assumed.account;
  account.id = claim.account.id;
  account.name = claim.account.id.str();
  account.purpose = claim.purpose;
  for (const auto& type : policy_.targets.at(claim.account.target).classes)
    if (type.purpose == claim.purpose && account.account_class.empty()) account.account_class = type.name;
  for (const auto& [id, name] : world_.names)
    if (name.target == claim.account.target && resolved(name.identity) == resolved(claim.identity))
      account.name = name.name;
  const model::Decision* decided = account_decision(claim.account);
  account.enabled = decided == nullptr || decided->kind != model::DecisionKind::kDisabled;
  return assumed;
}

std::vector<model::Grant> Picture::assumed_grants(const model::AccountRef& ref) const {
  std::vector<model::Grant> grants;
  for (const model::Decision* decision : grant_decisions(ref))
    if (decision->kind != model::DecisionKind::kHeld)
      grants.push_back({model::Holder{ref.id, {}}, decision->entitlement, decision->parameters});
  std::sort(grants.begin(), grants.end());
  return grants;
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
    HeldAccount held{claim->account, claim, nullptr, "", claim->account.id.str()};
    if (target.observed != nullptr)
      held.account = target.find_account(claim->account.id);
    else if (const auto it = assumed_.find(claim->account); it != assumed_.end())
      held.account = &it->second.account;
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
    const auto given = grant_decisions(held.ref);
    const bool gave = std::any_of(given.begin(), given.end(), [](const model::Decision* decision) {
      return decision->kind == model::DecisionKind::kGranted;
    });
    const model::Decision* decided = account_decision(held.ref);
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

std::span<const model::Grant> Picture::grants_of(const model::AccountRef& ref) const {
  const TargetPicture& target = targets_.at(ref.target);
  if (target.observed != nullptr) return target.grants_of(ref.id);
  const auto it = assumed_.find(ref);
  return it == assumed_.end() ? std::span<const model::Grant>() : it->second.grants;
}

const Picture::Decided* Picture::decided(const model::AccountRef& ref) const {
  const auto it = decided_.find(ref);
  return it == decided_.end() ? nullptr : &it->second;
}

const model::Decision* Picture::account_decision(const model::AccountRef& ref) const {
  const Decided* about = decided(ref);
  return about == nullptr ? nullptr : about->account;
}

const model::Decision* Picture::decision(const model::AccountRef& ref, const model::EntitlementId& entitlement,
                                         const model::Parameters& parameters) const {
  const policy::EntitlementDoc* doc = nullptr;
  const model::Decision* similar = nullptr;
  for (const model::Decision* decision : grant_decisions(ref)) {
    if (decision->entitlement != entitlement) continue;
    if (decision->parameters == parameters) return decision;
    if (similar != nullptr) continue;
    if (doc == nullptr) doc = targets_.at(ref.target).doc->entitlement(entitlement);
    if (right_of(doc, decision->parameters) == right_of(doc, parameters)) similar = decision;
  }
  return similar;
}

std::span<const model::Decision* const> Picture::grant_decisions(const model::AccountRef& ref) const {
  const Decided* about = decided(ref);
  if (about == nullptr) return {};
  return {grant_decisions_.data() + about->begin, grant_decisions_.data() + about->end};
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
