#include "checkpoint.hpp"

#include <memory>
#include <vector>

#include <openssl/evp.h>

namespace tenure::evidence_verify {
namespace {

constexpr char kEd25519 = 0x01;

std::uint32_t big_endian32(std::string_view bytes) {
  std::uint32_t n = 0;
  for (std::size_t i = 0; i < 4; ++i) n = n * 256 + static_cast<unsigned char>(bytes[i]);
  return n;
}

bool signature_holds(std::string_view key, std::string_view text, std::string_view signature) {
  const auto* raw = reinterpret_cast<const unsigned char*>(key.data());
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> pkey(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, raw, key.size()), &EVP_PKEY_free);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  return pkey && context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, pkey.get()) == 1 &&
         EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                          reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

std::nullopt_t because(std::string& why, std::string_view text) {
  why = text;
  return std::nullopt;
}

}  // namespace

std::optional<LogKey> read_key(std::string_view vkey) {
  const std::size_t a = vkey.find('+'), b = vkey.find('+', a == std::string_view::npos ? a : a + 1);
  if (a == std::string_view::npos || b == std::string_view::npos || a == 0 || b - a != 9) return std::nullopt;
  const auto material = decode_base64(vkey.substr(b + 1));
  if (!material || material->size() != 33 || (*material)[0] != kEd25519) return std::nullopt;
  LogKey key{std::string(vkey.substr(0, a)), 0, material->substr(1)};
  for (const char c : vkey.substr(a + 1, 8)) {
    const bool digit = c >= '0' && c <= '9', letter = c >= 'a' && c <= 'f';
    if (!digit && !letter) return std::nullopt;
    key.id = key.id * 16 + static_cast<std::uint32_t>(digit ? c - '0' : c - 'a' + 10);
  }
  const Hash id = sha256(key.name + "\n" + *material);
  if (big_endian32({reinterpret_cast<const char*>(id.data()), 4}) != key.id) return std::nullopt;
  return key;
}

std::optional<SignedRoot> read_checkpoint(std::string_view bytes, const LogKey& key, std::string& why) {
  const std::size_t split = bytes.rfind("\n\n");
  if (split == std::string_view::npos || !bytes.ends_with('\n') || split + 2 == bytes.size())
    return because(why, "not a signed note: no blank line followed by signatures");
  const std::string_view text = bytes.substr(0, split + 1);
  bool is_signed = false;
  for (std::string_view line : lines_of(bytes.substr(split + 2))) {
    constexpr std::string_view kDash = "\xE2\x80\x94 ";
    const std::size_t space = line.find(' ', kDash.size());
    if (!line.starts_with(kDash) || space == std::string_view::npos)
      return because(why, "a signature line is malformed");
    const auto blob = decode_base64(line.substr(space + 1));
    if (!blob || blob->size() < 5) return because(why, "a signature is not base64");
    if (line.substr(kDash.size(), space - kDash.size()) != key.name || big_endian32(*blob) != key.id) continue;
    if (!signature_holds(key.public_key, text, std::string_view(*blob).substr(4)))
      return because(why, "the signature is wrong");
    is_signed = true;
  }
  if (!is_signed) return because(why, "not signed by " + key.name);
  const auto lines = lines_of(text);
  if (lines.size() != 3) return because(why, "not three lines: origin, size, root");
  const auto size = decode_decimal(lines[1]);
  const auto root = decode_hash(lines[2]);
  if (!size || !root) return because(why, "size or root is malformed");
  if (lines[0] != key.name)
    return because(why, "it is the checkpoint of another log: " + std::string(lines[0].substr(0, 200)));
  return SignedRoot{std::string(lines[0]), *size, *root};
}

}  // namespace tenure::evidence_verify
