#include <algorithm>
#include <cstdlib>
#include <memory>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <tenure/base/hash.hpp>
#include <tenure/base/text.hpp>
#include <tenure/evidence/note.hpp>

namespace tenure::evidence {
namespace {

constexpr std::string_view kDash = "\xE2\x80\x94 ";  // U+2014 and a space
constexpr std::size_t kSignatureBytes = 64;

struct KeyDelete {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Key = std::unique_ptr<EVP_PKEY, KeyDelete>;
using Context = std::unique_ptr<EVP_MD_CTX, KeyDelete>;

std::unexpected<Error> bad_note(std::string_view what) {
  return fail(Reason::kCheckpointInvalid, std::string(what));
}
std::unexpected<Error> bad_key(std::string_view what) {
  return fail(Reason::kKeyUnreadable, std::string(what));
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

bool is_key_name(std::string_view name) {
  // No Unicode white space either: names are origins, so ASCII without controls is enough, and stricter.
  return !name.empty() && name.size() <= 255 &&
         std::ranges::all_of(name, [](char c) { return c > 0x20 && c < 0x7F && c != '+'; });
}

std::string key_material(KeyType type, const std::array<std::uint8_t, 32>& key) {
  std::string out(1, static_cast<char>(type));
  out.append(reinterpret_cast<const char*>(key.data()), key.size());
  return out;
}

std::uint32_t read_u32(std::string_view bytes) {
  std::uint32_t n = 0;
  for (const char c : bytes.substr(0, 4)) n = n << 8 | static_cast<unsigned char>(c);
  return n;
}

std::string big_endian(std::uint64_t n, int bytes) {
  std::string out;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
    out += static_cast<char>(static_cast<std::uint8_t>(n >> shift));
  return out;
}

std::uint32_t key_id_of(std::string_view name, KeyType type, const std::array<std::uint8_t, 32>& key) {
  return read_u32(sha256({name, "\n", key_material(type, key)}).view());
}

std::string cosigned_message(std::string_view text, std::uint64_t seconds) {
  return "cosignature/v1\ntime " + std::to_string(seconds) + "\n" + std::string(text);
}

bool ed25519_verify(const std::array<std::uint8_t, 32>& key, std::string_view message, std::string_view signature) {
  if (signature.size() != kSignatureBytes) return false;
  const Key pkey(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.data(), key.size()));
  const Context context(EVP_MD_CTX_new());
  return pkey != nullptr && context != nullptr &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, pkey.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(message), message.size()) == 1;
}

std::string ed25519_sign(const std::array<std::uint8_t, 32>& seed, std::string_view message) {
  const Key pkey(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()));
  const Context context(EVP_MD_CTX_new());
  std::array<unsigned char, kSignatureBytes> out{};
  std::size_t size = out.size();
  if (pkey == nullptr || context == nullptr ||
      EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, pkey.get()) != 1 ||
      EVP_DigestSign(context.get(), out.data(), &size, bytes_of(message), message.size()) != 1)
    std::abort();  // out of memory: nothing else can fail with a 32-byte seed
  return {reinterpret_cast<const char*>(out.data()), size};
}

Result<SignatureLine> parse_line(std::string_view line) {
  if (!line.starts_with(kDash)) return bad_note("a signature line does not begin with a dash");
  line.remove_prefix(kDash.size());
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos) return bad_note("a signature line has no key name");
  const std::string_view name = line.substr(0, space);
  // Other logs' and witnesses' names may be any UTF-8 without spaces; they are only passed over.
  if (name.empty() || name.find('+') != std::string_view::npos)
    return bad_note("a signature line has a malformed key name");
  auto blob = from_base64(line.substr(space + 1));
  if (!blob || blob->size() < 5) return bad_note("a signature is not canonical base64 of more than four bytes");
  return SignatureLine{std::string(name), read_u32(*blob), blob->substr(4)};
}

}  // namespace

Result<Note> parse_note(std::string_view bytes) {
  if (bytes.size() > kNoteBytesMax) return bad_note("the note is longer than a million bytes");
  if (!is_utf8(bytes)) return bad_note("the note is not UTF-8");
  for (const char c : bytes)
    if (static_cast<unsigned char>(c) < 0x20 && c != '\n') return bad_note("the note holds a control character");
  const std::size_t split = bytes.rfind("\n\n");
  if (split == std::string_view::npos) return bad_note("the note has no blank line");
  Note note{std::string(bytes.substr(0, split + 1)), {}};
  std::string_view rest = bytes.substr(split + 2);
  if (rest.empty() || rest.back() != '\n') return bad_note("the note does not end with a signature line");
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    TENURE_TRY(auto line, parse_line(rest.substr(0, end)));
    note.signatures.push_back(std::move(line));
    if (note.signatures.size() > kSignatureLinesMax) return bad_note("the note has more than 100 signature lines");
    rest.remove_prefix(end + 1);
  }
  return note;
}

