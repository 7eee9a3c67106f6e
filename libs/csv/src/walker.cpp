#include "walker.hpp"

#include <algorithm>
#include <array>
#include <unordered_set>

#include <tenure/base/text.hpp>

namespace tenure::csv {
namespace {

std::string count_of(std::size_t fields) {
  return std::to_string(fields) + (fields == 1 ? " field" : " fields");
}

class Walker {
 public:
  Walker(std::string_view bytes, const std::string& file, char separator, Keep keep)
      : bytes_(bytes), file_(file), separator_(separator), keep_(keep) {}

  Walked walk() && {
    begin();
    while (!at_end()) read_record();
    out_.end = here();
    out_.records = out_.faults.empty() ? records_ : 0;
    return std::move(out_);
  }

  Header header() && {
    begin();
    return {std::move(out_.columns), out_.faults.empty(), at_, line_, out_.open_ended};
  }

 private:
  void begin() {
    if (bytes_.starts_with("\xEF\xBB\xBF")) at_ = 3;
    line_begin_ = at_;
    if (at_end()) {
      add(FaultKind::kEmpty, {file_},
          bytes_.empty() ? "the file is empty" : "the file holds nothing but a byte order mark",
          "a header and records");
    } else {
      read_header();
    }
  }

  bool at_end() const { return at_ >= bytes_.size(); }
  bool at_line_end() const {
    return bytes_[at_] == '\n' || (bytes_[at_] == '\r' && at_ + 1 < bytes_.size() && bytes_[at_ + 1] == '\n');
  }
  // The end of the text, or the first half of a CRLF that is the last byte.
  bool at_cut() const { return at_end() || (at_ + 1 == bytes_.size() && bytes_[at_] == '\r'); }
  bool at_field_end() const { return at_cut() || bytes_[at_] == separator_ || at_line_end(); }

  void next_line() {
    ++line_;
    line_begin_ = at_;
  }

  // Looks at the whole line before it: only for faults that are kept, and once at the end.
  Place here() const { return {file_, line_, column(line_begin_, at_)}; }
  std::uint32_t column(std::size_t line_begin, std::size_t at) const {
    std::uint32_t column = 1;
    for (const char c : bytes_.substr(line_begin, at - line_begin))
      if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) ++column;
    return column;
  }

  // Whether one more fault of this kind is wanted. From the first fault on no record is.
  bool wants(FaultKind kind) {
    if (out_.faults.empty()) out_.kept = {};
    bool& known = known_.at(static_cast<std::size_t>(kind));
    const bool wanted = out_.faults.size() < kFaultsMax || !known;
    known = true;
    return wanted;
  }
  void add(FaultKind kind, Place place, std::string what, std::string expected) {
    if (wants(kind)) out_.faults.push_back({kind, std::move(place), std::move(what), std::move(expected)});
  }
  void add_here(FaultKind kind, std::string what, std::string expected) {
    if (wants(kind)) out_.faults.push_back({kind, here(), std::move(what), std::move(expected)});
  }

  void read_header() {
    WalkedRecord header = record();
    std::unordered_set<std::string_view> names;
    for (std::size_t i = 0; i < header.fields.size(); ++i) {
      const std::string& name = header.fields[i];
      if (name.empty())
        add(FaultKind::kSyntax, {file_, header.line}, "column " + std::to_string(i + 1) + " has no name",
            "a name for every column");
      else if (!names.insert(name).second)
        add(FaultKind::kSyntax, {file_, header.line}, "two columns are called " + name, "every name once");
    }
    out_.columns = std::move(header.fields);
    if (at_cut()) end_open();
    if (!at_end()) end_line();
  }

  void read_record() {
    WalkedRecord read = record();
    const std::size_t found = read.fields.size();
    const std::size_t width = out_.columns.size();
    if (open_quote_) return;  // told where the quotation begins
    if (at_cut() && found < width)
      add_here(FaultKind::kTruncated, "the file ends within a record, after " + count_of(found), count_of(width));
    else if (found != width && found == 1 && read.fields.front().empty())
      add_here(FaultKind::kSyntax, "a blank line", count_of(width));
    else if (found != width)
      add_here(FaultKind::kSyntax, "the record has " + count_of(found), count_of(width));
    else if (at_cut())
      end_open();
    ++records_;
    if (out_.faults.empty() && keep_ == Keep::kYes) out_.kept.push_back(std::move(read));
    if (!at_end()) end_line();
  }

