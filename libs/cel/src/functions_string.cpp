// The standard string functions, the strings extension (cel-spec doc/extensions/strings.md and its conformance tests)
// and the identity extension. Positions count code points.
#include "functions.hpp"
#include "regex.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include <tenure/base/text.hpp>
#include <tenure/cel/transliterate.hpp>

namespace tenure::cel {
namespace {

const std::string& str(const Value& v) {
  return v.as_string();
}

// Searching costs up to the product of the sizes.
bool spend_search(Budget& budget, std::size_t text, std::size_t part) {
  return budget.spend(1 + text / 16 + text / 64 * part / 16);
}

// Byte position of the code point `index`; npos beyond the end (the end itself is a position).
std::size_t byte_at(std::string_view text, std::int64_t index) {
  std::size_t pos = 0;
  for (; index > 0 && pos < text.size(); --index) pos += code_point_bytes(text, pos);
  return index == 0 ? pos : std::string_view::npos;
}

std::unexpected<Error> out_of_range(std::int64_t index) {
  return cel_error("index out of range: " + std::to_string(index));
}

Result<Value> contains(Args a, Budget& budget) {
  if (!spend_search(budget, str(a[0]).size(), str(a[1]).size())) return limit_error("cost");
  return Value::boolean(str(a[0]).find(str(a[1])) != std::string::npos);
}
Result<Value> starts_with(Args a, Budget& budget) {
  if (!budget.spend_bytes(str(a[1]).size())) return limit_error("cost");
  return Value::boolean(str(a[0]).starts_with(str(a[1])));
}
Result<Value> ends_with(Args a, Budget& budget) {
  if (!budget.spend_bytes(str(a[1]).size())) return limit_error("cost");
  return Value::boolean(str(a[0]).ends_with(str(a[1])));
}
Result<Value> matches(Args a, Budget& budget) {
  const std::size_t text = str(a[0]).size(), pattern = str(a[1]).size();
  if (!budget.spend(100 + pattern * 4) || !budget.spend(text / 16 + text / 64 * pattern / 16))
    return limit_error("cost");
  TENURE_TRY(const Regex regex, Regex::compile(str(a[1])));
  return Value::boolean(regex.search(str(a[0])));
}

Result<Value> char_at(Args a, Budget& budget) {
  const std::string& text = str(a[0]);
  if (!budget.spend_bytes(text.size())) return limit_error("cost");
  const std::size_t pos = a[1].as_int() < 0 ? std::string::npos : byte_at(text, a[1].as_int());
  if (pos == std::string::npos) return out_of_range(a[1].as_int());
  return Value::string(pos == text.size() ? "" : text.substr(pos, code_point_bytes(text, pos)));
}

Result<Value> index_of(Args a, Budget& budget) {
  const std::string& text = str(a[0]);
  const std::int64_t from = a.size() > 2 ? a[2].as_int() : 0;
  if (!spend_search(budget, text.size(), str(a[1]).size())) return limit_error("cost");
  const std::size_t start = from < 0 ? std::string::npos : byte_at(text, from);
  if (start == std::string::npos) return out_of_range(from);
  const std::size_t at = text.find(str(a[1]), start);
  if (at == std::string::npos) return Value::integer(-1);
  return Value::integer(static_cast<std::int64_t>(code_point_count(std::string_view(text).substr(0, at))));
}

Result<Value> last_index_of(Args a, Budget& budget) {
  const std::string& text = str(a[0]);
  if (!spend_search(budget, text.size(), str(a[1]).size())) return limit_error("cost");
  std::size_t last = std::string::npos;
  if (a.size() > 2) {
    last = a[2].as_int() < 0 ? std::string::npos : byte_at(text, a[2].as_int());
    if (last == std::string::npos) return out_of_range(a[2].as_int());
  }
  const std::size_t at = text.rfind(str(a[1]), last);
  if (at == std::string::npos) return Value::integer(-1);
  return Value::integer(static_cast<std::int64_t>(code_point_count(std::string_view(text).substr(0, at))));
}

Result<Value> substring(Args a, Budget& budget) {
  const std::string& text = str(a[0]);
  if (!budget.spend_bytes(text.size())) return limit_error("cost");
  const std::int64_t from = a[1].as_int();
  const std::size_t start = from < 0 ? std::string::npos : byte_at(text, from);
  if (start == std::string::npos) return out_of_range(from);
  if (a.size() == 2) return Value::string(text.substr(start));
  const std::int64_t to = a[2].as_int();
  const std::size_t end = to < 0 ? std::string::npos : byte_at(text, to);
  if (end == std::string::npos) return out_of_range(to);
  if (to < from)
    return cel_error("invalid substring range: from " + std::to_string(from) + " to " + std::to_string(to));
  return Value::string(text.substr(start, end - start));
}

Result<Value> cased(const std::string& text, char first, char last, int shift, Budget& budget) {
  std::string out = text;
  for (char& c : out)
    if (c >= first && c <= last) c = static_cast<char>(c + shift);
  return text_result(std::move(out), budget);
}
Result<Value> lower_ascii(Args a, Budget& budget) {
  return cased(str(a[0]), 'A', 'Z', 'a' - 'A', budget);
}
Result<Value> upper_ascii(Args a, Budget& budget) {
  return cased(str(a[0]), 'a', 'z', 'A' - 'a', budget);
}

// An empty `from` is found before every code point and at the end.
Result<Value> replace(Args a, Budget& budget) {
  const std::string_view text = str(a[0]), from = str(a[1]), to = str(a[2]);
  std::int64_t left = a.size() > 3 && a[3].as_int() >= 0 ? a[3].as_int() : std::numeric_limits<std::int64_t>::max();
  if (!spend_search(budget, text.size(), from.size())) return limit_error("cost");
  BoundedText out(budget);
  std::size_t pos = 0;
  bool fits = true;
  while (fits && left > 0) {
    const std::size_t at = text.find(from, pos);
    if (at == std::string_view::npos) break;
    fits = out.add(text.substr(pos, at - pos)) && out.add(to);
    pos = at + from.size();
    --left;
    if (!from.empty()) continue;
    if (pos >= text.size()) return out.finish(fits);
    const std::size_t n = code_point_bytes(text, pos);
    fits = fits && out.add(text.substr(pos, n));
    pos += n;
  }
  return out.finish(fits && out.add(text.substr(std::min(pos, text.size()))));
}

Result<Value> split(Args a, Budget& budget) {
  const std::string_view text = str(a[0]), separator = str(a[1]);
  const std::int64_t limit = a.size() > 2 ? a[2].as_int() : -1;
  const std::size_t most = limit < 0 ? budget.limits().list_size_max + 1 : static_cast<std::size_t>(limit);
  std::vector<Value> parts;
  if (most == 0) return Value::list({});
  if (!spend_search(budget, text.size(), separator.size())) return limit_error("cost");
  if (separator.empty() && text.empty()) return Value::list({});
  std::size_t pos = 0;
  while (parts.size() + 1 < most) {
    const std::size_t at = separator.empty() ? pos + code_point_bytes(text, pos) : text.find(separator, pos);
    if (at == std::string_view::npos || (separator.empty() && at >= text.size())) break;
    if (!budget.spend_bytes(at - pos) || parts.size() > budget.limits().list_size_max)
      return limit_error("cost or list size");
    parts.push_back(Value::string(std::string(text.substr(pos, at - pos))));
    pos = at + separator.size();
  }
  parts.push_back(Value::string(std::string(text.substr(pos))));
  return list_result(std::move(parts), budget);
}

Result<Value> join_texts(Args a, Budget& budget) {
  const std::vector<Value>& parts = a[0].as_list();
  const std::string_view separator = a.size() > 1 ? std::string_view(str(a[1])) : "";
  BoundedText out(budget);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].is_unknown()) return Value::unknown();
    if (!parts[i].is(Value::Kind::kString)) return cel_error("no such overload: join of what is not text");
    if ((i > 0 && !out.add(separator)) || !out.add(str(parts[i]))) return limit_error("cost or text size");
  }
  return out.finish(true);
}

