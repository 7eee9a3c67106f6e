#include "bytes.hpp"
#include "chains.hpp"
#include "checkpoint.hpp"
#include "leaf_form.hpp"
#include "log_files.hpp"
#include "tree.hpp"

#include <algorithm>
#include <limits>

#include <tenure/evidence_verify/verify.hpp>

namespace tenure::evidence_verify {
namespace {

constexpr std::size_t kFaultsKept = 1000;
constexpr std::size_t kHashBytes = 32;

// What kind of finding comes first where several concern the same entry.
enum Rank : int { kIntegrity = 0, kForm = 1, kChain = 2, kSuperseded = 3, kStranger = 4 };

struct Found {
  Fault fault;
  int rank = kIntegrity;
};

// Keeps the first kFaultsKept in the order of the log, however many there are.
class Findings {
 public:
  void add(Rank rank, std::string file, std::optional<std::uint64_t> index, std::uint64_t begin, std::uint64_t end,
           std::string what) {
    ++count_;
    if (rank == kIntegrity) ++integrity_;
    found_.push_back({{std::move(file), index, begin, end, std::move(what)}, rank});
    if (found_.size() >= 4 * kFaultsKept) trim();
  }
  std::uint64_t integrity() const { return integrity_; }
  void report(Report& out) {
    trim();
    out.fault_count = count_;
    for (auto& found : found_) out.faults.push_back(std::move(found.fault));
    if (!out.faults.empty()) out.first_fault = out.faults.front();
    out.ok = count_ == 0;
  }

 private:
  void trim() {
    std::ranges::stable_sort(found_, [](const Found& a, const Found& b) {
      const auto key = [](const Found& f) {
        const bool checkpoint = f.fault.file == "checkpoint";
        return std::pair(checkpoint ? 0 : f.fault.index.value_or(std::numeric_limits<std::uint64_t>::max()),
                         checkpoint ? -1 : f.rank);
      };
      return key(a) < key(b);
    });
    if (found_.size() > kFaultsKept) found_.resize(kFaultsKept);
  }
  std::vector<Found> found_;
  std::uint64_t count_ = 0, integrity_ = 0;
};

std::vector<Hash> hashes_in(std::string_view bytes, std::size_t count) {
  std::vector<Hash> out(count);
  for (std::size_t i = 0; i < count; ++i)
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(i * kHashBytes), kHashBytes, out[i].begin());
  return out;
}

std::size_t first_difference(std::span<const Hash> a, std::span<const Hash> b) {
  std::size_t i = 0;
  while (i < std::min(a.size(), b.size()) && a[i] == b[i]) ++i;
  return i;
}

// One entry of a bundle: bytes [begin, end) with its length prefix.
struct Slice {
  std::size_t begin = 0, end = 0;
};

// As many whole entries as there are, at most `count`.
std::vector<Slice> slices_of(std::string_view bundle, std::size_t count) {
  std::vector<Slice> out;
  std::size_t at = 0;
  while (out.size() < count && bundle.size() - at >= 2) {
    const std::size_t length =
        static_cast<unsigned char>(bundle[at]) * 256U + static_cast<unsigned char>(bundle[at + 1]);
    if (length == 0 || bundle.size() - at - 2 < length) break;
    out.push_back({at, at + 2 + length});
    at += 2 + length;
  }
  return out;
}

// Checks everything under a checkpoint whose signature holds. Three accounts of the log are compared: what the entries
// hash to (derived), what the tiles say (stored), and the signed root, which decides between the two.
class LogCheck {
 public:
  LogCheck(const LogFiles& files, const SignedRoot& signed_root, Findings& findings)
      : files_(files), size_(signed_root.size), root_(signed_root.root), findings_(findings) {}

  void run(std::optional<SignedRoot> remembered) {
    if (remembered && remembered->size < size_) remembered_size_ = remembered->size;
    load_upper_tiles();
    for (std::uint64_t n = 0; n * kWidth < size_; ++n) check_bundle(n);
    derive_upper_rows();
    decide();
    for (const auto& conflict : conflicts_) blame(conflict);
    for (std::size_t level = stored_.size(); level-- > 1;) check_upper_tiles(level);
    check_superseded_upper_tiles();
    if (!entries_hold_ && findings_.integrity() == 0)
      findings_.add(kIntegrity, "checkpoint", std::nullopt, 0, 0,
                    "the signed root is not that of the entries, nor of the tiles: they were replaced together");
    if (remembered && remembered->size <= size_) check_remembered(*remembered);
    for (const auto& name : files_.strangers())
      findings_.add(kStranger, name, std::nullopt, 0, 0, "not a file of a log");
  }

