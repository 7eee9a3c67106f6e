// RFC 6962 for the verifier: roots, and the check of an inclusion proof.
#pragma once

#include "bytes.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace tenure::evidence_verify {

// By the definition of RFC 6962 section 2.1.
Hash tree_root(std::span<const Hash> leaves);

// The unfinished rows of a log, lowest level first: rows[l] are the hashes of 256^l entries that follow the last full
// tile of level l.
Hash root_of_rows(const std::vector<std::vector<Hash>>& rows);

bool inclusion_holds(const Hash& leaf, std::uint64_t index, std::uint64_t size, std::span<const Hash> proof,
                     const Hash& root);

}  // namespace tenure::evidence_verify
