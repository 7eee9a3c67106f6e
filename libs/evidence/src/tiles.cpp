#include "decimal.hpp"

#include <algorithm>
#include <map>
#include <memory>

#include <tenure/evidence/tiles.hpp>

namespace tenure::evidence {
namespace {

constexpr std::size_t kHashBytes = 32;
constexpr unsigned kLevelMax = 63;
// Tiles kept by one hash reader: a proof needs two per level at most.
constexpr std::size_t kCachedTilesMax = 64;

std::unexpected<Error> broken(const std::string& path, std::string_view what) {
  return fail(Reason::kEvidenceBroken, path + ": " + std::string(what));
}

std::string index_text(std::uint64_t n) {
  std::string text;
  for (bool last = true; last || n > 0; n /= 1000, last = false) {
    const std::string digits = std::to_string(n % 1000);
    const std::string group = std::string(3 - digits.size(), '0') + digits;
    text = last ? group : "x" + group + "/" + text;
  }
  return text;
}

bool read_index(std::string_view text, std::uint64_t& out) {
  out = 0;
  while (true) {
    const bool more = text.starts_with('x');
    if (more) text.remove_prefix(1);
    if (text.size() < 3) return false;
    std::uint64_t group = 0;
    for (const char c : text.substr(0, 3)) {
      if (c < '0' || c > '9') return false;
      group = group * 10 + static_cast<std::uint64_t>(c - '0');
    }
    if (out > (UINT64_MAX - group) / 1000) return false;
    out = out * 1000 + group;
    text.remove_prefix(3);
    if (!more) return text.empty();
    if (!text.starts_with('/')) return false;
    text.remove_prefix(1);
  }
}

std::string serialize(std::span<const Sha256> hashes) {
  std::string bytes;
  bytes.reserve(hashes.size() * kHashBytes);
  for (const auto& hash : hashes) bytes += hash.view();
  return bytes;
}

std::vector<Sha256> hashes_of(std::string_view bytes) {
  std::vector<Sha256> hashes(bytes.size() / kHashBytes);
  for (std::size_t i = 0; i < hashes.size(); ++i)
    std::ranges::transform(bytes.substr(i * kHashBytes, kHashBytes), hashes[i].bytes.begin(),
                           [](char c) { return static_cast<std::uint8_t>(c); });
  return hashes;
}

// Number of finished hashes at a level of a log of this size.
std::uint64_t row_length(std::uint64_t size, unsigned level) {
  return level >= 8 ? 0 : size >> (8 * level);
}

// The tile or bundle with at least the hashes that a log of `size` has of it.
Result<std::string> read_widest(TilePath tile, std::uint64_t size, const FileReader& files) {
  const std::uint64_t row = row_length(size, tile.level.value_or(0));
  const std::uint64_t first = tile.index * kTileWidth;
  if (first >= row) return fail(Reason::kEvidenceNotFound, to_path(tile) + " in a log of " + std::to_string(size));
  tile.width = static_cast<unsigned>(std::min(kTileWidth, row - first));
  auto bytes = files(to_path(tile));
  if (!bytes && tile.width < kTileWidth) {
    const unsigned width = std::exchange(tile.width, static_cast<unsigned>(kTileWidth));
    auto full = files(to_path(tile));
    if (!full) return bytes;  // the partial one is what is missing
    if (tile.level) full->resize(std::min(full->size(), width * kHashBytes));
    return full;
  }
  return bytes;
}

Result<std::vector<Sha256>> read_tile(unsigned level, std::uint64_t index, std::uint64_t size,
                                      const FileReader& files) {
  const TilePath tile{level, index};
  TENURE_TRY(const std::string bytes, read_widest(tile, size, files));
  const std::uint64_t width = std::min(kTileWidth, row_length(size, level) - index * kTileWidth);
  if (bytes.size() != width * kHashBytes) return broken(to_path(tile), "not " + std::to_string(width) + " hashes long");
  return hashes_of(bytes);
}

}  // namespace

std::string to_path(const TilePath& tile) {
  std::string path = "tile/" + (tile.level ? std::to_string(*tile.level) : "entries") + "/" + index_text(tile.index);
  if (tile.width < kTileWidth) path += ".p/" + std::to_string(tile.width);
  return path;
}

std::string partial_folder(const TilePath& tile) {
  return to_path({tile.level, tile.index, static_cast<unsigned>(kTileWidth)}) + ".p";
}

Result<TilePath> parse_tile_path(std::string_view path) {
  const auto bad = [&] {
    return fail(Reason::kEvidenceNotFound, "\"" + std::string(path.substr(0, 200)) + "\" names no tile");
  };
  std::string_view rest = path;
  if (!rest.starts_with("tile/")) return bad();
  rest.remove_prefix(5);
  TilePath tile;
  const std::size_t slash = rest.find('/');
  if (slash == std::string_view::npos) return bad();
  if (rest.substr(0, slash) != "entries") {
    std::uint64_t level = 0;
    if (!read_decimal(rest.substr(0, slash), kLevelMax, level)) return bad();
    tile.level = static_cast<unsigned>(level);
  }
  rest.remove_prefix(slash + 1);
  if (const std::size_t partial = rest.find(".p/"); partial != std::string_view::npos) {
    std::uint64_t width = 0;
    if (!read_decimal(rest.substr(partial + 3), kTileWidth - 1, width) || width == 0) return bad();
    tile.width = static_cast<unsigned>(width);
    rest = rest.substr(0, partial);
  }
  if (!read_index(rest, tile.index) || to_path(tile) != path) return bad();
  return tile;
}

unsigned partial_width(std::uint64_t size, unsigned level) {
  return static_cast<unsigned>(row_length(size, level) % kTileWidth);
}

HashReader make_hash_reader(std::uint64_t size, FileReader files) {
  using Key = std::pair<unsigned, std::uint64_t>;
  auto cache = std::make_shared<std::map<Key, std::vector<Sha256>>>();
  return [size, files = std::move(files), cache](unsigned level, std::uint64_t first,
                                                 std::uint64_t count) -> Result<std::vector<Sha256>> {
    std::vector<Sha256> out;
    for (std::uint64_t i = first; i < first + count;) {
      const Key key{level, i / kTileWidth};
      auto found = cache->find(key);
      if (found == cache->end()) {
        TENURE_TRY(auto hashes, read_tile(level, key.second, size, files));
        if (cache->size() >= kCachedTilesMax) cache->clear();
        found = cache->emplace(key, std::move(hashes)).first;
      }
      const auto& hashes = found->second;
      const std::uint64_t offset = i % kTileWidth, n = std::min(first + count - i, kTileWidth - offset);
      if (offset + n > hashes.size())
        return fail(Reason::kEvidenceNotFound, "a hash beyond a log of " + std::to_string(size));
      out.insert(out.end(), hashes.begin() + static_cast<std::ptrdiff_t>(offset),
                 hashes.begin() + static_cast<std::ptrdiff_t>(offset + n));
      i += n;
    }
    return out;
  };
}

Result<std::vector<std::string_view>> parse_bundle(std::string_view bytes, std::size_t count) {
  std::vector<std::string_view> entries;
  entries.reserve(count);
  std::size_t pos = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (bytes.size() - pos < 2)
      return fail(Reason::kEvidenceBroken, "the bundle ends before entry " + std::to_string(i));
    const std::size_t length = static_cast<std::size_t>(static_cast<unsigned char>(bytes[pos])) << 8 |
                               static_cast<unsigned char>(bytes[pos + 1]);
    if (length == 0 || bytes.size() - pos - 2 < length)
      return fail(Reason::kEvidenceBroken, "entry " + std::to_string(i) + " of the bundle is empty or cut off");
    entries.push_back(bytes.substr(pos + 2, length));
    pos += 2 + length;
  }
  if (pos != bytes.size())
    return fail(Reason::kEvidenceBroken, "the bundle holds more than " + std::to_string(count) + " entries");
  return entries;
}

