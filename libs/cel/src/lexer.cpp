#include "lexer.hpp"

#include "functions.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <tenure/base/text.hpp>

namespace tenure::cel {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

std::unexpected<Error> bad(std::string message) {
  return fail(Reason::kCelSyntax, std::move(message));
}

constexpr std::array<std::string_view, 17> kReserved = {"as",        "break",  "const",  "continue", "else", "for",
                                                        "function",  "if",     "import", "let",      "loop", "package",
                                                        "namespace", "return", "var",    "void",     "while"};

struct Symbol {
  std::string_view text;
  Token::Kind kind;
};
using K = Token::Kind;
constexpr std::array<Symbol, 24> kSymbols = {
    {{"&&", K::kAnd},         {"||", K::kOr},           {"==", K::kEqual},     {"!=", K::kNotEqual},
     {"<=", K::kLessEqual},   {">=", K::kGreaterEqual}, {"<", K::kLess},       {">", K::kGreater},
     {"!", K::kNot},          {".", K::kDot},           {",", K::kComma},      {":", K::kColon},
     {"?", K::kQuestion},     {"(", K::kOpenParen},     {")", K::kCloseParen}, {"[", K::kOpenBracket},
     {"]", K::kCloseBracket}, {"{", K::kOpenBrace},     {"}", K::kCloseBrace}, {"+", K::kPlus},
     {"-", K::kMinus},        {"*", K::kStar},          {"/", K::kSlash},      {"%", K::kPercent}}};

}  // namespace

bool is_reserved(std::string_view word) {
  return std::ranges::find(kReserved, word) != kReserved.end();
}

void Lexer::advance(std::size_t bytes) {
  for (std::size_t i = 0; i < bytes && pos_ < text_.size(); ++i, ++pos_) {
    const char c = text_[pos_];
    if (c == '\n' || (c == '\r' && peek(1) != '\n')) {
      ++line_;
      column_ = 1;
    } else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80 && c != '\r') {
      ++column_;
    }
  }
}

