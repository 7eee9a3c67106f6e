// The functions that are always there, one group per file, and what their bodies share.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tenure/base/error.hpp>
#include <tenure/cel/environment.hpp>

namespace tenure::cel {

std::vector<Function> core_functions();      // size, type, dyn, conversions
std::vector<Function> string_functions();    // contains .. matches
std::vector<Function> strings_extension();   // charAt .. reverse, strings.quote
std::vector<Function> time_functions();      // getFullYear ..
std::vector<Function> identity_extension();  // ascii, slug

// string.format(list).
Result<Value> format(std::string_view pattern, const std::vector<Value>& args, Budget& budget);

inline std::unexpected<Error> cel_error(std::string message) {
  return fail(Reason::kCelEval, std::move(message));
}
std::unexpected<Error> limit_error(std::string_view what);

using Args = std::span<const Value>;

// Text that grows within the budget.
class BoundedText {
 public:
  explicit BoundedText(Budget& budget) : budget_(budget) {}
  // False: the limit is passed; return limit_error().
  bool add(std::string_view text);
  Result<Value> finish(bool fits);
  std::string take() { return std::move(out_); }
  std::size_t size() const { return out_.size(); }

 private:
  Budget& budget_;
  std::string out_;
};

// A finished text, spent and checked.
Result<Value> text_result(std::string text, Budget& budget);
Result<Value> list_result(std::vector<Value> list, Budget& budget);

// "3.14", "1", "1e+100", "NaN", "Infinity", "-Infinity".
std::string double_text(double d);
// Decimal text, "inf", "nan" and the like; what is too small is zero. nullopt: no number, or too large.
std::optional<double> parse_double(std::string_view text);
std::size_t code_point_count(std::string_view text);
// Bytes of the code point at `pos`; at least 1, never past the end.
std::size_t code_point_bytes(std::string_view text, std::size_t pos);

}  // namespace tenure::cel