  const Chains& chains() const { return chains_; }

 private:
  struct Row {
    std::vector<Hash> hashes;     // what the tiles say; zeros where they cannot be read
    std::vector<bool> readable;   // by tile
    std::vector<bool> authentic;  // by tile: it leads to the signed root
  };
  // A bundle and its tile that disagree, first at entry `at` of the bundle.
  struct Conflict {
    std::uint64_t bundle = 0;
    std::size_t at = 0;
    Slice slice;
    std::string bundle_file, tile_file;
    Hash derived_root{}, stored_root{};
  };

  std::uint64_t row_length(std::size_t level) const { return level < 8 ? size_ >> (8 * level) : 0; }
  std::uint64_t width_of(std::size_t level, std::uint64_t tile) const {
    return std::min(kWidth, row_length(level) - tile * kWidth);
  }
  static std::uint64_t first_entry(std::size_t level, std::uint64_t position) { return position << (8 * level); }

  // The hashes of a tile, or nullopt after saying what is wrong with its file.
  std::optional<std::vector<Hash>> read_tile(std::size_t level, std::uint64_t tile, std::string& file) {
    const std::uint64_t width = width_of(level, tile), first = first_entry(level, tile * kWidth);
    auto content = files_.read(static_cast<int>(level), tile, width);
    file = content ? content->file : file_name(static_cast<int>(level), tile, width);
    if (!content) {
      findings_.add(kIntegrity, file, first, 0, 0, "the tile is missing");
      return std::nullopt;
    }
    const std::uint64_t expected = (content->fuller ? kWidth : width) * kHashBytes;
    if (content->bytes.size() != expected) {
      const std::uint64_t cut = std::min<std::uint64_t>(content->bytes.size(), expected);
      findings_.add(kIntegrity, file, std::min(first_entry(level, tile * kWidth + cut / kHashBytes), size_ - 1), cut,
                    content->bytes.size(), "the tile is not " + std::to_string(expected) + " bytes long");
      return std::nullopt;
    }
    return hashes_in(content->bytes, width);
  }

  void load_upper_tiles() {
    for (std::size_t level = 0; row_length(level) > 0; ++level) {
      Row& row = stored_.emplace_back();
      row.readable.assign((row_length(level) + kWidth - 1) / kWidth, false);
      row.authentic.assign(row.readable.size(), false);
      if (level == 0) continue;  // read beside its bundle
      row.hashes.resize(row_length(level));
      for (std::uint64_t tile = 0; tile < row.readable.size(); ++tile) {
        std::string file;
        const auto hashes = read_tile(level, tile, file);
        row.readable[tile] = hashes.has_value();
        if (hashes) std::ranges::copy(*hashes, row.hashes.begin() + static_cast<std::ptrdiff_t>(tile * kWidth));
      }
    }
    derived_.resize(std::max<std::size_t>(stored_.size(), 1));
  }

  void check_bundle(std::uint64_t n) {
    const std::uint64_t width = width_of(0, n);
    Conflict conflict{n, 0, {}, {}, {}, {}, {}};
    const auto tile = read_tile(0, n, conflict.tile_file);
    stored_[0].readable[n] = tile.has_value();
    const auto bundle = files_.read(kEntries, n, width);
    conflict.bundle_file = bundle ? bundle->file : file_name(kEntries, n, width);
    const std::string_view bytes = bundle ? std::string_view(bundle->bytes) : std::string_view();
    const auto slices = slices_of(bytes, width);
    report_cut(n, conflict.bundle_file, bundle.has_value(), bytes, slices, bundle && bundle->fuller);

    std::vector<Hash> hashes;
    for (const auto& slice : slices)
      hashes.push_back(hash_leaf(bytes.substr(slice.begin + 2, slice.end - slice.begin - 2)));
    // Where entries are gone the tile's word is taken, so that one damage is one finding.
    for (std::size_t i = hashes.size(); i < width; ++i) hashes.push_back(tile ? (*tile)[i] : Hash{});
    if (slices.size() < width) chains_.entries_lost();
    for (std::size_t i = 0; i < slices.size(); ++i)
      check_entry(n, i, bytes, slices[i], hashes[i], tile ? (*tile)[i] : hashes[i], conflict.bundle_file);

    if (tile) {
      conflict.at = first_difference(hashes, *tile);
      conflict.derived_root = tree_root(hashes);
      conflict.stored_root = tree_root(*tile);
      tile_roots_.push_back(conflict.stored_root);
      if (conflict.at < width) {
        if (conflict.at < slices.size()) conflict.slice = slices[conflict.at];
        conflicts_.push_back(conflict);
      }
    } else {
      tile_roots_.emplace_back();
    }
    check_superseded(n, hashes, tile);
    if (n == remembered_size_ / kWidth && remembered_size_ % kWidth != 0)
      remembered_edge_.assign(hashes.begin(), hashes.begin() + static_cast<std::ptrdiff_t>(remembered_size_ % kWidth));
    if (width < kWidth) {
      derived_edge_ = hashes;
      if (tile) stored_edge_ = *tile;
    } else if (derived_.size() > 1) {
      derived_[1].push_back(tile && conflict.at == width ? conflict.stored_root : tree_root(hashes));
    }
  }

