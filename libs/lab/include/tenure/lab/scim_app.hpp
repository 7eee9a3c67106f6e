// A third-party SCIM 2.0 service provider (RFC 7643, 7644) as a laboratory peer on 127.0.0.1: SCIMMY from npm behind
// libs/lab/scim_app/server.mjs. Debian package: nodejs; modules: `npm ci --ignore-scripts` of libs/lab/scim_app into
// third_party/.fetched/scim_app.
//
// The folder holds token.secret (0600), state.jsonl (what a restart finds again) and scim_app.log.
//
// Owner stops the server by destroying it. One thread at a time. Errors as process.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <tenure/base/error.hpp>
#include <tenure/lab/process.hpp>

namespace tenure::lab {

struct ScimAppOptions {
  std::string folder;      // created if missing; empty = a temporary one that goes with the peer
  std::string seed_json;   // {"Users": [...], "Groups": [...]}, used at the first start of a folder
  std::uint16_t port = 0;  // 0 = a free one, kept over stop() and start_again()
  int page_max = 100;      // most resources in one answer
  std::string script;      // server.mjs; empty = the one in the source tree this was built from
  std::string modules;     // folder with node_modules; empty = third_party/.fetched/scim_app of that tree
};

struct HttpAnswer {
  int status = 0;
  std::string body;
};

class ScimApp {
 public:
  // Ready on return: an authorised request has succeeded.
  static Result<ScimApp> start(const ScimAppOptions& options);

  const std::string& folder() const { return folder_; }
  std::uint16_t port() const { return port_; }
  std::string base_url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/scim/v2"; }
  const std::string& token() const { return token_; }
  std::string token_file() const { return folder_ + "/token.secret"; }
  std::string log_path() const { return folder_ + "/scim_app.log"; }

  bool running() { return server_->running(); }
  Status stop() { return server_->stop(); }
  Status start_again() { return server_->start_again(); }
  void kill() { server_->kill(); }
  Status pause() { return server_->pause(); }
  Status resume() { return server_->resume(); }

  // One HTTP/1.1 request with the token; path below the base URL, already percent-encoded: "/Users?count=1".
  Result<HttpAnswer> request(std::string_view method, std::string_view path, std::string_view body = {}) const;

 private:
  ScimApp() = default;
  Status launch(const ScimAppOptions& options);

  std::optional<TempFolder> own_folder_;  // outlives server_: members are destroyed in reverse order
  std::string folder_;
  std::string token_;
  std::uint16_t port_ = 0;
  std::optional<Server> server_;
};

// One request to 127.0.0.1 on a connection of its own, at most 10 s. `header` are complete lines with "\r\n". Errors
// kTargetUnreachable, kTargetTimeout, kTargetProtocol.
Result<HttpAnswer> loopback_http(std::uint16_t port, std::string_view method, std::string_view target,
                                 std::string_view header, std::string_view body);

}  // namespace tenure::lab
