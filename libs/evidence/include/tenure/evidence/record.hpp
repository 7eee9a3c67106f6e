// Records: from what the code that makes a transition says (Draft) to what is stored in the same database transaction
// (Record), with the chain of its case.
//
// The Composer is the only place that knows the heads of the case chains. It keeps them in memory and rebuilds them
// from the stored leaves; no table holds them. It is transactional, so that a failed database commit does not advance
// them:
//
//   composer.begin();
//   for (auto& draft : drafts) TENURE_TRY / store(composer.compose(std::move(draft)));   // any error: rollback()
//   if (database commit succeeded) composer.commit(); else composer.rollback();
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <tenure/base/clock.hpp>
#include <tenure/base/error.hpp>
#include <tenure/base/hash.hpp>
#include <tenure/base/json.hpp>
#include <tenure/evidence/commitment.hpp>
#include <tenure/evidence/event_type.hpp>
#include <tenure/evidence/leaf.hpp>

namespace tenure::evidence {

struct Draft {
  std::string type;  // event::k...
  Time time;
  std::string case_id;  // UUID in lower case; empty only for types of scope kLog
  Actor actor;
  std::string subject;  // random reference, may be empty
  TargetObject target;  // may be empty
  Mode mode = Mode::kAutomated;
  Digest policy;  // may be empty
  Outcome outcome = Outcome::kSuccess;
  std::vector<std::string> refs;
  json::Object fields;  // identifying or free text: only commitments of these reach the leaf. No floating point.
  json::Object
      facts;  // stands in the leaf openly: integers, booleans, tokens (leaf.hpp). Never personal, never secret.
};

struct Record {
  std::string id;
  std::string type;
  std::string case_id;        // empty: outside every case
  std::int64_t case_seq = 0;  // from 1; 0 outside every case
  std::string leaf;           // the bytes that are hashed, stored and sealed
  Sha256 leaf_hash;
  std::vector<Opening> openings;  // to the erasable side store, under the subject's key
};

struct CaseHead {
  std::int64_t seq = 0;  // of the last record
  Sha256 hash;           // its leaf hash
  bool closed = false;
};

// One owner at a time; not thread-safe. Keeps references to random and entropy.
class Composer {
 public:
  Composer(Random& random, Entropy& entropy) : random_(random), entropy_(entropy) {}

  // Takes up one stored leaf. Every leaf of a case must be given, in the order of case_seq; cases may be interleaved.
  // Reads only what it needs; parse_leaf() is the full check. Error kEvidenceBroken if the leaf does not continue its
  // case, kRecordInvalid if it cannot be read; heads are unchanged then. REQUIRES: no unit is open.
  Status recover(std::string_view leaf);
  // Takes the last stored leaf of a case as its head, without those before it: for a store that can find it. The chain
  // itself is the verifier's business. Errors as recover(). REQUIRES: no unit is open.
  Status resume(std::string_view leaf);
  // Forgets every head, for example when the cases pass to another node. REQUIRES: no unit is open.
  void forget();

  // A unit is one database transaction. REQUIRES: none is open (begin) / one is open (the others); misuse aborts.
  void begin();
  void commit();    // after the database has committed
  void rollback();  // after it has not: heads are again what they were at begin()

  // Marks inside a unit, for transactions that join several pieces of work of which one may be undone alone.
  std::size_t mark() const { return undo_.size(); }
  void rollback_to(std::size_t mark);

  // The next record. Error kRecordInvalid, naming the member, if the draft is malformed, its type unknown, its case
  // closed, or no unit is open; nothing has changed then. For case.closed the fact "count" is added here.
  Result<Record> compose(Draft draft);

  // As of now, including an open unit.
  std::optional<CaseHead> head(std::string_view case_id) const;
  std::size_t open_cases() const { return open_cases_; }

 private:
  struct CaseKey {
    std::uint64_t high = 0, low = 0;
    friend bool operator==(const CaseKey&, const CaseKey&) = default;
  };
  struct CaseKeyHash {
    std::size_t operator()(const CaseKey& key) const noexcept { return key.high * 0x9E3779B97F4A7C15ULL ^ key.low; }
  };
  struct Undo {
    CaseKey key;
    std::optional<CaseHead> before;
  };
  static CaseKey key_of(std::string_view uuid);  // REQUIRES: is_uuid(uuid)
  const CaseHead* find(const CaseKey& key) const;
  void advance(const CaseKey& key, const CaseHead& head);

  Random& random_;
  Entropy& entropy_;
  std::unordered_map<CaseKey, CaseHead, CaseKeyHash> heads_;
  std::size_t open_cases_ = 0;
  std::vector<Undo> undo_;
  bool in_unit_ = false;
};

}  // namespace tenure::evidence
