#include "indexer.hpp"
#include "walker.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>

#include <tenure/csv/csv.hpp>

namespace tenure::csv {
namespace {

constexpr std::size_t kBatchBytes = std::size_t{1} << 17;  // text, index and what is made of it stay in the cache
constexpr std::size_t kPieceBytesLeast = std::size_t{1} << 16;

int column_in(const std::vector<std::string>& columns, std::string_view name) {
  const auto found = std::find(columns.begin(), columns.end(), name);
  return found == columns.end() ? -1 : static_cast<int>(found - columns.begin());
}

struct Piece {
  std::string_view text;
  std::uint32_t line = 1;
  bool quoted = false;  // for cutting: whether it begins within quotation marks
};

Counts count(const Kernel& kernel, std::string_view text) {
  Counts counts;
  const std::size_t blocks = text.size() / 64;
  kernel.count(text.data(), blocks, counts);
  for (const char c : text.substr(blocks * 64)) {
    counts.quotes += c == '"';
    counts.newlines += c == '\n';
  }
  return counts;
}

// `text` in pieces that begin with a record. Whether a line feed ends a record depends on all quotation marks before
// it: they are counted first.
std::vector<Piece> cut(const Kernel& kernel, Workers& workers, std::string_view text, std::uint32_t line,
                       std::size_t pieces) {
  pieces = std::clamp<std::size_t>(text.size() / kPieceBytesLeast, 1, std::max<std::size_t>(pieces, 1));
  if (pieces == 1) return {{text, line}};
  std::vector<std::size_t> begins;
  for (std::size_t i = 0; i <= pieces; ++i) begins.push_back(text.size() / pieces * i);
  begins.back() = text.size();
  std::vector<Counts> counts(pieces);
  workers.run(pieces - 1,
              [&](std::size_t i) { counts[i] = count(kernel, text.substr(begins[i], begins[i + 1] - begins[i])); });
  std::vector<Piece> out{{{}, line}};
  std::size_t begin = 0;  // of the piece that is not ended yet
  Counts before;
  for (std::size_t i = 1; i < pieces; ++i) {
    before.quotes += counts[i - 1].quotes;
    before.newlines += counts[i - 1].newlines;
    if (begins[i] < begin) continue;  // one record reaches across several
    bool quoted = before.quotes % 2 != 0;
    std::uint64_t newlines = before.newlines;
    std::size_t at = begins[i];
    for (bool found = false; at < text.size() && !found; ++at) {
      quoted ^= text[at] == '"';
      newlines += text[at] == '\n';
      found = text[at] == '\n' && !quoted;
    }
    out.back().text = text.substr(begin, at - begin);
    begin = at;
    if (at == text.size()) return out;
    out.push_back({{}, line + static_cast<std::uint32_t>(newlines)});
  }
  out.back().text = text.substr(begin);
  return out;
}

Place end_of(std::string_view bytes, const std::string& file, std::uint32_t line) {
  const std::size_t bom = bytes.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  const std::size_t newline = bytes.rfind('\n');
  Place out{file, line, 1};
  for (const char c : bytes.substr(newline == std::string_view::npos ? bom : newline + 1))
    if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) ++out.column;
  return out;
}

}  // namespace

std::string_view Rows::unquoted(std::size_t index, std::string_view raw) const {
  const auto found = std::lower_bound(doubled_.begin(), doubled_.end(), index);
  if (found != doubled_.end() && *found == index) return undoubled_[static_cast<std::size_t>(found - doubled_.begin())];
  return raw.substr(1, raw.size() - 2);
}

std::uint32_t Rows::line(std::size_t row) const {
  std::uint32_t line = first_line_ + static_cast<std::uint32_t>(row);
  const auto behind = std::lower_bound(line_ends_.begin(), line_ends_.end(), row,
                                       [](const auto& one, std::size_t wanted) { return one.first < wanted; });
  if (behind != line_ends_.begin()) line += std::prev(behind)->second;
  return line;
}

int Summary::column(std::string_view name) const {
  return column_in(columns, name);
}

Reader::Reader(std::string_view bytes, std::string file, char separator)
    : bytes_(bytes), file_(std::move(file)), separator_(separator) {
  Header header = walk_header(bytes_, file_, separator_);
  columns_ = std::move(header.columns);
  sound_ = header.sound;
  begin_ = header.end;
  first_line_ = header.line;
}

int Reader::column(std::string_view name) const {
  return column_in(columns_, name);
}

Summary Reader::read(Workers& workers, std::size_t pieces, const Visit& visit) const {
  if (!sound_) return walk(bytes_, file_, separator_, Keep::kNo);
  const Kernel& kernel = kernels().front();
  const std::vector<Piece> parts = cut(kernel, workers, bytes_.substr(begin_), first_line_, pieces);
  std::vector<std::size_t> records(parts.size());
  std::uint32_t last_line = first_line_;
  std::atomic<bool> suspect = false;
  workers.run(parts.size(), [&](std::size_t i) {
    Indexer indexer(kernel, parts[i].text, columns_.size(), separator_, parts[i].line, i + 1 == parts.size());
    Rows rows;
    while (!suspect.load(std::memory_order_relaxed) && indexer.next(rows, kBatchBytes)) {
      records[i] += rows.size();
      visit(i, rows);
    }
    if (i + 1 == parts.size()) last_line = indexer.line();
    if (indexer.suspect()) suspect.store(true, std::memory_order_relaxed);
  });
  Summary out;
  if (suspect) {
    out = walk(bytes_, file_, separator_, Keep::kNo);
    if (out.faults.empty())
      out.faults.push_back({FaultKind::kSyntax, {file_}, "a record is too long", "less than 2 GiB a record"});
    out.records = 0;
    return out;
  }
  out.columns = columns_;
  out.open_ended = bytes_.back() != '\n';
  out.end = end_of(bytes_, file_, last_line);
  for (const std::size_t one : records) out.records += one;
  return out;
}

Table parse(std::string_view bytes, const std::string& file, char separator, Workers& workers) {
  const Reader reader(bytes, file, separator);
  const std::size_t pieces = workers.count();
  std::vector<std::vector<Rows>> batches(std::max<std::size_t>(pieces, 1));
  Table out;
  static_cast<Summary&>(out) =
      reader.read(workers, pieces, [&](std::size_t piece, const Rows& rows) { batches[piece].push_back(rows); });
  if (!out.faults.empty()) return out;
  for (auto& piece : batches)
    for (Rows& rows : piece) out.batches.push_back(std::move(rows));
  return out;
}

}  // namespace tenure::csv
