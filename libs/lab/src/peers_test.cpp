// Real servers: start, seed, log in, hang, come back.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <tenure/base/file.hpp>
#include <tenure/base/json.hpp>
#include <tenure/lab/postgres.hpp>
#include <tenure/lab/scim_app.hpp>
#include <tenure/lab/slapd.hpp>

namespace tenure::lab {
namespace {

constexpr const char* kPeople = R"(dn: ou=people,dc=nordhaven,dc=example
objectClass: organizationalUnit
ou: people

dn: uid=aberg,ou=people,dc=nordhaven,dc=example
objectClass: inetOrgPerson
uid: aberg
cn: Anna Berg
sn: Berg
memberOf: cn=vpn,ou=groups,dc=nordhaven,dc=example

dn: ou=groups,dc=nordhaven,dc=example
objectClass: organizationalUnit
ou: groups

dn: cn=vpn,ou=groups,dc=nordhaven,dc=example
objectClass: groupOfNames
cn: vpn
member: cn=nobody,ou=policies,dc=nordhaven,dc=example
member: uid=aberg,ou=people,dc=nordhaven,dc=example

)";
constexpr const char* kAnna = "uid=aberg,ou=people,dc=nordhaven,dc=example";

template <class T>
T value_of(Result<T> result) {
  if (!result) {
    ADD_FAILURE() << result.error().to_string();
    std::abort();
  }
  return std::move(*result);
}

int count_of(const std::string& text, std::string_view what) {
  int n = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++n;
  return n;
}

class SlapdTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { slapd_ = new Slapd(value_of(Slapd::start({.seed_ldif = kPeople}))); }
  static void TearDownTestSuite() {
    delete slapd_;
    slapd_ = nullptr;
  }
  static Slapd* slapd_;
};
Slapd* SlapdTest::slapd_ = nullptr;

TEST_F(SlapdTest, ConnectorReadsTheSeed) {
  const std::string text =
      value_of(slapd_->search(slapd_->connector(), slapd_->base_dn(), "sub", "(uid=aberg)", "cn memberOf entryUUID"));
  EXPECT_NE(text.find("cn: Anna Berg\n"), std::string::npos) << text;
  EXPECT_NE(text.find("memberOf: cn=vpn,ou=groups,"), std::string::npos) << text;
  EXPECT_NE(text.find("entryUUID: "), std::string::npos) << text;
}

TEST_F(SlapdTest, LockedAccountCannotBind) {
  const std::string password = value_of(slapd_->set_random_password(kAnna));
  EXPECT_TRUE(value_of(slapd_->can_bind(kAnna, password)));
  EXPECT_FALSE(value_of(slapd_->can_bind(kAnna, "wrong")));
  const std::string used =
      value_of(slapd_->search(slapd_->admin(), kAnna, "base", "(objectClass=*)", "pwdLastSuccess"));
  EXPECT_NE(used.find("pwdLastSuccess: "), std::string::npos) << used;
  const std::string change = "dn: " + std::string(kAnna) + "\nchangetype: modify\nreplace: pwdAccountLockedTime\n";
  ASSERT_TRUE(slapd_->modify(slapd_->connector(), change + "pwdAccountLockedTime: 000001010000Z\n"));
  EXPECT_FALSE(value_of(slapd_->can_bind(kAnna, password)));
  ASSERT_TRUE(slapd_->modify(slapd_->connector(), change));
  EXPECT_TRUE(value_of(slapd_->can_bind(kAnna, password)));
}

