// The identity extension: names to ASCII, by a table pinned in this source, so that the bytes never depend on a locale,
// an ICU release or a compiler. docs/formats/cel.md has the rules. Pure; REQUIRES: valid UTF-8.
#pragma once

#include <string>
#include <string_view>

namespace tenure::cel {

// "Łukasz Đặng" -> "Lukasz Dang"; keeps case and ASCII; combining marks vanish; a character without an entry becomes
// its code point in lower-case hexadecimal ("王" -> "738b"), so that nothing is lost silently.
std::string ascii(std::string_view text);
// ascii(), lower case, every run of other characters than a-z and 0-9 one '-', none at the ends: "O'Brien" ->
// "o-brien".
std::string slug(std::string_view text);

}  // namespace tenure::cel
