#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include <tenure/base/file.hpp>
#include <tenure/runtime/sealer.hpp>
#include <tenure/store_memory/memory_store.hpp>

namespace tenure::runtime {
namespace {

namespace fs = std::filesystem;

class SealerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/tenure-sealer-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    folder_ = name;
    options_ = {folder_ + "/log", folder_ + "/keys", "tenure.test/log"};
    store_ = store_memory::open(disk_, random_, entropy_).value();
  }
  void TearDown() override { fs::remove_all(folder_); }

  void add(int n) {
    store::Batch batch;
    for (int i = 0; i < n; ++i) {
      evidence::Draft draft;
      draft.type = "read.completed";
      draft.time = Time::from_micros(1'795'000'000'000'000 + i);
      draft.actor = {evidence::ActorKind::kSystem, "reader"};
      batch.records.push_back(std::move(draft));
    }
    ASSERT_TRUE(store_->commit(batch));
  }
  Result<std::unique_ptr<Sealer>> open() { return Sealer::open(*store_, options_, entropy_); }

  std::string folder_;
  SealerOptions options_;
  Random random_{1};
  SeededEntropy entropy_{2};
  std::shared_ptr<store_memory::Disk> disk_ = store_memory::make_disk();
  std::unique_ptr<store::Store> store_;
};

TEST_F(SealerTest, SealsWhatWasRecordedAndGoesOnAfterReopening) {
  add(300);
  EXPECT_EQ(open().value()->seal().value().records, 300);
  add(5);
  const auto sealed = open().value()->seal().value();
  EXPECT_EQ(sealed.records, 5);
  EXPECT_EQ(sealed.size, 305);
  EXPECT_EQ(leaf_hashes(options_).value().size(), 305U);
  EXPECT_EQ(store_->evidence().sealed_count().value(), 305);
  EXPECT_EQ(fs::status(options_.key_folder + "/log.key").permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

// The crash between the visible checkpoint and the store's marks: the log is ahead by exactly the store's next records.
TEST_F(SealerTest, MarksWhatWasSignedBeforeACrash) {
  add(10);
  ASSERT_TRUE(open().value()->seal());
  // The same records in a store that never heard of the sealing.
  const auto fresh = store_memory::make_disk();
  Random random(1);
  SeededEntropy entropy(2);
  store_ = store_memory::open(fresh, random, entropy).value();
  add(10);
  ASSERT_TRUE(open());
  EXPECT_EQ(store_->evidence().sealed_count().value(), 10);
}

TEST_F(SealerTest, RefusesAnOldBackupOfTheLogAndOfTheStore) {
  add(10);
  ASSERT_TRUE(open().value()->seal());
  fs::copy(options_.log_folder, folder_ + "/old", fs::copy_options::recursive);
  fs::copy(options_.key_folder, folder_ + "/old_keys", fs::copy_options::recursive);
  add(10);
  ASSERT_TRUE(open().value()->seal());
  fs::remove_all(options_.log_folder);
  fs::rename(folder_ + "/old", options_.log_folder);
  EXPECT_EQ(open().error().reason(), Reason::kEvidenceBroken);  // the mark remembers more than the files hold
  fs::remove_all(options_.key_folder);
  fs::rename(folder_ + "/old_keys", options_.key_folder);
  EXPECT_EQ(open().error().reason(), Reason::kLogBehind);  // the store remembers more than the mark
}

TEST_F(SealerTest, NeverSignsOverAChangedFile) {
  add(300);
  ASSERT_TRUE(open().value()->seal());
  const std::string tile = options_.log_folder + "/tile/0/001.p/44";
  std::string bytes = read_file(tile).value();
  bytes[5] = static_cast<char>(bytes[5] ^ 1);
  ASSERT_TRUE(write_file_atomic(tile, bytes));
  EXPECT_EQ(open().error().reason(), Reason::kEvidenceBroken);
}

TEST_F(SealerTest, DoesNotMakeANewKeyForALogThatWasSigned) {
  add(1);
  ASSERT_TRUE(open().value()->seal());
  fs::remove(options_.key_folder + "/log.key");
  EXPECT_EQ(open().error().reason(), Reason::kKeyUnreadable);
}

}  // namespace
}  // namespace tenure::runtime
