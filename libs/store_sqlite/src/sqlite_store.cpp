#include "database.hpp"
#include "folder_lock.hpp"
#include "sqlite_snapshot.hpp"

#include <mutex>

#include <sys/stat.h>

#include <tenure/base/file.hpp>
#include <tenure/store/schema.hpp>
#include <tenure/store_sqlite/sqlite_store.hpp>

namespace tenure::store_sqlite {
namespace {

using store::Batch;
using store::Committed;
using store::StoredOpening;
using store::StoredRecord;
using store::Write;

constexpr int kCheckpointEveryCommits = 256;
constexpr const char* kRecordColumns = "SELECT seq, leaf_index, id, case_id, leaf FROM evidence";

StoredRecord read_record(const Statement& statement) {
  return {statement.integer(0), statement.is_null(1) ? -1 : statement.integer(1), statement.text(2), statement.text(3),
          statement.text(4)};
}

class SqliteStore final : public store::Store, public store::EvidenceReader {
 public:
  SqliteStore(FolderLock lock, std::string path, Database db, Random& random, Entropy& entropy)
      : lock_(std::move(lock)), path_(std::move(path)), db_(std::move(db)), composer_(random, entropy) {}

  ~SqliteStore() override {
    const std::lock_guard guard(mutex_);
    // What is left in the WAL is durable already; this only shortens the next start.
    if (const auto left = db_.checkpoint(); !left) return;
  }

  // The heads of the case chains and the next numbers live in memory; they are recovered from what is stored: the last
  // record of each case is its head.
  Status recover() {
    TENURE_TRY(Statement statement,
               db_.prepare("SELECT e.leaf FROM evidence e JOIN (SELECT MAX(seq) AS last FROM evidence "
                           "WHERE case_id <> '' GROUP BY case_id) h ON e.seq = h.last ORDER BY e.seq"));
    while (true) {
      TENURE_TRY(const bool row, statement.step());
      if (!row) break;
      TENURE_CHECK_OK(composer_.resume(statement.text(0)));
    }
    TENURE_TRY(Statement last, db_.prepare("SELECT MAX(seq) FROM evidence"));
    TENURE_TRY(const bool any, last.step());
    if (any && !last.is_null(0)) last_record_ = last.integer(0);
    TENURE_TRY(Statement sequence, db_.prepare("SELECT value, sealed FROM commit_sequence"));
    TENURE_TRY(const bool found, sequence.step());
    if (!found) return fail(Reason::kStoreCorrupt, "the commit sequence is missing");
    sequence_ = sequence.integer(0);
    sealed_ = sequence.integer(1);
    return {};
  }

  Result<Committed> commit(const Batch& batch) override {
    const std::lock_guard guard(mutex_);
    composer_.begin();
    auto committed = try_commit(batch);
    if (committed) {
      composer_.commit();
      last_record_ += static_cast<std::int64_t>(batch.records.size());
      sequence_ = committed->sequence;
      if (++commits_since_checkpoint_ >= kCheckpointEveryCommits) {
        commits_since_checkpoint_ = 0;
        if (const auto left = db_.checkpoint(); !left) return fail(left.error());
      }
    } else {
      composer_.rollback();
    }
    return committed;
  }

  Result<std::unique_ptr<store::Snapshot>> snapshot() override { return open_snapshot(path_); }
  store::EvidenceReader& evidence() override { return *this; }

  Status mark_sealed(std::int64_t first_leaf_index, const std::vector<std::int64_t>& sequences) override {
    const std::lock_guard guard(mutex_);
    if (first_leaf_index != sealed_)
      return fail(Reason::kStoreFenced, "the log holds " + std::to_string(sealed_) + " sealed records, not " +
                                            std::to_string(first_leaf_index));
    TENURE_TRY(Transaction transaction, Transaction::begin(db_, "IMMEDIATE"));
    std::int64_t next = sealed_;
    for (const std::int64_t sequence : sequences) {
      TENURE_TRY(Statement statement,
                 db_.prepare("UPDATE evidence SET leaf_index = ?1 WHERE seq = ?2 AND leaf_index IS NULL"));
      statement.bind(1, next++).bind(2, sequence);
      TENURE_CHECK_OK(statement.step());
      if (db_.changed_rows() != 1)
        return fail(Reason::kStoreFenced, "record " + std::to_string(sequence) + " is sealed already");
    }
    {
      TENURE_TRY(Statement statement, db_.prepare("UPDATE commit_sequence SET sealed = ?1 WHERE id = 1"));
      statement.bind(1, next);
      TENURE_CHECK_OK(statement.step());
    }
    TENURE_CHECK_OK(transaction.commit());
    sealed_ = next;
    return {};
  }

