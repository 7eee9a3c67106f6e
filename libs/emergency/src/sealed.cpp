#include <algorithm>
#include <memory>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/pem.h>

#include <tenure/base/hash.hpp>
#include <tenure/emergency/sealed.hpp>

namespace tenure::emergency {
namespace {

constexpr std::size_t kTag = 16;
constexpr std::string_view kInfo = "tenure kit v1";

template <auto release>
struct Release {
  template <class T>
  void operator()(T* what) const {
    release(what);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Release<EVP_PKEY_CTX_free>>;
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, Release<EVP_CIPHER_CTX_free>>;
using Bio = std::unique_ptr<BIO, Release<BIO_free_all>>;
using Bytes32 = std::array<std::uint8_t, 32>;

std::unexpected<Error> broken(const char* what) {
  return fail(Reason::kInternal, std::string("OpenSSL: ") + what);
}

Key private_key(const Bytes32& bytes) {
  return Key(EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, bytes.data(), bytes.size()));
}

Bytes32 public_of(const Bytes32& secret) {
  Bytes32 bytes{};
  std::size_t length = bytes.size();
  if (const Key key = private_key(secret); key != nullptr)
    EVP_PKEY_get_raw_public_key(key.get(), bytes.data(), &length);
  return bytes;
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long length = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(std::max(0L, length))};
}

// The key of one message: 32 bytes from what both sides can compute and nobody else.
struct MessageKey {
  Bytes32 bytes{};
  MessageKey() = default;
  MessageKey(const MessageKey&) = delete;
  MessageKey& operator=(const MessageKey&) = delete;
  ~MessageKey() { OPENSSL_cleanse(bytes.data(), bytes.size()); }
};

Status derive(const Bytes32& own, const Bytes32& other, const Bytes32& ephemeral, const Bytes32& recipient,
              MessageKey& out) {
  const Key mine = private_key(own);
  const Key theirs(EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, other.data(), other.size()));
  const KeyContext agreement(mine == nullptr ? nullptr : EVP_PKEY_CTX_new(mine.get(), nullptr));
  MessageKey shared;
  std::size_t length = shared.bytes.size();
  if (agreement == nullptr || theirs == nullptr || EVP_PKEY_derive_init(agreement.get()) != 1 ||
      EVP_PKEY_derive_set_peer(agreement.get(), theirs.get()) != 1 ||
      EVP_PKEY_derive(agreement.get(), shared.bytes.data(), &length) != 1)
    return fail(Reason::kKitInvalid, "the keys do not agree");
  std::array<std::uint8_t, 64> salt{};
  std::copy(ephemeral.begin(), ephemeral.end(), salt.begin());
  std::copy(recipient.begin(), recipient.end(), salt.begin() + 32);
  const KeyContext kdf(EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, nullptr));
  length = out.bytes.size();
  if (kdf == nullptr || EVP_PKEY_derive_init(kdf.get()) != 1 ||
      EVP_PKEY_CTX_set_hkdf_md(kdf.get(), EVP_sha256()) != 1 ||
      EVP_PKEY_CTX_set1_hkdf_salt(kdf.get(), salt.data(), salt.size()) != 1 ||
      EVP_PKEY_CTX_set1_hkdf_key(kdf.get(), shared.bytes.data(), shared.bytes.size()) != 1 ||
      EVP_PKEY_CTX_add1_hkdf_info(kdf.get(), reinterpret_cast<const std::uint8_t*>(kInfo.data()), kInfo.size()) != 1 ||
      EVP_PKEY_derive(kdf.get(), out.bytes.data(), &length) != 1)
    return broken("HKDF");
  return {};
}

const std::uint8_t* raw(std::string_view text) {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}
std::uint8_t* raw(std::string& text) {
  return reinterpret_cast<std::uint8_t*>(text.data());
}

// The key is used for one message, so that a fixed nonce is never used twice with it.
constexpr std::array<std::uint8_t, 12> kNonce{};

Result<std::string> encrypt(const MessageKey& key, std::string_view secret, std::string_view open_text) {
  const Cipher cipher(EVP_CIPHER_CTX_new());
  std::string out(secret.size() + kTag, '\0');
  int length = 0;
  if (cipher == nullptr ||
      EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key.bytes.data(), kNonce.data()) != 1 ||
      EVP_EncryptUpdate(cipher.get(), nullptr, &length, raw(open_text), static_cast<int>(open_text.size())) != 1 ||
      EVP_EncryptUpdate(cipher.get(), raw(out), &length, raw(secret), static_cast<int>(secret.size())) != 1 ||
      EVP_EncryptFinal_ex(cipher.get(), raw(out) + length, &length) != 1 ||
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTag, out.data() + secret.size()) != 1)
    return broken("AES-256-GCM");
  return out;
}

