#include "connections.hpp"

#include <algorithm>

#include <tenure/connector/host.hpp>
#include <tenure/connector/settings.hpp>

namespace tenure::app {

Result<const connector::Connector*> connector_of(const Workspace& workspace, const std::string& name) {
  const auto& all = workspace.environment().connectors;
  const auto it = all.find(name);
  if (it == all.end()) return fail(Reason::kConnectorUnsupported, "this program has no connector \"" + name + "\"");
  return it->second;
}

Result<connector::Settings> settings_of(const Workspace& workspace, const policy::TargetDoc& target) {
  connector::Settings settings;
  settings.target = target.name;
  settings.base_folder = workspace.folder();
  TENURE_TRY(settings.config, workspace.expand(target.config, target.place));
  for (const auto& doc : target.classes)
    settings.classes.push_back({doc.name, doc.purpose, doc.scope, doc.config, doc.attributes});
  for (const auto& [pattern, scope] : target.entitlement_scopes)
    if (scope == model::Scope::kIgnored && pattern.find('*') == std::string::npos)
      settings.ignored.emplace_back(pattern);
  return settings;
}

Result<std::unique_ptr<connector::Connection>> open_target(Workspace& workspace, const policy::TargetDoc& target) {
  TENURE_TRY(const auto* connector, connector_of(workspace, target.connector));
  TENURE_TRY(const connector::Settings settings, settings_of(workspace, target));
  return connector::open_checked(*connector, settings, workspace.secrets(), workspace.clock());
}

Result<std::unique_ptr<connector::Connection>> open_source(Workspace& workspace, const policy::SourceDoc& source) {
  TENURE_TRY(const auto* connector, connector_of(workspace, source.connector));
  connector::Settings settings;
  settings.target = model::TargetName(source.name.str());
  settings.base_folder = workspace.folder();
  TENURE_TRY(settings.config, workspace.expand(source.config, source.place));
  // The file is given with each request; what is left are the reader's own settings.
  if (settings.config.is_object()) settings.config.as_object().erase("file");
  return connector->open(settings, workspace.secrets());
}

}  // namespace tenure::app
