// A TCP proxy in front of a real server that begins to misbehave at a given request, so that a lost answer can be told
// from a lost request. Tests only; one client at a time.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

namespace tenure::connector_ldap {

enum class Misbehaviour : std::uint8_t {
  kNone,
  kSwallowAnswer,  // the request reaches the server, its answer reaches nobody
  kHalfAnswer,     // the first bytes of the answer, then silence
  kBreak,          // the request reaches the server, then the connection ends
};

class StallingProxy {
 public:
  explicit StallingProxy(std::uint16_t server_port);
  ~StallingProxy();
  std::string url() const { return "ldap://127.0.0.1:" + std::to_string(port_); }
  // At the next request whose protocolOp has this BER tag (RFC 4511: 0x66 modify, 0x68 add, 0x4a delete, 0x63 search).
  void misbehave(Misbehaviour how, std::uint8_t at_tag) {
    tag_ = at_tag;
    fired_ = false;
    how_ = how;
  }
  // A misbehaviour that never came about proves nothing.
  bool fired() const { return fired_; }

 private:
  void serve();
  void forward(int client, int server);

  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::uint16_t server_port_;
  std::atomic<Misbehaviour> how_{Misbehaviour::kNone};
  std::atomic<std::uint8_t> tag_{0};
  std::atomic<bool> fired_{false};
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace tenure::connector_ldap
