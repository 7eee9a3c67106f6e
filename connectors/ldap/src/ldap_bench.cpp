#include "ldap_bench.hpp"

#include "dn.hpp"

#include <gtest/gtest.h>
#include <ldap.h>

#include <tenure/base/clock.hpp>
#include <tenure/base/hash.hpp>
#include <tenure/connector/host.hpp>
#include <tenure/connector_ldap/ldap.hpp>

namespace tenure::connector_ldap {
namespace {

using connector::testing::Right;

std::string ou(const std::string& name) {
  return "dn: ou=" + name + "," + kBase + "\nobjectClass: organizationalUnit\nou: " + name + "\n\n";
}

std::string group(const std::string& name) {
  return "dn: cn=" + name + ",ou=groups," + kBase + "\nobjectClass: groupOfNames\ncn: " + name +
         "\nmember: cn=nobody,ou=policies," + kBase + "\n\n";
}

std::string seed() {
  return ou("people") + ou("admins") + ou("groups") + group("all-staff") + group("vpn") + group("crm-users") +
         group("project-apollo") + group("legacy-wiki");
}

std::string group_dn(const Right& right) {
  std::string name = right.entitlement.str();
  if (!right.parameters.empty()) name = "project-" + json::parse(right.parameters)->string_or("name", "");
  return "cn=" + name + ",ou=groups," + kBase;
}

// An LDAP session that stays bound.
class BoundSession final : public connector::testing::OpenSession {
 public:
  static Result<std::unique_ptr<OpenSession>> open(const std::string& dn, const std::string& password) {
    auto out = std::make_unique<BoundSession>();
    const int version = LDAP_VERSION3;
    std::string secret = password;
    berval credentials{secret.size(), secret.data()};
    if (ldap_initialize(&out->ld_, slapd().url().c_str()) != LDAP_SUCCESS ||
        ldap_set_option(out->ld_, LDAP_OPT_PROTOCOL_VERSION, &version) != LDAP_OPT_SUCCESS ||
        ldap_sasl_bind_s(out->ld_, dn.c_str(), LDAP_SASL_SIMPLE, &credentials, nullptr, nullptr, nullptr) !=
            LDAP_SUCCESS)
      return fail(Reason::kProcessFailed, "binding as " + dn);
    return out;
  }
  ~BoundSession() override {
    if (ld_ != nullptr) ldap_unbind_ext_s(ld_, nullptr, nullptr);
  }
  bool alive() override {
    berval* who = nullptr;
    const int rc = ldap_whoami_s(ld_, &who, nullptr, nullptr);
    if (who != nullptr) ber_bvfree(who);
    return rc == LDAP_SUCCESS;
  }

 private:
  LDAP* ld_ = nullptr;
};

}  // namespace

lab::Slapd& slapd() {
  static lab::Slapd server = [] {
    lab::SlapdOptions options;
    options.base_dn = kBase;
    options.seed_ldif = seed();
    auto started = lab::Slapd::start(options);
    if (!started) {
      ADD_FAILURE() << started.error().to_string();
      std::abort();
    }
    return std::move(*started);
  }();
  return server;
}

connector::Settings ldap_settings(const std::string& url) {
  connector::Settings out;
  out.target = model::TargetName("directory");
  const std::string base(kBase);
  out.config = json::Object{
      {"uri", url},
      {"bind_dn", slapd().connector().dn},
      {"password", "env:LDAP_PASSWORD"},
      {"page_size", 100},
      {"monitor", "cn=Connections,cn=Monitor"},
      {"groups",
       json::Object{{"base", "ou=groups," + base},
                    {"placeholder", "cn=nobody,ou=policies," + base},
                    {"families", json::Array{json::Object{
                                     {"entitlement", "project"}, {"prefix", "project-"}, {"parameter", "name"}}}}}}};
  const std::vector<std::string> attributes = {"uid", "cn", "sn", "givenName", "mail", "title", "employeeNumber"};
  const auto declare = [&](const std::string& name, model::Purpose purpose) {
    out.classes.push_back({.name = name,
                           .purpose = purpose,
                           .scope = model::Scope::kManaged,
                           .config = json::Object{{"base", "ou=" + name + "," + base}},
                           .attributes = attributes});
  };
  declare("people", model::Purpose::kNormal);
  declare("admins", model::Purpose::kAdmin);
  return out;
}

std::string dn_of(const model::Account& account) {
  return "uid=" + escape_dn_value(account.name) + ",ou=" + account.account_class + "," + kBase;
}

LdapDriver::LdapDriver() : connector_(make_ldap_connector()) {
  secrets_.set("env:LDAP_PASSWORD", slapd().connector().password);
}

connector::AccountDraft LdapDriver::draft(const std::string& name) {
  connector::AccountDraft out;
  out.account_class = "people";
  out.name = name;
  out.attributes = {{"cn", "Łukasz, \"Zoë\" " + name}, {"sn", "Đorđe"}, {"mail", name + "@nordhaven.example"}};
  return out;
}

model::AttributeMap LdapDriver::changed_attributes(const connector::AccountDraft& draft) {
  return {{"mail", json::Array{draft.name + ".b@nordhaven.example", draft.name + ".a@nordhaven.example"}},
          {"title", "Head of \\(*)"},
          {"sn", "Åse"}};
}

std::vector<Right> LdapDriver::rights() {
  return {{model::EntitlementId("vpn"), ""},
          {model::EntitlementId("crm-users"), ""},
          {model::EntitlementId("project"), R"({"name":"apollo"})"}};
}

connector::Settings LdapDriver::unreachable() {
  // A port of which nobody knows: bound by nobody, since we have just seen it free.
  return ldap_settings("ldap://127.0.0.1:" + std::to_string(lab::free_port().value()));
}

Status LdapDriver::disable(const model::Account& account) {
  return slapd().modify(slapd().console_operator(), "dn:: " + to_base64(dn_of(account)) +
                                                        "\nchangetype: modify\nreplace: pwdAccountLockedTime\n"
                                                        "pwdAccountLockedTime: 20260102030405Z\n");
}

Status LdapDriver::remove(const model::Account& account) {
  return slapd().modify(slapd().console_operator(), "dn:: " + to_base64(dn_of(account)) + "\nchangetype: delete\n");
}

Status LdapDriver::grant(const model::Account& account, const Right& right) {
  return slapd().modify(
      slapd().console_operator(),
      "dn: " + group_dn(right) + "\nchangetype: modify\nadd: member\nmember:: " + to_base64(dn_of(account)) + "\n");
}

Status LdapDriver::revoke(const model::Account& account, const Right& right) {
  return slapd().modify(
      slapd().console_operator(),
      "dn: " + group_dn(right) + "\nchangetype: modify\ndelete: member\nmember:: " + to_base64(dn_of(account)) + "\n");
}

Result<std::unique_ptr<connector::testing::OpenSession>> LdapDriver::open_session(const model::Account& account) {
  TENURE_TRY(const std::string password, slapd().set_random_password(dn_of(account)));
  return BoundSession::open(dn_of(account), password);
}

LdapDriver& driver() {
  static LdapDriver one;
  return one;
}

std::unique_ptr<connector::Connection> open_ldap(const connector::Settings& settings) {
  static const std::unique_ptr<Clock> kClock = make_system_clock();
  auto opened = connector::open_checked(driver().connector(), settings, driver().secrets(), *kClock);
  if (!opened) {
    ADD_FAILURE() << opened.error().to_string();
    return nullptr;
  }
  return std::move(*opened);
}

}  // namespace tenure::connector_ldap
