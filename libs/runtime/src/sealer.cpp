#include <tenure/runtime/sealer.hpp>

#include <sys/stat.h>

#include <algorithm>
#include <array>

#include <tenure/base/file.hpp>
#include <tenure/evidence/checkpoint.hpp>
#include <tenure/evidence/tiles.hpp>

#include "log_files.hpp"

namespace tenure::runtime {
namespace {

constexpr std::size_t kRecordsPerPublication = 65'536;

// Makes the key at the first use.
Result<evidence::SigningKey> load_key(const SealerOptions& options, Entropy& entropy) {
  const std::string path = options.key_folder + "/log.key";
  if (!file_exists(path)) {
    if (file_exists(options.key_folder + "/high_water"))
      return fail(Reason::kKeyUnreadable, "a checkpoint was signed, and the key " + path + " is gone");
    TENURE_CHECK_OK(make_folders(options.key_folder));
    if (::chmod(options.key_folder.c_str(), 0700) != 0) return fail(Reason::kIo, "cannot protect " + options.key_folder);
    std::array<std::uint8_t, 32> seed = entropy.bytes32();
    TENURE_CHECK_OK(write_file_atomic(path, to_hex({reinterpret_cast<const char*>(seed.data()), seed.size()}) + "\n", 0600));
    seed.fill(0);
  }
  TENURE_TRY(std::string text, read_file(path));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  auto bytes = from_hex(text);
  std::fill(text.begin(), text.end(), '\0');
  std::array<std::uint8_t, 32> seed{};
  if (!bytes || bytes->size() != seed.size()) return fail(Reason::kKeyUnreadable, path + " is not 64 hexadecimal digits");
  std::copy(bytes->begin(), bytes->end(), seed.begin());
  auto key = evidence::SigningKey::create(options.origin, seed);
  seed.fill(0);
  return key;
}

class DiskSealer final : public Sealer {
 public:
  DiskSealer(store::Store& store, SealerOptions options, evidence::SigningKey key)
      : store_(store), options_(std::move(options)), key_(std::move(key)), files_(options_.log_folder) {}

  Status recover() {
    TENURE_CHECK_OK(make_folders(options_.log_folder));
    TENURE_CHECK_OK(write_if_other(options_.key_folder + "/log.vkey", key_.verifier().to_string() + "\n"));
    const std::string mark = options_.key_folder + "/high_water";
    if (!file_exists(mark)) return check_store();
    TENURE_TRY(const std::string signed_bytes, read_file(mark));
    TENURE_TRY(const evidence::Checkpoint checkpoint, evidence::open_checkpoint(signed_bytes, key_.verifier()));
    auto edge = evidence::Edge::load(checkpoint.size, files_.reader());
    if (!edge || edge->root() != checkpoint.root)
      return fail(Reason::kEvidenceBroken, "the files of the log do not have the root that was signed at size " +
                                               std::to_string(checkpoint.size));
    edge_ = std::move(*edge);
    TENURE_CHECK_OK(write_if_other(options_.log_folder + "/checkpoint", signed_bytes));
    return check_store();
  }

  Result<Sealed> seal() override {
    Sealed sealed;
    while (true) {
      TENURE_TRY(const auto records, store_.evidence().unsealed(kRecordsPerPublication));
      if (records.empty()) break;
      TENURE_CHECK_OK(publish(records));
      sealed.records += static_cast<std::int64_t>(records.size());
    }
    sealed.size = static_cast<std::int64_t>(edge_.size());
    return sealed;
  }

 private:
  static Status write_if_other(const std::string& path, const std::string& content) {
    if (file_exists(path)) {
      TENURE_TRY(const std::string there, read_file(path));
      if (there == content) return {};
    }
    return write_file_atomic(path, content);
  }

