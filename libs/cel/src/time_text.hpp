// Timestamps and durations as CEL writes them, in whole microseconds. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <tenure/base/time.hpp>

namespace tenure::cel {

// cel-spec: years 0001 to 9999; durations of at most 315,576,000,000 s.
bool in_range(Time t);
bool in_range(Duration d);

// RFC 3339 with "T" and an offset; nullopt also for more than six fractional digits and out of range.
std::optional<Time> parse_timestamp(std::string_view text);
// Signed sequence of numbers with units h, m, s, ms, us: "1h30m", "-1.5s".
std::optional<Duration> parse_duration(std::string_view text);
// "2023-02-03T23:31:20.5Z": as many fractional digits as needed.
std::string timestamp_text(Time t);
// "6347s", "-1.5s"
std::string duration_text(Duration d);

struct CivilTime {
  std::int64_t year = 0;
  std::int64_t month = 0;        // 0..11
  std::int64_t day = 0;          // of the month, 1..31
  std::int64_t day_of_week = 0;  // 0 = Sunday
  std::int64_t day_of_year = 0;  // 0..365
  std::int64_t hour = 0, minute = 0, second = 0, millisecond = 0;
};
// `zone` is "UTC" or a fixed offset "+05:30"; nullopt for anything else. Named zones need a database that changes from
// host to host, so that the same policy would decide differently: they are not supported.
std::optional<CivilTime> civil_time(Time t, std::string_view zone);

}  // namespace tenure::cel
