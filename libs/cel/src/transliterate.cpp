#include "transliterate_table.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include <tenure/cel/transliterate.hpp>

namespace tenure::cel {
namespace {

// The code point at `pos`, which moves past it.
std::uint32_t next_code_point(std::string_view text, std::size_t& pos) {
  const auto lead = static_cast<unsigned char>(text[pos++]);
  std::size_t more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
  std::uint32_t c = more == 0 ? lead : lead & (0x3FU >> more);
  for (; more > 0 && pos < text.size(); --more) c = c << 6 | (static_cast<unsigned char>(text[pos++]) & 0x3FU);
  return c;
}

bool is_combining(std::uint32_t c) {
  return (c >= 0x300 && c <= 0x36F) || (c >= 0x1AB0 && c <= 0x1AFF) || (c >= 0x20D0 && c <= 0x20FF);
}

}  // namespace

std::string ascii(std::string_view text) {
  std::string out;
  for (std::size_t pos = 0; pos < text.size();) {
    const std::uint32_t c = next_code_point(text, pos);
    if (c < 0x80) {
      out += static_cast<char>(c);
      continue;
    }
    const auto it = std::ranges::lower_bound(kTransliterations, c, {}, &Transliteration::code_point);
    if (it != kTransliterations.end() && it->code_point == c) {
      out += it->ascii;
    } else if (!is_combining(c)) {
      std::array<char, 12> hex{};
      std::snprintf(hex.data(), hex.size(), "%x", c);
      out += hex.data();
    }
  }
  return out;
}

std::string slug(std::string_view text) {
  std::string out;
  bool gap = false;
  for (char c : ascii(text)) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if ((c < 'a' || c > 'z') && (c < '0' || c > '9')) {
      gap = true;
      continue;
    }
    if (gap && !out.empty()) out += '-';
    gap = false;
    out += c;
  }
  return out;
}

}  // namespace tenure::cel
