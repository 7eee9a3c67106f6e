#include <string>
#include <unordered_map>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <tenure/population/dictionary.hpp>

namespace tenure::population {
namespace {

TEST(Dictionary, CodesFollowTheOrderOfArrival) {
  Dictionary dictionary;
  EXPECT_EQ(dictionary.find("a"), Dictionary::kNone);
  EXPECT_EQ(dictionary.intern("a"), 0U);
  EXPECT_EQ(dictionary.intern(""), 1U);
  EXPECT_EQ(dictionary.intern("a"), 0U);
  EXPECT_EQ(dictionary.intern(std::string_view("a\0", 2)), 2U);
  EXPECT_EQ(dictionary.find(""), 1U);
  EXPECT_EQ(dictionary.text(2), std::string_view("a\0", 2));
  EXPECT_EQ(dictionary.size(), 3U);
}

TEST(Dictionary, TextsOfEveryLengthComeBackAndStayWhereTheyAre) {
  Dictionary dictionary;
  std::vector<std::string> texts;
  std::vector<const char*> places;
  for (const std::size_t base : {0U, 4'000U, 65'500U, 1'048'500U, 3'000'000U})
    for (std::size_t more = 0; more < 80; ++more) {
      if (base == 3'000'000U && more > 2) break;
      std::string text(base + more, 'x');
      for (std::size_t i = 0; i < text.size(); i += 7) text[i] = static_cast<char>('a' + (i + more) % 26);
      texts.push_back(text);
      EXPECT_EQ(dictionary.intern(text), texts.size() - 1);
      places.push_back(dictionary.text(static_cast<Dictionary::Code>(texts.size() - 1)).data());
    }
  for (Dictionary::Code code = 0; code < texts.size(); ++code) {
    EXPECT_EQ(dictionary.text(code), texts[code]);
    EXPECT_EQ(dictionary.text(code).data(), places[code]);
    EXPECT_EQ(dictionary.find(texts[code]), code);
    std::string other = texts[code];
    if (other.empty()) continue;
    other[other.size() / 2] ^= 1;  // one bit differs
    EXPECT_EQ(dictionary.find(other), Dictionary::kNone);
  }
}

TEST(Dictionary, BatchesWithTextsThatRepeat) {
  Dictionary dictionary;
  const std::vector<std::string_view> texts = {"b", "a", "b", "c", "a"};
  std::vector<Dictionary::Code> codes(texts.size());
  dictionary.intern(texts, codes);
  EXPECT_EQ(codes, (std::vector<Dictionary::Code>{0, 1, 0, 2, 1}));
  const std::vector<std::string_view> asked = {"c", "z", "b"};
  codes.resize(3);
  dictionary.find(asked, codes);
  EXPECT_EQ(codes, (std::vector<Dictionary::Code>{2, Dictionary::kNone, 0}));
}

TEST(Dictionary, MovesWithEverything) {
  Dictionary from;
  from.intern("a");
  Dictionary to = std::move(from);
  EXPECT_EQ(to.text(0), "a");
  EXPECT_EQ(to.find("a"), 0U);
  from = Dictionary();
  EXPECT_EQ(from.intern("b"), 0U);
}

// Against a plain map: whatever comes one by one or in batches, of many sizes, with or without room reserved.
RC_GTEST_PROP(DictionaryProperty, EqualsAMap, ()) {
  Dictionary dictionary;
  if (*rc::gen::arbitrary<bool>()) dictionary.reserve(*rc::gen::inRange<std::size_t>(0, 2'000));
  std::unordered_map<std::string, Dictionary::Code> expected;
  const int rounds = *rc::gen::inRange(1, 6);
  for (int round = 0; round < rounds; ++round) {
    const auto numbers = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 3'000));
    std::vector<std::string> texts;
    for (const int n : numbers) texts.push_back(std::string(static_cast<std::size_t>(n % 40), 'p') + std::to_string(n));
    const std::vector<std::string_view> views(texts.begin(), texts.end());
    std::vector<Dictionary::Code> codes(texts.size()), found(texts.size());
    dictionary.find(views, found);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const auto it = expected.find(texts[i]);
      RC_ASSERT(found[i] == (it == expected.end() ? Dictionary::kNone : it->second));
      RC_ASSERT(found[i] == dictionary.find(texts[i]));
    }
    if (round % 2 == 0)
      dictionary.intern(views, codes);
    else
      for (std::size_t i = 0; i < texts.size(); ++i) codes[i] = dictionary.intern(views[i]);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const auto code = static_cast<Dictionary::Code>(expected.size());
      RC_ASSERT(codes[i] == expected.emplace(texts[i], code).first->second);
      RC_ASSERT(dictionary.text(codes[i]) == texts[i]);
    }
  }
  RC_ASSERT(dictionary.size() == expected.size());
}

TEST(Dictionary, GrowsToManyTexts) {
  Dictionary dictionary;
  for (int i = 0; i < 200'000; ++i) ASSERT_EQ(dictionary.intern("user" + std::to_string(i)), Dictionary::Code(i));
  dictionary.shrink();
  for (int i = 0; i < 200'000; ++i) ASSERT_EQ(dictionary.find("user" + std::to_string(i)), Dictionary::Code(i));
  EXPECT_LT(dictionary.bytes(), 200'000U * 30);
}

}  // namespace
}  // namespace tenure::population
