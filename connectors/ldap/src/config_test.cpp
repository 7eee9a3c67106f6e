#include "config.hpp"

#include <gtest/gtest.h>

#include <tenure/connector_ldap/ldap.hpp>

namespace tenure::connector_ldap {
namespace {

connector::Settings settings(const char* config) {
  connector::Settings out;
  out.target = model::TargetName("directory");
  out.config = json::parse(config).value();
  out.base_folder = "/etc/tenure";
  out.classes.push_back(
      {.name = "people", .config = json::parse(R"({"base":"ou=people,dc=x"})").value(), .attributes = {"mail"}});
  return out;
}

constexpr const char* kSound =
    R"({"uri":"ldaps://ldap.x","bind_dn":"cn=t,dc=x","password":"env:P","ca_file":"ca.pem","groups":{"base":"ou=groups,dc=x"}})";

std::string faults(const connector::Settings& given) {
  Diagnostics diagnostics;
  make_ldap_connector()->check(given, {"targets/d.yaml", 4, 1}, diagnostics);
  std::string out;
  for (const auto& diagnostic : diagnostics.sorted()) out += render(diagnostic) + "\n";
  return out;
}

TEST(LdapConfig, DefaultsAreThoseOfOpenLdap) {
  Diagnostics diagnostics;
  const Config config = read_config(settings(kSound), {}, diagnostics);
  ASSERT_FALSE(diagnostics.has_errors()) << diagnostics.to_error().to_string();
  EXPECT_EQ(config.endpoint.ca_file, "/etc/tenure/ca.pem");
  EXPECT_EQ(config.groups.object_class, "groupOfNames");
  EXPECT_EQ(config.groups.member_attribute, "member");
  EXPECT_EQ(config.page_size, 500);
  EXPECT_TRUE(config.lock);
  ASSERT_EQ(config.classes.size(), 1u);
  EXPECT_EQ(config.classes[0].filter, "(&(objectClass=inetOrgPerson)(uid=*))");
}

TEST(LdapConfig, EveryFaultIsNamed) {
  struct Case {
    const char* config;
    const char* expected;
  };
  const Case cases[] = {
      {R"({"uri":"http://x","bind_dn":"cn=t,dc=x","password":"env:P","groups":{"base":"ou=g"}})",
       "config.uri is not an LDAP address"},
      {R"({"uri":"ldap://ldap.x","bind_dn":"cn=t,dc=x","password":"env:P","groups":{"base":"ou=g"}})", "in clear text"},
      {R"({"uri":"ldaps://x","starttls":true,"bind_dn":"cn=t,dc=x","password":"env:P","groups":{"base":"ou=g"}})",
       "config.starttls is only for ldap://"},
      {R"({"uri":"ldaps://x","bind_dn":"root","password":"env:P","groups":{"base":"ou=g"}})",
       "config.bind_dn is not a distinguished name"},
      {R"({"uri":"ldaps://x","bind_dn":"cn=t,dc=x","password":"hunter2","groups":{"base":"ou=g"}})",
       "config.password is not a reference"},
      {R"({"uri":"ldaps://x","bind_dn":"cn=t,dc=x","password":"env:P"})", "config.groups is missing"},
      {R"({"uri":"ldaps://x","bind_dn":"cn=t,dc=x","password":"env:P","groups":{"base":"ou=g","object_class":"a)(b"}})",
       "config.groups.object_class is not the name"},
      {R"({"uri":"ldaps://x","bind_dn":"cn=t,dc=x","password":"env:P","groups":{"base":"ou=g"},"page_size":0})",
       "config.page_size is out of range"},
      {R"({"uri":"ldaps://x","bind_dn":"cn=t,dc=x","password":"env:P","groups":{"base":"ou=g"},"disable":"delete"})",
       "config.disable has an unknown value"},
      {R"({"uri":"ldaps://x","bind_dn":"cn=t,dc=x","password":"env:P","groups":{"base":"ou=g","famlies":[]}})",
       "did you mean families?"},
  };
  for (const auto& c : cases) {
    const std::string found = faults(settings(c.config));
    EXPECT_NE(found.find(c.expected), std::string::npos) << c.config << "\n" << found;
    EXPECT_EQ(found.find("hunter2"), std::string::npos);
  }
  for (const char* uri : {"ldap://127.0.0.1:389", "ldap://localhost", "ldap://[::1]:389", "ldapi://%2Frun%2Fldapi"})
    EXPECT_EQ(faults(settings((std::string(R"({"uri":")") + uri +
                               R"(","bind_dn":"cn=t,dc=x","password":"env:P","groups":{"base":"ou=g"}})")
                                  .c_str())),
              "")
        << uri;
}

TEST(LdapConfig, ClassesAreChecked) {
  auto secret = settings(kSound);
  secret.classes[0].attributes.push_back("userPassword");
  EXPECT_NE(faults(secret).find("not an attribute of an account"), std::string::npos);
  auto twice = settings(kSound);
  twice.classes.push_back(twice.classes[0]);
  twice.classes[1].name = "staff";
  EXPECT_NE(faults(twice).find("hold the same entries"), std::string::npos);
  auto none = settings(kSound);
  none.classes.clear();
  EXPECT_NE(faults(none).find("no account class"), std::string::npos);
  auto ignored = settings(kSound);
  ignored.classes[0].scope = model::Scope::kIgnored;
  Diagnostics diagnostics;
  EXPECT_TRUE(read_config(ignored, {}, diagnostics).classes.empty());
}

}  // namespace
}  // namespace tenure::connector_ldap
