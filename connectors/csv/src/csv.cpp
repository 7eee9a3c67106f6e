#include <algorithm>

#include <tenure/base/file.hpp>
#include <tenure/base/hash.hpp>
#include <tenure/base/text.hpp>
#include <tenure/connector_csv/csv.hpp>

namespace tenure::connector_csv {
namespace {

std::string count_of(std::size_t fields) {
  return std::to_string(fields) + (fields == 1 ? " field" : " fields");
}

// The severest fault decides the error; lower is severer.
constexpr Reason kBySeverity[] = {Reason::kFeedEmpty, Reason::kFeedEncoding, Reason::kFeedColumnMissing,
                                  Reason::kFeedTruncated, Reason::kFeedSyntax};

class Faults {
 public:
  Faults(const std::string& file, Diagnostics& diagnostics) : file_(file), diagnostics_(diagnostics) {}

  void add(Reason reason, std::uint32_t line, std::uint32_t column, std::string summary, std::string expected) {
    const auto severity = static_cast<std::size_t>(std::find(std::begin(kBySeverity), std::end(kBySeverity), reason) -
                                                   std::begin(kBySeverity));
    if (!first_ || severity < severity_) {
      severity_ = severity;
      first_ = Error(reason, Place{file_, line, column}.to_string() + ": " + summary);
    }
    if (++count_ <= kFaultsMax)
      diagnostics_.error(reason, {file_, line, column}, std::move(summary), std::move(expected));
  }
  std::size_t count() const { return count_; }
  const std::optional<Error>& error() const { return first_; }

 private:
  const std::string& file_;
  Diagnostics& diagnostics_;
  std::size_t count_ = 0;
  std::size_t severity_ = 0;
  std::optional<Error> first_;
};

class Parser {
 public:
  Parser(std::string_view bytes, Faults& faults) : bytes_(bytes), faults_(faults) {
    if (bytes_.starts_with("\xEF\xBB\xBF")) line_start_ = at_ = 3;
  }

  bool at_end() const { return at_ >= bytes_.size(); }

  // One record. Reads at least one byte. REQUIRES: !at_end().
  connector::FeedRecord record() {
    connector::FeedRecord record;
    record.line = line_;
    cut_ = false;
    for (;;) {
      record.fields.push_back(field());
      if (!at_end() && bytes_[at_] == ',') {
        ++at_;
        if (!at_end()) continue;
        record.fields.emplace_back();  // the comma was the last byte
      }
      end_column_ = column(at_);
      if (at_end()) {
        cut_ = true;
        break;
      }
      end_line();
      break;
    }
    return record;
  }

  // The last record ended with the file instead of a line break.
  bool cut() const { return cut_; }
  bool open_quote() const { return open_quote_; }
  // Where the last record ended, before its line break.
  std::uint32_t end_column() const { return end_column_; }
  // Characters, not bytes, from 1.
  std::uint32_t column(std::size_t at) const {
    std::uint32_t column = 1;
    for (const char c : bytes_.substr(line_start_, at - line_start_))
      if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) ++column;
    return column;
  }

 private:
  std::optional<std::string> field() {
    if (!at_end() && bytes_[at_] == '"') return quoted();
    const std::size_t begin = at_;
    while (!at_end() && bytes_[at_] != ',' && bytes_[at_] != '\n' && !is_crlf()) {
      if (bytes_[at_] == '"' && !stray_quote_reported_) {
        faults_.add(Reason::kFeedSyntax, line_, column(at_), "a quotation mark inside a field that is not quoted",
                    "\"...\"\"...\": the field in quotation marks, and its own doubled");
        stray_quote_reported_ = true;
      }
      ++at_;
    }
    stray_quote_reported_ = false;
    if (at_ == begin) return std::nullopt;
    return std::string(bytes_.substr(begin, at_ - begin));
  }

