// Decimal numbers as the C2SP formats write them: digits only, no leading zero.
#pragma once

#include <charconv>
#include <cstdint>
#include <string_view>

namespace tenure::evidence {

inline bool read_decimal(std::string_view text, std::uint64_t max, std::uint64_t& out) {
  if (text.empty() || text.size() > 20 || (text.size() > 1 && text[0] == '0')) return false;
  if (text[0] < '0' || text[0] > '9') return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size() && out <= max;
}

}  // namespace tenure::evidence