// Unicode White_Space, as the conformance tests have it.
bool is_space(std::uint32_t c) {
  return (c >= 9 && c <= 13) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) ||
         c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

std::uint32_t decode(std::string_view bytes) {
  const auto lead = static_cast<unsigned char>(bytes[0]);
  std::uint32_t c = bytes.size() == 1 ? lead : lead & (0x7FU >> bytes.size());
  for (std::size_t i = 1; i < bytes.size(); ++i) c = c << 6 | (static_cast<unsigned char>(bytes[i]) & 0x3FU);
  return c;
}

Result<Value> trim_spaces(Args a, Budget& budget) {
  const std::string_view text = str(a[0]);
  std::size_t first = text.size(), last = 0;
  for (std::size_t pos = 0; pos < text.size();) {
    const std::size_t n = code_point_bytes(text, pos);
    if (!is_space(decode(text.substr(pos, n)))) {
      first = std::min(first, pos);
      last = pos + n;
    }
    pos += n;
  }
  return text_result(std::string(first < last ? text.substr(first, last - first) : ""), budget);
}

Result<Value> reverse(Args a, Budget& budget) {
  const std::string_view text = str(a[0]);
  std::string out(text.size(), '\0');
  for (std::size_t pos = 0; pos < text.size();) {
    const std::size_t n = code_point_bytes(text, pos);
    text.copy(out.data() + text.size() - pos - n, n, pos);
    pos += n;
  }
  return text_result(std::move(out), budget);
}