  Status records(std::int64_t from, std::size_t limit, const std::function<bool(const StoredRecord&)>& visit) override {
    const std::lock_guard guard(mutex_);
    TENURE_TRY(Statement statement, db_.prepare(std::string(kRecordColumns) + " WHERE seq >= ?1 ORDER BY seq"));
    statement.bind(1, from);
    for (; limit > 0; --limit) {
      TENURE_TRY(const bool row, statement.step());
      if (!row || !visit(read_record(statement))) return {};
    }
    return {};
  }

  Result<std::optional<StoredRecord>> record(std::string_view id) override {
    const std::lock_guard guard(mutex_);
    TENURE_TRY(Statement statement, db_.prepare(std::string(kRecordColumns) + " WHERE id = ?1"));
    statement.bind(1, id);
    TENURE_TRY(const bool row, statement.step());
    if (!row) return std::nullopt;
    return read_record(statement);
  }

  Result<std::vector<StoredOpening>> openings(std::int64_t sequence) override {
    const std::lock_guard guard(mutex_);
    TENURE_TRY(Statement statement, db_.prepare("SELECT body FROM opening WHERE seq = ?1"));
    statement.bind(1, sequence);
    TENURE_TRY(const bool row, statement.step());
    if (!row) return std::vector<StoredOpening>();
    return store::openings_from(statement.text(0));
  }

  Result<std::vector<StoredRecord>> unsealed(std::size_t limit) override {
    const std::lock_guard guard(mutex_);
    TENURE_TRY(Statement statement,
               db_.prepare(std::string(kRecordColumns) + " WHERE leaf_index IS NULL ORDER BY seq"));
    std::vector<StoredRecord> found;
    while (found.size() < limit) {
      TENURE_TRY(const bool row, statement.step());
      if (!row) break;
      found.push_back(read_record(statement));
    }
    return found;
  }

  Result<std::int64_t> sealed_count() override {
    const std::lock_guard guard(mutex_);
    return sealed_;
  }
  Result<std::int64_t> record_count() override {
    const std::lock_guard guard(mutex_);
    return last_record_;
  }

 private:
  Result<Committed> try_commit(const Batch& batch) {
    TENURE_TRY(Transaction transaction, Transaction::begin(db_, "IMMEDIATE"));
    for (const auto& write : batch.writes) TENURE_CHECK_OK(apply(write));
    Committed committed;
    committed.sequence = sequence_ + 1;
    committed.first_record = last_record_ + 1;
    std::int64_t sequence = last_record_;
    for (const auto& draft : batch.records) {
      TENURE_TRY(evidence::Record record, composer_.compose(draft));
      TENURE_CHECK_OK(insert(++sequence, record));
      committed.record_ids.push_back(std::move(record.id));
    }
    TENURE_TRY(Statement statement, db_.prepare("UPDATE commit_sequence SET value = ?1 WHERE id = 1"));
    statement.bind(1, committed.sequence);
    TENURE_CHECK_OK(statement.step());
    TENURE_CHECK_OK(transaction.commit());
    return committed;
  }

  Status apply(const Write& write) {
    const auto& sql = sql_[static_cast<std::size_t>(write.table)];
    const bool any = write.expected_version == store::kAnyVersion;
    if (write.erase) {
      TENURE_TRY(Statement statement, db_.prepare(any ? sql.erase : sql.erase_at));
      statement.bind(1, write.id);
      if (!any) statement.bind(2, write.expected_version);
      TENURE_CHECK_OK(statement.step());
    } else {
      const bool insert_only = write.expected_version == store::kMustNotExist;
      TENURE_TRY(Statement statement, db_.prepare(any ? sql.put : insert_only ? sql.insert_new : sql.update));
      statement.bind(1, write.id).bind(2, write.index.owner).bind(3, write.index.state).bind(4, write.index.due);
      statement.bind(5, write.body);
      if (!any && !insert_only) statement.bind(6, write.expected_version);
      TENURE_CHECK_OK(statement.step());
    }
    if (!any && db_.changed_rows() != 1)
      return fail(Reason::kStoreConflict, std::string(name_of(write.table)) + " " + write.id + " is not at version " +
                                              std::to_string(write.expected_version));
    return {};
  }

