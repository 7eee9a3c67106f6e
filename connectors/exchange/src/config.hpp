// The connector's settings, checked. README.md has the table.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <tenure/base/diagnostic.hpp>
#include <tenure/connector/connector.hpp>

namespace tenure::connector_exchange {

struct ClassConfig {
  std::string name;
  model::Purpose purpose = model::Purpose::kNormal;
  // Records belong to the class whose column has one of these values; "" = every record that no other class takes.
  std::string where_column;
  std::vector<std::string> where_values;
  std::vector<std::pair<std::string, std::string>> attributes;  // attribute, column
};

struct Config {
  model::TargetName target;
  char separator = ',';
  Duration max_age;
  Duration settled;

  std::string accounts_file;  // absolute, or relative to the process
  std::string key;
  std::string name;
  std::string state;  // "" = every account in the file is enabled
  std::vector<std::string> enabled;
  std::vector<std::string> disabled;

  std::string grants_file;
  std::string grant_account;
  std::string grant_entitlement;
  std::vector<std::string> grant_parameters;  // columns, whose names are the names of the parameters

  std::vector<ClassConfig> classes;  // the one without `where` last
  std::set<model::EntitlementId> ignored;
};

// All faults go to `diagnostics`; what is returned is usable only if there was none.
Config read_config(const connector::Settings& settings, const Place& place, Diagnostics& diagnostics);

}  // namespace tenure::connector_exchange
