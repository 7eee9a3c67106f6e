// Of whom a line of the policy is true and of whom it is undecided, for everyone at once. The answers are those of
// policy::Subject::line().
#pragma once

#include "lives.hpp"

#include <cstdint>
#include <string>
#include <vector>

#include <tenure/base/workers.hpp>
#include <tenure/model/identity.hpp>
#include <tenure/policy/policy_set.hpp>
#include <tenure/population/population.hpp>

namespace tenure::plan {

struct LineRows {
  std::vector<population::IdentityIndex> truth, unknown;  // rows, ascending
  // What its conditions read, at most kReadsMax; of each row in `unknown`, which of them are unknown (a bit each).
  static constexpr std::size_t kReadsMax = 64;
  std::vector<std::string> reads;
  std::vector<std::uint64_t> because;
};

struct LinesAsked {
  std::vector<std::uint32_t> lines;  // numbers in policy.lines, ascending
  const AllLives* lives = nullptr;
};

// By number in policy.lines; those that were not asked for are empty.
std::vector<LineRows> line_rows(const policy::PolicySet& policy, const population::Population& population,
                                const LinesAsked& asked, Workers& workers);

}  // namespace tenure::plan
