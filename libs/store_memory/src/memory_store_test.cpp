#include <gtest/gtest.h>

#include <tenure/store/testing/conformance.hpp>
#include <tenure/store_memory/memory_store.hpp>

namespace tenure::store_memory {
namespace {

TEST(MemoryStore, Conforms) {
  Random random(1);
  SeededEntropy entropy(2);
  const auto disk = make_disk();
  const auto reopen = [&] { return open(disk, random, entropy).value(); };
  {
    const auto store = reopen();
    store::testing::check_rows_and_versions(*store);
    store::testing::check_batches_are_atomic(*store);
    store::testing::check_queries(*store);
    store::testing::check_snapshots_stand_still(*store);
    store::testing::check_evidence_and_sealing(*store);
  }
  store::testing::check_reopening(reopen);
}

}  // namespace
}  // namespace tenure::store_memory
