// URLs as far as a client needs them: http and https with host, port and path (RFC 3986).
#pragma once

#include <string>
#include <string_view>

#include <tenure/base/error.hpp>

namespace tenure::http {

struct Url {
  bool tls = false;
  std::string host;
  std::string port;
  std::string path;  // begins with '/', without a trailing one; "" for the root

  // Error kConnectorConfig: no scheme, user information (a secret in a URL), a fragment, or a malformed port.
  static Result<Url> parse(std::string_view text);
};

// Percent-encodes everything but unreserved characters (RFC 3986 section 2.3).
std::string percent_encode(std::string_view text);

}  // namespace tenure::http
