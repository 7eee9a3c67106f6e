// Who is asked what, and what they say. Every question is about one plan digest and waits in the state folder for as
// long as it takes; what time does to it (escalation, expiry) follows from its instants when a command looks.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <tenure/app/plans.hpp>

namespace tenure::app {

// One step of one needed approval that waits, as the workspace's actor sees it.
struct Question {
  Digest plan;
  std::string purpose;
  governance::Waiting waiting;
  bool mine = false;    // the actor may answer it now
  std::string why_not;  // else, in words
  std::string denied;   // who denied the plan and why; "" = nobody
  Time made_at;
};
// Open questions, what is due first. `mine`: only those that the actor may answer. Loads everybody when asked for that,
// because nobody approves own matters. What lapsed meanwhile is written down first.
Result<std::vector<Question>> list_questions(Workspace& workspace, bool mine);

// By the workspace's actor; errors as governance::deny and approve_plan.
Result<StoredPlan> deny_plan(Workspace& workspace, const std::string& digest, const std::string& reason);
// What the actor said is taken back. kApprovalState; kPlanStale when the plan was applied, or a run of it has begun.
Result<StoredPlan> withdraw_answer(Workspace& workspace, const std::string& digest, const std::string& reason);

// Plans of which a question or a consent has lapsed become "expired": with its record. Returns which.
Result<std::vector<Digest>> expire_plans(Workspace& workspace);

}  // namespace tenure::app
