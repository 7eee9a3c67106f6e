// Tokens of an expression (cel-spec langdef, "Syntax", the lexis). Literals are decoded here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <tenure/base/error.hpp>
#include <tenure/cel/value.hpp>

namespace tenure::cel {

struct Token {
  enum class Kind : std::uint8_t {
    kEnd,
    kIdent,
    kQuotedIdent,
    kLiteral,
    kDot,
    kComma,
    kColon,
    kQuestion,
    kOpenParen,
    kCloseParen,
    kOpenBracket,
    kCloseBracket,
    kOpenBrace,
    kCloseBrace,
    kPlus,
    kMinus,
    kStar,
    kSlash,
    kPercent,
    kNot,
    kAnd,
    kOr,
    kEqual,
    kNotEqual,
    kLess,
    kLessEqual,
    kGreater,
    kGreaterEqual,
    kIn
  };
  Kind kind = Kind::kEnd;
  std::uint32_t line = 1, column = 1;
  std::string_view text;      // as written
  std::string name;           // kIdent, kQuotedIdent
  Value literal;              // kLiteral
  bool out_of_range = false;  // kLiteral: the integer 9223372036854775808, which only a minus sign can save
};

class Lexer {
 public:
  // REQUIRES: valid UTF-8 that outlives the lexer.
  explicit Lexer(std::string_view text) : text_(text) {}
  // Error kCelSyntax; line() and column() say where.
  Result<Token> next();
  std::uint32_t line() const { return line_; }
  std::uint32_t column() const { return column_; }

 private:
  void skip_space();
  void advance(std::size_t bytes);
  char peek(std::size_t ahead = 0) const { return pos_ + ahead < text_.size() ? text_[pos_ + ahead] : '\0'; }
  Result<Token> number(Token token);
  Result<Token> text_literal(Token token, bool raw, bool bytes);
  Result<Token> quoted_identifier(Token token);
  Status escape(std::string& out, bool bytes);
  Result<std::uint32_t> hex_digits(std::size_t count);

  std::string_view text_;
  std::size_t pos_ = 0;
  std::uint32_t line_ = 1, column_ = 1;
};

bool is_reserved(std::string_view word);

}  // namespace tenure::cel
