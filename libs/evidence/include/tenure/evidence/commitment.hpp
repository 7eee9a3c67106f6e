// Salted commitments: how a leaf binds a value that may have to be forgotten.
//
//   commitment = HMAC-SHA256(key = salt, "gov-commit-v1" || 0x00 || u16be(len(field)) || field || JCS(value))
//
// The salt is 32 fresh random bytes per record and field: equal values do not link, and short values cannot be guessed.
// Whoever holds salt and value can show that the leaf meant exactly this value; once both are destroyed nobody can.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include <tenure/base/hash.hpp>

namespace tenure::evidence {

using Salt = std::array<std::uint8_t, 32>;

// What must be kept, erasably, to open one commitment. The value is canonical JSON bytes.
struct Opening {
  std::string field;
  Salt salt{};
  std::string value;
  friend bool operator==(const Opening&, const Opening&) = default;
};

// REQUIRES: field of at most 65535 bytes; value canonical JSON.
Sha256 commitment_of(std::string_view field, const Salt& salt, std::string_view value);
bool opens(const Sha256& commitment, std::string_view field, const Salt& salt, std::string_view value);
inline bool opens(const Sha256& commitment, const Opening& opening) {
  return opens(commitment, opening.field, opening.salt, opening.value);
}

}  // namespace tenure::evidence
