// Findings and their answers: adopt, accept until a date, declare, revert.
#pragma once

#include <string>
#include <vector>

#include <tenure/app/plans.hpp>
#include <tenure/app/workspace.hpp>
#include <tenure/model/decision.hpp>

namespace tenure::app {

// A finding with the names that people know.
struct FindingView {
  model::Finding finding;
  std::string account_name;
  std::string person;                // key of the identity
  std::vector<std::string> answers;  // verbs that are open: "adopt", "accept", "declare", "revert"
};

struct FindingFilter {
  std::string target;   // "" = all
  std::string kind;     // "drift_added"; "" = all
  bool closed = false;  // also answered and closed ones
  bool debts = false;   // only what was declared or accepted, and no reading or decision has settled since
};
// Ordered by target, kind, account name.
Result<std::vector<FindingView>> list_findings(Workspace& workspace, const FindingFilter& filter);

struct AnswerFinding {
  std::string id;  // or a unique prefix
  std::string owner;
  std::string reason;
  std::string ticket;
  Time until = Time::never();
};
// Each by the workspace's actor. kFindingNotFound, kFindingState, kSelfWitness.
Result<model::Finding> adopt_finding(Workspace& workspace, const AnswerFinding& answer);
Result<model::Finding> accept_finding(Workspace& workspace, const AnswerFinding& answer);
struct DeclareFinding {
  AnswerFinding answer;
  std::string done_by;
  Time done_at;
  std::string second_person;
};
Result<model::Finding> declare_finding(Workspace& workspace, const DeclareFinding& declaration);
// Records who asks for it and makes the plan that undoes it.
Result<PlanOutcome> revert_findings(Workspace& workspace, const std::vector<std::string>& ids,
                                    const std::string& reason);

}  // namespace tenure::app
