#include <gtest/gtest.h>

#include <tenure/connector/settings.hpp>

namespace tenure::connector {
namespace {

json::Value parsed(const char* text) {
  return json::parse(text).value();
}

TEST(ConfigReader, ReadsEveryKindOfSetting) {
  Diagnostics diagnostics;
  const Place place{"targets/d.yaml", 3, 1};
  const auto value = parsed(R"({"uri":"ldap://h","starttls":true,"page_size":50,"wait":"5s","list":["a","b"],"one":"x",
                               "password":"env:LDAP_PASSWORD","groups":{"base":"ou=g"},"many":[{"k":"v"}],"map":{"b":"2","a":"1"}})");
  ConfigReader config(value, "config", place, diagnostics);
  EXPECT_EQ(config.text("uri"), "ldap://h");
  EXPECT_TRUE(config.boolean_or("starttls", false));
  EXPECT_EQ(config.integer_or("page_size", 500, 1, 10000), 50);
  EXPECT_EQ(config.duration_or("wait", Duration::seconds(1)), Duration::seconds(5));
  EXPECT_EQ(config.texts("list"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(config.texts("one"), std::vector<std::string>{"x"});
  EXPECT_EQ(config.secret_reference("password", true), "env:LDAP_PASSWORD");
  EXPECT_EQ(config.object("groups").text("base"), "ou=g");
  EXPECT_EQ(config.objects("many").at(0).text("k"), "v");
  EXPECT_EQ(config.text_map("map").at(0).first, "a");
  EXPECT_EQ(config.text_or("absent", "fallback"), "fallback");
  config.no_other_keys();
  EXPECT_FALSE(diagnostics.has_errors());
}

TEST(ConfigReader, EveryFaultIsReportedWithItsPathAndNoSecret) {
  Diagnostics diagnostics;
  const Place place{"targets/d.yaml", 3, 1};
  const auto value =
      parsed(R"({"page_size":0,"password":"hunter2hunter2","page_sizes":1,"starttls":"yes","wait":"long"})");
  ConfigReader config(value, "config", place, diagnostics);
  config.text("uri");
  config.integer_or("page_size", 500, 1, 10000);
  config.secret_reference("password", true);
  config.boolean_or("starttls", false);
  config.duration_or("wait", Duration::seconds(1));
  config.no_other_keys();
  EXPECT_EQ(diagnostics.error_count(), 6u);
  std::string all;
  for (const auto& diagnostic : diagnostics.sorted()) all += render(diagnostic) + "\n";
  for (const char* path : {"config.uri", "config.page_size ", "config.password", "config.starttls", "config.wait",
                           "config.page_sizes", "did you mean page_size?"})
    EXPECT_NE(all.find(path), std::string::npos) << path << " in\n" << all;
  EXPECT_EQ(all.find("hunter2"), std::string::npos);
}

TEST(ConfigReader, SecretReferences) {
  EXPECT_TRUE(is_secret_reference("env:A_1"));
  EXPECT_TRUE(is_secret_reference("file:secrets/x"));
  for (const char* text : {"", "env:", "env:A B", "file:", "secret", "ENV:A"})
    EXPECT_FALSE(is_secret_reference(text)) << text;
}

TEST(ExpandVariables, ReplacesKnownNamesAndReportsUnknownOnes) {
  Diagnostics diagnostics;
  const auto lookup = [](const std::string& name) -> std::optional<std::string> {
    if (name == "PORT") return "389";
    return std::nullopt;
  };
  const auto value = parsed(R"({"uri":"ldap://h:${PORT}/","list":["$$5","a$b","$"],"n":1})");
  const auto out = expand_variables(value, "config", {}, lookup, diagnostics);
  EXPECT_EQ(json::to_string(out), R"({"list":["$5","a$b","$"],"n":1,"uri":"ldap://h:389/"})");
  EXPECT_FALSE(diagnostics.has_errors());
  expand_variables(parsed(R"({"a":"${NONE}","b":"${","c":"${x y}"})"), "config", {}, lookup, diagnostics);
  EXPECT_EQ(diagnostics.error_count(), 3u);
}

}  // namespace
}  // namespace tenure::connector
