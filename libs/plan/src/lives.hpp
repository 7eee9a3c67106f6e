// The lifecycle state of identities in a population at one instant. Any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include <tenure/base/workers.hpp>
#include <tenure/policy/lifecycle.hpp>
#include <tenure/population/population.hpp>

namespace tenure::plan {

class Lives {
 public:
  // REQUIRES: both outlive it.
  Lives(const policy::PolicySet& policy, const population::People& people, Time now);
  // REQUIRES: somebody is there.
  model::LifecycleState state(population::IdentityIndex row) const;
  Time next_change(population::IdentityIndex row) const;
  // nullopt: nobody has that number.
  std::optional<model::LifecycleState> state(model::IdentityId id) const;
  Time now() const { return now_; }

 private:
  const policy::PolicySet& policy_;
  const population::People& people_;
  Time now_;
  std::vector<policy::EngagementStatus> statuses_;  // by code
};

constexpr std::size_t kLifecycleStates = static_cast<std::size_t>(model::LifecycleState::kRetired) + 1;

// Everybody's.
struct AllLives {
  population::Bitmap somebody;                                // present and no alias
  std::vector<std::uint8_t> states;                           // by row: model::LifecycleState
  std::array<population::Bitmap, kLifecycleStates> in_state;  // of somebody
  Time next_change = Time::never();                           // of anybody
};
AllLives all_lives(const policy::PolicySet& policy, const population::People& people, Time now, Workers& workers);

}  // namespace tenure::plan
