#include <charconv>
#include <cmath>

#include <tenure/base/json.hpp>
#include <tenure/base/text.hpp>

namespace tenure::json {
namespace {

class Parser {
 public:
  Parser(std::string_view text, ParseOptions options) : text_(text), options_(options) {}

  Result<Value> run() {
    Value value;
    skip_space();
    TENURE_CHECK_OK(read_value(value, 0));
    skip_space();
    if (pos_ != text_.size()) return error("unexpected text after the value");
    return value;
  }

 private:
  std::unexpected<Error> error(std::string_view what) const {
    std::size_t line = 1, column = 1;
    for (std::size_t i = 0; i < pos_ && i < text_.size(); ++i) {
      if (text_[i] == '\n') {
        ++line;
        column = 1;
      } else if ((static_cast<unsigned char>(text_[i]) & 0xC0) != 0x80) {
        ++column;
      }
    }
    return fail(Reason::kJsonSyntax,
                "line " + std::to_string(line) + ", column " + std::to_string(column) + ": " + std::string(what));
  }

  void skip_space() {
    while (pos_ < text_.size() &&
           (text_[pos_] == ' ' || text_[pos_] == '\n' || text_[pos_] == '\r' || text_[pos_] == '\t'))
      ++pos_;
  }

  bool eat(std::string_view word) {
    if (text_.substr(pos_, word.size()) != word) return false;
    pos_ += word.size();
    return true;
  }

  Status read_value(Value& out, std::size_t depth) {
    if (depth > options_.depth_max) return error("nested too deeply");
    if (pos_ >= text_.size()) return error("the text ends where a value was expected");
    switch (text_[pos_]) {
      case '{':
        return read_object(out, depth);
      case '[':
        return read_array(out, depth);
      case '"': {
        std::string s;
        TENURE_CHECK_OK(read_string(s));
        out = Value(std::move(s));
        return {};
      }
      case 't':
        if (eat("true")) return out = Value(true), Status{};
        break;
      case 'f':
        if (eat("false")) return out = Value(false), Status{};
        break;
      case 'n':
        if (eat("null")) return out = Value(nullptr), Status{};
        break;
      default:
        return read_number(out);
    }
    return error("expected a value");
  }

  Status read_object(Value& out, std::size_t depth) {
    Object object;
    ++pos_;
    skip_space();
    if (eat("}")) return out = Value(std::move(object)), Status{};
    while (true) {
      skip_space();
      if (pos_ >= text_.size() || text_[pos_] != '"') return error("expected a member name in quotes");
      std::string key;
      TENURE_CHECK_OK(read_string(key));
      if (object.contains(key)) return error("the member \"" + key + "\" stands twice");
      skip_space();
      if (!eat(":")) return error("expected ':'");
      skip_space();
      Value value;
      TENURE_CHECK_OK(read_value(value, depth + 1));
      object.emplace(std::move(key), std::move(value));
      skip_space();
      if (eat(",")) continue;
      if (eat("}")) return out = Value(std::move(object)), Status{};
      return error("expected ',' or '}'");
    }
  }

  Status read_array(Value& out, std::size_t depth) {
    Array array;
    ++pos_;
    skip_space();
    if (eat("]")) return out = Value(std::move(array)), Status{};
    while (true) {
      skip_space();
      Value value;
      TENURE_CHECK_OK(read_value(value, depth + 1));
      array.push_back(std::move(value));
      skip_space();
      if (eat(",")) continue;
      if (eat("]")) return out = Value(std::move(array)), Status{};
      return error("expected ',' or ']'");
    }
  }

