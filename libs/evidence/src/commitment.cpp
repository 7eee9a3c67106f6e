#include <openssl/crypto.h>

#include <tenure/evidence/commitment.hpp>

namespace tenure::evidence {

Sha256 commitment_of(std::string_view field, const Salt& salt, std::string_view value) {
  std::string message = "gov-commit-v1";
  message.reserve(message.size() + 3 + field.size() + value.size());
  message += '\0';
  message += static_cast<char>(static_cast<std::uint8_t>(field.size() >> 8));
  message += static_cast<char>(static_cast<std::uint8_t>(field.size()));
  message += field;
  message += value;
  return hmac_sha256({reinterpret_cast<const char*>(salt.data()), salt.size()}, message);
}

bool opens(const Sha256& commitment, std::string_view field, const Salt& salt, std::string_view value) {
  if (field.size() > 65535) return false;
  const Sha256 again = commitment_of(field, salt, value);
  return CRYPTO_memcmp(again.bytes.data(), commitment.bytes.data(), again.bytes.size()) == 0;
}

}  // namespace tenure::evidence
