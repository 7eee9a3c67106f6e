// The questions, one function each.
#pragma once

#include "read.hpp"

#include <initializer_list>
#include <string>
#include <string_view>

#include <tenure/plan_check/check.hpp>

namespace tenure::plan_check {

// Several texts as one, equal only for equal texts: each with its length before it.
inline std::string key_of(std::initializer_list<std::string_view> parts) {
  std::string key;
  for (const std::string_view part : parts) ((key += std::to_string(part.size())) += ':') += part;
  return key;
}

// "*" stands for any text.
bool fits(std::string_view glob, std::string_view text);
// The lifecycle state of an identity; "" when it is not known.
std::string_view state_of(const Input& input, std::int64_t identity);

void check_reasons(const Input& input, const ReadPlan& plan, std::vector<Fault>& faults);
void check_revocations(const Input& input, const ReadPlan& plan, Workers& workers, std::vector<Fault>& faults);
void check_guards(const Input& input, const ReadPlan& plan, std::vector<Fault>& faults);

}  // namespace tenure::plan_check
