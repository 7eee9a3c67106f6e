// What the rules of a policy set say about one identity: the planner's questions. Pure; any thread, one Subject per
// thread.
//
// Three-valued: what rests on an unknown fact is unknown (never false), and so is an expression that fails on its input
// (a missing list element, a cost limit). Unknown keeps what exists, adds nothing, and is listed by the planner.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tenure/base/json.hpp>
#include <tenure/model/identity.hpp>
#include <tenure/policy/policy_set.hpp>

namespace tenure::cel {
class Activation;
}

namespace tenure::policy {

enum class Truth : std::uint8_t { kFalse, kTrue, kUnknown };

// Facts by attribute name, in byte order; a fact that is unknown is left out (see `trouble`).
using FactList = std::vector<std::pair<std::string, json::Value>>;

struct Verdict {
  Truth truth = Truth::kFalse;
  FactList facts;                    // that it rests on
  std::string trouble;               // of kUnknown, for people: "level is unknown"; never a value
  std::vector<std::string> unknown;  // attributes that it reads and that are unknown
};

struct Computed {
  bool unknown = false;
  json::Value value;  // null: there is none
  FactList facts;
  std::string trouble;
  std::vector<std::string> unknown_attributes;  // that it reads
};

// Names allocated to the identity: attribute -> name ({"uid": "aberg"}). What is not allocated yet is unknown.
using AllocatedNames = std::map<std::string, std::string, std::less<>>;

// The values of a parametric line for an identity.
struct Values {
  bool unknown = false;
  std::vector<std::string> values;              // usable ones, in byte order, each once
  std::string trouble;                          // of unknown, or of those that are not usable; never a value
  std::vector<std::string> unknown_attributes;  // that the expression reads
  FactList facts;
};

// One identity, ready for any number of expressions. REQUIRES: set and identity outlive it.
class Subject {
 public:
  Subject(const PolicySet& set, const model::Identity& identity, AllocatedNames names = {});
  ~Subject();
  Subject(Subject&&) noexcept;
  Subject& operator=(Subject&&) noexcept;

  // Names that were allocated since.
  void set_names(AllocatedNames names);

  // Over `identity`: Expression of RoleDoc::assign, RoleGrant::when.
  Verdict condition(const Expression& expression) const;
  // Over `identity` and `account`: attribute rules, logins, allocation bases, correlation values.
  Computed value(const Expression& expression) const;
  // The same without what it rests on: no facts, no trouble, no unknown attributes.
  Computed value_alone(const Expression& expression) const;

  // Does the line give its grant? False in lifecycle states that it does not name and for other kinds of identity; else
  // all its conditions, with the facts of all. What is false has no facts: ask condition() why.
  Verdict line(const GrantLine& line, model::LifecycleState state) const;

  // What a line rests on that is true or undecided: the facts that line() says, for a caller who knows the answer.
  FactList facts_of(const GrantLine& line) const;

  Values values(const ForEach& for_each) const;

  // May the role be asked for, for this identity? True without `allowed_if`.
  Verdict may_request(const RequestDoc& request) const;

  // Does the role apply? False in lifecycle states that it does not name and for kinds of identity that none of its
  // account classes is for; else its `assign`.
  Verdict role(const RoleDoc& role, model::LifecycleState state) const;
  // Given that the role applies: does this grant of it? False when its account class is for another kind of identity.
  Verdict grant(const RoleGrant& grant) const;

 private:
  Verdict verdict(const Expression& expression, bool facts_of_false) const;

  const PolicySet* set_;
  const model::Identity* identity_;
  std::unique_ptr<cel::Activation> activation_;
  // The lines of one role stand together and begin with the same condition: it is evaluated once. Conditions are over
  // `identity` alone, so that new names do not change it.
  mutable const Expression* first_ = nullptr;
  mutable Verdict first_verdict_;
};

// The n-th candidate for a unique name (n from 1): base, base2, base3, ... The base is shortened, at a character, so
// that the whole has at most length_max bytes; the number is never cut.
std::string candidate(const AllocationRule& rule, std::string_view base, std::size_t n);

// By attribute name, over all roles: PolicySet::allocations.
const std::map<std::string, AllocationPlace, std::less<>>& allocation_places(const PolicySet& set);

// The variable `change` of approval rules.
struct ChangeFacts {
  std::string verb;  // "grant", as plan::name_of(Verb)
  std::string kind;  // "grant", "account", ...
  std::string risk;  // "privileged"
  std::string target;
  std::string entitlement;  // "" for accounts
  std::string purpose;      // of the account: "admin"
  std::string state;        // lifecycle state of its identity; "" for an orphan
  std::string cause;        // kind of its cause: "source_row"
  bool takes_away = false;
  bool manual = false;
};

// The rules that a change needs, in the order of PolicySet::approvals: those whose `when` holds or cannot be decided
// (a failing rule asks, it never lets pass), or else the `otherwise` rules.
std::vector<const ApprovalRule*> approvals_for(const PolicySet& set, const ChangeFacts& change);

}  // namespace tenure::policy
