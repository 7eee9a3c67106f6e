#include <algorithm>
#include <charconv>
#include <map>

#include <tenure/base/file.hpp>
#include <tenure/base/hash.hpp>
#include <tenure/base/text.hpp>
#include <tenure/connector_jsonl/jsonl.hpp>

namespace tenure::connector_jsonl {
namespace {

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
  const std::optional<Error>& error() const { return first_; }

 private:
  const std::string& file_;
  Diagnostics& diagnostics_;
  std::size_t count_ = 0;
  std::size_t severity_ = 0;
  std::optional<Error> first_;
};

std::string to_text(const json::Value& value) {
  return value.is_string() ? value.as_string() : json::to_string(value);
}

struct JsonFault {
  std::uint32_t column = 1;
  std::string summary;
};

// From an error of json::parse, whose message begins with "line L, column C: ". It saw one line only.
JsonFault json_fault(const Error& error) {
  std::string_view text = error.message();
  JsonFault fault;
  if (const auto at = text.find("column "); at != std::string_view::npos) {
    text.remove_prefix(at + 7);
    std::from_chars(text.data(), text.data() + text.size(), fault.column);
    if (const auto colon = text.find(": "); colon != std::string_view::npos) text.remove_prefix(colon + 2);
  }
  fault.summary = "this line is not JSON: " + std::string(text);
  return fault;
}

// Characters, not bytes.
std::uint32_t length_of(std::string_view text) {
  return static_cast<std::uint32_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

class Parser {
 public:
  Parser(const std::vector<std::string>& required, Faults& faults) : required_(required), faults_(faults) {
    for (const std::string& name : required) column_of(name);
    seen_.assign(required.size(), false);
  }

  // One line without its line break. `cut`: the file ends with it.
  void line(std::string_view text, std::uint32_t number, bool cut) {
    if (text.ends_with('\r')) text.remove_suffix(1);
    const auto value = json::parse(text);
    if (!value || !value->is_object()) {
      if (cut && !value)
        faults_.add(Reason::kFeedTruncated, number, length_of(text) + 1, "the file ends in the middle of this record",
                    "a whole JSON object");
      else if (trim(text).empty())
        faults_.add(Reason::kFeedSyntax, number, 1, "a blank line", "a JSON object");
      else {
        const JsonFault fault = value ? JsonFault{1, "this line is no JSON object"} : json_fault(value.error());
        faults_.add(Reason::kFeedSyntax, number, fault.column, fault.summary, "one JSON object");
      }
      return;
    }
    model::FeedRecord record;
    record.line = number;
    record.fields.resize(columns_.size());
    for (const auto& [name, member] : value->as_object()) read_member(name, member, number, record);
    for (std::size_t i = 0; i < required_.size(); ++i) {
      if (value->find(required_[i]) != nullptr)
        seen_[i] = true;
      else
        missing_.push_back({number, i});
    }
    records_.push_back(std::move(record));
  }

  // Columns in their final order; every record as wide as the columns.
  void finish(connector::Feed& feed) {
    if (records_.empty() && !faults_.error())
      faults_.add(Reason::kFeedEmpty, 0, 0, "the file holds no record", "a JSON object on every line");
    report_missing();
    std::vector<std::size_t> order(columns_.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin() + static_cast<std::ptrdiff_t>(required_.size()), order.end(),
              [&](std::size_t a, std::size_t b) { return columns_[a] < columns_[b]; });
    for (const std::size_t from : order) feed.columns.push_back(columns_[from]);
    for (model::FeedRecord& record : records_) {
      std::vector<std::optional<std::string>> fields(order.size());
      for (std::size_t i = 0; i < order.size(); ++i)
        if (order[i] < record.fields.size()) fields[i] = std::move(record.fields[order[i]]);
      record.fields = std::move(fields);
    }
    feed.rows = model::feed_rows(std::move(records_));
  }

 private:
  struct Missing {
    std::uint32_t line;
    std::size_t column;
  };

  void read_member(const std::string& name, const json::Value& member, std::uint32_t number,
                   model::FeedRecord& record) {
    const std::size_t column = column_of(name);
    if (record.fields.size() <= column) record.fields.resize(column + 1);
    if (member.is_array() || member.is_object()) {
      faults_.add(Reason::kFeedSyntax, number, 0, "the member \"" + name + "\" is no single value",
                  "text, a number, true, false or null");
      return;
    }
    if (member.is_null()) return;
    std::string text = to_text(member);
    if (!text.empty()) record.fields[column] = std::move(text);
  }

  std::size_t column_of(const std::string& name) {
    const auto [found, added] = index_.try_emplace(name, columns_.size());
    if (added) columns_.push_back(name);
    return found->second;
  }

  void report_missing() {
    if (records_.empty()) return;
    for (std::size_t i = 0; i < required_.size(); ++i)
      if (!seen_[i])
        faults_.add(Reason::kFeedColumnMissing, 0, 0, "no record has the member \"" + required_[i] + "\"",
                    "\"" + required_[i] + "\" in every record");
    for (const Missing& missing : missing_)
      if (seen_[missing.column])
        faults_.add(Reason::kFeedSyntax, missing.line, 0,
                    "the record lacks the member \"" + required_[missing.column] + "\"",
                    "the member, null when it is blank");
  }

  const std::vector<std::string>& required_;
  Faults& faults_;
  std::vector<std::string> columns_;
  std::map<std::string, std::size_t, std::less<>> index_;
  std::vector<bool> seen_;  // required members that some record has
  std::vector<Missing> missing_;
  std::vector<model::FeedRecord> records_;
};

class Reader final : public connector::FeedReader {
 public:
  Result<connector::Feed> read_feed(const connector::FeedRequest& request, Diagnostics& diagnostics) override {
    auto bytes = read_file(request.file);
    if (!bytes) return fail(Reason::kFeedUnreadable, request.file + ": " + bytes.error().message());
    return parse_jsonl(request.file, *bytes, request.required, diagnostics);
  }
};

class JsonlConnection final : public connector::Connection {
 public:
  JsonlConnection(const connector::Manifest& manifest, std::string base, std::string file)
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

class JsonlConnector final : public connector::Connector {
 public:
  JsonlConnector() {
    manifest_.connector = "jsonl";
    manifest_.title = "Feeds in JSON Lines files";
    manifest_.reads_feed = true;
    manifest_.rights_needed = {"read access to the file"};
    manifest_.unsupported = {{"accounts and grants", "a JSON Lines file is a source, not a target"}};
    manifest_.proofs.configuration = false;
  }
  const connector::Manifest& manifest() const override { return manifest_; }
  void check(const connector::Settings& settings, const Place& place, Diagnostics& diagnostics) const override {
    if (settings.config.string_or("file", "").empty())
      diagnostics.error(Reason::kConnectorConfig, place, "the jsonl connection names no file",
                        "file: feeds/people.jsonl");
    if (!settings.config.is_object()) return;
    for (const auto& [name, value] : settings.config.as_object())
      if (name != "file")
        diagnostics.error(Reason::kConnectorConfig, place, "the jsonl connection has no setting \"" + name + "\"",
                          "file");
  }
  Result<std::unique_ptr<connector::Connection>> open(const connector::Settings& settings,
                                                      connector::SecretSource&) const override {
    return std::make_unique<JsonlConnection>(manifest_, settings.base_folder, settings.config.string_or("file", ""));
  }

 private:
  connector::Manifest manifest_;
};

bool check_bytes(std::string_view bytes, Faults& faults) {
  if (bytes.empty()) {
    faults.add(Reason::kFeedEmpty, 0, 0, "the file is empty", "a JSON object on every line");
    return false;
  }
  if (bytes.starts_with("\xEF\xBB\xBF")) {
    faults.add(Reason::kFeedEncoding, 1, 1, "the file begins with a byte order mark",
               "UTF-8 without one (RFC 8259 section 8.1)");
    return false;
  }
  return true;
}

}  // namespace

Result<connector::Feed> parse_jsonl(const std::string& file, std::string_view bytes,
                                    const std::vector<std::string>& required, Diagnostics& diagnostics) {
  Faults faults(file, diagnostics);
  if (!check_bytes(bytes, faults)) return fail(*faults.error());
  connector::Feed feed;
  feed.digest = Digest::of(bytes).str();
  Parser parser(required, faults);
  std::uint32_t number = 1;
  for (std::size_t begin = 0; begin < bytes.size(); ++number) {
    const std::size_t found = bytes.find('\n', begin);
    const std::size_t end = std::min(found, bytes.size());
    const std::string_view text = bytes.substr(begin, end - begin);
    begin = end + 1;
    if (!is_utf8(text) || text.find('\0') != std::string_view::npos)
      faults.add(Reason::kFeedEncoding, number, 0, "this line is not UTF-8 text", "UTF-8 without NUL bytes");
    else
      parser.line(text, number, found == std::string_view::npos);
  }
  parser.finish(feed);
  if (faults.error()) return fail(*faults.error());
  feed.complete = true;
  feed.open_ended = !bytes.ends_with('\n');
  return feed;
}

const connector::Connector& jsonl_connector() {
  static const JsonlConnector connector;
  return connector;
}

}  // namespace tenure::connector_jsonl
