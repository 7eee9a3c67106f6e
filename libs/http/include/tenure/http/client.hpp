// An HTTP/1.1 client (RFC 9112) over TCP or TLS 1.2 and later: one kept connection, every request under a deadline,
// bodies bounded, no redirects. Used by one thread at a time.
//
// Errors: kTargetUnreachable, kTargetTimeout, kTargetProtocol. Their effect is kNone as long as no byte of the request
// was sent, or the method does not write (GET, HEAD); after that kUnknown: the server may have acted.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include <tenure/base/error.hpp>
#include <tenure/base/time.hpp>
#include <tenure/http/url.hpp>

namespace tenure::http {

struct ClientOptions {
  Url base;
  std::string ca_file;  // PEM; "" = the system's
  std::uint64_t body_bytes_max = 64ULL << 20;
};

struct Request {
  std::string method = "GET";
  std::string target;                          // below the base path: "/Users?count=1"
  std::map<std::string, std::string> headers;  // values may be secret: they are never put into errors
  std::string body;
  Duration timeout = Duration::seconds(30);
};

struct Response {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case; the last one of a name
  std::string body;
};

class Client {
 public:
  explicit Client(ClientOptions options);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Any status is a Response. A kept connection that turns out to be closed before the request was sent is opened anew.
  Result<Response> send(const Request& request);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tenure::http
