#include "connection.hpp"

#include <tenure/connector_ldap/ldap.hpp>

namespace tenure::connector_ldap {

connector::Manifest ldap_manifest(bool reads_sessions) {
  connector::Manifest out;
  out.connector = "ldap";
  out.title = "OpenLDAP and other LDAP v3 directories";
  out.reads_accounts = true;
  out.writes_accounts = true;
  out.writes_grants = true;
  out.grant_writes_object = "account";  // one member value is added or deleted, never the list
  out.create_class = connector::OperationClass::kB;
  out.own_restriction = "locked";
  out.proofs.configuration = true;
  out.proofs.effective_access = true;  // direct and nested memberships are read; see README.md for dynamic groups
  out.proofs.login_refused = false;
  out.proofs.sessions_zero = reads_sessions;
  out.rights_needed = {
      "read, search and compare on the bases of the account classes and of the groups, with entryUUID, entryCSN and "
      "pwdAccountLockedTime",
      "no size limit for paged searches (limits ... size.prtotal=unlimited)",
      "write on managed account bases and on the member attribute of groups",
  };
  out.unsupported = {
      {"end sessions", "LDAP has no operation that ends another connection"},
      {"prove that a login is refused", "that takes the account's own credential, which is not kept"},
      {"rename an account", "a rename is decided by a person"},
  };
  if (!reads_sessions)
    out.unsupported.push_back(
        {"list sessions", "the setting monitor is not set (OpenLDAP's cn=Connections,cn=Monitor)"});
  return out;
}

namespace {

class LdapConnector final : public connector::Connector {
 public:
  const connector::Manifest& manifest() const override { return manifest_; }

  void check(const connector::Settings& settings, const Place& place, Diagnostics& diagnostics) const override {
    read_config(settings, place, diagnostics);
  }

  Result<std::unique_ptr<connector::Connection>> open(const connector::Settings& settings,
                                                      connector::SecretSource& secrets) const override {
    Diagnostics diagnostics;
    Config config = read_config(settings, {}, diagnostics);
    if (diagnostics.has_errors()) return fail(diagnostics.to_error());
    return std::make_unique<LdapConnection>(std::move(config), secrets);
  }

 private:
  const connector::Manifest manifest_ = ldap_manifest(true);
};

}  // namespace

std::unique_ptr<connector::Connector> make_ldap_connector() {
  return std::make_unique<LdapConnector>();
}

}  // namespace tenure::connector_ldap
