#include "onboard.hpp"

#include "assignments.hpp"
#include "correlate.hpp"
#include "reconcile.hpp"

#include <algorithm>

#include <tenure/plan/allocate.hpp>
#include <tenure/plan/desired.hpp>
#include <tenure/policy/evaluate.hpp>
#include <tenure/policy/lifecycle.hpp>

namespace tenure::plan {
namespace {

Cause onboarding_cause(const model::TargetName& target) {
  Cause cause{{}, "onboarding", "onboard " + target.str(), target.str() + " comes under management", {}};
  cause.id = cause_id(cause);
  return cause;
}

}  // namespace

Onboarding::Onboarding(Draft& draft, const model::TargetName& target)
    : draft_(draft),
      target_(draft.picture().target(target)),
      cause_(onboarding_cause(target)),
      names_(draft.picture()) {}

void Onboarding::run() {
  for (const auto& type : target_.doc->classes)
    if (type.scope != model::Scope::kIgnored) claim_class(type);
  for (auto& [id, accounts] : accounts_) explain(id, accounts);
  explain_unclaimed();
  finish();
}

// Classes in the order of the document: the names that one allocates may be what the next is correlated by.
void Onboarding::claim_class(const policy::AccountClassDoc& type) {
  const Correlator correlator(draft_.picture(), type, names_);
  for (const model::Account& account : target_.observed->accounts) {
    if (account.account_class != type.name) continue;
    const HeldAccount held = draft_.picture().held(target_, account);
    if (held.claim != nullptr) {
      accounts_[draft_.picture().resolved(held.claim->identity)].push_back({held, {}, 0});
      continue;
    }
    const Match match = correlator.match(account);
    if (!match.identity.valid()) {
      if (match.candidates > 1 && type.scope <= model::Scope::kAdditive)
        draft_.find(model::FindingKind::kAmbiguous, held.ref, {}, "", {},
                    "account " + account.name + " in " + target_.doc->name.str() + " fits " +
                        std::to_string(match.candidates) + " identities by " + match.rule->text +
                        "; it was not guessed",
                    type.owner.empty() ? target_.doc->owner : type.owner);
      unclaimed_.push_back(held);
      continue;
    }
    Change change = change_on(target_, held, match.identity, Verb::kClaim, Lane::kReconcile);
    change.purpose = type.purpose;
    change.reason.rule = "correlate " + target_.doc->name.str() + "." + type.name;
    change.reason.text = "correlated by " + match.rule->text;
    change.reason.facts = {{match.rule->account_attribute, match.value}};
    change.names = names_.borne_by(target_.doc->name, account);
    change.names.try_emplace(login_attribute(draft_.picture().policy(), target_.doc->name, type.name), account.name);
    const std::size_t index = draft_.plan().changes.size();
    accounts_[match.identity].push_back({held, draft_.add(std::move(change), cause_), index});
    names_.add_account(match.identity, target_.doc->name, account);
  }
}

void Onboarding::explain(model::IdentityId id, std::vector<Claimed>& accounts) {
  const Picture& picture = draft_.picture();
  const auto found = picture.world().identities.find(id);
  if (found == picture.world().identities.end()) return;
  const model::Identity& identity = found->second;
  const policy::Subject rules(picture.policy(), identity, names_.of(id));
  const auto assignments = holding(picture.world(), id);
  const Desired desired =
      desired_of(picture.policy(), rules, id, policy::lifecycle_state(picture.policy(), identity, picture.world().now),
                 std::nullopt, assignments);
  // The same choice of the account that rules mean as in every later plan: enabled ones first, then by id.
  std::sort(accounts.begin(), accounts.end(), [](const Claimed& a, const Claimed& b) {
    return std::tuple(!a.held.account->enabled, std::cref(a.held.ref)) <
           std::tuple(!b.held.account->enabled, std::cref(b.held.ref));
  });
  std::set<std::string> seen;
  for (const Claimed& claimed : accounts) {
    const bool first = seen.insert(claimed.held.account_class).second;
    const DesiredAccount* wanted = first ? desired.account(target_.doc->name, claimed.held.account_class) : nullptr;
    if (first && !claimed.claim.empty()) {
      // What a rule explains about the account itself; it also marks the account that rules mean.
      const model::Account& account = *claimed.held.account;
      const bool ended = !account.enabled && target_.looks_like_ours(account) &&
                         desired.account_state == model::AccountState::kDisabled;
      auto& attributes = draft_.plan().changes[claimed.index].attributes;
      if (account.enabled && wanted != nullptr) attributes.emplace("state", "enabled");
      if (ended) attributes.emplace("state", "disabled");
    }
    for (const GrantView& grant : picture.grants_of(claimed.held)) {
      if (target_.scope(claimed.held.account_class, grant.entitlement) != model::Scope::kManaged) continue;
      const DesiredGrant* reason = nullptr;
      if (wanted != nullptr)
        for (const DesiredGrant& one : wanted->grants)
          if (one.entitlement() == grant.entitlement && one.parameters() == grant.parameters) reason = &one;
      if (reason == nullptr) {
        baseline(claimed.held, grant, id, !desired.ended());
        continue;
      }
      Change change =
          grant_change(target_, claimed.held, id, Verb::kAdopt, Lane::kReconcile, grant.entitlement, grant.parameters);
      change.prior_present = true;
      change.reason = desired.reason(rules, reason->because);
      if (!claimed.claim.empty()) change.needs = {claimed.claim};
      draft_.add(std::move(change), cause_);
    }
  }
}

void Onboarding::explain_unclaimed() {
  for (const HeldAccount& held : unclaimed_) {
    const auto& type = *target_.doc->account_class(held.account_class);
    unclaimed_names_[login_attribute(draft_.picture().policy(), target_.doc->name, type.name)].emplace_back(held.name);
    if (type.scope > model::Scope::kAdditive) continue;
    const bool shared = held.account->purpose == model::Purpose::kShared && !type.owner.empty();
    if (!shared)
      draft_.find(model::FindingKind::kOrphan, held.ref, {}, "", {},
                  "account " + held.name + " in " + target_.doc->name.str() + " belongs to nobody",
                  type.owner.empty() ? target_.doc->owner : type.owner);
    for (const GrantView& grant : draft_.picture().grants_of(held))
      if (target_.scope(type.name, grant.entitlement) == model::Scope::kManaged) baseline(held, grant, {}, shared);
  }
}

void Onboarding::baseline(const HeldAccount& held, const GrantView& grant, model::IdentityId identity, bool find) {
  const std::string owner = owner_of(target_, grant.entitlement);
  json::Object entry{{"account", held.ref.id.str()}, {"entitlement", grant.entitlement.str()}, {"owner", owner}};
  if (!grant.parameters.empty()) entry.emplace("parameters", grant.parameters);
  baseline_.push_back(std::move(entry));
  if (find)
    find_unexplained(draft_, target_, held, grant, identity, owner,
                     draft_.picture().world().now + target_.doc->baseline_deadline);
}

void Onboarding::finish() {
  const auto less = [](const json::Value& a, const json::Value& b) {
    const auto key = [](const json::Value& value) {
      return std::tuple(value.string_or("account", ""), value.string_or("entitlement", ""),
                        value.string_or("parameters", ""));
    };
    return key(a) < key(b);
  };
  std::sort(baseline_.begin(), baseline_.end(), less);
  Change change;
  change.verb = Verb::kOnboard;
  change.lane = Lane::kReconcile;
  change.target = target_.doc->name;
  change.reason.rule = "onboard " + target_.doc->name.str();
  change.reason.text =
      std::to_string(baseline_.size()) + " grants have no reason yet; they stay, with owners and a deadline";
  change.attributes["baseline"] = std::move(baseline_);
  change.attributes["baseline_deadline"] = target_.doc->baseline_deadline.to_string();
  if (!unclaimed_names_.empty()) {
    json::Object names;
    for (auto& [attribute, list] : unclaimed_names_) {
      std::sort(list.begin(), list.end(),
                [](const json::Value& a, const json::Value& b) { return a.as_string() < b.as_string(); });
      names.emplace(attribute, std::move(list));
    }
    change.attributes["unclaimed_names"] = std::move(names);
  }
  draft_.add(std::move(change), cause_);
}

}  // namespace tenure::plan
