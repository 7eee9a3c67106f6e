#include <algorithm>
#include <numeric>

#include <tenure/population/dictionary.hpp>
#include <tenure/source/feed_columns.hpp>

namespace tenure::source {
namespace {

using population::Column;
using population::Dictionary;

constexpr std::size_t kPiecesPerWorker = 2;  // so that one that is held up does not hold up all

// One column of one piece of the text.
struct Part {
  Dictionary values;
  std::vector<Dictionary::Code> codes;
  TextColumn text;
};

void take(const csv::Rows& rows, std::size_t column, bool as_text, Part& part) {
  if (as_text) {
    for (std::size_t r = 0; r < rows.size(); ++r) part.text.append(rows.field(r, column));
    return;
  }
  thread_local std::vector<std::string_view> texts;
  texts.clear();
  for (std::size_t r = 0; r < rows.size(); ++r) texts.push_back(rows.field(r, column));
  const std::size_t before = part.codes.size();
  part.codes.resize(before + rows.size());
  part.values.intern(texts, std::span(part.codes).subspan(before));
}

// The codes of all pieces, as those of one column.
Column join(const std::vector<std::vector<Part>>& parts, std::size_t column, std::size_t rows) {
  Column out(rows);
  std::vector<Column::Code> all;
  all.reserve(rows);
  for (const auto& piece : parts) {
    const Part& part = piece[column];
    // All but the blank, whose code is not one of a value.
    const Dictionary::Code blank = part.values.find("");
    std::vector<std::string_view> texts;
    for (Dictionary::Code code = 0; code < part.values.size(); ++code)
      if (code != blank) texts.push_back(part.values.text(code));
    std::vector<Column::Code> codes(texts.size());
    out.intern_texts(texts, codes);
    if (blank != Dictionary::kNone) codes.insert(codes.begin() + blank, Column::kNull);
    for (const Dictionary::Code code : part.codes) all.push_back(codes[code]);
  }
  out.assign(all, {});
  return out;
}

}  // namespace

void TextColumn::append(const TextColumn& more) {
  const std::uint64_t before = text_.size();
  text_ += more.text_;
  ends_.reserve(ends_.size() + more.ends_.size());
  for (const std::uint64_t end : more.ends_) ends_.push_back(before + end);
}

FeedColumns read_columns(const csv::Reader& reader, const std::vector<bool>& as_text, Workers& workers) {
  const std::size_t width = as_text.size();
  const std::size_t pieces = workers.count() == 1 ? 1 : workers.count() * kPiecesPerWorker;
  std::vector<std::vector<Part>> parts(pieces);
  for (auto& piece : parts) piece = std::vector<Part>(width);
  FeedColumns out;
  out.summary = reader.read(workers, pieces, [&](std::size_t piece, const csv::Rows& rows) {
    for (std::size_t c = 0; c < width; ++c) take(rows, c, as_text[c], parts[piece][c]);
  });
  out.coded.resize(width);
  out.texts.resize(width);
  if (!out.summary.faults.empty()) return out;
  workers.run(width, [&](std::size_t c) {
    if (!as_text[c]) {
      out.coded[c] = join(parts, c, out.summary.records);
      return;
    }
    out.texts[c] = std::move(parts.front()[c].text);
    for (std::size_t piece = 1; piece < pieces; ++piece) out.texts[c].append(parts[piece][c].text);
  });
  return out;
}

}  // namespace tenure::source