Result<std::string> decrypt(const MessageKey& key, std::string_view sealed, std::string_view open_text) {
  if (sealed.size() < kTag) return fail(Reason::kKitInvalid, "it is cut off");
  const std::string_view body = sealed.substr(0, sealed.size() - kTag);
  std::string tag(sealed.substr(body.size()));
  std::string out(body.size(), '\0');
  const Cipher cipher(EVP_CIPHER_CTX_new());
  int length = 0;
  if (cipher == nullptr ||
      EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key.bytes.data(), kNonce.data()) != 1 ||
      EVP_DecryptUpdate(cipher.get(), nullptr, &length, raw(open_text), static_cast<int>(open_text.size())) != 1 ||
      EVP_DecryptUpdate(cipher.get(), raw(out), &length, raw(body), static_cast<int>(body.size())) != 1 ||
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTag, tag.data()) != 1)
    return broken("AES-256-GCM");
  if (EVP_DecryptFinal_ex(cipher.get(), raw(out) + length, &length) == 1) return out;
  wipe(out);
  return fail(Reason::kKitInvalid, "it was sealed to another key, or a byte of it differs");
}

}  // namespace

void wipe(std::string& text) {
  OPENSSL_cleanse(text.data(), text.size());
  text.clear();
}

Result<Recipient> Recipient::from_pem(std::string_view pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const Key key(bio == nullptr ? nullptr : PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
  Recipient recipient;
  std::size_t length = recipient.bytes.size();
  if (key == nullptr || EVP_PKEY_get_id(key.get()) != EVP_PKEY_X25519 ||
      EVP_PKEY_get_raw_public_key(key.get(), recipient.bytes.data(), &length) != 1)
    return fail(Reason::kKitInvalid, "this is no X25519 public key in PEM");
  return recipient;
}

std::string Recipient::to_pem() const {
  const Key key(EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, bytes.data(), bytes.size()));
  const Bio bio(BIO_new(BIO_s_mem()));
  if (key == nullptr || bio == nullptr || PEM_write_bio_PUBKEY(bio.get(), key.get()) != 1) return {};
  return text_of(bio.get());
}

Result<OperatorKey> OperatorKey::from_pem(std::string_view pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  // No passphrase is asked for on a terminal: a kit has to open without anybody typing.
  char none[] = "";
  const Key key(bio == nullptr ? nullptr : PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, none));
  OperatorKey out;
  std::size_t length = out.bytes_.size();
  if (key == nullptr || EVP_PKEY_get_id(key.get()) != EVP_PKEY_X25519 ||
      EVP_PKEY_get_raw_private_key(key.get(), out.bytes_.data(), &length) != 1)
    return fail(Reason::kKitInvalid, "this is no X25519 private key in PEM");
  return out;
}

Result<std::array<std::uint8_t, 32>> signing_seed_from_pem(std::string_view pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  char none[] = "";
  const Key key(bio == nullptr ? nullptr : PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, none));
  Bytes32 seed{};
  std::size_t length = seed.size();
  if (key == nullptr || EVP_PKEY_get_id(key.get()) != EVP_PKEY_ED25519 ||
      EVP_PKEY_get_raw_private_key(key.get(), seed.data(), &length) != 1)
    return fail(Reason::kKeyUnreadable, "this is no Ed25519 private key in PEM");
  return seed;
}

OperatorKey OperatorKey::make(Entropy& entropy) {
  OperatorKey key;
  key.bytes_ = entropy.bytes32();
  return key;
}

OperatorKey::OperatorKey(OperatorKey&& other) noexcept : bytes_(other.bytes_) {
  OPENSSL_cleanse(other.bytes_.data(), other.bytes_.size());
}

OperatorKey::~OperatorKey() {
  OPENSSL_cleanse(bytes_.data(), bytes_.size());
}

std::string OperatorKey::to_pem() const {
  const Key key = private_key(bytes_);
  const Bio bio(BIO_new(BIO_s_mem()));
  if (key == nullptr || bio == nullptr ||
      PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return {};
  return text_of(bio.get());
}

Recipient OperatorKey::recipient() const {
  return {public_of(bytes_)};
}

Result<Sealed> seal(const Recipient& recipient, std::string_view secret, std::string_view open_text, Entropy& entropy) {
  Bytes32 own = entropy.bytes32();
  Sealed sealed;
  sealed.ephemeral = public_of(own);
  MessageKey key;
  const Status derived = derive(own, recipient.bytes, sealed.ephemeral, recipient.bytes, key);
  OPENSSL_cleanse(own.data(), own.size());
  TENURE_CHECK_OK(derived);
  TENURE_TRY(sealed.bytes, encrypt(key, secret, open_text));
  return sealed;
}

Result<std::string> unseal(const OperatorKey& key, const Sealed& sealed, std::string_view open_text) {
  MessageKey message;
  TENURE_CHECK_OK(derive(key.bytes(), sealed.ephemeral, sealed.ephemeral, key.recipient().bytes, message));
  return decrypt(message, sealed.bytes, open_text);
}

}  // namespace tenure::emergency
