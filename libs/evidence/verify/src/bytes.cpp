#include "bytes.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <memory>

#include <openssl/evp.h>

namespace tenure::evidence_verify {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

Hash digest(std::string_view a, std::string_view b, std::string_view c) {
  struct Free {
    void operator()(EVP_MD* md) const { EVP_MD_free(md); }
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  thread_local const std::unique_ptr<EVP_MD, Free> md(EVP_MD_fetch(nullptr, "SHA256", nullptr));
  thread_local const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
  Hash out{};
  if (EVP_DigestInit_ex2(context.get(), md.get(), nullptr) != 1 ||
      EVP_DigestUpdate(context.get(), a.data(), a.size()) != 1 ||
      EVP_DigestUpdate(context.get(), b.data(), b.size()) != 1 ||
      EVP_DigestUpdate(context.get(), c.data(), c.size()) != 1 ||
      EVP_DigestFinal_ex(context.get(), out.data(), nullptr) != 1)
    std::abort();  // a verifier that cannot hash must not answer
  return out;
}

std::string_view view(const Hash& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

}  // namespace

Hash sha256(std::string_view data) {
  return digest(data, {}, {});
}
Hash hash_leaf(std::string_view entry) {
  return digest(std::string_view("\0", 1), entry, {});
}
Hash hash_node(const Hash& left, const Hash& right) {
  return digest("\x01", view(left), view(right));
}

std::optional<std::string> decode_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  std::string out;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text.substr(0, text.size() - padding)) {
    const std::size_t digit = kAlphabet.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    bits = (bits << 6 | static_cast<std::uint32_t>(digit)) & 0xFFFFU;
    held += 6;
    if (held >= 8) {
      held -= 8;
      out += static_cast<char>(static_cast<unsigned char>(bits >> held));
    }
  }
  if ((bits & ((1U << held) - 1)) != 0) return std::nullopt;
  return out;
}

std::string encode_base64(std::string_view bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t word = 0;
    for (std::size_t k = i; k < i + 3; ++k)
      word = word << 8 | (k < bytes.size() ? static_cast<unsigned char>(bytes[k]) : 0U);
    for (int k = 0; k < 4; ++k)
      out += i + static_cast<std::size_t>(k) <= bytes.size() ? kAlphabet[word >> (18 - 6 * k) & 63U] : '=';
  }
  return out;
}

std::optional<Hash> decode_hash(std::string_view base64) {
  const auto bytes = decode_base64(base64);
  if (!bytes || bytes->size() != 32) return std::nullopt;
  Hash hash{};
  std::copy(bytes->begin(), bytes->end(), hash.begin());
  return hash;
}

std::string encode_hash(const Hash& hash) {
  return encode_base64(view(hash));
}

std::optional<std::uint64_t> decode_decimal(std::string_view text) {
  if (text.empty() || text.size() > 18 || (text[0] == '0' && text.size() > 1)) return std::nullopt;
  std::uint64_t n = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    n = n * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return n;
}

std::optional<std::string> read_whole_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  if (!in) return std::nullopt;
  const auto size = static_cast<std::streamoff>(in.tellg());
  if (size < 0) return std::nullopt;
  std::string out(static_cast<std::size_t>(size), '\0');
  in.seekg(0);
  if (!in.read(out.data(), size)) return std::nullopt;
  return out;
}

}  // namespace tenure::evidence_verify
