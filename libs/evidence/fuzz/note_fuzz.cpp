// Whatever is read as a note is written back as the same bytes. Writer's and verifier's readers agree on checkpoints:
// what one accepts with a valid signature the other accepts, and a fuzzer makes no signatures.
#include "checkpoint.hpp"

#include <array>
#include <cstdlib>

#include <tenure/evidence/checkpoint.hpp>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace tenure;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto note = evidence::parse_note(bytes); note && evidence::to_string(*note) != bytes) std::abort();
  if (const auto checkpoint = evidence::parse_checkpoint_text(bytes)) {
    if (evidence::to_text(*checkpoint) != bytes) std::abort();
    // Sign what was found: both readers must now accept it, if its origin can be a key name.
    std::array<std::uint8_t, 32> seed{};
    if (const auto key = evidence::SigningKey::create(checkpoint->origin, seed)) {
      const std::string text = evidence::sign_checkpoint(*checkpoint, *key);
      if (evidence::open_checkpoint(text, key->verifier()) != *checkpoint) std::abort();
      std::string why;
      const auto independent =
          evidence_verify::read_checkpoint(text, *evidence_verify::read_key(key->verifier().to_string()), why);
      const bool small = checkpoint->size < 1'000'000'000'000'000'000;
      if (small && (!independent || independent->size != checkpoint->size)) std::abort();
    }
  }
  if (const auto key = evidence::VerifierKey::parse(bytes); key && key->to_string() != bytes) std::abort();
  return 0;
}
