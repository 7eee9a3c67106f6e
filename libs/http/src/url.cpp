#include <charconv>
#include <cstdint>

#include <tenure/http/url.hpp>

namespace tenure::http {

Result<Url> Url::parse(std::string_view text) {
  const auto bad = [&](std::string_view why) {
    return fail(Reason::kConnectorConfig, "the URL is not usable: " + std::string(why));
  };
  Url url;
  if (text.starts_with("http://"))
    text.remove_prefix(7);
  else if (text.starts_with("https://")) {
    text.remove_prefix(8);
    url.tls = true;
  } else {
    return bad("it must begin with http:// or https://");
  }
  const std::size_t slash = text.find('/');
  std::string_view authority = text.substr(0, slash);
  url.path = slash == std::string_view::npos ? "" : std::string(text.substr(slash));
  while (!url.path.empty() && url.path.back() == '/') url.path.pop_back();
  if (url.path.find_first_of("?# ") != std::string::npos) return bad("it must have no query and no fragment");
  if (authority.find('@') != std::string_view::npos) return bad("it must not hold a user or a password");
  url.port = url.tls ? "443" : "80";
  const std::size_t bracket = authority.find(']');
  const std::size_t colon = authority.rfind(':');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    url.port = std::string(authority.substr(colon + 1));
    std::uint16_t port = 0;
    const auto [end, ec] = std::from_chars(url.port.data(), url.port.data() + url.port.size(), port);
    if (ec != std::errc() || end != url.port.data() + url.port.size() || port == 0) return bad("the port is no number");
    authority = authority.substr(0, colon);
  }
  if (authority.size() > 2 && authority.front() == '[' && authority.back() == ']')
    authority = authority.substr(1, authority.size() - 2);
  if (authority.empty()) return bad("it names no host");
  url.host = std::string(authority);
  return url;
}

std::string percent_encode(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += kHex[static_cast<unsigned char>(c) >> 4];
      out += kHex[static_cast<unsigned char>(c) & 15];
    }
  }
  return out;
}

}  // namespace tenure::http
