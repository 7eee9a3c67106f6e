// The verifier reads whatever lies in a folder without falling over: the input is put in place of one file of a good
// log.
#include <array>
#include <filesystem>
#include <fstream>

#include <stdlib.h>

#include <tenure/evidence/checkpoint.hpp>
#include <tenure/evidence/tiles.hpp>
#include <tenure/evidence_verify/verify.hpp>

namespace {

struct GoodLog {
  GoodLog() {
    std::string name = "/tmp/evidence_verify_fuzz_XXXXXX";
    folder = mkdtemp(name.data());
    std::array<std::uint8_t, 32> seed{};
    const auto key = tenure::evidence::SigningKey::create("fuzz.example", seed).value();
    vkey = key.verifier().to_string();
    std::vector<std::string> entries;
    for (int i = 0; i < 300; ++i) entries.push_back(std::to_string(i));
    auto publication = tenure::evidence::plan_publication({}, entries).value();
    files = std::move(publication.files);
    files.push_back({"checkpoint", tenure::evidence::sign_checkpoint({"fuzz.example", 300, publication.root}, key)});
    for (const auto& file : files) put(file.path, file.bytes);
  }
  ~GoodLog() { std::filesystem::remove_all(folder); }
  void put(const std::string& path, std::string_view bytes) const {
    std::filesystem::create_directories(std::filesystem::path(folder + "/" + path).parent_path());
    std::ofstream(folder + "/" + path, std::ios::binary | std::ios::trunc) << bytes;
  }
  std::string folder, vkey;
  std::vector<tenure::evidence::File> files;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  static const GoodLog log;
  if (size < 1) return 0;
  const auto& victim = log.files[data[0] % log.files.size()];
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  log.put(victim.path, bytes);
  const auto report = tenure::evidence_verify::verify_log(log.folder, log.vkey);
  log.put(victim.path, victim.bytes);
  // The entries of this log are no leaves, so it is never without faults; but a changed file must add one of its own.
  bool named = false;
  for (const auto& fault : report.faults) named |= fault.what.find("not a leaf") == std::string::npos;
  if (bytes != victim.bytes && !named) std::abort();
  return 0;
}
