#include "kept_records.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include <tenure/base/clock.hpp>
#include <tenure/store_memory/memory_store.hpp>

namespace tenure::app {
namespace {

std::string text_of(int number, const std::string& name) {
  return R"(["K)" + std::to_string(number) + R"(",")" + name + R"(",null])";
}

source::Kept kept_of(int records) {
  source::Kept kept;
  kept.file = "hr.csv";
  kept.digest = "sha256:1";
  kept.columns = {"id", "name", "end"};
  kept.feed_columns = {"end", "id", "name"};
  for (int i = 0; i < records; ++i) kept.put(kept.intern("K\"" + std::to_string(i)), text_of(i, "Anna"), 7);
  return kept;
}

std::size_t blocks_written(const store::Batch& batch) {
  return static_cast<std::size_t>(std::count_if(batch.writes.begin(), batch.writes.end(),
                                                [](const auto& write) { return write.id.find('/') != write.id.npos; }));
}

class KeptRecords : public ::testing::Test {
 protected:
  store::Batch save(const source::Kept& kept, std::size_t blocks, const std::set<std::string>& touched) {
    store::Batch batch;
    write_records("hr", kept, blocks, touched, batch);
    EXPECT_TRUE(store_->commit(batch));
    return batch;
  }
  StoredRecords load() {
    const auto snapshot = store_->snapshot();
    auto stored = load_records(**snapshot, "hr");
    EXPECT_TRUE(stored && *stored) << (stored ? "none" : stored.error().to_string());
    return std::move(**stored);
  }
  void expect_same(const source::Kept& a, const source::Kept& b) {
    EXPECT_EQ(a.columns, b.columns);
    EXPECT_EQ(a.feed_columns, b.feed_columns);
    EXPECT_EQ(a.digest, b.digest);
    ASSERT_EQ(a.size(), b.size());
    for (source::Kept::Code code = 0; code < a.codes(); ++code)
      if (a.present(code)) {
        const auto other = b.find(a.key(code));
        ASSERT_NE(other, source::Kept::kNone);
        EXPECT_EQ(a.text(code), b.text(other));
      }
  }

  Random random_{1};
  SeededEntropy entropy_{2};
  const std::unique_ptr<store::Store> store_ =
      std::move(*store_memory::open(store_memory::make_disk(), random_, entropy_));
};

TEST_F(KeptRecords, ComeBackAndAHundredthRewritesFewBlocks) {
  source::Kept kept = kept_of(4'000);
  save(kept, 0, {});
  StoredRecords stored = load();
  expect_same(kept, stored.kept);
  EXPECT_EQ(stored.blocks, 256U);
  // One is different, one is gone, one is new.
  std::set<std::string> touched = {"K\"5", "K\"6", "new"};
  kept.put(kept.find("K\"5"), text_of(5, "Bo"), 1);
  kept.erase(kept.find("K\"6"));
  kept.put(kept.intern("new"), text_of(9'999, "Cy"), 2);
  EXPECT_LE(blocks_written(save(kept, stored.blocks, touched)), 3U);
  expect_same(kept, load().kept);
  expect_same(load().kept, kept);
}

TEST_F(KeptRecords, AreLaidOutAnewWhenTheyBecomeManyOrFew) {
  save(kept_of(100), 0, {});
  const std::size_t few = load().blocks;
  const source::Kept many = kept_of(4'000);
  save(many, few, {});
  EXPECT_GT(load().blocks, few * 4);
  expect_same(many, load().kept);
  source::Kept less = kept_of(100);
  save(less, load().blocks, {});
  EXPECT_EQ(load().blocks, few);
  expect_same(less, load().kept);
}

TEST_F(KeptRecords, ABrokenRowIsNoRecord) {
  save(kept_of(40), 0, {});
  store::Batch batch;
  batch.writes.push_back(
      {store::Table::kSourceRecord, "hr/000001", store::kAnyVersion, false, {"hr", "", 0}, R"([["K",["a"]],["L")"});
  ASSERT_TRUE(store_->commit(batch));
  const auto snapshot = store_->snapshot();
  const auto stored = load_records(**snapshot, "hr");
  ASSERT_FALSE(stored);
  EXPECT_EQ(stored.error().reason(), Reason::kStoreCorrupt);
  EXPECT_FALSE(*load_records(**snapshot, "none"));
}

}  // namespace
}  // namespace tenure::app
