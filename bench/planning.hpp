// A company that is ready to be planned, and what its plan must say.
#pragma once

#include "company.hpp"
#include "populate.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include <tenure/plan/planner.hpp>

namespace tenure::bench {

// Numbers of entitlements by target and id.
class Catalogue {
 public:
  explicit Catalogue(const Company& company);
  // REQUIRES: the company has it.
  std::uint32_t number(const model::TargetName& target, const model::EntitlementId& id) const;

 private:
  std::unordered_map<std::string, std::uint32_t> numbers_;
};

// What a plan says about grants in the managed scope: changes and findings together, because what hands did is answered
// by a person unless the target's document says otherwise.
struct Said {
  GrantSum missing, extra;
  std::size_t grants = 0, revocations = 0, updates = 0, findings = 0;
  std::size_t reasons = 0;  // changes whose reason names a rule and says in words why
};
Said said_by(const plan::PlanResult& result, const Catalogue& catalogue);

// The company's arrays are gone: what is in memory is what the planner needs.
struct Ready {
  Catalogue catalogue;
  Expected expected;
  policy::PolicySet policy;
  Populated populated;
  double populate_seconds = 0;
};
std::unique_ptr<Ready> make_ready(Company company);

}  // namespace tenure::bench
