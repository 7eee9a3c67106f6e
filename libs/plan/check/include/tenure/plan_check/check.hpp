// The plan checker: an independent verdict on a frozen plan. It reads plan/v1 by itself and shares no code with the
// planner, so that a fault of the planner is not repeated here. It knows nothing of how a plan is made; it knows what
// no plan may be:
//
//   digest        the bytes are not what the digest says, or not plan/v1
//   reason        a change that its own facts do not explain, through the text of the rule that it names
//   revocation    a right or a login of somebody who has left that the plan leaves in place
//   order         a grant before a revocation; a change before what it needs; a right severed before the login is
//   closed duplicate     one thing done twice, or given and taken at once guard         more changed than the limits
//   allow, and nothing held
//
// Values in, values out; no I/O; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tenure::plan_check {

// What one rule gives, as it is written.
struct RuleText {
  std::string rule;  // as Reason::rule: "role sales"
  std::string target;
  std::string account_class;
  std::string entitlement;  // "" for a rule that gives only the account
  std::string parameters;
  std::vector<std::string> conditions;  // CEL over `identity`; all must hold
  std::set<std::string> states;         // lifecycle states in which it applies
};

// Something that an identity holds in the managed scope of a target, as last read.
struct HeldRight {
  std::int64_t identity = 0;
  std::string target;
  std::string account;
  std::string entitlement;  // "": the account itself, enabled
  std::string parameters;
};

// An account touched before, within the window of the guards.
struct Touched {
  std::string target;
  std::string account;
  std::string root;
  std::int64_t identity = 0;
  bool adds = false;
  bool removes = false;
  bool overwrites = false;
  bool privileged = false;
};

struct Limits {
  std::int64_t share_percent_max = 20;
  std::int64_t count_max_small = 20;
  std::int64_t population_min = 100;
  std::int64_t privileged_weight = 5;
};

struct Input {
  std::string_view plan;  // the bytes
  std::string digest;     // "sha256:..."
  std::vector<RuleText> rules;
  std::set<std::string> dates;                    // attributes that rules compare as instants
  std::map<std::int64_t, std::string> lifecycle;  // identity -> lifecycle state
  std::set<std::string> ends;   // lifecycle states in which nothing stays: "left", "retired", "revoking"
  std::vector<HeldRight> held;  // of everybody in `lifecycle`, in the targets that the plan is about
  Limits limits;
  std::map<std::string, std::int64_t> accounts;  // population of each target
  std::int64_t identities = 0;                   // population of a root of causes
  std::vector<Touched> before;
  std::set<std::string> released;  // ids of causes that a person has looked at
};

struct Fault {
  std::string kind;    // "digest", "reason", "revocation", "order", "duplicate", "guard"
  std::string change;  // its id, or ""
  std::string text;
};

// Empty: nothing is wrong. In order of kind and of the plan.
std::vector<Fault> check(const Input& input);

}  // namespace tenure::plan_check
