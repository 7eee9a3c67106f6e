// Needs real servers: PostgreSQL from libs/lab.
#include "roles.hpp"

#include <gtest/gtest.h>

#include <tenure/connector/host.hpp>
#include <tenure/connector/testing/conformance.hpp>
#include <tenure/connector_postgresql/postgresql_connector.hpp>
#include <tenure/lab/postgres.hpp>

namespace tenure::connector_postgresql {
namespace {

using connector::testing::Right;

// psql notices the end of its connection only when it next speaks, so the server is asked whether the backend is there.
class PsqlSession final : public connector::testing::OpenSession {
 public:
  PsqlSession(lab::Process process, const lab::Postgres& peer, std::string role)
      : process_(std::move(process)), peer_(peer), role_(std::move(role)) {}
  bool alive() override { return peer_.session_count(role_).value() > 0; }

 private:
  lab::Process process_;
  const lab::Postgres& peer_;
  std::string role_;
};

class PostgresDriver final : public connector::testing::Driver {
 public:
  PostgresDriver() : peer_(lab::Postgres::start({.seed_sql = kSeed}).value()), connector_(make_connector()) {
    secrets_.set("env:LEDGER_PASSWORD", peer_.connector_password());
  }

  const connector::Connector& connector() override { return *connector_; }
  connector::Settings settings() override { return settings_at(std::to_string(peer_.port())); }
  connector::Settings unreachable() override { return settings_at(std::to_string(lab::free_port().value())); }
  connector::testing::MapSecrets& secrets() override { return secrets_; }
  std::string secret_reference() override { return "env:LEDGER_PASSWORD"; }

  connector::AccountDraft draft(const std::string& name) override {
    return {"people", model::Purpose::kNormal, name, {{"comment", "P00" + name}}, true};
  }
  model::AttributeMap changed_attributes(const connector::AccountDraft&) override {
    return {{"comment", "it's \"new\" $1"}};
  }
  std::vector<Right> rights() override {
    return {{model::EntitlementId("ledger_ro"), ""}, {model::EntitlementId("ledger_admin"), admin_parameters(true)}};
  }
  model::NativeId absent_id() override { return model::NativeId("4000000000"); }

  Status disable(const model::Account& account) override { return sql("ALTER ROLE \"" + account.name + "\" NOLOGIN"); }
  Status remove(const model::Account& account) override { return sql("DROP ROLE \"" + account.name + "\""); }
  Status grant(const model::Account& account, const Right& right) override {
    return sql("GRANT " + right.entitlement.str() + " TO \"" + account.name + "\"" +
               (right.parameters.empty() ? "" : " WITH ADMIN OPTION"));
  }
  Status revoke(const model::Account& account, const Right& right) override {
    return sql("REVOKE " + right.entitlement.str() + " FROM \"" + account.name + "\"");
  }
  Result<std::unique_ptr<connector::testing::OpenSession>> open_session(const model::Account& account) override {
    TENURE_TRY(lab::Process process, peer_.open_session(account.name));
    return std::make_unique<PsqlSession>(std::move(process), peer_, account.name);
  }
  Status hang() override { return peer_.pause(); }
  Status resume() override { return peer_.resume(); }

  lab::Postgres& peer() { return peer_; }

 private:
  static constexpr const char* kSeed =
      "CREATE ROLE ledger_ro; CREATE ROLE ledger_rw; CREATE ROLE ledger_admin; CREATE ROLE legacy_bi;"
      "GRANT ledger_ro TO ledger_rw; CREATE ROLE svc_batch LOGIN; GRANT ledger_ro TO svc_batch;"
      "CREATE ROLE boss SUPERUSER LOGIN; GRANT ledger_rw TO boss;"
      "GRANT ledger_ro, ledger_rw, ledger_admin TO tenure_connector WITH ADMIN OPTION;";

  Status sql(const std::string& text) {
    TENURE_TRY(const std::string rows, peer_.superuser_sql(text));
    static_cast<void>(rows);
    return {};
  }

  connector::Settings settings_at(const std::string& port) const {
    connector::Settings s;
    s.target = model::TargetName("ledger");
    s.config = json::Object{{"host", "127.0.0.1"},
                            {"port", port},
                            {"database", peer_.database()},
                            {"user", peer_.connector_role()},
                            {"password", "env:LEDGER_PASSWORD"},
                            {"entitlements", json::Array{"ledger_*", "legacy_*"}}};
    s.classes = {{"services", model::Purpose::kService, model::Scope::kManaged, json::Object{{"match", "svc_*"}}, {}},
                 {"people", model::Purpose::kNormal, model::Scope::kManaged, json::Object{}, {"comment"}}};
    s.ignored = {model::EntitlementId("legacy_bi")};
    return s;
  }

