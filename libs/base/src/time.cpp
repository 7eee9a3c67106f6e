#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>

#include <tenure/base/time.hpp>

namespace tenure {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t us;
};
constexpr std::array<Unit, 5> kUnits = {
    {{"d", 86'400'000'000}, {"h", 3'600'000'000}, {"m", 60'000'000}, {"s", 1'000'000}, {"ms", 1'000}}};

// Reads exactly `digits` decimal digits at `pos`.
bool read_digits(std::string_view text, std::size_t pos, std::size_t digits, int& out) {
  if (pos + digits > text.size()) return false;
  out = 0;
  for (std::size_t i = pos; i < pos + digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    out = out * 10 + (text[i] - '0');
  }
  return true;
}

std::unexpected<Error> bad_time(std::string_view text) {
  return fail(Reason::kTimeSyntax, "\"" + std::string(text.substr(0, 64)) + "\" is not a date or an RFC 3339 instant");
}

bool read_date(std::string_view text, std::int64_t& days) {
  int y = 0, m = 0, d = 0;
  if (!read_digits(text, 0, 4, y) || text.size() < 10 || text[4] != '-' || !read_digits(text, 5, 2, m) ||
      text[7] != '-' || !read_digits(text, 8, 2, d))
    return false;
  const std::chrono::year_month_day ymd{std::chrono::year(y), std::chrono::month(static_cast<unsigned>(m)),
                                        std::chrono::day(static_cast<unsigned>(d))};
  if (!ymd.ok()) return false;
  days = std::chrono::sys_days(ymd).time_since_epoch().count();
  return true;
}

// After the seconds: optional fraction, then Z or an offset. Returns false on anything else.
bool read_fraction_and_zone(std::string_view rest, std::int64_t& micros, std::int64_t& offset_s) {
  micros = 0;
  std::size_t pos = 0;
  if (pos < rest.size() && rest[pos] == '.') {
    std::int64_t scale = 100'000;
    std::size_t digits = 0;
    for (++pos; pos < rest.size() && rest[pos] >= '0' && rest[pos] <= '9'; ++pos, ++digits) {
      micros += (rest[pos] - '0') * scale;
      scale /= 10;
    }
    if (digits == 0 || digits > 6) return false;
  }
  if (pos >= rest.size()) return false;
  if ((rest[pos] == 'Z' || rest[pos] == 'z') && pos + 1 == rest.size()) {
    offset_s = 0;
    return true;
  }
  int h = 0, m = 0;
  const char sign = rest[pos];
  if ((sign != '+' && sign != '-') || !read_digits(rest, pos + 1, 2, h) || pos + 6 != rest.size() ||
      rest[pos + 3] != ':' || !read_digits(rest, pos + 4, 2, m) || h > 23 || m > 59)
    return false;
  offset_s = (sign == '-' ? -1 : 1) * (std::int64_t{h} * 3600 + std::int64_t{m} * 60);
  return true;
}

}  // namespace

Result<Duration> Duration::parse(std::string_view text) {
  std::int64_t n = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), n);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (ec == std::errc() && n >= 0) {
    for (const auto& u : kUnits)
      if (unit == u.name && n <= std::numeric_limits<std::int64_t>::max() / u.us) return Duration::micros(n * u.us);
  }
  return fail(Reason::kTimeSyntax, "\"" + std::string(text.substr(0, 64)) + "\" is not a duration");
}

std::string Duration::to_string() const {
  if (us_ == 0) return "0s";
  for (const auto& u : kUnits)
    if (us_ % u.us == 0) return std::to_string(us_ / u.us) + std::string(u.name);
  return std::to_string(us_) + "us";
}

Result<Time> Time::parse(std::string_view text) {
  std::int64_t days = 0;
  if (!read_date(text, days)) return bad_time(text);
  if (text.size() == 10) return Time::from_micros(days * 86'400'000'000);
  int h = 0, m = 0, s = 0;
  if (text.size() < 20 || (text[10] != 'T' && text[10] != 't' && text[10] != ' ') || !read_digits(text, 11, 2, h) ||
      text[13] != ':' || !read_digits(text, 14, 2, m) || text[16] != ':' || !read_digits(text, 17, 2, s) || h > 23 ||
      m > 59 || s > 60)
    return bad_time(text);
  std::int64_t micros = 0, offset = 0;
  if (!read_fraction_and_zone(text.substr(19), micros, offset)) return bad_time(text);
  return Time::from_micros((days * 86400 + std::int64_t{h} * 3600 + std::int64_t{m} * 60 + s - offset) * 1'000'000 +
                           micros);
}

std::string Time::to_date() const {
  return to_rfc3339().substr(0, 10);
}

std::string Time::to_rfc3339() const {
  std::int64_t secs = us_ / 1'000'000, micros = us_ % 1'000'000;
  if (micros < 0) {
    micros += 1'000'000;
    --secs;
  }
  std::int64_t days = secs / 86400, rest = secs % 86400;
  if (rest < 0) {
    rest += 86400;
    --days;
  }
  const std::chrono::year_month_day ymd{std::chrono::sys_days(std::chrono::days(days))};
  const int year = static_cast<int>(ymd.year());
  if (year < 0 || year > 9999) {  // no instant of ours; still printed in a way that shows what it is
    std::array<char, 64> out{};
    std::snprintf(out.data(), out.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ", year,
                  static_cast<unsigned>(ymd.month()), static_cast<unsigned>(ymd.day()), static_cast<int>(rest / 3600),
                  static_cast<int>(rest / 60 % 60), static_cast<int>(rest % 60), static_cast<int>(micros));
    return out.data();
  }
  std::string out = "0000-00-00T00:00:00.000000Z";
  const auto put = [&out](std::size_t end, std::size_t digits, std::int64_t value) {
    for (; digits > 0; --digits, value /= 10) out[--end] = static_cast<char>('0' + value % 10);
  };
  put(4, 4, year);
  put(7, 2, static_cast<unsigned>(ymd.month()));
  put(10, 2, static_cast<unsigned>(ymd.day()));
  put(13, 2, rest / 3600);
  put(16, 2, rest / 60 % 60);
  put(19, 2, rest % 60);
  put(26, 6, micros);
  return out;
}

}  // namespace tenure
