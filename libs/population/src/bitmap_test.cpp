#include <set>

#include <gtest/gtest.h>

#include <tenure/population/bitmap.hpp>

namespace tenure::population {
namespace {

std::set<std::size_t> members(const Bitmap& bitmap) {
  std::set<std::size_t> out;
  bitmap.for_each([&](std::size_t index) { out.insert(index); });
  return out;
}

TEST(Bitmap, BitsBeyondTheSizeStayZero) {
  for (const std::size_t size : {0U, 1U, 63U, 64U, 65U, 130U}) {
    Bitmap all(size, true);
    EXPECT_EQ(all.count(), size);
    EXPECT_EQ(all.invert().count(), 0U);
    EXPECT_TRUE(all.none());
    EXPECT_EQ(all.invert().count(), size);
    all.fill(false);
    all.fill(true);
    EXPECT_EQ(all, Bitmap(size, true));
    all.resize(size + 70);
    EXPECT_EQ(all.count(), size);
    all.fill(true);
    all.resize(size / 2);
    all.resize(200);
    EXPECT_EQ(all.count(), size / 2);
  }
}

TEST(Bitmap, IsASet) {
  Bitmap a(200), b(200);
  for (const std::size_t i : {0U, 63U, 64U, 199U}) a.set(i);
  for (const std::size_t i : {63U, 100U, 199U}) b.assign(i, true);
  EXPECT_EQ(members(a), (std::set<std::size_t>{0, 63, 64, 199}));
  EXPECT_EQ(members(Bitmap(a) &= b), (std::set<std::size_t>{63, 199}));
  EXPECT_EQ(members(Bitmap(a) |= b), (std::set<std::size_t>{0, 63, 64, 100, 199}));
  EXPECT_EQ(members(Bitmap(a).and_not(b)), (std::set<std::size_t>{0, 64}));
  a.reset(63);
  EXPECT_FALSE(a.test(63));
  EXPECT_TRUE(a.test(64));
}

}  // namespace
}  // namespace tenure::population
