// Which roles are accounts and which are entitlements, and reading both with their memberships.
#pragma once

#include "client.hpp"

#include <map>
#include <string>
#include <vector>

#include <tenure/connector/connector.hpp>

namespace tenure::connector_postgresql {

// A role that is a member of others is the same thing to PostgreSQL whether a person or a bundle: which it is, is said
// by the settings. A role whose name matches one of `entitlements` is an entitlement; else the first class whose
// pattern matches takes it as an account; roles of the server itself ("pg_*"), superusers and the connecting role are
// neither.
struct RoleRules {
  struct Class {
    std::string name;
    model::Purpose purpose;
    std::string pattern;  // glob with *
    bool ignored = false;
  };
  std::vector<std::string> entitlements;  // globs
  std::vector<Class> classes;             // in order
  std::vector<std::string> ignored;       // entitlements that are not read

  bool is_entitlement(const std::string& role) const;
  bool is_ignored(const std::string& entitlement) const;
  const Class* class_of(const std::string& role) const;  // nullptr: no account
};

bool glob_matches(std::string_view pattern, std::string_view text);

// "" or {"admin_option":"true"}
model::Parameters admin_parameters(bool admin);
Result<bool> wants_admin(const model::Parameters& parameters);

Result<model::Observation> read_roles(Client& client, const Deadline& deadline, const RoleRules& rules);
// By oid. nullopt = proven absent (or it is no account under the rules).
Result<std::optional<model::AccountImage>> read_role(Client& client, const Deadline& deadline, const RoleRules& rules,
                                                     const std::string& oid);
Result<std::optional<std::string>> oid_of(Client& client, const Deadline& deadline, const std::string& role);

}  // namespace tenure::connector_postgresql
