#include <atomic>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include <tenure/base/workers.hpp>

namespace tenure {
namespace {

TEST(Workers, DoEveryPieceOnce) {
  for (const unsigned threads : {0U, 1U, 2U, 5U}) {
    const auto workers = make_workers(threads);
    EXPECT_EQ(workers->count(), std::max(threads, 1U));
    for (const std::size_t pieces : {0U, 1U, 3U, 1000U}) {
      std::vector<std::atomic<int>> done(pieces);
      workers->run(pieces, [&](std::size_t i) { ++done[i]; });
      for (const auto& count : done) EXPECT_EQ(count.load(), 1);
    }
  }
}

TEST(Workers, PartsCoverTheWhole) {
  const auto workers = make_workers(3);
  for (const std::size_t size : {0U, 1U, 10U, 1001U}) {
    std::vector<std::atomic<int>> done(size);
    std::atomic<int> parts = 0;
    in_parts(*workers, size, 10, [&](std::size_t begin, std::size_t end) {
      ++parts;
      for (std::size_t i = begin; i < end; ++i) ++done[i];
    });
    for (const auto& count : done) EXPECT_EQ(count.load(), 1);
    EXPECT_EQ(parts.load(), size < 20 ? 1 : 3);
  }
  int calls = 0;
  in_parts(own_thread(), 1000, 1, [&](std::size_t begin, std::size_t end) {
    ++calls;
    EXPECT_EQ(end - begin, 1000U);
  });
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace tenure
