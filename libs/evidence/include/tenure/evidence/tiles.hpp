// The log's files in the C2SP tlog-tiles layout (c2sp.org/tlog-tiles): names, contents, and what must be written to go
// from one size to a larger one. Nothing here touches a disk: the sealer writes, and gives a FileReader for reading.
//
//   tile/<L>/<N>[.p/<W>]      W (or 256) hashes of 32 bytes: subtrees of 256^L entries
//   tile/entries/<N>[.p/<W>]  W (or 256) entries, each behind its length in two bytes, big-endian
//
// N is written in groups of three digits, all but the last behind an x: 1234067 is x001/x234/067.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tenure/base/error.hpp>
#include <tenure/base/hash.hpp>
#include <tenure/evidence/merkle.hpp>

namespace tenure::evidence {

inline constexpr std::uint64_t kTileWidth = 256;

// Names one file under the log's folder.
struct TilePath {
  std::optional<unsigned> level;  // 0..63; absent: an entry bundle
  std::uint64_t index = 0;
  unsigned width = kTileWidth;  // 1..256; 256 = full
  friend bool operator==(const TilePath&, const TilePath&) = default;
};
std::string to_path(const TilePath& tile);
// The folder of a tile's partial forms: "tile/0/273.p".
std::string partial_folder(const TilePath& tile);
// Error kEvidenceNotFound unless it is exactly what to_path() writes.
Result<TilePath> parse_tile_path(std::string_view path);

// Width at a level of the last, unfinished tile of a log of this size; 0 = there is none.
unsigned partial_width(std::uint64_t size, unsigned level);

// Whole content of a file, by path under the log's folder. Missing: kEvidenceNotFound (any error counts as missing
// where a fuller tile can stand in).
using FileReader = std::function<Result<std::string>(const std::string& path)>;

// Hashes of a log of `size` entries out of its files, for the proof makers. Where a partial tile has been collected
// because the full one exists, the full one is read. Keeps a few tiles; copies share them; one thread at a time.
HashReader make_hash_reader(std::uint64_t size, FileReader files);

// Splits a bundle. Error kEvidenceBroken unless it holds exactly `count` entries of 1..65535 bytes. Views into `bytes`.
Result<std::vector<std::string_view>> parse_bundle(std::string_view bytes, std::size_t count);
// One entry of a log of `size`. Errors: kEvidenceNotFound, kEvidenceBroken.
Result<std::string> read_entry(std::uint64_t index, std::uint64_t size, const FileReader& files);

// The right edge of a log: the unfinished tile of every level and the unfinished bundle. This, and nothing else, must
// be in memory to append. At most 255 hashes per level and 255 entries. Value type.
class Edge {
 public:
  Edge() = default;  // of the empty log
  // Reads it back from files. Error kEvidenceBroken if bundle and tiles contradict each other; compare root() with the
  // signed checkpoint before anything is appended.
  static Result<Edge> load(std::uint64_t size, const FileReader& files);

  std::uint64_t size() const { return size_; }
  Sha256 root() const;
  friend bool operator==(const Edge&, const Edge&) = default;

 private:
  friend class Publisher;
  std::uint64_t size_ = 0;
  std::vector<std::vector<Sha256>> rows_;  // by level: hashes of the unfinished tile, 0 to 255
  std::string bundle_;                     // bytes of the unfinished bundle
};

struct File {
  std::string path;
  std::string bytes;
};

// What takes the files of one checkpoint to those of the next.
struct Publication {
  std::uint64_t from_size = 0;
  std::uint64_t to_size = 0;
  Sha256 root;              // of to_size
  std::vector<File> files;  // in the order of writing: bundles, then tiles from the lowest level up
  // Folders of partial tiles that the new full tiles make superfluous. Remove them (if there at all) only after the
  // checkpoint of to_size is durable and visible.
  std::vector<std::string> garbage_folders;
  Edge edge;  // of to_size: keep it for the next publication, once everything is durable
};

// The files that add `entries` to the log with this edge. Deterministic: after a crash the same call gives the same
// bytes, and a file that exists already must be identical. Without entries: no files. Error kRecordInvalid if an entry
// is not 1..65535 bytes long.
Result<Publication> plan_publication(const Edge& from, std::span<const std::string> entries);

}  // namespace tenure::evidence
