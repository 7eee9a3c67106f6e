// A plan while it is being made: changes with provisional ids, their causes, what is unknown, what was found.
#pragma once

#include "picture.hpp"

#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include <tenure/model/decision.hpp>
#include <tenure/plan/planner.hpp>

namespace tenure::plan {

class Draft {
 public:
  Draft(const Picture& picture, std::string purpose);

  // Fills kind, risk, manual; returns the provisional id.
  model::ChangeId add(Change change, const Cause& cause);
  void withhold(const model::TargetName& target, const std::string& what, const std::string& reason,
                std::int64_t changes = 1);
  void find(model::FindingKind kind, const model::AccountRef& account, const model::EntitlementId& entitlement,
            const model::Parameters& parameters, model::IdentityId identity, std::string summary, std::string owner,
            Time deadline = Time::never());
  void due(Time at);  // something changes by itself then

  const Picture& picture() const { return picture_; }
  bool found(const std::string& finding) const { return findings_.contains(finding); }
  const std::map<std::string, model::Finding>& findings() const { return findings_; }
  Plan& plan() { return plan_; }
  Time next_due() const { return next_due_; }
  void finish();  // causes and unknowns into the plan

 private:
  const Picture& picture_;
  Plan plan_;
  std::unordered_map<model::CauseId, Cause> causes_;
  std::map<std::tuple<model::TargetName, std::string, std::string>, std::int64_t> unknowns_;
  std::map<std::string, model::Finding> findings_;
  Time next_due_ = Time::never();
};

}  // namespace tenure::plan