void Lexer::skip_space() {
  for (;;) {
    const char c = peek();
    if (pos_ < text_.size() && (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f')) {
      advance(1);
    } else if (c == '/' && peek(1) == '/') {
      while (pos_ < text_.size() && peek() != '\n' && peek() != '\r') advance(1);
    } else {
      return;
    }
  }
}

Result<Token> Lexer::next() {
  skip_space();
  Token token;
  token.line = line_;
  token.column = column_;
  if (pos_ >= text_.size()) return token;
  const std::size_t start = pos_;
  const char c = peek();
  if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return number(std::move(token));
  if (c == '"' || c == '\'') return text_literal(std::move(token), false, false);
  if (c == '`') return quoted_identifier(std::move(token));
  if (is_letter(c)) {
    std::size_t n = 0;
    while (is_letter(peek(n)) || is_digit(peek(n))) ++n;
    const std::string_view word = text_.substr(start, n);
    const char after = peek(n);
    if ((after == '"' || after == '\'') && n <= 2) {
      const std::string prefix = ascii_lower(word);
      const bool raw = prefix.find('r') != std::string::npos, bytes = prefix.find('b') != std::string::npos;
      if (prefix == "r" || prefix == "b" || prefix == "br" || prefix == "rb") {
        advance(n);
        return text_literal(std::move(token), raw, bytes);
      }
    }
    advance(n);
    token.text = word;
    token.kind = K::kLiteral;
    if (word == "true" || word == "false") {
      token.literal = Value::boolean(word == "true");
    } else if (word == "in") {
      token.kind = K::kIn;
    } else if (word != "null") {
      token.kind = K::kIdent;
      token.name = word;
    }
    return token;
  }
  for (const auto& symbol : kSymbols) {
    if (text_.substr(pos_).starts_with(symbol.text)) {
      advance(symbol.text.size());
      token.kind = symbol.kind;
      token.text = symbol.text;
      return token;
    }
  }
  std::size_t n = 1;
  while ((static_cast<unsigned char>(peek(n)) & 0xC0) == 0x80) ++n;
  if (static_cast<unsigned char>(c) < 0x20) return bad("a control character may only stand in a string");
  return bad("the character " + std::string(text_.substr(pos_, n)) + " cannot stand here");
}

Result<Token> Lexer::number(Token token) {
  const std::size_t start = pos_;
  token.kind = K::kLiteral;
  std::size_t n = 0;
  bool real = false;
  const bool hex = peek() == '0' && (peek(1) == 'x' || peek(1) == 'X');
  if (hex) {
    n = 2;
    while (is_hex(peek(n))) ++n;
    if (n == 2) return bad("hexadecimal digits must follow 0x");
  } else {
    while (is_digit(peek(n))) ++n;
    if (peek(n) == '.' && is_digit(peek(n + 1))) {
      real = true;
      for (++n; is_digit(peek(n));) ++n;
    }
    if (peek(n) == 'e' || peek(n) == 'E') {
      std::size_t m = n + 1;
      if (peek(m) == '+' || peek(m) == '-') ++m;
      if (is_digit(peek(m))) {
        real = true;
        for (n = m; is_digit(peek(n));) ++n;
      }
    }
  }
  const std::string_view digits = text_.substr(start, n);
  const bool is_unsigned = !real && (peek(n) == 'u' || peek(n) == 'U');
  if (is_letter(peek(n + (is_unsigned ? 1 : 0))) || is_digit(peek(n + (is_unsigned ? 1 : 0))))
    return bad("a name cannot begin in the middle of a number");
  const std::string_view body = hex ? digits.substr(2) : digits;
  const char* const end = body.data() + body.size();
  if (real) {
    const auto d = parse_double(body);
    if (!d) return bad("the number is out of range");
    token.literal = Value::real(*d);
  } else {
    std::uint64_t u = 0;
    const auto [last, ec] = std::from_chars(body.data(), end, u, hex ? 16 : 10);
    if (ec != std::errc() || last != end) return bad("the number is out of range");
    if (is_unsigned) {
      token.literal = Value::unsigned_integer(u);
      ++n;
    } else {
      if (u > 9223372036854775808ULL) return bad("the number is out of range");
      token.out_of_range = u == 9223372036854775808ULL;
      token.literal = Value::integer(static_cast<std::int64_t>(u));
    }
  }
  advance(n);
  token.text = text_.substr(start, n);
  return token;
}

Result<Token> Lexer::quoted_identifier(Token token) {
  const std::size_t start = pos_;
  advance(1);
  while (is_letter(peek()) || is_digit(peek()) ||
         (peek() != '\0' && std::string_view("./- ").find(peek()) != std::string_view::npos))
    advance(1);
  if (peek() != '`' || pos_ == start + 1)
    return bad("a quoted name has letters, digits, _ . - / and blanks between ` and `");
  token.name = text_.substr(start + 1, pos_ - start - 1);
  advance(1);
  token.kind = K::kQuotedIdent;
  token.text = text_.substr(start, pos_ - start);
  return token;
}

Result<Token> Lexer::text_literal(Token token, bool raw, bool bytes) {
  const char quote = peek();
  const bool triple = peek(1) == quote && peek(2) == quote;
  advance(triple ? 3 : 1);
  std::string out;
  for (;;) {
    if (pos_ >= text_.size()) return bad("the string is not closed");
    const char c = peek();
    if (c == quote && (!triple || (peek(1) == quote && peek(2) == quote))) break;
    if (!triple && (c == '\n' || c == '\r')) return bad("the string is not closed on its line");
    if (c == '\\' && !raw) {
      TENURE_CHECK_OK(escape(out, bytes));
      continue;
    }
    out += c;
    advance(1);
  }
  advance(triple ? 3 : 1);
  token.kind = K::kLiteral;
  token.literal = bytes ? Value::bytes(std::move(out)) : Value::string(std::move(out));
  return token;
}

Result<std::uint32_t> Lexer::hex_digits(std::size_t count) {
  std::uint32_t n = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const char c = peek();
    if (!is_hex(c)) return bad("the escape sequence needs " + std::to_string(count) + " hexadecimal digits");
    n = n * 16 + static_cast<std::uint32_t>(is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
    advance(1);
  }
  return n;
}

Status Lexer::escape(std::string& out, bool bytes) {
  constexpr std::string_view kFrom = "\\?\"'`abfnrtv", kTo = "\\?\"'`\a\b\f\n\r\t\v";
  advance(1);
  const char c = peek();
  if (const auto at = kFrom.find(c); c != '\0' && at != std::string_view::npos) {
    out += kTo[at];
    advance(1);
    return {};
  }
  std::uint32_t code = 0;
  const bool octet = c == 'x' || c == 'X' || (c >= '0' && c <= '3');
  if (c >= '0' && c <= '3') {
    for (int i = 0; i < 3; ++i) {
      if (peek() < '0' || peek() > '7') return bad("an octal escape sequence has three digits, at most \\377");
      code = code * 8 + static_cast<std::uint32_t>(peek() - '0');
      advance(1);
    }
  } else if (octet || ((c == 'u' || c == 'U') && !bytes)) {
    advance(1);
    TENURE_TRY(code, hex_digits(octet ? 2 : c == 'u' ? 4 : 8));
  } else {
    return bad(bytes && (c == 'u' || c == 'U') ? "\\u and \\U cannot stand in bytes" : "unknown escape sequence");
  }
  if (code >= 0xD800 && code < 0xDC00 && peek() == '\\' && peek(1) == 'u') {
    advance(2);
    TENURE_TRY(const std::uint32_t low, hex_digits(4));
    if (low < 0xDC00 || low > 0xDFFF) return bad("a high surrogate must be followed by a low one");
    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
  }
  if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return bad("the escape sequence is no Unicode character");
  if (octet && bytes) {
    out += static_cast<char>(static_cast<unsigned char>(code));
  } else {
    append_utf8(out, code);
  }
  return {};
}

}  // namespace tenure::cel
