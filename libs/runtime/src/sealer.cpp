#include <tenure/runtime/sealer.hpp>

#include <filesystem>
#include <span>
#include <system_error>
#include <vector>

#include <tenure/base/file.hpp>
#include <tenure/base/hash.hpp>

namespace tenure::runtime {
namespace {

std::string log_folder(const std::string& folder) { return folder + "/log/"; }

// Overwrites a secret that is no longer needed; volatile so that it is really done.
void wipe(std::string& secret) {
  volatile char* bytes = secret.data();
  for (std::size_t i = 0; i < secret.size(); ++i) bytes[i] = 0;
}

Status write_log_file(const std::string& folder, const evidence::File& file) {
  const std::string path = log_folder(folder) + file.path;
  if (file_exists(path)) {
    // Of a seal that a crash cut short: the same bytes, or somebody else wrote here.
    TENURE_TRY(const std::string there, read_file(path));
    if (there == file.bytes) return {};
    return fail(Reason::kEvidenceBroken, path + " holds other bytes than the records say");
  }
  TENURE_CHECK_OK(make_folders(std::filesystem::path(path).parent_path().string()));
  TENURE_CHECK_OK(write_file_atomic(path, file.bytes));
  // What will be signed is what is on the disk, not what was in memory.
  TENURE_TRY(const std::string written, read_file(path));
  if (written != file.bytes) return fail(Reason::kEvidenceBroken, path + " does not read back as written");
  return {};
}

evidence::FileReader reader_of(const std::string& folder) {
  return [prefix = log_folder(folder)](const std::string& path) -> Result<std::string> {
    if (!file_exists(prefix + path)) return fail(Reason::kEvidenceNotFound, path);
    return read_file(prefix + path);
  };
}

Result<evidence::SigningKey> load_key(const std::string& folder, std::string name) {
  std::error_code error;
  const auto status = std::filesystem::status(folder + "/key", error);
  if (error) return fail(Reason::kKeyUnreadable, folder + "/key: " + error.message());
  using std::filesystem::perms;
  if ((status.permissions() & (perms::group_all | perms::others_all)) != perms::none)
    return fail(Reason::kKeyUnreadable, folder + "/key may be read by others");
  auto seed = read_file(folder + "/key");
  if (!seed) return fail(Reason::kKeyUnreadable, seed.error().message());
  if (seed->size() != 32) {
    wipe(*seed);
    return fail(Reason::kKeyUnreadable, folder + "/key has not 32 bytes");
  }
  auto key = evidence::SigningKey::create(
      std::move(name), std::span<const std::uint8_t, 32>(reinterpret_cast<const std::uint8_t*>(seed->data()), 32));
  wipe(*seed);
  return key;
}

Result<evidence::VerifierKey> load_vkey(const std::string& folder) {
  auto text = read_file(folder + "/vkey");
  if (!text) return fail(Reason::kKeyUnreadable, text.error().message());
  while (!text->empty() && text->back() == '\n') text->pop_back();
  return evidence::VerifierKey::parse(*text);
}

}  // namespace

Status init_log(const std::string& folder, const std::string& origin, Entropy& entropy) {
  if (file_exists(folder + "/key")) return fail(Reason::kKeyUnreadable, folder + "/key is there already");
  TENURE_CHECK_OK(make_folders(folder + "/log"));
  std::array<std::uint8_t, 32> seed = entropy.bytes32();
  TENURE_TRY(const evidence::SigningKey key, evidence::SigningKey::create(origin, seed));
  std::string bytes(reinterpret_cast<const char*>(seed.data()), seed.size());
  // The public half first: a key that is there without it would be of no use to anybody.
  Status written = write_file_atomic(folder + "/vkey", key.verifier().to_string() + "\n");
  const std::string empty =
      evidence::sign_checkpoint({.origin = origin, .size = 0, .root = evidence::empty_root()}, key);
  if (written) written = write_file_atomic(folder + "/high-water", empty);
  if (written) written = write_file_atomic(folder + "/log/checkpoint", empty);
  if (written) written = write_file_atomic(folder + "/key", bytes, 0600);
  wipe(bytes);
  volatile std::uint8_t* raw = seed.data();
  for (std::size_t i = 0; i < seed.size(); ++i) raw[i] = 0;
  return written;
}

class Sealer::Implementation {
 public:
  Implementation(std::string folder, store::Store& store, evidence::SigningKey key)
      : folder_(std::move(folder)), store_(store), key_(std::move(key)) {}

  // What is signed decides; log and store must reach it.
  Status take_up() {
    TENURE_TRY(const std::string high_bytes, read_file(folder_ + "/high-water"));
    TENURE_TRY(const evidence::Checkpoint high, evidence::open_checkpoint(high_bytes, key_.verifier()));
    TENURE_TRY(const std::int64_t records, store_.evidence().record_count());
    TENURE_TRY(const std::int64_t sealed, store_.evidence().sealed_count());
    const auto size = static_cast<std::int64_t>(high.size);
    if (records < size)
      return fail(Reason::kLogBehind, "the store has " + std::to_string(records) + " records, " +
                                          std::to_string(size) + " were signed");
    if (sealed > size)
      return fail(Reason::kLogBehind, "the store has sealed " + std::to_string(sealed) + " records, the log only " +
                                          std::to_string(size));
    auto edge = evidence::Edge::load(high.size, reader_of(folder_));
    if (!edge) {
      if (edge.error().reason() == Reason::kEvidenceNotFound)
        return fail(Reason::kLogBehind, "files of the signed log are missing: " + edge.error().message());
      return fail(std::move(edge).error());
    }
    if (edge->root() != high.root) return fail(Reason::kEvidenceBroken, "the tiles do not have the root that was signed");
    edge_ = std::move(*edge);
    visible_ = high;
    // A crash between signature and marking: the records are in the log already; say so in the store, after comparing.
    if (sealed < size) TENURE_CHECK_OK(mark_rest(sealed, size));
    return publish(high_bytes);
  }

