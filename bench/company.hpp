// The company of the published figures: generated from a seed, the same on every machine and at every time.
//
// A million people with 18 attributes; 1.3 accounts each in eight targets; 20,000,000 observed grants of 8,000
// entitlements. A thousand roles give what is in the managed scope (80 % of the grants; 10 % of all are rights that are
// nested in others, 5 % have parameters), nobody's rules give the rest, which is outside it. Then hands have changed
// 0.1 % of the grants, half taken away and half added, and 1 % of the people have moved since the targets were read:
// their facts are the new ones, their access the old one. 3 % of all facts are unknown, with the last known value
// beside.
//
// Everything here is plain arrays, made without the code that is measured, so that answers can be checked against
// expected_of().
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tenure/policy/load.hpp>

namespace tenure::bench {

struct CompanySize {
  std::size_t identities = 1'000'000;
  std::size_t rules = 1'000;
  std::size_t departments = 200;
  std::size_t entitlements = 8'000;
  std::uint64_t seed = 1;
  // 1 is the published one. Below a tenth there are as many times fewer people, and a tenth of rules, departments and
  // entitlements.
  static CompanySize of(double size);
};

// One attribute of everyone. `values` may be empty for one that differs from person to person: see text().
struct Attribute {
  std::string name;
  bool is_number = false;
  std::vector<std::string> values;   // by code
  std::vector<std::uint32_t> codes;  // by identity; of an unknown fact: what was last known
  std::vector<bool> unknown;         // by identity
  const std::string& text(std::size_t identity) const { return values[codes[identity]]; }
};

// Lifecycle, as the engagement says it.
enum class Working : std::uint8_t { kActive, kOnLeave, kLeft };

// The attributes that conditions read.
inline constexpr std::array<std::string_view, 6> kReadByRules = {"department", "site",   "level",
                                                                 "country",    "status", "worker_type"};

// department == A && (site == B || level >= n), or
// country in [A, B, C] && status == s && !(worker_type == w). Codes of the attributes.
struct Rule {
  bool by_department = true;
  std::uint32_t department = 0, site = 0, level = 0;
  std::array<std::uint32_t, 3> countries{};
  std::uint32_t status = 0, worker_type = 0;
  std::vector<std::uint32_t> entitlements;  // numbers in Company::entitlements
};

struct Entitlement {
  std::uint32_t target = 0;
  std::uint32_t index = 0;  // in its target
  std::string id;
  bool managed = true;
  std::string access;  // parameter "access" with which it is given; "" = none
};

// Sorted accounts per entitlement of one target: accounts of entitlement e are [offsets[e], offsets[e + 1]).
struct Holding {
  std::vector<std::uint64_t> offsets;
  std::vector<std::uint32_t> accounts;
};

struct CompanyTarget {
  std::string name;
  std::vector<std::uint32_t> owners;                             // by account: its identity; ascending
  std::vector<std::uint32_t> entitlements;                       // by index: its number
  Holding observed, given;                                       // given: what decisions say that roles gave before
  std::vector<std::pair<std::uint32_t, std::uint32_t>> nesting;  // indices: the first is held by the second
};

inline constexpr std::int32_t kToday = 20'777;  // 2026-11-20, in days since 1970

struct Company {
  CompanySize size;
  std::vector<Attribute> attributes;
  std::vector<Working> working;                // by identity
  std::vector<std::int32_t> hired;             // days since 1970
  std::vector<std::uint32_t> superior;         // identity of the line manager; itself: nobody
  std::vector<std::string> logins;             // by identity: the name allocated in the directory
  std::vector<std::uint32_t> department_read;  // codes of department when the targets were read
  std::vector<std::uint32_t> movers;           // ascending
  std::vector<Rule> rules;
  std::vector<Entitlement> entitlements;
  std::vector<CompanyTarget> targets;  // the first is the directory, where everybody has an account

  Attribute& attribute(std::string_view name);
  const Attribute& attribute(std::string_view name) const;
  std::size_t accounts() const;
  std::size_t grants() const;  // observed
};

Company make_company(const CompanySize& size);

enum class Holds : std::uint8_t { kNo, kYes, kUnknown };
// Whether the condition of a rule holds for somebody, unknown facts being unknown. Says nothing of the lifecycle.
Holds holds(const Company& company, const Rule& rule, std::size_t identity);

// Which identities each rule is true and unknown of, ascending; the lifecycle is not looked at.
struct Members {
  std::vector<std::uint32_t> yes, unknown;
};
std::vector<Members> members_of(const Company& company);

// Number and checksum of a set of (entitlement, identity).
struct GrantSum {
  std::int64_t count = 0;
  std::int64_t sum = 0;  // of entitlement number * 1,000,003 + identity row
  void add(std::uint32_t entitlement, std::uint32_t identity) {
    ++count;
    sum += std::int64_t{entitlement} * 1'000'003 + identity;
  }
  friend bool operator==(const GrantSum&, const GrantSum&) = default;
};

// What planning for this company must find in the managed scope.
struct Expected {
  GrantSum missing;  // a rule wants it, it is not there
  GrantSum extra;    // it is there, and no rule wants it or may want it
  // Of `missing`, those that had been given before: taken away by hands.
  GrantSum taken;
};
Expected expected_of(const Company& company);

// The condition of a rule as CEL, and as SQL over a table with one column per attribute.
std::string cel_of(const Company& company, const Rule& rule);
std::string sql_of(const Company& company, const Rule& rule);
// The same in two parts, of which both must hold: what many rules have in common (department = 'A', status = 's'), and
// the rest.
struct RuleParts {
  std::string common, rest;
};
RuleParts sql_parts_of(const Company& company, const Rule& rule);

// By entitlement number: the first rule that gives it; kNobodysRule for what everybody has, or no rule gives.
inline constexpr std::uint32_t kNobodysRule = 0xFFFFFFFF;
std::vector<std::uint32_t> givers_of(const Company& company);
// The id of an account in its target.
std::string account_id(const CompanyTarget& target, std::size_t account);
// Parameters in canonical JSON, "" for none.
std::string parameters_of(const Entitlement& entitlement);

// Name of the role document of rule number `rule`: "rule-17".
std::string role_name(std::size_t rule);
// The whole policy repository.
std::vector<policy::Document> policy_of(const Company& company);

}  // namespace tenure::bench
