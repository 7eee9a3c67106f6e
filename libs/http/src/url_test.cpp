#include <gtest/gtest.h>

#include <tenure/http/url.hpp>

namespace tenure::http {
namespace {

TEST(UrlValue, ReadsHostPortAndPath) {
  const Url url = Url::parse("https://[::1]:8443/scim/v2/").value();
  EXPECT_TRUE(url.tls);
  EXPECT_EQ(url.host, "::1");
  EXPECT_EQ(url.port, "8443");
  EXPECT_EQ(url.path, "/scim/v2");
  EXPECT_EQ(Url::parse("http://a").value().port, "80");
}

TEST(UrlValue, RefusesWhatCouldHideASecretOrAMistake) {
  for (const char* bad :
       {"ftp://a", "a.example", "http://u:p@a/", "http://a:0/", "http://a:x/", "http:///x", "http://a/x?y=1"}) {
    const auto url = Url::parse(bad);
    ASSERT_FALSE(url) << bad;
    EXPECT_EQ(url.error().reason(), Reason::kConnectorConfig);
    EXPECT_EQ(url.error().message().find("u:p"), std::string::npos);
  }
}

TEST(PercentEncode, KeepsOnlyTheUnreserved) {
  EXPECT_EQ(percent_encode("a b\"é/~"), "a%20b%22%C3%A9%2F~");
}

}  // namespace
}  // namespace tenure::http
