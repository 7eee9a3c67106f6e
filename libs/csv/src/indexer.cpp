#include "indexer.hpp"

#include <algorithm>
#include <cstring>

#include <tenure/base/text.hpp>

namespace tenure::csv {
namespace {

constexpr std::size_t kBlock = 64;
// A record of more than that is not one that anybody wrote.
constexpr std::size_t kRecordBytesMax = std::size_t{1} << 31;

void drop_below(std::vector<std::uint32_t>& positions, std::uint32_t bytes) {
  const auto kept = std::lower_bound(positions.begin(), positions.end(), bytes);
  positions.erase(positions.begin(), kept);
  for (std::uint32_t& position : positions) position -= bytes;
}

}  // namespace

Indexer::Indexer(const Kernel& kernel, std::string_view text, std::size_t columns, char separator, std::uint32_t line,
                 bool last)
    : kernel_(kernel), text_(text), columns_(columns), separator_(separator), last_(last), line_(line) {}

bool Indexer::next(Rows& rows, std::size_t bytes) {
  while (!suspect_ && fill(bytes))
    if (deliver(rows)) return true;
  return false;
}

// false: everything was scanned before.
bool Indexer::fill(std::size_t bytes) {
  if (ended_) return false;
  scan(std::max(bytes / kBlock, std::size_t{1}) * kBlock);
  if (text_.size() - at_ < kBlock) {
    scan_tail();
    end_text();
    ended_ = true;
  }
  suspect_ = suspect_ || scan_.bad != 0 || !valid_utf8() || (!ended_ && at_ - base_ > kRecordBytesMax);
  return !suspect_;
}

void Indexer::scan(std::size_t bytes) {
  const std::size_t blocks = std::min(bytes, text_.size() - at_) / kBlock;
  // Every byte may end a field, and flatten() writes up to 8 beyond.
  const std::size_t room = (blocks + 2) * kBlock + 8;
  if (ends_.size() < ends_size_ + room) ends_.resize(ends_size_ + room);
  if (newlines_.size() < newlines_size_ + room) newlines_.resize(newlines_size_ + room);
  scan_.ends = ends_.data() + ends_size_;
  scan_.newlines = newlines_.data() + newlines_size_;
  kernel_.scan(text_.data() + at_, blocks, static_cast<std::uint32_t>(at_ - base_), separator_, scan_);
  at_ += blocks * kBlock;
  ends_size_ = static_cast<std::size_t>(scan_.ends - ends_.data());
  newlines_size_ = static_cast<std::size_t>(scan_.newlines - newlines_.data());
}

// The last bytes in a block of their own, filled up with line feeds, which do no harm behind anything but an open
// quotation.
void Indexer::scan_tail() {
  const std::size_t rest = text_.size() - at_;
  if (rest == 0) return;
  char block[kBlock];
  std::memset(block, '\n', kBlock);
  std::memcpy(block, text_.data() + at_, rest);
  kernel_.scan(block, 1, static_cast<std::uint32_t>(at_ - base_), separator_, scan_);
  at_ = text_.size();
  const auto end = static_cast<std::uint32_t>(at_ - base_);
  ends_size_ = static_cast<std::size_t>(scan_.ends - ends_.data());
  newlines_size_ = static_cast<std::size_t>(scan_.newlines - newlines_.data());
  while (ends_size_ > 0 && ends_[ends_size_ - 1] >= end) --ends_size_;
  while (newlines_size_ > 0 && newlines_[newlines_size_ - 1] >= end) --newlines_size_;
  while (!scan_.inner_newlines.empty() && scan_.inner_newlines.back() >= end) scan_.inner_newlines.pop_back();
}

void Indexer::end_text() {
  if (scan_.quoted != 0 || scan_.after_return != 0) suspect_ = true;
  if (text_.empty() || text_.back() == '\n') return;
  open_ended_ = true;
  if (!last_ || text_.back() == '\r') suspect_ = true;
  ends_[ends_size_++] = static_cast<std::uint32_t>(at_ - base_);
  newlines_[newlines_size_++] = static_cast<std::uint32_t>(at_ - base_);
}

bool Indexer::valid_utf8() {
  for (const std::uint32_t position : scan_.odd) {
    const std::size_t at = base_ + position;
    if (at < utf8_) continue;
    const std::size_t length = text_[at] == '\0' ? 0 : utf8_length(text_.substr(at, 4));
    if (length == 0) return false;
    utf8_ = at + length;
  }
  scan_.odd.clear();
  return true;
}

// The whole records that were scanned; false: there is none yet.
bool Indexer::deliver(Rows& rows) {
  const std::size_t records = newlines_size_;
  if (ended_ && ends_size_ != records * columns_) suspect_ = true;
  if (records * columns_ > ends_size_) suspect_ = true;
  for (std::size_t i = 0; i < records && !suspect_; ++i) suspect_ = newlines_[i] != ends_[(i + 1) * columns_ - 1];
  if (suspect_ || records == 0) return false;
  const std::size_t ends = records * columns_;
  rows.text_ = text_.data() + base_;
  rows.rows_ = records;
  rows.columns_ = columns_;
  rows.first_line_ = line_;
  rows.ends_.resize(ends + 1);
  rows.ends_[0] = static_cast<std::uint32_t>(-1);
  std::memcpy(rows.ends_.data() + 1, ends_.data(), ends * sizeof(std::uint32_t));
  const std::uint32_t end = ends_[ends - 1];
  undouble(rows, ends);
  count_lines(rows, end);
  drop(ends, records, end + 1);
  return true;
}

void Indexer::undouble(Rows& rows, std::size_t ends) {
  rows.doubled_.clear();
  rows.undoubled_.clear();
  const std::uint32_t* field = ends_.data();
  for (const std::uint32_t position : scan_.doubled) {
    field = std::lower_bound(field, static_cast<const std::uint32_t*>(ends_.data() + ends), position);
    if (field == ends_.data() + ends) break;  // of a record that is not whole yet
    const auto index = static_cast<std::uint32_t>(field - ends_.data());
    if (!rows.doubled_.empty() && rows.doubled_.back() == index) continue;
    rows.doubled_.push_back(index);
    const std::string_view raw = rows.between(index, index % columns_ + 1 == columns_);
    std::string& text = rows.undoubled_.emplace_back();
    text.reserve(raw.size());
    for (std::size_t i = 1; i + 1 < raw.size(); ++i) {
      text += raw[i];
      if (raw[i] == '"') ++i;
    }
  }
}

void Indexer::count_lines(Rows& rows, std::uint32_t end) {
  rows.line_ends_.clear();
  std::uint32_t inner = 0;
  for (const std::uint32_t position : scan_.inner_newlines) {
    if (position > end) break;
    const auto row = static_cast<std::uint32_t>(
        std::lower_bound(newlines_.begin(), newlines_.begin() + static_cast<std::ptrdiff_t>(rows.rows_), position) -
        newlines_.begin());
    if (rows.line_ends_.empty() || rows.line_ends_.back().first != row) rows.line_ends_.emplace_back(row, inner);
    rows.line_ends_.back().second = ++inner;
  }
  line_ += static_cast<std::uint32_t>(rows.rows_) + inner;
}

// What was given out. Positions count from behind it.
void Indexer::drop(std::size_t ends, std::size_t newlines, std::uint32_t bytes) {
  for (std::size_t i = ends; i < ends_size_; ++i) ends_[i - ends] = ends_[i] - bytes;
  ends_size_ -= ends;
  newlines_size_ -= newlines;  // none is left: the last one ended the last record
  drop_below(scan_.doubled, bytes);
  drop_below(scan_.inner_newlines, bytes);
  base_ = std::min(base_ + bytes, text_.size());
}

}  // namespace tenure::csv
