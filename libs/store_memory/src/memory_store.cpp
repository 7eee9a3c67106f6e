#include <array>
#include <map>
#include <mutex>

#include <tenure/store_memory/memory_store.hpp>

namespace tenure::store_memory {

using store::Batch;
using store::Committed;
using store::Query;
using store::Row;
using store::StoredOpening;
using store::StoredRecord;
using store::Table;
using store::Write;

// Each state is immutable once published, so a snapshot is a pointer and later commits do not disturb it. A commit
// copies the tables it writes and shares the others.
using Rows = std::map<std::string, Row, std::less<>>;
struct State {
  State() { tables.fill(std::make_shared<Rows>()); }
  std::int64_t sequence = 0;
  std::array<std::shared_ptr<const Rows>, store::kTableCount> tables;
  const Rows& rows(Table table) const { return *tables.at(static_cast<std::size_t>(table)); }
};

struct Disk {
  std::mutex mutex;
  std::shared_ptr<const State> state = std::make_shared<State>();
  std::vector<StoredRecord> records;  // sequence = position + 1
  std::vector<std::vector<StoredOpening>> openings;
  std::int64_t sealed = 0;
};

std::shared_ptr<Disk> make_disk() {
  return std::make_shared<Disk>();
}

namespace {

bool matches(const Query& query, const Row& row) {
  return (!query.owner || row.index.owner == *query.owner) && (!query.state || row.index.state == *query.state) &&
         (!query.due_at_most || row.index.due <= *query.due_at_most);
}

class MemorySnapshot final : public store::Snapshot {
 public:
  explicit MemorySnapshot(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::int64_t sequence() const override { return state_->sequence; }

  Result<std::optional<Row>> get(Table table, std::string_view id) override {
    const auto& rows = state_->rows(table);
    const auto it = rows.find(id);
    if (it == rows.end()) return std::nullopt;
    return it->second;
  }

  Status scan(const Query& query, const std::function<bool(const Row&)>& visit) override {
    const auto& rows = state_->rows(query.table);
    std::size_t left = query.limit;
    for (auto it = query.after_id.empty() ? rows.begin() : rows.upper_bound(query.after_id); it != rows.end(); ++it) {
      if (!matches(query, it->second)) continue;
      if (left-- == 0 || !visit(it->second)) break;
    }
    return {};
  }

  Result<std::int64_t> count(const Query& query) override {
    std::int64_t n = 0;
    TENURE_CHECK_OK(scan(query, [&n](const Row&) {
      ++n;
      return true;
    }));
    return n;
  }

 private:
  std::shared_ptr<const State> state_;
};

class MemoryStore final : public store::Store, public store::EvidenceReader {
 public:
  MemoryStore(std::shared_ptr<Disk> disk, Random& random, Entropy& entropy)
      : disk_(std::move(disk)), composer_(random, entropy) {}

  Status recover() {
    for (const auto& record : disk_->records) TENURE_CHECK_OK(composer_.recover(record.leaf));
    return {};
  }

  Result<Committed> commit(const Batch& batch) override {
    const std::lock_guard lock(disk_->mutex);
    auto next = std::make_shared<State>(*disk_->state);
    std::map<Table, std::shared_ptr<Rows>> written;
    for (const auto& write : batch.writes) {
      auto& rows = written[write.table];
      if (rows == nullptr) rows = std::make_shared<Rows>(next->rows(write.table));
      TENURE_CHECK_OK(apply(*rows, write));
    }
    for (auto& [table, rows] : written) next->tables.at(static_cast<std::size_t>(table)) = std::move(rows);
    composer_.begin();
    std::vector<evidence::Record> records;
    for (const auto& draft : batch.records) {
      auto record = composer_.compose(draft);
      if (!record) {
        composer_.rollback();
        return fail(std::move(record).error());
      }
      records.push_back(std::move(*record));
    }
    composer_.commit();
    Committed committed;
    committed.sequence = ++next->sequence;
    committed.first_record = static_cast<std::int64_t>(disk_->records.size()) + 1;
    for (auto& record : records) committed.record_ids.push_back(append(std::move(record)));
    disk_->state = std::move(next);
    return committed;
  }