  void report_cut(std::uint64_t n, const std::string& file, bool exists, std::string_view bytes,
                  const std::vector<Slice>& slices, bool fuller) {
    const std::uint64_t width = width_of(0, n);
    const std::size_t end = slices.empty() ? 0 : slices.back().end;
    if (!exists)
      findings_.add(kIntegrity, file, n * kWidth, 0, 0, "the bundle is missing");
    else if (slices.size() < width)
      findings_.add(kIntegrity, file, n * kWidth + slices.size(), end, bytes.size(),
                    "the bundle ends, or is bent, before this entry is whole");
    else if (end != bytes.size() && !fuller)
      findings_.add(kIntegrity, file, n * kWidth + width - 1, end, bytes.size(),
                    "bytes after the last entry of the bundle");
  }

  void check_entry(std::uint64_t n, std::size_t i, std::string_view bytes, const Slice& slice, const Hash& hash,
                   const Hash& sealed, const std::string& file) {
    if (hash != sealed) return chains_.entries_lost();  // reported as a conflict
    std::string why;
    std::size_t at = 0;
    const auto leaf = read_leaf(bytes.substr(slice.begin + 2, slice.end - slice.begin - 2), why, at);
    if (!leaf) {
      findings_.add(kForm, file, n * kWidth + i, slice.begin + 2 + at, slice.end, "not a leaf: " + why);
      return chains_.entries_lost();
    }
    if (auto wrong = chains_.add(*leaf, hash, sealed))
      findings_.add(kChain, file, n * kWidth + i, slice.begin, slice.end, *std::move(wrong));
  }

  // Narrower forms of the tile and bundle that were read, left from earlier checkpoints: a prefix of what stands now.
  void check_superseded(std::uint64_t n, const std::vector<Hash>& hashes,
                        const std::optional<std::vector<Hash>>& tile) {
    const std::uint64_t width = width_of(0, n);
    const auto fits = [&](std::span<const Hash> part) {
      return first_difference(part, hashes) == part.size() || (tile && first_difference(part, *tile) == part.size());
    };
    for (const auto narrower : files_.widths(0, n)) {
      if (narrower >= width) break;
      const std::string name = file_name(0, n, narrower);
      const auto content = files_.read(0, n, narrower);
      if (!content || content->bytes.size() != narrower * kHashBytes || !fits(hashes_in(content->bytes, narrower)))
        findings_.add(kSuperseded, name, n * kWidth, 0, content ? content->bytes.size() : 0,
                      "an earlier form of this tile says otherwise");
    }
    for (const auto narrower : files_.widths(kEntries, n)) {
      if (narrower >= width) break;
      const auto content = files_.read(kEntries, n, narrower);
      const std::string_view bytes = content ? std::string_view(content->bytes) : std::string_view();
      const auto slices = slices_of(bytes, narrower);
      std::vector<Hash> part;
      for (const auto& slice : slices)
        part.push_back(hash_leaf(bytes.substr(slice.begin + 2, slice.end - slice.begin - 2)));
      if (part.size() != narrower || slices.back().end != bytes.size() || !fits(part))
        findings_.add(kSuperseded, file_name(kEntries, n, narrower), n * kWidth, 0, bytes.size(),
                      "an earlier form of this bundle says otherwise");
    }
  }

