#include "people.hpp"
#include "plan_rows.hpp"
#include "state.hpp"
#include "world.hpp"

#include <algorithm>

#include <tenure/app/approvals.hpp>
#include <tenure/engine/rows.hpp>
#include <tenure/plan/desired.hpp>

namespace tenure::app {
namespace {

using store::Table;

// Who asked for the assignments that changes of the plan follow from.
Result<std::vector<std::string>> requesters_of(Workspace& workspace, const plan::Plan& plan) {
  std::vector<std::string> people;
  TENURE_TRY(const auto snapshot, workspace.store().snapshot());
  for (const auto& change : plan.changes) {
    const std::string id = plan::assignment_of(change.reason.rule);
    if (id.empty() || plan::takes_away(change)) continue;
    TENURE_TRY(const auto row, snapshot->get(Table::kAssignment, id));
    if (!row) continue;
    TENURE_TRY(const auto assignment,
               document_of<model::Assignment>(Table::kAssignment, *row, model::assignment_from_json));
    people.push_back(assignment.asked_by);
  }
  return people;
}

// Everything that decides whether the actor may answer.
Result<governance::Consent> consent_of(Workspace& workspace, const plan::World& world, const StoredPlan& stored,
                                       const std::string& reason) {
  const std::string& actor = workspace.actor().name;
  governance::Consent consent;
  consent.plan = stored.digest;
  consent.person = person_of(world, actor);
  consent.roles = roles_of(workspace.policy(), world, actor);
  // A plan that reconciles facts and targets was asked for by nobody; one that answers a finding was.
  if (stored.plan.purpose.starts_with("drift") || stored.plan.purpose.starts_with("break-glass"))
    consent.requester = person_of(world, stored.circumstances.created_by).id;
  TENURE_TRY(consent.requesters, requesters_of(workspace, stored.plan));
  consent.beneficiaries = beneficiaries_of(world, stored.plan);
  consent.losers = losers_of(world, stored.plan);
  consent.deputy_for = principals_of(workspace.policy(), world, actor, world.now);
  consent.asked_at = stored.circumstances.created_at;
  consent.comment = reason;
  consent.case_id = stored.case_id;
  return consent;
}

Status check_draft(const StoredPlan& stored) {
  if (stored.state == "draft") return {};
  return fail(Reason::kPlanStale, "the plan " + stored.digest.brief() + " was " + stored.state + " already");
}

Result<StoredPlan> keep(Workspace& workspace, StoredPlan stored, store::Batch batch) {
  TENURE_CHECK_OK(workspace.store().commit(batch));
  TENURE_TRY(const auto after, workspace.store().snapshot());
  TENURE_TRY(stored.approvals, load_approvals(*after, stored.digest.str()));
  stored.missing = governance::missing(stored.digest, stored.plan.approvals, stored.approvals, workspace.clock().now());
  return stored;
}

// Nothing of it was admitted to the engine.
Status check_not_begun(store::Snapshot& snapshot, const StoredPlan& stored) {
  TENURE_TRY(const auto runs, load_documents<engine::RunRow>(snapshot, {Table::kRun}, engine::run_row_from_json));
  for (const auto& run : runs)
    if (run.plan == stored.digest && stored.circumstances.created_at <= run.started_at)
      return fail(Reason::kPlanStale, "the run " + run.id + " of the plan " + stored.digest.brief() + " has begun");
  return {};
}

std::string denied_by(const StoredPlan& stored) {
  const auto denials = governance::denials(stored.digest, stored.approvals);
  return denials.empty() ? "" : denials.front()->person + ": " + denials.front()->comment;
}

}  // namespace

Result<StoredPlan> approve_plan(Workspace& workspace, const ApproveRequest& request) {
  TENURE_CHECK_OK(expire_plans(workspace));
  TENURE_TRY(StoredPlan stored, find_plan(workspace, request.digest));
  TENURE_CHECK_OK(check_draft(stored));
  TENURE_TRY(const plan::World world, load_world(workspace));
  TENURE_TRY(auto consent, consent_of(workspace, world, stored, request.reason));
  const bool all = std::find(request.release.begin(), request.release.end(), "all") != request.release.end();
  for (const auto& cause : stored.held())
    if (all || std::find(request.release.begin(), request.release.end(), cause.str()) != request.release.end())
      consent.releases.push_back(cause);
  TENURE_TRY(auto moved, governance::approve(consent, stored.plan.approvals, stored.approvals, world.now));
  store::Batch batch;
  batch.writes.push_back(write_of(moved.row));
  batch.records = std::move(moved.records);
  auto approvals = stored.approvals;
  std::erase_if(approvals, [&](const auto& one) { return governance::row_id(one) == governance::row_id(moved.row); });
  approvals.push_back(moved.row);
  if (governance::satisfied(stored.digest, stored.plan.approvals, approvals, world.now)) {
    evidence::Draft approved = plan_draft(workspace, "plan.approved", stored);
    approved.actor = {evidence::ActorKind::kSystem, "governance"};
    approved.facts = {{"approvals", approvals.size()}};
    batch.records.push_back(std::move(approved));
  }
  if (!consent.releases.empty()) {
    evidence::Draft released = plan_draft(workspace, "guard.released", stored);
    released.actor = consent.person.actor;
    released.mode = evidence::Mode::kRequested;
    released.facts = {{"causes", consent.releases.size()}};
    released.fields = {{"person", workspace.actor().name}, {"reason", request.reason}};
    batch.records.push_back(std::move(released));
  }
  return keep(workspace, std::move(stored), std::move(batch));
}

Result<StoredPlan> deny_plan(Workspace& workspace, const std::string& digest, const std::string& reason) {
  TENURE_CHECK_OK(expire_plans(workspace));
  TENURE_TRY(StoredPlan stored, find_plan(workspace, digest));
  TENURE_CHECK_OK(check_draft(stored));
  {
    TENURE_TRY(const auto snapshot, workspace.store().snapshot());
    TENURE_CHECK_OK(check_not_begun(*snapshot, stored));
  }
  TENURE_TRY(const plan::World world, load_world(workspace));
  TENURE_TRY(const auto consent, consent_of(workspace, world, stored, reason));
  TENURE_TRY(auto moved, governance::deny(consent, stored.plan.approvals, stored.approvals, world.now));
  store::Batch batch;
  batch.writes.push_back(write_of(moved.row));
  batch.records = std::move(moved.records);
  return keep(workspace, std::move(stored), std::move(batch));
}

Result<StoredPlan> withdraw_answer(Workspace& workspace, const std::string& digest, const std::string& reason) {
  TENURE_TRY(StoredPlan stored, find_plan(workspace, digest));
  TENURE_CHECK_OK(check_draft(stored));
  {
    TENURE_TRY(const auto snapshot, workspace.store().snapshot());
    TENURE_CHECK_OK(check_not_begun(*snapshot, stored));
  }
  TENURE_TRY(const plan::World world, load_world(workspace));
  const governance::Person person = person_of(world, workspace.actor().name);
  const auto said = std::find_if(stored.approvals.begin(), stored.approvals.end(),
                                 [&](const auto& one) { return !one.standing && one.person == person.id; });
  if (said == stored.approvals.end())
    return fail(Reason::kApprovalState, workspace.actor().name + " has said nothing to " + stored.digest.brief());
  TENURE_TRY(auto moved, governance::withdraw(*said, person, reason, stored.case_id, world.now));
  store::Batch batch;
  batch.writes.push_back(write_of(moved.row));
  batch.records = std::move(moved.records);
  return keep(workspace, std::move(stored), std::move(batch));
}

Result<std::vector<Digest>> expire_plans(Workspace& workspace) {
  const Time now = workspace.clock().now();
  TENURE_TRY(const auto snapshot, workspace.store().snapshot());
  TENURE_TRY(const auto open, load_questions(*snapshot));
  std::vector<Digest> expired;
  for (const StoredPlan& question : open) {
    const auto over = governance::lapsed(question.digest, question.plan.approvals, question.approvals,
                                         question.circumstances.created_at, now);
    if (!over || !check_not_begun(*snapshot, question)) continue;  // what has begun is carried to its end
    TENURE_TRY(const auto row, snapshot->get(Table::kPlan, question.digest.str()));
    if (!row) continue;
    TENURE_TRY(const StoredPlan stored, load_plan(*snapshot, *row, now));
    evidence::Draft lapsed = plan_draft(workspace, "approval.expired", stored);
    lapsed.actor = {evidence::ActorKind::kSystem, "governance"};
    lapsed.facts = {{"answered", over->answered}, {"at", over->at.to_rfc3339()}};
    lapsed.fields = {{"rule", over->rule}};
    evidence::Draft closed = plan_draft(workspace, "case.closed", stored);
    TENURE_CHECK_OK(workspace.store().commit({{write_of(stored, "expired")}, {std::move(lapsed), std::move(closed)}}));
    expired.push_back(stored.digest);
  }
  return expired;
}

Result<std::vector<Question>> list_questions(Workspace& workspace, bool mine) {
  TENURE_CHECK_OK(expire_plans(workspace));
  const Time now = workspace.clock().now();
  std::vector<Question> questions;
  std::optional<plan::World> world;
  if (mine) {
    TENURE_TRY(world, load_world(workspace));
  }
  TENURE_TRY(const auto snapshot, workspace.store().snapshot());
  TENURE_TRY(const auto open, load_questions(*snapshot));
  for (const StoredPlan& stored : open) {
    std::string why_not;
    std::vector<std::string> answerable;
    if (world) {
      TENURE_TRY(const StoredPlan whole, find_plan(workspace, stored.digest.str()));
      TENURE_TRY(const auto consent, consent_of(workspace, *world, whole, ""));
      const auto tried = governance::approve(consent, whole.plan.approvals, whole.approvals, now);
      if (!tried) why_not = tried.error().message();
      if (tried) answerable = tried->row.rules;
    }
    for (auto& waiting : stored.waiting(now)) {
      Question question{stored.digest,
                        stored.plan.purpose,
                        std::move(waiting),
                        false,
                        why_not,
                        denied_by(stored),
                        stored.circumstances.created_at};
      question.mine = std::find(answerable.begin(), answerable.end(), question.waiting.rule) != answerable.end();
      if (!mine || question.mine) questions.push_back(std::move(question));
    }
  }
  std::stable_sort(questions.begin(), questions.end(),
                   [](const Question& a, const Question& b) { return a.waiting.due() < b.waiting.due(); });
  return questions;
}

}  // namespace tenure::app
