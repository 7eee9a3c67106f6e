// Logs are built by the writer and damaged here; the verifier, which shares nothing with it, must find and locate it.
#include <filesystem>
#include <fstream>
#include <map>

#include <gtest/gtest.h>
#include <stdlib.h>

#include <tenure/evidence/checkpoint.hpp>
#include <tenure/evidence/proof.hpp>
#include <tenure/evidence/record.hpp>
#include <tenure/evidence/tiles.hpp>
#include <tenure/evidence_verify/verify.hpp>

namespace tenure::evidence_verify {
namespace {

namespace fs = std::filesystem;
using Files = std::map<std::string, std::string>;

evidence::SigningKey log_key() {
  std::array<std::uint8_t, 32> seed{};
  seed.fill(9);
  return evidence::SigningKey::create("evidence.example/test", seed).value();
}

std::vector<std::string> leaves(std::size_t count, std::uint64_t seed) {
  Random random(seed), dice(seed + 1);
  SeededEntropy entropy(seed + 2);
  evidence::Composer composer(random, entropy);
  std::vector<std::string> cases, out;
  composer.begin();
  while (out.size() < count) {
    if (cases.size() < 25 || dice.chance(1, 10)) cases.push_back(dice.uuid());
    evidence::Draft draft;
    draft.case_id = cases[cases.size() - 1 - dice.below(std::min<std::uint64_t>(20, cases.size()))];
    if (composer.head(draft.case_id) && composer.head(draft.case_id)->closed) continue;
    draft.type = dice.chance(1, 15) ? "case.closed" : "change.planned";
    draft.time = Time::from_micros(1'795'000'000'000'000 + static_cast<std::int64_t>(out.size()) * 1000);
    draft.actor = {evidence::ActorKind::kSystem, "engine"};
    if (dice.chance(1, 2)) draft.fields = {{"name", json::Value("Ana " + std::to_string(out.size()))}};
    out.push_back(composer.compose(std::move(draft)).value().leaf);
  }
  composer.commit();
  return out;
}

struct Log {
  Files files;                           // the folder as it stands after the last publication
  std::vector<std::string> checkpoints;  // of every publication
  std::vector<std::string> entries;
};

Log build(std::vector<std::string> entries, std::vector<std::uint64_t> sizes) {
  Log log;
  log.entries = std::move(entries);
  const auto key = log_key();
  evidence::Edge edge;
  for (const auto size : sizes) {
    const auto part = std::span(log.entries).subspan(edge.size(), size - edge.size());
    auto publication = evidence::plan_publication(edge, part).value();
    for (auto& file : publication.files) log.files[file.path] = file.bytes;
    log.checkpoints.push_back(evidence::sign_checkpoint({"evidence.example/test", size, publication.root}, key));
    log.files["checkpoint"] = log.checkpoints.back();
    for (const auto& folder : publication.garbage_folders)
      std::erase_if(log.files, [&](const auto& file) { return file.first.starts_with(folder + "/"); });
    edge = std::move(publication.edge);
  }
  return log;
}

// A folder of its own that mirrors a set of files; only what differs is written again.
class Folder {
 public:
  Folder() {
    std::string name = "/tmp/evidence_verify_XXXXXX";
    path_ = mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::string& path() const { return path_; }

  void set(const Files& files) {
    for (const auto& [name, bytes] : now_)
      if (!files.contains(name)) fs::remove(path_ + "/" + name);
    for (const auto& [name, bytes] : files) {
      const auto it = now_.find(name);
      if (it != now_.end() && it->second == bytes) continue;
      fs::create_directories(fs::path(path_ + "/" + name).parent_path());
      std::ofstream(path_ + "/" + name, std::ios::binary | std::ios::trunc) << bytes;
    }
    now_ = files;
  }
  Report verify(const std::string& at_least = {}) const {
    return verify_log(path_, log_key().verifier().to_string(), {.at_least = at_least});
  }

 private:
  std::string path_;
  Files now_;
};

Report verify(const Files& files, const std::string& at_least = {}) {
  Folder folder;
  folder.set(files);
  return folder.verify(at_least);
}

TEST(VerifyLog, AcceptsWhatTheWriterWrites) {
  const auto all = leaves(1200, 1);
  for (const std::uint64_t size : {0, 1, 2, 255, 256, 257, 511, 512, 700, 1200}) {
    const Log log = build({all.begin(), all.begin() + static_cast<std::ptrdiff_t>(size)}, {size});
    const Report report = verify(log.files);
    EXPECT_TRUE(report.ok) << size << " " << (report.first_fault ? report.first_fault->to_string() : "");
    EXPECT_EQ(report.size, size);
    EXPECT_EQ(report.ahead_files, 0U);
  }
  const Report report = verify(build(all, {1, 100, 200, 300, 650, 700, 1200}).files);
  EXPECT_TRUE(report.ok) << report.first_fault->to_string();
  EXPECT_GT(report.cases, report.open_cases);
  EXPECT_GT(report.open_cases, 0U);
}

TEST(VerifyLog, AcceptsALogWithTwoLevelsOfFullTiles) {
  std::vector<std::string> entries = leaves(300, 2);
  const std::string base =
      R"({"actor":{"kind":"system","ref":"x"},"id":"0b5c1e3a-7a0e-4b1c-9a55-3f2f9c1d2e02","mode":"automated",)"
      R"("outcome":"success","time":"2026-11-20T09:12:00.000000Z","type":"log.beacon","v":1})";
  while (entries.size() < 66'000) entries.push_back(base);
  Log log = build(std::move(entries), {300, 65'536, 66'000});
  Folder folder;
  folder.set(log.files);
  EXPECT_TRUE(folder.verify().ok);
  Files bent = log.files;
  bent.at("tile/1/000")[32 * 200 + 5] ^= 1;
  folder.set(bent);
  const Report report = folder.verify();
  ASSERT_FALSE(report.ok);
  EXPECT_EQ(report.fault_count, 1U);
  EXPECT_EQ(report.first_fault->to_string(),
            "tile/1/000, entry 51200, bytes 6400..6432: the tile's hash is not that of what it stands for");
}

// ---- one thousand damages ----

struct Edit {
  std::string what, file, other;  // other: a second file that is as guilty (a swap)
  std::uint64_t first_entry = 0;  // entries that the edit can have touched
  std::uint64_t last_entry = UINT64_MAX;
  std::uint64_t offset = 0;  // the first byte that differs; the fault's range must not begin after it
  std::string at_least;
};

// Which entries a byte of a file concerns.
void concern(Edit& edit, const std::string& name, const std::string& bytes, std::uint64_t offset) {
  const auto tile = evidence::parse_tile_path(name);
  if (!tile) return;
  const std::uint64_t first = tile->index * 256;
  if (tile->level) {
    const unsigned shift = 8 * *tile->level;
    edit.first_entry = (first + offset / 32) << shift;
    edit.last_entry = ((first + offset / 32 + 1) << shift) - 1;
    return;
  }
  std::uint64_t at = 0, i = 0;
  while (at < bytes.size()) {
    const std::uint64_t length =
        2 + static_cast<unsigned char>(bytes[at]) * 256U + static_cast<unsigned char>(bytes[at + 1]);
    if (offset < at + length) break;
    at += length, ++i;
  }
  edit.first_entry = edit.last_entry = first + i;
}

std::uint64_t first_difference(const std::string& a, const std::string& b) {
  const auto [x, y] =
      std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(std::min(a.size(), b.size())), b.begin());
  return static_cast<std::uint64_t>(x - a.begin());
}

// True if the file is one that the checkpoint needs; others may go missing without harm.
bool is_needed(const std::string& name, std::uint64_t size) {
  const auto tile = evidence::parse_tile_path(name);
  return !tile || tile->width == 256 || tile->width == evidence::partial_width(size, tile->level.value_or(0));
}

std::string swapped(const std::string& name, std::string bytes, Random& dice, std::uint64_t& offset) {
  const auto tile = evidence::parse_tile_path(name).value();
  if (tile.level) {
    const std::uint64_t count = bytes.size() / 32, a = dice.below(count), b = dice.below(count);
    std::swap_ranges(bytes.begin() + static_cast<std::ptrdiff_t>(32 * a),
                     bytes.begin() + static_cast<std::ptrdiff_t>(32 * a + 32),
                     bytes.begin() + static_cast<std::ptrdiff_t>(32 * b));
    offset = 32 * std::min(a, b);
    return bytes;
  }
  std::vector<std::string> parts;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t length =
        2 + static_cast<unsigned char>(bytes[at]) * 256U + static_cast<unsigned char>(bytes[at + 1]);
    parts.push_back(bytes.substr(at, length));
    at += length;
  }
  std::swap(parts[dice.below(parts.size())], parts[dice.below(parts.size())]);
  std::string out;
  for (const auto& part : parts) out += part;
  offset = first_difference(bytes, out);
  return out;
}

// Damages `files`; nullopt if the dice chose something that changes nothing.
std::optional<Edit> damage(Files& files, const Log& log, Random& dice) {
  std::vector<std::string> names;
  for (const auto& [name, bytes] : files) names.push_back(name);
  const std::string name = names[dice.below(names.size())];
  std::string& bytes = files.at(name);
  const std::string before = bytes;
  Edit edit{.file = name};
  switch (dice.below(6)) {
    case 0:
    case 1:
      edit.what = "flip";
      edit.offset = dice.below(bytes.size());
      bytes[edit.offset] = static_cast<char>(bytes[edit.offset] ^ (1 << dice.below(8)));
      break;
    case 2:
      edit.what = "truncate";
      edit.offset = dice.below(bytes.size());
      bytes.resize(edit.offset);
      break;
    case 3:
      if (name == "checkpoint") return std::nullopt;
      edit.what = "swap inside";
      bytes = swapped(name, before, dice, edit.offset);
      break;
    case 4: {
      edit.what = "swap files";
      edit.other = names[dice.below(names.size())];
      std::swap(bytes, files.at(edit.other));
      if (bytes == before) return std::nullopt;
      const auto place = [](const std::string& n) {
        const auto tile = evidence::parse_tile_path(n);
        return tile ? tile->index << (8 * tile->level.value_or(0) + 8) : 0;
      };
      edit.first_entry = std::min(place(name), place(edit.other));
      edit.offset = UINT64_MAX;  // anywhere in either
      return edit;
    }
    default:
      if (dice.chance(1, 4)) {
        edit.what = "replay an old checkpoint";
        edit.file = "checkpoint";
        files.at("checkpoint") = log.checkpoints[dice.below(log.checkpoints.size() - 1)];
        edit.at_least = log.checkpoints.back();
        return edit;
      }
      if (!is_needed(name, log.entries.size())) return std::nullopt;
      edit.what = "delete";
      files.erase(name);
      concern(edit, name, before, 0);
      edit.last_entry = UINT64_MAX;
      return edit;
  }
  if (bytes == before) return std::nullopt;
  concern(edit, name, before, edit.offset);
  // A superseded partial form is judged whole.
  if (!is_needed(name, log.entries.size())) edit.first_entry = edit.first_entry / 256 * 256;
  return edit;
}

// "" if the first fault names the damaged file, and an entry and bytes at the damage; else what is wrong with it.
std::string mislocated(const Edit& edit, const Report& report) {
  if (report.ok || !report.first_fault) return "nothing found";
  const Fault& fault = *report.first_fault;
  if (fault.file != edit.file && fault.file != edit.other) return "another file: " + fault.to_string();
  if (fault.file == "checkpoint") return "";
  const bool entry =
      fault.index && *fault.index >= edit.first_entry && *fault.index <= std::max(edit.last_entry, edit.first_entry);
  return entry && fault.begin <= edit.offset ? "" : "another place: " + fault.to_string();
}

TEST(Tamper, TheJudgeOfThisTestIsNotBlind) {
  const Edit edit{.file = "tile/0/001", .first_entry = 300, .last_entry = 300, .offset = 1408};
  const auto judged = [&](bool ok, const char* file, std::uint64_t index, std::uint64_t begin) {
    Report report;
    report.ok = ok;
    report.first_fault = Fault{file, index, begin, begin + 32, "x"};
    return mislocated(edit, report);
  };
  EXPECT_EQ(judged(false, "tile/0/001", 300, 1408), "");
  EXPECT_NE(judged(true, "tile/0/001", 300, 1408), "");
  EXPECT_NE(judged(false, "tile/0/002", 300, 1408), "");
  EXPECT_NE(judged(false, "tile/0/001", 299, 1408), "");
  EXPECT_NE(judged(false, "tile/0/001", 301, 1408), "");
  EXPECT_NE(judged(false, "tile/0/001", 300, 1440), "");
}

TEST(Tamper, AThousandDamagesAreFoundAndLocated) {
  const Log log = build(leaves(700, 3), {40, 200, 300, 450, 600, 650, 700});
  ASSERT_TRUE(verify(log.files, log.checkpoints[3]).ok);
  Random dice(20261120);
  Folder folder;
  std::map<std::string, int> kinds;
  for (int round = 0; round < 1000;) {
    Files files = log.files;
    const auto edit = damage(files, log, dice);
    if (!edit) continue;
    ++round;
    ++kinds[edit->what];
    folder.set(files);
    ASSERT_EQ(mislocated(*edit, folder.verify(edit->at_least)), "")
        << "round " << round << ", " << edit->what << " " << edit->file << " " << edit->other << " at " << edit->offset;
  }
  for (const char* kind : {"flip", "truncate", "swap inside", "swap files", "replay an old checkpoint", "delete"})
    EXPECT_GT(kinds[kind], 10) << kind;
}

TEST(Tamper, AnOldCopyIsWholeAndOnlyMemoryTells) {
  const Log log = build(leaves(700, 4), {40, 300, 700});
  Files files = log.files;
  files.at("checkpoint") = log.checkpoints[1];
  const Report alone = verify(files);
  EXPECT_TRUE(alone.ok) << alone.first_fault->to_string();
  EXPECT_EQ(alone.size, 300U);
  EXPECT_GT(alone.ahead_files, 0U);
  const Report remembering = verify(files, log.checkpoints[2]);
  ASSERT_FALSE(remembering.ok);
  EXPECT_EQ(remembering.first_fault->to_string(),
            "checkpoint: an old copy: it states 300 entries, but a checkpoint of 700 was seen");
  EXPECT_TRUE(verify(log.files, log.checkpoints[1]).ok);
}

TEST(Tamper, ARewrittenLogThatIsSignedAgainIsNotAContinuation) {
  const Log log = build(leaves(700, 5), {300, 700});
  auto entries = log.entries;
  entries[12] = leaves(20, 6)[0];
  const Report report = verify(build(entries, {700}).files, log.checkpoints[0]);
  ASSERT_FALSE(report.ok);
  EXPECT_EQ(report.first_fault->to_string(),
            "checkpoint: the log does not continue the remembered checkpoint of size 300");
  // A fork of the same size.
  const Report fork = verify(build(entries, {700}).files, log.checkpoints[1]);
  ASSERT_FALSE(fork.ok);
  EXPECT_EQ(fork.first_fault->file, "checkpoint");
}

TEST(Tamper, EntriesAndTilesRewrittenTogetherDoNotMatchTheSignature) {
  const Log log = build(leaves(700, 7), {700});
  auto entries = log.entries;
  std::swap(entries[300], entries[301]);
  Files files = build(entries, {700}).files;
  files.at("checkpoint") = log.files.at("checkpoint");
  EXPECT_EQ(verify(files).first_fault->file, "checkpoint");
  // Only bundle and lowest tile: the tile above convicts them.
  files = log.files;
  files.at("tile/entries/001") = build(entries, {700}).files.at("tile/entries/001");
  files.at("tile/0/001") = build(entries, {700}).files.at("tile/0/001");
  const Report report = verify(files);
  ASSERT_FALSE(report.ok);
  EXPECT_EQ(report.first_fault->to_string(),
            "tile/entries/001, entry 256: entries and tile were changed together: they do not lead to the signed root");
}

// The log is whole and signed, but the writer was wrong: chains and form are judged on their own.
TEST(VerifyLog, SealedNonsenseIsFound) {
  struct Case {
    const char* what;
    std::function<void(std::vector<std::string>&)> bend;
    std::uint64_t index;
  };
  const auto all = leaves(400, 8);
  // The second record of some case, and its predecessor.
  std::size_t second = 0;
  while (all[second].find("\"case_seq\":2,") == std::string::npos) ++second;
  const Case cases[] = {
      {"left out", [&](auto& e) { e.erase(e.begin() + static_cast<std::ptrdiff_t>(second)); }, second},
      {"twice", [&](auto& e) { e.insert(e.begin() + static_cast<std::ptrdiff_t>(second), e[second]); }, second + 1},
      {"space", [&](auto& e) { e[5].insert(1, " "); }, 5},
      {"not JSON", [&](auto& e) { e[5] = "hello"; }, 5},
  };
  for (const auto& c : cases) {
    auto entries = all;
    c.bend(entries);
    const Report report = verify(build(entries, {entries.size()}).files);
    ASSERT_FALSE(report.ok) << c.what;
    EXPECT_GE(*report.first_fault->index, c.index) << c.what << " " << report.first_fault->to_string();
    // What was left out shows at the next record of its case; everything else at its own place.
    if (std::string_view(c.what) != "left out") {
      EXPECT_EQ(*report.first_fault->index, c.index) << c.what;
    }
  }
}

TEST(VerifyLog, StrangersAndMissingFoldersAreFaults) {
  Log log = build(leaves(10, 9), {10});
  Files files = log.files;
  files["tile/0/notes.txt"] = "x";
  EXPECT_EQ(verify(files).first_fault->to_string(), "tile/0/notes.txt: not a file of a log");
  EXPECT_EQ(verify({}).first_fault->to_string(), "checkpoint: the checkpoint is missing");
  EXPECT_FALSE(verify_log("/nonexistent", "nonsense").ok);
  Folder folder;
  folder.set(log.files);
  EXPECT_FALSE(
      verify_log(folder.path(), "evidence.example/kat+899a67b2+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c").ok);
}

TEST(VerifyProof, AcceptsTheWritersProofsAndNothingElse) {
  const Log log = build(leaves(700, 10), {700});
  const auto key = log_key();
  const auto checkpoint = evidence::open_checkpoint(log.files.at("checkpoint"), key.verifier()).value();
  const evidence::FileReader reader = [&](const std::string& path) -> Result<std::string> {
    return log.files.at(path);
  };
  const std::string vkey = key.verifier().to_string();
  for (std::uint64_t index = 0; index < 700; index += 23) {
    auto proof = evidence::make_proof(index, log.files.at("checkpoint"), checkpoint, reader).value();
    proof.extra = "openings";
    const std::string text = evidence::to_string(proof);
    const ProofReport good = verify_proof(text, log.entries[index], vkey);
    ASSERT_TRUE(good.ok) << good.what;
    EXPECT_EQ(good.index, index);
    EXPECT_EQ(good.size, 700U);
    EXPECT_FALSE(verify_proof(text, log.entries[index + 1 < 700 ? index + 1 : 0], vkey).ok);
    const std::size_t after_extra = text.find("index ");
    for (std::size_t i = after_extra; i < text.size(); i += 7) {
      std::string bent = text;
      bent[i] = static_cast<char>(bent[i] ^ 1);
      EXPECT_FALSE(verify_proof(bent, log.entries[index], vkey).ok) << i;
    }
    for (std::size_t i = 0; i < text.size(); i += 5)
      EXPECT_FALSE(verify_proof(text.substr(0, i), log.entries[index], vkey).ok) << i;
  }
}

}  // namespace
}  // namespace tenure::evidence_verify
