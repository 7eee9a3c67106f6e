#include "time_text.hpp"

#include <array>
#include <chrono>
#include <cstdio>

namespace tenure::cel {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kFirst = -62135596800 * kSecond;     // 0001-01-01T00:00:00Z
constexpr std::int64_t kLast = 253402300800 * kSecond - 1;  // 9999-12-31T23:59:59.999999Z
constexpr std::int64_t kLongest = 315'576'000'000 * kSecond;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// ".5" of a second and the like, without trailing zeros; "" for none.
std::string fraction_text(std::int64_t micros) {
  if (micros == 0) return "";
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), ".%06d", static_cast<int>(micros));
  std::string out = text.data();
  while (out.back() == '0') out.pop_back();
  return out;
}

std::int64_t unit_micros(std::string_view unit) {
  if (unit == "h") return 3600 * kSecond;
  if (unit == "m") return 60 * kSecond;
  if (unit == "s") return kSecond;
  if (unit == "ms") return 1000;
  return unit == "us" ? 1 : 0;
}

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

}  // namespace

bool in_range(Time t) {
  return t.to_micros() >= kFirst && t.to_micros() <= kLast;
}
bool in_range(Duration d) {
  return d.to_micros() >= -kLongest && d.to_micros() <= kLongest;
}

std::optional<Time> parse_timestamp(std::string_view text) {
  // Time::parse also reads dates, a blank for the T, and leap seconds; CEL does not.
  if (text.size() < 20 || (text[10] != 'T' && text[10] != 't') || text.substr(17, 2) == "60") return std::nullopt;
  const auto time = Time::parse(text);
  if (!time || !in_range(*time)) return std::nullopt;
  return *time;
}

std::optional<Duration> parse_duration(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text == "0") return Duration();
  if (text.empty()) return std::nullopt;
  __int128 total = 0;
  while (!text.empty()) {
    __int128 number = 0;
    std::int64_t scale = 1;
    std::size_t i = 0, digits = 0;
    bool point = false;
    for (; i < text.size() && (is_digit(text[i]) || (text[i] == '.' && !point)); ++i) {
      if (text[i] == '.') {
        point = true;
        continue;
      }
      if (++digits > 18) return std::nullopt;
      number = number * 10 + (text[i] - '0');
      if (point) scale *= 10;
    }
    std::size_t end = i;
    while (end < text.size() && !is_digit(text[end]) && text[end] != '.') ++end;
    const std::int64_t unit = unit_micros(text.substr(i, end - i));
    if (digits == 0 || unit == 0 || number * unit % scale != 0) return std::nullopt;
    total += number * unit / scale;
    if (total > kLongest) return std::nullopt;
    text.remove_prefix(end);
  }
  return Duration::micros(static_cast<std::int64_t>(negative ? -total : total));
}

std::string timestamp_text(Time t) {
  const std::string full = t.to_rfc3339();  // 27 bytes
  return full.substr(0, 19) + fraction_text(t.to_micros() - floor_div(t.to_micros(), kSecond) * kSecond) + "Z";
}

std::string duration_text(Duration d) {
  const std::int64_t us = d.to_micros();
  const std::int64_t magnitude = us < 0 ? -us : us;
  return (us < 0 ? "-" : "") + std::to_string(magnitude / kSecond) + fraction_text(magnitude % kSecond) + "s";
}

std::optional<CivilTime> civil_time(Time t, std::string_view zone) {
  std::int64_t offset = 0;
  if (zone != "UTC") {
    const std::string signed_zone = "+" + std::string(zone);  // "02:00" is "+02:00", as the conformance tests have it
    if (zone.size() == 5) zone = signed_zone;
    if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':' || !is_digit(zone[1]) ||
        !is_digit(zone[2]) || !is_digit(zone[4]) || !is_digit(zone[5]))
      return std::nullopt;
    const std::int64_t h = (zone[1] - '0') * 10 + zone[2] - '0', m = (zone[4] - '0') * 10 + zone[5] - '0';
    if (h > 23 || m > 59) return std::nullopt;
    offset = (h * 3600 + m * 60) * (zone[0] == '-' ? -1 : 1);
  }
  const std::int64_t us = t.to_micros() + offset * kSecond;
  const std::int64_t days = floor_div(us, 86400 * kSecond), rest = us - days * 86400 * kSecond;
  const std::chrono::sys_days date{std::chrono::days(days)};
  const std::chrono::year_month_day ymd(date);
  CivilTime c;
  c.year = static_cast<int>(ymd.year());
  c.month = static_cast<std::int64_t>(static_cast<unsigned>(ymd.month())) - 1;
  c.day = static_cast<unsigned>(ymd.day());
  c.day_of_week = std::chrono::weekday(date).c_encoding();
  c.day_of_year = (date - std::chrono::sys_days(ymd.year() / std::chrono::January / 1)).count();
  c.hour = rest / (3600 * kSecond);
  c.minute = rest / (60 * kSecond) % 60;
  c.second = rest / kSecond % 60;
  c.millisecond = rest % kSecond / 1000;
  return c;
}

}  // namespace tenure::cel
