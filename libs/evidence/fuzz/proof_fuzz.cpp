// Whatever is read as a proof is written back as the same bytes; neither verifier accepts an unsigned one.
#include <cstdlib>

#include <tenure/evidence/proof.hpp>
#include <tenure/evidence_verify/verify.hpp>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace tenure;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  static const std::string vkey = "evidence.example/kat+899a67b2+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c";
  static const auto key = evidence::VerifierKey::parse(vkey).value();
  if (const auto proof = evidence::parse_proof(bytes)) {
    if (evidence::to_string(*proof) != bytes) std::abort();
    const bool ours = evidence::verify_proof(*proof, "x", std::span(&key, 1)).has_value();
    if (ours != evidence_verify::verify_proof(bytes, "x", vkey).ok) std::abort();
  } else if (evidence_verify::verify_proof(bytes, "x", vkey).ok) {
    std::abort();
  }
  return 0;
}
