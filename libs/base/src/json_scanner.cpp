#include <charconv>
#include <cstring>

#include <tenure/base/json.hpp>
#include <tenure/base/json_scanner.hpp>

namespace tenure::json {

bool Scanner::take(char expected) {
  if (at_ < text_.size() && text_[at_] == expected) {
    ++at_;
    return true;
  }
  fail();
  return false;
}

bool Scanner::open(char bracket) {
  if (!take(bracket)) return false;
  const char closing = bracket == '{' ? '}' : ']';
  if (peek() != closing) return !failed_;
  ++at_;
  return false;
}

bool Scanner::next(char closing) {
  if (peek() == ',') {
    ++at_;
    return true;
  }
  take(closing);
  return false;
}

std::string_view Scanner::key() {
  const std::string_view found = text();
  take(':');
  return failed_ ? std::string_view() : found;
}

// Past a text, whose opening quote is next.
void Scanner::skip_text() {
  if (!take('"')) return;
  for (;;) {
    const void* quote = std::memchr(text_.data() + at_, '"', text_.size() - at_);
    if (quote == nullptr) return fail();
    const std::size_t end = static_cast<std::size_t>(static_cast<const char*>(quote) - text_.data());
    std::size_t slashes = 0;
    while (end - slashes > at_ && text_[end - slashes - 1] == '\\') ++slashes;
    at_ = end + 1;
    if (slashes % 2 == 0) return;
  }
}

std::string_view Scanner::text() {
  const std::size_t begin = at_;
  skip_text();
  if (failed_) return {};
  const std::string_view raw = text_.substr(begin + 1, at_ - begin - 2);
  if (std::memchr(raw.data(), '\\', raw.size()) == nullptr) return raw;
  // Escapes are rare: the parser knows them.
  auto value = parse(text_.substr(begin, at_ - begin));
  if (!value || !value->is_string()) {
    fail();
    return {};
  }
  return *unescaped_.emplace_back(std::make_unique<std::string>(value->as_string()));
}

std::int64_t Scanner::integer() {
  std::int64_t number = 0;
  const char* begin = text_.data() + at_;
  const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), number);
  if (error != std::errc()) {
    fail();
    return 0;
  }
  at_ += static_cast<std::size_t>(end - begin);
  return number;
}

bool Scanner::boolean() {
  if (text_.substr(at_, 4) == "true") {
    at_ += 4;
    return true;
  }
  if (text_.substr(at_, 5) == "false")
    at_ += 5;
  else
    fail();
  return false;
}

bool Scanner::null() {
  if (text_.substr(at_, 4) != "null") return false;
  at_ += 4;
  return true;
}

std::string_view Scanner::value() {
  const std::size_t begin = at_;
  std::size_t depth = 0;
  do {
    switch (peek()) {
      case '"':
        skip_text();
        break;
      case '{':
      case '[':
        ++depth;
        ++at_;
        break;
      case '}':
      case ']':
        if (depth == 0) {
          fail();
          return {};
        }
        --depth;
        ++at_;
        break;
      case ',':
      case ':':
        if (depth == 0) {
          fail();
          return {};
        }
        ++at_;
        break;
      case '\0':
        fail();
        return {};
      default:
        while (at_ < text_.size() && std::strchr(",]}", text_[at_]) == nullptr) ++at_;
    }
  } while (depth > 0 && !failed_);
  return failed_ ? std::string_view() : text_.substr(begin, at_ - begin);
}

}  // namespace tenure::json
