// A store that only looks: for commands that watch while another process holds the folder. Write-ahead logging lets
// readers see committed states without a lock of ours.
#include "sqlite_snapshot.hpp"

#include <tenure/base/file.hpp>
#include <tenure/store_sqlite/sqlite_store.hpp>

namespace tenure::store_sqlite {
namespace {

std::unexpected<Error> only_reading() {
  return fail(Reason::kStoreLocked, "the folder was opened for reading only");
}

class ReadingStore final : public store::Store, public store::EvidenceReader {
 public:
  explicit ReadingStore(std::string path) : path_(std::move(path)) {}

  Result<store::Committed> commit(const store::Batch& /*batch*/) override { return only_reading(); }
  Result<std::unique_ptr<store::Snapshot>> snapshot() override { return open_snapshot(path_); }
  store::EvidenceReader& evidence() override { return *this; }
  Status mark_sealed(std::int64_t /*first*/, const std::vector<std::int64_t>& /*sequences*/) override {
    return only_reading();
  }

  Status records(std::int64_t /*from*/, std::size_t /*limit*/,
                 const std::function<bool(const store::StoredRecord&)>& /*visit*/) override {
    return only_reading();
  }
  Result<std::optional<store::StoredRecord>> record(std::string_view /*id*/) override { return only_reading(); }
  Result<std::vector<store::StoredOpening>> openings(std::int64_t /*sequence*/) override { return only_reading(); }
  Result<std::vector<store::StoredRecord>> unsealed(std::size_t /*limit*/) override { return only_reading(); }
  Result<std::int64_t> sealed_count() override { return only_reading(); }
  Result<std::int64_t> record_count() override { return only_reading(); }

 private:
  std::string path_;
};

}  // namespace

Result<std::unique_ptr<store::Store>> open_reading(const std::string& folder) {
  const std::string path = folder + "/tenure.db";
  if (!file_exists(path)) return fail(Reason::kNoState, "there is no tenure.db in " + folder);
  return std::make_unique<ReadingStore>(path);
}

}  // namespace tenure::store_sqlite
