// As little HTTP/1.1 (RFC 9112) as asking a peer for its health needs: one request, "Connection: close", read to the
// end.
#include <array>
#include <cerrno>
#include <cstdlib>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <tenure/base/text.hpp>
#include <tenure/lab/scim_app.hpp>

namespace tenure::lab {
namespace {

constexpr timeval kTimeout{.tv_sec = 10, .tv_usec = 0};

Result<std::string> exchange(int fd, std::uint16_t port, std::string_view request) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &kTimeout, sizeof kTimeout);
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &kTimeout, sizeof kTimeout);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return fail(Reason::kTargetUnreachable, "port " + std::to_string(port) + " does not answer");
  }
  while (!request.empty()) {
    const ssize_t n = ::send(fd, request.data(), request.size(), MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return fail(Reason::kTargetTimeout, "the request was not taken", Effect::kUnknown);
    request.remove_prefix(static_cast<std::size_t>(n));
  }
  std::string answer;
  std::array<char, 65536> buffer{};
  while (true) {
    const ssize_t n = ::recv(fd, buffer.data(), buffer.size(), 0);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail(Reason::kTargetTimeout, "no answer in time", Effect::kUnknown);
    if (n == 0) return answer;
    answer.append(buffer.data(), static_cast<std::size_t>(n));
  }
}

// RFC 9112 section 7.1, without trailers.
Result<std::string> unchunk(std::string_view text) {
  std::string out;
  while (true) {
    const std::size_t end = text.find("\r\n");
    if (end == std::string_view::npos) return fail(Reason::kTargetProtocol, "a chunk has no size");
    const std::size_t size = std::strtoull(std::string(text.substr(0, end)).c_str(), nullptr, 16);
    text.remove_prefix(end + 2);
    if (size == 0) return out;
    if (text.size() < size + 2) return fail(Reason::kTargetProtocol, "the answer ends within a chunk");
    out += text.substr(0, size);
    text.remove_prefix(size + 2);
  }
}

}  // namespace

Result<HttpAnswer> loopback_http(std::uint16_t port, std::string_view method, std::string_view target,
                                 std::string_view header, std::string_view body) {
  std::string request = std::string(method) + " " + std::string(target) +
                        " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) + "\r\nConnection: close\r\n" +
                        std::string(header);
  if (!body.empty()) request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  request += "\r\n";
  request += body;
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return fail(Reason::kIo, "no socket");
  auto answer = exchange(fd, port, request);
  ::close(fd);
  if (!answer) return fail(std::move(answer.error()));
  const std::size_t end = answer->find("\r\n\r\n");
  if (!answer->starts_with("HTTP/1.1 ") || end == std::string::npos) {
    return fail(Reason::kTargetProtocol, "this is not an HTTP answer");
  }
  const std::string head = ascii_lower(answer->substr(0, end + 2));
  HttpAnswer out{.status = std::atoi(answer->c_str() + 9), .body = answer->substr(end + 4)};
  if (head.find("\r\ntransfer-encoding: chunked\r\n") != std::string::npos) {
    TENURE_TRY(out.body, unchunk(out.body));
  }
  return out;
}

}  // namespace tenure::lab
