// Plans as rows of the store: the frozen document, what travels beside it, and its approvals.
#pragma once

#include <string>
#include <vector>

#include <tenure/app/plans.hpp>
#include <tenure/evidence/record.hpp>
#include <tenure/store/store.hpp>

namespace tenure::app {

std::string beside_id(const std::string& digest);
// Case and circumstances from the row beside the plan.
Status read_beside(const json::Value& value, StoredPlan& stored);
// kStoreCorrupt when a part of it is missing.
// Open plans with what their approvals ask and have, but without their changes: a plan of a hundred thousand is not
// read to say that it waits.
Result<std::vector<StoredPlan>> load_questions(store::Snapshot& snapshot);
// What is missing is said as of `now`: a consent may lapse.
Result<StoredPlan> load_plan(store::Snapshot& snapshot, const store::Row& row, Time now);
Result<std::vector<governance::Approval>> load_approvals(store::Snapshot& snapshot, const std::string& digest);

store::Write write_of(const StoredPlan& stored, const char* state);
store::Write write_of(const governance::Approval& approval);
// Rows and records of a new plan, with the approvals that rules give in advance.
void add_plan(Workspace& workspace, const StoredPlan& stored, store::Batch& batch);
// A plan that was applied or discarded comes up again: what persons said of it then no longer holds.
Status forget_approvals(store::Snapshot& snapshot, const std::string& digest, store::Batch& batch);
// A record of the plan's case.
evidence::Draft plan_draft(Workspace& workspace, const char* type, const StoredPlan& stored);

}  // namespace tenure::app
