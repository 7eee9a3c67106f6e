// A real slapd with a small company, and the connector on it: what the tests of this folder share.
#pragma once

#include <memory>
#include <string>

#include <tenure/connector/connector.hpp>
#include <tenure/connector/testing/conformance.hpp>
#include <tenure/connector/testing/map_secrets.hpp>
#include <tenure/lab/slapd.hpp>

namespace tenure::connector_ldap {

inline constexpr const char* kBase = "dc=nordhaven,dc=example";

// One server per test program, started at the first use.
lab::Slapd& slapd();

// classes people (normal) and admins (admin), groups with placeholder, family project-*.
connector::Settings ldap_settings(const std::string& url);

class LdapDriver final : public connector::testing::Driver {
 public:
  LdapDriver();
  const connector::Connector& connector() override { return *connector_; }
  connector::Settings settings() override { return ldap_settings(slapd().url()); }
  connector::testing::MapSecrets& secrets() override { return secrets_; }
  connector::AccountDraft draft(const std::string& name) override;
  model::AttributeMap changed_attributes(const connector::AccountDraft& draft) override;
  std::vector<connector::testing::Right> rights() override;
  model::NativeId absent_id() override { return model::NativeId("11111111-2222-1033-8444-555555555555"); }
  connector::Settings unreachable() override;
  std::string secret_reference() override { return "env:LDAP_PASSWORD"; }
  Status disable(const model::Account& account) override;
  Status remove(const model::Account& account) override;
  Status grant(const model::Account& account, const connector::testing::Right& right) override;
  Status revoke(const model::Account& account, const connector::testing::Right& right) override;
  Result<std::unique_ptr<connector::testing::OpenSession>> open_session(const model::Account& account) override;
  Status hang() override { return slapd().pause(); }
  Status resume() override { return slapd().resume(); }

 private:
  std::unique_ptr<connector::Connector> connector_;
  connector::testing::MapSecrets secrets_;
};

LdapDriver& driver();
// Opened through the host.
std::unique_ptr<connector::Connection> open_ldap(const connector::Settings& settings);

std::string dn_of(const model::Account& account);

}  // namespace tenure::connector_ldap