  void check_superseded_upper_tiles() {
    for (std::size_t level = 1; level < stored_.size(); ++level)
      for (std::uint64_t tile = 0; tile < stored_[level].readable.size(); ++tile)
        for (const auto narrower : files_.widths(static_cast<int>(level), tile)) {
          if (narrower >= width_of(level, tile)) break;
          const auto content = files_.read(static_cast<int>(level), tile, narrower);
          const auto is_prefix = [&](const std::vector<Hash>& row) {
            const auto part = hashes_in(content->bytes, narrower);
            return first_difference(part, std::span(row).subspan(tile * kWidth)) == part.size();
          };
          if (!content || content->bytes.size() != narrower * kHashBytes ||
              (!is_prefix(stored_[level].hashes) && !is_prefix(derived_[level])))
            findings_.add(kSuperseded, file_name(static_cast<int>(level), tile, narrower),
                          first_entry(level, tile * kWidth), 0, content ? content->bytes.size() : 0,
                          "an earlier form of this tile says otherwise");
        }
  }

  void derive_upper_rows() {
    for (std::size_t level = 1; level + 1 < derived_.size(); ++level)
      for (std::uint64_t tile = 0; (tile + 1) * kWidth <= derived_[level].size(); ++tile)
        derived_[level + 1].push_back(tree_root(std::span(derived_[level]).subspan(tile * kWidth, kWidth)));
  }

  // The unfinished rows of a log of `size`, out of whole rows (level 0 apart).
  static std::vector<std::vector<Hash>> edge_of(std::uint64_t size, const std::vector<Hash>& lowest,
                                                const std::vector<std::vector<Hash>>& rows) {
    std::vector<std::vector<Hash>> edge{lowest};
    for (std::size_t level = 1; level < rows.size(); ++level) {
      const std::uint64_t length = level < 8 ? size >> (8 * level) : 0;
      const auto begin = rows[level].begin() + static_cast<std::ptrdiff_t>(length / kWidth * kWidth);
      edge.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(length % kWidth));
    }
    return edge;
  }

  // Which account does the signed root confirm?
  void decide() {
    entries_hold_ = root_of_rows(edge_of(size_, derived_edge_, derived_)) == root_;
    std::vector<std::vector<Hash>> rows(stored_.size());
    for (std::size_t level = 1; level < stored_.size(); ++level) rows[level] = stored_[level].hashes;
    edge_holds_ = root_of_rows(edge_of(size_, stored_edge_, rows)) == root_;
    for (std::size_t level = stored_.size(); level-- > 1;) {
      Row& row = stored_[level];
      for (std::uint64_t tile = 0; tile < row.readable.size(); ++tile) {
        if (!row.readable[tile]) continue;
        if (width_of(level, tile) < kWidth) {
          row.authentic[tile] = edge_holds_;
          continue;
        }
        const Row& above = stored_[level + 1];  // a full tile always has one
        row.authentic[tile] = above.authentic[tile / kWidth] &&
                              above.hashes[tile] == tree_root(std::span(row.hashes).subspan(tile * kWidth, kWidth));
      }
    }
  }

  // Bundle or tile? The signed root decides if it confirms the entries; else the hash one level up.
  void blame(const Conflict& conflict) {
    const std::uint64_t index = conflict.bundle * kWidth + conflict.at;
    bool tile_wrong = entries_hold_, bundle_wrong = !entries_hold_;
    if (!entries_hold_ && width_of(0, conflict.bundle) == kWidth && stored_[1].readable[conflict.bundle / kWidth]) {
      const Hash& above = stored_[1].hashes[conflict.bundle];
      bundle_wrong = conflict.derived_root != above;
      tile_wrong = conflict.stored_root != above;
    } else if (!entries_hold_) {
      tile_wrong = !edge_holds_;
    }
    if (bundle_wrong)
      findings_.add(kIntegrity, conflict.bundle_file, index, conflict.slice.begin, conflict.slice.end,
                    "the entry is not the one that was sealed");
    if (tile_wrong)
      findings_.add(kIntegrity, conflict.tile_file, index, conflict.at * kHashBytes, (conflict.at + 1) * kHashBytes,
                    "the tile's hash is not that of the entry");
  }

