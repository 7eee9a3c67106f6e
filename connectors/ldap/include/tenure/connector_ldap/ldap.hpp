// LDAP v3 directories (RFC 4510 to 4519), made for and proven against OpenLDAP. Settings, rights and traps: README.md.
//
// A connection holds one LDAP session over libldap; one thread at a time. It looks at its socket before every call and
// reconnects then, never in the middle of one.
#pragma once

#include <memory>

#include <tenure/connector/connector.hpp>

namespace tenure::connector_ldap {

std::unique_ptr<connector::Connector> make_ldap_connector();

}  // namespace tenure::connector_ldap
