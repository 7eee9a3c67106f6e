// The sealer: unsealed evidence records become leaves of the log on disk, under a signed checkpoint.
//
// Folder layout (c2sp.org/tlog-tiles under <folder>/log; the rest is private):
//   log/checkpoint, log/tile/...    what anybody may fetch and verify
//   key                             32 bytes, the Ed25519 seed, mode 0600
//   vkey                            the public key as text, for verifiers
//   high-water                      the last checkpoint that was signed
//
// Durable order of one seal(): bundles and tiles (each with fsync of file and folder) -> read back and compared -> signed
// checkpoint as high-water -> leaf indexes in the store -> log/checkpoint (visible) -> superfluous partial tiles removed.
// A crash anywhere repeats the same bytes: an index under a signed checkpoint never gets other content.
//
// One sealer per log; not thread-safe. Any error of the disk is final for this object: every later call returns it; open()
// again after the cause is gone.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <tenure/base/clock.hpp>
#include <tenure/base/error.hpp>
#include <tenure/evidence/checkpoint.hpp>
#include <tenure/evidence/tiles.hpp>
#include <tenure/store/store.hpp>

namespace tenure::runtime {

// Makes key, vkey, an empty log and its checkpoint. `origin` is the log's name for ever ("evidence.nordhaven.example").
// Error kPrecondition reasons: kKeyUnreadable if a key is there already.
Status init_log(const std::string& folder, const std::string& origin, Entropy& entropy);

// Where the sealed part stands.
struct LogStatus {
  evidence::Checkpoint checkpoint;  // visible
  std::string vkey;
  std::int64_t unsealed = 0;
};

class Sealer {
 public:
  // The start-up gate: recomputes the root from the tiles, and refuses with kLogBehind when log or store are older than
  // what was signed (a restored backup), with kEvidenceBroken when they contradict it. Finishes a seal() that a crash cut
  // short. Other errors: kKeyUnreadable, kCheckpointInvalid, kIo, the store's.
  static Result<std::unique_ptr<Sealer>> open(const std::string& folder, store::Store& store);
  ~Sealer();

  // Seals up to `limit` records; returns the visible checkpoint, durable and signed. With nothing to seal: as it was.
  // Errors as above; nothing that was sealed is ever lost.
  Result<evidence::Checkpoint> seal(std::size_t limit = 65536);

  Result<LogStatus> status() const;
  const evidence::VerifierKey& key() const;
  // Files of the log, for proofs (evidence::make_hash_reader, read_entry).
  evidence::FileReader files() const;

 private:
  class Implementation;
  explicit Sealer(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace tenure::runtime
