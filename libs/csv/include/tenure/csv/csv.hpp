// CSV as RFC 4180 defines it, strictly, in one pass over the bytes: UTF-8 with or without a byte order mark, CRLF or
// LF, a header line, quoted fields with doubled quotation marks and line ends. Pure functions over values; about as
// much memory as the text.
//
// Every fault is found, not only the first, and has its place. A text with a fault yields no record at all, so nobody
// can take the readable part of a broken export for the whole.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tenure/base/diagnostic.hpp>

namespace tenure::csv {

enum class FaultKind : std::uint8_t {
  kEmpty,      // no byte, or nothing but a byte order mark
  kEncoding,   // not UTF-8, or a NUL byte; told once a line
  kTruncated,  // it ends within quotation marks, within a line end, or before the last record has all its fields
  kSyntax,     // quotation marks, carriage returns, numbers of fields, names of columns
};

struct Fault {
  FaultKind kind;
  Place place;           // columns count characters
  std::string what;      // "the record has 3 fields"
  std::string expected;  // "4 fields"
};

struct Record {
  std::vector<std::string> fields;  // as many as there are columns; an empty field is "", quoted or not
  std::uint32_t line = 0;           // where it begins, from 1
};

constexpr std::size_t kFaultsMax = 100;

struct Table {
  std::vector<std::string> columns;  // as the header has them; distinct and not empty if there is no fault
  std::vector<Record> records;       // none if there is a fault
  // In the order in which they were met: the first kFaultsMax, and the first of every kind that came later.
  std::vector<Fault> faults;
  // The last record has all its fields but no line end, which RFC 4180 allows; whether its last field lost its tail
  // nobody can tell.
  bool open_ended = false;
  Place end;  // behind the last byte

  // Index of the column, or -1.
  int column(std::string_view name) const;
};

// `file` is for the places. REQUIRES: `separator` is ASCII and neither a quotation mark nor a line end.
Table parse(std::string_view bytes, const std::string& file, char separator = ',');

}  // namespace tenure::csv
