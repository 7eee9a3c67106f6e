#include "dn.hpp"

#include <algorithm>
#include <tuple>

#include <tenure/base/text.hpp>

namespace tenure::connector_ldap {
namespace {

constexpr char kHex[] = "0123456789abcdef";

void append_hex(std::string& out, char c) {
  const auto byte = static_cast<unsigned char>(c);
  out += '\\';
  out += kHex[byte >> 4];
  out += kHex[byte & 15];
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_special(char c) {
  return std::string_view("\"+,;<>\\").find(c) != std::string_view::npos;
}

bool is_type_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

// A cursor over the text of a DN.
class DnParser {
 public:
  explicit DnParser(std::string_view text) : text_(text) {}

  std::optional<std::vector<Rdn>> parse() {
    std::vector<Rdn> out;
    skip_spaces();
    if (at_end()) return out;
    for (;;) {
      auto rdn = parse_rdn();
      if (!rdn) return std::nullopt;
      out.push_back(std::move(*rdn));
      if (at_end()) return out;
      if (text_[at_] != ',' && text_[at_] != ';') return std::nullopt;
      ++at_;
    }
  }

 private:
  bool at_end() const { return at_ == text_.size(); }
  void skip_spaces() {
    while (!at_end() && text_[at_] == ' ') ++at_;
  }

  std::optional<Rdn> parse_rdn() {
    Rdn out;
    for (;;) {
      auto ava = parse_ava();
      if (!ava) return std::nullopt;
      out.push_back(std::move(*ava));
      if (at_end() || text_[at_] != '+') return out;
      ++at_;
    }
  }

  std::optional<Ava> parse_ava() {
    skip_spaces();
    const std::size_t begin = at_;
    while (!at_end() && is_type_character(text_[at_])) ++at_;
    Ava out;
    out.type = ascii_lower(text_.substr(begin, at_ - begin));
    skip_spaces();
    if (out.type.empty() || at_end() || text_[at_] != '=') return std::nullopt;
    ++at_;
    skip_spaces();
    if (!at_end() && text_[at_] == '#') return parse_hex_string(std::move(out));
    return parse_string(std::move(out));
  }

  std::optional<Ava> parse_hex_string(Ava out) {
    ++at_;
    while (at_ + 1 < text_.size() && hex_digit(text_[at_]) >= 0 && hex_digit(text_[at_ + 1]) >= 0) {
      out.value += static_cast<char>(hex_digit(text_[at_]) * 16 + hex_digit(text_[at_ + 1]));
      at_ += 2;
    }
    skip_spaces();
    // The bytes are a BER encoding: marked, so that they never equal a string with the same bytes.
    out.value.insert(out.value.begin(), '\0');
    if (out.value.size() == 1 || !(at_end() || is_separator(text_[at_]))) return std::nullopt;
    return out;
  }

  std::optional<Ava> parse_string(Ava out) {
    std::size_t kept = 0;  // unescaped spaces at the end are no part of the value
    while (!at_end() && !is_separator(text_[at_])) {
      const char c = text_[at_++];
      if (c == '\\') {
        if (at_end()) return std::nullopt;
        const int high = hex_digit(text_[at_]);
        if (high >= 0 && at_ + 1 < text_.size() && hex_digit(text_[at_ + 1]) >= 0) {
          out.value += static_cast<char>(high * 16 + hex_digit(text_[at_ + 1]));
          at_ += 2;
        } else if (is_special(text_[at_]) || text_[at_] == ' ' || text_[at_] == '#' || text_[at_] == '=') {
          out.value += text_[at_++];
        } else {
          return std::nullopt;
        }
        kept = out.value.size();
        continue;
      }
      if (c == '"' || c == '<' || c == '>' || c == '\0') return std::nullopt;
      out.value += c;
      if (c != ' ') kept = out.value.size();
    }
    out.value.resize(kept);
    return out;
  }

  static bool is_separator(char c) { return c == ',' || c == ';' || c == '+'; }

  std::string_view text_;
  std::size_t at_ = 0;
};

// The part of caseIgnoreMatch's string preparation (RFC 4518) that matters between servers and their own names.
std::string normal_value(std::string_view value) {
  std::string out;
  bool space = false;
  for (const char c : value) {
    if (c == ' ') {
      space = !out.empty();
      continue;
    }
    if (space) out += ' ';
    space = false;
    out += c;
  }
  return ascii_lower(out);
}

}  // namespace

std::string escape_dn_value(std::string_view value) {
  std::string out;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    const bool edge = (c == ' ' && (i == 0 || i + 1 == value.size())) || (c == '#' && i == 0);
    if (is_special(c) || c == '=' || edge) {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      append_hex(out, c);
    } else {
      out += c;
    }
  }
  return out;
}

std::string escape_filter_value(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c == '*' || c == '(' || c == ')' || c == '\\' || static_cast<unsigned char>(c) < 0x20 ||
        static_cast<unsigned char>(c) >= 0x7f)
      append_hex(out, c);
    else
      out += c;
  }
  return out;
}

std::optional<std::vector<Rdn>> parse_dn(std::string_view dn) {
  return DnParser(dn).parse();
}

std::optional<std::string> normal_dn(std::string_view dn) {
  auto rdns = parse_dn(dn);
  if (!rdns) return std::nullopt;
  std::string out;
  for (auto& rdn : *rdns) {
    for (auto& ava : rdn) ava.value = normal_value(ava.value);
    std::sort(rdn.begin(), rdn.end(),
              [](const Ava& a, const Ava& b) { return std::tie(a.type, a.value) < std::tie(b.type, b.value); });
    if (!out.empty()) out += ',';
    for (std::size_t i = 0; i < rdn.size(); ++i) {
      if (i > 0) out += '+';
      out += rdn[i].type + "=" + escape_dn_value(rdn[i].value);
    }
  }
  return out;
}

std::optional<std::string> rdn_value(std::string_view dn, std::string_view type) {
  const auto rdns = parse_dn(dn);
  if (!rdns || rdns->empty()) return std::nullopt;
  const std::string wanted = ascii_lower(type);
  for (const auto& ava : rdns->front())
    if (ava.type == wanted) return ava.value;
  return std::nullopt;
}

bool is_under(std::string_view normal, std::string_view normal_base) {
  if (normal_base.empty() || normal == normal_base) return true;
  return normal.size() > normal_base.size() && normal.ends_with(normal_base) &&
         normal[normal.size() - normal_base.size() - 1] == ',' &&
         // "x\,dc=a" ends with ",dc=a" too: that comma is part of a value.
         (normal.size() < normal_base.size() + 2 || normal[normal.size() - normal_base.size() - 2] != '\\');
}

}  // namespace tenure::connector_ldap
