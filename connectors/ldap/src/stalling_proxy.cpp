#include "stalling_proxy.hpp"

#include <cstdlib>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tenure::connector_ldap {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  out.sin_port = htons(port);
  return out;
}

// The tag after SEQUENCE, length, messageID: 30 len 02 n id.. TAG. A request of ours is sent in one write.
std::uint8_t operation_tag(const std::vector<unsigned char>& bytes) {
  std::size_t at = 1;
  if (bytes.size() < 8 || bytes[0] != 0x30) return 0;
  at += (bytes[at] & 0x80) != 0 ? 1u + (bytes[at] & 0x7fu) : 1u;
  if (at + 1 >= bytes.size() || bytes[at] != 0x02) return 0;
  at += 2u + bytes[at + 1];
  return at < bytes.size() ? bytes[at] : 0;
}

bool send_all(int fd, const unsigned char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t sent = ::send(fd, data, size, MSG_NOSIGNAL);
    if (sent <= 0) return false;
    data += sent;
    size -= static_cast<std::size_t>(sent);
  }
  return true;
}

}  // namespace

StallingProxy::StallingProxy(std::uint16_t server_port) : server_port_(server_port) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 8) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    std::abort();
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

StallingProxy::~StallingProxy() {
  stop_ = true;
  thread_.join();
  ::close(listener_);
}

void StallingProxy::serve() {
  while (!stop_) {
    pollfd one{listener_, POLLIN, 0};
    if (::poll(&one, 1, 20) != 1) continue;
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(server_port_);
    if (client >= 0 && ::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
      forward(client, server);
    ::close(server);
    ::close(client);
  }
}

void StallingProxy::forward(int client, int server) {
  std::vector<unsigned char> buffer;
  bool triggered = false;
  bool silent = false;
  while (!stop_) {
    pollfd both[2] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
    if (::poll(both, 2, 20) <= 0) continue;
    for (int side = 0; side < 2; ++side) {
      if (both[side].revents == 0) continue;
      buffer.resize(65536);
      const ssize_t got = ::recv(side == 0 ? client : server, buffer.data(), buffer.size(), 0);
      if (got <= 0) return;
      buffer.resize(static_cast<std::size_t>(got));
      if (side == 0) {
        if (how_ != Misbehaviour::kNone && operation_tag(buffer) == tag_) triggered = true;
        if (!send_all(server, buffer.data(), buffer.size())) return;
        continue;
      }
      if (silent) continue;
      if (!triggered) {
        if (!send_all(client, buffer.data(), buffer.size())) return;
        continue;
      }
      // The server has answered: the request was carried out.
      const Misbehaviour how = how_.exchange(Misbehaviour::kNone);
      fired_ = true;
      if (how == Misbehaviour::kBreak) return;
      if (how == Misbehaviour::kHalfAnswer) send_all(client, buffer.data(), buffer.size() / 2);
      silent = true;
    }
  }
}

}  // namespace tenure::connector_ldap
