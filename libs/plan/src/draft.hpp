// A plan while it is being made: changes with provisional ids, their causes, what is unknown, what was found.
#pragma once

#include "picture.hpp"

#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <tenure/model/decision.hpp>
#include <tenure/plan/planner.hpp>

namespace tenure::plan {

// Identities for whom something cannot be decided, and what is withheld from them for it.
struct Undecided {
  static constexpr std::size_t kShown = 3;
  std::int64_t identities = 0;
  std::int64_t changes = 0;
  std::map<model::IdentityId, std::string> first;  // keys of those with the lowest numbers
  void add(const Undecided& others);
};

class Draft {
 public:
  // `part`: parts of one plan have different numbers, so that their provisional ids differ.
  Draft(const Picture& picture, std::string purpose, std::size_t part = 0);

  // Fills kind, risk, manual; returns the provisional id.
  model::ChangeId add(Change change, const Cause& cause);
  void withhold(const model::TargetName& target, const std::string& what, const std::string& reason,
                std::int64_t changes = 1);
  // `what`: "attribute department", or "role sales" for a condition that fails by itself. No identity twice.
  void undecided(const std::string& what, const Undecided& who);
  void later(Later later) { plan_.later.push_back(std::move(later)); }
  // Everything of another part of the same plan.
  void absorb(Draft&& part);
  // About so many changes will be here in the end: room that stays empty costs nothing.
  void expect(std::size_t changes) { plan_.changes.reserve(changes); }
  void find(model::FindingKind kind, const model::AccountRef& account, const model::EntitlementId& entitlement,
            const model::Parameters& parameters, model::IdentityId identity, std::string summary, std::string owner,
            Time deadline = Time::never());
  void find(model::Finding finding);  // REQUIRES: id, kind; opened_at is filled
  // A decision of a person that moved by itself, as it is from now on.
  void moved(model::Assignment assignment);
  void moved(model::Decision decision);
  void due(Time at);  // something changes by itself then
  // Takes changes out again, with the causes that nothing else follows from. REQUIRES: nothing is added afterwards.
  void drop(const std::set<model::ChangeId>& ids);

  const Picture& picture() const { return picture_; }
  bool found(const std::string& finding) const { return findings_.contains(finding); }
  const std::map<std::string, model::Finding>& findings() const { return findings_; }
  Plan& plan() { return plan_; }
  Time next_due() const { return next_due_; }
  const std::map<std::string, model::Assignment>& assignments() const { return assignments_; }
  const std::map<std::string, model::Decision>& decisions() const { return decisions_; }
  void finish();  // causes and unknowns into the plan

 private:
  const Picture& picture_;
  std::string prefix_;  // of provisional ids
  Plan plan_;
  std::unordered_map<model::CauseId, Cause> causes_;
  std::map<std::tuple<model::TargetName, std::string, std::string>, std::int64_t> unknowns_;
  std::map<std::string, Undecided> undecided_;
  std::map<std::string, model::Finding> findings_;
  std::map<std::string, model::Assignment> assignments_;
  std::map<std::string, model::Decision> decisions_;
  Time next_due_ = Time::never();
};

}  // namespace tenure::plan