  Result<std::unique_ptr<store::Snapshot>> snapshot() override {
    const std::lock_guard lock(disk_->mutex);
    return std::make_unique<MemorySnapshot>(disk_->state);
  }

  store::EvidenceReader& evidence() override { return *this; }

  Status mark_sealed(std::int64_t first_leaf_index, const std::vector<std::int64_t>& sequences) override {
    const std::lock_guard lock(disk_->mutex);
    if (first_leaf_index != disk_->sealed)
      return fail(Reason::kStoreFenced, "the log holds " + std::to_string(disk_->sealed) + " sealed records, not " +
                                            std::to_string(first_leaf_index));
    for (const std::int64_t sequence : sequences)
      disk_->records.at(static_cast<std::size_t>(sequence - 1)).leaf_index = disk_->sealed++;
    return {};
  }

  Status records(std::int64_t from, std::size_t limit, const std::function<bool(const StoredRecord&)>& visit) override {
    const std::lock_guard lock(disk_->mutex);
    for (std::size_t i = static_cast<std::size_t>(std::max<std::int64_t>(from, 1) - 1);
         i < disk_->records.size() && limit > 0; ++i, --limit)
      if (!visit(disk_->records[i])) break;
    return {};
  }

  Result<std::optional<StoredRecord>> record(std::string_view id) override {
    const std::lock_guard lock(disk_->mutex);
    for (const auto& record : disk_->records)
      if (record.id == id) return record;
    return std::nullopt;
  }

  Result<std::vector<StoredOpening>> openings(std::int64_t sequence) override {
    const std::lock_guard lock(disk_->mutex);
    if (sequence < 1 || sequence > static_cast<std::int64_t>(disk_->openings.size()))
      return std::vector<StoredOpening>{};
    return disk_->openings[static_cast<std::size_t>(sequence - 1)];
  }

  Result<std::vector<StoredRecord>> unsealed(std::size_t limit) override {
    const std::lock_guard lock(disk_->mutex);
    std::vector<StoredRecord> found;
    for (const auto& record : disk_->records) {
      if (found.size() == limit) break;
      if (record.leaf_index < 0) found.push_back(record);
    }
    return found;
  }

  Result<std::int64_t> sealed_count() override {
    const std::lock_guard lock(disk_->mutex);
    return disk_->sealed;
  }
  Result<std::int64_t> record_count() override {
    const std::lock_guard lock(disk_->mutex);
    return static_cast<std::int64_t>(disk_->records.size());
  }

 private:
  static Status apply(Rows& rows, const Write& write) {
    const auto it = rows.find(write.id);
    const std::int64_t version = it == rows.end() ? 0 : it->second.version;
    if (write.expected_version != store::kAnyVersion && version != write.expected_version)
      return fail(Reason::kStoreConflict, std::string(name_of(write.table)) + " " + write.id + " is at version " +
                                              std::to_string(version) + ", not " +
                                              std::to_string(write.expected_version));
    if (write.erase) {
      if (it != rows.end()) rows.erase(it);
    } else {
      rows[write.id] = Row{write.id, version + 1, write.index, write.body};
    }
    return {};
  }

  std::string append(evidence::Record record) {
    const auto sequence = static_cast<std::int64_t>(disk_->records.size()) + 1;
    std::vector<StoredOpening> openings;
    for (auto& opening : record.openings)
      openings.push_back(
          {opening.field, std::string(opening.salt.begin(), opening.salt.end()), std::move(opening.value)});
    disk_->openings.push_back(std::move(openings));
    disk_->records.push_back({sequence, -1, record.id, record.case_id, std::move(record.leaf)});
    return std::move(record.id);
  }

  std::shared_ptr<Disk> disk_;
  evidence::Composer composer_;
};

}  // namespace

Result<std::unique_ptr<store::Store>> open(std::shared_ptr<Disk> disk, Random& random, Entropy& entropy) {
  auto store = std::make_unique<MemoryStore>(std::move(disk), random, entropy);
  TENURE_CHECK_OK(store->recover());
  return store;
}

}  // namespace tenure::store_memory