  std::optional<std::string> quoted() {
    const std::uint32_t line = line_, from = column(at_);
    std::string text;
    for (++at_;;) {
      const std::size_t stop = bytes_.find_first_of("\"\n", at_);
      if (stop == std::string_view::npos) {
        at_ = bytes_.size();
        open_quote_ = true;
        faults_.add(Reason::kFeedTruncated, line, from, "the file ends inside the quotation that begins here",
                    "a closing quotation mark");
        return text;
      }
      text.append(bytes_, at_, stop - at_);
      at_ = stop + 1;
      if (bytes_[stop] == '\n') {
        text += '\n';
        next_line();
      } else if (!at_end() && bytes_[at_] == '"') {
        text += '"';
        ++at_;
      } else {
        break;
      }
    }
    if (!at_end() && bytes_[at_] != ',' && bytes_[at_] != '\n' && !is_crlf()) {
      faults_.add(Reason::kFeedSyntax, line_, column(at_), "text after the closing quotation mark",
                  "a comma or a line break");
      while (!at_end() && bytes_[at_] != ',' && bytes_[at_] != '\n') ++at_;
    }
    if (text.empty()) return std::nullopt;
    return text;
  }

  bool is_crlf() const { return bytes_[at_] == '\r' && at_ + 1 < bytes_.size() && bytes_[at_ + 1] == '\n'; }
  void end_line() {
    if (bytes_[at_] == '\r') ++at_;
    ++at_;
    next_line();
  }
  void next_line() {
    ++line_;
    line_start_ = at_;
  }

  std::string_view bytes_;
  Faults& faults_;
  std::size_t at_ = 0;
  std::size_t line_start_ = 0;
  std::uint32_t line_ = 1;
  std::uint32_t end_column_ = 0;
  bool cut_ = false;
  bool open_quote_ = false;
  bool stray_quote_reported_ = false;
};

// Of the first bytes that are no UTF-8; in characters, from 1.
std::uint32_t bad_column(std::string_view text) {
  std::uint32_t column = 1;
  for (std::size_t at = 0, length = 1; at < text.size(); at += length, ++column) {
    for (length = 1; length <= 4 && !is_utf8(text.substr(at, length));) ++length;
    if (length > 4) break;
  }
  return column;
}

bool check_bytes(std::string_view bytes, Faults& faults) {
  if (bytes.empty()) {
    faults.add(Reason::kFeedEmpty, 0, 0, "the file is empty", "a header and records");
    return false;
  }
  const std::size_t nul = bytes.find('\0');
  if (nul == std::string_view::npos && is_utf8(bytes)) return true;
  // Which line: the fault is rare, so a second pass is fine.
  std::uint32_t line = 1;
  for (std::size_t begin = 0; begin <= bytes.size(); ++line) {
    const std::size_t end = std::min(bytes.find('\n', begin), bytes.size());
    const std::string_view text = bytes.substr(begin, end - begin);
    const std::size_t zero = text.find('\0');
    if (zero != std::string_view::npos)
      faults.add(Reason::kFeedEncoding, line, static_cast<std::uint32_t>(zero + 1), "a NUL byte", "UTF-8 text");
    else if (!is_utf8(text))
      faults.add(Reason::kFeedEncoding, line, bad_column(text), "this line is not UTF-8 from here on", "UTF-8 text");
    begin = end + 1;
  }
  return false;
}

void read_header(Parser& parser, const std::vector<std::string>& required, connector::Feed& feed, Faults& faults) {
  const connector::FeedRecord header = parser.record();
  for (const auto& name : header.fields) {
    const std::string column = name.value_or("");
    if (column.empty())
      faults.add(Reason::kFeedSyntax, header.line, 0, "a column of the header has no name", "a name for every column");
    else if (std::find(feed.columns.begin(), feed.columns.end(), column) != feed.columns.end())
      faults.add(Reason::kFeedSyntax, header.line, 0, "the header names the column \"" + column + "\" twice",
                 "every name once");
    feed.columns.push_back(column);
  }
  for (const std::string& name : required)
    if (std::find(feed.columns.begin(), feed.columns.end(), name) == feed.columns.end())
      faults.add(Reason::kFeedColumnMissing, header.line, 0, "the column \"" + name + "\" is missing",
                 "a header with " + name);
}

class Reader final : public connector::FeedReader {
 public:
  Result<connector::Feed> read_feed(const connector::FeedRequest& request, Diagnostics& diagnostics) override {
    auto bytes = read_file(request.file);
    if (!bytes) return fail(Reason::kFeedUnreadable, request.file + ": " + bytes.error().message());
    return parse_csv(request.file, *bytes, request.required, diagnostics);
  }
};

class CsvConnection final : public connector::Connection {
 public:
  CsvConnection(const connector::Manifest& manifest, std::string base, std::string file)
      : manifest_(manifest), base_(std::move(base)), file_(std::move(file)) {}
  const connector::Manifest& manifest() const override { return manifest_; }
  Result<std::vector<connector::PreflightFault>> preflight(const connector::Call&) override {
    const std::string path = file_.starts_with('/') || base_.empty() ? file_ : base_ + "/" + file_;
    std::vector<connector::PreflightFault> faults;
    if (!file_.empty() && !file_exists(path)) faults.push_back({"the file " + file_, "the feed is read from it"});
    return faults;
  }
  connector::FeedReader* feed_reader() override { return &reader_; }

