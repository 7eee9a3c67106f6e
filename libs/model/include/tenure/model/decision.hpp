// What Tenure has decided and remembers: whose account it is, which grants are explained, which names are taken, how
// far a target is under management, and what still needs a decision.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tenure/base/json.hpp>
#include <tenure/base/time.hpp>
#include <tenure/model/access.hpp>
#include <tenure/model/ids.hpp>

namespace tenure::model {

// The dated decision that an account belongs to an identity. An account without one is an orphan.
struct Claim {
  AccountRef account;
  IdentityId identity;
  Purpose purpose = Purpose::kNormal;
  std::string reason;  // "created by change 9f3c...", "correlated by employeeNumber", "declared by ana.ash"
  Time since;
  friend bool operator==(const Claim&, const Claim&) = default;
};

// Why a grant may be there although no rule wants it, or what was decided about a deviation.
enum class DecisionKind : std::uint8_t {
  kBaseline,  // found when the target came under management; unexplained, with owner and deadline
  kAdopted,   // kept on purpose: an assignment with owner, term and the person who decided
  kAccepted,  // deviation accepted until a date
  kDeclared,  // made outside on purpose: who, when, why, ticket, second person; a debt until reconciled
  kGranted,   // Tenure itself granted it (rule or request); lets additive scope know what it may remove
  kHeld,      // out-of-band restriction that is respected: never undone automatically
  kDisabled   // Tenure itself disabled the account: a rejoin may enable it again (account level only)
};

// A decision about one grant (entitlement set) or one account's state (entitlement empty).
struct Decision {
  DecisionKind kind = DecisionKind::kBaseline;
  AccountRef account;
  EntitlementId entitlement;
  Parameters parameters;
  std::string owner;  // person accountable for it
  std::string actor;  // who decided: person, or rule
  std::string reason;
  std::string ticket;
  std::string second_person;
  Time since;
  Time until = Time::never();  // deadline or end of term
  // Of what a person decided: the facts that it rests on. When one has changed it is decided again until then, or ends.
  std::map<std::string, json::Value, std::less<>> facts;
  Time decide_again_by = Time::never();
  friend bool operator==(const Decision&, const Decision&) = default;
};

// One row of the durable ledger of every name ever used: names are never given twice.
struct NameTaken {
  TargetName target;
  std::string attribute;  // "uid"
  std::string name;
  IdentityId identity;  // not valid() for a name that was found on an account nobody claims
  Time since;
  friend bool operator==(const NameTaken&, const NameTaken&) = default;
};

// How far a target is under management. A new target starts observed, whatever its document says.
struct TargetState {
  TargetName target;
  bool managed = false;  // set by an approved plan (onboarding)
  Time managed_since;
  Time last_full_read;  // Time{} = never
  Time unknown_since;   // Time{} = it answers; else since when it does not
  std::string unknown_reason;
  std::string observation_digest;  // of the last full reading
  friend bool operator==(const TargetState&, const TargetState&) = default;
};

enum class FindingKind : std::uint8_t {
  kDriftAdded,    // a grant that no decision explains appeared
  kDriftRemoved,  // a grant that Tenure wants or knew was taken away out of band
  kRestriction,   // account disabled, locked or removed out of band
  kOrphan,        // account without a claim
  kUnexplained,   // baseline grant without a reason
  kAmbiguous,     // a record or an account fits more than one identity
  kContention,    // another writer keeps putting access back
  kUnproven,      // a revocation without the required proof
  kUnowned,       // identity or entitlement without an owner
  kNameCollision,
  kSod,         // duties that must be separate meet, or would, in one identity
  kDecideAgain  // a fact that a person's decision rests on has changed
};

enum class FindingState : std::uint8_t { kOpen, kAnswered, kClosed };

// Something that needs a decision. The id is derived from what it is about, so finding it twice is one finding.
struct Finding {
  std::string id;
  FindingKind kind = FindingKind::kDriftAdded;
  FindingState state = FindingState::kOpen;
  AccountRef account;
  EntitlementId entitlement;
  Parameters parameters;
  IdentityId identity;
  std::string summary;
  std::string owner;
  Time opened_at;
  Time deadline = Time::never();
  Time closed_at;
  std::string about;   // what it is about besides: a SeparationOfDuties document, an assignment; part of the id
  std::string answer;  // "reverted", "adopted", "accepted", "declared", "explained", "gone"
  friend bool operator==(const Finding&, const Finding&) = default;
};

std::string_view name_of(DecisionKind kind);
std::string_view name_of(FindingKind kind);
std::string_view name_of(FindingState state);
std::optional<FindingKind> finding_kind(std::string_view name);

// Keys of their rows in the store: equal subject, equal key.
std::string row_id(const Claim& claim);
std::string row_id(const Decision& decision);
std::string row_id(const NameTaken& name);
// "F-" and 12 hexadecimal digits of the digest over kind, account, entitlement, parameters, identity and, when
// there is one, what it is about besides.
std::string finding_id(FindingKind kind, const AccountRef& account, const EntitlementId& entitlement,
                       const Parameters& parameters, IdentityId identity, std::string_view about = {});

json::Value to_json(const Claim& claim);
Result<Claim> claim_from_json(const json::Value& value);
json::Value to_json(const Decision& decision);
Result<Decision> decision_from_json(const json::Value& value);
json::Value to_json(const NameTaken& name);
Result<NameTaken> name_from_json(const json::Value& value);
json::Value to_json(const TargetState& state);
Result<TargetState> target_state_from_json(const json::Value& value);
json::Value to_json(const Finding& finding);
Result<Finding> finding_from_json(const json::Value& value);

}  // namespace tenure::model
