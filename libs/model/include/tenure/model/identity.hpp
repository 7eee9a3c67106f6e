// Who is governed: identities with merged facts, engagements and relations, and the lifecycle they imply.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tenure/base/json.hpp>
#include <tenure/base/time.hpp>
#include <tenure/model/ids.hpp>

namespace tenure::model {

enum class IdentityKind : std::uint8_t { kPerson, kService, kWorkload, kDevice, kAgent };

// staged..left for persons; discovered, active, suspended, revoking, retired for non-human identities.
enum class LifecycleState : std::uint8_t {
  kStaged,
  kActive,
  kSuspended,
  kLeaving,
  kLeft,
  kDiscovered,
  kRevoking,
  kRetired
};

// What a lifecycle state wants of the identity's accounts.
enum class AccountState : std::uint8_t { kAbsent, kDisabled, kEnabled };

// One attribute value with where it comes from. `unknown` = the source that owns it is silent or left it blank although
// it is required: the last known value, if any, stays in `value`, and nothing may be revoked on its absence (T9).
// A null value that is not unknown is a proven blank of an optional attribute.
struct Fact {
  json::Value value;
  bool unknown = false;
  SourceName source;
  Time known_at;  // when Tenure learned it
  friend bool operator==(const Fact&, const Fact&) = default;
};
using Facts = std::map<std::string, Fact, std::less<>>;

// One contract or assignment period. [start, end): end == Time::never() while open.
struct Engagement {
  SourceName source;
  std::string key;  // record key in the source
  Time start;
  Time end = Time::never();
  std::string status;  // as mapped by the source document: "active", "leave", "terminated"
  friend bool operator==(const Engagement&, const Engagement&) = default;
};

// Dated typed link to another identity: manager, owner, deputy, sponsor, custodian.
struct Relation {
  std::string kind;
  IdentityId to;
  SourceName source;
  friend bool operator==(const Relation&, const Relation&) = default;
};

struct SourceKey {
  SourceName source;
  std::string key;
  friend auto operator<=>(const SourceKey&, const SourceKey&) = default;
};

struct Identity {
  IdentityId id;
  IdentityKind kind = IdentityKind::kPerson;
  std::string key;  // natural key for people to type: person_id, service name
  Facts facts;
  std::vector<Engagement> engagements;  // ordered by source, key
  std::vector<Relation> relations;
  std::vector<SourceKey> records;  // the source records merged into it
  IdentityId alias_of;             // valid after a merge
  friend bool operator==(const Identity&, const Identity&) = default;
};

std::string_view name_of(IdentityKind kind);
std::string_view name_of(LifecycleState state);
std::string_view name_of(AccountState state);
std::optional<IdentityKind> identity_kind(std::string_view name);
std::optional<LifecycleState> lifecycle_state(std::string_view name);
std::optional<AccountState> account_state(std::string_view name);

json::Value to_json(const Identity& identity);
Result<Identity> identity_from_json(const json::Value& value);

}  // namespace tenure::model
