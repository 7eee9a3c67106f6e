#include <map>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <tenure/evidence/tiles.hpp>

namespace tenure::evidence {
namespace {

using Folder = std::map<std::string, std::string>;

FileReader reader_of(const Folder& folder) {
  return [&folder](const std::string& path) -> Result<std::string> {
    const auto it = folder.find(path);
    if (it == folder.end()) return fail(Reason::kEvidenceNotFound, path);
    return it->second;
  };
}

std::vector<std::string> numbers(std::uint64_t from, std::uint64_t to) {
  std::vector<std::string> out;
  for (std::uint64_t i = from; i < to; ++i) out.push_back(std::to_string(i));
  return out;
}

void apply(const Publication& publication, Folder& folder, bool collect) {
  for (const auto& file : publication.files) {
    const auto [it, fresh] = folder.emplace(file.path, file.bytes);
    EXPECT_TRUE(fresh || it->second == file.bytes) << file.path;
  }
  if (!collect) return;
  for (const auto& garbage : publication.garbage_folders)
    std::erase_if(folder, [&](const auto& file) { return file.first.starts_with(garbage + "/"); });
}

Sha256 root_of_numbers(std::uint64_t size) {
  Frontier frontier;
  for (std::uint64_t i = 0; i < size; ++i) frontier.append(leaf_hash(std::to_string(i)));
  return frontier.root();
}

TEST(TilePaths, ReadBackWhatTheyWrite) {
  struct Case {
    TilePath tile;
    const char* path = "";
  };
  const Case cases[] = {
      {{0, 5, 256}, "tile/0/005"},
      {{0, 273, 112}, "tile/0/273.p/112"},
      {{std::nullopt, 1234067, 256}, "tile/entries/x001/x234/067"},
      {{std::nullopt, 0, 1}, "tile/entries/000.p/1"},
      {{63, 1000, 255}, "tile/63/x001/000.p/255"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(to_path(c.tile), c.path);
    EXPECT_EQ(parse_tile_path(c.path).value(), c.tile) << c.path;
  }
  EXPECT_EQ(partial_folder({0, 273, 256}), "tile/0/273.p");
}

TEST(TilePaths, OtherSpellingsNameNothing) {
  for (const char* path : {"", "tile", "tile/0", "tile/0/5", "tile/0/0005", "tile/00/005", "tile/64/005",
                           "tile/0/005.p/0", "tile/0/005.p/256", "tile/0/005.p/01", "tile/0/005/", "tile/0/x000/005",
                           "tile/0/005.p", "tile/0/x001/x234", "/tile/0/005", "tile/-1/005", "tile/entries/00a",
                           "tile/0/../005", "tile/0/x999/x999/x999/x999/x999/x999/x999/999"})
    EXPECT_FALSE(parse_tile_path(path)) << path;
}

// The file list of evidence of exactly this size, from the layout's description.
TEST(Publication, SeventyThousandEntriesHaveTheKnownFiles) {
  Folder folder;
  const auto publication = plan_publication(Edge(), numbers(0, 70'000)).value();
  apply(publication, folder, true);
  EXPECT_EQ(folder.size(), 273U + 1 + 273 + 1 + 1 + 1 + 1);
  EXPECT_EQ(folder.at("tile/0/272").size(), 8192U);
  EXPECT_EQ(folder.at("tile/0/273.p/112").size(), 112U * 32);
  EXPECT_EQ(folder.at("tile/1/000").size(), 8192U);
  EXPECT_EQ(folder.at("tile/1/001.p/17").size(), 17U * 32);
  EXPECT_EQ(folder.at("tile/2/000.p/1").size(), 32U);
  EXPECT_TRUE(folder.contains("tile/entries/273.p/112"));
  EXPECT_EQ(publication.root, root_of_numbers(70'000));
  EXPECT_EQ(read_entry(69'999, 70'000, reader_of(folder)).value(), "69999");
  EXPECT_EQ(Edge::load(70'000, reader_of(folder)).value(), publication.edge);
}

TEST(Publication, BundlesComeBeforeTilesAndLowLevelsBeforeHigh) {
  const auto files = plan_publication(Edge(), numbers(0, 600)).value().files;
  std::vector<std::string> paths;
  for (const auto& file : files) paths.push_back(file.path);
  EXPECT_EQ(paths, (std::vector<std::string>{"tile/entries/000", "tile/entries/001", "tile/entries/002.p/88",
                                             "tile/0/000", "tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2"}));
}

TEST(Publication, NothingNewWritesNothing) {
  const auto first = plan_publication(Edge(), numbers(0, 300)).value();
  const auto none = plan_publication(first.edge, {}).value();
  EXPECT_TRUE(none.files.empty());
  EXPECT_TRUE(none.garbage_folders.empty());
  EXPECT_EQ(none.edge, first.edge);
  EXPECT_EQ(plan_publication(Edge(), {}).value().root, empty_root());
}

TEST(Publication, RefusesEntriesThatABundleCannotHold) {
  const std::vector<std::string> empty = {""}, huge = {std::string(65536, 'x')}, largest = {std::string(65535, 'x')};
  EXPECT_EQ(plan_publication(Edge(), empty).error().reason(), Reason::kRecordInvalid);
  EXPECT_EQ(plan_publication(Edge(), huge).error().reason(), Reason::kRecordInvalid);
  const auto ok = plan_publication(Edge(), largest).value();
  EXPECT_EQ(parse_bundle(ok.files[0].bytes, 1).value()[0], largest[0]);
}

// Law: whatever the steps, the files that a size needs and the root are those of publishing it at once, and the edge
// read back from the files is the edge in memory.
TEST(Publication, StepsDoNotMatter) {
  EXPECT_TRUE(rc::check("publishing in steps", [] {
    const auto steps = *rc::gen::container<std::vector<unsigned>>(rc::gen::inRange(0U, 400U));
    const bool collect = *rc::gen::arbitrary<bool>();
    Folder folder;
    Edge edge;
    for (const auto step : steps) {
      if (edge.size() > 3000) break;
      auto publication = plan_publication(edge, numbers(edge.size(), edge.size() + step)).value();
      RC_ASSERT(publication.from_size == edge.size());
      apply(publication, folder, collect);
      edge = std::move(publication.edge);
      RC_ASSERT(publication.root == edge.root());
      RC_ASSERT(Edge::load(edge.size(), reader_of(folder)).value() == edge);
      const auto reader = make_hash_reader(edge.size(), reader_of(folder));
      RC_ASSERT(read_root(edge.size(), reader).value() == edge.root());
    }
    const auto once = plan_publication(Edge(), numbers(0, edge.size())).value();
    RC_ASSERT(once.edge == edge);
    for (const auto& file : once.files) RC_ASSERT(folder.at(file.path) == file.bytes);
    if (collect) {
      for (const auto& [path, bytes] : folder) {
        const auto tile = parse_tile_path(path).value();
        if (tile.width < kTileWidth) RC_ASSERT(!folder.contains(to_path({tile.level, tile.index, 256})));
      }
    }
  }));
}

TEST(Reading, ProofsOverTilesVerifyAtEverySizeThatWasPublished) {
  Folder folder;
  Edge edge;
  std::vector<std::pair<std::uint64_t, Sha256>> published;
  for (const std::uint64_t size : {1, 5, 255, 256, 257, 511, 512, 600, 1000}) {
    auto publication = plan_publication(edge, numbers(edge.size(), size)).value();
    apply(publication, folder, true);
    edge = std::move(publication.edge);
    published.emplace_back(size, edge.root());
  }
  // Older sizes are read although their partial tiles have been collected: the full tiles stand in.
  for (const auto& [size, root] : published) {
    const auto reader = make_hash_reader(size, reader_of(folder));
    for (const std::uint64_t index : {std::uint64_t{0}, size / 2, size - 1}) {
      const auto proof = prove_inclusion(index, size, reader);
      if (!proof) continue;  // a partial tile that was overtaken by a wider one, not by a full one
      EXPECT_TRUE(verify_inclusion(leaf_hash(std::to_string(index)), index, size, *proof, root))
          << index << " " << size;
    }
  }
  const auto reader = make_hash_reader(1000, reader_of(folder));
  for (const auto& [size, root] : published) {
    const auto proof = prove_consistency(size, 1000, reader).value();
    EXPECT_TRUE(verify_consistency(size, 1000, proof, root, edge.root())) << size;
  }
  for (std::uint64_t i = 0; i < 1000; i += 37)
    EXPECT_EQ(read_entry(i, 1000, reader_of(folder)).value(), std::to_string(i));
  EXPECT_EQ(read_entry(1000, 1000, reader_of(folder)).error().reason(), Reason::kEvidenceNotFound);
}

TEST(Reading, AnEdgeThatContradictsItselfIsRefused) {
  Folder folder;
  apply(plan_publication(Edge(), numbers(0, 300)).value(), folder, true);
  const auto load = [&](const std::string& path, auto&& bend) {
    Folder bent = folder;
    bend(bent.at(path));
    const auto edge = Edge::load(300, reader_of(bent));
    return edge ? Reason::kInternal : edge.error().reason();
  };
  const auto flip = [](std::string& bytes) { bytes[bytes.size() / 2] ^= 4; };
  const auto cut = [](std::string& bytes) { bytes.pop_back(); };
  const auto grow = [](std::string& bytes) { bytes += '\0'; };
  EXPECT_EQ(load("tile/entries/001.p/44", flip), Reason::kEvidenceBroken);
  EXPECT_EQ(load("tile/entries/001.p/44", cut), Reason::kEvidenceBroken);
  EXPECT_EQ(load("tile/0/001.p/44", flip), Reason::kEvidenceBroken);
  EXPECT_EQ(load("tile/0/001.p/44", cut), Reason::kEvidenceBroken);
  EXPECT_EQ(load("tile/0/001.p/44", grow), Reason::kEvidenceBroken);
  EXPECT_EQ(load("tile/1/000.p/1", cut), Reason::kEvidenceBroken);
  // A hash of a finished tile cannot be checked from the edge alone: the root tells.
  Folder bent = folder;
  flip(bent.at("tile/1/000.p/1"));
  EXPECT_NE(Edge::load(300, reader_of(bent)).value().root(), root_of_numbers(300));
}

TEST(Reading, BundlesAreParsedStrictly) {
  const std::string good("\0\1a\0\2bc", 7);
  EXPECT_EQ(parse_bundle(good, 2).value(), (std::vector<std::string_view>{"a", "bc"}));
  EXPECT_FALSE(parse_bundle(good, 1));
  EXPECT_FALSE(parse_bundle(good, 3));
  EXPECT_FALSE(parse_bundle(good.substr(0, 6), 2));
  EXPECT_FALSE(parse_bundle(good.substr(0, 4), 2));
  EXPECT_FALSE(parse_bundle(std::string("\0\0", 2), 1));
  EXPECT_TRUE(parse_bundle("", 0));
}

}  // namespace
}  // namespace tenure::evidence
