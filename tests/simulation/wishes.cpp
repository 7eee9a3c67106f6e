// Planning in the simulator: a wish list against what is really there. Small on purpose: the real planner has its own
// tests.
#include "world.hpp"

#include <tenure/engine/step.hpp>
#include <tenure/plan/plan.hpp>

namespace tenure::simulation {
namespace {

using plan::Verb;

plan::Change& add(std::vector<plan::Change>& changes, Verb verb, const model::TargetName& target,
                  plan::AccountOf account) {
  plan::Change& change = changes.emplace_back();
  change.id = model::ChangeId("new-" + std::to_string(changes.size()));
  change.verb = verb;
  change.kind = verb == Verb::kGrant || verb == Verb::kRevoke ? plan::ChangeKind::kGrant
                : verb == Verb::kEndSessions                  ? plan::ChangeKind::kSession
                                                              : plan::ChangeKind::kAccount;
  const bool takes =
      verb == Verb::kRevoke || verb == Verb::kDisable || verb == Verb::kDelete || verb == Verb::kEndSessions;
  change.lane = takes ? plan::Lane::kRevoke : plan::Lane::kGrant;
  change.prior_present = takes;
  change.target = target;
  change.account = std::move(account);
  change.account_class = "people";
  change.identity = model::IdentityId(1);
  change.reason = {.rule = "wish", .text = "a wish"};
  return change;
}

}  // namespace

void World::change_wishes() {
  for (auto& [account, wanted] : wanted_) {
    if (!random_.chance(1, 2)) continue;
    const model::EntitlementId entitlement(kEntitlements.at(random_.below(kEntitlements.size())));
    switch (random_.below(6)) {
      case 0:
        wanted.enabled = !wanted.enabled;
        break;
      case 1:
        if (random_.chance(1, 4)) wanted.present = false;
        break;
      default:
        if (!wanted.entitlements.erase(entitlement)) wanted.entitlements.insert(entitlement);
        break;
    }
  }
  if (random_.chance(1, 2)) {
    auto it = targets_.begin();
    std::advance(it, static_cast<std::ptrdiff_t>(random_.below(targets_.size())));
    creating_[{it->first, "n" + std::to_string(++it->second.created)}] = {
        model::EntitlementId(kEntitlements.at(random_.below(kEntitlements.size())))};
  }
}

bool World::under_way(const model::AccountRef& account, Verb verb, const model::EntitlementId& entitlement) const {
  for (const auto& [id, change] : state_.changes)
    if (change.row.change.target == account.target && change.row.account == account.id &&
        change.row.change.verb == verb && change.row.change.entitlement == entitlement)
      return true;
  return false;
}

void World::wish_for_new(std::vector<plan::Change>& changes) {
  for (auto it = creating_.begin(); it != creating_.end();) {
    const auto& [target, name] = it->first;
    const auto made = targets_.at(target).fake->by_name("people", name);
    bool busy_with_it = false;
    for (const auto& [id, change] : state_.changes)
      busy_with_it = busy_with_it || (change.row.change.target == target && change.row.change.account.name == name);
    if (made && !busy_with_it) {
      wanted_[{target, made->account.id}].entitlements = it->second;
      targets_.at(target).accounts.push_back(made->account.id);
      it = creating_.erase(it);
      continue;
    }
    if (!made && !busy_with_it) {
      plan::Change& create = add(changes, Verb::kCreate, target, {.name = name});
      create.attributes = {{"mail", name + "@nordhaven.example"}};
      const model::ChangeId producer = create.id;
      for (const model::EntitlementId& entitlement : it->second) {
        plan::Change& grant = add(changes, Verb::kGrant, target, {.producer = producer, .name = name});
        grant.entitlement = entitlement;
        grant.needs = {producer};
      }
    }
    ++it;
  }
}

void World::wish_away(const model::AccountRef& account, bool enabled, std::vector<plan::Change>& changes) {
  const auto is = [&](Verb verb) { return under_way(account, verb, {}); };
  if (is(Verb::kDelete) || is(Verb::kDisable)) return;
  const plan::AccountOf who{.id = account.id, .name = account.id.str()};
  const engine::TargetProfile& profile = targets_.at(account.target).profile;
  std::vector<model::ChangeId> needs;
  if (enabled || is(Verb::kEnable)) needs.push_back(add(changes, Verb::kDisable, account.target, who).id);
  if (profile.ends_sessions && !profile.manual && !is(Verb::kEndSessions)) {
    plan::Change& sessions = add(changes, Verb::kEndSessions, account.target, who);
    sessions.needs = needs;
    needs.push_back(sessions.id);
  }
  add(changes, Verb::kDelete, account.target, who).needs = needs;
}

// What is under way counts as done for what gives access, so that a change of mind overtakes it; nothing is planned
// twice.
void World::wish_for(const model::AccountRef& account, const Wanted& wanted, const model::AccountImage& image,
                     std::vector<plan::Change>& changes) {
  const plan::AccountOf who{.id = account.id, .name = account.id.str()};
  const auto is = [&](Verb verb) { return under_way(account, verb, {}); };
  const bool enabled = image.account.enabled || is(Verb::kEnable);
  if (enabled && !wanted.enabled && !is(Verb::kDisable)) add(changes, Verb::kDisable, account.target, who);
  if (!enabled && wanted.enabled && !is(Verb::kDisable)) add(changes, Verb::kEnable, account.target, who);
  for (const char* name : kEntitlements) {
    const model::EntitlementId entitlement(name);
    bool held = under_way(account, Verb::kGrant, entitlement);
    for (const model::Grant& grant : image.grants) held = held || grant.entitlement == entitlement;
    if (under_way(account, Verb::kRevoke, entitlement) || held == wanted.entitlements.contains(entitlement)) continue;
    add(changes, held ? Verb::kRevoke : Verb::kGrant, account.target, who).entitlement = entitlement;
  }
}

std::vector<plan::Change> World::difference() {
  std::vector<plan::Change> changes;
  wish_for_new(changes);
  for (auto& [account, wanted] : wanted_) {
    const auto image = targets_.at(account.target).fake->image(account.id);
    if (!image)
      wanted.present = false;
    else if (!wanted.present)
      wish_away(account, image->account.enabled, changes);
    else
      wish_for(account, wanted, *image, changes);
  }
  return changes;
}

void World::plan_and_admit(bool unapproved) {
  if (!up_) return;
  plan::Plan plan;
  plan.changes = difference();
  if (plan.changes.empty()) return;
  plan.policy = Digest::of("policy");
  plan.purpose = "reconcile";
  plan::Cause cause{.kind = "request", .root = "simulation", .text = "wish " + std::to_string(++plans_)};
  cause.identity = model::IdentityId(1);
  cause.id = plan::cause_id(cause);
  for (plan::Change& change : plan.changes) change.cause = cause.id;
  plan.causes = {cause};
  plan.approvals = {{.rule = "wish", .count = 1, .text = "one person"}};
  const auto frozen = plan::freeze(plan);
  if (!frozen) {
    oracles_.fail("plan", frozen.error().to_string());
    return;
  }
  std::set<model::ChangeId> ids;
  for (const plan::Change& change : plan.changes) ids.insert(change.id);
  engine::Admit admission{.run = "run-" + std::to_string(plans_), .digest = frozen->digest, .bytes = frozen->bytes};
  if (unapproved) {
    oracles_.unapproved(ids);
  } else {
    oracles_.approved(ids);
    admission.approvals = {{.plan = frozen->digest, .person = "ana", .rules = {"wish"}}};
  }
  note("plan " + std::to_string(ids.size()));
  input(admission);
}

}  // namespace tenure::simulation
