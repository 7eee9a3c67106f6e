#include "state.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include <tenure/base/json.hpp>
#include <tenure/runtime/decisions.hpp>

namespace tenure::app {
namespace {

using store::Table;

template <class T>
store::Write document(Table table, std::string id, const T& value, store::Index index) {
  return {table, std::move(id), store::kAnyVersion, false, std::move(index), json::to_string(model::to_json(value))};
}

}  // namespace

std::string identity_row_id(model::IdentityId id) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%012lld", static_cast<long long>(id.value()));
  return text.data();
}

store::Write write_of(const model::Identity& identity, std::string_view lifecycle_state) {
  return document(Table::kIdentity, identity_row_id(identity.id), identity,
                  {std::string(name_of(identity.kind)), std::string(lifecycle_state), 0});
}

store::Write write_of(const model::Claim& claim) {
  return document(Table::kClaim, model::row_id(claim), claim,
                  {claim.account.target.str(), identity_row_id(claim.identity), 0});
}

store::Write write_of(const model::Decision& decision) {
  return runtime::put_decision(decision);
}

store::Write erase_of(const model::Decision& decision) {
  return runtime::end_decision(model::row_id(decision));
}

store::Write write_of(const model::NameTaken& name) {
  return document(Table::kName, model::row_id(name), name, {name.target.str(), "", 0});
}

store::Write write_of(const model::TargetState& state) {
  return document(Table::kTarget, state.target.str(), state, {"", state.managed ? "managed" : "observed", 0});
}

store::Write write_of(const model::Finding& finding) {
  const std::int64_t due = finding.deadline == Time::never() ? 0 : finding.deadline.to_micros();
  return document(Table::kFinding, finding.id, finding,
                  {finding.account.target.str(), std::string(name_of(finding.state)), due});
}

store::Write write_of(const model::Assignment& assignment) {
  const Time due = std::min(assignment.until, assignment.decide_again_by);
  return document(Table::kAssignment, assignment.id, assignment,
                  {identity_row_id(assignment.identity), std::string(name_of(assignment.state)),
                   due == Time::never() ? 0 : due.to_micros()});
}

Result<std::map<model::IdentityId, std::vector<model::Assignment>>> load_assignments(store::Snapshot& snapshot,
                                                                                     const population::People& people) {
  std::map<model::IdentityId, std::vector<model::Assignment>> all;
  for (const auto state : {model::AssignmentState::kAsked, model::AssignmentState::kApproved}) {
    TENURE_TRY(auto rows, load_documents<model::Assignment>(
                              snapshot, {Table::kAssignment, std::nullopt, std::string(name_of(state))},
                              model::assignment_from_json));
    for (auto& row : rows) {
      row.identity = people.resolved(row.identity);
      all[row.identity].push_back(std::move(row));
    }
  }
  for (auto& [identity, assignments] : all)
    std::sort(assignments.begin(), assignments.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  return all;
}

Result<std::map<model::IdentityId, model::Identity>> load_identities(store::Snapshot& snapshot) {
  TENURE_TRY(auto rows, load_documents<model::Identity>(snapshot, {Table::kIdentity}, model::identity_from_json));
  std::map<model::IdentityId, model::Identity> all;
  for (auto& identity : rows) all.emplace_hint(all.end(), identity.id, std::move(identity));
  return all;
}

Result<std::optional<model::TargetState>> load_target_state(store::Snapshot& snapshot,
                                                            const model::TargetName& target) {
  TENURE_TRY(const auto row, snapshot.get(Table::kTarget, target.str()));
  if (!row) return std::nullopt;
  TENURE_TRY(const json::Value body, json::parse(row->body));
  TENURE_TRY(model::TargetState state, model::target_state_from_json(body));
  return state;
}

Result<std::map<std::string, model::Finding>> load_findings(store::Snapshot& snapshot) {
  TENURE_TRY(auto rows, load_documents<model::Finding>(snapshot, {Table::kFinding}, model::finding_from_json));
  std::map<std::string, model::Finding> all;
  for (auto& finding : rows) all.emplace(finding.id, std::move(finding));
  return all;
}

}  // namespace tenure::app
