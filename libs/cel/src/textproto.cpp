#include "textproto.hpp"

#include <tenure/base/text.hpp>

namespace tenure::cel::textproto {
namespace {

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Result<Node> message(char close) {
    Node node;
    node.is_message = true;
    for (;;) {
      space();
      if (peek() == close) {
        if (close != '\0') ++pos_;
        return node;
      }
      if (pos_ >= text_.size()) return wrong("the end of the message");
      TENURE_TRY(std::string name, field_name());
      space();
      const bool colon = peek() == ':';
      if (colon) ++pos_;
      space();
      if (peek() == '[') {
        ++pos_;
        for (space(); peek() != ']'; space()) {
          TENURE_TRY(Node element, value());
          node.fields.push_back({name, std::move(element)});
          space();
          if (peek() == ',') ++pos_;
        }
        ++pos_;
      } else {
        TENURE_TRY(Node element, value());
        node.fields.push_back({std::move(name), std::move(element)});
      }
      space();
      if (peek() == ',' || peek() == ';') ++pos_;
    }
  }

 private:
  char peek() const { return pos_ < text_.size() ? text_[pos_] : '\0'; }
  std::unexpected<Error> wrong(std::string_view wanted) const {
    std::size_t line = 1;
    for (std::size_t i = 0; i < pos_ && i < text_.size(); ++i) line += text_[i] == '\n' ? 1 : 0;
    return fail(Reason::kJsonSyntax, "line " + std::to_string(line) + ": expected " + std::string(wanted));
  }
  void space() {
    while (pos_ < text_.size()) {
      const char c = text_[pos_];
      if (c == '#') {
        while (pos_ < text_.size() && text_[pos_] != '\n') ++pos_;
      } else if (c == ' ' || c == '\n' || c == '\t' || c == '\r') {
        ++pos_;
      } else {
        return;
      }
    }
  }
  static bool word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           c == '-' || c == '+';
  }
  std::string take_word() {
    const std::size_t start = pos_;
    while (pos_ < text_.size() && word(text_[pos_])) ++pos_;
    return std::string(text_.substr(start, pos_ - start));
  }
  Result<std::string> field_name() {
    if (peek() == '[') {
      const std::size_t end = text_.find(']', pos_);
      if (end == std::string_view::npos) return wrong("]");
      std::string name(text_.substr(pos_, end + 1 - pos_));
      pos_ = end + 1;
      return name;
    }
    std::string name = take_word();
    if (name.empty()) return wrong("a field name");
    return name;
  }
  Result<Node> value() {
    Node node;
    const char c = peek();
    if (c == '{' || c == '<') {
      ++pos_;
      return message(c == '{' ? '}' : '>');
    }
    if (c != '"' && c != '\'') {
      node.scalar = take_word();
      if (node.scalar.empty()) return wrong("a value");
      return node;
    }
    while (peek() == '"' || peek() == '\'') {
      TENURE_CHECK_OK(quoted(node.scalar));
      space();
    }
    return node;
  }
  Status quoted(std::string& out) {
    const char quote = text_[pos_++];
    while (peek() != quote) {
      if (pos_ >= text_.size() || peek() == '\n') return wrong("the end of the string");
      if (peek() != '\\') {
        out += text_[pos_++];
        continue;
      }
      ++pos_;
      escape(out);
    }
    ++pos_;
    return {};
  }
  std::uint32_t digits(std::uint32_t base, std::size_t most) {
    std::uint32_t n = 0;
    for (std::size_t i = 0; i < most; ++i, ++pos_) {
      const char c = peek();
      std::uint32_t digit = 99;
      if (c >= '0' && c <= '9') digit = static_cast<std::uint32_t>(c - '0');
      if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') digit = static_cast<std::uint32_t>((c | 0x20) - 'a' + 10);
      if (digit >= base) break;
      n = n * base + digit;
    }
    return n;
  }
  void escape(std::string& out) {
    constexpr std::string_view kFrom = "abfnrtv?\\'\"", kTo = "\a\b\f\n\r\t\v?\\'\"";
    const char c = text_[pos_];
    if (const auto at = kFrom.find(c); at != std::string_view::npos) {
      out += kTo[at];
      ++pos_;
    } else if (c == 'x' || c == 'X') {
      ++pos_;
      out += static_cast<char>(static_cast<unsigned char>(digits(16, 2)));
    } else if (c == 'u' || c == 'U') {
      ++pos_;
      append_utf8(out, digits(16, c == 'u' ? 4 : 8));
    } else {
      out += static_cast<char>(static_cast<unsigned char>(digits(8, 3)));
    }
  }

  std::string_view text_;
  std::size_t pos_ = 0;
};

}  // namespace

const Node* Node::find(std::string_view name) const {
  for (const auto& field : fields)
    if (field.name == name) return &field.node;
  return nullptr;
}

std::string Node::text(std::string_view name) const {
  const Node* node = find(name);
  return node == nullptr ? "" : node->scalar;
}

Result<Node> parse(std::string_view text) {
  return Reader(text).message('\0');
}

}  // namespace tenure::cel::textproto
