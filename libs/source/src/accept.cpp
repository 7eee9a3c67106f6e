#include <algorithm>
#include <numeric>

#include <tenure/base/text.hpp>
#include <tenure/source/accept.hpp>

namespace tenure::source {
namespace {

constexpr std::size_t kMissing = static_cast<std::size_t>(-1);
constexpr std::uint32_t kNoRow = 0xFFFFFFFF;
constexpr std::size_t kFaultsMax = 100;
constexpr std::size_t kPartLeast = 4'096;  // rows for one worker at a time

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

// What a row of the feed is, beside the records that are kept.
enum class Standing : std::uint8_t { kSame, kDifferent, kNoKey, kMalformed };

class Acceptance {
 public:
  Acceptance(const policy::SourceDoc& source, const Reading& feed, std::optional<Kept>& kept, Diagnostics& diagnostics,
             Workers& workers, FeedVerdict& verdict)
      : source_(source),
        feed_(feed),
        kept_(kept),
        before_(kept ? *kept : none_),
        diagnostics_(diagnostics),
        workers_(workers),
        verdict_(verdict) {}

  void hold(Reason reason, std::string text) { verdict_.reasons.push_back({reason, std::move(text)}); }

  void check_shape() {
    verdict_.records = feed_.rows == nullptr ? 0 : feed_.rows->size();
    if (!feed_.complete) hold(Reason::kFeedTruncated, "the feed was not read to its end");
    if (verdict_.records == 0) hold(Reason::kFeedEmpty, "the feed has no records");
    for (const std::string& column : source_.columns)
      if (index_of(feed_.columns, column) == kMissing)
        hold(Reason::kFeedColumnMissing, "the column \"" + column + "\" is missing");
  }

  // Every row beside the record of the same key. REQUIRES: all columns are there.
  void compare() {
    for (const std::string& column : source_.columns) from_.push_back(index_of(feed_.columns, column));
    key_column_ = index_of(feed_.columns, source_.key_column);
    same_columns_ = before_.columns == source_.columns;
    if (!same_columns_)
      for (const std::string& column : source_.columns) old_index_.push_back(index_of(before_.columns, column));
    codes_.resize(feed_.rows->size());
    standing_.resize(feed_.rows->size());
    in_parts(workers_, feed_.rows->size(), kPartLeast,
             [&](std::size_t begin, std::size_t end) { compare_part(begin, end); });
    report_malformed();
    find_rows();
    report_counts();
  }

  void make_diff() {
    FeedDiff& diff = verdict_.diff;
    for (Kept::Code code = 0; code < before_.codes(); ++code) {
      if (!before_.present(code)) continue;
      if (row_of_[code] == kNoRow)
        diff.removed.emplace_back(before_.key(code));
      else if (standing_[row_of_[code]] == Standing::kDifferent)
        diff.changed.emplace_back(before_.key(code));
      else
        ++diff.unchanged;
    }
    for (std::size_t i = 0; i < fresh_.size(); ++i) diff.added.emplace_back(fresh_[i].first);
    for (Kept::Code code = 0; code < before_.codes(); ++code)
      if (!before_.present(code) && row_of_[code] != kNoRow) diff.added.emplace_back(before_.key(code));
    for (auto* keys : {&diff.added, &diff.changed, &diff.removed}) std::sort(keys->begin(), keys->end());
  }

