// The connector's settings, checked. README.md has the table.
#pragma once

#include "wire.hpp"

#include <optional>
#include <set>
#include <string>
#include <vector>

#include <tenure/base/diagnostic.hpp>
#include <tenure/connector/connector.hpp>

namespace tenure::connector_ldap {

struct ClassConfig {
  std::string name;
  model::Purpose purpose = model::Purpose::kNormal;
  bool managed = false;
  std::string base;
  std::string normal_base;
  std::vector<std::string> object_classes;
  std::string rdn_attribute;
  std::string filter;                   // complete: which entries are accounts of this class
  std::vector<std::string> attributes;  // as declared
};

// Groups whose names begin with `prefix` are one entitlement with a parameter: project-apollo is
// ("project", {"name":"apollo"}).
struct Family {
  std::string entitlement;
  std::string prefix;
  std::string parameter;
};

struct GroupConfig {
  std::string base;
  std::string object_class;
  std::string name_attribute;
  std::string member_attribute;
  std::string placeholder;  // DN; "" = none
  std::string normal_placeholder;
  std::vector<Family> families;
};

struct Config {
  model::TargetName target;
  Endpoint endpoint;
  std::string password;  // the reference
  int page_size = 500;
  bool lock = true;     // accounts are disabled by ppolicy's pwdAccountLockedTime
  std::string monitor;  // base of cn=Monitor; "" = sessions are not read
  GroupConfig groups;
  // Deepest base first: an entry belongs to the first class that it falls into.
  std::vector<ClassConfig> classes;
  std::set<model::EntitlementId> ignored;
};

// All faults go to `diagnostics`; what is returned is usable only if there was none.
Config read_config(const connector::Settings& settings, const Place& place, Diagnostics& diagnostics);

}  // namespace tenure::connector_ldap
