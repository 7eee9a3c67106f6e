#include "deciding.hpp"

#include <tenure/policy/evaluate.hpp>

namespace tenure::app {

std::map<std::string, json::Value, std::less<>> deciding_facts(const policy::PolicySet& policy,
                                                               const model::Identity& identity,
                                                               const policy::RequestDoc* request) {
  std::map<std::string, json::Value, std::less<>> facts;
  for (const auto& name : policy.assignments.rest_on)
    if (const auto fact = identity.facts.find(name); fact != identity.facts.end() && !fact->second.unknown)
      facts.emplace(name, fact->second.value);
  if (request == nullptr) return facts;
  for (const auto& [name, value] : policy::Subject(policy, identity).may_request(*request).facts)
    if (identity.facts.contains(name)) facts.emplace(name, value);
  return facts;
}

}  // namespace tenure::app
