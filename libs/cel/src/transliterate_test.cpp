#include "transliterate_table.hpp"

#include <gtest/gtest.h>

#include <tenure/base/hash.hpp>
#include <tenure/base/text.hpp>
#include <tenure/cel/transliterate.hpp>

namespace tenure::cel {
namespace {

TEST(Transliterate, Ascii) {
  const std::pair<const char*, const char*> kCases[] = {
      {"", ""},
      {"Ana Ash-3", "Ana Ash-3"},
      {"Łukasz Wałęsa", "Lukasz Walesa"},
      {"Đặng Thị Hường", "Dang Thi Huong"},
      {"Zoë Müller-Strauß", "Zoe Muller-Strauss"},
      {"Ångström Øst Æthel Œuvre Þór Ðan", "Angstrom Ost AEthel OEuvre Thor Dan"},
      {"Şeyma Iğdır İstanbul", "Seyma Igdir Istanbul"},
      {"Γιώργος Παπαδόπουλος", "Giorgos Papadopoylos"},
      {"Щукин Ёлкина Юрий", "Shchukin Elkina Iurii"},
      {"Їжак Ґудзь Ђорђе Љубица", "Izhak Gudz Djordje Ljubitsa"},
      {"e\xCC\x81", "e"},  // a combining acute vanishes
      {"O’Brien – “x”", "O'Brien - \"x\""},
      {"王小明", "738b5c0f660e"},  // no entry: the code points
      {"\xF0\x9F\x90\xB1", "1f431"},
      {"Ａｂ１", "Ab1"},
  };
  for (const auto& [text, wanted] : kCases) {
    EXPECT_EQ(ascii(text), wanted) << text;
    EXPECT_EQ(ascii(ascii(text)), ascii(text)) << text;
  }
}

TEST(Transliterate, Slug) {
  EXPECT_EQ(slug("Dr. Ana  O'Brien!"), "dr-ana-o-brien");
  EXPECT_EQ(slug("  --Łódź__7  "), "lodz-7");
  EXPECT_EQ(slug("---"), "");
  EXPECT_EQ(slug("王"), "738b");
}

// The table is part of the language: a change of an existing entry changes account names. Add, never change.
TEST(Transliterate, TableIsPinned) {
  std::string all;
  std::uint32_t before = 0x7F;
  for (const auto& [code_point, text] : kTransliterations) {
    EXPECT_GT(code_point, before);
    before = code_point;
    for (const char* c = text; *c != '\0'; ++c) EXPECT_TRUE(*c >= 0x20 && *c < 0x7F) << code_point;
    append_utf8(all, code_point);
    all += std::string("=") + text + "\n";
  }
  EXPECT_EQ(Digest::of(all).str(), "sha256:c33522453a95736a34b35e2afc130ec581a80188b79950688d906ad7c8dec456");
}

}  // namespace
}  // namespace tenure::cel
