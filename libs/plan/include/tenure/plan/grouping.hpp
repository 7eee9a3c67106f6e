// A plan as people look at it: groups by cause, target or identity, with counts per symbol and the highest risk.
// Console and command line both show these values, so that they agree. Values; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <tenure/plan/plan.hpp>

namespace tenure::plan {

enum class GroupBy : std::uint8_t { kCause, kTarget, kIdentity, kLane };

struct Counts {
  std::map<char, std::int64_t> by_symbol;  // of symbol_of(); only what is there
  std::int64_t total = 0;
  std::int64_t privileged = 0;
  std::int64_t manual = 0;
  model::Risk risk_max = model::Risk::kLow;
  void count(const Change& change);
  // "12 +  3 -  1 m": in the order + ~ - < m
  std::string to_string() const;
};

struct Group {
  std::string key;    // key_of() of each of its changes
  std::string title;  // cause text, target name, or identity number; the caller knows better names for identities
  Counts counts;
  std::vector<const Change*> changes;  // in the order of the plan; they point into it
};

// Cause id, target name, identity number ("0": nobody's), or name of the lane.
std::string key_of(const Change& change, GroupBy by);

// Ordered: by cause, what takes away first, then by title; by target by name; by identity by number;
// by lane as they go.
std::vector<Group> grouped(const Plan& plan, GroupBy by);
Counts counted(const Plan& plan);

// One line without target and identity: "grant vpn", "create account aberg", "department: Sales -> Finance".
std::string describe(const Change& change);

}  // namespace tenure::plan