TEST_F(SlapdTest, AccessLogNamesWhoChangedIt) {
  ASSERT_TRUE(slapd_->modify(slapd_->console_operator(),
                             "dn: uid=ghost,ou=people,dc=nordhaven,dc=example\nobjectClass: inetOrgPerson\n"
                             "cn: Ghost\nsn: Ghost\n\n"
                             "dn: cn=vpn,ou=groups,dc=nordhaven,dc=example\nchangetype: modify\nadd: member\n"
                             "member: uid=ghost,ou=people,dc=nordhaven,dc=example\n"));
  const std::string log =
      value_of(slapd_->search(slapd_->connector(), "cn=accesslog", "sub", "(reqType=add)", "reqDN reqAuthzID"));
  EXPECT_NE(log.find("reqAuthzID: cn=operator,ou=system,"), std::string::npos) << log;
  const std::string member =
      value_of(slapd_->search(slapd_->connector(), slapd_->base_dn(), "sub", "(uid=ghost)", "memberOf"));
  EXPECT_NE(member.find("memberOf: cn=vpn,"), std::string::npos) << member;
  // Deleting an account takes it out of its groups.
  ASSERT_TRUE(
      slapd_->modify(slapd_->connector(), "dn: uid=ghost,ou=people,dc=nordhaven,dc=example\nchangetype: delete\n"));
  const std::string group = value_of(
      slapd_->search(slapd_->connector(), "cn=vpn,ou=groups," + slapd_->base_dn(), "base", "(cn=*)", "member"));
  EXPECT_EQ(count_of(group, "member: "), 2) << group;
}

TEST_F(SlapdTest, MonitorShowsConnections) {
  const std::string text = value_of(slapd_->search(slapd_->connector(), "cn=Connections,cn=Monitor", "one",
                                                   "(objectClass=*)", "monitorConnectionAuthzDN"));
  EXPECT_NE(text.find("cn=tenure,ou=system,"), std::string::npos) << text;
}

TEST_F(SlapdTest, SecretsAreForTheirOwnerAlone) {
  for (const char* name : {"slapd.conf", "seed.ldif", "admin.secret", "connector.secret", "operator.secret"}) {
    struct stat st{};
    ASSERT_EQ(::stat((slapd_->folder() + "/" + name).c_str(), &st), 0) << name;
    EXPECT_EQ(st.st_mode & 0077U, 0U) << name;
  }
  const std::string arguments = *read_file("/proc/self/cmdline");
  EXPECT_EQ(arguments.find(slapd_->admin().password), std::string::npos);
}

TEST_F(SlapdTest, HangsAndComesBack) {
  ASSERT_TRUE(slapd_->pause());
  EXPECT_TRUE(port_answers(slapd_->port())) << "the kernel still accepts";
  EXPECT_FALSE(slapd_->can_bind(slapd_->admin().dn, slapd_->admin().password, Duration::millis(300)));
  ASSERT_TRUE(slapd_->resume());
  EXPECT_TRUE(value_of(slapd_->can_bind(slapd_->admin().dn, slapd_->admin().password)));
}

TEST_F(SlapdTest, RestartKeepsPortAndEntries) {
  const auto port = slapd_->port();
  ASSERT_TRUE(slapd_->stop());
  EXPECT_FALSE(port_answers(port));
  ASSERT_TRUE(slapd_->start_again());
  EXPECT_EQ(slapd_->port(), port);
  slapd_->kill();
  ASSERT_TRUE(slapd_->start_again());
  const std::string text = value_of(slapd_->search(slapd_->connector(), slapd_->base_dn(), "sub", "(uid=aberg)", "cn"));
  EXPECT_EQ(count_of(text, "cn: Anna Berg"), 1);
}

TEST(SlapdSeed, BrokenSeedIsAnErrorAndLeavesNothing) {
  auto folder = value_of(TempFolder::create());
  const auto peer = Slapd::start({.folder = folder.path(), .seed_ldif = "dn: ou=x,dc=elsewhere\nou: x\n\n"});
  ASSERT_FALSE(peer);
  EXPECT_EQ(peer.error().reason(), Reason::kProcessFailed);
  const auto again = Slapd::start({.folder = folder.path(), .seed_ldif = kPeople});
  EXPECT_TRUE(again) << again.error().to_string();
}

class PostgresTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    postgres_ = new Postgres(value_of(Postgres::start(
        {.seed_sql = "CREATE ROLE ledger_ro NOLOGIN; CREATE ROLE aberg LOGIN; GRANT ledger_ro TO aberg;"})));
  }
  static void TearDownTestSuite() {
    delete postgres_;
    postgres_ = nullptr;
  }
  static Result<std::string> connector_sql(std::string_view sql) {
    return postgres_->sql_as(postgres_->connector_role(), postgres_->connector_password(), sql);
  }
  static Postgres* postgres_;
};
Postgres* PostgresTest::postgres_ = nullptr;

TEST_F(PostgresTest, ConnectorManagesRolesWithoutBeingSuperuser) {
  EXPECT_EQ(value_of(connector_sql("SELECT rolsuper, rolcreaterole FROM pg_roles WHERE rolname = current_user;")),
            "f|t\n");
  value_of(
      connector_sql("CREATE ROLE made LOGIN; GRANT ledger_ro TO made; REVOKE ledger_ro FROM made; DROP ROLE made;"));
  EXPECT_FALSE(connector_sql("CREATE ROLE boss SUPERUSER;"));
  EXPECT_FALSE(postgres_->sql_as(postgres_->connector_role(), "wrong", "SELECT 1;"));
}

TEST_F(PostgresTest, SuperuserHasNoWayInOverTcp) {
  EXPECT_FALSE(postgres_->sql_as("postgres", "any", "SELECT 1;"));
}

TEST_F(PostgresTest, ConnectorSeesAndEndsSessions) {
  Process session = value_of(postgres_->open_session("aberg"));
  EXPECT_EQ(value_of(postgres_->session_count("aberg")), 1);
  EXPECT_EQ(value_of(connector_sql("SELECT usename, state FROM pg_stat_activity WHERE usename = 'aberg';")),
            "aberg|idle\n");
  EXPECT_EQ(value_of(connector_sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'aberg';")),
            "t\n");
  EXPECT_TRUE(poll_until([&] { return value_of(postgres_->session_count("aberg")) == 0; }, Duration::seconds(10)));
}

TEST_F(PostgresTest, DisabledRoleCannotLogIn) {
  const std::string password = value_of(postgres_->set_random_password("aberg"));
  EXPECT_TRUE(postgres_->sql_as("aberg", password, "SELECT 1;"));
  value_of(connector_sql("ALTER ROLE aberg NOLOGIN;"));
  EXPECT_FALSE(postgres_->sql_as("aberg", password, "SELECT 1;"));
  value_of(connector_sql("ALTER ROLE aberg LOGIN;"));
  EXPECT_TRUE(postgres_->sql_as("aberg", password, "SELECT 1;"));
}

TEST_F(PostgresTest, HangsAndComesBack) {
  Process session = value_of(postgres_->open_session("aberg"));
  ASSERT_TRUE(postgres_->pause());
  EXPECT_TRUE(port_answers(postgres_->port())) << "the kernel still accepts";
  EXPECT_FALSE(postgres_->sql_as(postgres_->connector_role(), postgres_->connector_password(), "SELECT 1;",
                                 Duration::millis(300)));
  ASSERT_TRUE(postgres_->resume());
  EXPECT_EQ(value_of(connector_sql("SELECT 1;")), "1\n");
  EXPECT_TRUE(session.running());
}

TEST_F(PostgresTest, RestartKeepsPortAndRoles) {
  const auto port = postgres_->port();
  ASSERT_TRUE(postgres_->stop());
  EXPECT_FALSE(port_answers(port));
  ASSERT_TRUE(postgres_->start_again());
  EXPECT_EQ(postgres_->port(), port);
  EXPECT_EQ(value_of(connector_sql("SELECT count(*) FROM pg_roles WHERE rolname = 'ledger_ro';")), "1\n");
}

TEST(PostgresSeed, BrokenSeedIsAnErrorAndLeavesNothing) {
  auto folder = value_of(TempFolder::create());
  const auto peer = Postgres::start({.folder = folder.path(), .seed_sql = "CREATE ROLE;"});
  ASSERT_FALSE(peer);
  EXPECT_EQ(peer.error().reason(), Reason::kProcessFailed);
  EXPECT_FALSE(file_exists(folder.path() + "/data.path"));
  EXPECT_FALSE(file_exists(folder.path() + "/data/PG_VERSION"));
}

TEST(PostgresFolder, IsFoundAgainByAnotherPeer) {
  auto folder = value_of(TempFolder::create());
  {
    const auto first = value_of(Postgres::start({.folder = folder.path(), .seed_sql = "CREATE ROLE kept;"}));
    value_of(first.superuser_sql("CREATE ROLE kept_too;"));
  }
  auto second = value_of(Postgres::start({.folder = folder.path(), .seed_sql = "CREATE ROLE not_again;"}));
  EXPECT_EQ(value_of(second.superuser_sql("SELECT rolname FROM pg_roles WHERE rolname ~ '^(kept|not)' ORDER BY 1;")),
            "kept\nkept_too\n");
  EXPECT_EQ(value_of(second.sql_as(second.connector_role(), second.connector_password(), "SELECT 1;")), "1\n");
  second.kill();
  ASSERT_TRUE(second.start_again());
  ASSERT_TRUE(second.stop());
  ASSERT_TRUE(second.remove_data());
  EXPECT_FALSE(file_exists(second.data_folder()));
}

std::string scim_seed() {
  std::string users;
  std::string members;
  for (int i = 0; i < 250; ++i) {
    const std::string n = std::to_string(1000 + i);
    const std::string id = "00000000-0000-4000-8000-00000000" + n;
    if (i > 0) users += ",";
    users += R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":")" + id + R"(","userName":"u)" + n +
             R"(@nordhaven.example","active":true})";
    if (i < 3) members += std::string(i > 0 ? "," : "") + R"({"value":")" + id + R"("})";
  }
  return R"({"Users":[)" + users +
         R"(],"Groups":[{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"id":"g1","displayName":"crm-user","members":[)" +
         members + "]}]}";
}

class ScimAppTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { app_ = new ScimApp(value_of(ScimApp::start({.seed_json = scim_seed()}))); }
  static void TearDownTestSuite() {
    delete app_;
    app_ = nullptr;
  }
  static json::Value get(std::string_view path) {
    const HttpAnswer answer = value_of(app_->request("GET", path));
    EXPECT_EQ(answer.status, 200) << answer.body;
    return value_of(json::parse(answer.body));
  }
  static ScimApp* app_;
};
ScimApp* ScimAppTest::app_ = nullptr;

TEST_F(ScimAppTest, RefusesAWrongToken) {
  const auto answer =
      value_of(loopback_http(app_->port(), "GET", "/scim/v2/Users", "Authorization: Bearer wrong\r\n", ""));
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(value_of(loopback_http(app_->port(), "GET", "/scim/v2/Users", "", "")).status, 401);
}

TEST_F(ScimAppTest, PagesAsRfc7644Asks) {
  const struct {
    const char* query;
    int total, resources, start;
    const char* first;
  } cases[] = {
      {"", 250, 100, 1, "u1000@nordhaven.example"},
      {"?count=7", 250, 7, 1, "u1000@nordhaven.example"},
      {"?count=0", 250, 0, 1, nullptr},
      {"?count=-5", 250, 0, 1, nullptr},
      {"?count=5000", 250, 100, 1, "u1000@nordhaven.example"},
      {"?startIndex=101&count=100", 250, 100, 101, "u1100@nordhaven.example"},
      {"?startIndex=51&count=100", 250, 100, 51, "u1050@nordhaven.example"},
      {"?startIndex=2&count=1", 250, 1, 2, "u1001@nordhaven.example"},
      {"?startIndex=201&count=100", 250, 50, 201, "u1200@nordhaven.example"},
      {"?startIndex=250", 250, 1, 250, "u1249@nordhaven.example"},
      {"?startIndex=251", 250, 0, 251, nullptr},
      {"?startIndex=9999", 250, 0, 9999, nullptr},
      {"?startIndex=0&count=2", 250, 2, 1, "u1000@nordhaven.example"},
      {"?startIndex=-3&count=2", 250, 2, 1, "u1000@nordhaven.example"},
      {"?startIndex=3&count=4&sortBy=userName&sortOrder=descending", 250, 4, 3, "u1247@nordhaven.example"},
      {"?filter=userName%20sw%20%22u11%22&startIndex=91&count=100", 100, 10, 91, "u1190@nordhaven.example"},
  };
  for (const auto& c : cases) {
    const json::Value page = get("/Users" + std::string(c.query));
    EXPECT_EQ(page.int_or("totalResults", -1), c.total) << c.query;
    EXPECT_EQ(page.int_or("startIndex", -1), c.start) << c.query;
    const json::Array& resources = page.find("Resources")->as_array();
    EXPECT_EQ(resources.size(), static_cast<std::size_t>(c.resources)) << c.query;
    if (c.first != nullptr && !resources.empty()) {
      EXPECT_EQ(resources[0].string_or("userName", ""), c.first) << c.query;
    }
  }
  EXPECT_EQ(value_of(app_->request("GET", "/Users?count=many")).status, 400);
}