  void check_upper_tiles(std::size_t level) {
    const Row& row = stored_[level];
    for (std::uint64_t i = 0; i < row.hashes.size(); ++i) {
      const std::uint64_t tile = i / kWidth;
      if (!row.readable[tile] || row.hashes[i] == derived_[level][i]) continue;
      // The tile below that this hash stands for, as it is stored.
      const bool below_readable = stored_[level - 1].readable[i];
      const Hash below =
          level == 1 ? tile_roots_[i] : tree_root(std::span(stored_[level - 1].hashes).subspan(i * kWidth, kWidth));
      const bool trusted = !entries_hold_ && (row.authentic[tile] || (below_readable && below == row.hashes[i]));
      const std::string file = file_name(static_cast<int>(level), tile, width_of(level, tile));
      if (!trusted)
        findings_.add(kIntegrity, file, first_entry(level, i), i % kWidth * kHashBytes, (i % kWidth + 1) * kHashBytes,
                      "the tile's hash is not that of what it stands for");
      else if (below_readable && below == derived_[level][i])
        findings_.add(kIntegrity, file_name(level == 1 ? kEntries : static_cast<int>(level) - 1, i, kWidth),
                      first_entry(level, i), 0, 0,
                      "entries and tile were changed together: they do not lead to the signed root");
    }
  }

  void check_remembered(const SignedRoot& remembered) {
    const Hash now =
        remembered.size == size_ ? root_ : root_of_rows(edge_of(remembered.size, remembered_edge_, derived_));
    if (now != remembered.root)
      findings_.add(kIntegrity, "checkpoint", std::nullopt, 0, 0,
                    "the log does not continue the remembered checkpoint of size " + std::to_string(remembered.size));
  }

  const LogFiles& files_;
  const std::uint64_t size_;
  const Hash root_;
  Findings& findings_;
  Chains chains_;
  std::vector<Row> stored_;                       // by level; the hashes of level 0 are not kept
  std::vector<std::vector<Hash>> derived_;        // by level; level 0 is not kept
  std::vector<Hash> derived_edge_, stored_edge_;  // the unfinished tile of level 0
  std::vector<Hash> tile_roots_;                  // of the tiles of level 0, as stored
  std::vector<Conflict> conflicts_;
  std::uint64_t remembered_size_ = 0;
  std::vector<Hash> remembered_edge_;
  bool entries_hold_ = false, edge_holds_ = false;
};

}  // namespace

std::string Fault::to_string() const {
  std::string out = file;
  if (index) out += ", entry " + std::to_string(*index);
  if (end > begin) out += ", bytes " + std::to_string(begin) + ".." + std::to_string(end);
  return out + ": " + what;
}

Report verify_log(const std::string& folder, std::string_view vkey, const Options& options) {
  Report report;
  Findings findings;
  const auto checkpoint_fault = [&](std::string what, std::uint64_t end = 0) {
    findings.add(kIntegrity, "checkpoint", std::nullopt, 0, end, std::move(what));
  };
  const auto key = read_key(vkey);
  if (!key) checkpoint_fault("the key to check with is malformed");
  const auto bytes = read_whole_file(folder + "/checkpoint");
  if (!bytes) checkpoint_fault("the checkpoint is missing");
  std::string why;
  std::optional<SignedRoot> signed_root, remembered;
  if (key && bytes) {
    signed_root = read_checkpoint(*bytes, *key, why);
    if (!signed_root) checkpoint_fault(why, bytes->size());
  }
  if (key && !options.at_least.empty()) {
    remembered = read_checkpoint(options.at_least, *key, why);
    if (!remembered) checkpoint_fault("the remembered checkpoint cannot be used: " + why);
  }
  if (signed_root) {
    report.origin = signed_root->origin;
    report.size = signed_root->size;
    report.root = encode_hash(signed_root->root);
    if (remembered && remembered->size > signed_root->size)
      checkpoint_fault("an old copy: it states " + std::to_string(signed_root->size) +
                       " entries, but a checkpoint of " + std::to_string(remembered->size) + " was seen");
    const LogFiles files(folder);
    report.ahead_files = files.ahead_of(signed_root->size);
    LogCheck check(files, *signed_root, findings);
    check.run(remembered);
    report.cases = check.chains().cases();
    report.open_cases = check.chains().open_cases();
  }
  findings.report(report);
  return report;
}

}  // namespace tenure::evidence_verify
