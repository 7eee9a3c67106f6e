#include "sqlite_snapshot.hpp"

#include <tenure/store/schema.hpp>

namespace tenure::store_sqlite {
namespace {

using store::Query;
using store::Row;
using store::Table;

constexpr int kReaderSecondsMax = 60;

// Columns: version, owner, state, due, body from `first` on.
Row read_row(const Statement& statement, std::string id, int first) {
  return {std::move(id),
          statement.integer(first),
          {statement.text(first + 1), statement.text(first + 2), statement.integer(first + 3)},
          statement.text(first + 4)};
}

class SqliteSnapshot final : public store::Snapshot {
 public:
  explicit SqliteSnapshot(Database db) : db_(std::move(db)) {}

  Status begin() {
    db_.limit_seconds(kReaderSecondsMax);
    TENURE_CHECK_OK(db_.execute("BEGIN"));
    // The first read fixes the view.
    TENURE_TRY(Statement statement, db_.prepare("SELECT value FROM commit_sequence"));
    TENURE_TRY(const bool row, statement.step());
    if (!row) return fail(Reason::kStoreCorrupt, "the commit sequence is missing");
    sequence_ = statement.integer(0);
    return {};
  }

  std::int64_t sequence() const override { return sequence_; }

  Result<std::optional<Row>> get(Table table, std::string_view id) override {
    TENURE_TRY(Statement statement, db_.prepare(store::table_sql(table).get));
    statement.bind(1, id);
    TENURE_TRY(const bool row, statement.step());
    if (!row) return std::nullopt;
    return read_row(statement, std::string(id), 0);
  }

  Status scan(const Query& query, const std::function<bool(const Row&)>& visit) override {
    TENURE_TRY(Statement statement, prepare(query, false));
    for (std::size_t left = query.limit; left > 0; --left) {
      TENURE_TRY(const bool row, statement.step());
      if (!row || !visit(read_row(statement, statement.text(0), 1))) return {};
    }
    return {};
  }

  Result<std::int64_t> count(const Query& query) override {
    TENURE_TRY(Statement statement, prepare(query, true));
    TENURE_TRY(const bool row, statement.step());
    return row ? statement.integer(0) : 0;
  }

 private:
  Result<Statement> prepare(const Query& query, bool count) {
    TENURE_TRY(Statement statement, db_.prepare(store::scan_sql(query, count)));
    int parameter = 0;
    if (query.owner) statement.bind(++parameter, *query.owner);
    if (query.state) statement.bind(++parameter, *query.state);
    if (query.due_at_most) statement.bind(++parameter, *query.due_at_most);
    if (!query.after_id.empty()) statement.bind(++parameter, query.after_id);
    return statement;
  }

  Database db_;
  std::int64_t sequence_ = 0;
};

}  // namespace

Result<std::unique_ptr<store::Snapshot>> open_snapshot(const std::string& path) {
  TENURE_TRY(Database db, Database::open(path, false, true));
  auto snapshot = std::make_unique<SqliteSnapshot>(std::move(db));
  TENURE_CHECK_OK(snapshot->begin());
  return snapshot;
}

}  // namespace tenure::store_sqlite
