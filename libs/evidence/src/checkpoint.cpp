#include "decimal.hpp"

#include <algorithm>

#include <tenure/base/text.hpp>
#include <tenure/evidence/checkpoint.hpp>

namespace tenure::evidence {
namespace {

// Sizes are signed 64-bit numbers in the tools of others.
constexpr std::uint64_t kSizeMax = INT64_MAX;

std::unexpected<Error> bad(std::string_view what) {
  return fail(Reason::kCheckpointInvalid, std::string(what));
}

}  // namespace

std::string to_text(const Checkpoint& checkpoint) {
  return checkpoint.origin + "\n" + std::to_string(checkpoint.size) + "\n" + checkpoint.root.base64() + "\n";
}

Result<Checkpoint> parse_checkpoint_text(std::string_view text) {
  const auto lines = split(text, '\n');
  if (lines.size() != 4 || !lines[3].empty()) return bad("a checkpoint has three lines: origin, size and root");
  Checkpoint out;
  out.origin = lines[0];
  if (out.origin.empty()) return bad("the origin is empty");
  if (!read_decimal(lines[1], kSizeMax, out.size)) return bad("the size is no decimal number");
  const auto root = from_base64(lines[2]);
  if (!root || root->size() != 32) return bad("the root is not 32 bytes in base64");
  std::ranges::transform(*root, out.root.bytes.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
  return out;
}

std::string sign_checkpoint(const Checkpoint& checkpoint, std::span<const SigningKey* const> keys) {
  Note note{to_text(checkpoint), {}};
  for (const SigningKey* key : keys) note.signatures.push_back(key->sign(note.text));
  return to_string(note);
}

std::string sign_checkpoint(const Checkpoint& checkpoint, const SigningKey& key) {
  const SigningKey* const keys[] = {&key};
  return sign_checkpoint(checkpoint, keys);
}

Result<OpenedCheckpoint> open_checkpoint(std::string_view bytes, std::span<const VerifierKey> known) {
  TENURE_TRY(OpenedNote note, open_note(bytes, known));
  OpenedCheckpoint out;
  TENURE_TRY(out.checkpoint, parse_checkpoint_text(note.text));
  const bool by_log = std::ranges::any_of(note.verified, [&](const VerifiedSignature& v) {
    return v.key.type() == KeyType::kEd25519 && v.key.name() == out.checkpoint.origin;
  });
  if (!by_log) return bad("the log itself has not signed");
  out.verified = std::move(note.verified);
  return out;
}

Result<Checkpoint> open_checkpoint(std::string_view bytes, const VerifierKey& key) {
  TENURE_TRY(OpenedCheckpoint opened, open_checkpoint(bytes, std::span(&key, 1)));
  return std::move(opened.checkpoint);
}

}  // namespace tenure::evidence
