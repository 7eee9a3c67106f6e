#include <tenure/governance/finding.hpp>

namespace tenure::governance {
namespace {

using model::Finding;
using model::FindingKind;
using model::FindingState;

evidence::Draft draft_of(const Finding& finding, std::string_view type, evidence::Actor actor,
                         const std::string& case_id, Time now) {
  evidence::Draft draft;
  draft.type = type;
  draft.time = now;
  draft.case_id = case_id;
  draft.actor = std::move(actor);
  draft.target.system = finding.account.target.str();
  draft.refs = {finding.id};
  draft.fields = {
      {"account", finding.account.id.str()}, {"entitlement", finding.entitlement.str()}, {"summary", finding.summary}};
  draft.facts = {{"kind", name_of(finding.kind)}};
  return draft;
}

const evidence::Actor kPlanner{evidence::ActorKind::kSystem, "planner"};

std::unexpected<Error> refuse(const Finding& finding, const std::string& why) {
  return fail(Reason::kFindingState, finding.id + " (" + std::string(name_of(finding.kind)) + "): " + why);
}

Status answerable(const Finding& finding, const AnswerRequest& request) {
  if (finding.state == FindingState::kClosed) return refuse(finding, "it is closed");
  if (request.person.id.empty()) return refuse(finding, "an answer names a person");
  if (request.reason.empty()) return refuse(finding, "an answer gives a reason");
  return {};
}

model::Decision decision_of(const Finding& finding, const AnswerRequest& request, model::DecisionKind kind, Time now) {
  model::Decision decision;
  decision.kind = kind;
  decision.account = finding.account;
  decision.entitlement = finding.entitlement;
  decision.parameters = finding.parameters;
  decision.owner = request.owner.empty() ? request.person.id : request.owner;
  decision.actor = request.person.id;
  decision.reason = request.reason;
  decision.ticket = request.ticket;
  decision.since = now;
  decision.until = request.until;
  if (kind == model::DecisionKind::kAdopted) decision.facts = request.facts;
  return decision;
}

evidence::Draft answered(const Finding& finding, std::string_view type, const AnswerRequest& request, Time now) {
  evidence::Draft draft = draft_of(finding, type, request.person.actor, request.case_id, now);
  draft.mode = evidence::Mode::kRequested;
  draft.fields.emplace("person", request.person.id);
  draft.fields.emplace("reason", request.reason);
  if (!request.ticket.empty()) draft.fields.emplace("ticket", request.ticket);
  if (request.until != Time::never()) draft.facts.emplace("until", request.until.to_rfc3339());
  return draft;
}

Finding with_answer(const Finding& finding, std::string_view answer) {
  Finding next = finding;
  next.state = FindingState::kAnswered;
  next.answer = answer;
  return next;
}

}  // namespace

Transition<Finding> open_finding(Finding finding, const std::string& case_id, Time now) {
  finding.state = FindingState::kOpen;
  finding.opened_at = now;
  finding.closed_at = Time{};
  finding.answer.clear();
  evidence::Draft draft = draft_of(finding, evidence::event::kFindingOpened, kPlanner, case_id, now);
  if (finding.deadline != Time::never()) draft.facts.emplace("deadline", finding.deadline.to_rfc3339());
  return {std::move(finding), {std::move(draft)}};
}

Transition<Finding> refresh(const Finding& stored, const Finding& seen, const std::string& case_id, Time now) {
  if (stored.state == FindingState::kClosed) {
    Finding again = seen;
    if (again.owner.empty()) again.owner = stored.owner;
    return open_finding(std::move(again), case_id, now);
  }
  Finding next = stored;
  next.summary = seen.summary;  // wording only: the subject is in the id
  return {std::move(next), {}};
}

Transition<Finding> close_finding(const Finding& finding, const std::string& answer, const std::string& case_id,
                                  Time now) {
  if (finding.state == FindingState::kClosed) return {finding, {}};
  Finding next = finding;
  next.state = FindingState::kClosed;
  next.closed_at = now;
  if (!answer.empty()) next.answer = answer;
  evidence::Draft draft = draft_of(next, evidence::event::kFindingClosed, kPlanner, case_id, now);
  if (!next.answer.empty()) draft.facts.emplace("answer", next.answer);
  return {std::move(next), {std::move(draft)}};
}

Result<Answer> adopt(const Finding& finding, const AnswerRequest& request, Time now) {
  TENURE_CHECK_OK(answerable(finding, request));
  if (finding.kind != FindingKind::kDriftAdded && finding.kind != FindingKind::kUnexplained)
    return refuse(finding, "only access that is there can be adopted");
  if (request.until <= now) return refuse(finding, "the term has passed already");
  return Answer{with_answer(finding, "adopted"),
                decision_of(finding, request, model::DecisionKind::kAdopted, now),
                {answered(finding, evidence::event::kAssignmentDecided, request, now)}};
}

Result<Answer> accept(const Finding& finding, const AnswerRequest& request, Time now) {
  TENURE_CHECK_OK(answerable(finding, request));
  if (request.until == Time::never() || request.until <= now)
    return refuse(finding, "a deviation is accepted until a date that is still to come");
  return Answer{with_answer(finding, "accepted"),
                decision_of(finding, request, model::DecisionKind::kAccepted, now),
                {answered(finding, evidence::event::kDriftAccepted, request, now)}};
}

Result<Answer> declare(const Finding& finding, const Declaration& declaration, Time now) {
  const AnswerRequest& request = declaration.request;
  TENURE_CHECK_OK(answerable(finding, request));
  if (declaration.done_by.empty() || declaration.done_at == Time{})
    return refuse(finding, "a declaration says who did it and when");
  if (declaration.done_at > now) return refuse(finding, "a declaration is about what has been done");
  if (declaration.second_person.empty()) return refuse(finding, "a declaration needs a second person");
  if (declaration.second_person == request.person.id || declaration.second_person == declaration.done_by)
    return fail(Reason::kSelfWitness, declaration.second_person + " declares or did it");
  model::Decision decision = decision_of(finding, request, model::DecisionKind::kDeclared, now);
  decision.actor = declaration.done_by;
  decision.second_person = declaration.second_person;
  decision.since = declaration.done_at;
  evidence::Draft draft = answered(finding, evidence::event::kDriftDeclared, request, now);
  draft.mode = evidence::Mode::kManual;
  draft.fields.emplace("done_by", declaration.done_by);
  draft.fields.emplace("second_person", declaration.second_person);
  draft.facts.emplace("done_at", declaration.done_at.to_rfc3339());
  return Answer{with_answer(finding, "declared"), std::move(decision), {std::move(draft)}};
}

Result<Answer> request_revert(const Finding& finding, const AnswerRequest& request, Time now) {
  TENURE_CHECK_OK(answerable(finding, request));
  if (finding.kind != FindingKind::kDriftAdded && finding.kind != FindingKind::kDriftRemoved &&
      finding.kind != FindingKind::kRestriction && finding.kind != FindingKind::kUnexplained)
    return refuse(finding, "there is nothing to revert");
  return Answer{with_answer(finding, "reverted"),
                std::nullopt,
                {answered(finding, evidence::event::kRequestSubmitted, request, now)}};
}

}  // namespace tenure::governance
