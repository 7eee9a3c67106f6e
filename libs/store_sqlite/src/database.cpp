#include "database.hpp"

#include <ctime>
#include <utility>

#include <sqlite3.h>

namespace tenure::store_sqlite {
namespace {

Reason reason_of(int code) {
  switch (code & 0xFF) {
    case SQLITE_FULL:
      return Reason::kStoreFull;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Reason::kStoreCorrupt;
    case SQLITE_INTERRUPT:
      return Reason::kStoreFenced;
    default:
      return Reason::kStoreIo;
  }
}

Error error_of(sqlite3* db, std::string_view what) {
  const int code = sqlite3_extended_errcode(db);
  return Error(reason_of(code), std::string(what) + ": " + sqlite3_errmsg(db) + " (" + std::to_string(code) + ")");
}

}  // namespace

Statement::~Statement() {
  if (stmt_ == nullptr) return;
  sqlite3_reset(stmt_);
  sqlite3_clear_bindings(stmt_);
}

Statement& Statement::bind(int parameter, std::int64_t value) {
  sqlite3_bind_int64(stmt_, parameter, value);
  return *this;
}

Statement& Statement::bind(int parameter, std::string_view text) {
  // A null pointer would bind NULL; an empty string is not NULL here.
  const char* data = text.data() == nullptr ? "" : text.data();
  sqlite3_bind_text64(stmt_, parameter, data, text.size(), SQLITE_STATIC, SQLITE_UTF8);
  return *this;
}

Result<bool> Statement::step() {
  const int code = sqlite3_step(stmt_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return fail(error_of(db_, "statement"));
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(stmt_, column);
}
bool Statement::is_null(int column) const {
  return sqlite3_column_type(stmt_, column) == SQLITE_NULL;
}
std::string Statement::text(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(stmt_, column));
  return data == nullptr ? std::string()
                         : std::string(data, static_cast<std::size_t>(sqlite3_column_bytes(stmt_, column)));
}

Result<Database> Database::open(const std::string& path, bool create, bool read_only) {
  if (sqlite3_libversion_number() < 3'051'003)
    return fail(Reason::kStoreSchema, std::string("SQLite ") + sqlite3_libversion() + " is older than 3.51.3");
  sqlite3* raw = nullptr;
  const int flags = (read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) | (create ? SQLITE_OPEN_CREATE : 0) |
                    SQLITE_OPEN_NOMUTEX;
  const int code = sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
  Database db(raw);
  if (code != SQLITE_OK) return fail(db.last_error("cannot open " + path));
  sqlite3_extended_result_codes(raw, 1);
  sqlite3_busy_timeout(raw, 5000);
  if (!read_only) {
    TENURE_CHECK_OK(db.execute("PRAGMA journal_mode=WAL"));
    TENURE_CHECK_OK(db.execute("PRAGMA synchronous=FULL"));
    TENURE_CHECK_OK(db.execute("PRAGMA wal_autocheckpoint=0"));
    TENURE_CHECK_OK(db.execute("PRAGMA foreign_keys=OFF"));
  }
  TENURE_CHECK_OK(db.execute("PRAGMA mmap_size=0"));
  TENURE_CHECK_OK(db.execute("PRAGMA cache_size=-65536"));
  return db;
}

Database::Database(Database&& other) noexcept : db_(other.db_), statements_(std::move(other.statements_)) {
  other.db_ = nullptr;
  other.statements_.clear();
}

Database::~Database() {
  for (auto& [sql, stmt] : statements_) sqlite3_finalize(stmt);
  sqlite3_close(db_);
}

Result<Statement> Database::prepare(const std::string& sql) {
  auto it = statements_.find(sql);
  if (it == statements_.end()) {
    sqlite3_stmt* stmt = nullptr;
    if (sqlite3_prepare_v3(db_, sql.c_str(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &stmt, nullptr) !=
        SQLITE_OK)
      return fail(last_error("cannot prepare a statement"));
    it = statements_.emplace(sql, stmt).first;
  }
  return Statement(db_, it->second);
}

Status Database::execute(const std::string& sql) {
  TENURE_TRY(Statement statement, prepare(sql));
  while (true) {
    TENURE_TRY(const bool row, statement.step());
    if (!row) return {};
  }
}

std::int64_t Database::changed_rows() const {
  return sqlite3_changes64(db_);
}

Result<int> Database::checkpoint() {
  int frames = 0, moved = 0;
  const int code = sqlite3_wal_checkpoint_v2(db_, nullptr, SQLITE_CHECKPOINT_PASSIVE, &frames, &moved);
  // Busy is no fault: a reader holds the WAL; the next checkpoint goes on.
  if (code != SQLITE_OK && code != SQLITE_BUSY && code != SQLITE_LOCKED) return fail(last_error("checkpoint"));
  return frames - moved;
}

void Database::limit_seconds(int seconds) {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  const std::int64_t until = now.tv_sec + seconds;
  sqlite3_progress_handler(
      db_, 100'000,
      [](void* limit) {
        timespec t{};
        clock_gettime(CLOCK_MONOTONIC, &t);
        return t.tv_sec > static_cast<std::int64_t>(reinterpret_cast<std::intptr_t>(limit)) ? 1 : 0;
      },
      reinterpret_cast<void*>(static_cast<std::intptr_t>(until)));
}

Error Database::last_error(std::string_view what) const {
  return error_of(db_, what);
}

Result<Transaction> Transaction::begin(Database& db, const char* mode) {
  TENURE_CHECK_OK(db.execute(std::string("BEGIN ") + mode));
  return Transaction(&db);
}

Transaction::~Transaction() {
  if (db_ == nullptr) return;
  // After some errors SQLite has rolled back already; then this fails and nothing is lost.
  if (const auto rolled_back = db_->execute("ROLLBACK"); !rolled_back) return;
}

Status Transaction::commit() {
  TENURE_CHECK_OK(db_->execute("COMMIT"));
  db_ = nullptr;
  return {};
}

}  // namespace tenure::store_sqlite
