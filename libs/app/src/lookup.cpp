#include "people.hpp"
#include "world.hpp"

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
Result<Resource> resource_of(const policy::PolicySet& policy, const plan::World& world, const std::string& text) {
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
  const auto& view = world.targets.at(resource.target);
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
HeldGrant held_grant(const plan::World& world, const policy::TargetDoc& target, const model::AccountRef& account,
                     const model::Grant& grant) {
  HeldGrant held{grant.entitlement.str(), grant.parameters, "", true};
  if (target.scope_of(grant.entitlement) != model::Scope::kManaged &&
      target.scope_of(grant.entitlement) != model::Scope::kAdditive) {
    held.why = "outside the managed scope";
    return held;
  }
  model::Decision key;
  key.account = account;
  key.entitlement = grant.entitlement;
  key.parameters = grant.parameters;
  const auto found = world.decisions.find(model::row_id(key));
  if (found == world.decisions.end()) {
    held.explained = false;
    held.why = "unexplained";
    return held;
  }
  const model::Decision& decision = found->second;
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

void add_accounts(const policy::PolicySet& policy, const plan::World& world, IdentityView& view) {
  for (const auto& [name, target] : world.targets) {
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
    if (!target.observed) continue;
    for (const auto& account : target.observed->accounts) {
      const model::AccountRef ref{name, account.id};
      const auto claim = world.claims.find(ref);
      if (claim == world.claims.end() || claim->second.identity != view.identity.id) continue;
      HeldAccount held{
          name.str(), account.name, account.account_class, claim->second.purpose, account.enabled, account.restriction,
          {}};
      for (const auto& grant : target.observed->grants_of(account.id))
        held.grants.push_back(held_grant(world, policy.targets.at(name), ref, grant));
      view.accounts.push_back(std::move(held));
    }
  }
}

}  // namespace

Result<IdentityView> show_identity(Workspace& workspace, const std::string& name) {
  TENURE_TRY(const plan::World world, load_world(workspace));
  TENURE_TRY(const auto* identity, must_find_identity(world, name));
  IdentityView view;
  view.identity = *identity;
  view.state = policy::lifecycle_state(workspace.policy(), *identity, world.now);
  add_accounts(workspace.policy(), world, view);
  return view;
}

Result<std::vector<IdentityLine>> list_identities(Workspace& workspace, const std::string& state) {
  TENURE_TRY(const plan::World world, load_world(workspace));
  std::map<model::IdentityId, std::size_t> accounts;
  for (const auto& [ref, claim] : world.claims) ++accounts[claim.identity];
  std::vector<IdentityLine> lines;
  for (const auto& [id, identity] : world.identities) {
    const std::string now(model::name_of(policy::lifecycle_state(workspace.policy(), identity, world.now)));
    if (!state.empty() && state != now) continue;
    lines.push_back({identity.key, full_name(identity), std::string(model::name_of(identity.kind)), now, accounts[id]});
  }
  return lines;
}

Result<WhoCan> who_can(Workspace& workspace, const std::string& resource) {
  TENURE_TRY(const plan::World world, load_world(workspace));
  TENURE_TRY(const Resource asked, resource_of(workspace.policy(), world, resource));
  TENURE_TRY(auto found, plan::who_can(world, workspace.policy(), asked.target, asked.entitlement));
  WhoCan answer{asked.target.str(), asked.entitlement.str(), {}, std::move(found.unknown)};
  for (auto& reach : found.reach) {
    const auto identity = world.identities.find(reach.identity);
    ReachLine line{std::move(reach), "", ""};
    if (identity != world.identities.end()) {
      line.person = identity->second.key;
      line.state = model::name_of(policy::lifecycle_state(workspace.policy(), identity->second, world.now));
    }
    answer.lines.push_back(std::move(line));
  }
  return answer;
}

Result<plan::Why> why(Workspace& workspace, const std::string& identity, const std::string& resource) {
  TENURE_TRY(const plan::World world, load_world(workspace));
  TENURE_TRY(const auto* person, must_find_identity(world, identity));
  TENURE_TRY(const Resource asked, resource_of(workspace.policy(), world, resource));
  return plan::why(workspace.policy(), world, person->id, asked.target, asked.entitlement);
}

}  // namespace tenure::app