 private:
  const connector::Manifest& manifest_;
  std::string base_;
  std::string file_;
  Reader reader_;
};

class CsvConnector final : public connector::Connector {
 public:
  CsvConnector() {
    manifest_.connector = "csv";
    manifest_.title = "Feeds in CSV files (RFC 4180)";
    manifest_.reads_feed = true;
    manifest_.rights_needed = {"read access to the file"};
    manifest_.unsupported = {{"accounts and grants", "a CSV file is a source, not a target"}};
    manifest_.proofs.configuration = false;
  }
  const connector::Manifest& manifest() const override { return manifest_; }
  void check(const connector::Settings& settings, const Place& place, Diagnostics& diagnostics) const override {
    if (settings.config.string_or("file", "").empty())
      diagnostics.error(Reason::kConnectorConfig, place, "the csv connection names no file", "file: feeds/hr.csv");
    if (!settings.config.is_object()) return;
    for (const auto& [name, value] : settings.config.as_object())
      if (name != "file")
        diagnostics.error(Reason::kConnectorConfig, place, "the csv connection has no setting \"" + name + "\"",
                          "file");
  }
  Result<std::unique_ptr<connector::Connection>> open(const connector::Settings& settings,
                                                      connector::SecretSource&) const override {
    return std::make_unique<CsvConnection>(manifest_, settings.base_folder, settings.config.string_or("file", ""));
  }

 private:
  connector::Manifest manifest_;
};

}  // namespace

Result<connector::Feed> parse_csv(const std::string& file, std::string_view bytes,
                                  const std::vector<std::string>& required, Diagnostics& diagnostics) {
  Faults faults(file, diagnostics);
  if (!check_bytes(bytes, faults)) return fail(*faults.error());
  connector::Feed feed;
  feed.digest = Digest::of(bytes).str();
  Parser parser(bytes, faults);
  if (parser.at_end()) {
    faults.add(Reason::kFeedEmpty, 0, 0, "the file holds nothing but a byte order mark", "a header and records");
    return fail(*faults.error());
  }
  read_header(parser, required, feed, faults);
  const std::size_t width = feed.columns.size();
  while (!parser.at_end()) {
    connector::FeedRecord record = parser.record();
    const std::size_t found = record.fields.size();
    if (found == width) {
      feed.records.push_back(std::move(record));
      continue;
    }
    if (parser.open_quote()) break;  // reported where the quotation begins
    // Fewer fields and no line break after them: the export was cut off here.
    if (parser.cut() && found < width)
      faults.add(Reason::kFeedTruncated, record.line, parser.end_column(),
                 "the file ends in the middle of this record, after " + count_of(found), count_of(width));
    else if (found == 1 && !record.fields.front())
      faults.add(Reason::kFeedSyntax, record.line, 1, "a blank line", count_of(width));
    else
      faults.add(Reason::kFeedSyntax, record.line, parser.end_column(), "the record has " + count_of(found),
                 count_of(width));
  }
  if (faults.error()) return fail(*faults.error());
  feed.complete = true;
  feed.open_ended = parser.cut();
  return feed;
}

const connector::Connector& csv_connector() {
  static const CsvConnector connector;
  return connector;
}

}  // namespace tenure::connector_csv
