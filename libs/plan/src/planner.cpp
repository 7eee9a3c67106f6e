#include "lives.hpp"
#include "making.hpp"

#include <tenure/plan/planner.hpp>

namespace tenure::plan {

PlanRequest PlanRequest::onboard(model::TargetName target) {
  PlanRequest request;
  request.kind = Kind::kOnboard;
  request.target = std::move(target);
  return request;
}

PlanRequest PlanRequest::revert(std::vector<std::string> findings) {
  PlanRequest request;
  request.kind = Kind::kRevert;
  request.findings = std::move(findings);
  return request;
}

Result<PlanResult> make_plan(const policy::PolicySet& policy, const population::Population& population,
                             const Setting& setting, const PlanRequest& request, Workers& workers) {
  return Making(policy, population, setting, request, workers, nullptr).run();
}

Result<PlanResult> make_plan(const policy::PolicySet& policy, const World& world, const PlanRequest& request) {
  const population::Population population = population_of(world);
  const Setting setting = setting_of(world);
  return make_plan(policy, population, setting, request, own_thread());
}

Result<PlanResult> make_plan_by_row(const policy::PolicySet& policy, const World& world, const PlanRequest& request) {
  const population::Population population = population_of(world);
  const Setting setting = setting_of(world);
  return Making(policy, population, setting, request, own_thread(), nullptr).run_by_row(world);
}

Planner::Planner(const policy::PolicySet& policy, const population::Population& population, Workers& workers)
    : policy_(policy), population_(population), workers_(workers), recall_(std::make_unique<Recall>()) {}
Planner::~Planner() = default;

Result<PlanResult> Planner::plan(const Setting& setting, const PlanRequest& request) {
  return Making(policy_, population_, setting, request, workers_, recall_.get()).run();
}

Result<PlanResult> Planner::plan_one(const Setting& setting, model::IdentityId identity) {
  PlanRequest request;
  request.identities = {population_.people().resolved(identity)};
  lines();
  return Making(policy_, population_, setting, request, own_thread(), recall_.get()).run();
}

const LineIndex& Planner::lines() {
  if (!recall_->lines) recall_->lines.emplace(policy_);
  return *recall_->lines;
}

Time Planner::next_change(model::IdentityId identity, Time now) const {
  const population::People& people = population_.people();
  if (!people.contains(identity)) return Time::never();
  return Lives(policy_, people, now).next_change(people.row(identity));
}

Result<Why> Planner::why(const Setting& setting, model::IdentityId identity, const model::TargetName& target,
                         const model::EntitlementId& entitlement) {
  return why_among(policy_, population_, setting, identity, target, entitlement, &lines());
}

Impact Planner::what_if(const policy::PolicySet& edited, Time now) {
  return plan::what_if(policy_, edited, population_, now, workers_);
}

Impact Planner::what_if(const model::Identity& edited, Time now) const {
  const population::People& people = population_.people();
  if (!people.contains(edited.id)) return {};
  return plan::what_if(policy_, people.identity(people.row(edited.id)), edited, now);
}

}  // namespace tenure::plan
