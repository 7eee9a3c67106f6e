#include "codec.hpp"
#include "planted.hpp"

#include <algorithm>

#include <tenure/governance/assignment.hpp>

namespace tenure::governance {
namespace {

using model::Assignment;
using model::AssignmentKind;
using model::AssignmentState;

bool contains(const std::vector<std::string>& values, const std::string& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

std::unexpected<Error> wrong_state(const Assignment& assignment) {
  return fail(Reason::kAssignmentState, assignment.id + " is " + std::string(name_of(assignment.state)));
}

evidence::Draft draft_of(const Assignment& assignment, std::string_view type, const evidence::Actor& actor,
                         const std::string& case_id, Time now) {
  evidence::Draft draft;
  draft.type = type;
  draft.time = now;
  draft.case_id = case_id;
  draft.actor = actor;
  draft.subject = "identity:" + std::to_string(assignment.identity.value());
  draft.refs = {assignment.id};
  draft.facts = {{"kind", name_of(assignment.kind)}};
  draft.fields = {{"role", assignment.role.str()}, {"duties", assignment.duties}};
  if (assignment.until != Time::never()) draft.facts.emplace("until", assignment.until.to_rfc3339());
  return draft;
}

evidence::Draft by_person(const Assignment& assignment, std::string_view type, const Person& person,
                          const std::string& reason, const std::string& case_id, Time now) {
  evidence::Draft draft = draft_of(assignment, type, person.actor, case_id, now);
  draft.mode = evidence::Mode::kRequested;
  draft.fields.emplace("person", person.id);
  draft.fields.emplace("reason", reason);
  return draft;
}

json::Value facts_of(const Assignment& assignment) {
  json::Object facts;
  for (const auto& [name, value] : assignment.facts) facts.emplace(name, value);
  return facts;
}

Status check_term(Time until, const AssignmentTerms& terms, Time now) {
  if (until <= now) return fail(Reason::kAssignmentTerm, "the term has passed already");
  if (terms.ends && until == Time::never()) return fail(Reason::kAssignmentTerm, "it has to end: say until when");
  if (terms.term_max != Duration() && until > now + terms.term_max)
    return fail(Reason::kAssignmentTerm, "at most " + terms.term_max.to_string() + " from now");
  return {};
}

// T15: neither who asked nor who would hold it.
Status may_decide(const Assignment& assignment, const Deciding& deciding, const AssignmentTerms& terms) {
  if (deciding.person.id.empty()) return fail(Reason::kNotEntitledToApprove, "a decision names a person");
  if (deciding.person.id == assignment.asked_by && !planted(Defect::kAssignmentRequesterDecides))
    return fail(Reason::kSelfApproval, deciding.person.id + " asked for it");
  if (deciding.person.id == deciding.subject && !planted(Defect::kAssignmentSubjectDecides))
    return fail(Reason::kSelfApproval, deciding.person.id + " would hold it");
  if (terms.approvers.empty() || contains(terms.approvers, deciding.person.id)) return {};
  const bool entitled = std::any_of(deciding.roles.begin(), deciding.roles.end(),
                                    [&](const std::string& role) { return contains(terms.approvers, role); });
  if (!entitled) return fail(Reason::kNotEntitledToApprove, deciding.person.id + " is none of the approvers");
  return {};
}

evidence::Draft decided(const Assignment& assignment, const Deciding& deciding, Time now) {
  const std::string_view type =
      assignment.kind == AssignmentKind::kException ? evidence::event::kSodWaived : evidence::event::kAssignmentDecided;
  evidence::Draft draft = by_person(assignment, type, deciding.person, deciding.reason, deciding.case_id, now);
  draft.fields.emplace("facts", facts_of(assignment));
  draft.facts.emplace("approvals", assignment.decided_by.size());
  return draft;
}

}  // namespace

Result<Transition<Assignment>> ask(const Asking& asking, const AssignmentTerms& terms, Time now) {
  Assignment asked = asking.what;
  if (terms.justification && asked.reason.empty()) return fail(Reason::kAssignmentTerm, "a reason is required");
  TENURE_CHECK_OK(check_term(asked.until, terms, now));
  asked.state = AssignmentState::kAsked;
  asked.asked_by = asking.person.id;
  asked.asked_at = now;
  asked.since = Time{};
  asked.decided_by.clear();
  asked.id = model::assignment_id(asked);
  evidence::Draft draft =
      by_person(asked, evidence::event::kRequestSubmitted, asking.person, asked.reason, asking.case_id, now);
  draft.fields.emplace("facts", facts_of(asked));
  return Transition<Assignment>{std::move(asked), {std::move(draft)}};
}

Result<Transition<Assignment>> approve(const Assignment& asked, const Deciding& deciding, const AssignmentTerms& terms,
                                       Time now) {
  if (asked.state != AssignmentState::kAsked) return wrong_state(asked);
  TENURE_CHECK_OK(may_decide(asked, deciding, terms));
  if (asked.until <= now) return fail(Reason::kAssignmentTerm, "the term has passed already");
  Assignment next = asked;
  if (!contains(next.decided_by, deciding.person.id) || planted(Defect::kAssignmentOnePersonTwice))
    next.decided_by.push_back(deciding.person.id);
  std::sort(next.decided_by.begin(), next.decided_by.end());
  std::vector<evidence::Draft> records = {
      by_person(next, evidence::event::kApprovalGranted, deciding.person, deciding.reason, deciding.case_id, now)};
  if (static_cast<int>(next.decided_by.size()) + (planted(Defect::kAssignmentOneTooFew) ? 1 : 0) >= terms.approvals) {
    next.state = AssignmentState::kApproved;
    next.since = now;
    next.facts = deciding.facts;
    records.push_back(decided(next, deciding, now));
  }
  return Transition<Assignment>{std::move(next), std::move(records)};
}

Result<Transition<Assignment>> refuse(const Assignment& asked, const Deciding& deciding, const AssignmentTerms& terms,
                                      Time now) {
  if (asked.state != AssignmentState::kAsked) return wrong_state(asked);
  TENURE_CHECK_OK(may_decide(asked, deciding, terms));
  Assignment next = asked;
  next.state = AssignmentState::kRefused;
  next.decided_by = {deciding.person.id};
  next.ended_at = now;
  next.ended_because = deciding.reason;
  evidence::Draft draft =
      by_person(next, evidence::event::kApprovalDenied, deciding.person, deciding.reason, deciding.case_id, now);
  return Transition<Assignment>{std::move(next), {std::move(draft)}};
}

Result<Transition<Assignment>> renew(const Assignment& approved, const Deciding& deciding, const AssignmentTerms& terms,
                                     Time until, Time now) {
  if (approved.state != AssignmentState::kApproved || !approved.holds_at(now)) return wrong_state(approved);
  if (terms.justification && deciding.reason.empty()) return fail(Reason::kAssignmentTerm, "a reason is required");
  TENURE_CHECK_OK(may_decide(approved, deciding, terms));
  TENURE_CHECK_OK(check_term(until, terms, now));
  Assignment next = approved;
  next.until = until;
  next.facts = deciding.facts;
  next.decided_by = {deciding.person.id};
  next.decide_again_by = Time::never();
  next.decide_again_because.clear();
  evidence::Draft draft = decided(next, deciding, now);
  return Transition<Assignment>{std::move(next), {std::move(draft)}};
}

Result<Transition<Assignment>> end(const Assignment& open, const Deciding& deciding, Time now) {
  if (open.state != AssignmentState::kApproved && open.state != AssignmentState::kAsked) return wrong_state(open);
  if (deciding.person.id.empty()) return fail(Reason::kNotEntitledToApprove, "an end names a person");
  Assignment next = open;
  next.state = AssignmentState::kEnded;
  next.ended_at = now;
  next.ended_because = deciding.reason.empty() ? "ended by a person" : deciding.reason;
  const std::string_view type =
      open.state == AssignmentState::kAsked ? evidence::event::kRequestCancelled : evidence::event::kAssignmentEnded;
  evidence::Draft draft = by_person(next, type, deciding.person, deciding.reason, deciding.case_id, now);
  return Transition<Assignment>{std::move(next), {std::move(draft)}};
}

Transition<Assignment> moved(const Assignment& as_it_is_now, const std::string& case_id, Time now) {
  const bool ended = as_it_is_now.state == AssignmentState::kEnded;
  std::string_view type = ended ? evidence::event::kAssignmentEnded : evidence::event::kAssignmentDue;
  if (ended && as_it_is_now.kind == AssignmentKind::kException) type = evidence::event::kExceptionExpired;
  evidence::Draft draft = draft_of(as_it_is_now, type, {evidence::ActorKind::kSystem, "planner"}, case_id, now);
  draft.fields.emplace("because", ended ? as_it_is_now.ended_because : as_it_is_now.decide_again_because);
  if (!ended) draft.facts.emplace("decide_again_by", as_it_is_now.decide_again_by.to_rfc3339());
  return {as_it_is_now, {std::move(draft)}};
}

}  // namespace tenure::governance
