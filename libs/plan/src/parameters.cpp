#include "parameters.hpp"

#include <algorithm>

#include <tenure/base/json.hpp>
#include <tenure/policy/policy_set.hpp>

namespace tenure::plan {
namespace {

json::Object members_of(const model::Parameters& parameters) {
  if (parameters.empty()) return {};
  auto value = json::parse(parameters);
  if (!value || !value->is_object()) return {{"", parameters}};  // not ours: compared as a whole
  return value->as_object();
}

model::Parameters text_of(const json::Object& members) {
  return members.empty() ? "" : json::to_string(members);
}

// Position in the order, from 0; absent is less than every value; -2 = not in the catalogue's order.
std::ptrdiff_t rank(const std::vector<std::string>& order, const json::Object& members, const std::string& name) {
  const auto it = members.find(name);
  if (it == members.end()) return -1;
  if (!it->second.is_string()) return -2;
  const auto place = std::find(order.begin(), order.end(), it->second.as_string());
  return place == order.end() ? -2 : place - order.begin();
}

}  // namespace

model::Parameters right_of(const policy::EntitlementDoc* entitlement, const model::Parameters& parameters) {
  if (entitlement == nullptr || entitlement->order.empty()) return parameters;
  json::Object members = members_of(parameters);
  for (const auto& [name, order] : entitlement->order) members.erase(name);
  return text_of(members);
}

std::partial_ordering compare_parameters(const policy::EntitlementDoc* entitlement, const model::Parameters& a,
                                         const model::Parameters& b) {
  if (a == b) return std::partial_ordering::equivalent;
  if (entitlement == nullptr) return std::partial_ordering::unordered;
  const json::Object left = members_of(a), right = members_of(b);
  std::partial_ordering result = std::partial_ordering::equivalent;
  for (const auto& [name, order] : entitlement->order) {
    const std::ptrdiff_t x = rank(order, left, name), y = rank(order, right, name);
    if (x == -2 || y == -2) return std::partial_ordering::unordered;
    const std::partial_ordering one = x <=> y;
    if (one == std::partial_ordering::equivalent) continue;
    if (result != std::partial_ordering::equivalent && result != one) return std::partial_ordering::unordered;
    result = one;
  }
  return result;
}

model::Parameters more_of(const policy::EntitlementDoc* entitlement, const model::Parameters& a,
                          const model::Parameters& b) {
  if (entitlement == nullptr || a == b) return a;
  json::Object left = members_of(a);
  const json::Object right = members_of(b);
  for (const auto& [name, order] : entitlement->order)
    if (rank(order, right, name) > rank(order, left, name)) left[name] = right.at(name);
  return text_of(left);
}

}  // namespace tenure::plan
