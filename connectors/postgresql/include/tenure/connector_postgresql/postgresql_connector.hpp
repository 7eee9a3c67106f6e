// PostgreSQL roles as accounts, entitlements and grants, and its sessions (README.md has the configuration table).
#pragma once

#include <memory>

#include <tenure/connector/connector.hpp>

namespace tenure::connector_postgresql {

// Stateless; any thread.
std::unique_ptr<connector::Connector> make_connector();

}  // namespace tenure::connector_postgresql
