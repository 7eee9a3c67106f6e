#include "people.hpp"
#include "plan_rows.hpp"
#include "plan_verdict.hpp"
#include "state.hpp"
#include "world.hpp"

#include <algorithm>

#include <tenure/app/approvals.hpp>
#include <tenure/app/plans.hpp>
#include <tenure/governance/assignment.hpp>
#include <tenure/governance/finding.hpp>
#include <tenure/plan/desired.hpp>

namespace tenure::app {
namespace {

using store::Table;

// Rows and records of the findings that a plan opens and closes. They belong to the plan's case.
void add_findings(const plan::Setting& setting, const plan::PlanResult& result, const std::string& case_id, Time now,
                  store::Batch& batch) {
  const auto take = [&](governance::Transition<model::Finding> moved) {
    if (moved.records.empty()) return;
    batch.writes.push_back(write_of(moved.row));
    for (auto& record : moved.records) batch.records.push_back(std::move(record));
  };
  for (const auto& finding : result.findings) {
    const auto stored = setting.findings.find(finding.id);
    take(stored == setting.findings.end() ? governance::open_finding(finding, case_id, now)
                                          : governance::refresh(stored->second, finding, case_id, now));
  }
  for (const auto& [id, answer] : result.findings_to_close) {
    const auto stored = setting.findings.find(id);
    if (stored != setting.findings.end()) take(governance::close_finding(stored->second, answer, case_id, now));
  }
}

// Decisions of people that are due, or have ended by themselves.
void add_moved(const plan::PlanResult& result, const std::string& case_id, Time now, store::Batch& batch) {
  for (const auto& assignment : result.assignments) {
    auto moved = governance::moved(assignment, case_id, now);
    batch.writes.push_back(write_of(moved.row));
    for (auto& record : moved.records) batch.records.push_back(std::move(record));
  }
  for (const auto& decision : result.decisions) {
    batch.writes.push_back(write_of(decision));
    evidence::Draft due;
    due.type = evidence::event::kAssignmentDue;
    due.time = now;
    due.case_id = case_id;
    due.actor = {evidence::ActorKind::kSystem, "planner"};
    due.target.system = decision.account.target.str();
    due.facts = {{"kind", "adoption"}, {"decide_again_by", decision.decide_again_by.to_rfc3339()}};
    due.fields = {{"account", decision.account.id.str()}, {"entitlement", decision.entitlement.str()}};
    batch.records.push_back(std::move(due));
  }
}

// The first plan under a policy set says since when it is the one in force: its changes follow from the policy.
Status add_policy(Workspace& workspace, store::Snapshot& snapshot, const plan::Setting& setting, store::Batch& batch) {
  TENURE_TRY(const auto active, snapshot.get(Table::kMeta, "policy"));
  const std::string& digest = workspace.policy().digest.str();
  if (active) {
    TENURE_TRY(const json::Value value, json::parse(active->body));
    if (value.string_or("digest", "") == digest) return {};
  }
  const json::Value row = json::Object{{"digest", digest}, {"since", setting.now.to_rfc3339()}};
  batch.writes.push_back({Table::kMeta, "policy", store::kAnyVersion, false, {}, json::to_string(row)});
  evidence::Draft activated;
  activated.type = "policy.activated";
  activated.time = setting.now;
  activated.actor = {evidence::ActorKind::kPerson, "operator"};
  activated.policy = workspace.policy().digest;
  activated.fields = {{"person", workspace.actor().name}};
  batch.records.push_back(std::move(activated));
  return {};
}

StoredPlan new_plan(Workspace& workspace, const plan::Setting& setting, const plan::PlanResult& result,
                    std::int64_t sequence) {
  StoredPlan stored;
  stored.digest = result.frozen.digest;
  stored.bytes = result.frozen.bytes;
  stored.plan = result.plan;
  stored.case_id = workspace.environment().random.uuid();
  stored.state = "draft";
  stored.circumstances.store_sequence = sequence;
  stored.circumstances.created_at = setting.now;
  stored.circumstances.created_by = workspace.actor().name;
  stored.headcount = result.headcount;
  for (const auto& [target, view] : setting.targets)
    if (view.state.last_full_read != Time{}) stored.circumstances.read_at[target.str()] = view.state.last_full_read;
  return stored;
}

// "sha256:9f3c...", "9f3c77a1", "9f3c-77a1" -> hexadecimal prefix
std::string hex_prefix(std::string text) {
  if (text.starts_with("sha256:")) text = text.substr(7);
  std::erase(text, '-');
  return text;
}

}  // namespace

std::vector<model::CauseId> StoredPlan::held() const {
  std::vector<model::CauseId> causes;
  for (const auto& guard : plan.guards)
    if (guard.held) causes.insert(causes.end(), guard.causes.begin(), guard.causes.end());
  std::sort(causes.begin(), causes.end());
  causes.erase(std::unique(causes.begin(), causes.end()), causes.end());
  std::erase_if(causes, [&](const model::CauseId& cause) {
    return std::any_of(approvals.begin(), approvals.end(), [&](const governance::Approval& approval) {
      return std::find(approval.releases.begin(), approval.releases.end(), cause) != approval.releases.end();
    });
  });
  return causes;
}

Result<PlanOutcome> create_plan(Workspace& workspace, const plan::PlanRequest& request) {
  TENURE_CHECK_OK(expire_plans(workspace));  // what comes up again after that is a new question
  TENURE_TRY(const auto snapshot, workspace.store().snapshot());
  const auto workers = all_processors();
  TENURE_TRY(const Everybody everybody, load_everybody(workspace, *snapshot, *workers));
  const plan::Setting& setting = everybody.setting;
  TENURE_TRY(plan::PlanResult result,
             plan::make_plan(workspace.policy(), everybody.population, setting, request, *workers));
  const bool whole =
      request.kind == plan::PlanRequest::Kind::kReconcile && request.identities.empty() && request.targets.empty();
  TENURE_CHECK_OK(check_plan(
      workspace.policy(), everybody.population, setting,
      {result.frozen.bytes, result.frozen.digest, result.plan.policy, request.released, setting.now, whole}));
  PlanOutcome outcome;
  outcome.digest = result.frozen.digest;
  outcome.next_due = result.next_due;
  outcome.findings_opened = result.findings.size();
  outcome.findings_closed = result.findings_to_close.size();
  TENURE_TRY(const auto known, snapshot->get(Table::kPlan, result.frozen.digest.str()));
  StoredPlan stored = new_plan(workspace, setting, result, snapshot->sequence());
  stored.released = request.released;
  store::Batch batch;
  const bool keep = !result.plan.empty();
  // A plan that was applied or discarded and comes up again is a new question: nothing of its old answers holds.
  outcome.known = known && known->index.state == "draft";
  if (keep && !outcome.known) add_plan(workspace, stored, batch);
  add_findings(setting, result, stored.case_id, setting.now, batch);
  add_moved(result, stored.case_id, setting.now, batch);
  if (!keep && !batch.records.empty()) {
    evidence::Draft closed = plan_draft(workspace, "case.closed", stored);
    closed.refs.clear();
    batch.records.push_back(std::move(closed));  // findings came of it, and nothing else will
  }
  TENURE_CHECK_OK(add_policy(workspace, *snapshot, setting, batch));
  if (keep && known && !outcome.known) TENURE_CHECK_OK(forget_approvals(*snapshot, known->id, batch));
  if (!batch.empty()) TENURE_CHECK_OK(workspace.store().commit(batch));
  outcome.plan = result.plan;
  if (keep) {
    TENURE_TRY(const auto now, workspace.store().snapshot());
    if (outcome.known) {
      TENURE_TRY(const auto side, now->get(Table::kPlan, beside_id(stored.digest.str())));
      if (!side) return fail(Reason::kStoreCorrupt, "the plan " + stored.digest.str() + " has no circumstances");
      TENURE_TRY(const json::Value value, json::parse(side->body));
      TENURE_CHECK_OK(read_beside(value, stored));
    }
    TENURE_TRY(stored.approvals, load_approvals(*now, stored.digest.str()));
    stored.missing = governance::missing(stored.digest, stored.plan.approvals, stored.approvals, setting.now);
    outcome.stored = std::move(stored);
  }
  return outcome;
}

Result<StoredPlan> find_plan(Workspace& workspace, const std::string& digest) {
  const std::string prefix = hex_prefix(digest);
  if (prefix.size() < 4)
    return fail(Reason::kAmbiguousDigest, "\"" + digest + "\" is too short: give at least four digits");
  TENURE_TRY(const auto snapshot, workspace.store().snapshot());
  store::Query query{Table::kPlan};
  query.after_id = "sha256:" + prefix.substr(0, prefix.size() - 1);
  std::vector<store::Row> found;
  TENURE_CHECK_OK(snapshot->scan(query, [&](const store::Row& row) {
    const bool fits = row.id.starts_with("sha256:" + prefix);
    if (fits && row.index.state != "beside") found.push_back(row);
    return found.size() < 2 && row.id.compare(7, prefix.size(), prefix) <= 0;
  }));
  if (found.empty()) return fail(Reason::kPlanNotFound, "no plan begins with " + digest);
  if (found.size() > 1) return fail(Reason::kAmbiguousDigest, "more than one plan begins with " + digest);
  return load_plan(*snapshot, found.front(), workspace.clock().now());
}

Result<std::vector<StoredPlan>> list_plans(Workspace& workspace) {
  TENURE_TRY(const auto snapshot, workspace.store().snapshot());
  std::vector<store::Row> rows;
  TENURE_CHECK_OK(snapshot->scan({Table::kPlan}, [&](const store::Row& row) {
    if (row.index.state != "beside") rows.push_back(row);
    return true;
  }));
  std::vector<StoredPlan> plans;
  for (const auto& row : rows) {
    TENURE_TRY(StoredPlan stored, load_plan(*snapshot, row, workspace.clock().now()));
    plans.push_back(std::move(stored));
  }
  std::stable_sort(plans.begin(), plans.end(), [](const StoredPlan& a, const StoredPlan& b) {
    return a.circumstances.created_at < b.circumstances.created_at;
  });
  return plans;
}

Result<StoredPlan> discard_plan(Workspace& workspace, const std::string& digest, const std::string& reason) {
  TENURE_TRY(StoredPlan stored, find_plan(workspace, digest));
  if (stored.state != "draft")
    return fail(Reason::kPlanStale, "the plan " + stored.digest.brief() + " was " + stored.state + " already");
  evidence::Draft rejected = plan_draft(workspace, "plan.rejected", stored);
  TENURE_TRY(const plan::World world, load_world(workspace));
  rejected.actor = person_of(world, workspace.actor().name).actor;
  rejected.mode = evidence::Mode::kRequested;
  rejected.fields = {{"person", workspace.actor().name}, {"reason", reason}};
  store::Batch batch;
  batch.writes.push_back(write_of(stored, "discarded"));
  batch.records.push_back(std::move(rejected));
  TENURE_CHECK_OK(workspace.store().commit(batch));
  stored.state = "discarded";
  return stored;
}

}  // namespace tenure::app
