#include "csv_table.hpp"

#include <algorithm>

#include <tenure/base/text.hpp>

namespace tenure::connector_exchange {
namespace {

class CsvParser {
 public:
  CsvParser(std::string_view text, const std::string& file, char separator)
      : text_(text), file_(file), separator_(separator) {}

  Result<CsvTable> parse() {
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
    if (text_.empty()) return fault(Reason::kTargetPartial, "the file is empty");
    if (!is_utf8(text_)) return fault(Reason::kTargetProtocol, "the file is not UTF-8");
    CsvTable out;
    CsvRow header;
    TENURE_CHECK_OK(parse_row(header));
    TENURE_CHECK_OK(check_header(header));
    out.columns = std::move(header.fields);
    while (at_ < text_.size()) {
      CsvRow row;
      TENURE_CHECK_OK(parse_row(row));
      if (row.fields.size() != out.columns.size())
        return fail(Reason::kTargetProtocol, file_ + ":" + std::to_string(row.line) +
                                                 ":1: " + std::to_string(row.fields.size()) +
                                                 " fields, the header has " + std::to_string(out.columns.size()));
      out.rows.push_back(std::move(row));
    }
    return out;
  }

 private:
  std::unexpected<Error> fault(Reason reason, const std::string& what) const {
    // Columns count characters: continuation bytes of UTF-8 are none.
    const auto line = text_.substr(line_begin_, at_ - line_begin_);
    const auto column = 1 + std::count_if(line.begin(), line.end(),
                                          [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
    return fail(reason, file_ + ":" + std::to_string(line_) + ":" + std::to_string(column) + ": " + what);
  }

  Status check_header(const CsvRow& header) const {
    for (std::size_t i = 0; i < header.fields.size(); ++i) {
      if (header.fields[i].empty())
        return fail(Reason::kTargetProtocol, file_ + ":1:1: column " + std::to_string(i + 1) + " has no name");
      if (std::find(header.fields.begin(), header.fields.begin() + static_cast<std::ptrdiff_t>(i), header.fields[i]) !=
          header.fields.begin() + static_cast<std::ptrdiff_t>(i))
        return fail(Reason::kTargetProtocol, file_ + ":1:1: two columns are called " + header.fields[i]);
    }
    return {};
  }

  bool at_line_end() const {
    return text_[at_] == '\n' || (text_[at_] == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n');
  }

  void end_line() {
    at_ += text_[at_] == '\r' ? 2 : 1;
    ++line_;
    line_begin_ = at_;
  }

  Status parse_row(CsvRow& row) {
    row.line = line_;
    for (;;) {
      std::string field;
      if (at_ < text_.size() && text_[at_] == '"')
        TENURE_CHECK_OK(parse_quoted(field));
      else
        TENURE_CHECK_OK(parse_plain(field));
      row.fields.push_back(std::move(field));
      if (at_ == text_.size()) return fault(Reason::kTargetPartial, "the file ends within a record");
      if (at_line_end()) {
        end_line();
        return {};
      }
      if (text_[at_] != separator_) return fault(Reason::kTargetProtocol, "text after the closing quotation mark");
      ++at_;
    }
  }

  Status parse_plain(std::string& field) {
    const std::size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != separator_ && !at_line_end()) {
      const char c = text_[at_];
      if (c == '"') return fault(Reason::kTargetProtocol, "a quotation mark within a field that is not quoted");
      if (c == '\r' && at_ + 1 == text_.size()) return fault(Reason::kTargetPartial, "the file ends within a record");
      if (c == '\r' || c == '\0') return fault(Reason::kTargetProtocol, "a control character within a field");
      ++at_;
    }
    field.assign(text_.substr(begin, at_ - begin));
    return {};
  }

  Status parse_quoted(std::string& field) {
    ++at_;
    for (;;) {
      if (at_ == text_.size()) return fault(Reason::kTargetPartial, "the file ends within a quoted field");
      const char c = text_[at_];
      if (c == '\0') return fault(Reason::kTargetProtocol, "a control character within a field");
      if (c == '"') {
        if (at_ + 1 >= text_.size() || text_[at_ + 1] != '"') {
          ++at_;
          return {};
        }
        ++at_;
      }
      field += c;
      ++at_;
      if (c == '\n') {
        ++line_;
        line_begin_ = at_;
      }
    }
  }

  std::string_view text_;
  const std::string& file_;
  const char separator_;
  std::size_t at_ = 0;
  std::uint32_t line_ = 1;
  std::size_t line_begin_ = 0;
};

}  // namespace

int CsvTable::column(std::string_view name) const {
  const auto found = std::find(columns.begin(), columns.end(), name);
  return found == columns.end() ? -1 : static_cast<int>(found - columns.begin());
}

Result<CsvTable> parse_csv(std::string_view text, const std::string& file, char separator) {
  return CsvParser(text, file, separator).parse();
}

}  // namespace tenure::connector_exchange