TEST_F(ScimAppTest, KeepsGroupsAndUsersTogetherAndOverARestart) {
  const auto created = value_of(app_->request(
      "POST", "/Users",
      R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"New@nordhaven.example","active":true})"));
  ASSERT_EQ(created.status, 201) << created.body;
  const std::string id = value_of(json::parse(created.body)).string_or("id", "");
  EXPECT_EQ(
      value_of(app_->request(
                   "POST", "/Users",
                   R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"new@nordhaven.example"})"))
          .status,
      409);
  const auto patched = value_of(app_->request(
      "PATCH", "/Groups/g1",
      R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"add","path":"members","value":[{"value":")" +
          id + R"("}]}]})"));
  EXPECT_EQ(patched.status, 200) << patched.body;
  EXPECT_EQ(get("/Groups/g1").find("members")->as_array().size(), 4U);
  EXPECT_EQ(get("/Users/" + id).find("groups")->as_array().size(), 1U);
  ASSERT_TRUE(app_->stop());
  ASSERT_TRUE(app_->start_again());
  EXPECT_EQ(get("/Users/" + id).string_or("userName", ""), "New@nordhaven.example");
  EXPECT_EQ(get("/Groups/g1").find("members")->as_array().size(), 4U);
  EXPECT_EQ(value_of(app_->request("DELETE", "/Users/" + id)).status, 204);
  EXPECT_EQ(value_of(app_->request("GET", "/Users/" + id)).status, 404);
  EXPECT_EQ(get("/Groups/g1").find("members")->as_array().size(), 3U);
  app_->kill();
  ASSERT_TRUE(app_->start_again());
  EXPECT_EQ(get("/Users?count=1").int_or("totalResults", 0), 250);
}

TEST_F(ScimAppTest, KeepsTheLibrarysOwnBehaviour) {
  // Filters on userName are case-sensitive here, which RFC 7643 section 4.1.1 does not intend: clients must survive it.
  EXPECT_EQ(get("/Users?filter=userName%20eq%20%22U1000@nordhaven.example%22").int_or("totalResults", -1), 0);
  EXPECT_EQ(
      value_of(
          app_->request(
              "PATCH", "/Users/00000000-0000-4000-8000-000000001000",
              R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"active","value":"False"}]})"))
          .status,
      400);
}

}  // namespace
}  // namespace tenure::lab
