// One SQLite connection and its prepared statements, kept by their text. Not thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include <tenure/base/error.hpp>

struct sqlite3;
struct sqlite3_stmt;

namespace tenure::store_sqlite {

// A statement while it is used: reset when it goes out of scope. Parameters count from 1, columns from 0.
class Statement {
 public:
  Statement(sqlite3* db, sqlite3_stmt* stmt) : db_(db), stmt_(stmt) {}
  Statement(Statement&& other) noexcept : db_(other.db_), stmt_(other.stmt_) { other.stmt_ = nullptr; }
  Statement& operator=(Statement&&) = delete;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement();

  Statement& bind(int parameter, std::int64_t value);
  // The text must live until the statement was stepped.
  Statement& bind(int parameter, std::string_view text);
  // true: a row is there; false: done. kStoreFull, kStoreIo or kStoreCorrupt otherwise.
  Result<bool> step();
  std::int64_t integer(int column) const;
  bool is_null(int column) const;
  std::string text(int column) const;

 private:
  sqlite3* db_;
  sqlite3_stmt* stmt_;
};

class Database {
 public:
  // The file must exist unless create. All pragmas of ours are set.
  static Result<Database> open(const std::string& path, bool create, bool read_only);
  Database(Database&& other) noexcept;
  Database& operator=(Database&&) = delete;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  Result<Statement> prepare(const std::string& sql);
  Status execute(const std::string& sql);  // one statement without rows that matter
  std::int64_t changed_rows() const;
  // Moves the WAL into the database as far as readers allow. Returns frames left in the WAL.
  Result<int> checkpoint();
  // Ends any statement that runs longer than this from now on (no read transaction outlives 60 s).
  void limit_seconds(int seconds);
  Error last_error(std::string_view what) const;

 private:
  explicit Database(sqlite3* db) : db_(db) {}
  sqlite3* db_;
  std::unordered_map<std::string, sqlite3_stmt*> statements_;
};

// Rolls back unless committed.
class Transaction {
 public:
  static Result<Transaction> begin(Database& db, const char* mode);
  Transaction(Transaction&& other) noexcept : db_(other.db_) { other.db_ = nullptr; }
  Transaction& operator=(Transaction&&) = delete;
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();
  Status commit();

 private:
  explicit Transaction(Database* db) : db_(db) {}
  Database* db_;
};

}  // namespace tenure::store_sqlite
