// Reading: entries become accounts, groups become entitlements, member values become grants.
#pragma once

#include "config.hpp"
#include "wire.hpp"

#include <optional>
#include <string>
#include <vector>

#include <tenure/model/access.hpp>

namespace tenure::connector_ldap {

// The lock that never ends by itself (draft-behera-ldap-password-policy section 5.3.3).
inline constexpr const char* kLockedForEver = "000001010000Z";
inline constexpr const char* kLockAttribute = "pwdAccountLockedTime";

bool is_uuid(std::string_view text);

// An account with what only writers need.
struct FoundAccount {
  model::AccountImage image;
  const ClassConfig* account_class = nullptr;
  std::string dn;
  std::string entry_csn;  // changes with every modification; "" where the server has none
  std::string lock;       // the value of pwdAccountLockedTime
};

struct FoundGroup {
  std::string dn;
  model::EntitlementId entitlement;
  model::Parameters parameters;
};

// Borrows the configuration and the wire, which must be connected. One thread at a time.
class Directory {
 public:
  Directory(const Config& config, Wire& wire, const Deadline& deadline)
      : config_(config), wire_(wire), deadline_(deadline) {}

  Result<model::Observation> read_all();
  // nullopt = proven absent from every class.
  Result<std::optional<FoundAccount>> account_by_id(const model::NativeId& id);
  Result<std::optional<FoundAccount>> account_by_name(const std::string& account_class, const std::string& name);
  // The one group behind a right. Errors kTargetObjectMissing, kTargetProtocol (several); effect none.
  Result<FoundGroup> group_of(const model::EntitlementId& entitlement, const model::Parameters& parameters);
  // Groups that have this member value.
  Result<std::vector<FoundGroup>> groups_with_member(const std::string& dn);

  // The right that a group of this name stands for; nullopt when it is ignored.
  std::optional<std::pair<model::EntitlementId, model::Parameters>> right_of(const std::string& group_name) const;

 private:
  struct Reading;
  // A search below a configured base. A base that is not there is a fault of rights or settings (kTargetRights): it
  // says nothing about the entries that were looked for.
  Result<std::vector<Entry>> below(const SearchRequest& request);
  SearchRequest accounts_of(const ClassConfig& account_class, const std::string& filter) const;
  Result<FoundAccount> to_account(const ClassConfig& account_class, const Entry& entry) const;
  Result<std::optional<FoundAccount>> with_grants(const ClassConfig& account_class, const std::vector<Entry>& entries);
  std::string group_name(const Entry& entry) const;
  Status read_classes(Reading& reading);
  Status read_groups(Reading& reading);
  void add_members(Reading& reading, const Entry& group, const model::EntitlementId& entitlement,
                   const model::Parameters& parameters);
  std::string resolve(Reading& reading, const std::string& member_dn);

  const Config& config_;
  Wire& wire_;
  const Deadline& deadline_;
};

}  // namespace tenure::connector_ldap
