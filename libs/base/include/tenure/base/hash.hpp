// SHA-256 (FIPS 180-4), HMAC (RFC 2104), base64 (RFC 4648 section 4) and hexadecimal, over OpenSSL.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <tenure/base/error.hpp>

namespace tenure {

struct Sha256 {
  std::array<std::uint8_t, 32> bytes{};
  friend auto operator<=>(const Sha256&, const Sha256&) = default;
  std::string hex() const;
  std::string base64() const;
  std::string_view view() const { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
};

// The algorithm is fetched once per thread (OpenSSL 3's one-shot SHA256() halves the rate).
Sha256 sha256(std::string_view data);
// Over the concatenation, without building it.
Sha256 sha256(std::initializer_list<std::string_view> parts);
Sha256 hmac_sha256(std::string_view key, std::string_view data);

std::string to_hex(std::string_view bytes);
Result<std::string> from_hex(std::string_view text);
std::string to_base64(std::string_view bytes);
// Strict: padded, canonical, no white space.
Result<std::string> from_base64(std::string_view text);

// The name of immutable content: "sha256:<64 hex digits>".
class Digest {
 public:
  Digest() = default;
  explicit Digest(Sha256 hash) : text_("sha256:" + hash.hex()) {}
  static Digest of(std::string_view content) { return Digest(sha256(content)); }
  // Error kJsonShape unless exactly "sha256:" and 64 lower-case hexadecimal digits.
  static Result<Digest> parse(std::string_view text);
  const std::string& str() const { return text_; }
  // "9f3c-77a1": the first 8 hexadecimal digits, for people. Consent and lookup compare whole digests or unique
  // prefixes.
  std::string brief() const;
  bool empty() const { return text_.empty(); }
  friend auto operator<=>(const Digest&, const Digest&) = default;

 private:
  std::string text_;
};

}  // namespace tenure
