// One change in the emergency lane: its plan is made here, because nothing but a person's word asks for it.
#include "break_glass_rows.hpp"
#include "people.hpp"
#include "plan_rows.hpp"
#include "state.hpp"
#include "world.hpp"

#include <algorithm>

#include <tenure/app/break_glass.hpp>
#include <tenure/base/text.hpp>

namespace tenure::app {
namespace {

using governance::BreakGlass;
using plan::Verb;

struct Found {
  const model::Account* account = nullptr;
  std::vector<model::Grant> grants;
};

// By the target's own id, else by login; in the last reading.
Result<Found> find_account(const plan::World& world, const model::TargetName& target, const std::string& name) {
  const auto view = world.targets.find(target);
  if (view == world.targets.end() || !view->second.observed)
    return fail(Reason::kNotFound, target.str() + " was never read: `tenure target read " + target.str() + "`");
  const model::Observation& observation = *view->second.observed;
  Found found;
  found.account = observation.find_account(model::NativeId(name));
  const std::string lower = ascii_lower(name);
  for (const auto& account : observation.accounts)
    if (found.account == nullptr && ascii_lower(account.name) == lower) found.account = &account;
  if (found.account == nullptr)
    return fail(Reason::kNotFound, "the last reading of " + target.str() + " has no account \"" + name + "\"");
  found.grants = observation.grants_of(found.account->id);
  return found;
}

plan::Change change_on(const plan::World& world, const BreakGlass& glass, const EmergencyChange& request,
                       const model::TargetName& target, const model::Account& account) {
  plan::Change change;
  change.verb = request.verb;
  change.kind = plan::kind_of(request.verb);
  change.lane = plan::Lane::kEmergency;
  change.target = target;
  change.account.id = account.id;
  change.account.name = account.name;
  change.account_class = account.account_class;
  change.purpose = account.purpose;
  if (const auto claim = world.claims.find({target, account.id}); claim != world.claims.end())
    change.identity = claim->second.identity;
  change.reason.rule = "break-glass " + glass.id;
  change.reason.text = request.reason;
  return change;
}

// Of a right with parameters each is taken away.
std::vector<plan::Change> changes_of(const plan::World& world, const policy::TargetDoc& target, const BreakGlass& glass,
                                     const EmergencyChange& request, const Found& found) {
  plan::Change change = change_on(world, glass, request, target.name, *found.account);
  change.prior_present = request.verb != Verb::kEnable && request.verb != Verb::kGrant;
  if (request.verb != Verb::kRevoke && request.verb != Verb::kGrant) return {std::move(change)};
  change.entitlement = model::EntitlementId(request.entitlement);
  change.risk = target.risk_of(change.entitlement);
  std::vector<plan::Change> all;
  for (const model::Grant& grant : found.grants) {
    if (grant.entitlement != change.entitlement || request.verb == Verb::kGrant) continue;
    all.push_back(change);
    all.back().parameters = grant.parameters;
  }
  if (all.empty()) all.push_back(std::move(change));
  return all;
}

Result<StoredPlan> make_plan(Workspace& workspace, const plan::World& world, const BreakGlass& glass,
                             const EmergencyChange& request) {
  const policy::TargetDoc& target = workspace.policy().targets.at(model::TargetName(request.target));
  TENURE_TRY(const Found found, find_account(world, target.name, request.account));
  StoredPlan stored;
  plan::Plan& plan = stored.plan;
  plan.policy = workspace.policy().digest;
  plan.purpose = "break-glass " + glass.id;
  plan.changes = changes_of(world, target, glass, request, found);
  plan::Cause cause;
  cause.kind = "break_glass";
  cause.root = plan.purpose;
  cause.text = request.reason + " (" + glass.ticket + ", " + world.now.to_rfc3339() + ")";
  cause.identity = plan.changes.front().identity;
  cause.id = plan::cause_id(cause);
  plan.causes = {cause};
  for (std::size_t i = 0; i < plan.changes.size(); ++i) {
    plan.changes[i].id = model::ChangeId("emergency-" + std::to_string(i));
    plan.changes[i].cause = cause.id;
  }
  // Without the authority it is a plan as any other: somebody has to agree.
  plan.approvals = {{.rule = plan.purpose, .count = 1, .approvers = {}, .text = "without the break-glass"}};
  TENURE_TRY(auto frozen, plan::freeze(plan));
  stored.digest = frozen.digest;
  stored.bytes = std::move(frozen.bytes);
  stored.case_id = workspace.environment().random.uuid();
  stored.state = "draft";
  stored.circumstances.created_at = world.now;
  stored.circumstances.created_by = workspace.actor().name;
  return stored;
}

Status check_request(const Workspace& workspace, const EmergencyChange& request) {
  if (!workspace.policy().targets.contains(model::TargetName(request.target)))
    return fail(Reason::kNotFound, "the policy has no target \"" + request.target + "\"");
  if (request.reason.empty()) return fail(Reason::kBreakGlassRefused, "a change under a break-glass gives a reason");
  return {};
}

}  // namespace

Result<RunOutcome> change_under_break_glass(Workspace& workspace, const EmergencyChange& request) {
  TENURE_CHECK_OK(check_request(workspace, request));
  TENURE_TRY(const BreakGlass glass, find_break_glass(workspace, request.id));
  TENURE_TRY(const plan::World world, load_world(workspace));
  const auto person = person_of(world, workspace.actor().name);
  const auto authority = governance::authority_of(glass, world.now);
  if (!authority)
    return fail(Reason::kBreakGlassOver,
                glass.id + " is " + std::string(governance::name_of(glass.state)) +
                    (glass.ends_at == Time{} ? "" : ", its term ended at " + glass.ends_at.to_rfc3339()));
  if (person.id != authority->person)
    return fail(Reason::kBreakGlassRefused, glass.id + " is that of " + authority->person);
  if (!authority->targets.contains(model::TargetName(request.target)))
    return fail(Reason::kBreakGlassOver, glass.id + " is not for " + request.target);
  TENURE_TRY(const StoredPlan stored, make_plan(workspace, world, glass, request));
  TENURE_CHECK_OK(governance::covers(*authority, stored.plan, world.now));
  store::Batch batch;
  add_plan(workspace, stored, batch);
  TENURE_CHECK_OK(workspace.store().commit(batch));
  ApplyOptions options = request.options;
  options.digest = stored.digest.str();
  options.authority = authority;
  options.on_admission = [&](const std::string& run) -> Status {
    TENURE_TRY(const BreakGlass now, find_break_glass(workspace, glass.id));
    auto used = governance::use(now, person, run, stored.digest, static_cast<std::int64_t>(stored.plan.changes.size()),
                                workspace.clock().now());
    TENURE_CHECK_OK(workspace.store().commit({{write_of(used.row)}, std::move(used.records)}));
    return {};
  };
  return apply_plan(workspace, options);
}

}  // namespace tenure::app
