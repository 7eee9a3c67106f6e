// What targets really hold: accounts, entitlements, grants, sessions; and one reading of them with its coverage.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tenure/base/json.hpp>
#include <tenure/base/time.hpp>
#include <tenure/model/identity.hpp>
#include <tenure/model/ids.hpp>

namespace tenure::model {

enum class Purpose : std::uint8_t { kNormal, kAdmin, kTest, kService, kShared };

// How far Tenure may go, per account class, entitlement and attribute.
//   managed  - made equal to what is decided          additive - never remove what Tenure did not grant
//   observed - read and shown, never written          ignored  - not even read into findings
enum class Scope : std::uint8_t { kManaged, kAdditive, kObserved, kIgnored };

enum class Risk : std::uint8_t { kLow, kMedium, kHigh, kPrivileged };

using AttributeMap = std::map<std::string, json::Value, std::less<>>;

// A record in a target.
struct Account {
  NativeId id;
  std::string incarnation;    // distinguishes a re-created account under a reused id; "" where the target has none
  std::string name;           // login, as people know it
  std::string account_class;  // class of the target document that it falls into ("people", "admins")
  Purpose purpose = Purpose::kNormal;
  bool enabled = true;
  // Why it is not enabled, where the target tells: "locked", "expired". An out-of-band restriction is never undone.
  std::string restriction;
  AttributeMap attributes;  // as the target holds them: "" = it has none; one that could not be read is not in the map
  friend bool operator==(const Account&, const Account&) = default;
};

// Sorted name=value pairs in canonical JSON, "" when there are none: "{\"access\":\"READ\"}".
using Parameters = std::string;

// A right as observed in the target.
struct ObservedEntitlement {
  EntitlementId id;
  std::string title;
  friend bool operator==(const ObservedEntitlement&, const ObservedEntitlement&) = default;
};

// Exactly one of account / entitlement is set: who holds it (nesting when it is an entitlement).
struct Holder {
  NativeId account;
  EntitlementId entitlement;
  friend auto operator<=>(const Holder&, const Holder&) = default;
};

struct Grant {
  Holder holder;
  EntitlementId entitlement;
  Parameters parameters;
  friend auto operator<=>(const Grant&, const Grant&) = default;
};

struct Session {
  std::string id;      // stable within the target
  std::string origin;  // address or application name, where known
  friend bool operator==(const Session&, const Session&) = default;
};

// What a reading covered. A class that is not complete is unknown, never empty (T9).
struct Coverage {
  bool complete = false;
  std::vector<std::string> unknown;  // account classes or "entitlements", "grants:<id>" that could not be read
  std::string reason;                // why, for people; no secret
  friend bool operator==(const Coverage&, const Coverage&) = default;
};

// One full reading of a target. Accounts ordered by id, entitlements by id, grants by (holder, entitlement,
// parameters).
struct Observation {
  TargetName target;
  Time read_at;
  Coverage coverage;
  std::vector<Account> accounts;
  std::vector<ObservedEntitlement> entitlements;
  std::vector<Grant> grants;

  void sort();
  // Digest over accounts, entitlements and grants in order (not over read_at): equal content, equal digest.
  std::string content_digest() const;
  const Account* find_account(const NativeId& id) const;   // REQUIRES: sorted
  std::vector<Grant> grants_of(const NativeId& id) const;  // REQUIRES: sorted; direct grants only
};

// A fresh reading of one account: what every mutating verb of a connector returns.
struct AccountImage {
  Account account;
  std::vector<Grant> grants;  // direct grants of this account, ordered
  friend bool operator==(const AccountImage&, const AccountImage&) = default;
};

std::string_view name_of(Purpose purpose);
std::string_view name_of(Scope scope);
std::string_view name_of(Risk risk);
std::optional<Purpose> purpose_from(std::string_view name);
std::optional<Scope> scope_from(std::string_view name);
std::optional<Risk> risk_from(std::string_view name);

json::Value to_json(const Account& account);
Result<Account> account_from_json(const json::Value& value);
json::Value to_json(const Grant& grant);
Result<Grant> grant_from_json(const json::Value& value);
json::Value to_json(const Coverage& coverage);
json::Value to_json(const Observation& observation);
Result<Observation> observation_from_json(const json::Value& value);

}  // namespace tenure::model
