#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tenure/cel/program.hpp>

namespace tenure::cel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Environment environment() {
  const auto manager = std::make_shared<const ObjectType>(
      "Manager", std::vector<Field>{{"name", Type::string()}, {"mail", Type::string().nullable()}});
  const auto identity = std::make_shared<const ObjectType>(
      "Identity", std::vector<Field>{{"kind", Type::string()},
                                     {"department", Type::string().nullable()},
                                     {"level", Type::integer().nullable()},
                                     {"contractor", Type::boolean().nullable()},
                                     {"groups", Type::list(Type::string())},
                                     {"manager", Type::object(manager).nullable()},
                                     {"reports", Type::list(Type::object(manager))},
                                     {"labels", Type::map(Type::string(), Type::string())},
                                     {"start", Type::timestamp()}});
  Environment env;
  env.add_variable("identity", Type::object(identity));
  env.add_variable("now", Type::timestamp());
  return env;
}

std::vector<Diagnostic> errors(std::string_view text, Type expected = Type::dyn()) {
  Diagnostics diagnostics;
  const Environment env = environment();
  CompileOptions options;
  options.expected = std::move(expected);
  const auto program = compile(env, Source{text, {"r.yaml", 1, 1}, 0}, options, diagnostics);
  EXPECT_EQ(program.has_value(), !diagnostics.has_errors()) << text;
  return diagnostics.sorted();
}

TEST(Check, AcceptsWhatIsWellTyped) {
  for (const char* text : {
           "identity.kind == \"person\" && identity.department == \"Sales\"",
           "identity.department in [\"Sales\", \"IT\"]",
           "identity.level != null && identity.level >= 3",
           "has(identity.level) && identity.level >= 3",
           "identity.groups.exists(g, g.startsWith(\"x-\"))",
           "now - identity.start > duration(\"2160h\")",
           "identity.labels[\"site\"] == \"BER\" || identity.labels.site == \"BER\"",
           "identity.start.getFullYear(\"+01:00\") == 2026",
           "size(identity.groups) > 2 && identity.groups.size() < 9",
           "1 < 2.5",
           "[] == [1] || {} == {\"a\": 1}",
           "identity.kind.matches(\"^[a-z]+$\")",
       })
    EXPECT_THAT(errors(text, Type::boolean()), ElementsAre()) << text;
}

TEST(Check, NamesPlaceAndNearestName) {
  const auto found = errors("identity.kind == \"x\" &&\n  identity.departmant == \"Sales\"", Type::boolean());
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].reason, Reason::kCelUnknownName);
  EXPECT_EQ(found[0].place, (Place{"r.yaml", 2, 12}));
  EXPECT_EQ(found[0].summary, "Identity has no attribute \"departmant\"");
  EXPECT_EQ(found[0].expected, "department");
  EXPECT_EQ(found[0].remedy, "did you mean \"department\"?");
}

TEST(Check, ReportsEveryError) {
  const auto found =
      errors("identty.kind == 1 && identity.kind == 2 && nowe > now && size(3) == 0 && \"a\".startWith(\"b\")");
  ASSERT_EQ(found.size(), 5U);
  EXPECT_EQ(found[0].reason, Reason::kCelUnknownName);
  EXPECT_EQ(found[1].reason, Reason::kCelType);
  EXPECT_EQ(found[2].remedy, "did you mean \"now\"?");
  EXPECT_THAT(found[3].summary, HasSubstr("size(int)"));
  EXPECT_EQ(found[4].expected, "startsWith");
}

