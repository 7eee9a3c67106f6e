// Strong ids and quantities: distinct types for distinct things, with defaulted comparison and explicit conversion.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

namespace tenure {

// A textual id. Tag is an incomplete struct that only names the type.
template <class Tag>
class Name {
 public:
  Name() = default;
  explicit Name(std::string text) : text_(std::move(text)) {}
  const std::string& str() const { return text_; }
  bool empty() const { return text_.empty(); }
  friend auto operator<=>(const Name&, const Name&) = default;

 private:
  std::string text_;
};

// A dense integer id, from 1; 0 means "none".
template <class Tag>
class Number {
 public:
  constexpr Number() = default;
  constexpr explicit Number(std::int64_t value) : value_(value) {}
  constexpr std::int64_t value() const { return value_; }
  constexpr bool valid() const { return value_ > 0; }
  friend constexpr auto operator<=>(const Number&, const Number&) = default;

 private:
  std::int64_t value_ = 0;
};

}  // namespace tenure

template <class Tag>
struct std::hash<tenure::Name<Tag>> {
  std::size_t operator()(const tenure::Name<Tag>& name) const noexcept { return std::hash<std::string>()(name.str()); }
};
template <class Tag>
struct std::hash<tenure::Number<Tag>> {
  std::size_t operator()(const tenure::Number<Tag>& n) const noexcept { return std::hash<std::int64_t>()(n.value()); }
};
