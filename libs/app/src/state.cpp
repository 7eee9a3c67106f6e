#include "state.hpp"

#include <array>
#include <cstdio>

#include <tenure/base/json.hpp>

namespace tenure::app {
namespace {

using store::Table;

template <class T>
store::Write document(Table table, std::string id, const T& value, store::Index index) {
  return {table, std::move(id), store::kAnyVersion, false, std::move(index), json::to_string(model::to_json(value))};
}

// Calls `take` with each row's document, as T.
template <class T, class Take>
Status load_all(store::Snapshot& snapshot, Table table, Result<T> (*from_json)(const json::Value&), Take take) {
  std::optional<Error> first_error;
  TENURE_CHECK_OK(snapshot.scan({table}, [&](const store::Row& row) {
    auto value = json::parse(row.body).and_then([&](const json::Value& body) { return from_json(body); });
    if (!value) {
      first_error = Error(Reason::kStoreCorrupt,
                          std::string(name_of(table)) + " " + row.id + ": " + value.error().message());
      return false;
    }
    take(std::move(*value));
    return true;
  }));
  if (first_error) return fail(std::move(*first_error));
  return {};
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
  const std::int64_t due = decision.until == Time::never() ? 0 : decision.until.to_micros();
  return document(Table::kDecision, model::row_id(decision), decision,
                  {decision.account.target.str(), std::string(name_of(decision.kind)), due});
}

store::Write erase_of(const model::Decision& decision) {
  return {Table::kDecision, model::row_id(decision), store::kAnyVersion, true, {}, {}};
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

Result<std::map<model::IdentityId, model::Identity>> load_identities(store::Snapshot& snapshot) {
  std::map<model::IdentityId, model::Identity> all;
  TENURE_CHECK_OK(load_all<model::Identity>(snapshot, Table::kIdentity, model::identity_from_json,
                                            [&](model::Identity identity) { all.emplace(identity.id, std::move(identity)); }));
  return all;
}

Result<std::optional<model::TargetState>> load_target_state(store::Snapshot& snapshot, const model::TargetName& target) {
  TENURE_TRY(const auto row, snapshot.get(Table::kTarget, target.str()));
  if (!row) return std::nullopt;
  TENURE_TRY(const json::Value body, json::parse(row->body));
  TENURE_TRY(model::TargetState state, model::target_state_from_json(body));
  return state;
}

Result<std::map<std::string, model::Decision>> load_decisions(store::Snapshot& snapshot) {
  std::map<std::string, model::Decision> all;
  TENURE_CHECK_OK(load_all<model::Decision>(snapshot, Table::kDecision, model::decision_from_json,
                                            [&](model::Decision d) { all.emplace(model::row_id(d), std::move(d)); }));
  return all;
}

Result<std::map<model::AccountRef, model::Claim>> load_claims(store::Snapshot& snapshot) {
  std::map<model::AccountRef, model::Claim> all;
  TENURE_CHECK_OK(load_all<model::Claim>(snapshot, Table::kClaim, model::claim_from_json,
                                         [&](model::Claim c) { all.emplace(c.account, std::move(c)); }));
  return all;
}

Result<std::map<std::string, model::Finding>> load_findings(store::Snapshot& snapshot) {
  std::map<std::string, model::Finding> all;
  TENURE_CHECK_OK(load_all<model::Finding>(snapshot, Table::kFinding, model::finding_from_json, [&](model::Finding f) {
    const std::string id = f.id;
    all.emplace(id, std::move(f));
  }));
  return all;
}

}  // namespace tenure::app