TEST(Check, RefusesWhatIsIllTyped) {
  const std::pair<const char*, const char*> kCases[] = {
      {"1 + 1u", "\"+\" cannot stand between int and uint"},
      {"1 + \"a\"", "\"+\" cannot stand between int and string"},
      {"1.0 == 1", "\"==\" cannot stand between double and int"},
      {"2.0 % 1.0", "\"%\" cannot stand between double and double"},
      {"\"a\" < 1", "\"<\" cannot stand between string and int"},
      {"1 in [\"a\"]", "\"in\" cannot stand between int and list(string)"},
      {"1 in 2", "\"in\" cannot stand between int and int"},
      {"!1", "the operand of \"!\" is int, not bool"},
      {"-\"a\"", "a value of type string has no negative"},
      {"identity.kind && true", "an operand of \"&&\" is string, not bool"},
      {"identity.kind ? 1 : 2", "the condition is string, not bool"},
      {"true ? 1 : \"a\"", "the branches are int and string"},
      {"identity.groups[\"a\"]", "the index of a list is string, not int"},
      {"identity.kind[0]", "a value of type string cannot be indexed"},
      {"identity.kind.first", "a value of type string has no field \"first\""},
      {"identity.kind.all(x, true)", "a value of type string has no elements"},
      {"identity.groups.all(x, x)", "the predicate is string, not bool"},
      {"identity.groups.map(x, x + 1)", "\"+\" cannot stand between string and int"},
      {"{1.5: 2}", "a key cannot be of type double"},
      {"\"a\".matches(\"(\")", "the pattern is not a regular expression of RE2: missing ): ("},
      {"timestamp(\"2026-13-01T00:00:00Z\")",
       "timestamp(): the text is not an RFC 3339 instant of at most microseconds"},
      {"duration(\"90d\")", "duration(): the text is not a duration such as 1h30m or 1.5s"},
      {"size(\"a\", 1)", "there is no size(string, int)"},
      {"startsWith(\"a\", \"b\")", "the function startsWith() is called in another way"},
      {"x.y.z", "there is no variable \"x\""},
      {"identity == now", "\"==\" cannot stand between Identity and timestamp"},
  };
  for (const auto& [text, summary] : kCases) {
    const auto found = errors(text);
    ASSERT_EQ(found.size(), 1U) << text;
    EXPECT_EQ(found[0].summary, summary) << text;
  }
}

TEST(Check, RequiresTheResultTheCallerNeeds) {
  EXPECT_EQ(errors("identity.kind", Type::boolean())[0].summary, "the result is string, not bool");
  EXPECT_THAT(errors("identity.kind + \"@x\"", Type::string()), ElementsAre());
  EXPECT_EQ(errors("identity.department", Type::string())[0].summary, "identity.department may be null here");
  EXPECT_THAT(errors("identity.department", Type::string().nullable()), ElementsAre());
  EXPECT_THAT(errors("[identity.kind]", Type::list(Type::string())), ElementsAre());
  EXPECT_EQ(errors("[identity.department]", Type::list(Type::string())).size(), 1U);
}

TEST(Check, NullsMustBeGuarded) {
  for (const char* text : {
           "has(identity.level) ? identity.level > 3 : false",
           "identity.level == null || identity.level > 3",
           "!has(identity.level) || identity.level > 3",
           "!(identity.level == null) && identity.level > 3",
           "identity.level == null ? false : identity.level > 3",
           "identity.department == \"Sales\" && identity.department.size() > 3",
           "has(identity.manager) && identity.manager.name == \"x\"",
           "has(identity.manager) && has(identity.manager.mail) && identity.manager.mail.endsWith(\"x\")",
           "!(identity.manager == null || identity.manager.mail == null) && identity.manager.mail.size() > 1",
           "identity.contractor == true",
           "identity.reports.exists(m, has(m.mail) && m.mail.contains(\"@\"))",
           "identity.reports.map(m, m.mail != null, m.mail + \"x\").size() > 0",
           "has(identity.level) && identity.groups.all(g, identity.level > size(g))",
           "(has(identity.level) && has(identity.department)) ? identity.department.size() > identity.level : true",
           "(has(identity.level) || has(identity.department)) && has(identity.level) && identity.level > 1",
           "dyn(identity.level) > 1",
       })
    EXPECT_THAT(errors(text, Type::boolean()), ElementsAre()) << text;

  for (const char* text : {
           "identity.level > 3",
           "identity.level > 3 && has(identity.level)",  // the guard must dominate
           "has(identity.level) || identity.level > 3",
           "has(identity.department) && identity.level > 3",
           "(has(identity.level) || has(identity.department)) && identity.level > 3",
           "has(identity.level) ? true : identity.level > 3",
           "(has(identity.level) ? true : false) && identity.level > 3",
           "identity.manager.name == \"x\"",
           "has(identity.manager.mail)",
           "identity.manager.mail == null",
           "identity.department.size() > 3",
           "identity.contractor",
           "identity.contractor && true",
           "!identity.contractor",
           "identity.contractor ? true : false",
           "[1][identity.level] == 1",
           "1 + identity.level == 2",
           "-identity.level == 2",
           "\"a\" in identity.labels && [\"a\"][identity.level] == \"a\"",
           "identity.department != \"Sales\" && identity.department.size() > 3",
           "identity.reports.all(m, m.mail.size() > 0)",
           "identity.reports.all(m, has(m.mail)) && identity.reports.all(m, m.mail.size() > 0)",
           "has(identity.manager) && [1].exists(identity, identity > 0) && identity.manager.mail.size() > 0",
           "identity.department == identity.department && identity.department.size() > 3",
       }) {
    const auto found = errors(text, Type::boolean());
    ASSERT_EQ(found.size(), 1U) << text;
    EXPECT_EQ(found[0].reason, Reason::kCelType) << text;
    EXPECT_THAT(found[0].summary, HasSubstr(" may be null here")) << text;
  }
}

