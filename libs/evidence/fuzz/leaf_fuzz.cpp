// Whatever is read as a leaf is written back as the same bytes, and the independent verifier and recovery accept it
// too.
#include "leaf_form.hpp"

#include <cstdlib>

#include <tenure/evidence/leaf.hpp>
#include <tenure/evidence/record.hpp>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace tenure;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::string why;
  std::size_t at = 0;
  const auto form = evidence_verify::read_leaf(bytes, why, at);
  if (!form && (why.empty() || at > size)) std::abort();

  Random random(1);
  SeededEntropy entropy(1);
  evidence::Composer composer(random, entropy);
  const auto recovered = composer.recover(bytes);

  const auto leaf = evidence::parse_leaf(bytes);
  if (!leaf) return 0;
  if (evidence::write_leaf(*leaf).value() != bytes || !form) std::abort();
  const bool first = !leaf->place || leaf->place->seq == 1;
  if (first != recovered.has_value()) std::abort();
  if (form->case_id != (leaf->place ? leaf->place->id : "")) std::abort();
  return 0;
}
