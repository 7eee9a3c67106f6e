// Logs written by libs/evidence are judged by programs that share no code and no author with it.
#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <tenure/base/hash.hpp>
#include <tenure/evidence/checkpoint.hpp>
#include <tenure/evidence/record.hpp>
#include <tenure/evidence/tiles.hpp>

extern char** environ;

namespace tenure::evidence {
namespace {

namespace fs = std::filesystem;

class Folder {
 public:
  Folder() {
    std::string name = "/tmp/evidence_acceptance_XXXXXX";
    path_ = mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

void write(const std::string& path, std::string_view bytes) {
  fs::create_directories(fs::path(path).parent_path());
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

std::string read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct Ran {
  int status = -1;
  std::string output;  // both streams
};

Ran run(std::vector<std::string> arguments) {
  Folder folder;
  const std::string output = folder / "output";
  std::vector<char*> argv;
  for (auto& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  pid_t child = 0;
  const int failed = posix_spawnp(&child, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return {-1, "cannot start " + arguments[0]};
  int status = 0;
  waitpid(child, &status, 0);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read(output)};
}

SigningKey key_of(std::uint8_t fill, std::string name) {
  std::array<std::uint8_t, 32> seed{};
  seed.fill(fill);
  return SigningKey::create(std::move(name), seed).value();
}

// Publishes the entries in the given steps and writes every file, as a sealer would.
void write_log(const Folder& folder, const std::vector<std::string>& entries, const std::vector<std::uint64_t>& sizes,
               const SigningKey& key) {
  Edge edge;
  for (const auto size : sizes) {
    auto publication = plan_publication(edge, std::span(entries).subspan(edge.size(), size - edge.size())).value();
    for (const auto& file : publication.files) write(folder / file.path, file.bytes);
    write(folder / "checkpoint", sign_checkpoint({key.verifier().name(), size, publication.root}, key));
    for (const auto& garbage : publication.garbage_folders) fs::remove_all(folder / garbage);
    edge = std::move(publication.edge);
  }
}

Ran sumdb_check(const Folder& folder, const SigningKey& key) {
  return run({TENURE_SUMDB_CHECK, "-log", folder.path(), "-vkey", key.verifier().to_string()});
}

std::vector<std::string> records(std::size_t count) {
  Random random(1);
  SeededEntropy entropy(2);
  Composer composer(random, entropy);
  std::vector<std::string> out, cases;
  for (int i = 0; i < 50; ++i) cases.push_back(random.uuid());
  composer.begin();
  for (std::size_t i = 0; i < count; ++i) {
    Draft draft;
    draft.type = std::string(event::kTargetVerified);
    draft.time = Time::from_micros(1'795'000'000'000'000 + static_cast<std::int64_t>(i));
    draft.case_id = cases[i % cases.size()];
    draft.actor = {ActorKind::kSystem, "engine"};
    if (i % 3 == 0) draft.fields = {{"account", json::Value("ana.ash")}};
    out.push_back(composer.compose(std::move(draft)).value().leaf);
  }
  composer.commit();
  return out;
}

TEST(SumdbCheck, AcceptsSeventyThousandEntriesAndRejectsOneFlippedByte) {
  std::vector<std::string> entries;
  for (int i = 0; i < 70'000; ++i) entries.push_back("{\"n\":" + std::to_string(i) + "}");
  const SigningKey key = key_of(5, "evidence.example/acceptance");
  Folder folder;
  write_log(folder, entries, {1, 40'001, 65'535, 65'536, 70'000}, key);
  const Ran good = sumdb_check(folder, key);
  ASSERT_EQ(good.status, 0) << good.output;
  EXPECT_NE(good.output.find("\"entries\":70000,\"tiles\":277,"), std::string::npos) << good.output;

  const auto rejects = [&](const std::string& file, std::size_t at) {
    const std::string before = read(folder / file);
    ASSERT_GT(before.size(), at) << file;
    std::string bent = before;
    bent[at] = static_cast<char>(bent[at] ^ 1);
    write(folder / file, bent);
    const Ran bad = sumdb_check(folder, key);
    EXPECT_EQ(bad.status, 1) << file << ": " << bad.output;
    write(folder / file, before);
  };
  rejects("tile/entries/100", 1000);
  rejects("tile/entries/273.p/112", 5);
  rejects("tile/0/150", 77);
  rejects("tile/1/000", 8000);
  rejects("tile/1/001.p/17", 3);
  rejects("tile/2/000.p/1", 31);
  rejects("checkpoint", 30);
  EXPECT_EQ(sumdb_check(folder, key).status, 0);
  EXPECT_EQ(sumdb_check(folder, key_of(6, "evidence.example/acceptance")).status, 1);
}

TEST(SumdbCheck, AcceptsEverySmallSize) {
  const auto entries = records(600);
  const SigningKey key = key_of(5, "evidence.example/acceptance");
  for (const std::uint64_t size : {0, 1, 2, 3, 255, 256, 257, 512, 600}) {
    Folder folder;
    write_log(folder, entries, size > 2 ? std::vector<std::uint64_t>{size / 2, size} : std::vector<std::uint64_t>{size},
              key);
    const Ran ran = sumdb_check(folder, key);
    EXPECT_EQ(ran.status, 0) << size << " " << ran.output;
  }
}

// The indented block that follows a line of docs/formats/evidence.md.
std::string documented(std::string_view line) {
  const std::string page = read(std::string(TENURE_SOURCE_DIR) + "/docs/formats/evidence.md");
  std::size_t at = page.find(line);
  EXPECT_NE(at, std::string::npos) << line;
  at = page.find("\n    ", at);
  return page.substr(at, page.find("\n\n", at) - at);
}

// Runs such a block in a folder; $VKEY and $SALT are set before it.
Ran run_in(const Folder& folder, const std::string& variables, const std::string& block) {
  return run({"/bin/sh", "-c", "set -eu\ncd " + folder.path() + "\n" + variables + "\n" + block});
}

TEST(Openssl, TheDocumentedCommandsVerifyTheKnownAnswerCheckpoint) {
  const std::string text = "evidence.example/kat\n7\no+I7Msy2v5bQktFl2KpUbgmCnejwOw6JV1gdHha5K98=\n";
  const std::string checkpoint =
      text +
      "\n\xE2\x80\x94 evidence.example/kat "
      "iZpnsrDkHZY/D7oU9qiDNKJKLTZR82vAgTY6C6L612iMBkK+F5PeVFGZoiJgVXkjFFiDiPmN334Tuxx/Z7cvXdyctQM=\n";
  const std::string vkey = "VKEY='evidence.example/kat+899a67b2+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c'";
  EXPECT_EQ(sign_checkpoint(parse_checkpoint_text(text).value(), key_of(1, "evidence.example/kat")), checkpoint);
  const std::string block = documented("The signature, with nothing of ours:");
  Folder folder;
  write(folder / "checkpoint", checkpoint);
  const Ran good = run_in(folder, vkey, block);
  EXPECT_EQ(good.status, 0) << good.output;
  EXPECT_EQ(good.output, "Signature Verified Successfully\n");
  std::string bent = checkpoint;
  bent[21] = '8';  // another size
  write(folder / "checkpoint", bent);
  EXPECT_NE(run_in(folder, vkey, block).status, 0);
}

TEST(Openssl, TheDocumentedCommandsGiveLeafHashAndCommitment) {
  Random random(1);
  SeededEntropy entropy(2);
  Composer composer(random, entropy);
  composer.begin();
  Draft draft;
  draft.type = std::string(event::kAccountCreated);
  draft.case_id = random.uuid();
  draft.actor = {ActorKind::kSystem, "engine"};
  draft.fields = {{"dn", json::Value("cn=Ren\xC3\xA9 \"R\" Ash,ou=People")}};
  const Record record = composer.compose(std::move(draft)).value();
  Folder folder;
  write(folder / "entry.json", record.leaf);
  write(folder / "value", record.openings[0].value);
  const Ran hash = run_in(folder, "", documented("One leaf's hash:"));
  EXPECT_EQ(hash.output, record.leaf_hash.base64() + "\n");
  const auto& salt = record.openings[0].salt;
  const std::string hex = to_hex({reinterpret_cast<const char*>(salt.data()), salt.size()});
  const Ran commitment = run_in(folder, "SALT=" + hex, documented("One commitment, given the opening"));
  EXPECT_EQ(commitment.output, parse_leaf(record.leaf).value().commitments.at("dn").base64() + "\n");
}

}  // namespace
}  // namespace tenure::evidence
