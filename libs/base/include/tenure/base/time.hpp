// Time as values: int64 microseconds since 1970-01-01T00:00:00Z without leap seconds. No clock is read here; "now" is
// always an argument, and Clock (clock.hpp) is given to the few places at the edge that may ask.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include <tenure/base/error.hpp>

namespace tenure {

class Duration {
 public:
  constexpr Duration() = default;
  static constexpr Duration micros(std::int64_t n) { return Duration(n); }
  static constexpr Duration millis(std::int64_t n) { return Duration(n * 1000); }
  static constexpr Duration seconds(std::int64_t n) { return Duration(n * 1'000'000); }
  static constexpr Duration minutes(std::int64_t n) { return seconds(n * 60); }
  static constexpr Duration hours(std::int64_t n) { return seconds(n * 3600); }
  static constexpr Duration days(std::int64_t n) { return seconds(n * 86400); }
  constexpr std::int64_t to_micros() const { return us_; }
  constexpr double to_seconds() const { return static_cast<double>(us_) / 1e6; }
  friend constexpr auto operator<=>(const Duration&, const Duration&) = default;
  friend constexpr Duration operator+(Duration a, Duration b) { return Duration(a.us_ + b.us_); }
  friend constexpr Duration operator-(Duration a, Duration b) { return Duration(a.us_ - b.us_); }
  friend constexpr Duration operator*(Duration a, std::int64_t n) { return Duration(a.us_ * n); }
  // "90d", "12h", "30m", "45s", "250ms"; also ISO 8601 is refused on purpose: one spelling.
  static Result<Duration> parse(std::string_view text);
  // Largest unit that divides it: "180d", "36h", "1500ms".
  std::string to_string() const;

 private:
  constexpr explicit Duration(std::int64_t us) : us_(us) {}
  std::int64_t us_ = 0;
};

class Time {
 public:
  constexpr Time() = default;  // the epoch
  static constexpr Time from_micros(std::int64_t us) { return Time(us); }
  static constexpr Time never() { return Time(std::numeric_limits<std::int64_t>::max()); }
  constexpr std::int64_t to_micros() const { return us_; }
  friend constexpr auto operator<=>(const Time&, const Time&) = default;
  friend constexpr Time operator+(Time t, Duration d) { return Time(t.us_ + d.to_micros()); }
  friend constexpr Time operator-(Time t, Duration d) { return Time(t.us_ - d.to_micros()); }
  friend constexpr Duration operator-(Time a, Time b) { return Duration::micros(a.us_ - b.us_); }

  // RFC 3339 with an offset, 0 to 6 fractional digits; or a date "2026-11-20", which is its first instant in UTC.
  static Result<Time> parse(std::string_view text);
  // "2026-11-20T09:12:00.000000Z", always 27 bytes for years 0000..9999.
  std::string to_rfc3339() const;
  // "2026-11-20"
  std::string to_date() const;

 private:
  constexpr explicit Time(std::int64_t us) : us_(us) {}
  std::int64_t us_ = 0;
};

}  // namespace tenure
