#include <gtest/gtest.h>

#include <tenure/cel/parse.hpp>

namespace tenure::cel {
namespace {

std::string printed(std::string_view text) {
  Diagnostics diagnostics;
  const auto ast = parse(Source{text, {}, 0}, diagnostics);
  return ast ? print(*ast) : diagnostics.to_error().to_string();
}

TEST(Parse, CanonicalText) {
  const std::pair<const char*, const char*> kCases[] = {
      {"a&&(b&&c)", "a && b && c"},
      {"(a||b)&&c", "(a || b) && c"},
      {"a || (b && c)", "a || b && c"},
      {"(a + b) * c - (d - e)", "(a + b) * c - (d - e)"},
      {"a - b - c", "a - b - c"},
      {"(a == b) == c", "a == b == c"},
      {"a == (b == c)", "a == (b == c)"},
      {"a ? b : (c ? d : e)", "a ? b : c ? d : e"},
      {"(a ? b : c) ? d : e", "(a ? b : c) ? d : e"},
      {"- 1", "-1"},
      {"-(1)", "-(1)"},
      {"--x", "--x"},
      {"!(-x)", "!(-x)"},
      {"(-1).foo()", "(-1).foo()"},
      {"-(1.foo())", "-(1.foo())"},
      {"'a\\'b' + r'\\n' // why\n", "\"a'b\" + \"\\\\n\""},
      {"b'\\xff\\n'", "b\"\\xff\\n\""},
      {"0x1F + 2u + 1e3", "31 + 2u + 1000.0"},
      {"x.`content-type`", "x.`content-type`"},
      {"has( a . b )", "has(a.b)"},
      {"[1,2,].map(x, x>1, x*2)", "[1, 2].map(x, x > 1, x * 2)"},
      {"{'a':1,}", "{\"a\": 1}"},
      {"[3].existsOne(i, v, i == v)", "[3].exists_one(i, v, i == v)"},
      {".a.b(c)[0]", ".a.b(c)[0]"},
      {"-9223372036854775808", "-9223372036854775808"},
  };
  for (const auto& [text, wanted] : kCases) {
    EXPECT_EQ(printed(text), wanted) << text;
  }
}

TEST(Parse, ErrorsHaveAPlace) {
  struct Case {
    const char* text;
    std::uint32_t line, column;
    Reason reason;
  };
  const Case kCases[] = {
      {"", 1, 1, Reason::kCelSyntax},
      {"a +", 1, 4, Reason::kCelSyntax},
      {"a\n  + + b", 2, 5, Reason::kCelSyntax},
      {"'é' + )", 1, 7, Reason::kCelSyntax},
      {"a && \n 'open", 2, 7, Reason::kCelSyntax},
      {"if", 1, 1, Reason::kCelSyntax},
      {"M{f: 1}", 1, 2, Reason::kCelSyntax},
      {"has(a)", 1, 1, Reason::kCelSyntax},
      {"[1].all(1, true)", 1, 9, Reason::kCelSyntax},
      {"9223372036854775808", 1, 1, Reason::kCelSyntax},
      {"99999999999999999999", 1, 1, Reason::kCelSyntax},
      {"1e999", 1, 1, Reason::kCelSyntax},
      {"-!x", 1, 2, Reason::kCelSyntax},
      {"'\\q'", 1, 3, Reason::kCelSyntax},
      {"'\\ud800'", 1, 8, Reason::kCelSyntax},
      {"b'\\u0041'", 1, 4, Reason::kCelSyntax},
      {"a b", 1, 3, Reason::kCelSyntax},
      {"1abc", 1, 1, Reason::kCelSyntax},
      {"a == $", 1, 6, Reason::kCelSyntax},
      {"\x01", 1, 1, Reason::kCelSyntax},
      {"'\xff'", 1, 1, Reason::kCelSyntax},
  };
  for (const auto& c : kCases) {
    Diagnostics diagnostics;
    EXPECT_FALSE(parse(Source{c.text, {"f.yaml", 1, 1}, 0}, diagnostics)) << c.text;
    ASSERT_EQ(diagnostics.error_count(), 1U) << c.text;
    const Diagnostic d = diagnostics.sorted()[0];
    EXPECT_EQ(d.place, (Place{"f.yaml", c.line, c.column})) << c.text << ": " << d.summary;
    EXPECT_EQ(d.reason, c.reason) << c.text;
  }
}

TEST(Parse, PlacesAreThoseOfTheDocument) {
  Diagnostics diagnostics;
  EXPECT_FALSE(parse(Source{"a &&\nb +", {"roles/r.yaml", 12, 9}, 6}, diagnostics));
  EXPECT_EQ(diagnostics.sorted()[0].place, (Place{"roles/r.yaml", 13, 10}));
}

TEST(Parse, NestingAndSizeAreBounded) {
  const auto reason = [](const std::string& text) {
    Diagnostics diagnostics;
    return parse(Source{text, {}, 0}, diagnostics) ? std::optional<Reason>() : diagnostics.sorted()[0].reason;
  };
  const auto repeated = [](const std::string& part, int n) {
    std::string out;
    for (int i = 0; i < n; ++i) out += part;
    return out;
  };
  for (const char* open : {"(", "[", "-", "!", "{1:", "f(", "a ? b : ", "a["}) {
    EXPECT_EQ(reason(repeated(open, 20'000 / static_cast<int>(std::string(open).size()))), Reason::kCelLimit) << open;
  }
  for (const char* chain : {"+a", ".a", "==a", "[0]"})
    EXPECT_EQ(reason("a" + repeated(chain, 1000)), Reason::kCelLimit) << chain;
  EXPECT_EQ(reason("a" + repeated("&&a", 1000)), std::nullopt);  // flat, whatever its length
  EXPECT_EQ(reason("[" + repeated("1,", 9000) + "]"), Reason::kCelLimit);
  EXPECT_EQ(reason(std::string(40'000, ' ')), Reason::kCelLimit);
  EXPECT_EQ(reason(repeated("(", 100) + "a" + repeated(")", 100)), std::nullopt);
}

TEST(Parse, SameExpressionTellsTreesApart) {
  Diagnostics diagnostics;
  const auto tree = [&](std::string_view text) { return *parse(Source{text, {}, 0}, diagnostics); };
  EXPECT_TRUE(same_expression(tree("a + b * c"), tree("a+(b*c)")));
  EXPECT_FALSE(same_expression(tree("a + b * c"), tree("(a + b) * c")));
  EXPECT_FALSE(same_expression(tree("1"), tree("1u")));
  EXPECT_FALSE(same_expression(tree("0.0"), tree("-0.0")));
  EXPECT_FALSE(same_expression(tree("a.b"), tree("has(a.b)")));
}

}  // namespace
}  // namespace tenure::cel
