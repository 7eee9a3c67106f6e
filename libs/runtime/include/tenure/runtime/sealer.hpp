// The sealer: turns recorded evidence into leaves of the log on disk, under a signed checkpoint (docs/formats/evidence.md).
//
//   <log_folder>/checkpoint, tile/...    what anybody may read and verify
//   <key_folder>/log.key                 seed of the Ed25519 key, 64 hexadecimal digits, mode 0600; made at the first use
//   <key_folder>/log.vkey                the public key, for verifiers
//   <key_folder>/high_water              the last checkpoint that was signed: what this log never goes behind
//
// Order of one publication: bundles and tiles durable and read again, high-water mark durable, checkpoint visible, records
// marked in the store, superseded partial tiles removed. A crash anywhere in between is repaired at the next open().
// Any error of fsync is fatal for this object: open a new one, which recovers from what is on the disk.
//
// One sealer per log at a time (the state folder's lock sees to it); one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <tenure/base/clock.hpp>
#include <tenure/base/hash.hpp>
#include <tenure/store/store.hpp>

namespace tenure::runtime {

struct SealerOptions {
  std::string log_folder;
  std::string key_folder;
  std::string origin;  // name of the log and of its key
};

struct Sealed {
  std::int64_t records = 0;  // by this call
  std::int64_t size = 0;     // of the log now
};

class Sealer {
 public:
  // Recovers. kLogBehind: the log on disk is older than what was signed (an old backup was restored), or the store has
  // fewer sealed records than the log. kEvidenceBroken: files of the log do not add up to the signed root.
  static Result<std::unique_ptr<Sealer>> open(store::Store& store, const SealerOptions& options, Entropy& entropy);
  virtual ~Sealer() = default;

  // Seals every record that was committed before the call.
  virtual Result<Sealed> seal() = 0;
};

// Leaf hashes of the whole log, by index, for comparing a store with it. Reads every level-0 tile.
Result<std::vector<Sha256>> leaf_hashes(const SealerOptions& options);

}  // namespace tenure::runtime