std::string to_string(const Note& note) {
  std::string out = note.text + "\n";
  for (const auto& line : note.signatures) {
    out += kDash;
    out += line.name + " " + to_base64(big_endian(line.key_id, 4) + line.signature) + "\n";
  }
  return out;
}

Result<VerifierKey> VerifierKey::parse(std::string_view vkey) {
  const std::size_t first = vkey.find('+');
  const std::size_t second = first == std::string_view::npos ? first : vkey.find('+', first + 1);
  if (second == std::string_view::npos) return bad_key("a verifier key has the form name+id+key");
  VerifierKey key;
  key.name_ = std::string(vkey.substr(0, first));
  const auto id = from_hex(vkey.substr(first + 1, second - first - 1));
  const auto material = from_base64(vkey.substr(second + 1));
  if (!is_key_name(key.name_)) return bad_key("the key's name is empty or holds a space or control character");
  if (!id || id->size() != 4 || !material || material->size() != 33)
    return bad_key("the key's id or bytes are malformed");
  const auto type = static_cast<std::uint8_t>((*material)[0]);
  if (type != 0x01 && type != 0x04) return bad_key("the key is neither an Ed25519 key nor a cosigner's");
  key.type_ = static_cast<KeyType>(type);
  std::ranges::transform(material->substr(1), key.public_.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
  key.key_id_ = key_id_of(key.name_, key.type_, key.public_);
  if (key.key_id_ != read_u32(*id)) return bad_key("the key's id does not belong to its name and bytes");
  return key;
}

std::string VerifierKey::to_string() const {
  return name_ + "+" + to_hex(big_endian(key_id_, 4)) + "+" + to_base64(key_material(type_, public_));
}

bool VerifierKey::verifies(std::string_view text, const SignatureLine& line) const {
  if (type_ == KeyType::kEd25519) return ed25519_verify(public_, text, line.signature);
  if (line.signature.size() != 8 + kSignatureBytes) return false;
  const std::uint64_t seconds =
      std::uint64_t{read_u32(line.signature)} << 32 | read_u32(std::string_view(line.signature).substr(4));
  return ed25519_verify(public_, cosigned_message(text, seconds), std::string_view(line.signature).substr(8));
}

Result<SigningKey> SigningKey::create(std::string name, std::span<const std::uint8_t, 32> seed, KeyType type) {
  if (!is_key_name(name)) return bad_key("the key's name is empty or holds a space, a plus or a control character");
  SigningKey key;
  std::ranges::copy(seed, key.seed_.begin());
  const Key pkey(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()));
  std::size_t size = 32;
  if (pkey == nullptr || EVP_PKEY_get_raw_public_key(pkey.get(), key.verifier_.public_.data(), &size) != 1)
    return bad_key("OpenSSL refuses the key");
  key.verifier_.name_ = std::move(name);
  key.verifier_.type_ = type;
  key.verifier_.key_id_ = key_id_of(key.verifier_.name_, type, key.verifier_.public_);
  return key;
}

SigningKey::SigningKey(SigningKey&& other) noexcept : verifier_(std::move(other.verifier_)), seed_(other.seed_) {
  OPENSSL_cleanse(other.seed_.data(), other.seed_.size());
}

SigningKey::~SigningKey() {
  OPENSSL_cleanse(seed_.data(), seed_.size());
}

SignatureLine SigningKey::sign(std::string_view text) const {
  return {verifier_.name_, verifier_.key_id_, ed25519_sign(seed_, text)};
}

SignatureLine SigningKey::cosign(std::string_view text, Time time) const {
  const auto seconds = static_cast<std::uint64_t>(time.to_micros() / 1'000'000);
  return {verifier_.name_, verifier_.key_id_,
          big_endian(seconds, 8) + ed25519_sign(seed_, cosigned_message(text, seconds))};
}

Result<OpenedNote> open_note(std::string_view bytes, std::span<const VerifierKey> known) {
  TENURE_TRY(Note note, parse_note(bytes));
  OpenedNote out;
  for (const auto& line : note.signatures) {
    const auto key = std::ranges::find_if(known, [&](const VerifierKey& k) { return k.matches(line); });
    if (key == known.end()) continue;
    if (!key->verifies(note.text, line)) return bad_note("the signature of " + line.name + " is wrong");
    if (std::ranges::any_of(out.verified, [&](const VerifiedSignature& v) { return v.key == *key; })) continue;
    VerifiedSignature verified{*key, std::nullopt};
    if (key->type() == KeyType::kCosignature) {
      const std::uint64_t seconds =
          std::uint64_t{read_u32(line.signature)} << 32 | read_u32(std::string_view(line.signature).substr(4));
      if (seconds > 253'402'300'799)
        return bad_note("the cosignature of " + line.name + " is from beyond the year 9999");
      verified.cosigned_at = Time::from_micros(static_cast<std::int64_t>(seconds) * 1'000'000);
    }
    out.verified.push_back(std::move(verified));
  }
  if (out.verified.empty()) return bad_note("no signature of a known key");
  out.text = std::move(note.text);
  return out;
}

}  // namespace tenure::evidence
