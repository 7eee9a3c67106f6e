// Expressions that only put texts together, as most attributes are made: identity.person_id,
// identity.given_name + " " + identity.family_name, account.uid + "@example.com". They are compared with what accounts
// hold part by part, without making a value for each of a million accounts. The answers are those of
// policy::Subject::value().
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tenure/policy/policy_set.hpp>
#include <tenure/population/population.hpp>

namespace tenure::plan {

class TextParts {
 public:
  enum class Answer : std::uint8_t { kEqual, kDiffers, kUnknown, kNothing };  // kNothing: the value is null
  // Is the value for that identity this text? nullopt: no text; never equal.
  Answer compare(population::IdentityIndex row, std::optional<std::string_view> text) const;

 private:
  struct Part {
    std::string literal;
    bool is_fact = false;
    bool nullable = false;
    const population::Column* column = nullptr;  // of a fact; nullptr: nobody ever had it
  };
  std::vector<Part> parts_;
  friend std::optional<TextParts> text_parts(const policy::PolicySet&, const population::Population&,
                                             const policy::Expression&);
};

// nullopt: the expression is something else.
std::optional<TextParts> text_parts(const policy::PolicySet& policy, const population::Population& population,
                                    const policy::Expression& expression);

// The attribute when the expression is no more than <variable>.<attribute>; nullptr otherwise.
const std::string* read_alone(const policy::Expression& expression, std::string_view variable);

}  // namespace tenure::plan
