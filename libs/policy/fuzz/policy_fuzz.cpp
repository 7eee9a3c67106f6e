// Any text as a repository of one file: no crash; a set comes with no error, and none without one.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include <tenure/policy/load.hpp>
#include <tenure/policy/test.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tenure::Diagnostics diagnostics;
  const auto set =
      tenure::policy::load({{"fuzz.yaml", std::string(reinterpret_cast<const char*>(data), size)}}, diagnostics);
  if (set.has_value() == diagnostics.has_errors()) std::abort();
  if (set) tenure::policy::run_examples(*set, diagnostics);
  return 0;
}
