// Any bytes: no crash; records only without a fault, as wide as the header; and what is read, written in quotation
// marks, is read back.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include <tenure/csv/csv.hpp>

namespace {

using tenure::csv::Table;

std::string line_of(const std::vector<std::string>& fields) {
  std::string out;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    out += i == 0 ? "\"" : ";\"";
    for (const char c : fields[i]) out += c == '"' ? std::string("\"\"") : std::string(1, c);
    out += '"';
  }
  return out + "\r\n";
}

void check_whole(const Table& table) {
  if (table.columns.empty()) std::abort();
  std::string text = line_of(table.columns);
  for (const auto& record : table.records) {
    if (record.fields.size() != table.columns.size() || record.line == 0) std::abort();
    text += line_of(record.fields);
  }
  const Table again = tenure::csv::parse(text, "again.csv", ';');
  if (!again.faults.empty() || again.open_ended || again.columns != table.columns ||
      again.records.size() != table.records.size())
    std::abort();
  for (std::size_t i = 0; i < table.records.size(); ++i)
    if (again.records[i].fields != table.records[i].fields) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const Table table = tenure::csv::parse(text, "fuzz.csv");
  if (table.faults.empty()) {
    check_whole(table);
    // Less text is never more records.
    const auto shorter = tenure::csv::parse(std::string_view(text).substr(0, size - 1), "fuzz.csv");
    if (shorter.records.size() > table.records.size()) std::abort();
  } else {
    if (!table.records.empty() || table.faults.size() > tenure::csv::kFaultsMax + 4) std::abort();
    for (const auto& fault : table.faults)
      if (fault.what.empty() || fault.expected.empty()) std::abort();
  }
  return 0;
}
