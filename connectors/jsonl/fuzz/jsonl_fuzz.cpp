// Any bytes: no crash; a feed that is accepted is rectangular and complete.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include <tenure/connector_jsonl/jsonl.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tenure::Diagnostics diagnostics;
  const auto feed =
      tenure::connector_jsonl::parse_jsonl("fuzz.jsonl", {reinterpret_cast<const char*>(data), size}, {}, diagnostics);
  if (!feed) {
    if (!diagnostics.has_errors()) std::abort();
    return 0;
  }
  if (!feed->complete || diagnostics.has_errors()) std::abort();
  for (const auto& record : tenure::model::feed_records(*feed->rows))
    if (record.fields.size() != feed->columns.size()) std::abort();
  return 0;
}
