#include "functions.hpp"
#include "time_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <tenure/base/text.hpp>

namespace tenure::cel {
namespace {

Value integer(std::size_t n) {
  return Value::integer(static_cast<std::int64_t>(n));
}

Result<Value> size_of(Args args, Budget& budget) {
  const Value& v = args[0];
  switch (v.kind()) {
    case Value::Kind::kString:
      if (!budget.spend_bytes(v.as_string().size())) return limit_error("cost");
      return integer(code_point_count(v.as_string()));
    case Value::Kind::kBytes:
      return integer(v.as_bytes().size());
    case Value::Kind::kList:
      return integer(v.as_list().size());
    case Value::Kind::kMap:
      return integer(v.as_map().size());
    default:
      return cel_error("no such overload: size");
  }
}

std::vector<Overload> size_overloads() {
  std::vector<Overload> all;
  for (const Type& t : {Type::string(), Type::bytes(), Type::list(Type::dyn()), Type::map(Type::dyn(), Type::dyn())})
    all.push_back({{t}, Type::integer(), size_of});
  return all;
}

template <class Number>
Result<Value> whole(std::string_view text, std::string_view what) {
  Number n = 0;
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (ec != std::errc() || end != text.data() + text.size() || text.empty())
    return cel_error(std::string(what) + "(): the text is not a number in range");
  if constexpr (std::is_signed_v<Number>)
    return Value::integer(n);
  else
    return Value::unsigned_integer(n);
}

Result<Value> to_int(Args args, Budget&) {
  const Value& v = args[0];
  switch (v.kind()) {
    case Value::Kind::kInt:
      return v;
    case Value::Kind::kUint:
      if (v.as_uint() > static_cast<std::uint64_t>(INT64_MAX)) return cel_error("int(): out of range");
      return Value::integer(static_cast<std::int64_t>(v.as_uint()));
    case Value::Kind::kDouble:
      if (!(v.as_double() > -9223372036854775808.0 && v.as_double() < 9223372036854775808.0))
        return cel_error("int(): out of range");
      return Value::integer(static_cast<std::int64_t>(v.as_double()));
    case Value::Kind::kTimestamp: {
      const std::int64_t us = v.as_timestamp().to_micros();
      return Value::integer(us / 1'000'000 - (us % 1'000'000 < 0 ? 1 : 0));
    }
    default:
      return whole<std::int64_t>(v.as_string(), "int");
  }
}

Result<Value> to_uint(Args args, Budget&) {
  const Value& v = args[0];
  switch (v.kind()) {
    case Value::Kind::kUint:
      return v;
    case Value::Kind::kInt:
      if (v.as_int() < 0) return cel_error("uint(): out of range");
      return Value::unsigned_integer(static_cast<std::uint64_t>(v.as_int()));
    case Value::Kind::kDouble:
      if (!(v.as_double() >= 0 && v.as_double() < 18446744073709551616.0)) return cel_error("uint(): out of range");
      return Value::unsigned_integer(static_cast<std::uint64_t>(v.as_double()));
    default:
      return whole<std::uint64_t>(v.as_string(), "uint");
  }
}

Result<Value> to_double(Args args, Budget&) {
  const Value& v = args[0];
  switch (v.kind()) {
    case Value::Kind::kDouble:
      return v;
    case Value::Kind::kInt:
      return Value::real(static_cast<double>(v.as_int()));
    case Value::Kind::kUint:
      return Value::real(static_cast<double>(v.as_uint()));
    default:
      break;
  }
  const auto d = parse_double(v.as_string());
  if (!d) return cel_error("double(): the text is not a number in range");
  return Value::real(*d);
}

Result<Value> to_string(Args args, Budget& budget) {
  const Value& v = args[0];
  switch (v.kind()) {
    case Value::Kind::kString:
      return v;
    case Value::Kind::kBool:
      return Value::string(v.as_bool() ? "true" : "false");
    case Value::Kind::kInt:
      return Value::string(std::to_string(v.as_int()));
    case Value::Kind::kUint:
      return Value::string(std::to_string(v.as_uint()));
    case Value::Kind::kDouble:
      return Value::string(double_text(v.as_double()));
    case Value::Kind::kTimestamp:
      return Value::string(timestamp_text(v.as_timestamp()));
    case Value::Kind::kDuration:
      return Value::string(duration_text(v.as_duration()));
    default:
      break;
  }
  if (!is_utf8(v.as_bytes())) return cel_error("string(): the bytes are not valid UTF-8");
  return text_result(v.as_bytes(), budget);
}

Result<Value> to_bool(Args args, Budget&) {
  if (args[0].is(Value::Kind::kBool)) return args[0];
  const std::string& t = args[0].as_string();
  if (t == "true" || t == "True" || t == "TRUE" || t == "t" || t == "1") return Value::boolean(true);
  if (t == "false" || t == "False" || t == "FALSE" || t == "f" || t == "0") return Value::boolean(false);
  return cel_error("bool(): the text is neither true nor false");
}

Result<Value> to_bytes(Args args, Budget& budget) {
  if (args[0].is(Value::Kind::kBytes)) return args[0];
  if (!budget.spend_bytes(args[0].as_string().size())) return limit_error("cost");
  return Value::bytes(args[0].as_string());
}

Result<Value> to_timestamp(Args args, Budget&) {
  const Value& v = args[0];
  if (v.is(Value::Kind::kTimestamp)) return v;
  if (v.is(Value::Kind::kInt)) {
    if (v.as_int() < -62135596800 || v.as_int() > 253402300799) return cel_error("timestamp(): out of range");
    return Value::timestamp(Time::from_micros(v.as_int() * 1'000'000));
  }
  const auto time = parse_timestamp(v.as_string());
  if (!time) return cel_error("timestamp(): the text is not an RFC 3339 instant of at most microseconds");
  return Value::timestamp(*time);
}

Result<Value> to_duration(Args args, Budget&) {
  if (args[0].is(Value::Kind::kDuration)) return args[0];
  const auto duration = parse_duration(args[0].as_string());
  if (!duration) return cel_error("duration(): the text is not a duration such as 1h30m or 1.5s");
  return Value::duration(*duration);
}

Result<Value> type_of(Args args, Budget&) {
  return Value::type(args[0].type_name());
}
Result<Value> itself(Args args, Budget&) {
  return args[0];
}

Function conversion(std::string name, std::vector<Type> from, const Type& to, const Body& body) {
  Function f{std::move(name), false, {}};
  for (Type& t : from) f.overloads.push_back({{std::move(t)}, to, body});
  return f;
}

}  // namespace

std::vector<Function> core_functions() {
  const Type i = Type::integer(), u = Type::unsigned_integer(), d = Type::real(), s = Type::string(),
             b = Type::boolean(), y = Type::bytes(), t = Type::timestamp(), p = Type::duration();
  std::vector<Function> all;
  all.push_back({"size", false, size_overloads()});
  all.push_back({"size", true, size_overloads()});
  all.push_back({"type", false, {{{Type::dyn()}, Type(Type::Kind::kType), type_of}}});
  all.push_back({"dyn", false, {{{Type::dyn()}, Type::dyn(), itself}}});
  all.push_back(conversion("int", {i, u, d, s, t}, i, to_int));
  all.push_back(conversion("uint", {u, i, d, s}, u, to_uint));
  all.push_back(conversion("double", {d, i, u, s}, d, to_double));
  all.push_back(conversion("string", {s, b, i, u, d, y, t, p}, s, to_string));
  all.push_back(conversion("bool", {b, s}, b, to_bool));
  all.push_back(conversion("bytes", {y, s}, y, to_bytes));
  all.push_back(conversion("timestamp", {t, s, i}, t, to_timestamp));
  all.push_back(conversion("duration", {p, s}, p, to_duration));
  return all;
}

std::unexpected<Error> limit_error(std::string_view what) {
  return fail(Reason::kCelLimit, "the evaluation exceeds its limit of " + std::string(what));
}

bool BoundedText::add(std::string_view text) {
  if (text.size() > budget_.limits().string_bytes_max - out_.size() || !budget_.spend_bytes(text.size())) return false;
  out_ += text;
  return true;
}

Result<Value> BoundedText::finish(bool fits) {
  if (!fits) return limit_error("cost or text size");
  return Value::string(std::move(out_));
}

Result<Value> text_result(std::string text, Budget& budget) {
  if (text.size() > budget.limits().string_bytes_max || !budget.spend_bytes(text.size()))
    return limit_error("cost or text size");
  return Value::string(std::move(text));
}

Result<Value> list_result(std::vector<Value> list, Budget& budget) {
  if (list.size() > budget.limits().list_size_max || !budget.spend(list.size()))
    return limit_error("cost or list size");
  return Value::list(std::move(list));
}

std::string double_text(double d) {
  if (std::isnan(d)) return "NaN";
  if (std::isinf(d)) return d < 0 ? "-Infinity" : "Infinity";
  std::array<char, 40> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), d).ptr;
  return {text.data(), end};
}