  void check_size(bool released) {
    const std::size_t before = before_.size(), now = feed_.rows->size();
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

  void report_drift() {
    std::vector<std::string> now = feed_.columns;
    std::sort(now.begin(), now.end());
    const auto warn = [&](const std::string& column, const char* what) {
      diagnostics_.warning(
          Reason::kFeedColumnMissing, {feed_.file, 1, 0},
          "the column \"" + column + "\", which source \"" + source_.name.str() + "\" does not declare, " + what,
          "the columns of the last feed", "declare it if it is meant to be used");
    };
    const auto& before = before_.feed_columns;
    if (kept_)
      for (const std::string& column : now)
        if (!std::binary_search(before.begin(), before.end(), column) && index_of(source_.columns, column) == kMissing)
          warn(column, "is new");
    if (kept_)
      for (const std::string& column : before)
        if (!std::binary_search(now.begin(), now.end(), column)) warn(column, "is gone");
    feed_columns_ = std::move(now);
  }

  // The feed is accepted: what is kept becomes what it says.
  void keep(std::vector<RecordChange>* changes) {
    if (!kept_) kept_.emplace();
    Kept& kept = *kept_;
    kept.file = feed_.file;
    kept.digest = feed_.digest;
    kept.columns = source_.columns;
    kept.feed_columns = std::move(feed_columns_);
    const auto known = static_cast<Kept::Code>(row_of_.size());
    std::vector<std::string_view> fields;
    const auto put = [&](Kept::Code code, std::size_t row, bool told) {
      std::string text = text_of(row, fields);
      if (told && changes != nullptr) changes->push_back({code, kept.text(code), text});
      kept.put(code, std::move(text), feed_.rows->line(row));
    };
    for (Kept::Code code = 0; code < known; ++code) {
      const std::uint32_t row = row_of_[code];
      if (row == kNoRow && kept.present(code)) {
        if (changes != nullptr) changes->push_back({code, kept.text(code), ""});
        kept.erase(code);
      } else if (row != kNoRow) {
        const bool same = standing_[row] == Standing::kSame;
        same&& same_columns_ ? kept.set_line(code, feed_.rows->line(row)) : put(code, row, !same);
      }
    }
    kept.reserve(kept.codes() + fresh_.size());
    for (const auto& [key, row] : fresh_) put(kept.intern(key), row, true);
  }

 private:
  void compare_part(std::size_t begin, std::size_t end) {
    std::vector<std::string_view> fields, keys(end - begin);
    std::string text;
    for (std::size_t row = begin; row < end; ++row) {
      feed_.rows->fields(row, fields);
      const bool shaped = fields.size() == feed_.columns.size();
      if (shaped) keys[row - begin] = fields[key_column_];
      standing_[row] = !shaped                                 ? Standing::kMalformed
                       : fields[key_column_].data() == nullptr ? Standing::kNoKey
                                                               : Standing::kDifferent;
    }
    before_.find(keys, std::span(codes_).subspan(begin, end - begin));
    for (std::size_t row = begin; row < end; ++row) {
      const Kept::Code code = codes_[row];
      if (code == Kept::kNone || standing_[row] != Standing::kDifferent || !before_.present(code)) continue;
      text = text_of(row, fields);
      if (same_columns_ ? before_.text(code) == text : same_by_name(code, text)) standing_[row] = Standing::kSame;
    }
  }

  std::string text_of(std::size_t row, std::vector<std::string_view>& fields) const {
    feed_.rows->fields(row, fields);
    std::vector<std::string_view> projected;
    projected.reserve(from_.size());
    for (const std::size_t index : from_) projected.push_back(fields[index]);
    std::string text;
    append_record(text, projected);
    return text;
  }

  bool same_by_name(Kept::Code code, const std::string& text) const {
    const auto old = fields_of(before_.text(code)), now = fields_of(text);
    for (std::size_t i = 0; i < now.size(); ++i)
      if (old_index_[i] == kMissing || old[old_index_[i]] != now[i]) return false;
    return true;
  }

  std::string_view key_of(std::size_t row) const {
    std::vector<std::string_view> fields;
    feed_.rows->fields(row, fields);
    return fields[key_column_];
  }

  void fault(Reason reason, std::size_t row, std::string summary, std::string expected) {
    (reason == Reason::kFeedDuplicateKey ? duplicates_ : malformed_) += 1;
    if (duplicates_ + malformed_ <= kFaultsMax)
      diagnostics_.error(reason, {feed_.file, feed_.rows->line(row), 0}, std::move(summary), std::move(expected));
  }

  void report_malformed() {
    std::vector<std::string_view> fields;
    for (std::size_t row = 0; row < standing_.size(); ++row) {
      if (standing_[row] == Standing::kMalformed) {
        feed_.rows->fields(row, fields);
        fault(Reason::kFeedSyntax, row, "the record has " + std::to_string(fields.size()) + " fields",
              std::to_string(feed_.columns.size()));
      } else if (standing_[row] == Standing::kNoKey) {
        fault(Reason::kFeedSyntax, row, "the record has no " + source_.key_column, "a key in every record");
      }
    }
  }

  // The row of every key; of those that stand in several, all but the first are faults.
  void find_rows() {
    row_of_.assign(before_.codes(), kNoRow);
    bool twice = false;
    for (std::size_t row = 0; row < codes_.size(); ++row) {
      if (standing_[row] == Standing::kMalformed || standing_[row] == Standing::kNoKey) continue;
      if (codes_[row] == Kept::kNone) {
        fresh_.emplace_back(key_of(row), row);
        continue;
      }
      std::uint32_t& first = row_of_[codes_[row]];
      twice = twice || first != kNoRow;
      if (first == kNoRow) first = static_cast<std::uint32_t>(row);
    }
    std::sort(fresh_.begin(), fresh_.end());
    for (std::size_t i = 1; i < fresh_.size() && !twice; ++i) twice = fresh_[i].first == fresh_[i - 1].first;
    if (twice) report_duplicates();
  }

  void report_duplicates() {
    std::vector<std::pair<std::string_view, std::size_t>> all;
    for (std::size_t row = 0; row < codes_.size(); ++row)
      if (standing_[row] != Standing::kMalformed && standing_[row] != Standing::kNoKey)
        all.emplace_back(key_of(row), row);
    std::sort(all.begin(), all.end());
    for (std::size_t i = 1; i < all.size(); ++i)
      if (all[i].first == all[i - 1].first)
        fault(Reason::kFeedDuplicateKey, all[i].second,
              source_.key_column + " \"" + std::string(all[i].first) + "\" stands on line " +
                  std::to_string(feed_.rows->line(all[i - 1].second)) + " already",
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

  const policy::SourceDoc& source_;
  const Reading& feed_;
  std::optional<Kept>& kept_;
  const Kept none_;
  const Kept& before_;
  Diagnostics& diagnostics_;
  Workers& workers_;
  FeedVerdict& verdict_;
  std::vector<std::size_t> from_, old_index_;  // columns of the feed; of what is kept, where they differ
  std::size_t key_column_ = 0;
  bool same_columns_ = true;
  std::vector<Kept::Code> codes_;                                // of the key of every row
  std::vector<Standing> standing_;                               // of every row
  std::vector<std::uint32_t> row_of_;                            // by code
  std::vector<std::pair<std::string_view, std::size_t>> fresh_;  // keys that were never there, in order, with their row
  std::vector<std::string> feed_columns_;
  std::size_t duplicates_ = 0;
  std::size_t malformed_ = 0;
};

}  // namespace

FeedVerdict accept(const policy::SourceDoc& source, const Result<Reading>& feed, const Diagnostics& faults,
                   std::optional<Kept>& kept, const std::set<std::string>& released, Diagnostics& diagnostics,
                   Workers& workers, std::vector<RecordChange>* changes) {
  FeedVerdict verdict;
  if (!feed) {
    verdict.reasons.push_back({feed.error().reason(), feed.error().message()});
    return verdict;
  }
  Acceptance acceptance(source, *feed, kept, diagnostics, workers, verdict);
  if (faults.has_errors()) {
    const Error first = faults.to_error();
    acceptance.hold(first.reason(), first.message());
  }
  acceptance.check_shape();
  if (!verdict.reasons.empty()) return verdict;
  acceptance.compare();
  if (!verdict.reasons.empty()) return verdict;
  acceptance.make_diff();
  acceptance.report_drift();
  acceptance.check_end();
  acceptance.check_size(released.contains(feed->digest));
  if (!verdict.reasons.empty()) return verdict;
  verdict.accepted = true;
  acceptance.keep(changes);
  return verdict;
}

}  // namespace tenure::source
