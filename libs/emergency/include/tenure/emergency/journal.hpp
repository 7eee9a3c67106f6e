// The record of what was done with a kit while Tenure was away (format tenure-journal/v1, docs/formats/kit.md): lines
// that are chained by hash and signed with the kit's key, each on the disk before anything that follows it happens.
//
// Beside the journal lies its head, "<journal>.head": signed number and hash of the last line. It is written after the
// line, so that a journal that is shorter than its head was cut, wherever; one that is longer by what a crash left is
// whole. Order on the disk: intent line, its head, the first byte to the target, outcome line, its head.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tenure/base/hash.hpp>
#include <tenure/base/json.hpp>
#include <tenure/base/time.hpp>
#include <tenure/evidence/note.hpp>

namespace tenure::emergency {

enum class EntryKind : std::uint8_t { kBegin, kIntent, kOutcome, kReadBack };
std::string_view name_of(EntryKind kind);

struct Entry {
  std::int64_t seq = 0;  // from 1
  EntryKind kind = EntryKind::kBegin;
  Time at;
  json::Object body;
  Sha256 hash;  // of the line without its line break
};

struct ReadJournal {
  std::vector<Entry> entries;
  std::int64_t bytes_whole = 0;  // up to the end of the last whole line
  bool torn = false;             // a crash left a part of a line behind them; it was never acted on
};

// Checks everything: form, numbers, chain, signatures, head. `kit` is the id that every line names. Errors:
// kJournalForeign when the lines are those of another kit; else kJournalBroken naming the line, from 1.
Result<ReadJournal> verify_journal(std::string_view journal, std::string_view head, const evidence::VerifierKey& key,
                                   std::string_view kit);

// The journal of one kit, open for adding. One process at a time (flock); one thread.
class Journal {
 public:
  // Makes it, with its first line, or takes up what is there, which has to verify. A torn end is cut off. kIo,
  // kStoreLocked when another process has it, errors of verify_journal.
  static Result<Journal> open(const std::string& path, const std::string& kit, evidence::SigningKey key, Time now);
  Journal(Journal&& other) noexcept;
  Journal& operator=(Journal&&) = delete;
  ~Journal();

  const std::vector<Entry>& entries() const { return entries_; }
  // On return the line and its head are durable. Returns its number.
  Result<std::int64_t> add(EntryKind kind, json::Object body, Time now);

 private:
  Journal(std::string path, std::string kit, evidence::SigningKey key, int file)
      : path_(std::move(path)), kit_(std::move(kit)), key_(std::move(key)), file_(file) {}
  std::string path_, kit_;
  evidence::SigningKey key_;
  int file_ = -1;
  std::vector<Entry> entries_;
};

// "<journal>.head"
std::string head_path(const std::string& journal);

}  // namespace tenure::emergency
