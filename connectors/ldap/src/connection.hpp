// The connection: every verb connects if it must, reads, writes at most what is needed, and reads back.
#pragma once

#include "config.hpp"
#include "directory.hpp"
#include "wire.hpp"

#include <functional>
#include <memory>
#include <string>

#include <tenure/connector/connector.hpp>

namespace tenure::connector_ldap {

connector::Manifest ldap_manifest(bool reads_sessions);

class LdapConnection final : public connector::Connection,
                             private connector::AccountReader,
                             private connector::AccountWriter,
                             private connector::GrantWriter,
                             private connector::SessionControl {
 public:
  // `secrets` outlives the connection.
  LdapConnection(Config config, connector::SecretSource& secrets);

  const connector::Manifest& manifest() const override { return manifest_; }
  Result<std::vector<connector::PreflightFault>> preflight(const connector::Call& call) override;
  connector::AccountReader* account_reader() override { return this; }
  connector::AccountWriter* account_writer() override { return this; }
  connector::GrantWriter* grant_writer() override { return this; }
  connector::SessionControl* session_control() override { return config_.monitor.empty() ? nullptr : this; }

 private:
  using Call = connector::Call;
  using Image = Result<model::AccountImage>;

  Result<model::Observation> read_all(const Call& call) override;
  Result<std::optional<model::AccountImage>> read_account(const Call& call, const model::NativeId& id) override;
  Result<std::optional<model::AccountImage>> find_account(const Call& call, const std::string& account_class,
                                                          const std::string& name) override;
  Image create(const Call& call, const connector::AccountDraft& draft) override;
  Image update(const Call& call, const model::NativeId& id, const model::AttributeMap& attributes) override;
  Image set_enabled(const Call& call, const model::NativeId& id, bool enabled) override;
  Status remove(const Call& call, const model::NativeId& id) override;
  Image grant(const Call& call, const model::NativeId& id, const model::EntitlementId& entitlement,
              const model::Parameters& parameters) override;
  Image revoke(const Call& call, const model::NativeId& id, const model::EntitlementId& entitlement,
               const model::Parameters& parameters) override;
  Result<std::vector<model::Session>> list_sessions(const Call& call, const model::NativeId& id) override;
  Result<std::vector<model::Session>> end_sessions(const Call& call, const model::NativeId& id) override;

  // Connected and bound, and what the server offers is known.
  Status begin(const Deadline& deadline);
  // Error kTargetObjectMissing when it is not there.
  Result<FoundAccount> existing(Directory& directory, const model::NativeId& id);
  // After a write: the account as it is now, if it shows what was asked. `shows` says what is wrong, or nothing.
  Image read_back(Directory& directory, const model::NativeId& id,
                  const std::function<std::optional<std::string>(const model::AccountImage&)>& shows);
  // The write goes to this entry only, not to another one that took its name.
  WriteOptions only(const FoundAccount& account, bool unchanged) const;
  Status drop_member(const std::string& group_dn, const std::string& member_dn, const Deadline& deadline);
  Result<std::vector<Modification>> to_entry(const connector::AccountDraft& draft,
                                             const ClassConfig& account_class) const;

  Status check_reading(std::vector<connector::PreflightFault>& faults, const Deadline& deadline);
  Status check_writing(std::vector<connector::PreflightFault>& faults, const Deadline& deadline);

  const Config config_;
  const connector::Manifest manifest_;
  connector::SecretSource* secrets_;
  Wire wire_;
  int learnt_in_ = 0;  // Wire::generation() of what follows
  bool has_assertion_ = false;
  bool has_lock_ = false;
};

}  // namespace tenure::connector_ldap
