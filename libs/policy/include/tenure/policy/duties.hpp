// Separation of duties over a set of holdings. Values; any thread.
#pragma once

#include <cstdint>
#include <vector>

#include <tenure/policy/policy_set.hpp>

namespace tenure::policy {

// Which duties of every SeparationOfDuties document an identity has: bit i of element n is duty i of set.duties[n].
// REQUIRES: the policy set outlives it.
class DutySet {
 public:
  explicit DutySet(const PolicySet& set) : set_(&set), bits_(set.duties.size(), 0) {}

  void add(const model::TargetName& target, const model::EntitlementId& entitlement);
  void add(const model::RoleName& role);
  // The role of the line and those that include it.
  void add(const GrantLine& line);
  void add(const DutySet& other);

  std::uint64_t of(std::size_t document) const { return bits_[document]; }
  bool violates(std::size_t document) const;
  // What would be violated with `more`, and is not without.
  bool completes(std::size_t document, const DutySet& more) const;
  std::vector<const DutiesDoc*> violated() const;  // in order of name

 private:
  const PolicySet* set_;
  std::vector<std::uint64_t> bits_;
};

// "enter payments, approve payments": the names of the duties in `bits`.
std::string names_of(const DutiesDoc& document, std::uint64_t bits);

}  // namespace tenure::policy
