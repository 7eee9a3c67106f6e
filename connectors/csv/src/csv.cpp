#include <algorithm>
#include <iterator>

#include <tenure/base/file.hpp>
#include <tenure/base/hash.hpp>
#include <tenure/base/large_file.hpp>
#include <tenure/connector_csv/csv.hpp>
#include <tenure/csv/csv.hpp>

namespace tenure::connector_csv {
namespace {

constexpr std::size_t kKinds = 4;
constexpr Reason kReasonOf[kKinds] = {Reason::kFeedEmpty, Reason::kFeedEncoding, Reason::kFeedTruncated,
                                      Reason::kFeedSyntax};  // by csv::FaultKind
// The severest fault decides the error; lower is severer.
constexpr Reason kBySeverity[] = {Reason::kFeedEmpty, Reason::kFeedEncoding, Reason::kFeedColumnMissing,
                                  Reason::kFeedTruncated, Reason::kFeedSyntax};

class Faults {
 public:
  explicit Faults(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  void add(Reason reason, const Place& place, const std::string& what, const std::string& expected) {
    const auto severity = std::find(std::begin(kBySeverity), std::end(kBySeverity), reason) - std::begin(kBySeverity);
    if (!severest_ || severity < severity_) {
      severity_ = severity;
      severest_ = Error(reason, place.to_string() + ": " + what);
    }
    if (++count_ <= kFaultsMax) diagnostics_.error(reason, place, what, expected);
  }
  const std::optional<Error>& error() const { return severest_; }

 private:
  Diagnostics& diagnostics_;
  std::size_t count_ = 0;
  std::ptrdiff_t severity_ = 0;
  std::optional<Error> severest_;
};

void find_missing(const csv::Summary& table, const std::string& file, const std::vector<std::string>& required,
                  Faults& faults) {
  for (const std::string& name : required)
    if (table.column(name) < 0)
      faults.add(Reason::kFeedColumnMissing, {file, 1}, "the column \"" + name + "\" is missing",
                 "a header with " + name);
}

// The records of a text, which it owns.
class TableRows final : public model::FeedRows {
 public:
  TableRows(std::string bytes, csv::Table table) : bytes_(std::move(bytes)), table_(std::move(table)) {
    for (const csv::Rows& rows : table_.batches) begins_.push_back(size_), size_ += rows.size();
  }
  std::size_t size() const override { return size_; }
  std::uint32_t line(std::size_t row) const override {
    const std::size_t batch = batch_of(row);
    return table_.batches[batch].line(row - begins_[batch]);
  }
  void fields(std::size_t row, std::vector<std::string_view>& out) const override {
    const std::size_t batch = batch_of(row);
    const csv::Rows& rows = table_.batches[batch];
    out.resize(rows.columns());
    for (std::size_t c = 0; c < out.size(); ++c) {
      const std::string_view field = rows.field(row - begins_[batch], c);
      out[c] = field.empty() ? std::string_view() : field;
    }
  }

 private:
  std::size_t batch_of(std::size_t row) const {
    return static_cast<std::size_t>(std::upper_bound(begins_.begin(), begins_.end(), row) - begins_.begin()) - 1;
  }
  const std::string bytes_;  // what the table's fields are views of
  const csv::Table table_;
  std::vector<std::size_t> begins_;  // of the batches
  std::size_t size_ = 0;
};

class Reader final : public connector::FeedReader {
 public:
  Result<connector::Feed> read_feed(const connector::FeedRequest& request, Diagnostics& diagnostics) override {
    auto bytes = read_large_file(request.file, *request.workers);
    if (!bytes) return fail(Reason::kFeedUnreadable, request.file + ": " + bytes.error().message());
    return parse_csv(request.file, std::move(*bytes), request.required, diagnostics, *request.workers);
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

Result<connector::Feed> parse_csv(const std::string& file, std::string bytes, const std::vector<std::string>& required,
                                  Diagnostics& diagnostics, Workers& workers) {
  bytes.reserve(sizeof bytes);  // not in the string itself: the table's views do not move with it
  csv::Table table;
  connector::Feed feed;
  const auto digest = [&] { feed.digest = Digest::of(bytes).str(); };
  if (workers.count() == 1) {
    table = csv::parse(bytes, file);
    digest();
  } else {
    workers.run(2, [&](std::size_t i) { i == 0 ? digest() : void(table = csv::parse(bytes, file)); });
  }
  Faults faults(diagnostics);
  // The names of a header that cannot be read are not missing.
  const bool readable = std::none_of(table.faults.begin(), table.faults.end(), [](const csv::Fault& fault) {
    return fault.kind == csv::FaultKind::kEmpty || fault.kind == csv::FaultKind::kEncoding;
  });
  if (readable) find_missing(table, file, required, faults);
  for (const csv::Fault& fault : table.faults)
    faults.add(kReasonOf[static_cast<std::size_t>(fault.kind)], fault.place, fault.what, fault.expected);
  if (faults.error()) return fail(*faults.error());
  feed.columns = table.columns;
  feed.complete = true;
  feed.open_ended = table.open_ended;
  feed.rows = std::make_shared<TableRows>(std::move(bytes), std::move(table));
  return feed;
}

const connector::Connector& csv_connector() {
  static const CsvConnector connector;
  return connector;
}

}  // namespace tenure::connector_csv
