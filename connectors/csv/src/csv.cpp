#include <algorithm>
#include <iterator>

#include <tenure/base/file.hpp>
#include <tenure/base/hash.hpp>
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

connector::FeedRecord feed_record(const csv::Rows& rows, std::size_t row) {
  connector::FeedRecord out;
  out.line = rows.line(row);
  out.fields.reserve(rows.columns());
  for (std::size_t c = 0; c < rows.columns(); ++c) {
    const std::string_view field = rows.field(row, c);
    field.empty() ? out.fields.emplace_back(std::nullopt) : out.fields.emplace_back(field);
  }
  return out;
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
  csv::Table table = csv::parse(bytes, file);
  Faults faults(diagnostics);
  // The names of a header that cannot be read are not missing.
  const bool readable = std::none_of(table.faults.begin(), table.faults.end(), [](const csv::Fault& fault) {
    return fault.kind == csv::FaultKind::kEmpty || fault.kind == csv::FaultKind::kEncoding;
  });
  if (readable) find_missing(table, file, required, faults);
  for (const csv::Fault& fault : table.faults)
    faults.add(kReasonOf[static_cast<std::size_t>(fault.kind)], fault.place, fault.what, fault.expected);
  if (faults.error()) return fail(*faults.error());
  connector::Feed feed;
  feed.digest = Digest::of(bytes).str();
  feed.columns = std::move(table.columns);
  feed.records.reserve(table.records);
  for (const csv::Rows& rows : table.batches)
    for (std::size_t r = 0; r < rows.size(); ++r) feed.records.push_back(feed_record(rows, r));
  feed.complete = true;
  feed.open_ended = table.open_ended;
  return feed;
}

const connector::Connector& csv_connector() {
  static const CsvConnector connector;
  return connector;
}

}  // namespace tenure::connector_csv
