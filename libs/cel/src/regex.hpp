// RE2 behind a door: linear time, bounded memory, the substring search that `matches` is.
#pragma once

#include <memory>
#include <string_view>

#include <tenure/base/error.hpp>

namespace re2 {
class RE2;
}

namespace tenure::cel {

// Immutable; any thread may search.
class Regex {
 public:
  static constexpr std::size_t kPatternBytesMax = 1024;
  // Error kCelEval: not RE2 syntax, or it needs too much memory; kCelLimit: longer than kPatternBytesMax.
  static Result<Regex> compile(std::string_view pattern);
  bool search(std::string_view text) const;

 private:
  explicit Regex(std::shared_ptr<const re2::RE2> re) : re_(std::move(re)) {}
  std::shared_ptr<const re2::RE2> re_;
};

}  // namespace tenure::cel
