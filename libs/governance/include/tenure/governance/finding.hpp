// Findings and their answers. The row of a finding is model::Finding; an answer that explains access also leaves a
// model::Decision. Pure; any thread.
#pragma once

#include <map>
#include <optional>
#include <string>

#include <tenure/governance/transition.hpp>
#include <tenure/model/decision.hpp>

namespace tenure::governance {

struct Answer {
  model::Finding finding;
  std::optional<model::Decision> decision;
  std::vector<evidence::Draft> records;
};

// A finding seen for the first time. REQUIRES: finding.id set (model::finding_id).
Transition<model::Finding> open_finding(model::Finding finding, const std::string& case_id, Time now);
// Seen again: keeps opened_at, owner and deadline; one that was closed is opened anew. No records: nothing changed.
Transition<model::Finding> refresh(const model::Finding& stored, const model::Finding& seen, const std::string& case_id,
                                   Time now);
// No longer so ("gone", "explained", "reverted").
Transition<model::Finding> close_finding(const model::Finding& finding, const std::string& answer,
                                         const std::string& case_id, Time now);

struct AnswerRequest {
  Person person;
  std::string owner;   // accountable from now on; "" = the person
  std::string reason;  // required
  std::string ticket;
  Time until = Time::never();
  std::map<std::string, json::Value, std::less<>> facts;  // adopt: what the decision rests on
  std::string case_id;
};

// Errors of all answers: kFindingState when the finding is closed or its kind has no such answer, or a reason or date
// that is required is missing. adopt: the grant is explained from now on (drift_added, unexplained).
Result<Answer> adopt(const model::Finding& finding, const AnswerRequest& request, Time now);
// accept: the deviation may stay until a date; `until` must be later than now and not never.
Result<Answer> accept(const model::Finding& finding, const AnswerRequest& request, Time now);
// declare: it was done outside on purpose. When it was done and a second, different person are required (kSelfWitness,
// T15).
struct Declaration {
  AnswerRequest request;
  std::string done_by;
  Time done_at;
  std::string second_person;  // natural person
};
Result<Answer> declare(const model::Finding& finding, const Declaration& declaration, Time now);
// revert: a person asks for it to be undone; the next plan does it. A restriction is never reverted by this path unless
// a named person asks: that is what this call records.
Result<Answer> request_revert(const model::Finding& finding, const AnswerRequest& request, Time now);

}  // namespace tenure::governance
