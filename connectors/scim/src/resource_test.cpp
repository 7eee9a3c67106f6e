#include "resource.hpp"

#include <gtest/gtest.h>

namespace tenure::connector_scim {
namespace {

constexpr const char* kExtension = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

TEST(ScimResource, PathsReachNestedExtensionAndPrimaryValues) {
  const auto user = json::parse(R"({"id":"1","userName":"a","Name":{"givenName":"Ana"},"active":"False",
    "emails":[{"value":"x@y"},{"value":"p@y","primary":true}],
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"Sales"}})")
                        .value();
  EXPECT_EQ(get_path(user, "name.givenName")->as_string(), "Ana");
  EXPECT_EQ(get_path(user, "emails")->as_string(), "p@y");
  EXPECT_EQ(get_path(user, std::string(kExtension) + ":department")->as_string(), "Sales");
  EXPECT_FALSE(get_path(user, "title"));
  const auto account = account_of(user, "users", model::Purpose::kNormal, {"emails", "title"});
  EXPECT_FALSE(account.enabled);  // the string "False" is how some providers say it
  EXPECT_EQ(account.attributes.at("emails").as_string(), "p@y");
  EXPECT_EQ(account.attributes.at("title").as_string(), "");  // read, and there is none: not the same as unreadable
}

TEST(ScimResource, SetAndGetAgree) {
  for (const auto& path : {std::string("title"), std::string("name.givenName"), std::string("emails"),
                           kExtension + std::string(":department")}) {
    json::Object resource;
    set_path(resource, path, "value");
    EXPECT_EQ(get_path(resource, path)->as_string(), "value") << path;
  }
}

TEST(ScimResource, ABlankValueBecomesARemoval) {
  EXPECT_EQ(replace_operation("title", "").string_or("op", ""), "remove");
  EXPECT_EQ(replace_operation("emails", "a@b").find("value")->as_array()[0].string_or("value", ""), "a@b");
}

}  // namespace
}  // namespace tenure::connector_scim