TEST(Check, AShadowedNameDoesNotInheritAGuard) {
  Environment env = environment();
  const auto box = std::make_shared<const ObjectType>("Box", std::vector<Field>{{"level", Type::integer().nullable()}});
  env.add_variable("boxes", Type::list(Type::object(box)));
  CompileOptions options;
  options.expected = Type::boolean();
  EXPECT_FALSE(compile(env, "has(identity.level) && boxes.all(identity, identity.level > 1)", options));
  EXPECT_FALSE(compile(env, "boxes.all(b, has(b.level)) && boxes.all(b, b.level > 1)", options));
  EXPECT_TRUE(compile(env, "boxes.all(b, has(b.level) && b.level > 1)", options));
}

TEST(Check, WarnsOfNullTestsThatCannotHold) {
  const auto found = errors("identity.kind != null");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, Severity::kWarning);
  EXPECT_EQ(found[0].summary, "identity.kind is never null");
}

TEST(Check, References) {
  const Environment env = environment();
  const auto references = [&](std::string_view text) { return compile(env, text)->references(); };
  EXPECT_THAT(
      references("identity.kind == \"x\" && has(identity.manager) && identity.manager.name == \"y\" && now == now"),
      ElementsAre("identity.kind", "identity.manager", "identity.manager.name", "now"));
  EXPECT_THAT(references("identity.reports.exists(m, m.name == identity.kind)"),
              ElementsAre("identity.kind", "identity.reports"));
  EXPECT_THAT(references("identity == identity"), ElementsAre("identity"));
  EXPECT_THAT(references("identity.labels[\"a\"] == \"x\" || identity.labels.b == \"c\" ? 1 : 2"),
              ElementsAre("identity.labels", "identity.labels.b"));
  EXPECT_THAT(references("1 + 2"), ElementsAre());
}

TEST(Check, QualifiedNamesAndContainers) {
  Environment env;
  env.add_variable("a.b.x", Type::integer());
  env.add_variable("x", Type::string());
  env.add_function({"math.twice",
                    false,
                    {{{Type::integer()}, Type::integer(), [](std::span<const Value> args, Budget&) -> Result<Value> {
                        return Value::integer(2 * args[0].as_int());
                      }}}});
  env.set_container("a.b");
  Activation values;
  ASSERT_TRUE(values.set(env, "a.b.x", Value::integer(4)));
  ASSERT_TRUE(values.set(env, "x", Value::string("root")));
  EXPECT_EQ(values.set(env, "y", Value()).error().reason(), Reason::kCelUnknownName);
  EXPECT_EQ(compile(env, "math.twice(x)")->evaluate(values), Value::integer(8));
  EXPECT_EQ(compile(env, ".x")->evaluate(values), Value::string("root"));
}

}  // namespace
}  // namespace tenure::cel
