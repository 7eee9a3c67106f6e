#include "leaf_form.hpp"

#include <map>

namespace tenure::evidence_verify {
namespace {

constexpr int kDepthMax = 16;
constexpr std::int64_t kSafeInteger = 9'007'199'254'740'991;

// What is kept of a value: its text if it is a string, its number if it is an integer, else only its kind.
struct Scalar {
  char kind = 0;  // 's', 'i', 'b', 'n', 'o', 'a'
  std::string text;
  std::int64_t number = 0;
};

class Scanner {
 public:
  explicit Scanner(std::string_view bytes) : bytes_(bytes) {}

  bool whole() {
    if (bytes_.empty() || bytes_[0] != '{') return wrong("not an object");
    Scalar ignored;
    if (!value(ignored, "", 1)) return false;
    return at_ == bytes_.size() || wrong("text after the object");
  }
  // By path, keys joined with '/', for the first two levels.
  const std::map<std::string, Scalar, std::less<>>& members() const { return members_; }
  const std::string& why() const { return why_; }
  std::size_t at() const { return at_; }
  bool wrong(std::string_view why) {
    if (why_.empty()) why_ = why;
    return false;
  }

 private:
  char peek() const { return at_ < bytes_.size() ? bytes_[at_] : '\0'; }
  bool take(char c) {
    if (peek() != c || at_ >= bytes_.size()) return wrong(std::string("expected ") + c);
    ++at_;
    return true;
  }
  bool literal(std::string_view word) {
    if (bytes_.substr(at_, word.size()) != word) return wrong("an unknown word");
    at_ += word.size();
    return true;
  }

  bool value(Scalar& out, const std::string& path, int depth) {
    if (depth > kDepthMax) return wrong("nested too deeply");
    switch (peek()) {
      case '{':
        out.kind = 'o';
        return object(path, depth);
      case '[':
        out.kind = 'a';
        return array(path, depth);
      case '"':
        out.kind = 's';
        return string(out.text);
      case 't':
        out.kind = 'b';
        return literal("true");
      case 'f':
        out.kind = 'b';
        return literal("false");
      case 'n':
        out.kind = 'n';
        return literal("null");
      default:
        out.kind = 'i';
        return integer(out.number);
    }
  }

  bool object(const std::string& path, int depth) {
    ++at_;
    if (peek() == '}') return ++at_, true;
    std::string last;
    while (true) {
      const std::size_t start = at_;
      std::string key;
      if (!string(key)) return false;
      if (key.empty() || key.size() > 64 ||
          key.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_.") != std::string::npos)
        return at_ = start, wrong("a member name that is not [a-z0-9_.]{1,64}");
      if (key <= last) return at_ = start, wrong("member names are not in ascending order");
      last = key;
      if (!take(':')) return false;
      const std::string inner = path.empty() ? key : path + "/" + key;
      Scalar member;
      if (!value(member, inner, depth + 1)) return false;
      if (depth <= 2) members_[inner] = std::move(member);
      if (peek() == '}') return ++at_, true;
      if (!take(',')) return false;
    }
  }

  bool array(const std::string& path, int depth) {
    ++at_;
    if (peek() == ']') return ++at_, true;
    while (true) {
      Scalar ignored;
      if (!value(ignored, path + "/[]", depth + 1)) return false;
      if (peek() == ']') return ++at_, true;
      if (!take(',')) return false;
    }
  }

  bool integer(std::int64_t& out) {
    const bool negative = peek() == '-';
    if (negative) ++at_;
    const std::size_t start = at_;
    std::int64_t n = 0;
    while (peek() >= '0' && peek() <= '9') {
      n = n * 10 + (peek() - '0');
      ++at_;
      if (n > kSafeInteger) return wrong("an integer beyond 2^53-1");
    }
    if (at_ == start) return wrong("not a value");
    if (bytes_[start] == '0' && (at_ - start > 1 || negative)) return wrong("an integer with a leading zero, or -0");
    if (peek() == '.' || peek() == 'e' || peek() == 'E') return wrong("not an integer");
    out = negative ? -n : n;
    return true;
  }

  bool escape(std::string& out) {
    static constexpr std::string_view kShort = "\"\\bfnrt", kMeaning = "\"\\\b\f\n\r\t";
    const std::size_t which = kShort.find(peek());
    if (at_ >= bytes_.size()) return wrong("the text ends inside a string");
    if (which != std::string_view::npos) {
      ++at_;
      out += kMeaning[which];
      return true;
    }
    // Only control characters that have no short form are written \u00xx, in lower case.
    const std::string_view code = bytes_.substr(at_, 5);
    static constexpr std::string_view kHex = "0123456789abcdef";
    if (code.size() < 5 || !code.starts_with("u00") || (code[3] != '0' && code[3] != '1') ||
        kHex.find(code[4]) == std::string_view::npos)
      return wrong("an escape that the canonical form does not use");
    const char c = static_cast<char>((code[3] - '0') * 16 + static_cast<int>(kHex.find(code[4])));
    if (c == '\b' || c == '\f' || c == '\n' || c == '\r' || c == '\t')
      return wrong("a long escape where there is a short one");
    at_ += 5;
    out += c;
    return true;
  }

  // One character outside ASCII: RFC 3629, without surrogates and overlong forms.
  bool multibyte(std::string& out) {
    const auto lead = static_cast<unsigned char>(peek());
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || at_ + length > bytes_.size()) return wrong("not UTF-8");
    std::uint32_t code = lead & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
      const auto next = static_cast<unsigned char>(bytes_[at_ + i]);
      if ((next & 0xC0) != 0x80) return wrong("not UTF-8");
      code = code << 6 | (next & 0x3FU);
    }
    static constexpr std::uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
    if (code < kLeast[length] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return wrong("not UTF-8");
    out += bytes_.substr(at_, length);
    at_ += length;
    return true;
  }

