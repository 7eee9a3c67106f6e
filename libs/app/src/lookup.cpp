#include "people.hpp"
#include "world.hpp"

#include <algorithm>
#include <map>

#include <tenure/app/lookup.hpp>
#include <tenure/base/text.hpp>
#include <tenure/policy/lifecycle.hpp>

namespace tenure::app {
namespace {

struct Resource {
  model::TargetName target;
  model::EntitlementId entitlement;
};

// "directory:build-admins"; the entitlement must have been read or be in the catalogue.
Result<Resource> resource_of(const policy::PolicySet& policy, const plan::Setting& setting, const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos)
    return fail(Reason::kUsage, "\"" + text + "\": name a resource as TARGET:ENTITLEMENT");
  Resource resource{model::TargetName(text.substr(0, colon)), model::EntitlementId(text.substr(colon + 1))};
  const auto target = policy.targets.find(resource.target);
  if (target == policy.targets.end()) {
    std::vector<std::string> names;
    for (const auto& [name, doc] : policy.targets) names.push_back(name.str());
    const std::string near = nearest(resource.target.str(), names);
    return fail(Reason::kNotFound,
                "there is no target " + resource.target.str() + (near.empty() ? "" : "; did you mean " + near + "?"));
  }
  std::vector<std::string> known;
  for (const auto& entitlement : target->second.entitlements) known.push_back(entitlement.id.str());
  const auto& view = setting.targets.at(resource.target);
  if (view.observed)
    for (const auto& entitlement : view.observed->entitlements) known.push_back(entitlement.id.str());
  for (const auto& id : known)
    if (id == resource.entitlement.str()) return resource;
  const std::string near = nearest(resource.entitlement.str(), known);
  return fail(Reason::kNotFound, "the target " + resource.target.str() + " has no entitlement " +
                                     resource.entitlement.str() + (near.empty() ? "" : "; did you mean " + near + "?"));
}

std::string date_or_never(Time time) {
  return time == Time::never() ? "no end" : "until " + time.to_date();
}

// The shortest reason for one direct grant. The planner's memory says it: what a rule gave is kGranted.
HeldGrant held_grant(const std::vector<model::Decision>& decisions, const policy::TargetDoc& target,
                     const model::Grant& grant) {
  HeldGrant held{grant.entitlement.str(), grant.parameters, "", true};
  if (target.scope_of(grant.entitlement) != model::Scope::kManaged &&
      target.scope_of(grant.entitlement) != model::Scope::kAdditive) {
    held.why = "outside the managed scope";
    return held;
  }
  const auto found = std::find_if(decisions.begin(), decisions.end(), [&](const model::Decision& decision) {
    return decision.entitlement == grant.entitlement && decision.parameters == grant.parameters;
  });
  if (found == decisions.end()) {
    held.explained = false;
    held.why = "unexplained";
    return held;
  }
  const model::Decision& decision = *found;
  switch (decision.kind) {
    case model::DecisionKind::kGranted:
      held.why = decision.actor;
      break;
    case model::DecisionKind::kBaseline:
      held.explained = false;
      held.why = "unexplained since " + decision.since.to_date() + ", owner " + decision.owner + " decides " +
                 date_or_never(decision.until);
      break;
    default:
      held.why =
          std::string(model::name_of(decision.kind)) + " by " + decision.actor + ", " + date_or_never(decision.until);
  }
  return held;
}

std::string full_name(const model::Identity& identity) {
  const auto text = [&](const char* attribute) {
    const auto it = identity.facts.find(attribute);
    return it != identity.facts.end() && it->second.value.is_string() ? it->second.value.as_string() : std::string();
  };
  const std::string person = text("given_name") + (text("family_name").empty() ? "" : " " + text("family_name"));
  return person.empty() ? text("name") : person;
}

void add_accounts(const policy::PolicySet& policy, const Everybody& everybody, IdentityView& view) {
  for (const auto& [name, target] : everybody.setting.targets) {
    ++view.targets_total;
    if (!target.observed) {
      view.unknown.push_back(name.str() + ": never read");
    } else if (target.state.unknown_since != Time{}) {
      view.unknown.push_back(name.str() + ": not answered since " + target.state.unknown_since.to_rfc3339());
    } else if (!target.state.unknown_reason.empty()) {
      view.unknown.push_back(name.str() + ": known only in part (" + target.state.unknown_reason + ")");
    } else {
      ++view.targets_known;
    }
    const population::Accounts* accounts = everybody.population.accounts(name);
    if (accounts == nullptr) continue;
    std::map<model::NativeId, population::AccountIndex> by_id;
    for (const auto row : accounts->of_owner(population::People::row(view.identity.id)))
      if (accounts->entry(row).observed) by_id.emplace(accounts->id(row), row);
    for (const auto& [id, row] : by_id) {
      const model::Account account = *accounts->account(row);
      const auto decisions = accounts->decisions(row);
      HeldAccount held{name.str(),
                       account.name,
                       account.account_class,
                       accounts->claim(row)->purpose,
                       account.enabled,
                       account.restriction,
                       {}};
      for (const auto& grant : accounts->grants(row))
        held.grants.push_back(held_grant(decisions, policy.targets.at(name), grant));
      view.accounts.push_back(std::move(held));
    }
  }
}

}  // namespace

