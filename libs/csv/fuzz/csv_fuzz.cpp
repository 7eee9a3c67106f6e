// Any bytes: no crash; what the index reads is what the walker reads, records, lines, faults and places; records only
// without a fault, as wide as the header; and what is read, written in quotation marks, is read back.
#include "../src/walker.hpp"

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

using Records = std::vector<tenure::csv::WalkedRecord>;

Records records_of(const Table& table) {
  Records out;
  for (const auto& rows : table.batches)
    for (std::size_t r = 0; r < rows.size(); ++r) {
      auto& record = out.emplace_back();
      record.line = rows.line(r);
      for (std::size_t c = 0; c < rows.columns(); ++c) record.fields.emplace_back(rows.field(r, c));
    }
  return out;
}

void check_same(const std::string& text, const Table& table) {
  const auto walked = tenure::csv::walk(text, "fuzz.csv", ',', tenure::csv::Keep::kYes);
  if (walked.columns != table.columns || walked.faults.size() != table.faults.size() ||
      walked.open_ended != table.open_ended || walked.end != table.end || walked.records != table.records)
    std::abort();
  for (std::size_t i = 0; i < walked.faults.size(); ++i)
    if (walked.faults[i].place != table.faults[i].place || walked.faults[i].what != table.faults[i].what ||
        walked.faults[i].expected != table.faults[i].expected || walked.faults[i].kind != table.faults[i].kind)
      std::abort();
  const Records records = records_of(table);
  if (records.size() != walked.kept.size()) std::abort();
  for (std::size_t i = 0; i < records.size(); ++i)
    if (records[i].fields != walked.kept[i].fields || records[i].line != walked.kept[i].line) std::abort();
}

void check_whole(const Table& table) {
  const Records records = records_of(table);
  if (table.columns.empty()) std::abort();
  std::string text = line_of(table.columns);
  for (const auto& record : records) {
    if (record.fields.size() != table.columns.size() || record.line == 0) std::abort();
    text += line_of(record.fields);
  }
  const Table again = tenure::csv::parse(text, "again.csv", ';');
  if (!again.faults.empty() || again.open_ended || again.columns != table.columns || again.records != table.records)
    std::abort();
  const Records same = records_of(again);
  for (std::size_t i = 0; i < records.size(); ++i)
    if (same[i].fields != records[i].fields) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const Table table = tenure::csv::parse(text, "fuzz.csv");
  check_same(text, table);
  if (table.faults.empty()) {
    check_whole(table);
    // Less text is never more records.
    const auto shorter = tenure::csv::parse(std::string_view(text).substr(0, size - 1), "fuzz.csv");
    if (shorter.records > table.records) std::abort();
  } else {
    if (table.records != 0 || !table.batches.empty() || table.faults.size() > tenure::csv::kFaultsMax + 4) std::abort();
    for (const auto& fault : table.faults)
      if (fault.what.empty() || fault.expected.empty()) std::abort();
  }
  return 0;
}
