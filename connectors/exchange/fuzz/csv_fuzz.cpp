// libFuzzer entry: whatever the bytes, the reader neither crashes nor returns a row of another width than its header.
#include "csv_table.hpp"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tenure::connector_exchange;
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const auto table = parse_csv(text, "fuzz.csv")) {
    if (table->columns.empty()) std::abort();
    for (const auto& row : table->rows)
      if (row.fields.size() != table->columns.size() || row.line == 0) std::abort();
    // A proper prefix is never a whole file that holds as many records, unless it ends at a record.
    const auto shorter = parse_csv(std::string_view(text).substr(0, text.size() - 1), "fuzz.csv");
    if (shorter && shorter->rows.size() > table->rows.size()) std::abort();
  }
  return 0;
}