std::optional<double> parse_double(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const std::string padded = text.starts_with('.') ? "0" + std::string(text) : std::string(text);
  const char* const end = padded.data() + padded.size();
  double d = 0;
  const auto [last, ec] = std::from_chars(padded.data(), end, d);
  if (last != end || ec == std::errc::invalid_argument || padded.empty()) return std::nullopt;
  if (ec == std::errc()) return d;
  // Out of range: too small when the first digit that counts stands far behind the point.
  const std::size_t digit = padded.find_first_of("123456789"), e = padded.find_first_of("eE");
  const std::size_t point = std::min(padded.find('.'), std::min(e, padded.size()));
  std::int64_t exponent = 0;
  if (e != std::string::npos) {
    const std::size_t sign = padded[e + 1] == '+' ? 1 : 0;
    if (std::from_chars(padded.data() + e + 1 + sign, end, exponent).ec != std::errc()) return std::nullopt;
  }
  const std::int64_t place = static_cast<std::int64_t>(point) - static_cast<std::int64_t>(digit);
  if (place + exponent > 0) return std::nullopt;
  return padded.starts_with('-') ? -0.0 : 0.0;
}

std::size_t code_point_count(std::string_view text) {
  std::size_t n = 0;
  for (const char c : text) n += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
  return n;
}

std::size_t code_point_bytes(std::string_view text, std::size_t pos) {
  std::size_t n = 1;
  while (pos + n < text.size() && (static_cast<unsigned char>(text[pos + n]) & 0xC0) == 0x80) ++n;
  return n;
}

}  // namespace tenure::cel
