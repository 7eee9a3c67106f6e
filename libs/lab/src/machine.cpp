// What the laboratory asks of the machine: programs, ports, users, folders, secrets.
#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <tenure/base/clock.hpp>
#include <tenure/base/hash.hpp>
#include <tenure/base/text.hpp>
#include <tenure/lab/process.hpp>

namespace tenure::lab {
namespace {

namespace fs = std::filesystem;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// "/usr/lib/postgresql/*/bin" -> the folders that exist, the highest number first.
std::vector<std::string> expand(const std::string& pattern) {
  const std::size_t star = pattern.find('*');
  if (star == std::string::npos) return {pattern};
  std::vector<std::pair<long, std::string>> found;
  std::error_code ec;
  for (const auto& entry : fs::directory_iterator(pattern.substr(0, star), ec)) {
    const std::string name = entry.path().filename().string();
    found.emplace_back(std::strtol(name.c_str(), nullptr, 10), entry.path().string() + pattern.substr(star + 1));
  }
  std::sort(found.rbegin(), found.rend());
  std::vector<std::string> out;
  for (auto& [version, path] : found) out.push_back(std::move(path));
  return out;
}

}  // namespace

Result<std::string> find_program(std::string_view name, std::string_view package,
                                 const std::vector<std::string>& folders) {
  std::vector<std::string> places;
  for (const std::string& folder : folders) {
    for (std::string& path : expand(folder)) places.push_back(std::move(path));
  }
  const char* path = std::getenv("PATH");
  for (std::string& folder : split(path == nullptr ? "" : path, ':')) places.push_back(std::move(folder));
  for (const char* folder : {"/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/sbin", "/sbin"}) {
    places.emplace_back(folder);
  }
  for (const std::string& place : places) {
    std::string candidate = place + "/" + std::string(name);
    std::error_code ec;
    if (!place.empty() && ::access(candidate.c_str(), X_OK) == 0 && fs::is_regular_file(candidate, ec)) {
      return candidate;
    }
  }
  return fail(Reason::kPeerMissing,
              std::string(name) + " is not installed; it is in the Debian package " + std::string(package));
}

Result<std::uint16_t> free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  const bool ok = fd >= 0 && ::bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  const int code = errno;
  if (fd >= 0) ::close(fd);
  if (!ok) return fail(Reason::kIo, std::string("no free port on 127.0.0.1: ") + std::strerror(code));
  return ntohs(address.sin_port);
}

bool port_answers(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const sockaddr_in address = loopback(port);
  const bool ok = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return ok;
}

std::optional<RunAs> ordinary_user(const char* name) {
  if (::geteuid() != 0) return std::nullopt;
  for (const char* candidate : {name, "nobody"}) {
    if (const passwd* entry = ::getpwnam(candidate)) return RunAs{.uid = entry->pw_uid, .gid = entry->pw_gid};
  }
  return RunAs{.uid = 65534, .gid = 65534};
}

std::string random_secret() {
  const auto bytes = make_system_entropy()->bytes32();
  return to_hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

Status write_secret_file(const std::string& path, std::string_view secret) {
  ::unlink(path.c_str());
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return fail(Reason::kIo, "cannot create " + path + ": " + std::strerror(errno));
  const ssize_t written = ::write(fd, secret.data(), secret.size());
  ::close(fd);
  if (written != static_cast<ssize_t>(secret.size())) return fail(Reason::kIo, "cannot write " + path);
  return {};
}

Result<TempFolder> TempFolder::create(std::string_view prefix) {
  const char* base = std::getenv("TMPDIR");  // NOLINT(concurrency-mt-unsafe): nobody sets one
  std::string path =
      std::string(base == nullptr || *base == '\0' ? "/tmp" : base) + "/" + std::string(prefix) + "-XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) {
    return fail(Reason::kIo, "cannot create a folder such as " + path + ": " + std::strerror(errno));
  }
  return TempFolder(std::move(path));
}

TempFolder::TempFolder(TempFolder&& other) noexcept
    : path_(std::exchange(other.path_, {})), kept_(std::exchange(other.kept_, false)) {}

TempFolder& TempFolder::operator=(TempFolder&& other) noexcept {
  if (this != &other) {
    remove();
    path_ = std::exchange(other.path_, {});
    kept_ = std::exchange(other.kept_, false);
  }
  return *this;
}

TempFolder::~TempFolder() {
  remove();
}

void TempFolder::remove() {
  if (path_.empty() || kept_) return;
  std::error_code ec;
  fs::remove_all(path_, ec);
}

}  // namespace tenure::lab
