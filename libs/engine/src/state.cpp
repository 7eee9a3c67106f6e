#include "planted.hpp"

#include <algorithm>

#include <tenure/engine/state.hpp>

namespace tenure::engine {

Time State::leased_until() const {
  Time until = Time::never();
  for (const auto& [shard, holding] : held) until = std::min(until, holding.until);
  return until;
}

bool State::idle() const {
  if (!calls.empty() || !intents.empty() || !fresh.empty()) return false;
  return std::all_of(targets.begin(), targets.end(), [](const auto& one) {
    return std::all_of(one.second.ready.begin(), one.second.ready.end(), [](const auto& lane) { return lane.empty(); });
  });
}

std::int64_t State::count(ChangeState wanted) const {
  return std::count_if(changes.begin(), changes.end(), [&](const auto& one) { return one.second.row.state == wanted; });
}

State load(Rows rows, std::vector<TargetProfile> targets, const Limits& limits, std::int64_t first_serial) {
  State state;
  state.limits = limits;
  state.next_serial = first_serial;
  for (TargetProfile& profile : targets) {
    Target& target = state.targets[profile.name];
    target.profile = std::move(profile);
  }
  for (ObligationRow& row : rows.obligations) {
    state.debts_of_case[row.case_id].insert(row.id);
    state.obligations.emplace(row.id, std::move(row));
  }
  for (governance::WorkOrder& row : rows.work_orders) state.work_orders.emplace(row.id, std::move(row));
  for (CaseRow& row : rows.cases) {
    state.case_of.emplace(row.cause.id, row.id);
    state.cases.emplace(row.id, std::move(row));
  }
  for (RunRow& row : rows.runs) state.runs.emplace(row.id, std::move(row));
  for (ChangeRow& row : rows.changes) {
    const model::ChangeId id = row.change.id;
    state.targets[row.change.target].profile.name = row.change.target;
    if (row.state == ChangeState::kExecuting) {
      row.state = planted(Defect::kForgetIntent) ? ChangeState::kRetryWait : ChangeState::kUnknown;
      if (!planted(Defect::kForgetIntent)) state.restarted.insert(id);
    }
    state.next_order = std::max(state.next_order, row.order + 1);
    for (const model::ChangeId& needed : row.waiting_for) state.dependents[needed].insert(id);
    if (!row.account.empty()) state.by_account[{row.change.target, row.account}].insert(id);
    state.by_case[row.case_id].insert(id);
    state.fresh.insert(id);
    state.changes[id].row = std::move(row);
  }
  return state;
}

}  // namespace tenure::engine
