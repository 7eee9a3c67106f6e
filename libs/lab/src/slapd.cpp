#include <algorithm>
#include <utility>

#include <tenure/base/file.hpp>
#include <tenure/base/text.hpp>
#include <tenure/lab/slapd.hpp>

namespace tenure::lab {
namespace {

constexpr Duration kToolDeadline = Duration::seconds(120);
constexpr int kAttempts = 3;  // a free port may be taken before the server binds it
constexpr int kInvalidCredentials = 49;

// $DIR, $BASE and $ENVFLAGS are replaced.
constexpr std::string_view kConfig = R"(include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
include /etc/ldap/schema/nis.schema
pidfile $DIR/slapd.pid
argsfile $DIR/slapd.args
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
moduleload refint
moduleload ppolicy
moduleload syncprov
moduleload accesslog
moduleload sssvlv
sortvals member
threads 4
sizelimit 500
idletimeout 0

database config
access to * by * none

database monitor
access to * by dn.exact="cn=admin,$BASE" read by dn.exact="cn=tenure,ou=system,$BASE" read by * none

database mdb
suffix "cn=accesslog"
directory $DIR/log
rootdn "cn=admin,$BASE"
maxsize 1073741824
$ENVFLAGSindex reqStart,reqEnd,objectClass,entryCSN,reqDN,reqAuthzID eq
limits dn.exact="cn=tenure,ou=system,$BASE" size=500 size.pr=500 size.prtotal=unlimited
access to * by dn.exact="cn=tenure,ou=system,$BASE" read by * none
overlay syncprov
syncprov-nopresent TRUE
syncprov-reloadhint TRUE

database mdb
suffix "$BASE"
directory $DIR/db
rootdn "cn=admin,$BASE"
rootpw $ROOTPW
maxsize 1073741824
$ENVFLAGSlastbind on
index objectClass,uid,cn,mail,member,memberOf,employeeNumber,entryUUID,entryCSN eq
limits dn.exact="cn=tenure,ou=system,$BASE" size=500 size.pr=500 size.prtotal=unlimited
access to attrs=userPassword by dn.exact="cn=tenure,ou=system,$BASE" manage by dn.exact="cn=operator,ou=system,$BASE" manage by anonymous auth by self =wx by * none
access to * by dn.exact="cn=tenure,ou=system,$BASE" manage by dn.exact="cn=operator,ou=system,$BASE" manage by users read by * none
overlay memberof
memberof-refint TRUE
overlay refint
refint_attributes member memberOf
overlay ppolicy
ppolicy_default "cn=default,ou=policies,$BASE"
ppolicy_use_lockout
overlay syncprov
syncprov-checkpoint 1000 60
syncprov-sessionlog 10000
overlay accesslog
logdb cn=accesslog
logops writes
logsuccess TRUE
)";

constexpr std::string_view kBaseEntries = R"(dn: $BASE
objectClass: dcObject
objectClass: organization
o: $DC
dc: $DC

dn: ou=policies,$BASE
objectClass: organizationalUnit
ou: policies

dn: cn=default,ou=policies,$BASE
objectClass: pwdPolicy
objectClass: organizationalRole
cn: default
pwdAttribute: userPassword
pwdLockout: TRUE
pwdMaxFailure: 5
pwdLockoutDuration: 0

dn: cn=nobody,ou=policies,$BASE
objectClass: organizationalRole
cn: nobody
description: member of every group, so that a group of names may be empty

dn: ou=system,$BASE
objectClass: organizationalUnit
ou: system

dn: cn=tenure,ou=system,$BASE
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: tenure
description: the connector
userPassword: $TENUREPW

dn: cn=operator,ou=system,$BASE
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: operator
description: a person at a console
userPassword: $OPERATORPW

)";

std::string replace_all(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

Result<LdapLogin> login_of(const std::string& folder, const std::string& file, std::string dn) {
  LdapLogin login{.dn = std::move(dn), .password = {}, .password_file = folder + "/" + file};
  if (file_exists(login.password_file)) {
    TENURE_TRY(login.password, read_file(login.password_file));
  } else {
    login.password = random_secret();
    TENURE_CHECK_OK(write_secret_file(login.password_file, login.password));
  }
  return login;
}

}  // namespace

Result<Slapd> Slapd::start(const SlapdOptions& options) {
  Slapd peer;
  TENURE_CHECK_OK(peer.prepare(options));
  if (options.port != 0) {
    TENURE_CHECK_OK(peer.launch(options.port));
    return peer;
  }
  for (int attempt = 1;; ++attempt) {
    TENURE_TRY(const std::uint16_t port, free_port());
    auto launched = peer.launch(port);
    if (launched) return peer;
    if (attempt == kAttempts) return fail(std::move(launched.error()));
  }
}

Status Slapd::prepare(const SlapdOptions& options) {
  folder_ = options.folder;
  if (folder_.empty()) {
    TENURE_TRY(own_folder_, TempFolder::create("tenure-slapd"));
    folder_ = own_folder_->path();
  }
  base_dn_ = options.base_dn;
  TENURE_CHECK_OK(make_folders(folder_ + "/log"));
  TENURE_TRY(admin_, login_of(folder_, "admin.secret", "cn=admin," + base_dn_));
  TENURE_TRY(connector_, login_of(folder_, "connector.secret", "cn=tenure,ou=system," + base_dn_));
  TENURE_TRY(operator_, login_of(folder_, "operator.secret", "cn=operator,ou=system," + base_dn_));
  TENURE_CHECK_OK(write_config(options.durable));
  if (file_exists(folder_ + "/db/data.mdb")) return {};
  TENURE_CHECK_OK(make_folders(folder_ + "/db"));
  return load_seed(options.seed_ldif);
}