  lab::Postgres peer_;
  std::unique_ptr<connector::Connector> connector_;
  connector::testing::MapSecrets secrets_;
};

PostgresDriver& driver() {
  static PostgresDriver instance;
  return instance;
}

const bool kRegistered =
    connector::testing::register_conformance("Postgresql", []() -> connector::testing::Driver& { return driver(); });

std::unique_ptr<connector::Connection> open_connection() {
  return driver().connector().open(driver().settings(), driver().secrets()).value();
}

TEST(PostgresqlConnector, ReadsNestingAndLeavesOutWhatIsNotGoverned) {
  ASSERT_TRUE(kRegistered);
  const auto connection = open_connection();
  const auto observation = connection->account_reader()->read_all({}).value();
  bool nested = false, service = false;
  for (const auto& grant : observation.grants) {
    nested |= grant.holder.entitlement.str() == "ledger_rw" && grant.entitlement.str() == "ledger_ro";
    EXPECT_NE(grant.entitlement.str(), "legacy_bi");
  }
  for (const auto& account : observation.accounts) {
    EXPECT_NE(account.name, "boss");
    EXPECT_NE(account.name, "tenure_connector");
    service |= account.name == "svc_batch" && account.account_class == "services";
  }
  EXPECT_TRUE(nested);
  EXPECT_TRUE(service);
  EXPECT_TRUE(connection->preflight({}).value().empty());
}

TEST(PostgresqlConnector, EndsSessionsByOidEvenOfADroppedRole) {
  const auto connection = open_connection();
  const auto image = connection->account_writer()->create({}, driver().draft("dropped")).value();
  ASSERT_TRUE(driver().peer().set_random_password("dropped"));
  const auto session = driver().peer().open_session("dropped").value();
  ASSERT_TRUE(driver().peer().superuser_sql("DROP ROLE dropped"));
  EXPECT_EQ(connection->account_reader()->read_account({}, image.account.id).value(), std::nullopt);
  ASSERT_EQ(connection->session_control()->list_sessions({}, image.account.id).value().size(), 1U);
  EXPECT_TRUE(connection->session_control()->end_sessions({}, image.account.id).value().empty());
}

TEST(PostgresqlConnector, GrantWithAnotherParameterReplacesIt) {
  const auto connection = open_connection();
  const auto image = connection->account_writer()->create({}, driver().draft("params")).value();
  const model::EntitlementId right("ledger_admin");
  auto* writer = connection->grant_writer();
  EXPECT_EQ(writer->grant({}, image.account.id, right, admin_parameters(true)).value().grants[0].parameters,
            admin_parameters(true));
  EXPECT_EQ(writer->grant({}, image.account.id, right, "").value().grants[0].parameters, "");
  EXPECT_EQ(writer->grant({}, image.account.id, model::EntitlementId("pg_read_all_data"), "").error().reason(),
            Reason::kTargetObjectMissing);
}

TEST(PostgresqlConnector, OwnerOfObjectsIsNotDropped) {
  const auto connection = open_connection();
  const auto image = connection->account_writer()->create({}, driver().draft("owner")).value();
  ASSERT_TRUE(driver().peer().superuser_sql("CREATE TABLE kept (x int); ALTER TABLE kept OWNER TO owner"));
  const auto removed = connection->account_writer()->remove({}, image.account.id);
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().reason(), Reason::kTargetRefused);
  EXPECT_EQ(removed.error().effect(), Effect::kNone);
}

TEST(PostgresqlSettings, EveryFaultIsNamed) {
  connector::Settings s;
  s.config = json::Object{{"host", "x"}, {"password", "hunter2"}, {"prot", "1"}};
  Diagnostics diagnostics;
  make_connector()->check(s, {"ledger.yaml", 3, 1}, diagnostics);
  EXPECT_GE(diagnostics.error_count(), 4U);  // database, user, password not a reference, entitlements, prot
  for (const auto& diagnostic : diagnostics.sorted()) EXPECT_EQ(render(diagnostic).find("hunter2"), std::string::npos);
}

TEST(Glob, Matches) {
  EXPECT_TRUE(glob_matches("ledger_*", "ledger_ro"));
  EXPECT_TRUE(glob_matches("*", ""));
  EXPECT_TRUE(glob_matches("a*b*c", "aXXbYYc"));
  EXPECT_FALSE(glob_matches("a*b", "ac"));
  EXPECT_FALSE(glob_matches("ledger", "ledger_ro"));
}

}  // namespace
}  // namespace tenure::connector_postgresql
