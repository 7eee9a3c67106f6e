#include "deciding.hpp"
#include "people.hpp"
#include "state.hpp"
#include "world.hpp"

#include <algorithm>

#include <tenure/app/drift.hpp>
#include <tenure/governance/finding.hpp>

namespace tenure::app {
namespace {

using model::FindingKind;

// The answers that governance allows for a kind, as verbs of the command line.
std::vector<std::string> answers_of(const model::Finding& finding) {
  if (finding.state == model::FindingState::kClosed) return {};
  switch (finding.kind) {
    case FindingKind::kDriftAdded:
      return {"adopt", "accept", "declare", "revert"};
    case FindingKind::kUnexplained:
      return {"adopt", "accept", "revert"};
    case FindingKind::kDriftRemoved:
    case FindingKind::kRestriction:
      return {"accept", "declare", "revert"};
    case FindingKind::kOrphan:
      return {"accept"};
    default:
      return {};
  }
}

std::string account_name(const population::Population& population, const model::AccountRef& account) {
  const population::Accounts* accounts = population.accounts(account.target);
  const auto row = accounts == nullptr ? population::kNobody : accounts->find(account.id);
  if (row == population::kNobody || !accounts->entry(row).observed) return account.id.str();
  return std::string(accounts->name(row));
}

Result<model::Finding> find_finding(const plan::World& world, const std::string& id) {
  const model::Finding* found = nullptr;
  for (const auto& [key, finding] : world.findings) {
    if (!key.starts_with(id)) continue;
    if (found != nullptr) return fail(Reason::kAmbiguousDigest, "more than one finding begins with " + id);
    found = &finding;
  }
  if (found == nullptr) return fail(Reason::kFindingNotFound, "there is no finding " + id);
  return *found;
}

governance::AnswerRequest request_of(Workspace& workspace, const plan::World& world, const AnswerFinding& answer,
                                     model::IdentityId about = {}) {
  governance::AnswerRequest request{person_of(world, workspace.actor().name),
                                    answer.owner.empty() ? workspace.actor().name : answer.owner,
                                    answer.reason,
                                    answer.ticket,
                                    answer.until,
                                    {},
                                    workspace.environment().random.uuid()};
  if (const auto identity = world.identities.find(about); identity != world.identities.end())
    request.facts = deciding_facts(workspace.policy(), identity->second, nullptr);
  return request;
}

Result<model::Finding> keep(Workspace& workspace, governance::Answer answer) {
  store::Batch batch;
  batch.writes.push_back(write_of(answer.finding));
  if (answer.decision) batch.writes.push_back(write_of(*answer.decision));
  batch.records = std::move(answer.records);
  // The answer is a case of its own, and ends with it; what a revert sets off has its own.
  evidence::Draft closed;
  closed.type = "case.closed";
  closed.time = workspace.clock().now();
  closed.case_id = batch.records.front().case_id;
  closed.actor = {evidence::ActorKind::kSystem, "governance"};
  batch.records.push_back(std::move(closed));
  TENURE_CHECK_OK(workspace.store().commit(batch));
  return std::move(answer.finding);
}

}  // namespace

Result<std::vector<FindingView>> list_findings(Workspace& workspace, const FindingFilter& filter) {
  TENURE_TRY(const Everybody everybody, load_everybody(workspace));
  const population::People& people = everybody.population.people();
  std::vector<FindingView> views;
  for (const auto& [id, finding] : everybody.setting.findings) {
    if (!filter.target.empty() && finding.account.target.str() != filter.target) continue;
    if (!filter.kind.empty() && model::name_of(finding.kind) != filter.kind) continue;
    const bool owed = finding.state == model::FindingState::kAnswered &&
                      (finding.answer == "declared" || finding.answer == "accepted");
    if (filter.debts ? !owed : !filter.closed && finding.state != model::FindingState::kOpen) continue;
    const bool known = finding.identity.valid() && people.contains(finding.identity);
    views.push_back({finding, account_name(everybody.population, finding.account),
                     known ? std::string(people.key(people.row(finding.identity))) : "", answers_of(finding)});
  }
  std::stable_sort(views.begin(), views.end(), [](const FindingView& a, const FindingView& b) {
    return std::tie(a.finding.account.target, a.finding.kind, a.account_name) <
           std::tie(b.finding.account.target, b.finding.kind, b.account_name);
  });
  return views;
}

Result<model::Finding> adopt_finding(Workspace& workspace, const AnswerFinding& answer) {
  TENURE_TRY(const plan::World world, load_world(workspace));
  TENURE_TRY(const model::Finding finding, find_finding(world, answer.id));
  TENURE_TRY(auto answered,
             governance::adopt(finding, request_of(workspace, world, answer, finding.identity), world.now));
  return keep(workspace, std::move(answered));
}

Result<model::Finding> accept_finding(Workspace& workspace, const AnswerFinding& answer) {
  TENURE_TRY(const plan::World world, load_world(workspace));
  TENURE_TRY(const model::Finding finding, find_finding(world, answer.id));
  TENURE_TRY(auto answered, governance::accept(finding, request_of(workspace, world, answer), world.now));
  return keep(workspace, std::move(answered));
}

Result<model::Finding> declare_finding(Workspace& workspace, const DeclareFinding& declaration) {
  TENURE_TRY(const plan::World world, load_world(workspace));
  TENURE_TRY(const model::Finding finding, find_finding(world, declaration.answer.id));
  governance::Declaration governed;
  governed.request = request_of(workspace, world, declaration.answer);
  governed.done_by = person_of(world, declaration.done_by).id;
  governed.done_at = declaration.done_at;
  governed.second_person = person_of(world, declaration.second_person).id;
  TENURE_TRY(auto answered, governance::declare(finding, governed, world.now));
  return keep(workspace, std::move(answered));
}

Result<PlanOutcome> revert_findings(Workspace& workspace, const std::vector<std::string>& ids,
                                    const std::string& reason) {
  TENURE_TRY(const plan::World world, load_world(workspace));
  std::vector<std::string> whole;
  for (const auto& id : ids) {
    TENURE_TRY(const model::Finding finding, find_finding(world, id));
    AnswerFinding answer;
    answer.reason = reason;
    TENURE_TRY(auto answered, governance::request_revert(finding, request_of(workspace, world, answer), world.now));
    whole.push_back(finding.id);
    TENURE_CHECK_OK(keep(workspace, std::move(answered)));
  }
  return create_plan(workspace, plan::PlanRequest::revert(std::move(whole)));
}

}  // namespace tenure::app
