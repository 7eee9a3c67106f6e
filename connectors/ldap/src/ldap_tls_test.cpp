// StartTLS against a slapd with a certificate of its own: verified, or no password leaves.
#include "ldap_bench.hpp"

#include <gtest/gtest.h>

#include <tenure/base/file.hpp>

namespace tenure::connector_ldap {
namespace {

const connector::Call kCall{Duration::seconds(10), {}};

class LdapTlsTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    lab::SlapdOptions options;
    options.base_dn = kBase;
    std::string seed;
    for (const char* unit : {"people", "admins", "groups"})
      seed += std::string("dn: ou=") + unit + "," + kBase + "\nobjectClass: organizationalUnit\nou: " + unit + "\n\n";
    options.seed_ldif = seed;
    auto started = lab::Slapd::start(options);
    ASSERT_TRUE(started) << started.error().to_string();
    server_ = new lab::Slapd(std::move(*started));
    for (const char* name : {"server", "other"}) make_certificate(name);
    ASSERT_TRUE(server_->stop());
    const std::string path = server_->folder() + "/slapd.conf";
    const std::string config = read_file(path).value();
    ASSERT_TRUE(write_file_atomic(
        path,
        "TLSCertificateFile " + file("server.pem") + "\nTLSCertificateKeyFile " + file("server.key") + "\n" + config,
        0600));
    ASSERT_TRUE(server_->start_again());
    driver().secrets().set("env:TLS", server_->connector().password);
  }
  static void TearDownTestSuite() {
    delete server_;
    server_ = nullptr;
  }
  static std::string file(const std::string& name) { return server_->folder() + "/" + name; }
  static void make_certificate(const std::string& name) {
    const auto openssl = lab::find_program("openssl", "openssl");
    ASSERT_TRUE(openssl);
    const auto made = lab::run_tool_ok(
        {.argv = {*openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                  "2", "-subj", "/CN=" + name, "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", file(name + ".key"),
                  "-out", file(name + ".pem")},
         .environment = lab::plain_environment()},
        Duration::seconds(30));
    ASSERT_TRUE(made) << made.error().to_string();
  }
  static connector::Settings settings(const std::string& ca_file) {
    auto out = ldap_settings(server_->url());
    auto& config = out.config.as_object();
    config["starttls"] = true;
    config["password"] = "env:TLS";
    config["bind_dn"] = server_->connector().dn;
    if (!ca_file.empty()) config["ca_file"] = ca_file;
    return out;
  }
  static lab::Slapd* server_;
};

lab::Slapd* LdapTlsTest::server_ = nullptr;

TEST_F(LdapTlsTest, AVerifiedServerIsRead) {
  const auto connection = open_ldap(settings(file("server.pem")));
  const auto all = connection->account_reader()->read_all(kCall);
  ASSERT_TRUE(all) << all.error().to_string();
  EXPECT_TRUE(all->coverage.complete) << all->coverage.reason;
  // A second call on the same session: what TLS left unread in the socket is no end of the connection.
  EXPECT_TRUE(connection->account_reader()->read_all(kCall));
}

TEST_F(LdapTlsTest, AServerThatCannotBeVerifiedGetsNoPassword) {
  for (const std::string& ca_file : {file("other.pem"), std::string()}) {
    const auto all = open_ldap(settings(ca_file))->account_reader()->read_all(kCall);
    ASSERT_FALSE(all) << ca_file;
    EXPECT_EQ(all.error().reason(), Reason::kTargetUnreachable) << all.error().to_string();
    EXPECT_EQ(all.error().effect(), Effect::kNone);
  }
  const auto missing = open_ldap(settings(file("none.pem")))->account_reader()->read_all(kCall);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().reason(), Reason::kConnectorConfig) << missing.error().to_string();
}

TEST_F(LdapTlsTest, AHungHandshakeEndsWithTheDeadline) {
  ASSERT_TRUE(server_->pause());
  const auto all = open_ldap(settings(file("server.pem")))->account_reader()->read_all({Duration::millis(500), {}});
  ASSERT_TRUE(server_->resume());
  ASSERT_FALSE(all);
  EXPECT_EQ(all.error().reason(), Reason::kTargetTimeout) << all.error().to_string();
  EXPECT_EQ(all.error().effect(), Effect::kNone);
}

}  // namespace
}  // namespace tenure::connector_ldap