  Status read_number(Value& out) {
    const std::size_t start = pos_;
    bool integer = true;
    if (pos_ < text_.size() && text_[pos_] == '-') ++pos_;
    const std::size_t digits = pos_;
    while (pos_ < text_.size() && text_[pos_] >= '0' && text_[pos_] <= '9') ++pos_;
    if (pos_ == digits) {
      pos_ = start;
      return error("expected a value");
    }
    if (text_[digits] == '0' && pos_ - digits > 1) return error("a number must not begin with 0");
    if (pos_ < text_.size() && text_[pos_] == '.') {
      integer = false;
      const std::size_t fraction = ++pos_;
      while (pos_ < text_.size() && text_[pos_] >= '0' && text_[pos_] <= '9') ++pos_;
      if (pos_ == fraction) return error("expected a digit after '.'");
    }
    if (pos_ < text_.size() && (text_[pos_] == 'e' || text_[pos_] == 'E')) {
      integer = false;
      ++pos_;
      if (pos_ < text_.size() && (text_[pos_] == '+' || text_[pos_] == '-')) ++pos_;
      const std::size_t exponent = pos_;
      while (pos_ < text_.size() && text_[pos_] >= '0' && text_[pos_] <= '9') ++pos_;
      if (pos_ == exponent) return error("expected a digit in the exponent");
    }
    const std::string_view token = text_.substr(start, pos_ - start);
    if (integer) {
      std::int64_t n = 0;
      if (std::from_chars(token.data(), token.data() + token.size(), n).ec == std::errc())
        return out = Value(n), Status{};
    }
    if (!options_.allow_double) return error("only integers of 64 bits are allowed here");
    double d = 0;
    if (std::from_chars(token.data(), token.data() + token.size(), d).ec != std::errc() || !std::isfinite(d))
      return error("the number is out of range");
    return out = Value(d), Status{};
  }

  Status read_hex4(std::uint32_t& out) {
    out = 0;
    if (pos_ + 4 > text_.size()) return error("\\u needs four hexadecimal digits");
    for (int i = 0; i < 4; ++i) {
      const char c = text_[pos_++];
      out <<= 4;
      if (c >= '0' && c <= '9')
        out |= static_cast<std::uint32_t>(c - '0');
      else if (c >= 'a' && c <= 'f')
        out |= static_cast<std::uint32_t>(c - 'a' + 10);
      else if (c >= 'A' && c <= 'F')
        out |= static_cast<std::uint32_t>(c - 'A' + 10);
      else
        return error("\\u needs four hexadecimal digits");
    }
    return {};
  }

  Status read_escape(std::string& out) {
    if (pos_ >= text_.size()) return error("the text ends inside a string");
    switch (text_[pos_++]) {
      case '"':
        out += '"';
        return {};
      case '\\':
        out += '\\';
        return {};
      case '/':
        out += '/';
        return {};
      case 'b':
        out += '\b';
        return {};
      case 'f':
        out += '\f';
        return {};
      case 'n':
        out += '\n';
        return {};
      case 'r':
        out += '\r';
        return {};
      case 't':
        out += '\t';
        return {};
      case 'u':
        break;
      default:
        return error("unknown escape");
    }
    std::uint32_t cp = 0;
    TENURE_CHECK_OK(read_hex4(cp));
    if (cp >= 0xDC00 && cp <= 0xDFFF) return error("a lone surrogate");
    if (cp >= 0xD800 && cp <= 0xDBFF) {
      std::uint32_t low = 0;
      if (!eat("\\u")) return error("a lone surrogate");
      TENURE_CHECK_OK(read_hex4(low));
      if (low < 0xDC00 || low > 0xDFFF) return error("a lone surrogate");
      cp = 0x10000 + ((cp - 0xD800) << 10) + (low - 0xDC00);
    }
    append_utf8(out, cp);
    return {};
  }

  Status read_string(std::string& out) {
    ++pos_;
    while (true) {
      const std::size_t start = pos_;
      while (pos_ < text_.size() && text_[pos_] != '"' && text_[pos_] != '\\' &&
             static_cast<unsigned char>(text_[pos_]) >= 0x20)
        ++pos_;
      const std::string_view chunk = text_.substr(start, pos_ - start);
      if (!is_utf8(chunk)) return error("not valid UTF-8");
      out.append(chunk);
      if (pos_ >= text_.size()) return error("the text ends inside a string");
      const char c = text_[pos_];
      if (c == '"') return ++pos_, Status{};
      if (c != '\\') return error("a control character must be escaped");
      ++pos_;
      TENURE_CHECK_OK(read_escape(out));
    }
  }

  std::string_view text_;
  ParseOptions options_;
  std::size_t pos_ = 0;
};

}  // namespace

Result<Value> parse(std::string_view text, ParseOptions options) {
  return Parser(text, options).run();
}

}  // namespace tenure::json
