#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <tenure/base/clock.hpp>
#include <tenure/base/file.hpp>
#include <tenure/store/testing/conformance.hpp>
#include <tenure/store_sqlite/sqlite_store.hpp>

namespace tenure::store_sqlite {
namespace {

class SqliteStoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/tenure-store-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  Result<std::unique_ptr<store::Store>> try_open(bool create = false) {
    return open({folder_, create}, random_, entropy_);
  }

  std::string folder_;
  Random random_{1};
  SeededEntropy entropy_{2};
};

TEST_F(SqliteStoreTest, Conforms) {
  const auto reopen = [&] { return try_open().value(); };
  {
    const auto store = try_open(true).value();
    store::testing::check_rows_and_versions(*store);
    store::testing::check_batches_are_atomic(*store);
    store::testing::check_queries(*store);
    store::testing::check_snapshots_stand_still(*store);
    store::testing::check_evidence_and_sealing(*store);
  }
  store::testing::check_reopening(reopen);
}

TEST_F(SqliteStoreTest, SaysWhatIsWrongWithTheFolder) {
  EXPECT_EQ(try_open().error().reason(), Reason::kNoState);
  {
    const auto store = try_open(true).value();
    const auto second = try_open();
    EXPECT_EQ(second.error().reason(), Reason::kStoreLocked);
    EXPECT_NE(second.error().message().find(std::to_string(getpid())), std::string::npos);
  }
  EXPECT_EQ(try_open(true).error().reason(), Reason::kStateExists);
  ASSERT_TRUE(write_file_atomic(folder_ + "/tenure.db", std::string(8192, 'x')));
  EXPECT_EQ(try_open().error().reason(), Reason::kStoreCorrupt);
}

// A child commits as fast as it can and reports each commit only after it returned; it is killed at a random moment.
// Everything reported must be there afterwards, and the chain must continue.
TEST_F(SqliteStoreTest, KeepsEverythingAcknowledgedThroughKill) {
  const std::string case_id = "0b9e6f4e-5f7b-4f0e-9c56-0d6f9a3a1c03";
  try_open(true).value().reset();
  Random random(static_cast<std::uint64_t>(make_system_clock()->now().to_micros()));
  for (int round = 0; round < 5; ++round) {
    int pipe_fds[2];
    ASSERT_EQ(pipe(pipe_fds), 0);
    const pid_t child = fork();
    if (child == 0) {
      auto store = try_open().value();
      for (std::int64_t n = 0;; ++n) {
        const auto committed =
            store->commit({{{store::Table::kMeta, "n", store::kAnyVersion, false, {}, std::to_string(n)}},
                           {store::testing::sample_draft(case_id, n)}});
        if (!committed) _exit(1);
        const std::int64_t sequence = committed->sequence;
        if (write(pipe_fds[1], &sequence, sizeof sequence) != sizeof sequence) _exit(1);
      }
    }
    close(pipe_fds[1]);
    std::int64_t acknowledged = 0, wanted = static_cast<std::int64_t>(20 + random.below(100));
    for (std::int64_t i = 0; i < wanted; ++i)
      ASSERT_EQ(read(pipe_fds[0], &acknowledged, sizeof acknowledged), static_cast<ssize_t>(sizeof acknowledged));
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    while (read(pipe_fds[0], &acknowledged, sizeof acknowledged) == static_cast<ssize_t>(sizeof acknowledged)) {
    }
    close(pipe_fds[0]);
    const auto store = try_open().value();
    EXPECT_GE(store->snapshot().value()->sequence(), acknowledged);
    EXPECT_EQ(store->evidence().record_count().value(), store->snapshot().value()->sequence());
    EXPECT_TRUE(store->commit({{}, {store::testing::sample_draft(case_id, 1)}}));
  }
}

}  // namespace
}  // namespace tenure::store_sqlite
