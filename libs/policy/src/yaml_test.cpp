#include "yaml.hpp"

#include <gtest/gtest.h>

namespace tenure::policy {
namespace {

std::vector<YamlNode> parse(std::string_view text, Diagnostics& diagnostics) {
  return parse_yaml("a.yaml", text, diagnostics);
}

TEST(Yaml, PlacesCountCharactersFromOne) {
  Diagnostics diagnostics;
  const auto documents = parse("žluť: { a: 'b', c: d }\nlist:\n  - one\n  - \"two\"\n", diagnostics);
  ASSERT_EQ(documents.size(), 1U);
  EXPECT_FALSE(diagnostics.has_errors());
  const YamlNode& flow = *documents[0].find("žluť");
  EXPECT_EQ(flow.place, (Place{"a.yaml", 1, 7}));
  EXPECT_EQ(flow.find("a")->place, (Place{"a.yaml", 1, 13})) << "inside the quotation marks";
  EXPECT_EQ(flow.find("c")->place, (Place{"a.yaml", 1, 20}));
  EXPECT_EQ(documents[0].find("list")->items[1].place, (Place{"a.yaml", 4, 6}));
}

TEST(Yaml, BlockScalarsBeginAtTheirText) {
  Diagnostics diagnostics;
  const auto documents = parse("when: >-\n\n    a &&\n    b\n", diagnostics);
  const YamlNode& when = *documents[0].find("when");
  EXPECT_EQ(when.style, YamlNode::Style::kBlock);
  EXPECT_EQ(when.place, (Place{"a.yaml", 3, 5}));
  EXPECT_EQ(when.indent, 4U);
}

TEST(Yaml, OnlyPlainScalarsHaveTypes) {
  Diagnostics diagnostics;
  const auto documents =
      parse("[1, '1', true, 'true', no, null, ~, 007, -5, 1.5, 9007199254740992, 2026-11-20]", diagnostics);
  EXPECT_EQ(json::to_string(to_json(documents[0])),
            "[1,\"1\",true,\"true\",\"no\",null,null,\"007\",-5,\"1.5\",\"9007199254740992\",\"2026-11-20\"]");
}

TEST(Yaml, SeveralDocumentsInAFile) {
  Diagnostics diagnostics;
  EXPECT_EQ(parse("a: 1\n---\n# nothing\n---\nb: 2\n", diagnostics).size(), 2U);
  EXPECT_EQ(parse("# only a comment\n", diagnostics).size(), 0U);
  EXPECT_FALSE(diagnostics.has_errors());
}

struct Refused {
  const char* name;
  const char* text;
  Reason reason;
  const char* place;
};

class YamlRefuses : public ::testing::TestWithParam<Refused> {};

TEST_P(YamlRefuses, WithThePlace) {
  Diagnostics diagnostics;
  parse(GetParam().text, diagnostics);
  ASSERT_TRUE(diagnostics.has_errors());
  EXPECT_EQ(diagnostics.sorted().front().reason, GetParam().reason) << render(diagnostics.sorted().front());
  EXPECT_EQ(diagnostics.sorted().front().place.to_string(), GetParam().place);
}

INSTANTIATE_TEST_SUITE_P(All, YamlRefuses,
                         ::testing::Values(Refused{"DuplicateKey", "a: 1\nb: 2\na: 3\n", Reason::kPolicyDuplicate,
                                                   "a.yaml:3:1"},
                                           Refused{"Anchor", "a: &x 1\n", Reason::kYamlSyntax, "a.yaml:1:4"},
                                           Refused{"Alias", "a: &x 1\nb: *x\n", Reason::kYamlSyntax, "a.yaml:1:4"},
                                           Refused{"Tag", "a: !!int 1\n", Reason::kYamlSyntax, "a.yaml:1:4"},
                                           Refused{"Unclosed", "a: [1, 2\nb: 3\n", Reason::kYamlSyntax, "a.yaml:2:2"},
                                           Refused{"Tab", "a:\n\tb: 1\n", Reason::kYamlSyntax, "a.yaml:2:3"},
                                           Refused{"KeyIsAList", "? [a]\n: 1\n", Reason::kYamlSyntax, "a.yaml:1:3"},
                                           Refused{"NotUtf8", "a: \xC3\x28\n", Reason::kYamlSyntax, "a.yaml"}),
                         [](const auto& test) { return test.param.name; });

TEST(Yaml, DeepNestingIsAnErrorNotACrash) {
  Diagnostics diagnostics;
  parse(std::string(100'000, '['), diagnostics);
  EXPECT_TRUE(diagnostics.has_errors());
}

}  // namespace
}  // namespace tenure::policy
