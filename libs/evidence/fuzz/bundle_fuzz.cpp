// Whatever is read as a bundle of n entries is the bundle that publishing these entries gives; paths read back.
#include <cstdlib>

#include <tenure/evidence/tiles.hpp>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace tenure::evidence;
  if (size < 1) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t count = data[0];
  if (const auto tile = parse_tile_path(bytes); tile && to_path(*tile) != bytes) std::abort();
  const auto entries = parse_bundle(bytes, count);
  if (!entries || count == 0) return 0;
  const std::vector<std::string> copies(entries->begin(), entries->end());
  const auto publication = plan_publication(Edge(), copies).value();
  if (publication.files[0].bytes != bytes) std::abort();
  return 0;
}
