#include "commands/words.hpp"

#include "cli/output.hpp"

#include <algorithm>

namespace tenure::cli {

std::string thousands(std::int64_t number) {
  std::string text = std::to_string(number);
  const std::size_t first = number < 0 ? 1 : 0;
  for (std::size_t i = text.size(); i > first + 3; i -= 3) text.insert(i - 3, ",");
  return text;
}

std::string count_of(std::int64_t number, std::string_view one, std::string_view many) {
  const std::string plural = many.empty() ? std::string(one) + "s" : std::string(many);
  return thousands(number) + " " + (number == 1 ? std::string(one) : plural);
}

json::Value instant(Time time) {
  if (time == Time{} || time == Time::never()) return nullptr;
  return time.to_rfc3339();
}

std::string rough(Duration duration) {
  const std::int64_t seconds = duration.to_micros() / 1'000'000;
  if (seconds < 60) return std::to_string(seconds) + " s";
  if (seconds < 3600) return std::to_string(seconds / 60) + " min";
  if (seconds < 48 * 3600) return std::to_string(seconds / 3600) + " h";
  return std::to_string(seconds / 86400) + " d";
}

std::string when(Time time, Time now) {
  if (time == Time{}) return "-";
  if (time == Time::never()) return "never";
  const std::string text = time.to_rfc3339();
  const std::string relative = time <= now ? rough(now - time) + " ago" : "in " + rough(time - now);
  return text.substr(0, 10) + " " + text.substr(11, 5) + " UTC (" + relative + ")";
}

std::string aligned(const std::vector<std::pair<std::string, std::string>>& pairs) {
  std::size_t width = 0;
  for (const auto& [name, value] : pairs)
    if (!value.empty()) width = std::max(width, display_width(name));
  std::string out;
  for (const auto& [name, value] : pairs)
    if (!value.empty())
      out += "  " + name + std::string(width - display_width(name) + 2, ' ') + printable(value) + "\n";
  return out;
}

json::Array texts(const std::vector<std::string>& list) {
  return {list.begin(), list.end()};
}

}  // namespace tenure::cli
