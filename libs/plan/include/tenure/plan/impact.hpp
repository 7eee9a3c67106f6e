// What would change if the rules, or the facts of one identity, were others: who gains and who loses what, by target
// and risk, without touching anything. It compares what is given by the rules before and after, whatever is held now;
// only what lines that differ could change is looked at. Values; no I/O.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <tenure/base/workers.hpp>
#include <tenure/model/identity.hpp>
#include <tenure/policy/policy_set.hpp>

namespace tenure::population {
class Population;
}

namespace tenure::plan {

// A right, as rules give it: in a target, to accounts of a class. An empty entitlement is the account itself.
struct Right {
  model::TargetName target;
  std::string account_class;
  model::EntitlementId entitlement;
  model::Parameters parameters;
  model::Risk risk = model::Risk::kLow;  // by the catalogue after the edit; before it, where it is gone from there
  friend auto operator<=>(const Right&, const Right&) = default;
};

enum class Effect : std::uint8_t {
  kGains,
  kLoses,
  kMayGain,  // after the edit it cannot be decided, and before it was not given
  kMayLose   // after the edit it cannot be decided, and before it was given: it stays while it is not known
};

struct Impact {
  struct Line {
    model::IdentityId identity;
    std::uint32_t right = 0;  // in `rights`
    Effect effect = Effect::kGains;
    friend auto operator<=>(const Line&, const Line&) = default;
  };
  struct Count {
    std::int64_t gains = 0, loses = 0, may_gain = 0, may_lose = 0;
    friend bool operator==(const Count&, const Count&) = default;
  };
  std::vector<Right> rights;  // ordered
  std::vector<Line> lines;    // ordered by right, then identity
  std::int64_t identities = 0;
  std::map<model::TargetName, Count> by_target;  // without the accounts themselves
  std::map<model::Risk, Count> by_risk;          // the same
};

// Everybody, under the rules of `edited` instead of those of `policy`. REQUIRES: the population is settled.
Impact what_if(const policy::PolicySet& policy, const policy::PolicySet& edited,
               const population::Population& population, Time now, Workers& workers);
// One identity, with other facts: `before` as it is, `after` as it would be.
Impact what_if(const policy::PolicySet& policy, const model::Identity& before, const model::Identity& after, Time now);

}  // namespace tenure::plan
