// Proof of one entry that stands on its own (c2sp.org/tlog-proof): index, inclusion proof and checkpoint in one text.
// Pure; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tenure/base/error.hpp>
#include <tenure/base/hash.hpp>
#include <tenure/evidence/checkpoint.hpp>
#include <tenure/evidence/tiles.hpp>

namespace tenure::evidence {

struct TlogProof {
  std::string extra;  // not authenticated: openings travel here and are checked against the leaf. Empty = none
  std::uint64_t index = 0;
  std::vector<Sha256> hashes;  // leaf side first
  std::string checkpoint;      // verbatim, with every signature line
  friend bool operator==(const TlogProof&, const TlogProof&) = default;
};

std::string to_string(const TlogProof& proof);
// Form only. Error kProofInvalid.
Result<TlogProof> parse_proof(std::string_view text);

// Makes the proof of an entry under a checkpoint (its bytes and what they say). Errors: those of prove_inclusion().
Result<TlogProof> make_proof(std::uint64_t index, std::string_view checkpoint_bytes, const Checkpoint& checkpoint,
                             const FileReader& files);

// That the entry stands in the log of this key. Error kProofInvalid or kCheckpointInvalid.
Result<OpenedCheckpoint> verify_proof(const TlogProof& proof, std::string_view entry,
                                      std::span<const VerifierKey> known);

}  // namespace tenure::evidence