Result<Value> quote(Args a, Budget& budget) {
  constexpr std::string_view kFrom = "\\\"\a\b\f\n\r\t\v", kTo = "\\\"abfnrtv";
  std::string out = "\"";
  for (const char c : str(a[0])) {
    const auto at = kFrom.find(c);
    if (at != std::string_view::npos) out += '\\';
    out += at != std::string_view::npos ? kTo[at] : c;
  }
  return text_result(out + "\"", budget);
}

Result<Value> format_list(Args a, Budget& budget) {
  return format(str(a[0]), a[1].as_list(), budget);
}

Result<Value> ascii_of(Args a, Budget& budget) {
  if (!budget.spend_bytes(str(a[0]).size())) return limit_error("cost");
  return text_result(ascii(str(a[0])), budget);
}
Result<Value> slug_of(Args a, Budget& budget) {
  if (!budget.spend_bytes(str(a[0]).size())) return limit_error("cost");
  return text_result(slug(str(a[0])), budget);
}

}  // namespace

std::vector<Function> string_functions() {
  const Type s = Type::string(), b = Type::boolean();
  return {{"contains", true, {{{s, s}, b, contains}}},
          {"startsWith", true, {{{s, s}, b, starts_with}}},
          {"endsWith", true, {{{s, s}, b, ends_with}}},
          {"matches", true, {{{s, s}, b, matches}}},
          {"matches", false, {{{s, s}, b, matches}}}};
}

std::vector<Function> strings_extension() {
  const Type s = Type::string(), i = Type::integer(), l = Type::list(Type::string());
  return {{"charAt", true, {{{s, i}, s, char_at}}},
          {"indexOf", true, {{{s, s}, i, index_of}, {{s, s, i}, i, index_of}}},
          {"lastIndexOf", true, {{{s, s}, i, last_index_of}, {{s, s, i}, i, last_index_of}}},
          {"substring", true, {{{s, i}, s, substring}, {{s, i, i}, s, substring}}},
          {"lowerAscii", true, {{{s}, s, lower_ascii}}},
          {"upperAscii", true, {{{s}, s, upper_ascii}}},
          {"replace", true, {{{s, s, s}, s, replace}, {{s, s, s, i}, s, replace}}},
          {"split", true, {{{s, s}, l, split}, {{s, s, i}, l, split}}},
          {"join", true, {{{l}, s, join_texts}, {{l, s}, s, join_texts}}},
          {"trim", true, {{{s}, s, trim_spaces}}},
          {"reverse", true, {{{s}, s, reverse}}},
          {"format", true, {{{s, Type::list(Type::dyn())}, s, format_list}}},
          {"strings.quote", false, {{{s}, s, quote}}}};
}

std::vector<Function> identity_extension() {
  const Type s = Type::string();
  return {{"ascii", false, {{{s}, s, ascii_of}}}, {"slug", false, {{{s}, s, slug_of}}}};
}

}  // namespace tenure::cel
