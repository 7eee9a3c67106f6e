// The lifecycle state that an identity's engagements imply. Pure: "now" is an argument.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <tenure/base/time.hpp>
#include <tenure/model/identity.hpp>
#include <tenure/policy/policy_set.hpp>

namespace tenure::policy {

// Persons. Of several engagements the one that gives most counts: active (running, or begun within `prehire`), then
// suspended (status leave), then leaving (status terminated before its end), then left (ended), then staged (begins
// later). A former employee with a future contract is left until the pre-hire time begins: their account stays disabled
// instead of absent. Without any engagement: staged.
// Other kinds, in the same way over the statuses discovered, active, suspended, revoking, retired; an ended engagement
// is retired; without any: discovered. An engagement whose record disappeared from a full export has the status "gone"
// and has ended.
model::LifecycleState lifecycle_state(const PolicySet& set, const model::Identity& identity, Time now);

// When lifecycle_state() next gives another answer by time alone; Time::never() if it does not.
Time next_change(const PolicySet& set, const model::Identity& identity, Time now);

// The same over engagements as they are kept for everyone.
enum class EngagementStatus : std::uint8_t {
  kActive,  // and whatever has no meaning of its own
  kLeave,
  kTerminated,
  kGone,
  kRetired,
  kRevoking,
  kDiscovered,
  kSuspended
};
EngagementStatus engagement_status(std::string_view text);
struct Period {
  Time start, end;
  EngagementStatus status = EngagementStatus::kActive;
};
model::LifecycleState lifecycle_state(const PolicySet& set, model::IdentityKind kind, std::span<const Period> periods,
                                      Time now);
Time next_change(const PolicySet& set, model::IdentityKind kind, std::span<const Period> periods, Time now);

// What that state wants of the identity's accounts.
model::AccountState account_state(const PolicySet& set, model::LifecycleState state);

// Whether the step is for accounts of that class while their owner is in that state.
bool is_about(const GraceStep& step, model::LifecycleState state, const model::TargetName& target,
              const AccountClassDoc& account_class);

// How long a right stays in an account that the state has disabled: nullptr means that it goes at once.
const GraceStep* revoking_step(const PolicySet& set, model::LifecycleState state, const model::TargetName& target,
                               const AccountClassDoc& account_class, const model::EntitlementId& entitlement);

// How long after it was disabled an account is deleted; nullopt: never. REQUIRES: the state is an end.
std::optional<Duration> deleted_after(const PolicySet& set, model::LifecycleState state,
                                      const model::TargetName& target, const AccountClassDoc& account_class);

}  // namespace tenure::policy
