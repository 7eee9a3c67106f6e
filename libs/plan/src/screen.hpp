// Everyone at once: who may not be steady, what is undecided about the others, and when time alone changes something.
// docs/formats/plan.md and ARCHITECTURE.md say what steady means; target_screen.hpp does it for one target.
#pragma once

#include "draft.hpp"
#include "reconcile.hpp"
#include "screen_ground.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <tenure/base/workers.hpp>

namespace tenure::plan {

class Screen final : public Screened {
 public:
  // `picture` of nobody. REQUIRES: all outlive it.
  Screen(const policy::PolicySet& policy, const population::Population& population, const Picture& picture,
         const Setting& setting, const PlanRequest& request, const DutyRights& duties, Workers& workers);

  // A superset of those about whom the row planner says anything; ascending.
  const std::vector<IdentityIndex>& candidates() const { return candidates_; }
  // What is undecided about others, and when anybody's lifecycle state or a term of others changes.
  void count_into(Draft& draft) const;

  std::vector<LineToAsk> lines(const model::Identity& identity) const override;
  bool counted(model::IdentityId identity) const override;
  bool dressed(const model::AccountRef& account) const override;

 private:
  void look_at_lives(const Setting& setting, Workers& workers);
  void look_at_targets(const Setting& setting, const DutyRights& duties, Workers& workers);
  void index_lines(const Bitmap& candidates, Workers& workers);
  void count_identities();
  void add_failed(const std::vector<std::string>& reads, const Bitmap& failed,
                  const std::function<void(const std::string&, const Bitmap&)>& add) const;

  ScreenGround ground_;
  std::vector<std::uint32_t> asked_;  // lines
  std::vector<IdentityIndex> candidates_;
  Bitmap by_row_;
  std::map<const population::Accounts*, Bitmap> dressed_;  // accounts
  std::map<std::string, Undecided> undecided_;
  Time next_due_ = Time::never();
  std::vector<std::uint32_t> lines_begin_;  // by place in candidates_
  std::vector<LineToAsk> lines_;
};

}  // namespace tenure::plan
