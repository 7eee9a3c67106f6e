#include "picture.hpp"

#include "parameters.hpp"

#include <algorithm>

namespace tenure::plan {
namespace {

// No entitlement has these names: they stand for the account itself.
const std::string kState("\1state"), kUpdate("\1update");

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

Picture::Picture(const policy::PolicySet& policy, const World& world) : policy_(policy), world_(world) {
  for (const auto& [ref, claim] : world.claims) claims_[resolved(claim.identity)].push_back(&claim);
  for (const auto& [id, decision] : world.decisions) decisions_[decision.account].push_back(&decision);
  for (const auto& [name, doc] : policy.targets) index_target(doc);
  for (const auto& [ref, claim] : world.claims)
    if (const auto it = targets_.find(ref.target); it != targets_.end() && it->second.observed == nullptr)
      assumed_.emplace(ref, assumed_account(claim));
  for (const InFlight& change : world.in_flight) {
    const auto verb = verb_from(change.verb);
    if (!verb) continue;
    if (*verb == Verb::kCreate) flying_creates_.emplace(resolved(change.identity), change.account.target);
    switch (kind_of(*verb)) {
      case ChangeKind::kAccount:
        flying_.emplace(change.account, kState);
        break;
      case ChangeKind::kAttribute:
        flying_.emplace(change.account, kUpdate);
        break;
      case ChangeKind::kGrant:
        flying_.emplace(change.account, change.entitlement.str());
        break;
      default:
        break;
    }
  }
}

void Picture::index_target(const policy::TargetDoc& doc) {
  TargetPicture picture;
  picture.doc = &doc;
  if (const auto it = world_.targets.find(doc.name); it != world_.targets.end()) {
    picture.view = &it->second;
    picture.managed = it->second.state.managed;
    if (it->second.observed) picture.observed = &*it->second.observed;
    picture.answers = picture.observed != nullptr && it->second.state.unknown_since == Time{};
  }
  targets_.emplace(doc.name, picture);
}

const model::Account* Picture::assumed_account(const model::Claim& claim) {
  model::Account account;
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
  return &assumed_accounts_.emplace_back(std::move(account));
}

model::IdentityId Picture::resolved(model::IdentityId id) const {
  for (int step = 0; step < 16; ++step) {  // a merge of a merge; a circle would be a defect elsewhere
    const auto it = world_.identities.find(id);
    if (it == world_.identities.end() || !it->second.alias_of.valid()) return id;
    id = it->second.alias_of;
  }
  return id;
}

const std::vector<const model::Claim*>& Picture::claims_of(model::IdentityId identity) const {
  static const std::vector<const model::Claim*> kNone;
  const auto it = claims_.find(identity);
  return it == claims_.end() ? kNone : it->second;
}

std::vector<HeldAccount> Picture::accounts_of(model::IdentityId identity, const model::TargetName& name) const {
  std::vector<HeldAccount> accounts;
  const TargetPicture& target = targets_.at(name);
  for (const model::Claim* claim : claims_of(identity)) {
    if (claim->account.target != name) continue;
    HeldAccount held{claim->account, claim, nullptr, "", claim->account.id.str()};
    if (target.observed != nullptr)
      held.account = target.observed->find_account(claim->account.id);
    else if (const auto it = assumed_.find(claim->account); it != assumed_.end())
      held.account = it->second;
    if (held.account != nullptr) {
      held.account_class = held.account->account_class;
      held.name = held.account->name;
    } else {
      for (const auto& type : target.doc->classes)
        if (type.purpose == claim->purpose && held.account_class.empty()) held.account_class = type.name;
    }
    accounts.push_back(std::move(held));
  }
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

std::vector<model::Grant> Picture::grants_of(const model::AccountRef& ref) const {
  const TargetPicture& target = targets_.at(ref.target);
  if (target.observed != nullptr) return target.observed->grants_of(ref.id);
  std::vector<model::Grant> grants;
  for (const model::Decision* decision : grant_decisions(ref))
    if (decision->kind != model::DecisionKind::kHeld)
      grants.push_back({model::Holder{ref.id, {}}, decision->entitlement, decision->parameters});
  std::sort(grants.begin(), grants.end());
  return grants;
}

const model::Decision* Picture::account_decision(const model::AccountRef& ref) const {
  const auto it = decisions_.find(ref);
  if (it == decisions_.end()) return nullptr;
  for (const model::Decision* decision : it->second)
    if (decision->entitlement.empty()) return decision;
  return nullptr;
}

const model::Decision* Picture::decision(const model::AccountRef& ref, const model::EntitlementId& entitlement,
                                         const model::Parameters& parameters) const {
  const auto it = decisions_.find(ref);
  if (it == decisions_.end()) return nullptr;
  const policy::EntitlementDoc* doc = targets_.at(ref.target).doc->entitlement(entitlement);
  const model::Decision* similar = nullptr;
  for (const model::Decision* decision : it->second) {
    if (decision->entitlement != entitlement) continue;
    if (decision->parameters == parameters) return decision;
    if (similar == nullptr && right_of(doc, decision->parameters) == right_of(doc, parameters)) similar = decision;
  }
  return similar;
}

std::vector<const model::Decision*> Picture::grant_decisions(const model::AccountRef& ref) const {
  std::vector<const model::Decision*> result;
  if (const auto it = decisions_.find(ref); it != decisions_.end())
    for (const model::Decision* decision : it->second)
      if (!decision->entitlement.empty()) result.push_back(decision);
  return result;
}

bool Picture::grant_in_flight(const model::AccountRef& ref, const model::EntitlementId& entitlement) const {
  return flying_.contains({ref, entitlement.str()});
}
bool Picture::state_in_flight(const model::AccountRef& ref) const {
  return flying_.contains({ref, kState});
}
bool Picture::update_in_flight(const model::AccountRef& ref) const {
  return flying_.contains({ref, kUpdate});
}
bool Picture::create_in_flight(model::IdentityId identity, const model::TargetName& target) const {
  return flying_creates_.contains({identity, target});
}

}  // namespace tenure::plan
