#include <array>

#include <tenure/base/hash.hpp>
#include <tenure/base/json.hpp>
#include <tenure/store/schema.hpp>

namespace tenure::store {
namespace {

constexpr std::array<std::string_view, kTableCount> kNames = {
    "meta",     "feed",    "source_record", "identity",   "name",        "target",  "observed",   "claim",
    "decision", "finding", "plan",          "approval",   "change",      "attempt", "obligation", "work_order",
    "case",     "run",     "done",          "assignment", "break_glass", "kit"};

// Tables that are asked for what is due or open have an index for it; the others are read by id or as a whole.
bool asked_by_state(Table table) {
  return table == Table::kChange || table == Table::kObligation || table == Table::kWorkOrder ||
         table == Table::kFinding || table == Table::kPlan || table == Table::kAssignment;
}

}  // namespace

std::string_view name_of(Table table) {
  return kNames.at(static_cast<std::size_t>(table));
}

std::string sql_table(Table table) {
  return "s_" + std::string(name_of(table));
}

std::vector<std::string> schema_statements(std::string_view row_key) {
  std::vector<std::string> statements;
  for (std::size_t i = 0; i < kTableCount; ++i) {
    const auto table = static_cast<Table>(i);
    const std::string name = sql_table(table);
    statements.push_back("CREATE TABLE " + name +
                         " (id TEXT PRIMARY KEY, version BIGINT NOT NULL, owner TEXT NOT NULL, state TEXT NOT NULL, "
                         "due BIGINT NOT NULL, body TEXT NOT NULL)");
    if (asked_by_state(table)) statements.push_back("CREATE INDEX " + name + "_state ON " + name + " (state, due)");
  }
  const std::string key(row_key);
  // No random secondary index on evidence: it would cost four to six times the write rate. The partial index holds only
  // what is not sealed yet.
  statements.push_back("CREATE TABLE evidence (seq " + key +
                       ", leaf_index BIGINT, id TEXT NOT NULL, case_id TEXT NOT NULL, leaf TEXT NOT NULL)");
  statements.push_back("CREATE INDEX evidence_unsealed ON evidence (seq) WHERE leaf_index IS NULL");
  // Beside the record, so that it can be erased and the record stays (openings_text).
  statements.push_back("CREATE TABLE opening (seq " + key + ", body TEXT NOT NULL)");
  statements.push_back("CREATE TABLE commit_sequence (id " + key + ", value BIGINT NOT NULL, sealed BIGINT NOT NULL)");
  statements.push_back("INSERT INTO commit_sequence (id, value, sealed) VALUES (1, 0, 0)");
  return statements;
}

TableSql table_sql(Table table) {
  const std::string t = sql_table(table);
  const std::string insert =
      "INSERT INTO " + t +
      " (id, version, owner, state, due, body) VALUES (?1, 1, ?2, ?3, ?4, ?5) ON CONFLICT (id) DO ";
  const std::string set = " version = " + t + ".version + 1, owner = ?2, state = ?3, due = ?4, body = ?5";
  return {"SELECT version, owner, state, due, body FROM " + t + " WHERE id = ?1",
          insert + "NOTHING",
          insert + "UPDATE SET" + set,
          "UPDATE " + t + " SET" + set + " WHERE id = ?1 AND version = ?6",
          "DELETE FROM " + t + " WHERE id = ?1",
          "DELETE FROM " + t + " WHERE id = ?1 AND version = ?2"};
}

std::string scan_sql(const Query& query, bool count) {
  std::string sql = count ? "SELECT COUNT(*) FROM " : "SELECT id, version, owner, state, due, body FROM ";
  sql += sql_table(query.table);
  int parameter = 0;
  const auto where = [&](const char* condition) {
    sql += parameter == 0 ? " WHERE " : " AND ";
    sql += condition + std::to_string(++parameter);
  };
  if (query.owner) where("owner = ?");
  if (query.state) where("state = ?");
  if (query.due_at_most) where("due <= ?");
  if (!query.after_id.empty()) where("id > ?");
  if (!count) sql += " ORDER BY id";
  return sql;
}

std::string openings_text(const std::vector<evidence::Opening>& openings) {
  std::string text = "{";
  for (const auto& opening : openings) {  // Draft::fields is a map: they are in order
    if (text.size() > 1) text += ',';
    text += '"' + opening.field + "\":[\"";
    text += to_base64({reinterpret_cast<const char*>(opening.salt.data()), opening.salt.size()});
    text += "\"," + opening.value + ']';
  }
  return text + '}';
}

Result<std::vector<StoredOpening>> openings_from(std::string_view text) {
  const auto damaged = [] { return fail(Reason::kStoreCorrupt, "openings that cannot be read"); };
  const auto value = json::parse(text);
  if (!value || !value->is_object()) return damaged();
  std::vector<StoredOpening> found;
  for (const auto& [field, pair] : value->as_object()) {
    if (!pair.is_array() || pair.as_array().size() != 2 || !pair.as_array()[0].is_string()) return damaged();
    auto salt = from_base64(pair.as_array()[0].as_string());
    auto canonical = json::canonical(pair.as_array()[1]);
    if (!salt || !canonical) return damaged();
    found.push_back({field, std::move(*salt), std::move(*canonical)});
  }
  return found;
}

}  // namespace tenure::store
