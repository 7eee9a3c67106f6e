// libFuzzer entry: whatever the bytes, the parser of names neither crashes nor loses its own laws.
#include "dn.hpp"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenure::connector_ldap;
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const auto normal = normal_dn(text)) {
    if (normal_dn(*normal) != normal) std::abort();
    if (!is_under(*normal, *normal)) std::abort();
  }
  const auto parsed = parse_dn("cn=" + escape_dn_value(text));
  if (!parsed || parsed->size() != 1 || parsed->front().front().value != text) std::abort();
  for (const char c : escape_filter_value(text))
    if (c < 0x20 || c == 0x7f || c == '(' || c == ')' || c == '*') std::abort();
  return 0;
}
