// The one SQL schema of the state: the same names, types and text on SQLite and PostgreSQL. The only token that differs
// is {ROWKEY}, the type of a dense integer primary key (SQLite: INTEGER PRIMARY KEY is the row itself; PostgreSQL:
// BIGINT PRIMARY KEY). Times are int64 microseconds, documents and leaves are text, salts are base64 text.
#pragma once

#include <string>
#include <vector>

#include <tenure/store/store.hpp>

namespace tenure::store {

// Version of everything schema_statements() makes. A state folder of another version is refused (kStoreSchema).
inline constexpr int kSchemaVersion = 4;

// Name of the SQL table of a state table: "s_change".
std::string sql_table(Table table);
// CREATE statements in order. `row_key` replaces {ROWKEY}.
std::vector<std::string> schema_statements(std::string_view row_key);

// Statements over one state table, with ?1..?n parameters.
struct TableSql {
  std::string get;         // id -> version, owner, state, due, body
  std::string insert_new;  // id, owner, state, due, body; nothing happens if the id is there
  std::string put;         // id, owner, state, due, body; insert or overwrite, version + 1
  std::string update;      // id, owner, state, due, body, version; only that version
  std::string erase;       // id
  std::string erase_at;    // id, version
};
TableSql table_sql(Table table);

// "SELECT id, version, owner, state, due, body FROM ... WHERE ... ORDER BY id" with the conditions that the query sets;
// parameters in the order owner, state, due, after_id as far as they are set. `count` selects COUNT(*) without order.
std::string scan_sql(const Query& query, bool count);

// The openings of one record as its row in `opening` holds them: {"<field>":["<salt in base64>",<value>],...}, fields in
// byte order. Written for every record, so it is written by hand; kStoreCorrupt when it cannot be read.
std::string openings_text(const std::vector<evidence::Opening>& openings);
Result<std::vector<StoredOpening>> openings_from(std::string_view text);

}  // namespace tenure::store
