// The rows of the store as values of the model, and back. One place that knows how each thing is stored.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <tenure/model/assignment.hpp>
#include <tenure/model/decision.hpp>
#include <tenure/model/identity.hpp>
#include <tenure/plan/world.hpp>
#include <tenure/population/people.hpp>
#include <tenure/store/store.hpp>

namespace tenure::app {

store::Write write_of(const model::Identity& identity, std::string_view lifecycle_state);
store::Write write_of(const model::Claim& claim);
store::Write write_of(const model::Decision& decision);
store::Write write_of(const model::NameTaken& name);
store::Write write_of(const model::TargetState& state);
store::Write write_of(const model::Finding& finding);
store::Write write_of(const model::Assignment& assignment);
store::Write erase_of(const model::Decision& decision);

std::string identity_row_id(model::IdentityId id);

// A row's document as a value of the model. kStoreCorrupt names the row.
template <class T>
Result<T> document_of(store::Table table, const store::Row& row, Result<T> (*from_json)(const json::Value&)) {
  auto body = json::parse(row.body);
  auto value = body ? from_json(*body) : Result<T>(fail(std::move(body).error()));
  if (!value)
    return fail(Reason::kStoreCorrupt, std::string(name_of(table)) + " " + row.id + ": " + value.error().message());
  return value;
}

// All documents that a query finds, in order of their ids.
template <class T>
Result<std::vector<T>> load_documents(store::Snapshot& snapshot, const store::Query& query,
                                      Result<T> (*from_json)(const json::Value&)) {
  std::vector<T> all;
  std::optional<Error> fault;
  TENURE_CHECK_OK(snapshot.scan(query, [&](const store::Row& row) {
    auto value = document_of(query.table, row, from_json);
    if (value)
      all.push_back(std::move(*value));
    else
      fault = value.error();
    return !fault.has_value();
  }));
  if (fault) return fail(std::move(*fault));
  return all;
}

Result<std::map<model::IdentityId, model::Identity>> load_identities(store::Snapshot& snapshot);
Result<std::optional<model::TargetState>> load_target_state(store::Snapshot& snapshot, const model::TargetName& target);
Result<std::map<std::string, model::Finding>> load_findings(store::Snapshot& snapshot);
// Asked and approved ones, by the identity that they are about now (merges followed).
Result<std::map<model::IdentityId, std::vector<model::Assignment>>> load_assignments(store::Snapshot& snapshot,
                                                                                     const population::People& people);

}  // namespace tenure::app
