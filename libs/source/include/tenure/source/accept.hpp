// Is this feed fit to be acted on? A held feed is held whole: nothing of it is used, and the records that were accepted
// before stand (T9). Pure.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include <tenure/base/diagnostic.hpp>
#include <tenure/base/workers.hpp>
#include <tenure/policy/policy_set.hpp>
#include <tenure/source/kept.hpp>
#include <tenure/source/records.hpp>

namespace tenure::source {

struct HeldReason {
  Reason reason;     // kFeedEmpty, kFeedTruncated, kFeedShrunk, ...
  std::string text;  // with the particulars: "1,630 records, 2,040 before: 21 % fewer, limit 20 %"
};

// Keys in byte order.
struct FeedDiff {
  std::vector<std::string> added;
  std::vector<std::string> changed;
  std::vector<std::string> removed;
  std::size_t unchanged = 0;
};

struct FeedVerdict {
  bool accepted = false;
  std::vector<HeldReason> reasons;  // why it is held; every reason, the first as the reader reported it
  bool released = false;            // accepted only because its digest was released
  FeedDiff diff;                    // against the records accepted before; also of a feed held for its size
  std::size_t records = 0;          // in the feed
};

// What an accepted feed did to the records that are kept. `before` is "" for one that is new, `after` for one that is
// gone.
struct RecordChange {
  Kept::Code code;
  std::string before, after;
};

// `feed` is what the connector answered, `faults` what it reported while reading, `kept` the records accepted before
// (nullopt for a new source), `released` the digests of feeds that a person let pass although they are much smaller.
// Only the size can be released: an empty, truncated or malformed feed is not evidence of anything. Records that are as
// before are compared as text and otherwise not looked at.
//
// Held for: a reader's error; any reported error; an incomplete or empty feed; a declared column that is missing;
// duplicate or blank keys; records gone from a feed whose last record no line break ends; fewer records than before by
// more than SourceDoc::shrink_percent_max. Duplicate and blank keys are reported with their lines; columns that the
// source does not declare and that came or went are warnings. A held feed leaves `kept` as it was.
//
// `changes` gets what became different in `kept`, if it is not nullptr.
FeedVerdict accept(const policy::SourceDoc& source, const Result<Reading>& feed, const Diagnostics& faults,
                   std::optional<Kept>& kept, const std::set<std::string>& released, Diagnostics& diagnostics,
                   Workers& workers = own_thread(), std::vector<RecordChange>* changes = nullptr);

}  // namespace tenure::source
