#include "lives.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <mutex>
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

AllLives all_lives(const policy::PolicySet& policy, const population::People& people, Time now, Workers& workers) {
  using population::Bitmap;
  AllLives all;
  all.somebody = people.present();
  all.somebody.and_not(people.aliases());
  all.states.resize(all.somebody.size());
  for (Bitmap& state : all.in_state) state = Bitmap(all.somebody.size());
  const Lives lives(policy, people, now);
  std::mutex mutex;
  in_parts(workers, all.somebody.words().size(), 256, [&](std::size_t begin, std::size_t end) {
    Time next = Time::never();
    for (std::size_t w = begin; w < end; ++w) {
      for (std::uint64_t word = all.somebody.words()[w]; word != 0; word &= word - 1) {
        const std::size_t row = w * Bitmap::kWordBits + static_cast<std::size_t>(std::countr_zero(word));
        const auto index = static_cast<population::IdentityIndex>(row);
        const auto state = static_cast<std::size_t>(lives.state(index));
        all.states[row] = static_cast<std::uint8_t>(state);
        all.in_state.at(state).set(row);
        next = std::min(next, lives.next_change(index));
      }
    }
    const std::lock_guard lock(mutex);
    all.next_change = std::min(all.next_change, next);
  });
  return all;
}

}  // namespace tenure::plan
