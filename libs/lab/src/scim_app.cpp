#include <cstdlib>
#include <utility>

#include <tenure/base/file.hpp>
#include <tenure/lab/scim_app.hpp>

namespace tenure::lab {
namespace {

constexpr std::string_view kListening = "listening ";
constexpr int kStatusOk = 200;

std::string authorisation(const std::string& token) {
  return "Authorization: Bearer " + token + "\r\nContent-Type: application/scim+json\r\n";
}

// The port that the server printed since `from`, or 0.
std::uint16_t printed_port(const std::string& log, std::size_t from) {
  const auto text = read_file(log);
  if (!text || text->size() < from) return 0;
  const std::size_t at = text->find(kListening, from);
  if (at == std::string::npos || text->find('\n', at) == std::string::npos) return 0;
  return static_cast<std::uint16_t>(std::atoi(text->c_str() + at + kListening.size()));
}

}  // namespace

Result<ScimApp> ScimApp::start(const ScimAppOptions& options) {
  ScimApp peer;
  peer.folder_ = options.folder;
  if (peer.folder_.empty()) {
    TENURE_TRY(peer.own_folder_, TempFolder::create("tenure-scim"));
    peer.folder_ = peer.own_folder_->path();
  }
  TENURE_CHECK_OK(make_folders(peer.folder_));
  if (file_exists(peer.token_file())) {
    TENURE_TRY(peer.token_, read_file(peer.token_file()));
  } else {
    peer.token_ = random_secret();
    TENURE_CHECK_OK(write_secret_file(peer.token_file(), peer.token_));
  }
  TENURE_CHECK_OK(peer.launch(options));
  return peer;
}

Status ScimApp::launch(const ScimAppOptions& options) {
  TENURE_TRY(const std::string node, find_program("node", "nodejs"));
  const std::string script = options.script.empty() ? TENURE_LAB_SCIM_SCRIPT : options.script;
  const std::string modules = options.modules.empty() ? TENURE_LAB_SCIM_MODULES : options.modules;
  for (const std::string& needed : {script, modules + "/node_modules/scimmy"}) {
    if (!file_exists(needed)) {
      return fail(Reason::kPeerMissing,
                  "there is no " + needed +
                      "; run `npm ci --ignore-scripts` with libs/lab/scim_app/package-lock.json in " + modules +
                      " (npm is in the Debian package npm)");
    }
  }
  port_ = options.port;
  if (port_ == 0) {
    TENURE_TRY(port_, free_port());
  }
  std::vector<std::string> argv{node,           script,
                                "--modules",    modules,
                                "--port",       "",
                                "--token-file", token_file(),
                                "--state",      folder_ + "/state.jsonl",
                                "--page",       std::to_string(options.page_max)};
  argv[5] = std::to_string(port_);
  if (!options.seed_json.empty()) {
    TENURE_CHECK_OK(write_file_atomic(folder_ + "/seed.json", options.seed_json, 0600));
    argv.insert(argv.end(), {"--seed", folder_ + "/seed.json"});
  }
  const auto log = read_file(log_path());
  const std::size_t log_before = log ? log->size() : 0;
  auto ready = [port = port_, log_before, log_path = log_path(), token = token_] {
    if (printed_port(log_path, log_before) != port) return false;
    const auto answer = loopback_http(port, "GET", "/scim/v2/ServiceProviderConfig", authorisation(token), "");
    return answer && answer->status == kStatusOk;
  };
  TENURE_TRY(
      server_,
      Server::start({.name = "scim_app",
                     .process = {.argv = std::move(argv), .environment = plain_environment(), .log_path = log_path()},
                     .ready = std::move(ready)}));
  return {};
}

Result<HttpAnswer> ScimApp::request(std::string_view method, std::string_view path, std::string_view body) const {
  return loopback_http(port_, method, "/scim/v2" + std::string(path), authorisation(token_), body);
}

}  // namespace tenure::lab
