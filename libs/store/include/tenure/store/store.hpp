// The durable state: rows and evidence records that change together.
//
// State rows are canonical JSON documents in named tables, each with a version and up to three index values; the same
// tables and the same SQL text on SQLite and PostgreSQL. A transition is one commit(): rows and evidence in one
// transaction, or nothing (T4). On return of commit() everything in it is durable (SQLite: synchronous=FULL).
//
// Thread-safety: commit() and reads may be called from any thread; commits are serialised. A Snapshot belongs to one
// thread and is closed within 60 seconds.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tenure/base/error.hpp>
#include <tenure/base/time.hpp>
#include <tenure/evidence/record.hpp>

namespace tenure::store {

// Order is part of the format: append only.
enum class Table : std::uint8_t {
  kMeta,          // "system", "policy": singletons
  kFeed,          // per source: last accepted and last held feed
  kSourceRecord,  // the records that were accepted last: "<source>" and "<source>/<block>"; owner = source
  kIdentity,      // "%012d"; owner = kind, state = lifecycle state
  kName,          // ledger of names ever used; owner = target
  kTarget,        // TargetState per target
  kObserved,      // blocks and deltas of the last full reading; owner = target
  kClaim,         // owner = target, state = identity
  kDecision,      // owner = target, state = kind, due = until
  kFinding,       // owner = target, state = open|answered|closed, due = deadline
  kPlan,          // "<digest>": the document, state = draft|applied|discarded; "<digest>/beside": its circumstances
  kApproval,      // "<digest>/<person>"; owner = digest
  kChange,        // engine rows of open changes; owner = target, state, due = next_at
  kAttempt,       // "<change>/<no>"; owner = change
  kObligation,    // owner = target, state = open|proven|waived, due
  kWorkOrder,     // owner = target, state, due = deadline
  kCase,          // open cases; state = open|closed
  kRun,           // one apply; state
  kDone,          // changes that ended, with their outcome; owner = run
  kAssignment,    // owner = identity, state = asked|approved|refused|ended, due = the earlier of until, decide_again_by
  kBreakGlass,    // owner = who opened it, state = asked|open|closed|reviewed|withdrawn, due = end of term or of review
  kKit            // sealed kits that were made, and how far their journals are merged; owner = person, due = expiry
};
std::string_view name_of(Table table);
inline constexpr std::size_t kTableCount = 22;

struct Index {
  std::string owner;
  std::string state;
  std::int64_t due = 0;  // microseconds; 0 = none
  friend bool operator==(const Index&, const Index&) = default;
};

struct Row {
  std::string id;
  std::int64_t version = 0;  // 1 when inserted, +1 with every update
  Index index;
  std::string body;  // canonical JSON, or the bytes of a plan document
};

// kAnyVersion: insert or overwrite without looking. kMustNotExist: insert only.
inline constexpr std::int64_t kAnyVersion = -1;
inline constexpr std::int64_t kMustNotExist = 0;

struct Write {
  Table table = Table::kMeta;
  std::string id;
  std::int64_t expected_version = kAnyVersion;
  bool erase = false;
  Index index;
  std::string body;
};

struct Batch {
  std::vector<Write> writes;
  std::vector<evidence::Draft> records;
  bool empty() const { return writes.empty() && records.empty(); }
};

struct Committed {
  std::int64_t sequence = 0;      // of this commit, dense
  std::int64_t first_record = 0;  // sequence of its first record; records are consecutive
  std::vector<std::string> record_ids;
};

struct Query {
  Table table = Table::kMeta;
  std::optional<std::string> owner;
  std::optional<std::string> state;
  std::optional<std::int64_t> due_at_most;
  std::string after_id;  // exclusive; "" = from the beginning
  std::size_t limit = SIZE_MAX;
};

// A stored evidence record. leaf_index is -1 until it is sealed.
struct StoredRecord {
  std::int64_t sequence = 0;
  std::int64_t leaf_index = -1;
  std::string id;
  std::string case_id;
  std::string leaf;  // the exact bytes that are hashed
};

struct StoredOpening {
  std::string field;
  std::string salt;   // 32 bytes
  std::string value;  // canonical JSON
};

// A consistent view. Rows come in ascending byte order of id.
class Snapshot {
 public:
  virtual ~Snapshot() = default;
  virtual std::int64_t sequence() const = 0;  // of the last commit it sees
  virtual Result<std::optional<Row>> get(Table table, std::string_view id) = 0;
  // Calls visit for each row until it returns false.
  virtual Status scan(const Query& query, const std::function<bool(const Row&)>& visit) = 0;
  virtual Result<std::int64_t> count(const Query& query) = 0;
};

// Records by sequence and by id, for sealing, showing and rebuilding.
class EvidenceReader {
 public:
  virtual ~EvidenceReader() = default;
  virtual Status records(std::int64_t from_sequence, std::size_t limit,
                         const std::function<bool(const StoredRecord&)>& visit) = 0;
  virtual Result<std::optional<StoredRecord>> record(std::string_view id) = 0;
  virtual Result<std::vector<StoredOpening>> openings(std::int64_t sequence) = 0;
  // Records without a leaf index, in sequence order (selected by that flag, never by "sequence > last").
  virtual Result<std::vector<StoredRecord>> unsealed(std::size_t limit) = 0;
  virtual Result<std::int64_t> sealed_count() = 0;
  virtual Result<std::int64_t> record_count() = 0;
};

class Store {
 public:
  virtual ~Store() = default;
  // kStoreConflict: a version did not match, nothing was written; read again. kStoreFull: nothing was written.
  // Any other error: whether it was written is unknown; reopen and read.
  virtual Result<Committed> commit(const Batch& batch) = 0;
  virtual Result<std::unique_ptr<Snapshot>> snapshot() = 0;
  virtual EvidenceReader& evidence() = 0;
  // Gives the unsealed records with these sequences consecutive leaf indexes from first_leaf_index, durable on return.
  // kStoreFenced if first_leaf_index is not the number of sealed records.
  virtual Status mark_sealed(std::int64_t first_leaf_index, const std::vector<std::int64_t>& sequences) = 0;
};

}  // namespace tenure::store
