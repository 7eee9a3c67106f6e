// The whole company in real servers.
#include <gtest/gtest.h>

#include <tenure/base/clock.hpp>
#include <tenure/base/json.hpp>
#include <tenure/lab/company.hpp>
#include <tenure/lab/postgres.hpp>
#include <tenure/lab/scim_app.hpp>
#include <tenure/lab/slapd.hpp>

namespace tenure::lab {
namespace {

const Company& nordhaven() {
  static const Company made = *make_company({.today = *Time::parse("2026-11-20")});
  return made;
}

int count_of(const std::string& text, std::string_view what) {
  int n = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++n;
  return n;
}

class CompanyInPeers : public testing::Test {
 protected:
  CompanyInPeers() : clock_(make_system_clock()), start_(clock_->monotonic()) {}
  void note(const char* what) {
    std::printf("             %s: %.2f s\n", what, (clock_->monotonic() - start_).to_seconds());
  }

 private:
  std::unique_ptr<Clock> clock_;
  Duration start_;
};

TEST_F(CompanyInPeers, Directory) {
  const auto peer = Slapd::start({.seed_ldif = nordhaven().directory_ldif});
  ASSERT_TRUE(peer) << peer.error().to_string();
  note("slapd started and seeded");
  const auto text = peer->search(peer->connector(), peer->base_dn(), "sub", "(objectClass=inetOrgPerson)",
                                 "uid pwdAccountLockedTime");
  ASSERT_TRUE(text) << text.error().to_string();
  EXPECT_EQ(count_of(*text, "\nuid: "), nordhaven().expectations.accounts.at("directory"));
  EXPECT_EQ(count_of(*text, "pwdAccountLockedTime: 000001010000Z"), nordhaven().expectations.on_leave);
  note("read back in pages");
  const std::string dn = "uid=" + nordhaven().expectations.locked.account + ",ou=people," + peer->base_dn();
  const auto password = peer->set_random_password(dn);
  ASSERT_TRUE(password) << password.error().to_string();
  EXPECT_TRUE(peer->can_bind(dn, *password).value_or(false));
  const auto group =
      peer->search(peer->connector(), "cn=all-staff,ou=groups," + peer->base_dn(), "base", "(cn=*)", "member");
  ASSERT_TRUE(group);
  EXPECT_GT(count_of(*group, "member: "), 2000);
}

TEST_F(CompanyInPeers, Ledger) {
  const auto peer = Postgres::start({.seed_sql = nordhaven().ledger_sql});
  ASSERT_TRUE(peer) << peer.error().to_string();
  note("postgres started and seeded");
  const auto roles = peer->sql_as(
      peer->connector_role(), peer->connector_password(),
      "SELECT count(*) FROM pg_roles WHERE rolname !~ '^(pg_|ledger_|legacy_|reporting_|postgres|tenure_)';");
  ASSERT_TRUE(roles) << roles.error().to_string();
  EXPECT_EQ(*roles, std::to_string(nordhaven().expectations.accounts.at("ledger")) + "\n");
  const auto& leaver = nordhaven().expectations.session_leaver;
  auto session = peer->open_session(leaver.account);
  ASSERT_TRUE(session) << session.error().to_string();
  EXPECT_EQ(peer->session_count(leaver.account).value_or(0), 1);
  const auto granted =
      peer->sql_as(peer->connector_role(), peer->connector_password(),
                   "GRANT ledger_rw TO \"" + nordhaven().expectations.declared.account +
                       "\"; GRANT reporting_ro TO \"" + nordhaven().expectations.adopted.account + "\";");
  EXPECT_TRUE(granted) << granted.error().to_string();
}

TEST_F(CompanyInPeers, Crm) {
  const auto peer = ScimApp::start({.seed_json = nordhaven().crm_json});
  ASSERT_TRUE(peer) << peer.error().to_string();
  note("scim_app started and seeded");
  int users = 0;
  while (true) {
    const auto answer = peer->request("GET", "/Users?count=100&startIndex=" + std::to_string(users + 1));
    ASSERT_TRUE(answer) << answer.error().to_string();
    const auto page = json::parse(answer->body);
    ASSERT_TRUE(page);
    const std::size_t got = page->find("Resources")->as_array().size();
    EXPECT_EQ(page->int_or("totalResults", 0), nordhaven().expectations.accounts.at("crm"));
    if (got == 0) break;
    users += static_cast<int>(got);
  }
  EXPECT_EQ(users, nordhaven().expectations.accounts.at("crm"));
  note("read back in pages");
  const auto groups = peer->request("GET", "/Groups");
  ASSERT_TRUE(groups);
  EXPECT_EQ(json::parse(groups->body)->int_or("totalResults", 0), 4);
}

}  // namespace
}  // namespace tenure::lab
