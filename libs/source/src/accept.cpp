#include <algorithm>

#include <tenure/base/text.hpp>
#include <tenure/source/accept.hpp>

namespace tenure::source {
namespace {

constexpr std::size_t kMissing = static_cast<std::size_t>(-1);

std::size_t index_of(const std::vector<std::string>& columns, std::string_view name) {
  const auto found = std::find(columns.begin(), columns.end(), name);
  return found == columns.end() ? kMissing : static_cast<std::size_t>(found - columns.begin());
}

// "1,630"
std::string with_thousands(std::size_t number) {
  const std::string digits = std::to_string(number);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

class Acceptance {
 public:
  Acceptance(const policy::SourceDoc& source, const Reading& feed, const std::optional<Records>& previous,
             Diagnostics& diagnostics, FeedVerdict& verdict)
      : source_(source), feed_(feed), previous_(previous), diagnostics_(diagnostics), verdict_(verdict) {}

  void hold(Reason reason, std::string text) { verdict_.reasons.push_back({reason, std::move(text)}); }

  void check_shape() {
    if (!feed_.complete) hold(Reason::kFeedTruncated, "the feed was not read to its end");
    if (feed_.records.empty()) hold(Reason::kFeedEmpty, "the feed has no records");
    for (const std::string& column : source_.columns)
      if (index_of(feed_.columns, column) == kMissing)
        hold(Reason::kFeedColumnMissing, "the column \"" + column + "\" is missing");
  }

  // The declared columns of every record, ordered by key. REQUIRES: all columns are there.
  Records project() {
    Records out{feed_.file, feed_.digest, source_.columns, feed_.columns, {}};
    std::sort(out.feed_columns.begin(), out.feed_columns.end());
    std::vector<std::size_t> from;
    for (const std::string& column : source_.columns) from.push_back(index_of(feed_.columns, column));
    const std::size_t key = index_of(feed_.columns, source_.key_column);
    out.records.reserve(feed_.records.size());
    for (const Record& record : feed_.records) {
      if (record.fields.size() != feed_.columns.size()) {
        fault(Reason::kFeedSyntax, record, "the record has " + std::to_string(record.fields.size()) + " fields",
              std::to_string(feed_.columns.size()));
        continue;
      }
      if (!record.fields[key]) {
        fault(Reason::kFeedSyntax, record, "the record has no " + source_.key_column, "a key in every record");
        continue;
      }
      Record projected{*record.fields[key], {}, record.line};
      for (const std::size_t index : from) projected.fields.push_back(record.fields[index]);
      out.records.push_back(std::move(projected));
    }
    std::stable_sort(out.records.begin(), out.records.end(),
                     [](const Record& a, const Record& b) { return a.key < b.key; });
    report_duplicates(out);
    report_counts();
    return out;
  }

  void check_size(const Records& records, bool released) {
    const std::size_t before = previous_ ? previous_->records.size() : 0, now = records.records.size();
    if (now >= before || (before - now) * 100 <= before * static_cast<std::size_t>(source_.shrink_percent_max)) return;
    if (released) {
      verdict_.released = true;
      return;
    }
    hold(Reason::kFeedShrunk, with_thousands(now) + " records, " + with_thousands(before) +
                                  " before: " + std::to_string((before - now) * 100 / before) + " % fewer, limit " +
                                  std::to_string(source_.shrink_percent_max) + " %");
  }

  // Nothing tells a file that ends here from one that was cut off here, unless nothing is missing.
  void check_end() {
    const std::size_t gone = verdict_.diff.removed.size();
    if (!feed_.open_ended || gone == 0) return;
    hold(Reason::kFeedTruncated, "no line break ends the last record, and " + with_thousands(gone) +
                                     (gone == 1 ? " record" : " records") +
                                     " of before are missing: it may have been cut off there");
  }

  void compare(const Records& records) {
    FeedDiff& diff = verdict_.diff;
    static const Records none;
    const Records& before = previous_ ? *previous_ : none;
    const bool same_columns = before.columns == records.columns;
    auto old = before.records.begin();
    for (const Record& record : records.records) {
      for (; old != before.records.end() && old->key < record.key; ++old) diff.removed.push_back(old->key);
      if (old == before.records.end() || old->key != record.key) {
        diff.added.push_back(record.key);
        continue;
      }
      if (same_columns ? old->fields == record.fields : same_by_name(before, *old, records, record))
        ++diff.unchanged;
      else
        diff.changed.push_back(record.key);
      ++old;
    }
    for (; old != before.records.end(); ++old) diff.removed.push_back(old->key);
  }

  void report_drift(const Records& records) {
    if (!previous_) return;
    const auto warn = [&](const std::string& column, const char* what) {
      diagnostics_.warning(
          Reason::kFeedColumnMissing, {feed_.file, 1, 0},
          "the column \"" + column + "\", which source \"" + source_.name.str() + "\" does not declare, " + what,
          "the columns of the last feed", "declare it if it is meant to be used");
    };
    for (const std::string& column : records.feed_columns)
      if (!std::binary_search(previous_->feed_columns.begin(), previous_->feed_columns.end(), column) &&
          index_of(source_.columns, column) == kMissing)
        warn(column, "is new");
    for (const std::string& column : previous_->feed_columns)
      if (!std::binary_search(records.feed_columns.begin(), records.feed_columns.end(), column))
        warn(column, "is gone");
  }

 private:
  void fault(Reason reason, const Record& record, std::string summary, std::string expected) {
    (reason == Reason::kFeedDuplicateKey ? duplicates_ : malformed_) += 1;
    constexpr std::size_t kFaultsMax = 100;
    if (duplicates_ + malformed_ <= kFaultsMax)
      diagnostics_.error(reason, {feed_.file, record.line, 0}, std::move(summary), std::move(expected));
  }
  void report_duplicates(const Records& records) {
    for (std::size_t i = 1; i < records.records.size(); ++i)
      if (records.records[i].key == records.records[i - 1].key)
        fault(Reason::kFeedDuplicateKey, records.records[i],
              source_.key_column + " \"" + records.records[i].key + "\" stands on line " +
                  std::to_string(records.records[i - 1].line) + " already",
              "every key once");
  }
  void report_counts() {
    if (duplicates_ > 0)
      hold(Reason::kFeedDuplicateKey, with_thousands(duplicates_) +
                                          (duplicates_ == 1 ? " record repeats" : " records repeat") +
                                          " the key of another");
    if (malformed_ > 0)
      hold(Reason::kFeedSyntax,
           with_thousands(malformed_) + (malformed_ == 1 ? " record is" : " records are") + " malformed");
  }
  static bool same_by_name(const Records& before, const Record& old, const Records& now, const Record& record) {
    for (std::size_t i = 0; i < now.columns.size(); ++i) {
      const std::size_t at = index_of(before.columns, now.columns[i]);
      if (at == kMissing || old.fields[at] != record.fields[i]) return false;
    }
    return true;
  }

  const policy::SourceDoc& source_;
  const Reading& feed_;
  const std::optional<Records>& previous_;
  Diagnostics& diagnostics_;
  FeedVerdict& verdict_;
  std::size_t duplicates_ = 0;
  std::size_t malformed_ = 0;
};

}  // namespace

FeedVerdict accept(const policy::SourceDoc& source, const Result<Reading>& feed, const Diagnostics& faults,
                   const std::optional<Records>& previous, const std::set<std::string>& released,
                   Diagnostics& diagnostics) {
  FeedVerdict verdict;
  if (!feed) {
    verdict.reasons.push_back({feed.error().reason(), feed.error().message()});
    return verdict;
  }
  Acceptance acceptance(source, *feed, previous, diagnostics, verdict);
  if (faults.has_errors()) {
    const Error first = faults.to_error();
    acceptance.hold(first.reason(), first.message());
  }
  acceptance.check_shape();
  if (!verdict.reasons.empty()) return verdict;
  Records records = acceptance.project();
  if (!verdict.reasons.empty()) return verdict;
  acceptance.compare(records);
  acceptance.report_drift(records);
  acceptance.check_end();
  acceptance.check_size(records, released.contains(feed->digest));
  if (!verdict.reasons.empty()) return verdict;
  verdict.accepted = true;
  verdict.records = std::move(records);
  return verdict;
}

}  // namespace tenure::source