Result<std::string> read_entry(std::uint64_t index, std::uint64_t size, const FileReader& files) {
  if (index >= size)
    return fail(Reason::kEvidenceNotFound, "entry " + std::to_string(index) + " in a log of " + std::to_string(size));
  const TilePath bundle{std::nullopt, index / kTileWidth};
  TENURE_TRY(const std::string bytes, read_widest(bundle, size, files));
  // A full bundle may stand in for a partial one; both are walked from the start.
  std::string_view rest = bytes;
  for (std::uint64_t i = 0;; ++i) {
    const std::size_t length = rest.size() < 2 ? 0
                                               : static_cast<std::size_t>(static_cast<unsigned char>(rest[0])) << 8 |
                                                     static_cast<unsigned char>(rest[1]);
    if (length == 0 || rest.size() - 2 < length)
      return broken(to_path(bundle), "entry " + std::to_string(i) + " of the bundle is empty or cut off");
    if (i == index % kTileWidth) return std::string(rest.substr(2, length));
    rest.remove_prefix(2 + length);
  }
}

Result<Edge> Edge::load(std::uint64_t size, const FileReader& files) {
  Edge edge;
  edge.size_ = size;
  for (unsigned level = 0; row_length(size, level) > 0; ++level) {
    auto& row = edge.rows_.emplace_back();
    if (partial_width(size, level) == 0) continue;
    TENURE_TRY(row, read_tile(level, row_length(size, level) / kTileWidth, size, files));
  }
  const unsigned count = partial_width(size, 0);
  if (count == 0) return edge;
  const TilePath bundle{std::nullopt, size / kTileWidth, count};
  TENURE_TRY(edge.bundle_, read_widest(bundle, size, files));
  // The full bundle may be what was read: cut it where this size ends.
  std::size_t end = 0;
  for (unsigned i = 0; i < count && edge.bundle_.size() - end >= 2; ++i) {
    const std::size_t length = static_cast<std::size_t>(static_cast<unsigned char>(edge.bundle_[end])) << 8 |
                               static_cast<unsigned char>(edge.bundle_[end + 1]);
    end = std::min(edge.bundle_.size(), end + 2 + length);
  }
  edge.bundle_.resize(end);
  auto entries = parse_bundle(edge.bundle_, count);
  if (!entries) return broken(to_path(bundle), entries.error().message());
  for (unsigned i = 0; i < count; ++i)
    if (leaf_hash((*entries)[i]) != edge.rows_[0][i])
      return broken(to_path(bundle), "entry " + std::to_string(i) + " of the bundle has another hash than the tile");
  return edge;
}

