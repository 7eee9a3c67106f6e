#include "people.hpp"
#include "plan_rows.hpp"
#include "world.hpp"

#include <tenure/app/plans.hpp>
#include <tenure/evidence/event_type.hpp>
#include <tenure/policy/lifecycle.hpp>

namespace tenure::app {
namespace {

using store::Table;

StoredPlan part_of(Workspace& workspace, const StoredPlan& whole, const plan::Part& part, Time now) {
  StoredPlan stored;
  stored.digest = part.frozen.digest;
  stored.bytes = part.frozen.bytes;
  stored.plan = part.plan;
  stored.case_id = workspace.environment().random.uuid();
  stored.state = "draft";
  stored.circumstances = whole.circumstances;  // of the world that it was made on
  stored.circumstances.created_at = now;
  stored.headcount = whole.headcount;
  stored.released = whole.released;
  // Who asked for the whole asked for the part: nobody approves own requests by splitting them.
  stored.circumstances.created_by = whole.circumstances.created_by;
  return stored;
}

void record_split(Workspace& workspace, const SplitPlanRequest& request, const governance::Person& person,
                  const SplitOutcome& outcome, store::Batch& batch) {
  evidence::Draft split = plan_draft(workspace, evidence::event::kPlanSplit.data(), outcome.whole);
  split.actor = person.actor;
  split.mode = evidence::Mode::kRequested;
  for (const StoredPart& part : outcome.parts) split.refs.push_back(part.stored.digest.str());
  split.facts = {{"parts", outcome.parts.size()}};
  split.fields = {{"person", workspace.actor().name}};
  batch.records.push_back(std::move(split));
  if (request.discard_reason.empty()) return;
  evidence::Draft rejected = plan_draft(workspace, evidence::event::kPlanRejected.data(), outcome.whole);
  rejected.actor = person.actor;
  rejected.mode = evidence::Mode::kRequested;
  rejected.fields = {{"person", workspace.actor().name}, {"reason", request.discard_reason}};
  batch.records.push_back(std::move(rejected));
  batch.writes.push_back(write_of(outcome.whole, "discarded"));
}

}  // namespace

Result<SplitOutcome> split_plan(Workspace& workspace, const SplitPlanRequest& request) {
  SplitOutcome outcome;
  TENURE_TRY(outcome.whole, find_plan(workspace, request.digest));
  if (outcome.whole.state != "draft")
    return fail(Reason::kPlanStale,
                "the plan " + outcome.whole.digest.brief() + " was " + outcome.whole.state + " already");
  TENURE_TRY(const auto snapshot, workspace.store().snapshot());
  TENURE_TRY(const plan::World world, load_world(workspace));
  const auto state = [&](model::IdentityId id) -> std::optional<model::LifecycleState> {
    const auto found = world.identities.find(id);
    if (found == world.identities.end()) return std::nullopt;
    return policy::lifecycle_state(workspace.policy(), found->second, world.now);
  };
  TENURE_TRY(const auto parts, plan::split(workspace.policy(), state, outcome.whole.plan, request.how));
  store::Batch batch;
  for (const plan::Part& part : parts) {
    StoredPart one{part_of(workspace, outcome.whole, part, world.now), part.key, part.pulled, false};
    TENURE_TRY(const auto known, snapshot->get(Table::kPlan, one.stored.digest.str()));
    one.known = known && known->index.state == "draft";
    if (one.known) {
      TENURE_TRY(one.stored, load_plan(*snapshot, *known, workspace.clock().now()));
    } else {
      if (known) TENURE_CHECK_OK(forget_approvals(*snapshot, known->id, batch));
      add_plan(workspace, one.stored, batch);
    }
    outcome.parts.push_back(std::move(one));
  }
  record_split(workspace, request, person_of(world, workspace.actor().name), outcome, batch);
  TENURE_CHECK_OK(workspace.store().commit(batch));
  if (!request.discard_reason.empty()) outcome.whole.state = "discarded";
  TENURE_TRY(const auto after, workspace.store().snapshot());
  for (StoredPart& part : outcome.parts) {
    TENURE_TRY(part.stored.approvals, load_approvals(*after, part.stored.digest.str()));
    part.stored.missing = governance::missing(part.stored.digest, part.stored.plan.approvals, part.stored.approvals,
                                              workspace.clock().now());
  }
  return outcome;
}

}  // namespace tenure::app
