// Text at the level of bytes and code points. No locale anywhere.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tenure {

// Bytes of the code point that the text begins with (RFC 3629: no surrogates, no overlong forms, at most U+10FFFF);
// 0 = it begins with none, or is empty.
std::size_t utf8_length(std::string_view text);
bool is_utf8(std::string_view text);
// REQUIRES: a scalar value.
void append_utf8(std::string& out, std::uint32_t code_point);

std::string_view trim(std::string_view text);  // ASCII white space
std::vector<std::string> split(std::string_view text, char separator);
std::string join(const std::vector<std::string>& parts, std::string_view separator);
std::string ascii_lower(std::string_view text);  // A-Z only

// Edit distance at most `limit`, for "did you mean"; limit + 1 when it is more.
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit);
// The closest of the candidates, or "" when none is near.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace tenure
