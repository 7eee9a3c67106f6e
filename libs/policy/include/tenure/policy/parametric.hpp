// Parametric roles: one document for "member of <project>". What its lines give for a value, and for no value yet.
// Pure; any thread.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <tenure/policy/policy_set.hpp>

namespace tenure::policy {

inline constexpr std::size_t kValuesMax = 256;  // of one identity

// A value fills a placeholder only when it is 1 to 128 letters, digits, '.', '_' and '-' and does not begin with a dot
// or a dash: nothing that a target could take for syntax.
bool is_parameter_value(std::string_view value);

// What the line gives for one value. Nothing is made up: when the catalogue does not have one of the entitlements, or
// an ordered parameter does not have the value, nothing is given for the value, and what is held of it already is kept.
struct Expanded {
  std::vector<RoleGrant::Entitled> given;
  std::vector<RoleGrant::Entitled> kept;
  std::vector<std::string> troubles;  // for people: "directory has no entitlement project-zeta"
};
// REQUIRES: line.for_each, is_parameter_value(value).
Expanded expand(const PolicySet& set, const GrantLine& line, std::string_view value);

// Entitlements of the catalogue that the pattern can stand for.
std::vector<const EntitlementDoc*> catalogued(const TargetDoc& target, const ForEach& for_each,
                                              const RoleGrant::Pattern& pattern);

// Values for which the catalogue has an entitlement of the line.
std::set<std::string> catalogued_values(const PolicySet& set, const GrantLine& line);

// Everything that the line can give for some value: what stays while the values are unknown.
struct Possible {
  model::EntitlementId entitlement;
  model::Parameters parameters;
  bool any_parameters = false;  // whatever they are
};
std::vector<Possible> possible(const PolicySet& set, const GrantLine& line);

}  // namespace tenure::policy
