// A CSV file as a table: RFC 4180, strictly, in one pass. Lines end with LF or CRLF, the last one too: a file that ends
// otherwise was cut off. A UTF-8 byte order mark at the beginning is skipped; the text must be UTF-8 without NUL.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tenure/base/error.hpp>

namespace tenure::connector_exchange {

struct CsvRow {
  std::vector<std::string> fields;  // as many as there are columns
  std::uint32_t line = 0;           // where it begins, from 1
};

struct CsvTable {
  std::vector<std::string> columns;  // distinct, not empty
  std::vector<CsvRow> rows;

  // Index of the column, or -1.
  int column(std::string_view name) const;
};

// The first fault is the error: kTargetPartial for a file that is empty or ends too early, kTargetProtocol for anything
// else; the message begins with "file:line:column: ".
Result<CsvTable> parse_csv(std::string_view text, const std::string& file, char separator = ',');

}  // namespace tenure::connector_exchange
