#include <gtest/gtest.h>

#include <tenure/base/json.hpp>
#include <tenure/base/json_scanner.hpp>

namespace tenure::json {
namespace {

TEST(Scanner, WalksADocumentInItsOrder) {
  Scanner scan(R"({"a":[1,-2,3],"b":{"x":"q\"\u00e9","y":null},"c":true,"d":[],"e":[{"k":"]"},2]})");
  std::vector<std::int64_t> numbers;
  std::string keys;
  std::string text;
  std::string rest;
  bool flag = false;
  for (bool more = scan.open('{'); more; more = scan.next('}')) {
    const std::string key(scan.key());
    keys += key;
    if (key == "a") {
      for (bool one = scan.open('['); one; one = scan.next(']')) numbers.push_back(scan.integer());
    } else if (key == "b") {
      for (bool one = scan.open('{'); one; one = scan.next('}'))
        if (scan.key() == "x")
          text = scan.text();
        else
          EXPECT_TRUE(scan.null());
    } else if (key == "c") {
      flag = scan.boolean();
    } else {
      rest += scan.value();
    }
  }
  EXPECT_FALSE(scan.failed());
  EXPECT_TRUE(scan.at_end());
  EXPECT_EQ(keys, "abcde");
  EXPECT_EQ(numbers, (std::vector<std::int64_t>{1, -2, 3}));
  EXPECT_EQ(text, "q\"\u00e9");
  EXPECT_TRUE(flag);
  EXPECT_EQ(rest, R"([][{"k":"]"},2])");
}

// Cut anywhere, or with any byte changed, it ends: it fails, or it reads something else, but nothing past the end.
TEST(Scanner, EndsOnAnyDamage) {
  const std::string whole = R"({"a":[1,"x\\\"",{"b":null}],"c":false})";
  const auto walk = [](std::string_view text) {
    Scanner scan(text);
    for (bool more = scan.open('{'); more; more = scan.next('}')) {
      scan.key();
      scan.value();
    }
    return !scan.failed() && scan.at_end();
  };
  EXPECT_TRUE(walk(whole));
  for (std::size_t length = 0; length < whole.size(); ++length)
    EXPECT_FALSE(walk(std::string_view(whole).substr(0, length))) << length;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string damaged = whole;
    damaged[i] = '}';
    walk(damaged);
  }
}

TEST(Scanner, SaysWhenSomethingElseIsThere) {
  for (const char* text : {"", "x", "tru", "\"open", "{\"a\"", "-"}) {
    Scanner scan(text);
    scan.integer();
    EXPECT_TRUE(scan.failed()) << text;
    Scanner other(text);
    other.boolean();
    EXPECT_TRUE(other.failed()) << text;
  }
  for (const char* text : {"]", ",", ":1"}) {
    Scanner wrong(text);
    wrong.value();
    EXPECT_TRUE(wrong.failed()) << text;
  }
}

}  // namespace
}  // namespace tenure::json
