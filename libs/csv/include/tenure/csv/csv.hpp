// CSV as RFC 4180 defines it, strictly: UTF-8 with or without a byte order mark, CRLF or LF, a header line, quoted
// fields with doubled quotation marks and line ends. Pure functions over values.
//
// Reading is zero-copy: the places of all separators are found 64 bytes at a time (AVX-512, AVX2 or plain code, chosen
// at run time; all give the same answer), and a field is a view into the text, or, when it holds doubled quotation
// marks, into a copy that its Rows own. The text outlives what is read from it.
//
// Every fault is found, not only the first, and has its place. A text with a fault yields no record at all, so nobody
// can take the readable part of a broken export for the whole.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <tenure/base/diagnostic.hpp>
#include <tenure/base/workers.hpp>

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

constexpr std::size_t kFaultsMax = 100;

// Records that follow each other in a text: all of it, or a batch. Const members are safe from any thread.
class Rows {
 public:
  std::size_t size() const { return rows_; }
  std::size_t columns() const { return columns_; }
  // REQUIRES: row < size(), column < columns(). An empty field is "", quoted or not.
  std::string_view field(std::size_t row, std::size_t column) const {
    const std::size_t index = row * columns_ + column;
    const std::string_view raw = between(index, column + 1 == columns_);
    return raw.empty() || raw.front() != '"' ? raw : unquoted(index, raw);
  }
  // The record as it stands in the text, without its line end. Equal texts are equal records.
  std::string_view text(std::size_t row) const {
    const std::uint32_t from = ends_[row * columns_] + 1;
    std::uint32_t to = ends_[(row + 1) * columns_];
    if (to > from && text_[to - 1] == '\r') --to;
    return {text_ + from, to - from};
  }
  std::uint32_t line(std::size_t row) const;  // where it begins, from 1

 private:
  friend class Indexer;
  std::string_view between(std::size_t index, bool last) const {
    const std::uint32_t from = ends_[index] + 1;
    std::uint32_t to = ends_[index + 1];
    if (last && to > from && text_[to - 1] == '\r') --to;
    return {text_ + from, to - from};
  }
  std::string_view unquoted(std::size_t index, std::string_view raw) const;

  const char* text_ = nullptr;       // where the first record begins
  std::vector<std::uint32_t> ends_;  // -1, then where each field ends, from text_
  std::size_t rows_ = 0;
  std::size_t columns_ = 0;
  std::uint32_t first_line_ = 1;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> line_ends_;  // within fields: row, how many
  std::vector<std::uint32_t> doubled_;                              // fields with doubled marks, ascending
  std::vector<std::string> undoubled_;                              // what they say
};

// What reading a text came to.
struct Summary {
  std::vector<std::string> columns;  // as the header has them; distinct and not empty if there is no fault
  // In the order in which they were met: the first kFaultsMax, and the first of every kind that came later.
  std::vector<Fault> faults;
  // The last record has all its fields but no line end, which RFC 4180 allows; whether its last field lost its tail
  // nobody can tell.
  bool open_ended = false;
  Place end;                // behind the last byte
  std::size_t records = 0;  // 0 if there is a fault

  // Index of the column, or -1.
  int column(std::string_view name) const;
};

// For texts whose records are looked at once, in batches that fit into the cache, perhaps by several threads.
class Reader {
 public:
  // Reads the header. `file` is for the places. REQUIRES: `separator` is ASCII and neither a quotation mark nor a line
  // end.
  Reader(std::string_view bytes, std::string file, char separator = ',');

  // As far as they can be read; whether there is a fault in them read() tells.
  const std::vector<std::string>& columns() const { return columns_; }
  int column(std::string_view name) const;  // index, or -1

  // Calls visit(piece, rows) for all records. The text is cut into `pieces` (or fewer) of about the same size, numbered
  // from 0 in the order of the text. The batches of one piece come one after the other and in order; different pieces
  // come from different threads. Rows are gone when visit returns. Once read() has told of a fault, everything that was
  // visited counts for nothing.
  using Visit = std::function<void(std::size_t piece, const Rows& rows)>;
  Summary read(Workers& workers, std::size_t pieces, const Visit& visit) const;

 private:
  std::string_view bytes_;
  std::string file_;
  char separator_;
  std::size_t begin_ = 0;  // of the first record
  std::uint32_t first_line_ = 1;
  std::vector<std::string> columns_;
  bool sound_ = false;  // the header is
};

// All records at once, for texts that are looked at more than once.
struct Table : Summary {
  std::vector<Rows> batches;  // in the order of the text; none if there is a fault
};
Table parse(std::string_view bytes, const std::string& file, char separator = ',', Workers& workers = own_thread());

}  // namespace tenure::csv
