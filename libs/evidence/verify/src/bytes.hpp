// Hashes, base64 and decimals for the verifier.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tenure::evidence_verify {

using Hash = std::array<unsigned char, 32>;

Hash sha256(std::string_view data);
Hash hash_leaf(std::string_view entry);
Hash hash_node(const Hash& left, const Hash& right);

// Strict: padded, no stray bits, no white space.
std::optional<std::string> decode_base64(std::string_view text);
std::string encode_base64(std::string_view bytes);
std::optional<Hash> decode_hash(std::string_view base64);
std::string encode_hash(const Hash& hash);

// Digits without leading zeros, below 2^63.
std::optional<std::uint64_t> decode_decimal(std::string_view text);

// nullopt if the file is missing or cannot be read.
std::optional<std::string> read_whole_file(const std::string& path);

}  // namespace tenure::evidence_verify