  Result<evidence::Checkpoint> seal(std::size_t limit) {
    if (broken_) return fail(*broken_);
    auto sealed = seal_once(limit);
    if (!sealed && sealed.error().reason() != Reason::kStoreLocked) broken_ = sealed.error();
    return sealed;
  }

  Result<LogStatus> status() const {
    TENURE_TRY(const std::int64_t records, store_.evidence().record_count());
    return LogStatus{visible_, key_.verifier().to_string(), records - static_cast<std::int64_t>(visible_.size)};
  }

  const evidence::VerifierKey& key() const { return key_.verifier(); }
  evidence::FileReader files() const { return reader_of(folder_); }

 private:
  Result<evidence::Checkpoint> seal_once(std::size_t limit) {
    TENURE_TRY(const std::vector<store::StoredRecord> records, store_.evidence().unsealed(limit));
    if (records.empty()) return visible_;
    std::vector<std::string> entries;
    std::vector<std::int64_t> sequences;
    for (const store::StoredRecord& record : records) {
      entries.push_back(record.leaf);
      sequences.push_back(record.sequence);
    }
    TENURE_TRY(evidence::Publication publication, evidence::plan_publication(edge_, entries));
    for (const evidence::File& file : publication.files) TENURE_CHECK_OK(write_log_file(folder_, file));
    const evidence::Checkpoint next{visible_.origin, publication.to_size, publication.root};
    const std::string note = evidence::sign_checkpoint(next, key_);
    TENURE_CHECK_OK(write_file_atomic(folder_ + "/high-water", note));
    TENURE_CHECK_OK(store_.mark_sealed(static_cast<std::int64_t>(publication.from_size), sequences));
    edge_ = std::move(publication.edge);
    visible_ = next;
    TENURE_CHECK_OK(publish(note));
    for (const std::string& garbage : publication.garbage_folders) {
      std::error_code ignored;  // a partial tile that stays costs room, nothing else
      std::filesystem::remove_all(log_folder(folder_) + garbage, ignored);
    }
    return visible_;
  }

  Status mark_rest(std::int64_t sealed, std::int64_t size) {
    TENURE_TRY(const std::vector<store::StoredRecord> records,
               store_.evidence().unsealed(static_cast<std::size_t>(size - sealed)));
    if (static_cast<std::int64_t>(records.size()) != size - sealed)
      return fail(Reason::kLogBehind, "the store lacks records that were signed");
    std::vector<std::int64_t> sequences;
    for (std::size_t i = 0; i < records.size(); ++i) {
      const std::uint64_t index = static_cast<std::uint64_t>(sealed) + i;
      TENURE_TRY(const std::string entry, evidence::read_entry(index, visible_.size, reader_of(folder_)));
      if (entry != records[i].leaf)
        return fail(Reason::kEvidenceBroken, "entry " + std::to_string(index) + " is not the record that the store has");
      sequences.push_back(records[i].sequence);
    }
    return store_.mark_sealed(sealed, sequences);
  }

  Status publish(const std::string& note) {
    const std::string path = log_folder(folder_) + "checkpoint";
    if (file_exists(path)) {
      TENURE_TRY(const std::string there, read_file(path));
      if (there == note) return {};
    }
    return write_file_atomic(path, note);
  }

  const std::string folder_;
  store::Store& store_;
  const evidence::SigningKey key_;
  evidence::Edge edge_;
  evidence::Checkpoint visible_;
  std::optional<Error> broken_;
};

Sealer::Sealer(std::unique_ptr<Implementation> implementation) : implementation_(std::move(implementation)) {}
Sealer::~Sealer() = default;

Result<std::unique_ptr<Sealer>> Sealer::open(const std::string& folder, store::Store& store) {
  TENURE_TRY(const evidence::VerifierKey vkey, load_vkey(folder));
  TENURE_TRY(evidence::SigningKey key, load_key(folder, vkey.name()));
  if (key.verifier() != vkey) return fail(Reason::kKeyUnreadable, "the key does not belong to the log's public key");
  auto implementation = std::make_unique<Implementation>(folder, store, std::move(key));
  TENURE_CHECK_OK(implementation->take_up());
  return std::unique_ptr<Sealer>(new Sealer(std::move(implementation)));
}

Result<evidence::Checkpoint> Sealer::seal(std::size_t limit) { return implementation_->seal(limit); }
Result<LogStatus> Sealer::status() const { return implementation_->status(); }
const evidence::VerifierKey& Sealer::key() const { return implementation_->key(); }
evidence::FileReader Sealer::files() const { return implementation_->files(); }

}  // namespace tenure::runtime
