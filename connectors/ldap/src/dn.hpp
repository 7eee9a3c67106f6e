// Distinguished names (RFC 4514) and filter values (RFC 4515) as texts: what goes into one is escaped, what comes back
// is brought to a form in which equal names are equal texts.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tenure::connector_ldap {

// The value of an attribute within a DN (RFC 4514 section 2.4).
std::string escape_dn_value(std::string_view value);
// An assertion value within a filter (RFC 4515 section 3). Everything outside printable ASCII is escaped too.
std::string escape_filter_value(std::string_view value);

struct Ava {
  std::string type;   // lower case
  std::string value;  // unescaped bytes
  friend bool operator==(const Ava&, const Ava&) = default;
};
using Rdn = std::vector<Ava>;  // one but for multi-valued RDNs

// First the name of the entry itself. nullopt when the text is no DN of RFC 4514. The empty text is the empty DN.
std::optional<std::vector<Rdn>> parse_dn(std::string_view dn);

// Types and values in lower case (ASCII), white space collapsed, multi-valued RDNs ordered, escapes uniform. Names that
// differ only in the case of letters beyond ASCII stay different texts: a caller that cares asks the server.
std::optional<std::string> normal_dn(std::string_view dn);

// The value of `type` in the entry's own RDN.
std::optional<std::string> rdn_value(std::string_view dn, std::string_view type);

// REQUIRES: both in normal form. True for the base itself too.
bool is_under(std::string_view normal, std::string_view normal_base);

}  // namespace tenure::connector_ldap
