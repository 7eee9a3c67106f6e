// Signed notes (c2sp.org/signed-note) and their keys: Ed25519 log signatures (type 0x01) and witness cosignatures
// (c2sp.org/tlog-cosignature, type 0x04). Pure over OpenSSL; any thread may call.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tenure/base/error.hpp>
#include <tenure/base/time.hpp>

namespace tenure::evidence {

struct SignatureLine {
  std::string name;
  std::uint32_t key_id = 0;
  std::string signature;  // without the key id
  friend bool operator==(const SignatureLine&, const SignatureLine&) = default;
};

struct Note {
  std::string text;  // what is signed; ends with a newline
  std::vector<SignatureLine> signatures;
};

inline constexpr std::size_t kNoteBytesMax = 1'000'000;
inline constexpr std::size_t kSignatureLinesMax = 100;

// Splits a note and checks its form, no signature. Error kCheckpointInvalid.
Result<Note> parse_note(std::string_view bytes);
std::string to_string(const Note& note);

enum class KeyType : std::uint8_t { kEd25519 = 0x01, kCosignature = 0x04 };

// A public key with the name that it signs for.
class VerifierKey {
 public:
  // The text "name+hex8(key id)+base64(type || 32 bytes)". Error kKeyUnreadable.
  static Result<VerifierKey> parse(std::string_view vkey);
  std::string to_string() const;

  const std::string& name() const { return name_; }
  std::uint32_t key_id() const { return key_id_; }
  KeyType type() const { return type_; }
  const std::array<std::uint8_t, 32>& bytes() const { return public_; }
  bool matches(const SignatureLine& line) const { return line.name == name_ && line.key_id == key_id_; }
  // Whether this line, which matches(), is a signature of the text.
  bool verifies(std::string_view text, const SignatureLine& line) const;
  friend bool operator==(const VerifierKey&, const VerifierKey&) = default;

 private:
  friend class SigningKey;
  std::string name_;
  std::uint32_t key_id_ = 0;
  KeyType type_ = KeyType::kEd25519;
  std::array<std::uint8_t, 32> public_{};
};

// Holds a secret; overwritten on destruction, never printed. Not copyable.
class SigningKey {
 public:
  // REQUIRES: name without white space and '+', not empty (else kKeyUnreadable). The seed is the 32-byte private key of
  // RFC 8032; the caller overwrites its own copy.
  static Result<SigningKey> create(std::string name, std::span<const std::uint8_t, 32> seed,
                                   KeyType type = KeyType::kEd25519);
  SigningKey(SigningKey&& other) noexcept;
  SigningKey& operator=(SigningKey&&) = delete;
  ~SigningKey();

  const VerifierKey& verifier() const { return verifier_; }
  // REQUIRES: type kEd25519; text ends with a newline.
  SignatureLine sign(std::string_view text) const;
  // REQUIRES: type kCosignature. The time is in whole seconds; the caller has checked that the checkpoint is
  // consistent.
  SignatureLine cosign(std::string_view text, Time time) const;

 private:
  SigningKey() = default;
  VerifierKey verifier_;
  std::array<std::uint8_t, 32> seed_{};
};

struct VerifiedSignature {
  VerifierKey key;
  std::optional<Time> cosigned_at;  // of cosignatures: the witness's clock
};

struct OpenedNote {
  std::string text;
  std::vector<VerifiedSignature> verified;  // at least one
};

// Lines of unknown keys are passed over; a line of a known key that does not verify rejects the whole note, and so does
// the absence of any line of a known key. Error kCheckpointInvalid.
Result<OpenedNote> open_note(std::string_view bytes, std::span<const VerifierKey> known);

}  // namespace tenure::evidence