  bool string(std::string& out) {
    if (!take('"')) return false;
    while (true) {
      if (at_ >= bytes_.size()) return wrong("the text ends inside a string");
      const char c = bytes_[at_];
      if (c == '"') return ++at_, true;
      if (static_cast<unsigned char>(c) < 0x20) return wrong("a control character inside a string");
      if (c == '\\') {
        ++at_;
        if (!escape(out)) return false;
      } else if (static_cast<unsigned char>(c) >= 0x80) {
        if (!multibyte(out)) return false;
      } else {
        out += c;
        ++at_;
      }
    }
  }

  std::string_view bytes_;
  std::size_t at_ = 0;
  std::string why_;
  std::map<std::string, Scalar, std::less<>> members_;
};

bool looks_like_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : std::string_view("0123456789abcdef").find(text[i]) == std::string_view::npos)
      return false;
  }
  return true;
}

bool looks_like_time(std::string_view text) {
  constexpr std::string_view kShape = "dddd-dd-ddTdd:dd:dd.ddddddZ";
  if (text.size() != kShape.size()) return false;
  for (std::size_t i = 0; i < kShape.size(); ++i)
    if (kShape[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != kShape[i]) return false;
  return true;
}

bool read_case(Scanner& scan, LeafForm& out) {
  const auto& members = scan.members();
  const auto id = members.find("case"), seq = members.find("case_seq"), prev = members.find("case_prev");
  const int present = (id != members.end()) + (seq != members.end()) + (prev != members.end());
  if (present == 0) return true;
  if (present != 3 || id->second.kind != 's' || !looks_like_uuid(id->second.text) || seq->second.kind != 'i' ||
      seq->second.number < 1 || (prev->second.kind != 's' && prev->second.kind != 'n'))
    return scan.wrong("case, case_seq and case_prev are not a place in a case");
  out.case_id = id->second.text;
  out.case_seq = seq->second.number;
  out.case_prev = prev->second.text;
  return true;
}

bool read_members(Scanner& scan, LeafForm& out) {
  const auto& members = scan.members();
  const auto text = [&](std::string_view name) {
    const auto it = members.find(name);
    return it != members.end() && it->second.kind == 's' ? it->second.text : std::string();
  };
  const auto version = members.find("v");
  if (version == members.end() || version->second.kind != 'i' || version->second.number != 1)
    return scan.wrong("v is not 1");
  if (!looks_like_uuid(text("id"))) return scan.wrong("id is not a UUID");
  if (!looks_like_time(text("time"))) return scan.wrong("time is not an instant in UTC with microseconds");
  for (const char* name : {"type", "mode", "outcome", "actor/kind", "actor/ref"})
    if (text(name).empty()) return scan.wrong(std::string(name) + " is missing");
  out.type = text("type");
  if (const auto count = members.find("facts/count"); count != members.end() && count->second.kind == 'i')
    out.case_count = count->second.number;
  return read_case(scan, out);
}

}  // namespace

std::optional<LeafForm> read_leaf(std::string_view bytes, std::string& why, std::size_t& at) {
  Scanner scan(bytes);
  LeafForm out;
  if (scan.whole() && read_members(scan, out)) return out;
  why = scan.why();
  at = std::min(scan.at(), bytes.size());
  return std::nullopt;
}

}  // namespace tenure::evidence_verify