Sha256 Edge::root() const {
  // Rows from the top, each row's complete subtrees from the largest: together the frontier of the whole tree.
  std::vector<Sha256> roots;
  for (std::size_t level = rows_.size(); level-- > 0;) {
    Frontier row;
    for (const auto& hash : rows_[level]) row.append(hash);
    roots.insert(roots.end(), row.roots().begin(), row.roots().end());
  }
  if (roots.empty()) return empty_root();
  Sha256 root = roots.back();
  for (std::size_t i = roots.size() - 1; i-- > 0;) root = node_hash(roots[i], root);
  return root;
}

// Appends to a copy of the edge and collects every file that becomes full on the way.
class Publisher {
 public:
  explicit Publisher(const Edge& from) : edge_(from), from_(from.size_) {}

  void append(std::string_view entry) {
    edge_.bundle_ += static_cast<char>(static_cast<std::uint8_t>(entry.size() >> 8));
    edge_.bundle_ += static_cast<char>(static_cast<std::uint8_t>(entry.size()));
    edge_.bundle_ += entry;
    push(0, leaf_hash(entry));
    ++edge_.size_;
    if (edge_.size_ % kTileWidth == 0) {
      const TilePath bundle{std::nullopt, edge_.size_ / kTileWidth - 1};
      bundles_.push_back({to_path(bundle), std::exchange(edge_.bundle_, {})});
      garbage_.push_back(partial_folder(bundle));
    }
  }

  Publication finish() && {
    Publication out;
    out.from_size = from_;
    out.to_size = edge_.size_;
    out.root = edge_.root();
    if (from_ != edge_.size_) {
      if (const unsigned width = partial_width(edge_.size_, 0); width > 0)
        bundles_.push_back({to_path({std::nullopt, edge_.size_ / kTileWidth, width}), edge_.bundle_});
      for (unsigned level = 0; level < edge_.rows_.size(); ++level) add_partial(level);
      out.files = std::move(bundles_);
      for (auto& tiles : tiles_) std::ranges::move(tiles, std::back_inserter(out.files));
      out.garbage_folders = std::move(garbage_);
    }
    out.edge = std::move(edge_);
    return out;
  }

 private:
  void push(unsigned level, const Sha256& hash) {
    if (edge_.rows_.size() <= level) edge_.rows_.resize(level + 1);
    if (tiles_.size() <= level) tiles_.resize(level + 1);
    auto& row = edge_.rows_[level];
    row.push_back(hash);
    if (row.size() < kTileWidth) return;
    // size_ has not counted the entry yet: the tile's index is that of the entries before it.
    const TilePath tile{level, row_length(edge_.size_, level) / kTileWidth};
    tiles_[level].push_back({to_path(tile), serialize(row)});
    garbage_.push_back(partial_folder(tile));
    const Sha256 parent = root_of(row);
    row.clear();
    push(level + 1, parent);
  }

  // The unfinished tile, if this publication has added to it.
  void add_partial(unsigned level) {
    const auto& row = edge_.rows_[level];
    if (row.empty() || row_length(from_, level) == row_length(edge_.size_, level)) return;
    tiles_[level].push_back(
        {to_path({level, row_length(edge_.size_, level) / kTileWidth, static_cast<unsigned>(row.size())}),
         serialize(row)});
  }

  Edge edge_;
  std::uint64_t from_;
  std::vector<File> bundles_;
  std::vector<std::vector<File>> tiles_;
  std::vector<std::string> garbage_;
};

Result<Publication> plan_publication(const Edge& from, std::span<const std::string> entries) {
  Publisher publisher(from);
  for (const auto& entry : entries) {
    if (entry.empty() || entry.size() > 65535)
      return fail(Reason::kRecordInvalid,
                  "an entry of " + std::to_string(entry.size()) + " bytes: 1 to 65535 are allowed");
    publisher.append(entry);
  }
  return std::move(publisher).finish();
}

}  // namespace tenure::evidence
