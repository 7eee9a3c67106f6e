// Batches of records out of a stretch of text that begins and ends between two records. Private to libs/csv.
#pragma once

#include "blocks.hpp"

#include <tenure/csv/csv.hpp>

namespace tenure::csv {

class Indexer {
 public:
  // `text` begins with a record, in line `line`. `last`: it ends where the whole text ends, perhaps without a line end.
  Indexer(const Kernel& kernel, std::string_view text, std::size_t columns, char separator, std::uint32_t line,
          bool last);

  // Fills `rows` with the records of about `bytes` more bytes, at least one. false: no more, or not CSV.
  bool next(Rows& rows, std::size_t bytes);
  // This is not CSV, or not what is expected of it; what was given out counts for nothing. Final once next() is false.
  bool suspect() const { return suspect_; }
  // The line in which the text ends, once next() is false.
  std::uint32_t line() const { return line_ - (open_ended_ ? 1 : 0); }

 private:
  bool fill(std::size_t bytes);
  void scan(std::size_t bytes);
  void scan_tail();
  void end_text();
  bool valid_utf8();
  bool deliver(Rows& rows);
  void undouble(Rows& rows, std::size_t ends);
  void count_lines(Rows& rows, std::uint32_t end);
  void drop(std::size_t ends, std::size_t newlines, std::uint32_t bytes);

  const Kernel& kernel_;
  const std::string_view text_;
  const std::size_t columns_;
  const char separator_;
  const bool last_;
  std::size_t base_ = 0;  // where the first record that was not given out begins: positions count from here
  std::size_t at_ = 0;    // scanned up to here
  std::size_t utf8_ = 0;  // known to be UTF-8 up to here
  bool ended_ = false;
  bool suspect_ = false;
  bool open_ended_ = false;
  std::uint32_t line_;
  Scan scan_;
  std::vector<std::uint32_t> ends_, newlines_;
  std::size_t ends_size_ = 0, newlines_size_ = 0;
};

}  // namespace tenure::csv
