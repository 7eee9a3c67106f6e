#include "commands/words.hpp"

#include <gtest/gtest.h>

namespace tenure::cli {
namespace {

TEST(Words, Counts) {
  EXPECT_EQ(thousands(0), "0");
  EXPECT_EQ(thousands(999), "999");
  EXPECT_EQ(thousands(1000), "1,000");
  EXPECT_EQ(thousands(1234567), "1,234,567");
  EXPECT_EQ(thousands(-1234), "-1,234");
  EXPECT_EQ(thousands(-123), "-123");
  EXPECT_EQ(count_of(1, "plan"), "1 plan");
  EXPECT_EQ(count_of(0, "plan"), "0 plans");
  EXPECT_EQ(count_of(2000, "person", "people"), "2,000 people");
}

TEST(Words, Instants) {
  const Time now = Time::parse("2026-11-20T09:12:00Z").value();
  EXPECT_EQ(when(now - Duration::minutes(4), now), "2026-11-20 09:08 UTC (4 min ago)");
  EXPECT_EQ(when(now + Duration::days(3), now), "2026-11-23 09:12 UTC (in 3 d)");
  EXPECT_EQ(when(Time{}, now), "-");
  EXPECT_EQ(when(Time::never(), now), "never");
  EXPECT_TRUE(instant(Time{}).is_null());
  EXPECT_TRUE(instant(Time::never()).is_null());
  EXPECT_EQ(instant(now).as_string(), "2026-11-20T09:12:00.000000Z");
}

TEST(Words, AlignedLeavesOutWhatHasNoValue) {
  EXPECT_EQ(aligned({{"name", "a"}, {"nothing at all", ""}, {"田中", "b\x1b"}}), "  name  a\n  田中  b\\x1b\n");
}

}  // namespace
}  // namespace tenure::cli
