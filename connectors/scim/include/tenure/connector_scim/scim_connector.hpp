// SCIM 2.0 service providers (RFC 7643, RFC 7644) as targets: users are accounts, groups are entitlements, members are
// grants (README.md has the configuration table).
#pragma once

#include <memory>

#include <tenure/connector/connector.hpp>

namespace tenure::connector_scim {

// Stateless; any thread.
std::unique_ptr<connector::Connector> make_connector();

}  // namespace tenure::connector_scim
