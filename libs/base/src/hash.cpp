#include <array>
#include <cstdlib>

#include <openssl/evp.h>

#include <tenure/base/hash.hpp>
#include <tenure/base/hashing.hpp>

namespace tenure {
namespace {

// One fetched algorithm and one context per thread, both reused: that is the fast path of OpenSSL 3.
class Hasher {
 public:
  Hasher() : md_(EVP_MD_fetch(nullptr, "SHA256", nullptr)), context_(EVP_MD_CTX_new()) {
    if (md_ == nullptr || context_ == nullptr) std::abort();
  }
  ~Hasher() {
    EVP_MD_CTX_free(context_);
    EVP_MD_free(md_);
  }
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;

  void begin() { check(EVP_DigestInit_ex2(context_, md_, nullptr)); }
  void add(std::string_view data) { check(EVP_DigestUpdate(context_, data.data(), data.size())); }
  Sha256 end() {
    Sha256 out;
    unsigned int size = 0;
    check(EVP_DigestFinal_ex(context_, out.bytes.data(), &size));
    return out;
  }

 private:
  static void check(int ok) {
    if (ok != 1) std::abort();  // hashing memory cannot fail
  }
  EVP_MD* md_;
  EVP_MD_CTX* context_;
};

Hasher& hasher() {
  thread_local Hasher instance;
  return instance;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

Sha256 sha256(std::string_view data) {
  return sha256({data});
}

Sha256 sha256(std::initializer_list<std::string_view> parts) {
  Hasher& h = hasher();
  h.begin();
  for (const auto& part : parts) h.add(part);
  return h.end();
}

// RFC 2104 over the hasher above: the one-shot of OpenSSL 3 looks up the algorithm and allocates for every call, which
// costs four times the hashing.
class Hashing::Body : public Hasher {};

Hashing::Hashing() : body_(std::make_unique<Body>()) {
  body_->begin();
}
Hashing::~Hashing() = default;
Hashing::Hashing(Hashing&&) noexcept = default;
Hashing& Hashing::operator=(Hashing&&) noexcept = default;

void Hashing::add(std::string_view data) {
  body_->add(data);
}

Sha256 Hashing::end() {
  const Sha256 hash = body_->end();
  body_->begin();
  return hash;
}

Sha256 hmac_sha256(std::string_view key, std::string_view data) {
  constexpr std::size_t kBlock = 64;
  std::array<char, kBlock> inner{}, outer{};
  Sha256 hashed_key;
  if (key.size() > kBlock) {
    hashed_key = sha256(key);
    key = {reinterpret_cast<const char*>(hashed_key.bytes.data()), hashed_key.bytes.size()};
  }
  for (std::size_t i = 0; i < kBlock; ++i) {
    const char c = i < key.size() ? key[i] : '\0';
    inner[i] = static_cast<char>(c ^ 0x36);
    outer[i] = static_cast<char>(c ^ 0x5C);
  }
  const Sha256 hash = sha256({{inner.data(), kBlock}, data});
  return sha256({{outer.data(), kBlock}, {reinterpret_cast<const char*>(hash.bytes.data()), hash.bytes.size()}});
}

std::string to_hex(std::string_view bytes) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    text += kHex[static_cast<unsigned char>(c) >> 4];
    text += kHex[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

Result<std::string> from_hex(std::string_view text) {
  std::string bytes;
  if (text.size() % 2 != 0) return fail(Reason::kJsonShape, "hexadecimal text has an odd length");
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int hi = hex_digit(text[i]), lo = hex_digit(text[i + 1]);
    if (hi < 0 || lo < 0) return fail(Reason::kJsonShape, "not lower-case hexadecimal");
    bytes += static_cast<char>(static_cast<unsigned char>(hi * 16 + lo));
  }
  return bytes;
}

std::string to_base64(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t n = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t word = 0;
    for (std::size_t k = 0; k < 3; ++k) word = word << 8 | (k < n ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    text += kBase64[word >> 18 & 63];
    text += kBase64[word >> 12 & 63];
    text += n > 1 ? kBase64[word >> 6 & 63] : '=';
    text += n > 2 ? kBase64[word & 63] : '=';
  }
  return text;
}

Result<std::string> from_base64(std::string_view text) {
  const auto bad = [] { return fail(Reason::kJsonShape, "not canonical base64"); };
  if (text.size() % 4 != 0) return bad();
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); i += 4) {
    const bool last = i + 4 == text.size();
    const std::size_t pad = !last ? 0 : text[i + 2] == '=' ? 2 : text[i + 3] == '=' ? 1 : 0;
    std::uint32_t word = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      const bool padding = k >= 4 - pad;
      const std::size_t digit = padding ? 0 : kBase64.find(text[i + k]);
      if (digit == std::string_view::npos || (padding && text[i + k] != '=')) return bad();
      word = word << 6 | static_cast<std::uint32_t>(digit);
    }
    if ((pad == 1 && (word & 0xFF) != 0) || (pad == 2 && (word & 0xFFFF) != 0)) return bad();
    for (std::size_t k = 0; k < 3 - pad; ++k)
      bytes += static_cast<char>(static_cast<unsigned char>(word >> (16 - 8 * k)));
  }
  return bytes;
}

std::string Sha256::hex() const {
  return to_hex(view());
}
std::string Sha256::base64() const {
  return to_base64(view());
}

Result<Digest> Digest::parse(std::string_view text) {
  const bool shape = text.size() == 71 && text.starts_with("sha256:") && from_hex(text.substr(7)).has_value();
  if (!shape) return fail(Reason::kJsonShape, "\"" + std::string(text.substr(0, 80)) + "\" is not a sha256 digest");
  Digest digest;
  digest.text_ = std::string(text);
  return digest;
}

std::string Digest::brief() const {
  return empty() ? "" : text_.substr(7, 4) + "-" + text_.substr(11, 4);
}

}  // namespace tenure