  // Fields up to the line end, or to the cut.
  WalkedRecord record() {
    WalkedRecord out;
    out.line = line_;
    for (;; ++at_) {
      std::string& field = out.fields.emplace_back();
      if (!at_end() && bytes_[at_] == '"')
        quoted(field);
      else
        plain(field);
      if (at_cut() || at_line_end()) return out;
    }
  }

  void end_open() {
    if (open_quote_) return;
    out_.open_ended = at_end();
    if (!at_end()) add_here(FaultKind::kTruncated, "the file ends within a line end", "a line feed");
  }
  // REQUIRES: at a line end, or at the half of one.
  void end_line() {
    at_ = std::min(bytes_.size(), at_ + (bytes_[at_] == '\r' ? 2 : 1));
    next_line();
  }

  void plain(std::string& field) {
    const std::size_t begin = at_;
    bool told = false;
    while (!at_field_end()) {
      const char c = bytes_[at_];
      if (!told && c == '"')
        add_here(FaultKind::kSyntax, "a quotation mark within a field that is not quoted",
                 "\"...\"\"...\": the field in quotation marks, and its own doubled");
      if (!told && c == '\r')
        add_here(FaultKind::kSyntax, "a control character within a field",
                 "a line feed behind the carriage return, or the field in quotation marks");
      told = told || c == '"' || c == '\r';
      step();
    }
    field.assign(bytes_, begin, at_ - begin);
  }

  void quoted(std::string& field) {
    const std::uint32_t line = line_;
    const std::size_t line_begin = line_begin_;
    const std::size_t begin = at_++;
    for (std::size_t from = at_;;) {
      if (at_end()) {
        field.append(bytes_, from);
        open_quote_ = true;
        add(FaultKind::kTruncated, {file_, line, column(line_begin, begin)},
            "the file ends within the quoted field that begins here", "a closing quotation mark");
        return;
      }
      if (bytes_[at_] == '"') {
        field.append(bytes_, from, at_ - from);
        from = ++at_;  // of two, the second is kept
        if (at_end() || bytes_[at_] != '"') break;
        ++at_;
      } else if (bytes_[at_] == '\n') {
        ++at_;
        next_line();
      } else {
        step();
      }
    }
    if (at_field_end()) return;
    add_here(FaultKind::kSyntax, "text after the closing quotation mark", "a separator or a line end");
    while (!at_field_end()) step();
  }

  // Past one character.
  void step() {
    const auto c = static_cast<unsigned char>(bytes_[at_]);
    if (c != 0 && c < 0x80) {
      ++at_;
      return;
    }
    const std::size_t length = c == 0 ? 0 : utf8_length(bytes_.substr(at_, 4));
    if (length == 0 && bad_line_ != line_) {
      add_here(FaultKind::kEncoding, c == 0 ? "a NUL byte" : "this line is not UTF-8 from here on", "UTF-8 text");
      bad_line_ = line_;
    }
    at_ += std::max<std::size_t>(length, 1);
  }

  const std::string_view bytes_;
  const std::string& file_;
  const char separator_;
  const Keep keep_;
  std::size_t at_ = 0;
  std::size_t line_begin_ = 0;
  std::uint32_t line_ = 1;
  std::uint32_t bad_line_ = 0;
  bool open_quote_ = false;
  std::array<bool, 4> known_{};  // by FaultKind
  std::size_t records_ = 0;
  Walked out_;
};

}  // namespace

Walked walk(std::string_view bytes, const std::string& file, char separator, Keep keep) {
  return Walker(bytes, file, separator, keep).walk();
}

Header walk_header(std::string_view bytes, const std::string& file, char separator) {
  return Walker(bytes, file, separator, Keep::kNo).header();
}

}  // namespace tenure::csv
