#include <algorithm>
#include <vector>

#include <tenure/policy/lifecycle.hpp>

namespace tenure::policy {
namespace {

using State = model::LifecycleState;

// Saturates: Time::never() and the epoch stay what they are.
Time opens_at(const model::Engagement& engagement, Duration prehire) {
  if (engagement.start == Time::never() || engagement.start == Time()) return engagement.start;
  return engagement.start - prehire;
}

State person_state(const model::Engagement& engagement, Duration prehire, Time now) {
  if (now >= engagement.end || engagement.status == "gone") return State::kLeft;
  if (engagement.status == "terminated") return engagement.end == Time::never() ? State::kLeft : State::kLeaving;
  if (now < opens_at(engagement, prehire)) return State::kStaged;
  return engagement.status == "leave" ? State::kSuspended : State::kActive;
}

State other_state(const model::Engagement& engagement, Duration prehire, Time now) {
  if (now >= engagement.end || engagement.status == "gone" || engagement.status == "retired") return State::kRetired;
  if (engagement.status == "revoking") return State::kRevoking;
  if (engagement.status == "discovered" || now < opens_at(engagement, prehire)) return State::kDiscovered;
  return engagement.status == "suspended" ? State::kSuspended : State::kActive;
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

}  // namespace

State lifecycle_state(const PolicySet& set, const model::Identity& identity, Time now) {
  const bool person = identity.kind == model::IdentityKind::kPerson;
  State best = person ? State::kStaged : State::kDiscovered;
  for (const model::Engagement& engagement : identity.engagements) {
    const State state = person ? person_state(engagement, set.lifecycle.prehire, now)
                               : other_state(engagement, set.lifecycle.prehire, now);
    if (rank(state) < rank(best)) best = state;
  }
  return best;
}

Time next_change(const PolicySet& set, const model::Identity& identity, Time now) {
  std::vector<Time> instants;
  for (const model::Engagement& engagement : identity.engagements) {
    instants.push_back(opens_at(engagement, set.lifecycle.prehire));
    instants.push_back(engagement.end);
  }
  std::sort(instants.begin(), instants.end());
  const State current = lifecycle_state(set, identity, now);
  for (const Time instant : instants)
    if (instant > now && instant != Time::never() && lifecycle_state(set, identity, instant) != current) return instant;
  return Time::never();
}

model::AccountState account_state(const PolicySet& set, State state) {
  const auto found = set.lifecycle.account_states.find(state);
  // Nothing is given on the strength of a state that nobody configured.
  return found != set.lifecycle.account_states.end() ? found->second : model::AccountState::kDisabled;
}

}  // namespace tenure::policy
