// Bytes that one person can open: X25519 (RFC 7748) with a fresh key of the sender, HKDF-SHA-256 (RFC 5869) and
// AES-256-GCM (NIST SP 800-38D), over OpenSSL. Format: docs/formats/kit.md.
//
// Any thread. Secrets in these values are overwritten when they go; nothing here is printed.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include <tenure/base/clock.hpp>
#include <tenure/base/error.hpp>

namespace tenure::emergency {

// The public half, which kits are sealed to. PEM "PUBLIC KEY" (RFC 8410), as `openssl pkey -pubout` writes it.
struct Recipient {
  std::array<std::uint8_t, 32> bytes{};
  static Result<Recipient> from_pem(std::string_view pem);  // kKitInvalid unless X25519
  std::string to_pem() const;
};

// The private half. Not copyable.
class OperatorKey {
 public:
  // PEM "PRIVATE KEY" without a passphrase (RFC 8410). kKitInvalid unless X25519; the text is never repeated.
  static Result<OperatorKey> from_pem(std::string_view pem);
  static OperatorKey make(Entropy& entropy);
  OperatorKey(OperatorKey&& other) noexcept;
  OperatorKey& operator=(OperatorKey&&) = delete;
  ~OperatorKey();

  std::string to_pem() const;
  Recipient recipient() const;
  const std::array<std::uint8_t, 32>& bytes() const { return bytes_; }

 private:
  OperatorKey() = default;
  std::array<std::uint8_t, 32> bytes_{};
};

// The 32-byte private key of RFC 8032 in a PEM "PRIVATE KEY" without a passphrase. kKeyUnreadable unless Ed25519.
Result<std::array<std::uint8_t, 32>> signing_seed_from_pem(std::string_view pem);

// What stands in a file; `bytes` is the ciphertext with its 16-byte tag.
struct Sealed {
  std::array<std::uint8_t, 32> ephemeral{};  // public key of the sender, used once
  std::string bytes;
};

// `open_text` is not secret and bound to it: another one does not open.
Result<Sealed> seal(const Recipient& recipient, std::string_view secret, std::string_view open_text, Entropy& entropy);
// kKitInvalid: another key, another open text, or a byte that differs; which of these cannot be told.
Result<std::string> unseal(const OperatorKey& key, const Sealed& sealed, std::string_view open_text);

// Overwrites what a text holds.
void wipe(std::string& text);

}  // namespace tenure::emergency
