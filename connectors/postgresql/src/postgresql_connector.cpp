#include "client.hpp"
#include "roles.hpp"

#include <poll.h>

#include <tenure/connector/settings.hpp>
#include <tenure/connector/verify.hpp>
#include <tenure/connector_postgresql/postgresql_connector.hpp>

namespace tenure::connector_postgresql {
namespace {

using connector::AccountDraft;
using connector::Call;
using model::AccountImage;
using model::NativeId;

connector::Manifest make_manifest() {
  connector::Manifest m;
  m.connector = "postgresql";
  m.title = "PostgreSQL roles";
  m.reads_accounts = m.writes_accounts = m.writes_grants = m.ends_sessions = true;
  m.create_class = connector::OperationClass::kB;
  m.proofs = {true, true, false, true};
  m.rights_needed = {"CREATEROLE", "pg_signal_backend (to end sessions)", "pg_read_all_stats (to see them)"};
  m.unsupported = {
      {"login refused as a proof", "the connector holds no credential of the accounts"},
      {"object grants", "roles and their memberships are governed; GRANT ON objects is read by a later release"}};
  return m;
}

const connector::Manifest& the_manifest() {
  static const connector::Manifest manifest = make_manifest();
  return manifest;
}

struct Config {
  Login login;
  std::string password_reference;
  RoleRules rules;
};

Config read_config(const connector::Settings& settings, const Place& place, Diagnostics& diagnostics) {
  Config config;
  connector::ConfigReader reader(settings.config, "config", place, diagnostics);
  config.login.host = reader.text("host");
  config.login.port = reader.text_or("port", "5432");
  config.login.database = reader.text("database");
  config.login.user = reader.text("user");
  config.login.sslmode =
      reader.choice_or("sslmode", "prefer", {"disable", "prefer", "require", "verify-ca", "verify-full"});
  config.password_reference = reader.secret_reference("password", true);
  config.rules.entitlements = reader.texts("entitlements");
  if (config.rules.entitlements.empty())
    reader.fault("entitlements", "no pattern says which roles are entitlements", "a list such as [\"ledger_*\"]");
  reader.no_other_keys();
  for (const auto& account_class : settings.classes) {
    connector::ConfigReader class_reader(account_class.config, "classes." + account_class.name, place, diagnostics);
    config.rules.classes.push_back({account_class.name, account_class.purpose, class_reader.text_or("match", "*"),
                                    account_class.scope == model::Scope::kIgnored});
    class_reader.no_other_keys();
  }
  for (const auto& ignored : settings.ignored) config.rules.ignored.push_back(ignored.str());
  return config;
}

class PostgresqlConnection final : public connector::Connection,
                                   public connector::AccountReader,
                                   public connector::AccountWriter,
                                   public connector::GrantWriter,
                                   public connector::SessionControl {
 public:
  PostgresqlConnection(model::TargetName target, Config config)
      : target_(std::move(target)), client_(std::move(config.login)), rules_(std::move(config.rules)) {}

  const connector::Manifest& manifest() const override { return the_manifest(); }
  connector::AccountReader* account_reader() override { return this; }
  connector::AccountWriter* account_writer() override { return this; }
  connector::GrantWriter* grant_writer() override { return this; }
  connector::SessionControl* session_control() override { return this; }

  Result<std::vector<connector::PreflightFault>> preflight(const Call& call) override {
    const Deadline deadline(call.timeout);
    TENURE_TRY(const Rows rows, client_.query(deadline,
                                              "SELECT rolsuper OR rolcreaterole, "
                                              "rolsuper OR pg_has_role(current_user, 'pg_signal_backend', 'USAGE'), "
                                              "rolsuper OR pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') "
                                              "FROM pg_catalog.pg_roles WHERE rolname = current_user"));
    if (rows.empty() || rows[0].size() != 3)
      return fail(Reason::kTargetProtocol, "the server does not know its own user");
    std::vector<connector::PreflightFault> faults;
    if (rows[0][0] != "t") faults.push_back({"CREATEROLE", "creating, disabling and granting roles"});
    if (rows[0][1] != "t") faults.push_back({"pg_signal_backend", "ending sessions"});
    if (rows[0][2] != "t") faults.push_back({"pg_read_all_stats", "seeing the sessions of other roles"});
    return faults;
  }

  Result<model::Observation> read_all(const Call& call) override {
    TENURE_TRY(model::Observation observation, read_roles(client_, Deadline(call.timeout), rules_));
    observation.target = target_;
    return observation;
  }
  Result<std::optional<AccountImage>> read_account(const Call& call, const NativeId& id) override {
    return read_role(client_, Deadline(call.timeout), rules_, id.str());
  }
  Result<std::optional<AccountImage>> find_account(const Call& call, const std::string& account_class,
                                                   const std::string& name) override {
    const Deadline deadline(call.timeout);
    TENURE_TRY(const auto oid, oid_of(client_, deadline, name));
    if (!oid) return std::nullopt;
    TENURE_TRY(auto image, read_role(client_, deadline, rules_, *oid));
    if (image && image->account.account_class != account_class) return std::nullopt;
    return image;
  }

  Result<AccountImage> create(const Call& call, const AccountDraft& draft) override {
    const Deadline deadline(call.timeout);
    const auto* role_class = rules_.class_of(draft.name);
    if (role_class == nullptr || role_class->name != draft.account_class)
      return fail(Reason::kTargetRefused,
                  "a role named \"" + draft.name + "\" would not be an account of class " + draft.account_class);
    TENURE_TRY(const auto there, find_account(call, draft.account_class, draft.name));
    if (there) {
      if (const auto differs = connector::difference(*there, draft))
        return fail(Reason::kTargetObjectExists, "role " + draft.name + " is there: " + *differs);
      return *there;
    }
    TENURE_CHECK_OK(client_.connect(deadline));
    TENURE_TRY(const std::string role, client_.quote_identifier(draft.name));
    // Role and comment appear together or not at all: one transaction on the server.
    std::string sql =
        "DO $tenure$ BEGIN CREATE ROLE " + role + (draft.enabled ? " LOGIN" : " NOLOGIN") + " PASSWORD NULL;";
    TENURE_TRY(const std::string settings, attribute_sql(role, draft.attributes));
    sql += settings + " END $tenure$";
    if (sql.find("$tenure$", sql.find("$tenure$") + 1) != sql.rfind("$tenure$"))
      return fail(Reason::kTargetRefused, "an attribute holds text that cannot be sent");
    TENURE_CHECK_OK(client_.query(deadline, sql, {}, true));
    TENURE_TRY(const auto image, find_account(call, draft.account_class, draft.name));
    if (!image) return connector::unverified("role " + draft.name + " was created and is not there");
    if (const auto differs = connector::difference(*image, draft)) return connector::unverified(*differs);
    return *image;
  }

  Result<AccountImage> update(const Call& call, const NativeId& id, const model::AttributeMap& attributes) override {
    const Deadline deadline(call.timeout);
    TENURE_TRY(const std::string role, quoted_role(deadline, id));
    TENURE_TRY(const std::string settings, attribute_sql(role, attributes));
    if (settings.find("$tenure$") != std::string::npos)
      return fail(Reason::kTargetRefused, "an attribute holds text that cannot be sent");
    if (!settings.empty())
      TENURE_CHECK_OK(client_.query(deadline, "DO $tenure$ BEGIN " + settings + " END $tenure$", {}, true));
    TENURE_TRY(AccountImage image, must_read(deadline, id));
    if (const auto differs = connector::difference(image, attributes)) return connector::unverified(*differs);
    return image;
  }

  Result<AccountImage> set_enabled(const Call& call, const NativeId& id, bool enabled) override {
    const Deadline deadline(call.timeout);
    TENURE_TRY(const std::string role, quoted_role(deadline, id));
    TENURE_CHECK_OK(client_.query(deadline, "ALTER ROLE " + role + (enabled ? " LOGIN" : " NOLOGIN"), {}, true));
    TENURE_TRY(AccountImage image, must_read(deadline, id));
    if (image.account.enabled != enabled) return connector::unverified("the role's LOGIN did not change");
    return image;
  }

  Status remove(const Call& call, const NativeId& id) override {
    const Deadline deadline(call.timeout);
    TENURE_TRY(const auto image, read_role(client_, deadline, rules_, id.str()));
    if (!image) return {};
    TENURE_TRY(const std::string role, client_.quote_identifier(image->account.name));
    TENURE_CHECK_OK(client_.query(deadline, "DROP ROLE " + role, {}, true));
    TENURE_TRY(const auto after, read_role(client_, deadline, rules_, id.str()));
    if (after) return connector::unverified("the role is still there");
    return {};
  }

  Result<AccountImage> grant(const Call& call, const NativeId& id, const model::EntitlementId& entitlement,
                             const model::Parameters& parameters) override {
    const Deadline deadline(call.timeout);
    TENURE_TRY(const bool admin, wants_admin(parameters));
    TENURE_TRY(const std::string role, quoted_role(deadline, id));
    TENURE_TRY(const std::string right, quoted_entitlement(entitlement));
    std::string sql = "GRANT " + right + " TO " + role;
    if (admin) sql += " WITH ADMIN OPTION";
    TENURE_CHECK_OK(client_.query(deadline, sql, {}, true));
    // GRANT without the option leaves one that is there: take it away.
    if (!admin)
      TENURE_CHECK_OK(client_.query(deadline, "REVOKE ADMIN OPTION FOR " + right + " FROM " + role, {}, true));
    TENURE_TRY(AccountImage image, must_read(deadline, id));
    if (!connector::holds(image, entitlement, parameters))
      return connector::unverified("the role is no member of " + entitlement.str() + " as asked");
    return image;
  }

  Result<AccountImage> revoke(const Call& call, const NativeId& id, const model::EntitlementId& entitlement,
                              const model::Parameters&) override {
    const Deadline deadline(call.timeout);
    TENURE_TRY(const std::string role, quoted_role(deadline, id));
    TENURE_TRY(const std::string right, quoted_entitlement(entitlement));
    auto revoked = client_.query(deadline, "REVOKE " + right + " FROM " + role, {}, true);
    // An entitlement that no longer exists is held by nobody; the read-back proves it.
    if (!revoked && revoked.error().reason() != Reason::kTargetObjectMissing) return fail(std::move(revoked).error());
    TENURE_TRY(AccountImage image, must_read(deadline, id));
    for (const auto& grant : image.grants)
      if (grant.entitlement == entitlement)
        return connector::unverified("the role is still a member of " + entitlement.str());
    return image;
  }

  Result<std::vector<model::Session>> list_sessions(const Call& call, const NativeId& id) override {
    return sessions(Deadline(call.timeout), id);
  }

  Result<std::vector<model::Session>> end_sessions(const Call& call, const NativeId& id) override {
    const Deadline deadline(call.timeout);
    // By the role's oid: a session outlives a rename and even DROP ROLE.
    TENURE_CHECK_OK(client_.query(deadline,
                                  "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity "
                                  "WHERE usesysid = $1::oid AND pid <> pg_catalog.pg_backend_pid()",
                                  {id.str()}, true));
    // The signal is delivered at once and acted on a moment later: look until it is so or the time is over.
    while (true) {
      TENURE_TRY(auto left, sessions(deadline, id));
      if (left.empty() || deadline.left_ms() < 50) return left;
      ::poll(nullptr, 0, 5);
    }
  }

 private:
  Result<std::vector<model::Session>> sessions(const Deadline& deadline, const NativeId& id) {
    TENURE_TRY(const Rows rows, client_.query(deadline,
                                              "SELECT pid::text || '/' || extract(epoch FROM backend_start)::text, "
                                              "coalesce(host(client_addr), 'local') || ' ' || application_name "
                                              "FROM pg_catalog.pg_stat_activity WHERE usesysid = $1::oid ORDER BY 1",
                                              {id.str()}));
    std::vector<model::Session> all;
    for (const auto& row : rows) all.push_back({row[0].value_or(""), row[1].value_or("")});
    return all;
  }

  Result<AccountImage> must_read(const Deadline& deadline, const NativeId& id) {
    TENURE_TRY(auto image, read_role(client_, deadline, rules_, id.str()));
    if (!image) return fail(Reason::kTargetObjectMissing, "there is no account with the oid " + id.str());
    return std::move(*image);
  }

  Result<std::string> quoted_role(const Deadline& deadline, const NativeId& id) {
    TENURE_TRY(const AccountImage image, must_read(deadline, id));
    return client_.quote_identifier(image.account.name);
  }

  // Only what the settings call an entitlement may be granted: never a role of the server itself.
  Result<std::string> quoted_entitlement(const model::EntitlementId& entitlement) {
    if (!rules_.is_entitlement(entitlement.str()))
      return fail(Reason::kTargetObjectMissing, "the role " + entitlement.str() + " is no entitlement of this target");
    return client_.quote_identifier(entitlement.str());
  }

  Result<std::string> attribute_sql(const std::string& quoted_role, const model::AttributeMap& attributes) {
    std::string sql;
    for (const auto& [name, value] : attributes) {
      const auto texts = connector::attribute_texts(value);
      const std::string text = texts.empty() ? "" : texts.front();
      if (name == "comment") {
        TENURE_TRY(const std::string literal, client_.quote_literal(text));
        sql += " COMMENT ON ROLE " + quoted_role + " IS " + (text.empty() ? "NULL" : literal) + ";";
      } else if (name == "connection_limit") {
        TENURE_TRY(const std::string literal, client_.quote_literal(text.empty() ? "-1" : text));
        for (const char c : text)
          if ((c < '0' || c > '9') && c != '-')
            return fail(Reason::kTargetRefused, "connection_limit is a number, not " + literal);
        sql += " ALTER ROLE " + quoted_role + " CONNECTION LIMIT " + (text.empty() ? "-1" : text) + ";";
      } else {
        return fail(Reason::kTargetRefused, "a role has no attribute " + name + " (comment, connection_limit)");
      }
    }
    return sql;
  }

  const model::TargetName target_;
  Client client_;
  const RoleRules rules_;
};

class PostgresqlConnector final : public connector::Connector {
 public:
  const connector::Manifest& manifest() const override { return the_manifest(); }

  void check(const connector::Settings& settings, const Place& place, Diagnostics& diagnostics) const override {
    read_config(settings, place, diagnostics);
  }

  Result<std::unique_ptr<connector::Connection>> open(const connector::Settings& settings,
                                                      connector::SecretSource& secrets) const override {
    Diagnostics diagnostics;
    Config config = read_config(settings, {settings.target.str(), 0, 0}, diagnostics);
    if (diagnostics.has_errors()) return fail(diagnostics.to_error());
    config.login.password = [&secrets, reference = config.password_reference] { return secrets.secret(reference); };
    return std::make_unique<PostgresqlConnection>(settings.target, std::move(config));
  }
};

}  // namespace

std::unique_ptr<connector::Connector> make_connector() {
  return std::make_unique<PostgresqlConnector>();
}

}  // namespace tenure::connector_postgresql
