// A plan as people and scripts see it. Pure: the same values give the same text; the golden tests live on that.
//
// Folded (the default) it has at most kFoldedLinesMax lines: counts, groups, what is unknown, held and needed; what
// does not fit is counted, never dropped silently. The last line is the verdict and the next command.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <tenure/app/plans.hpp>
#include <tenure/plan/grouping.hpp>
#include <tenure/plan/plan.hpp>

namespace tenure::cli {

constexpr std::size_t kFoldedLinesMax = 40;

struct PlanView {
  const plan::Plan& plan;  // outlives the view
  Digest digest;
  std::string state;  // draft, applied, discarded; "" = not kept, because there is nothing to do
  plan::Circumstances circumstances;
  std::vector<governance::Approval> approvals;
  std::vector<std::string> missing;
  std::vector<model::CauseId> held;
  Time now;
};
PlanView view_of(const app::StoredPlan& stored, Time now);

// "privileged: step 2 of 3, 1 more of cai.moe; escalated to dee.roy 3 h ago"
std::string waiting_text(const governance::Waiting& waiting, Time now);
json::Value to_json(const governance::Waiting& waiting);

// "held", "waits for approval", "approved", "applied", "discarded"
std::string status_word(const app::StoredPlan& stored);
// What --group and --by may say.
const std::vector<std::pair<std::string, plan::GroupBy>>& group_names();

// What the plan would touch.
struct Stakes {
  std::int64_t changes = 0;
  std::int64_t takes_away = 0;
  std::int64_t people = 0;  // identities, and accounts of nobody
  std::int64_t targets = 0;
  std::int64_t withheld = 0;  // entries of the plan's unknowns
};
Stakes stakes_of(const plan::Plan& plan);

// "+ 12  - 5  m 2  ? 1": changes by symbol, and how many things could not be decided; "no changes" when there are none.
std::string symbol_counts(const plan::Plan& plan);
std::string plan_text(const PlanView& view, plan::GroupBy by, bool full);
std::string verdict_of(const PlanView& view);

json::Object plan_fields(const PlanView& view, plan::GroupBy by);
// One object per change: the members of plan/v1 and "op", "symbol", "text", "takes_away".
std::vector<json::Value> plan_rows(const plan::Plan& plan);
// "grant", "change", "remove", "adopt", "manual", "unknown"
std::string_view op_name(char symbol);

}  // namespace tenure::cli
