// The plan checker: an independent verdict on a frozen plan. It reads plan/v1 by itself and shares no code with the
// planner, so that a fault of the planner is not repeated here. It knows nothing of how a plan is made; it knows what
// no plan may be:
//
//   digest       the bytes are not what the digest says, or not plan/v1
//   reason       a change that its own facts do not explain, through the text of the rule that it names
//   revocation   a right or a login that the plan leaves in place although its holder has left, or although no rule
//                that gives it can hold for its holder any more, unless it is listed as staying for a declared time
//   order        a grant before a revocation; a change before what it needs; a right severed before the login is closed
//   duplicate    one thing done twice, or given and taken at once
//   guard        more changed than the limits allow, and nothing held
//
// It is fit for everyone: what people hold and the facts about them come as numbers in arrays that the caller owns, and
// each rule is evaluated once for each combination of values that it reads.
//
// Values in, values out; no I/O; any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tenure/base/json.hpp>

namespace tenure {
class Workers;
}

namespace tenure::plan_check {

using Code = std::uint32_t;
inline constexpr Code kNone = 0xFFFFFFFF;

// What one rule gives, as it is written.
struct RuleText {
  std::string rule;           // as Reason::rule: "role sales", "request A-0123456789ab"
  std::int64_t identity = 0;  // only this one is given it; 0: whoever fulfils the conditions
  std::string target;
  std::string account_class;
  std::string entitlement;  // "" for a rule that gives only the account
  std::string parameters;
  std::vector<std::string> conditions;  // CEL over `identity`; all must hold
  std::set<std::string> states;         // lifecycle states in which it applies
  std::int64_t overlap = 0;             // microseconds that what it gave may stay after it holds no more
};

// A later step of the lifecycle: rights that may stay so long after the account was disabled.
struct StepText {
  std::string state;
  std::set<std::pair<std::string, std::string>> accounts;  // target, account class
  std::vector<std::string> entitlements;                   // "*" stands for any text
  std::int64_t after = 0;                                  // microseconds
};

// One attribute of everyone: a code per row of an identity (its number - 1), and what the codes stand for.
struct Attribute {
  std::string name;                        // "department", "kind", "key"
  std::span<const std::uint16_t> codes16;  // exactly one of the two is not empty, unless there is nobody
  std::span<const std::uint32_t> codes32;
  std::span<const std::uint64_t> unknown;  // a bit per row: nothing may rest on the value; may be short
  // nullptr: no such fact, or none of the declared type.
  std::function<const json::Value*(Code)> value;
};

struct Right {
  std::string entitlement;
  std::string parameters;
};

// What accounts of one target hold in its managed scope, as last read. Accounts are numbered from 0; those that changes
// under way are about have neither login nor rights here.
struct Held {
  std::string target;
  std::function<std::string_view(std::uint32_t account)> account;  // its id in the target
  std::span<const Code> owners;            // row of the identity, merges followed; kNone: nobody's
  std::span<const std::uint8_t> logins;    // 1: it is enabled
  std::span<const std::uint64_t> offsets;  // where the rights of each account begin; one more than accounts
  std::span<const Code> rights;            // in `names`
  std::span<const Code> rules;             // in Input::rule_names, by which Tenure gave it; kNone: it did not
  std::vector<Right> names;
};

// An account touched before.
struct Touched {
  std::string target;
  std::string account;  // its id in the target; "new NAME" of one that was made
  std::string root;
  std::int64_t identity = 0;
  bool adds = false;
  bool removes = false;
  bool overwrites = false;
  bool privileged = false;
  std::string account_class;
  std::string entitlement;
  std::int64_t age = 0;  // microseconds before the plan was made
};

// One Guard document. What is done in the shorter of its windows is done in the longest, and the limit is the same.
struct Limits {
  std::int64_t share_percent_max = 20;
  std::int64_t count_max_small = 20;
  std::int64_t population_min = 100;
  std::int64_t privileged_weight = 5;
  std::int64_t collapse_percent_max = 50;
  std::int64_t collapse_min = 10;
  std::int64_t window = std::int64_t{30} * 24 * 3600 * 1'000'000;  // microseconds
  std::string name;
  bool instead = false;  // in place of those that name less, for what it counts
  // Its scope: "*" stands for any text; an empty list lets everything through.
  std::vector<std::string> targets, sources, classes, entitlements, effects;
};

struct Input {
  std::string_view plan;  // the bytes
  std::string digest;     // "sha256:..."
  std::vector<RuleText> rules;
  std::vector<StepText> steps;          // in order: the first that is about it says
  std::int64_t made_at = 0;             // of the plan, microseconds since 1970
  std::vector<std::string> rule_names;  // of Held::rules
  std::set<std::string> dates;          // attributes that rules compare as instants
  std::vector<Attribute> attributes;
  std::span<const std::uint8_t> lifecycle;  // state of each row, in state_names; 0xFF: nobody
  std::vector<std::string> state_names;
  std::set<std::string> ends;  // lifecycle states in which nothing stays: "left", "retired", "revoking"
  std::vector<Held> held;      // in the targets that the plan is about; empty for a plan about some people only
  Limits limits;               // of the guard without a scope
  std::vector<Limits> guards;  // those with one
  std::map<std::string, std::int64_t> accounts;                         // population of each target
  std::map<std::pair<std::string, std::string>, std::int64_t> classes;  // of that, by account class
  std::map<std::string, std::int64_t> sources;                          // population of a source
  std::int64_t identities = 0;                                          // of every other root of causes
  std::vector<Touched> before;                                          // at least of the longest window
  std::set<std::string> released;                                       // ids of causes that a person has looked at
};

struct Fault {
  std::string kind;    // "digest", "reason", "revocation", "order", "duplicate", "guard"
  std::string change;  // its id, or ""
  std::string text;
};

// Empty: nothing is wrong. In order of kind and of the plan, and the same whatever the workers are; of faults of one
// kind at most kFaultsMax.
inline constexpr std::size_t kFaultsMax = 1000;
std::vector<Fault> check(const Input& input);
std::vector<Fault> check(const Input& input, Workers& workers);

}  // namespace tenure::plan_check
