// From documents to connections: settings with deployment values filled in, and opened, checked connections.
#pragma once

#include <memory>

#include <tenure/app/workspace.hpp>
#include <tenure/connector/connector.hpp>

namespace tenure::app {

// kConnectorUnsupported: no such connector in this program. kConnectorConfig: a deployment value is not set.
Result<connector::Settings> settings_of(const Workspace& workspace, const policy::TargetDoc& target);
Result<const connector::Connector*> connector_of(const Workspace& workspace, const std::string& name);
// A checked connection to a target (connector/host.hpp); connects at the first call. The workspace outlives it.
Result<std::unique_ptr<connector::Connection>> open_target(Workspace& workspace, const policy::TargetDoc& target);
// A connection that reads a source's feed.
Result<std::unique_ptr<connector::Connection>> open_source(Workspace& workspace, const policy::SourceDoc& source);

}  // namespace tenure::app
