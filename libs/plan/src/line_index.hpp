// Which lines may be true or undecided for one identity, without evaluating all of them: most conditions demand one
// value of an attribute (identity.department == "Sales" && ...), and are false for whoever has another one. Immutable;
// any thread.
#pragma once

#include "reconcile.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include <tenure/model/identity.hpp>
#include <tenure/plan/explain.hpp>
#include <tenure/policy/policy_set.hpp>

namespace tenure::plan {

class LineIndex final : public Screened {
 public:
  explicit LineIndex(const policy::PolicySet& policy);
  std::vector<LineToAsk> lines(const model::Identity& identity) const override;
  bool counted(model::IdentityId) const override { return false; }
  bool dressed(const model::AccountRef&) const override { return false; }

 private:
  struct ByValue {
    std::unordered_map<std::string, std::vector<std::uint32_t>> lines;
    std::vector<std::uint32_t> all;
  };
  std::map<std::string, ByValue, std::less<>> by_attribute_;
  std::vector<std::uint32_t> others_;
};

// why(), with an index of its policy; may be nullptr.
Result<Why> why_among(const policy::PolicySet& policy, const population::Population& population, const Setting& setting,
                      model::IdentityId identity, const model::TargetName& target,
                      const model::EntitlementId& entitlement, const LineIndex* index);

}  // namespace tenure::plan
