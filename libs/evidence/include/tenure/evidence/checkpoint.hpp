// Checkpoints (c2sp.org/tlog-checkpoint): the signed statement of a log's size and root.
//
//   <origin>\n<size>\n<base64 root>\n          the text; then a blank line and the signature lines
//
// Pure; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tenure/base/error.hpp>
#include <tenure/base/hash.hpp>
#include <tenure/evidence/note.hpp>

namespace tenure::evidence {

struct Checkpoint {
  std::string origin;
  std::uint64_t size = 0;
  Sha256 root;
  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

std::string to_text(const Checkpoint& checkpoint);
// Exactly three lines: extension lines are refused, because we write none. Error kCheckpointInvalid.
Result<Checkpoint> parse_checkpoint_text(std::string_view text);

// The bytes of the file `checkpoint`. During a rotation give both keys. REQUIRES: at least one key, each of type
// kEd25519 and named like the origin.
std::string sign_checkpoint(const Checkpoint& checkpoint, std::span<const SigningKey* const> keys);
std::string sign_checkpoint(const Checkpoint& checkpoint, const SigningKey& key);

struct OpenedCheckpoint {
  Checkpoint checkpoint;
  std::vector<VerifiedSignature> verified;  // at least one of the log itself; cosignatures of known witnesses
};

// Checks form and signatures. `known` holds the log's key or keys (named like the origin) and those of trusted
// witnesses. Error kCheckpointInvalid, also if only a witness has signed.
Result<OpenedCheckpoint> open_checkpoint(std::string_view bytes, std::span<const VerifierKey> known);
Result<Checkpoint> open_checkpoint(std::string_view bytes, const VerifierKey& key);

}  // namespace tenure::evidence