Status Slapd::write_config(bool durable) const {
  std::string text = replace_all(std::string(kConfig), "$DIR", folder_);
  text = replace_all(std::move(text), "$BASE", base_dn_);
  text = replace_all(std::move(text), "$ROOTPW", admin_.password);
  text = replace_all(std::move(text), "$ENVFLAGS", durable ? "" : "envflags nosync writemap\n");
  return write_secret_file(folder_ + "/slapd.conf", text);
}

Status Slapd::load_seed(const std::string& seed_ldif) const {
  TENURE_TRY(const std::string slapadd, find_program("slapadd", "slapd"));
  const std::size_t comma = base_dn_.find(',');
  std::string text = replace_all(std::string(kBaseEntries), "$BASE", base_dn_);
  text = replace_all(std::move(text), "$DC", base_dn_.substr(3, comma == std::string::npos ? comma : comma - 3));
  text = replace_all(std::move(text), "$TENUREPW", connector_.password);
  text = replace_all(std::move(text), "$OPERATORPW", operator_.password);
  text += seed_ldif;
  const std::string path = folder_ + "/seed.ldif";
  TENURE_CHECK_OK(write_secret_file(path, text));
  const auto loaded = run_tool_ok({.argv = {slapadd, "-q", "-f", folder_ + "/slapd.conf", "-b", base_dn_, "-l", path},
                                   .environment = plain_environment()},
                                  kToolDeadline);
  if (loaded) return {};
  // A half-loaded database must not pass for a used one at the next start.
  (void)::remove((folder_ + "/db/data.mdb").c_str());
  return fail(loaded.error());
}

Status Slapd::launch(std::uint16_t port) {
  TENURE_TRY(const std::string slapd, find_program("slapd", "slapd"));
  TENURE_TRY(const std::string whoami, find_program("ldapwhoami", "ldap-utils"));
  port_ = port;
  auto ready = [whoami, port, url = url(), login = admin_] {
    if (!port_answers(port)) return false;
    auto answer =
        run_tool({.argv = {whoami, "-x", "-H", url, "-D", login.dn, "-y", login.password_file, "-o", "nettimeout=2"},
                  .environment = plain_environment()},
                 Duration::seconds(5));
    return answer && answer->status == 0;
  };
  TENURE_TRY(server_,
             Server::start({.name = "slapd",
                            .process = {.argv = {slapd, "-f", folder_ + "/slapd.conf", "-h", url() + "/", "-d", "0"},
                                        .environment = plain_environment(),
                                        .log_path = log_path()},
                            .ready = std::move(ready)}));
  return {};
}

Result<ToolOutput> Slapd::tool(const char* name, const LdapLogin& login, std::vector<std::string> arguments,
                               Duration within) const {
  TENURE_TRY(const std::string path, find_program(name, "ldap-utils"));
  std::vector<std::string> argv{path, "-x",          "-H", url(), "-D", login.dn, "-y", login.password_file,
                                "-o", "nettimeout=5"};
  std::move(arguments.begin(), arguments.end(), std::back_inserter(argv));
  return run_tool({.argv = std::move(argv), .environment = plain_environment()}, within);
}

Status Slapd::modify(const LdapLogin& login, std::string_view ldif) const {
  TENURE_TRY(const TempFolder folder, TempFolder::create());
  const std::string path = folder.path() + "/changes.ldif";
  TENURE_CHECK_OK(write_secret_file(path, ldif));
  TENURE_TRY(const ToolOutput output, tool("ldapmodify", login, {"-a", "-f", path}, kToolDeadline));
  if (output.status == 0) return {};
  return fail(Reason::kProcessFailed,
              "ldapmodify ended with status " + std::to_string(output.status) + ": " + output.text, Effect::kUnknown);
}

Result<std::string> Slapd::search(const LdapLogin& login, std::string_view base, std::string_view scope,
                                  std::string_view filter, std::string_view attributes) const {
  std::vector<std::string> arguments{"-LLL",
                                     "-o",
                                     "ldif-wrap=no",
                                     "-E",
                                     "pr=500/noprompt",
                                     "-b",
                                     std::string(base),
                                     "-s",
                                     std::string(scope),
                                     std::string(filter)};
  for (std::string& attribute : split(attributes, ' ')) arguments.push_back(std::move(attribute));
  TENURE_TRY(ToolOutput output, tool("ldapsearch", login, std::move(arguments), kToolDeadline));
  if (output.status == 0) return std::move(output.text);
  return fail(Reason::kProcessFailed,
              "ldapsearch ended with status " + std::to_string(output.status) + ": " + output.text);
}

Result<bool> Slapd::can_bind(std::string_view dn, std::string_view password, Duration within) const {
  TENURE_TRY(const TempFolder folder, TempFolder::create());
  const LdapLogin login{
      .dn = std::string(dn), .password = std::string(password), .password_file = folder.path() + "/secret"};
  TENURE_CHECK_OK(write_secret_file(login.password_file, password));
  TENURE_TRY(const ToolOutput output, tool("ldapwhoami", login, {}, within));
  if (output.status == 0) return true;
  if (output.status == kInvalidCredentials) return false;
  return fail(Reason::kProcessFailed,
              "ldapwhoami ended with status " + std::to_string(output.status) + ": " + output.text);
}

Result<std::string> Slapd::set_random_password(std::string_view dn) const {
  std::string password = random_secret();
  TENURE_CHECK_OK(modify(admin_, "dn: " + std::string(dn) +
                                     "\nchangetype: modify\nreplace: userPassword\nuserPassword: " + password + "\n"));
  return password;
}

}  // namespace tenure::lab
