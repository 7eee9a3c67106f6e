// string.format (cel-spec doc/extensions/strings.md).
#include "functions.hpp"
#include "time_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

#include <tenure/base/text.hpp>

namespace tenure::cel {
namespace {

constexpr int kPrecisionMax = 100;

std::string in_base(std::uint64_t n, bool negative, int base, bool upper) {
  std::array<char, 72> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), n, base).ptr;
  std::string out = (negative ? "-" : "") + std::string(text.data(), end);
  if (upper)
    for (char& c : out)
      if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

std::uint64_t magnitude(std::int64_t n) {
  return n < 0 ? 0 - static_cast<std::uint64_t>(n) : static_cast<std::uint64_t>(n);
}

std::string hex_bytes(std::string_view bytes, bool upper) {
  std::string out;
  const char* const digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
  for (const char c : bytes) {
    out += digits[static_cast<unsigned char>(c) >> 4];
    out += digits[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

// Each run of bytes that is not UTF-8 becomes one U+FFFD.
std::string repaired(std::string_view bytes) {
  std::string out;
  bool broken = false;
  for (std::size_t i = 0; i < bytes.size();) {
    std::size_t n = 1;
    while (n <= 4 && i + n <= bytes.size() && !is_utf8(bytes.substr(i, n))) ++n;
    if (n <= 4 && i + n <= bytes.size()) {
      out += bytes.substr(i, n);
      i += n;
      broken = false;
    } else {
      if (!broken) append_utf8(out, 0xFFFD);
      broken = true;
      ++i;
    }
  }
  return out;
}

class Formatter {
 public:
  Formatter(const std::vector<Value>& args, Budget& budget) : args_(args), budget_(budget), out_(budget) {}

  Result<Value> run(std::string_view pattern) {
    for (std::size_t i = 0; i < pattern.size(); ++i) {
      const std::size_t percent = std::min(pattern.find('%', i), pattern.size());
      if (!out_.add(pattern.substr(i, percent - i))) return limit_error("cost or text size");
      if (percent == pattern.size()) break;
      i = percent + 1;
      if (i < pattern.size() && pattern[i] == '%') {
        if (!out_.add("%")) return limit_error("cost or text size");
        continue;
      }
      TENURE_CHECK_OK(clause(pattern, i));
      if (unknown_) return Value::unknown();
    }
    return out_.finish(true);
  }

 private:
  Status clause(std::string_view pattern, std::size_t& i) {
    int precision = 6;
    bool given = false;
    if (i < pattern.size() && pattern[i] == '.') {
      given = true;
      const auto [end, ec] = std::from_chars(pattern.data() + i + 1, pattern.data() + pattern.size(), precision);
      if (ec != std::errc() || precision < 0 || precision > kPrecisionMax)
        return cel_error("format: the precision must be 0 to " + std::to_string(kPrecisionMax));
      i = static_cast<std::size_t>(end - pattern.data());
    }
    if (i >= pattern.size()) return cel_error("format: the pattern ends in the middle of a clause");
    const char c = pattern[i];
    if (given && c != 'f' && c != 'e') return cel_error("format: only %f and %e take a precision");
    if (next_ >= args_.size()) return cel_error("format: index " + std::to_string(next_) + " out of range");
    const Value& v = args_[next_++];
    if (v.is_unknown()) {
      unknown_ = true;
      return {};
    }
    switch (c) {
      case 's':
        return text(v);
      case 'd':
        return decimal(v);
      case 'f':
      case 'e':
        return real(v, c, precision);
      case 'x':
      case 'X':
      case 'o':
      case 'b':
        return based(v, c);
      default:
        return cel_error("format: unrecognized formatting clause");
    }
  }

  Status put(std::string_view part) {
    if (!out_.add(part)) return limit_error("cost or text size");
    return {};
  }
  static std::unexpected<Error> wrong(char clause, const Value& v) {
    return cel_error(std::string("format: %") + clause + " cannot show a value of type " + v.type_name());
  }

  Status text(const Value& v) {
    switch (v.kind()) {
      case Value::Kind::kString:
        return put(v.as_string());
      case Value::Kind::kNull:
        return put("null");
      case Value::Kind::kBool:
        return put(v.as_bool() ? "true" : "false");
      case Value::Kind::kInt:
        return put(std::to_string(v.as_int()));
      case Value::Kind::kUint:
        return put(std::to_string(v.as_uint()));
      case Value::Kind::kDouble:
        return put(double_text(v.as_double()));
      case Value::Kind::kBytes:
        return put(repaired(v.as_bytes()));
      case Value::Kind::kTimestamp:
        return put(timestamp_text(v.as_timestamp()));
      case Value::Kind::kDuration:
        return put(duration_text(v.as_duration()));
      case Value::Kind::kType:
        return put(v.as_type());
      case Value::Kind::kList:
        return list(v.as_list());
      case Value::Kind::kMap:
        return map(v.as_map());
      case Value::Kind::kUnknown:
        unknown_ = true;
        return {};
      case Value::Kind::kObject:
        break;
    }
    return wrong('s', v);
  }

  Status list(const std::vector<Value>& elements) {
    TENURE_CHECK_OK(put("["));
    for (std::size_t i = 0; i < elements.size(); ++i) {
      if (i > 0) TENURE_CHECK_OK(put(", "));
      TENURE_CHECK_OK(text(elements[i]));
    }
    return put("]");
  }

  // Sorted by the formatted keys.
  Status map(const Map& entries) {
    std::vector<std::pair<std::string, const Value*>> sorted;
    for (const auto& [key, value] : entries.entries()) {
      Formatter one(args_, budget_);
      TENURE_CHECK_OK(one.text(key));
      sorted.emplace_back(one.out_.take(), &value);
    }
    std::ranges::sort(sorted, {}, &std::pair<std::string, const Value*>::first);
    TENURE_CHECK_OK(put("{"));
    for (std::size_t i = 0; i < sorted.size(); ++i) {
      if (i > 0) TENURE_CHECK_OK(put(", "));
      TENURE_CHECK_OK(put(sorted[i].first));
      TENURE_CHECK_OK(put(": "));
      TENURE_CHECK_OK(text(*sorted[i].second));
    }
    return put("}");
  }

  Status decimal(const Value& v) {
    if (v.is(Value::Kind::kInt) || v.is(Value::Kind::kUint) || v.is(Value::Kind::kDouble)) return text(v);
    return wrong('d', v);
  }

  Status real(const Value& v, char clause, int precision) {
    double d = 0;
    switch (v.kind()) {
      case Value::Kind::kDouble:
        d = v.as_double();
        break;
      case Value::Kind::kInt:
        d = static_cast<double>(v.as_int());
        break;
      case Value::Kind::kUint:
        d = static_cast<double>(v.as_uint());
        break;
      default:
        return wrong(clause, v);
    }
    if (!std::isfinite(d)) return put(double_text(d));
    std::array<char, 512> digits{};
    const auto style = clause == 'f' ? std::chars_format::fixed : std::chars_format::scientific;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), d, style, precision).ptr;
    return put(std::string_view(digits.data(), static_cast<std::size_t>(end - digits.data())));
  }

  Status based(const Value& v, char clause) {
    const int base = clause == 'b' ? 2 : clause == 'o' ? 8 : 16;
    const bool upper = clause == 'X';
    if (v.is(Value::Kind::kInt)) return put(in_base(magnitude(v.as_int()), v.as_int() < 0, base, upper));
    if (v.is(Value::Kind::kUint)) return put(in_base(v.as_uint(), false, base, upper));
    if (v.is(Value::Kind::kBool) && base == 2) return put(v.as_bool() ? "1" : "0");
    if (v.is(Value::Kind::kString) && base == 16) return put(hex_bytes(v.as_string(), upper));
    if (v.is(Value::Kind::kBytes) && base == 16) return put(hex_bytes(v.as_bytes(), upper));
    return wrong(clause, v);
  }

  const std::vector<Value>& args_;
  Budget& budget_;
  BoundedText out_;
  std::size_t next_ = 0;
  bool unknown_ = false;
};

}  // namespace

Result<Value> format(std::string_view pattern, const std::vector<Value>& args, Budget& budget) {
  return Formatter(args, budget).run(pattern);
}

}  // namespace tenure::cel
