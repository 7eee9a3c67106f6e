// One plan while it is made: parts of it, each over a world of some identities, go into the whole.
#pragma once

#include "draft.hpp"
#include "duties.hpp"
#include "line_index.hpp"
#include "reconcile.hpp"

#include <memory>
#include <optional>
#include <vector>

#include <tenure/base/workers.hpp>
#include <tenure/plan/extract.hpp>
#include <tenure/plan/guard.hpp>
#include <tenure/plan/planner.hpp>

namespace tenure::plan {

std::string purpose_of(const PlanRequest& request);

// What one plan found out and the next may use (Planner keeps it).
struct Recall {
  std::optional<Headcount> headcount;
  std::optional<LineIndex> lines;  // of the planner's policy
  // Whether anybody's account is missing an owner, while Accounts::version() is this.
  std::map<model::TargetName, std::uint64_t> all_claimed;
};

// One part of a plan: a world of some identities, and what the row planner says about it.
struct Portion {
  Portion(const policy::PolicySet& policy, World some, const PlanRequest& request, std::size_t number,
          const Fitting& fitting, const DutyRights& duties, const Screened* screened)
      : world(std::move(some)),
        picture(policy, world),
        draft(picture, purpose_of(request), number),
        reconciler(draft, request, fitting, duties, screened) {}
  // Of what the accounts hold, `holdings` tells.
  Portion(const policy::PolicySet& policy, World some, Holdings holdings, const PlanRequest& request,
          std::size_t number, const Fitting& fitting, const DutyRights& duties, const Screened* screened)
      : world(std::move(some)),
        picture(policy, world, std::move(holdings)),
        draft(picture, purpose_of(request), number),
        reconciler(draft, request, fitting, duties, screened) {}
  Portion(const Portion&) = delete;
  Portion& operator=(const Portion&) = delete;

  World world;
  Picture picture;
  Draft draft;
  Reconciler reconciler;
};

class Making {
 public:
  // REQUIRES: all outlive it. `recall` may be nullptr.
  Making(const policy::PolicySet& policy, const population::Population& population, const Setting& setting,
         const PlanRequest& request, Workers& workers, Recall* recall);

  Result<PlanResult> run();
  // The reference: everyone by row, over the world itself.
  Result<PlanResult> run_by_row(const World& world);

 private:
  std::unique_ptr<Portion> part_of(const Selection& selection, std::size_t number, const Screened* screened) const;
  void onboard();
  Status revert();
  void reconcile();
  void nobodys();
  void some(const std::vector<population::IdentityIndex>& rows, const Screened* screened);
  void take(std::vector<std::unique_ptr<Portion>>& parts, NameLedger& ledger);
  void fit();
  bool all_claimed();
  void name_silent_sources();
  Headcount count_heads();
  Result<PlanResult> finish();

  const policy::PolicySet& policy_;
  const population::Population& population_;
  const Setting& setting_;
  const PlanRequest& request_;
  Workers& workers_;
  Recall* recall_;
  Extractor extract_;
  DutyRights duties_;
  Fitting fitting_;
  bool fitted_ = false;
  std::optional<KnownRights> known_;  // where many are looked at
  std::size_t looked_at_ = 0;
  Portion whole_;  // nobody: into which the others go
};

}  // namespace tenure::plan
