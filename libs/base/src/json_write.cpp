#include <array>
#include <charconv>
#include <cstring>

#include <tenure/base/json.hpp>

namespace tenure::json {
namespace {

constexpr std::int64_t kSafeInteger = (std::int64_t{1} << 53) - 1;

enum class Style { kCompact, kPretty, kCanonical };

struct Writer {
  Style style;
  std::string out;
  bool refused = false;

  void newline(std::size_t depth) {
    if (style != Style::kPretty) return;
    out += '\n';
    out.append(depth * 2, ' ');
  }

  void write(const Value& value, std::size_t depth) {
    if (value.is_null())
      out += "null";
    else if (value.is_bool())
      out += value.as_bool() ? "true" : "false";
    else if (value.is_int())
      write_int(value.as_int());
    else if (value.is_double())
      write_double(value.as_double());
    else if (value.is_string())
      append_quoted(out, value.as_string());
    else if (value.is_array())
      write_array(value.as_array(), depth);
    else
      write_object(value.as_object(), depth);
  }

  void write_int(std::int64_t n) {
    if (style == Style::kCanonical && (n > kSafeInteger || n < -kSafeInteger)) refused = true;
    out += std::to_string(n);
  }

  void write_double(double d) {
    if (style == Style::kCanonical) refused = true;
    std::array<char, 32> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), d).ptr;
    out.append(buffer.data(), end);
  }

  void write_array(const Array& array, std::size_t depth) {
    out += '[';
    bool first = true;
    for (const auto& element : array) {
      if (!first) out += ',';
      first = false;
      newline(depth + 1);
      write(element, depth + 1);
    }
    if (!array.empty()) newline(depth);
    out += ']';
  }

  void write_object(const Object& object, std::size_t depth) {
    out += '{';
    bool first = true;
    for (const auto& [key, member] : object) {
      if (!first) out += ',';
      first = false;
      newline(depth + 1);
      append_quoted(out, key);
      out += style == Style::kPretty ? ": " : ":";
      write(member, depth + 1);
    }
    if (!object.empty()) newline(depth);
    out += '}';
  }
};

// How many leading bytes stand for themselves: eight at a time, then singly.
std::size_t plain_prefix(std::string_view text) {
  constexpr std::uint64_t kOnes = 0x0101010101010101U, kHighs = 0x8080808080808080U;
  // The high bit of each byte that is 0; exact for the lowest such byte, which is all that is asked.
  const auto zero = [](std::uint64_t word) { return (word - kOnes) & ~word; };
  std::size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + i, 8);
    const std::uint64_t control = (word - kOnes * 0x20) & ~word;
    if (((control | zero(word ^ (kOnes * '"')) | zero(word ^ (kOnes * '\\'))) & kHighs) != 0) break;
  }
  while (i < text.size() && static_cast<unsigned char>(text[i]) >= 0x20 && text[i] != '"' && text[i] != '\\') ++i;
  return i;
}

void append_escaped(std::string& out, char c) {
  static constexpr char kHex[] = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      break;
    case '\\':
      out += "\\\\";
      break;
    case '\b':
      out += "\\b";
      break;
    case '\f':
      out += "\\f";
      break;
    case '\n':
      out += "\\n";
      break;
    case '\r':
      out += "\\r";
      break;
    case '\t':
      out += "\\t";
      break;
    default:
      out += "\\u00";
      out += kHex[static_cast<unsigned char>(c) >> 4];
      out += kHex[static_cast<unsigned char>(c) & 15];
  }
}

}  // namespace

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  while (true) {
    const std::size_t plain = plain_prefix(text);
    out.append(text.substr(0, plain));
    if (plain == text.size()) break;
    append_escaped(out, text[plain]);
    text.remove_prefix(plain + 1);
  }
  out += '"';
}

std::string to_string(const Value& value) {
  Writer writer{Style::kCompact, {}};
  writer.write(value, 0);
  return std::move(writer.out);
}

std::string to_pretty(const Value& value) {
  Writer writer{Style::kPretty, {}};
  writer.write(value, 0);
  return std::move(writer.out);
}

Result<std::string> canonical(const Value& value) {
  Writer writer{Style::kCanonical, {}};
  writer.write(value, 0);
  if (writer.refused)
    return fail(Reason::kJsonShape, "canonical JSON holds no floating point and no integer beyond 2^53-1");
  return std::move(writer.out);
}

const Value* Value::find(std::string_view key) const {
  if (!is_object()) return nullptr;
  const auto it = as_object().find(key);
  return it == as_object().end() ? nullptr : &it->second;
}

std::string Value::string_or(std::string_view key, std::string_view fallback) const {
  const Value* member = find(key);
  return member != nullptr && member->is_string() ? member->as_string() : std::string(fallback);
}

std::int64_t Value::int_or(std::string_view key, std::int64_t fallback) const {
  const Value* member = find(key);
  return member != nullptr && member->is_int() ? member->as_int() : fallback;
}

bool Value::bool_or(std::string_view key, bool fallback) const {
  const Value* member = find(key);
  return member != nullptr && member->is_bool() ? member->as_bool() : fallback;
}

std::unexpected<Error> Reader::wrong(std::string_view key, std::string_view expected) const {
  std::string where = path_;
  if (!key.empty()) where += (where.empty() ? "" : ".") + std::string(key);
  return fail(Reason::kJsonShape, where + ": expected " + std::string(expected));
}

Result<Reader> Reader::member(std::string_view key) const {
  const Value* found = value_->find(key);
  if (found == nullptr) return wrong(key, "a value");
  return Reader(*found, path_.empty() ? std::string(key) : path_ + "." + std::string(key));
}

Result<std::string> Reader::string(std::string_view key) const {
  const Value* found = value_->find(key);
  if (found == nullptr || !found->is_string()) return wrong(key, "a string");
  return found->as_string();
}

Result<std::int64_t> Reader::integer(std::string_view key) const {
  const Value* found = value_->find(key);
  if (found == nullptr || !found->is_int()) return wrong(key, "an integer");
  return found->as_int();
}

Result<bool> Reader::boolean(std::string_view key) const {
  const Value* found = value_->find(key);
  if (found == nullptr || !found->is_bool()) return wrong(key, "true or false");
  return found->as_bool();
}

Result<std::vector<Reader>> Reader::array(std::string_view key) const {
  const Value* found = value_->find(key);
  if (found == nullptr || !found->is_array()) return wrong(key, "an array");
  std::vector<Reader> readers;
  const std::string base = path_.empty() ? std::string(key) : path_ + "." + std::string(key);
  readers.reserve(found->as_array().size());
  for (std::size_t i = 0; i < found->as_array().size(); ++i)
    readers.emplace_back(found->as_array()[i], base + "[" + std::to_string(i) + "]");
  return readers;
}

}  // namespace tenure::json
