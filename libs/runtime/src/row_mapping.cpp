#include <array>

#include <tenure/runtime/decisions.hpp>
#include <tenure/runtime/reader.hpp>
#include <tenure/runtime/row_mapping.hpp>

namespace tenure::runtime {
namespace {

template <class Row>
Status load_all(store::Snapshot& snapshot, store::Table table, std::optional<std::string> state,
                Result<Row> (*from_json)(const json::Value&), std::vector<Row>& out) {
  Status status;
  TENURE_CHECK_OK(snapshot.scan({.table = table, .state = std::move(state)}, [&](const store::Row& row) {
    auto value = json::parse(row.body);
    if (!value) {
      status = fail(Reason::kStoreCorrupt,
                    std::string(store::name_of(table)) + " " + row.id + ": " + value.error().message());
      return false;
    }
    auto one = from_json(*value);
    if (!one) {
      status =
          fail(Reason::kStoreCorrupt, std::string(store::name_of(table)) + " " + row.id + ": " + one.error().message());
      return false;
    }
    out.push_back(std::move(*one));
    return true;
  }));
  return status;
}

Result<store::Write> merged(const engine::RowWrite& write, store::Snapshot& snapshot) {
  store::Write out{.table = table_of(write.table), .id = write.id};
  TENURE_TRY(const auto stored, snapshot.get(out.table, write.id));
  json::Object members;
  out.expected_version = store::kMustNotExist;
  out.index = {write.owner, write.state, write.due};
  if (stored) {
    out.expected_version = stored->version;
    out.index = stored->index;
    TENURE_TRY(json::Value body, json::parse(stored->body));
    if (body.is_object()) members = std::move(body.as_object());
  }
  if (const json::Value body = engine::document(write.body); body.is_object())
    for (const auto& [key, value] : body.as_object()) members.insert_or_assign(key, value);
  TENURE_TRY(out.body, json::canonical(members));
  return out;
}

}  // namespace

store::Table table_of(engine::RowTable table) {
  using store::Table;
  constexpr std::array<Table, 11> kTables = {Table::kChange, Table::kAttempt,  Table::kObligation, Table::kWorkOrder,
                                             Table::kCase,   Table::kRun,      Table::kDone,       Table::kClaim,
                                             Table::kName,   Table::kDecision, Table::kTarget};
  return kTables.at(static_cast<std::size_t>(table));
}

Status append(store::Batch& batch, const engine::Commit& commit, store::Snapshot* snapshot, Time now) {
  for (const engine::RowWrite& write : commit.writes) {
    if (write.merge) {
      if (snapshot == nullptr) return fail(Reason::kInternal, "a row is to be merged and nothing shows it");
      TENURE_TRY(store::Write out, merged(write, *snapshot));
      batch.writes.push_back(std::move(out));
      continue;
    }
    if (write.erase && write.table == engine::RowTable::kDecision) {  // a block may hold it too
      batch.writes.push_back(end_decision(write.id));
      continue;
    }
    store::Write out{.table = table_of(write.table), .id = write.id, .erase = write.erase};
    if (!write.erase) {
      out.index = {write.owner, write.state, write.due};
      TENURE_TRY(out.body, json::canonical(engine::document(write.body)));
    }
    batch.writes.push_back(std::move(out));
  }
  for (const engine::ImageUpdate& update : commit.images) batch.writes.push_back(apply_image(update, now));
  batch.records.insert(batch.records.end(), commit.records.begin(), commit.records.end());
  return {};
}

Result<engine::Rows> load_rows(store::Snapshot& snapshot) {
  engine::Rows rows;
  TENURE_CHECK_OK(load_all(snapshot, store::Table::kChange, std::nullopt, &engine::change_row_from_json, rows.changes));
  TENURE_CHECK_OK(load_all(snapshot, store::Table::kObligation, std::optional<std::string>("open"),
                           &engine::obligation_row_from_json, rows.obligations));
  std::vector<governance::WorkOrder> orders;
  TENURE_CHECK_OK(
      load_all(snapshot, store::Table::kWorkOrder, std::nullopt, &governance::work_order_from_json, orders));
  for (governance::WorkOrder& order : orders)
    if (order.open()) rows.work_orders.push_back(std::move(order));
  TENURE_CHECK_OK(load_all(snapshot, store::Table::kCase, std::optional<std::string>("open"),
                           &engine::case_row_from_json, rows.cases));
  TENURE_CHECK_OK(load_all(snapshot, store::Table::kRun, std::optional<std::string>("open"), &engine::run_row_from_json,
                           rows.runs));
  return rows;
}

}  // namespace tenure::runtime
