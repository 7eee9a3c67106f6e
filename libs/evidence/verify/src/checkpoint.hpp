// Reading a signed checkpoint: c2sp.org/signed-note and c2sp.org/tlog-checkpoint, Ed25519.
#pragma once

#include "bytes.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tenure::evidence_verify {

struct LogKey {
  std::string name;
  std::uint32_t id = 0;
  std::string public_key;  // 32 bytes
};

struct SignedRoot {
  std::string origin;
  std::uint64_t size = 0;
  Hash root{};
};

std::optional<LogKey> read_key(std::string_view vkey);

// nullopt with a sentence in `why` unless the bytes are a checkpoint of this log with a valid signature of the key.
std::optional<SignedRoot> read_checkpoint(std::string_view bytes, const LogKey& key, std::string& why);

}  // namespace tenure::evidence_verify
