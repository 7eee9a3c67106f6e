#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <tenure/policy/lifecycle.hpp>

namespace tenure::policy {
namespace {

using State = model::LifecycleState;

// Saturates: Time::never() and the epoch stay what they are.
Time opens_at(const Period& period, Duration prehire) {
  if (period.start == Time::never() || period.start == Time()) return period.start;
  return period.start - prehire;
}

State person_state(const Period& period, Duration prehire, Time now) {
  if (now >= period.end || period.status == EngagementStatus::kGone) return State::kLeft;
  if (period.status == EngagementStatus::kTerminated)
    return period.end == Time::never() ? State::kLeft : State::kLeaving;
  if (now < opens_at(period, prehire)) return State::kStaged;
  return period.status == EngagementStatus::kLeave ? State::kSuspended : State::kActive;
}

State other_state(const Period& period, Duration prehire, Time now) {
  using enum EngagementStatus;
  if (now >= period.end || period.status == kGone || period.status == kRetired) return State::kRetired;
  if (period.status == kRevoking) return State::kRevoking;
  if (period.status == kDiscovered || now < opens_at(period, prehire)) return State::kDiscovered;
  return period.status == kSuspended ? State::kSuspended : State::kActive;
}

// What gives most stands first.
int rank(State state) {
  switch (state) {
    case State::kActive:
      return 0;
    case State::kSuspended:
      return 1;
    case State::kLeaving:
    case State::kRevoking:
      return 2;
    case State::kLeft:
    case State::kRetired:
      return 3;
    case State::kStaged:
    case State::kDiscovered:
      return 4;
  }
  return 4;
}

std::vector<Period> periods_of(const model::Identity& identity) {
  std::vector<Period> periods;
  for (const model::Engagement& one : identity.engagements)
    periods.push_back({one.start, one.end, engagement_status(one.status)});
  return periods;
}

}  // namespace

EngagementStatus engagement_status(std::string_view text) {
  using enum EngagementStatus;
  constexpr std::array<std::pair<std::string_view, EngagementStatus>, 7> kNames = {{{"leave", kLeave},
                                                                                    {"terminated", kTerminated},
                                                                                    {"gone", kGone},
                                                                                    {"retired", kRetired},
                                                                                    {"revoking", kRevoking},
                                                                                    {"discovered", kDiscovered},
                                                                                    {"suspended", kSuspended}}};
  for (const auto& [name, status] : kNames)
    if (name == text) return status;
  return kActive;
}

State lifecycle_state(const PolicySet& set, model::IdentityKind kind, std::span<const Period> periods, Time now) {
  const bool person = kind == model::IdentityKind::kPerson;
  State best = person ? State::kStaged : State::kDiscovered;
  for (const Period& period : periods) {
    const State state =
        person ? person_state(period, set.lifecycle.prehire, now) : other_state(period, set.lifecycle.prehire, now);
    if (rank(state) < rank(best)) best = state;
  }
  return best;
}

Time next_change(const PolicySet& set, model::IdentityKind kind, std::span<const Period> periods, Time now) {
  const State current = lifecycle_state(set, kind, periods, now);
  // Instants in ascending order, each the least after the one before: there are few.
  for (Time after = now;;) {
    Time next = Time::never();
    for (const Period& period : periods)
      for (const Time instant : {opens_at(period, set.lifecycle.prehire), period.end})
        if (instant > after && instant < next) next = instant;
    if (next == Time::never() || lifecycle_state(set, kind, periods, next) != current) return next;
    after = next;
  }
}

State lifecycle_state(const PolicySet& set, const model::Identity& identity, Time now) {
  return lifecycle_state(set, identity.kind, periods_of(identity), now);
}

Time next_change(const PolicySet& set, const model::Identity& identity, Time now) {
  return next_change(set, identity.kind, periods_of(identity), now);
}

model::AccountState account_state(const PolicySet& set, State state) {
  const auto found = set.lifecycle.account_states.find(state);
  // Nothing is given on the strength of a state that nobody configured.
  return found != set.lifecycle.account_states.end() ? found->second : model::AccountState::kDisabled;
}

bool is_about(const GraceStep& step, State state, const model::TargetName& target,
              const AccountClassDoc& account_class) {
  const auto fits = [](const std::vector<std::string>& globs, std::string_view text) {
    return globs.empty() ||
           std::any_of(globs.begin(), globs.end(), [&](const std::string& glob) { return matches_glob(glob, text); });
  };
  return step.state == state && fits(step.targets, target.str()) && fits(step.classes, account_class.name) &&
         (step.purposes.empty() ||
          std::find(step.purposes.begin(), step.purposes.end(), account_class.purpose) != step.purposes.end());
}

const GraceStep* revoking_step(const PolicySet& set, State state, const model::TargetName& target,
                               const AccountClassDoc& account_class, const model::EntitlementId& entitlement) {
  for (const GraceStep& step : set.lifecycle.steps)
    if (!step.deletes && is_about(step, state, target, account_class) &&
        std::any_of(step.entitlements.begin(), step.entitlements.end(),
                    [&](const std::string& glob) { return matches_glob(glob, entitlement.str()); }))
      return &step;
  return nullptr;
}

std::optional<Duration> deleted_after(const PolicySet& set, State state, const model::TargetName& target,
                                      const AccountClassDoc& account_class) {
  for (const GraceStep& step : set.lifecycle.steps)
    if (step.deletes && is_about(step, state, target, account_class)) return step.after;
  if (set.lifecycle.delete_after == Duration()) return std::nullopt;
  return set.lifecycle.delete_after;
}

}  // namespace tenure::policy
