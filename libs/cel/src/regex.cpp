#include "regex.hpp"

#include <re2/re2.h>

namespace tenure::cel {

Result<Regex> Regex::compile(std::string_view pattern) {
  if (pattern.size() > kPatternBytesMax)
    return fail(Reason::kCelLimit, "the pattern is longer than " + std::to_string(kPatternBytesMax) + " bytes");
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(1 << 20);
  auto re = std::make_shared<const RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
  if (!re->ok()) return fail(Reason::kCelEval, "the pattern is not a regular expression of RE2: " + re->error());
  return Regex(std::move(re));
}

bool Regex::search(std::string_view text) const {
  return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *re_);
}

}  // namespace tenure::cel
