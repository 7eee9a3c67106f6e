// OpenLDAP's slapd as a laboratory peer on 127.0.0.1: mdb, memberof, refint, ppolicy with lockout, accesslog,
// cn=monitor and pwdLastSuccess (lastbind). Debian packages: slapd, ldap-utils.
//
// What the folder holds: slapd.conf (0600), db/, log/, seed.ldif, admin.secret and the other secret files (0600),
// slapd.log. Beside the seed, the peer makes: the suffix, ou=policies with the default password policy, and ou=system
// with two accounts that may change everything below the suffix and are named by the access log:
//   cn=tenure,ou=system,<base>    the connector
//   cn=operator,ou=system,<base>  a person at a console, for changes made by hand
// The administrator (rootdn) is above password policy, access control and size limits; a product must not need it.
//
// Owner stops the server by destroying it. One thread at a time. Errors as process.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <tenure/base/error.hpp>
#include <tenure/lab/process.hpp>

namespace tenure::lab {

struct SlapdOptions {
  std::string folder;  // created if missing; empty = a temporary one that goes with the peer
  std::string base_dn = "dc=nordhaven,dc=example";
  // Entries below the suffix, loaded with slapadd before the first start of a folder. No overlay runs then: memberOf
  // must be in it.
  std::string seed_ldif;
  std::uint16_t port = 0;  // 0 = a free one, kept over stop() and start_again()
  bool durable = false;    // fsync at every commit; off, an LDAP write takes 0.1 ms instead of 6
};

// A DN and where its password is.
struct LdapLogin {
  std::string dn;
  std::string password;
  std::string password_file;  // 0600, without a line end: ldapsearch -y
};

class Slapd {
 public:
  // Ready on return: a bind has succeeded. A folder that was used before keeps its entries and secrets.
  static Result<Slapd> start(const SlapdOptions& options);

  const std::string& folder() const { return folder_; }
  std::uint16_t port() const { return port_; }
  std::string url() const { return "ldap://127.0.0.1:" + std::to_string(port_); }
  const std::string& base_dn() const { return base_dn_; }
  const LdapLogin& admin() const { return admin_; }
  const LdapLogin& connector() const { return connector_; }
  const LdapLogin& console_operator() const { return operator_; }
  std::string log_path() const { return folder_ + "/slapd.log"; }

  bool running() { return server_->running(); }
  Status stop() { return server_->stop(); }
  Status start_again() { return server_->start_again(); }
  void kill() { server_->kill(); }
  Status pause() { return server_->pause(); }  // accepts connections, answers nothing
  Status resume() { return server_->resume(); }

  // Applies LDIF change records as `login` with ldapmodify (entries without a changetype are added).
  Status modify(const LdapLogin& login, std::string_view ldif) const;
  // ldapsearch -LLL as `login`; scope "base", "one" or "sub". The LDIF, unwrapped.
  Result<std::string> search(const LdapLogin& login, std::string_view base, std::string_view scope,
                             std::string_view filter, std::string_view attributes = "*") const;
  // Whether this DN can bind with this password now. Error when the server does not answer in time.
  Result<bool> can_bind(std::string_view dn, std::string_view password, Duration within = Duration::seconds(10)) const;
  // Sets userPassword as the administrator; returns the new random password.
  Result<std::string> set_random_password(std::string_view dn) const;

 private:
  Slapd() = default;
  Status prepare(const SlapdOptions& options);
  Status write_config(bool durable) const;
  Status load_seed(const std::string& seed_ldif) const;
  Status launch(std::uint16_t port);
  Result<ToolOutput> tool(const char* name, const LdapLogin& login, std::vector<std::string> arguments,
                          Duration within) const;

  std::optional<TempFolder> own_folder_;  // outlives server_: members are destroyed in reverse order
  std::string folder_;
  std::string base_dn_;
  std::uint16_t port_ = 0;
  LdapLogin admin_;
  LdapLogin connector_;
  LdapLogin operator_;
  std::optional<Server> server_;
};

}  // namespace tenure::lab