Result<IdentityView> show_identity(Workspace& workspace, const std::string& name) {
  TENURE_TRY(const Everybody everybody, load_everybody(workspace));
  TENURE_TRY(const auto row, must_find_identity(everybody.population, name));
  IdentityView view;
  view.identity = everybody.population.people().identity(row);
  view.state = policy::lifecycle_state(workspace.policy(), view.identity, everybody.setting.now);
  add_accounts(workspace.policy(), everybody, view);
  return view;
}

Result<std::vector<IdentityLine>> list_identities(Workspace& workspace, const std::string& state) {
  TENURE_TRY(const Everybody everybody, load_everybody(workspace));
  const population::People& people = everybody.population.people();
  std::vector<IdentityLine> lines;
  people.present().for_each([&](std::size_t index) {
    const auto row = static_cast<population::IdentityIndex>(index);
    const model::Identity identity = people.identity(row);
    const std::string now(model::name_of(policy::lifecycle_state(workspace.policy(), identity, everybody.setting.now)));
    if (!state.empty() && state != now) return;
    std::size_t accounts = 0;
    for (const auto& target : everybody.population.targets())
      accounts += everybody.population.accounts(target)->of_owner(row).size();
    lines.push_back({identity.key, full_name(identity), std::string(model::name_of(identity.kind)), now, accounts});
  });
  return lines;
}

Result<WhoCan> who_can(Workspace& workspace, const std::string& resource) {
  TENURE_TRY(const Everybody everybody, load_everybody(workspace));
  TENURE_TRY(const Resource asked, resource_of(workspace.policy(), everybody.setting, resource));
  TENURE_TRY(auto found, plan::who_can(workspace.policy(), everybody.population, everybody.setting, asked.target,
                                       asked.entitlement));
  const population::People& people = everybody.population.people();
  WhoCan answer{asked.target.str(), asked.entitlement.str(), {}, std::move(found.unknown)};
  for (auto& reach : found.reach) {
    const model::IdentityId id = reach.identity;
    ReachLine line{std::move(reach), "", ""};
    if (id.valid() && people.contains(id)) {
      const model::Identity identity = people.identity(people.row(id));
      line.person = identity.key;
      line.state = model::name_of(policy::lifecycle_state(workspace.policy(), identity, everybody.setting.now));
    }
    answer.lines.push_back(std::move(line));
  }
  return answer;
}

Result<plan::Why> why(Workspace& workspace, const std::string& identity, const std::string& resource) {
  TENURE_TRY(const Everybody everybody, load_everybody(workspace));
  TENURE_TRY(const auto row, must_find_identity(everybody.population, identity));
  TENURE_TRY(const Resource asked, resource_of(workspace.policy(), everybody.setting, resource));
  return plan::why(workspace.policy(), everybody.population, everybody.setting, population::People::id(row),
                   asked.target, asked.entitlement);
}

}  // namespace tenure::app
