#include "lives.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace tenure::plan {

Lives::Lives(const policy::PolicySet& policy, const population::People& people, Time now)
    : policy_(policy), people_(people), now_(now) {
  for (std::uint32_t code = 0; code < people.statuses().size(); ++code)
    statuses_.push_back(policy::engagement_status(people.statuses().text(code)));
}

namespace {
// Nobody has more engagements than fit; whoever has is looked at all the same.
constexpr std::size_t kFew = 8;

template <class Answer>
auto over_periods(std::span<const population::People::Period> found, const std::vector<policy::EngagementStatus>& codes,
                  Answer answer) {
  const auto as_rule = [&](const population::People::Period& one) {
    return policy::Period{one.start, one.end, codes[one.status]};
  };
  if (found.size() <= kFew) {
    std::array<policy::Period, kFew> few;
    std::transform(found.begin(), found.end(), few.begin(), as_rule);
    return answer(std::span<const policy::Period>(few.data(), found.size()));
  }
  std::vector<policy::Period> many(found.size());
  std::transform(found.begin(), found.end(), many.begin(), as_rule);
  return answer(std::span<const policy::Period>(many));
}
}  // namespace

model::LifecycleState Lives::state(population::IdentityIndex row) const {
  return over_periods(people_.periods(row), statuses_, [&](std::span<const policy::Period> periods) {
    return policy::lifecycle_state(policy_, people_.kind(row), periods, now_);
  });
}

Time Lives::next_change(population::IdentityIndex row) const {
  return over_periods(people_.periods(row), statuses_, [&](std::span<const policy::Period> periods) {
    return policy::next_change(policy_, people_.kind(row), periods, now_);
  });
}

std::optional<model::LifecycleState> Lives::state(model::IdentityId id) const {
  if (!id.valid() || !people_.contains(id)) return std::nullopt;
  return state(people_.row(id));
}

}  // namespace tenure::plan
