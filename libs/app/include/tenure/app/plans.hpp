// Plans: make, find, split, approve, discard. Applying is in apply.hpp.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include <tenure/app/workspace.hpp>
#include <tenure/governance/approval.hpp>
#include <tenure/plan/planner.hpp>
#include <tenure/plan/split.hpp>

namespace tenure::app {

struct StoredPlan {
  Digest digest;
  plan::Plan plan;
  std::string bytes;
  plan::Circumstances circumstances;
  std::string case_id;
  std::string state;  // draft, applied, discarded, expired
  std::vector<governance::Approval> approvals;
  std::vector<std::string> missing;  // approvals still needed, for people; empty = approved
  // What guards took shares of when it was made, and the causes that were released then: beside the plan.
  plan::Headcount headcount;
  std::set<model::CauseId> released;

  // Who is asked now, step by step; escalation included.
  std::vector<governance::Waiting> waiting(Time now) const {
    return governance::waiting_for(digest, plan.approvals, approvals, circumstances.created_at, now);
  }
  // Causes held by a guard that nobody has released.
  std::vector<model::CauseId> held() const;
};

struct PlanOutcome {
  std::optional<StoredPlan> stored;  // absent when there is nothing to do: an empty plan is not kept
  plan::Plan plan;
  Digest digest;
  bool known = false;  // the same plan was there already, with its approvals
  std::size_t findings_opened = 0;
  std::size_t findings_closed = 0;
  Time next_due = Time::never();
};

// Plans on the state as it is stored now, keeps the plan with its circumstances, opens and closes findings, and records
// the approvals that rules give in advance; all in one commit.
Result<PlanOutcome> create_plan(Workspace& workspace, const plan::PlanRequest& request);

// By digest, or a prefix of it of at least four hexadecimal digits ("9f3c", "9f3c-77a1", "sha256:9f3c...").
// kPlanNotFound, kAmbiguousDigest.
Result<StoredPlan> find_plan(Workspace& workspace, const std::string& digest);
Result<std::vector<StoredPlan>> list_plans(Workspace& workspace);

struct ApproveRequest {
  std::string digest;
  std::string reason;
  std::vector<std::string> release;  // causes that a guard holds; "all"
};
// By the workspace's actor. kSelfApproval, kNotEntitledToApprove, kApprovalOrder, kPlanNotFound; kStale when it was
// applied or discarded.
Result<StoredPlan> approve_plan(Workspace& workspace, const ApproveRequest& request);

Result<StoredPlan> discard_plan(Workspace& workspace, const std::string& digest, const std::string& reason);

struct SplitPlanRequest {
  std::string digest;
  plan::SplitRequest how;
  std::string discard_reason;  // the whole is discarded for this reason; "": it stays
};
struct StoredPart {
  StoredPlan stored;
  std::string key;  // "" = the rest
  std::int64_t pulled = 0;
  bool known = false;  // the same part was there already, with its approvals
};
struct SplitOutcome {
  StoredPlan whole;
  std::vector<StoredPart> parts;
};
// Parts of a plan that waits for approval, kept as plans of their own with standing approvals; what persons approved or
// released of the whole says nothing about them. All in one commit. Errors: those of plan::split(); kPlanStale when the
// plan was applied or discarded.
Result<SplitOutcome> split_plan(Workspace& workspace, const SplitPlanRequest& request);

}  // namespace tenure::app
