// The verifier of evidence logs for people who do not trust the writer. It shares no code with it: OpenSSL, the C++
// standard library, and the published formats (docs/formats/evidence.md, RFC 6962, c2sp.org). It reads, never writes.
//
// Reentrant; blocking (it reads the whole log); a file that cannot be read is a fault, not an exception.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tenure::evidence_verify {

// One bad place.
struct Fault {
  std::string file;                    // under the log's folder
  std::optional<std::uint64_t> index;  // the (first) entry of the log that is affected
  std::uint64_t begin = 0;             // bytes [begin, end) of the file
  std::uint64_t end = 0;
  std::string what;

  // "tile/entries/001, entry 300, bytes 512..640: the entry is not the one that was sealed"
  std::string to_string() const;
  friend bool operator==(const Fault&, const Fault&) = default;
};

struct Options {
  // Bytes of a checkpoint that was seen earlier. A log can be replaced by an older copy of itself, which is whole and
  // signed: only memory can tell. Empty = none.
  std::string at_least;
};

struct Report {
  bool ok = false;
  std::string origin;
  std::uint64_t size = 0;  // entries under the checkpoint
  std::string root;        // base64
  std::uint64_t cases = 0;
  std::uint64_t open_cases = 0;   // without case.closed: their last record may still be to come
  std::uint64_t ahead_files = 0;  // written but not yet under a checkpoint; not looked at
  std::uint64_t fault_count = 0;
  std::optional<Fault> first_fault;  // in the order of the log; faults of the checkpoint come first
  std::vector<Fault> faults;         // the first 1000, in that order
};

// Checks the checkpoint's signature by this key ("name+id+key"), then that the folder holds every entry and tile of its
// size and nothing contradicts its root: every leaf hash, every tile on every level, superseded partial tiles too; that
// every entry is canonical JSON of the leaf form; and that the records of each case are dense, linked by hash, and end
// with case.closed and the right count.
Report verify_log(const std::string& folder, std::string_view vkey, const Options& options = {});

struct ProofReport {
  bool ok = false;
  std::string origin;
  std::uint64_t index = 0;
  std::uint64_t size = 0;
  std::string what;  // why not
};

// One c2sp.org/tlog-proof and the bytes of the entry.
ProofReport verify_proof(std::string_view proof, std::string_view entry, std::string_view vkey);

}  // namespace tenure::evidence_verify