  Status insert(std::int64_t sequence, const evidence::Record& record) {
    {
      TENURE_TRY(
          Statement statement,
          db_.prepare("INSERT INTO evidence (seq, leaf_index, id, case_id, leaf) VALUES (?1, NULL, ?2, ?3, ?4)"));
      statement.bind(1, sequence).bind(2, record.id).bind(3, record.case_id).bind(4, record.leaf);
      TENURE_CHECK_OK(statement.step());
    }
    if (record.openings.empty()) return {};
    const std::string openings = store::openings_text(record.openings);
    TENURE_TRY(Statement statement, db_.prepare("INSERT INTO opening (seq, body) VALUES (?1, ?2)"));
    statement.bind(1, sequence).bind(2, openings);
    TENURE_CHECK_OK(statement.step());
    return {};
  }

  static std::vector<store::TableSql> all_table_sql() {
    std::vector<store::TableSql> all;
    for (std::size_t i = 0; i < store::kTableCount; ++i) all.push_back(store::table_sql(static_cast<store::Table>(i)));
    return all;
  }

  const FolderLock lock_;
  const std::string path_;
  const std::vector<store::TableSql> sql_ = all_table_sql();

  std::mutex mutex_;  // guards everything below: one writing connection
  Database db_;
  evidence::Composer composer_;
  std::int64_t sequence_ = 0;
  std::int64_t last_record_ = 0;
  std::int64_t sealed_ = 0;
  int commits_since_checkpoint_ = 0;
};

Status create_schema(Database& db) {
  TENURE_TRY(Transaction transaction, Transaction::begin(db, "EXCLUSIVE"));
  for (const auto& statement : store::schema_statements("INTEGER PRIMARY KEY")) TENURE_CHECK_OK(db.execute(statement));
  TENURE_CHECK_OK(db.execute("PRAGMA user_version=" + std::to_string(store::kSchemaVersion)));
  return transaction.commit();
}

Status check_schema(Database& db) {
  TENURE_TRY(Statement statement, db.prepare("PRAGMA user_version"));
  TENURE_TRY(const bool row, statement.step());
  const std::int64_t version = row ? statement.integer(0) : 0;
  if (version == store::kSchemaVersion) return {};
  return fail(Reason::kStoreSchema, "the state has schema version " + std::to_string(version) +
                                        ", this program needs " + std::to_string(store::kSchemaVersion));
}

}  // namespace

Result<std::unique_ptr<store::Store>> open(const Options& options, Random& random, Entropy& entropy) {
  const std::string path = options.folder + "/tenure.db";
  const bool there = file_exists(path);
  if (options.create && there) return fail(Reason::kStateExists, options.folder + " holds a state already");
  if (!options.create && !there) return fail(Reason::kNoState, "there is no tenure.db in " + options.folder);
  TENURE_TRY(FolderLock lock, FolderLock::take(options.folder));
  if (options.create) {
    // A creation that was interrupted leaves only this temporary name.
    const std::string fresh = path + ".new";
    for (const char* suffix : {"", "-wal", "-shm"}) std::remove((fresh + suffix).c_str());
    {
      TENURE_TRY(Database db, Database::open(fresh, true, false));
      if (::chmod(fresh.c_str(), 0600) != 0) return fail(Reason::kStoreIo, "cannot set the permissions of " + fresh);
      TENURE_CHECK_OK(create_schema(db));
      TENURE_CHECK_OK(db.execute("PRAGMA wal_checkpoint(TRUNCATE)"));
    }
    if (std::rename(fresh.c_str(), path.c_str()) != 0) return fail(Reason::kStoreIo, "cannot rename " + fresh);
  }
  TENURE_TRY(Database db, Database::open(path, false, false));
  TENURE_CHECK_OK(check_schema(db));
  auto store = std::make_unique<SqliteStore>(std::move(lock), path, std::move(db), random, entropy);
  TENURE_CHECK_OK(store->recover());
  return store;
}

}  // namespace tenure::store_sqlite
