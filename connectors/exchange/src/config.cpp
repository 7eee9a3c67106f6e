#include "config.hpp"

#include <algorithm>

#include <tenure/connector/settings.hpp>

namespace tenure::connector_exchange {
namespace {

using connector::ConfigReader;

std::string path_in(const std::string& folder, const std::string& file) {
  return file.empty() || file.front() == '/' ? file : folder + "/" + file;
}

ClassConfig read_class(const connector::AccountClass& declared,
                       const std::vector<std::pair<std::string, std::string>>& columns, const Place& place,
                       Diagnostics& diagnostics) {
  ConfigReader config(declared.config, "classes." + declared.name, place, diagnostics);
  ClassConfig out;
  out.name = declared.name;
  out.purpose = declared.purpose;
  if (config.has("where")) {
    ConfigReader where = config.object("where");
    out.where_column = where.text("column");
    out.where_values = where.texts("values");
    if (out.where_values.empty()) where.fault("values", "is missing", "a list of values of the column");
    where.no_other_keys();
  }
  config.no_other_keys();
  for (const auto& attribute : declared.attributes) {
    const auto mapped =
        std::find_if(columns.begin(), columns.end(), [&](const auto& one) { return one.first == attribute; });
    out.attributes.emplace_back(attribute, mapped == columns.end() ? attribute : mapped->second);
  }
  return out;
}

}  // namespace

Config read_config(const connector::Settings& settings, const Place& place, Diagnostics& diagnostics) {
  Config out;
  out.target = settings.target;
  ConfigReader config(settings.config, "config", place, diagnostics);
  const std::string folder = path_in(settings.base_folder, config.text("folder"));
  out.separator = config.choice_or("separator", ",", {",", ";", "\t"}).front();
  out.max_age = config.duration_or("max_age", Duration::hours(26));
  out.settled = config.duration_or("settled", Duration());

  ConfigReader accounts = config.object("accounts");
  out.accounts_file = path_in(folder, accounts.text("file"));
  out.key = accounts.text("key");
  out.name = accounts.text_or("name", out.key);
  const auto columns = accounts.text_map("attributes");
  if (accounts.has("state")) {
    ConfigReader state = accounts.object("state");
    out.state = state.text("column");
    out.enabled = state.texts("enabled");
    out.disabled = state.texts("disabled");
    if (out.enabled.empty()) state.fault("enabled", "is missing", "the values of an account that can log in");
    for (const auto& value : out.enabled)
      if (std::find(out.disabled.begin(), out.disabled.end(), value) != out.disabled.end())
        state.fault("disabled", "has a value that is also in enabled: " + value);
    state.no_other_keys();
  }
  accounts.no_other_keys();

  ConfigReader grants = config.object("grants");
  out.grants_file = path_in(folder, grants.text("file"));
  out.grant_account = grants.text_or("account", out.key);
  out.grant_entitlement = grants.text("entitlement");
  out.grant_parameters = grants.texts("parameters");
  grants.no_other_keys();
  config.no_other_keys();

  for (const auto& declared : settings.classes)
    if (declared.scope != model::Scope::kIgnored)
      out.classes.push_back(read_class(declared, columns, place, diagnostics));
  std::stable_partition(out.classes.begin(), out.classes.end(),
                        [](const ClassConfig& one) { return !one.where_column.empty(); });
  const auto catch_all = std::count_if(out.classes.begin(), out.classes.end(),
                                       [](const ClassConfig& one) { return one.where_column.empty(); });
  if (settings.classes.empty())
    diagnostics.error(Reason::kConnectorConfig, place, "the target declares no account class", "at least one");
  if (catch_all > 1)
    diagnostics.error(Reason::kConnectorConfig, place, "several classes take every record",
                      "where: { column: ..., values: [...] } in all classes but one");
  out.ignored.insert(settings.ignored.begin(), settings.ignored.end());
  return out;
}

}  // namespace tenure::connector_exchange