  // A crash between the checkpoint and the store's marks leaves the log ahead: the leaves that are signed are marked now,
  // after they were compared. Any other difference means that one of the two comes from another time.
  Status check_store() {
    TENURE_TRY(const std::int64_t sealed, store_.evidence().sealed_count());
    const auto size = static_cast<std::int64_t>(edge_.size());
    if (sealed == size) return {};
    if (sealed > size)
      return fail(Reason::kLogBehind, "the store has " + std::to_string(sealed) + " sealed records, the log " + std::to_string(size));
    TENURE_TRY(const auto records, store_.evidence().unsealed(static_cast<std::size_t>(size - sealed)));
    if (static_cast<std::int64_t>(records.size()) != size - sealed)
      return fail(Reason::kLogBehind, "the log holds " + std::to_string(size) + " records, the store knows " +
                                          std::to_string(sealed + static_cast<std::int64_t>(records.size())) +
                                          ": it looks like an old backup");
    std::vector<std::int64_t> sequences;
    for (const auto& record : records) {
      const auto index = static_cast<std::uint64_t>(sealed) + sequences.size();
      TENURE_TRY(const std::string entry, evidence::read_entry(index, edge_.size(), files_.reader()));
      if (entry != record.leaf)
        return fail(Reason::kLogBehind, "entry " + std::to_string(index) + " of the log is not the store's next record");
      sequences.push_back(record.sequence);
    }
    return store_.mark_sealed(sealed, sequences);
  }

  Status publish(const std::vector<store::StoredRecord>& records) {
    std::vector<std::string> leaves;
    std::vector<std::int64_t> sequences;
    for (const auto& record : records) {
      leaves.push_back(record.leaf);
      sequences.push_back(record.sequence);
    }
    TENURE_TRY(evidence::Publication publication, evidence::plan_publication(edge_, leaves));
    TENURE_CHECK_OK(files_.write(publication.files));
    const std::string checkpoint =
        evidence::sign_checkpoint({options_.origin, publication.to_size, publication.root}, key_);
    TENURE_CHECK_OK(write_file_atomic(options_.key_folder + "/high_water", checkpoint));
    TENURE_CHECK_OK(write_file_atomic(options_.log_folder + "/checkpoint", checkpoint));
    TENURE_CHECK_OK(store_.mark_sealed(static_cast<std::int64_t>(publication.from_size), sequences));
    files_.remove_folders(publication.garbage_folders);
    edge_ = std::move(publication.edge);
    return {};
  }

  store::Store& store_;
  const SealerOptions options_;
  const evidence::SigningKey key_;
  const LogFiles files_;
  evidence::Edge edge_;
};

}  // namespace

Result<std::unique_ptr<Sealer>> Sealer::open(store::Store& store, const SealerOptions& options, Entropy& entropy) {
  TENURE_TRY(evidence::SigningKey key, load_key(options, entropy));
  auto sealer = std::make_unique<DiskSealer>(store, options, std::move(key));
  TENURE_CHECK_OK(sealer->recover());
  return sealer;
}

Result<std::vector<Sha256>> leaf_hashes(const SealerOptions& options) {
  TENURE_TRY(const std::string vkey_text, read_file(options.key_folder + "/log.vkey"));
  TENURE_TRY(const auto vkey, evidence::VerifierKey::parse(vkey_text.substr(0, vkey_text.find('\n'))));
  TENURE_TRY(const std::string bytes, read_file(options.log_folder + "/checkpoint"));
  TENURE_TRY(const evidence::Checkpoint checkpoint, evidence::open_checkpoint(bytes, vkey));
  std::vector<Sha256> hashes;
  const LogFiles files(options.log_folder);
  for (std::uint64_t index = 0; index * evidence::kTileWidth < checkpoint.size; ++index) {
    const auto width = std::min<std::uint64_t>(evidence::kTileWidth, checkpoint.size - index * evidence::kTileWidth);
    TENURE_TRY(const std::string tile, files.reader()(evidence::to_path({0U, index, static_cast<unsigned>(width)})));
    if (tile.size() != width * 32) return fail(Reason::kEvidenceBroken, "a tile of level 0 has a wrong length");
    for (std::uint64_t i = 0; i < width; ++i) {
      Sha256 hash;
      std::copy_n(tile.begin() + static_cast<std::ptrdiff_t>(i * 32), 32, hash.bytes.begin());
      hashes.push_back(hash);
    }
  }
  return hashes;
}

}  // namespace tenure::runtime
