// Sealing, and what happens when it is cut short or an old copy is put back.
#include <gtest/gtest.h>

#include <stdlib.h>

#include <filesystem>

#include <tenure/base/file.hpp>
#include <tenure/evidence/proof.hpp>
#include <tenure/runtime/sealer.hpp>
#include <tenure/store_memory/memory_store.hpp>

namespace tenure::runtime {
namespace {

class SealerTest : public testing::Test {
 protected:
  SealerTest() {
    char pattern[] = "/tmp/tenure-sealer-XXXXXX";
    folder_ = ::mkdtemp(pattern);
    store_ = std::move(*store_memory::open(disk_, random_, entropy_));
    EXPECT_TRUE(init_log(folder_, "evidence.example", entropy_));
  }
  ~SealerTest() override { std::filesystem::remove_all(folder_); }

  void record(int count) {
    store::Batch batch;
    for (int i = 0; i < count; ++i) {
      evidence::Draft draft;
      draft.type = evidence::event::kReadCompleted;
      draft.time = Time::from_micros(1'800'000'000'000'000 + i);
      draft.actor = {evidence::ActorKind::kSystem, "reader"};
      draft.facts = {{"number", i}};
      batch.records.push_back(std::move(draft));
    }
    ASSERT_TRUE(store_->commit(batch));
  }

  Random random_{1};
  SeededEntropy entropy_{2};
  std::shared_ptr<store_memory::Disk> disk_ = store_memory::make_disk();
  std::unique_ptr<store::Store> store_;
  std::string folder_;
};

TEST_F(SealerTest, SealsWhatIsRecordedUnderASignatureThatVerifies) {
  record(300);
  auto sealer = Sealer::open(folder_, *store_);
  ASSERT_TRUE(sealer.has_value()) << sealer.error().to_string();
  auto checkpoint = (*sealer)->seal();
  ASSERT_TRUE(checkpoint.has_value()) << checkpoint.error().to_string();
  EXPECT_EQ(checkpoint->size, 300U);
  auto visible = evidence::open_checkpoint(*read_file(folder_ + "/log/checkpoint"), (*sealer)->key());
  ASSERT_TRUE(visible.has_value());
  EXPECT_EQ(*visible, *checkpoint);
  EXPECT_EQ(*evidence::read_root(300, evidence::make_hash_reader(300, (*sealer)->files())), checkpoint->root);
  EXPECT_EQ(*store_->evidence().sealed_count(), 300);
  EXPECT_TRUE(file_exists(folder_ + "/log/tile/0/000"));
  EXPECT_EQ((*sealer)->status()->unsealed, 0);

  record(10);
  auto more = (*sealer)->seal();
  ASSERT_TRUE(more.has_value());
  EXPECT_EQ(more->size, 310U);
  auto again = Sealer::open(folder_, *store_);
  ASSERT_TRUE(again.has_value()) << again.error().to_string();
  EXPECT_EQ((*again)->seal()->root, more->root);
}

TEST_F(SealerTest, KeyIsForItsOwnerOnly) {
  using std::filesystem::perms;
  EXPECT_EQ(std::filesystem::status(folder_ + "/key").permissions() & perms::all, perms::owner_read | perms::owner_write);
  std::filesystem::permissions(folder_ + "/key", perms::group_read, std::filesystem::perm_options::add);
  auto sealer = Sealer::open(folder_, *store_);
  ASSERT_FALSE(sealer.has_value());
  EXPECT_EQ(sealer.error().reason(), Reason::kKeyUnreadable);
  EXPECT_FALSE(init_log(folder_, "evidence.example", entropy_));
}

TEST_F(SealerTest, FinishesWhatACrashCutShort) {
  record(20);
  const std::string before = folder_ + "-before";
  std::filesystem::copy(folder_, before, std::filesystem::copy_options::recursive);
  ASSERT_TRUE((*Sealer::open(folder_, *store_))->seal());
  // As if the store had not been told and the checkpoint not been shown: the signature is there, the marks are not.
  auto disk = store_memory::make_disk();
  Random random(1);
  SeededEntropy entropy(2);
  (void)entropy.bytes32();  // the key was made from the same source
  auto fresh = std::move(*store_memory::open(disk, random, entropy));
  std::swap(store_, fresh);
  std::swap(disk_, disk);
  std::filesystem::copy_file(before + "/log/checkpoint", folder_ + "/log/checkpoint",
                             std::filesystem::copy_options::overwrite_existing);
  std::filesystem::remove_all(before);
  record(20);
  auto sealer = Sealer::open(folder_, *store_);
  ASSERT_TRUE(sealer.has_value()) << sealer.error().to_string();
  EXPECT_EQ(*store_->evidence().sealed_count(), 20);
  EXPECT_EQ(evidence::open_checkpoint(*read_file(folder_ + "/log/checkpoint"), (*sealer)->key())->size, 20U);
}

TEST_F(SealerTest, RefusesAnOldCopy) {
  record(5);
  ASSERT_TRUE((*Sealer::open(folder_, *store_))->seal());
  const std::string old = folder_ + "-old";
  std::filesystem::copy(folder_, old, std::filesystem::copy_options::recursive);
  record(5);
  ASSERT_TRUE((*Sealer::open(folder_, *store_))->seal());
  // The log's folder from yesterday beside today's store.
  auto behind = Sealer::open(old, *store_);
  ASSERT_FALSE(behind.has_value());
  EXPECT_EQ(behind.error().reason(), Reason::kLogBehind);
  std::filesystem::remove_all(old);
  // Yesterday's store beside today's log.
  auto empty = std::move(*store_memory::open(store_memory::make_disk(), random_, entropy_));
  auto lost = Sealer::open(folder_, *empty);
  ASSERT_FALSE(lost.has_value());
  EXPECT_EQ(lost.error().reason(), Reason::kLogBehind);
}

TEST_F(SealerTest, NoticesAFlippedByte) {
  record(5);
  ASSERT_TRUE((*Sealer::open(folder_, *store_))->seal());
  const std::string path = folder_ + "/log/tile/entries/000.p/5";
  std::string bytes = *read_file(path);
  bytes[40] = static_cast<char>(bytes[40] ^ 1);
  ASSERT_TRUE(write_file_atomic(path, bytes));
  auto sealer = Sealer::open(folder_, *store_);
  ASSERT_FALSE(sealer.has_value());
  EXPECT_EQ(sealer.error().reason(), Reason::kEvidenceBroken);
}

}  // namespace
}  // namespace tenure::runtime
