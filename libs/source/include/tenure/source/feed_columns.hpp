// A whole feed as columns: dictionary-encoded where values repeat, as one text where they hardly ever do. For looking
// at everybody at once; single records are quicker to take from the text itself. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tenure/base/workers.hpp>
#include <tenure/csv/csv.hpp>
#include <tenure/population/column.hpp>

namespace tenure::source {

// Values one behind the other. "" is a blank.
class TextColumn {
 public:
  std::size_t size() const { return ends_.size(); }
  std::string_view operator[](std::size_t row) const {
    const std::uint64_t from = row == 0 ? 0 : ends_[row - 1];
    return std::string_view(text_).substr(from, ends_[row] - from);
  }
  void append(std::string_view value) {
    text_ += value;
    ends_.push_back(text_.size());
  }
  void append(const TextColumn& more);

 private:
  std::string text_;
  std::vector<std::uint64_t> ends_;
};

struct FeedColumns {
  csv::Summary summary;
  // By number of column; of one that was asked for as text the other is empty. Rows in the order of the feed. A blank
  // is population::Column::kNull.
  std::vector<population::Column> coded;
  std::vector<TextColumn> texts;
};

// `as_text` says for every column of the reader whether its values hardly ever repeat. All columns are empty when the
// summary tells of a fault. What comes out does not depend on how many workers there are.
FeedColumns read_columns(const csv::Reader& reader, const std::vector<bool>& as_text, Workers& workers);

}  // namespace tenure::source
