#include "attributes.hpp"

#include <algorithm>

#include <tenure/policy/evaluate.hpp>

namespace tenure::plan {

WantedAttributes attributes_of(const policy::Subject& subject, const DesiredAccount& wanted, bool creating) {
  WantedAttributes result;
  std::vector<const std::string*> decided;
  for (const policy::RoleGrant* grant : wanted.given_by) {
    for (const auto& rule : grant->attributes) {
      if (!creating && rule.strength == policy::Strength::kInitial) continue;
      if (std::ranges::any_of(decided, [&](const std::string* one) { return *one == rule.attribute; })) continue;
      decided.push_back(&rule.attribute);
      policy::Computed computed = subject.value_alone(rule.value);
      if (computed.unknown)
        result.unknown.push_back(rule.attribute);
      else
        result.values.insert_or_assign(rule.attribute, std::move(computed.value));
    }
  }
  return result;
}

}  // namespace tenure::plan
