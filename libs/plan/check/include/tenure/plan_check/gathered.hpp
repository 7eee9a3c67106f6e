// The arrays of an Input, put together from single values by a caller who has few people, or has no arrays. It owns
// what the spans of the input point at. One thread; movable.
#pragma once

#include <memory>
#include <optional>

#include <tenure/plan_check/check.hpp>

namespace tenure::plan_check {

class Gathered {
 public:
  Gathered();
  ~Gathered();
  Gathered(Gathered&&) noexcept;
  Gathered& operator=(Gathered&&) noexcept;

  // Everything that is no array; also what was gathered, once finish() was called.
  Input& input();
  const Input& input() const;
  operator const Input&() const { return input(); }  // NOLINT(google-explicit-constructor): it is one, and owns it

  void identity(std::int64_t id, const std::string& state);
  // nullopt: unknown. What is not said is no fact.
  void fact(std::int64_t id, const std::string& attribute, const std::optional<json::Value>& value);
  // An account with its owner, and from then on the rights of it. `rule` is "" where Tenure did not give it.
  void account(const std::string& target, const std::string& account, std::int64_t owner, bool login);
  void right(const std::string& entitlement, const std::string& parameters, const std::string& rule);
  void finish();

 private:
  struct Storage;
  std::unique_ptr<Storage> storage_;
};

}  // namespace tenure::plan_check
