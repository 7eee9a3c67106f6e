// Of whom a line of the policy is true and of whom it is undecided, for everyone at once. The answers are those of
// policy::Subject::line().
#pragma once

#include "lives.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <tenure/base/workers.hpp>
#include <tenure/model/identity.hpp>
#include <tenure/policy/policy_set.hpp>
#include <tenure/population/population.hpp>

namespace tenure::plan {

// Identities of whom conditions are true, and of whom they are undecided: rows, ascending.
struct RowSet {
  std::vector<population::IdentityIndex> truth, unknown;
  std::vector<std::string> reads;  // attributes that the conditions read
};

// Lines of one role have the same conditions for many grants: each set is there once.
struct LineRows {
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;
  std::vector<RowSet> sets;
  std::vector<std::uint32_t> set_of;  // by number in policy.lines; kNone: was not asked for
  // Of every attribute in `reads` of a set that is undecided of somebody: whom it is unknown of, as expressions see it.
  std::map<std::string, population::Bitmap> unknown_facts;

  const RowSet& of(std::uint32_t line) const { return sets[set_of[line]]; }
};

struct LinesAsked {
  std::vector<std::uint32_t> lines;  // numbers in policy.lines, ascending
  const AllLives* lives = nullptr;
};

LineRows line_rows(const policy::PolicySet& policy, const population::Population& population, const LinesAsked& asked,
                   Workers& workers);

}  // namespace tenure::plan
