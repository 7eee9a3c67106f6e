// What the planner looks at: one consistent picture of facts, observed access, decisions and time, in two forms.
//
//   Setting     what is about nobody in particular; with a population::Population beside it: everyone (planner.hpp)
//   World       a Setting with some identities and their accounts as values: what the row planner reads, and what tests
//               write by hand. The two are translated into each other in extract.hpp.
//
// Values, no I/O.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include <tenure/model/access.hpp>
#include <tenure/model/decision.hpp>
#include <tenure/model/identity.hpp>
#include <tenure/plan/plan.hpp>

namespace tenure::plan {

struct TargetView {
  model::TargetState state;
  // The last full reading with later read-backs applied; absent when the target was never read. A target whose
  // state.unknown_since is set keeps its last reading: nothing new may be concluded from absences in it. In a Setting
  // it has neither accounts nor grants of accounts: those are in the population.
  std::optional<model::Observation> observed;
  // From the connector's manifest: sessions can be listed and ended. Where they cannot, no end of sessions is planned.
  bool ends_sessions = false;
  // What Account::restriction reads when the connector itself disabled the account ("" for a plain flag, "locked" where
  // disabling is a lock). Anything else on an account that Tenure disabled is somebody's restriction, and is respected.
  // nullopt: the connector cannot tell them apart, and the decision that Tenure disabled the account is all there is.
  std::optional<std::string> own_restriction;
};

// A change that was approved and has not ended: the planner must not plan it again, nor its opposite blindly.
struct InFlight {
  model::ChangeId id;
  model::AccountRef account;
  model::EntitlementId entitlement;
  std::string verb;
  std::string name;  // login, for accounts being created
  model::IdentityId identity;
};

// A remote change that was sent within the longest window of a guard, or is approved and on its way (at = now): what
// rolling guards add to a new plan, so that no limit is passed by splitting.
struct CountedChange {
  Time at;
  std::string root;  // Cause::root
  model::TargetName target;
  Verb verb = Verb::kGrant;
  Lane lane = Lane::kGrant;
  model::NativeId account;
  std::string name;  // login, for an account that was created
  model::IdentityId identity;
  model::Risk risk = model::Risk::kLow;
  std::string account_class;
  model::EntitlementId entitlement;
};

struct Setting {
  Time now;
  std::map<model::TargetName, TargetView> targets;
  std::map<std::string, model::Finding> findings;  // open and answered, by id
  std::vector<InFlight> in_flight;
  std::vector<CountedChange> history;          // any order; what is older than a guard's window does not count
  Time policy_since;                           // when the policy set became the one in force
  std::set<model::SourceName> silent_sources;  // whose last feed was held or is missing: their facts may be old
};

struct World : Setting {
  std::map<model::IdentityId, model::Identity> identities;
  std::map<model::AccountRef, model::Claim> claims;
  std::map<std::string, model::Decision> decisions;  // by row_id
  std::map<std::string, model::NameTaken> names;     // by row_id
};

}  // namespace tenure::plan
