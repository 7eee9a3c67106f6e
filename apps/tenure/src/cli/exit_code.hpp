// One table of exit codes for every command (docs/operations/cli.md). They never change meaning.
#pragma once

#include <string_view>
#include <vector>

#include <tenure/base/error.hpp>

namespace tenure::cli {

enum class Exit : int {
  kOk = 0,
  kFailed = 1,
  kNotEmpty = 2,  // only with --exit-code: the printed counts are not all zero
  kSignIn = 4,
  kNotFound = 5,
  kStale = 6,    // digest or base moved
  kRefused = 7,  // refused by policy, held, or approval missing
  kPartly = 8,   // partly applied, or manual work open
  kBroken = 9,   // evidence does not verify
  kUsage = 64,
  kTimedOut = 124,
  kInterrupted = 130
};

struct ExitInfo {
  Exit exit;
  std::string_view outcome;  // the member "outcome" of every JSON document
  std::string_view meaning;
};
// In order of the codes.
const std::vector<ExitInfo>& all_exits();

Exit exit_of(const Error& error);
std::string_view outcome_name(Exit exit);
// Of several targets, feeds or changes: 1 beats 8 beats 2 beats 0; anything else beats those four.
Exit worse(Exit a, Exit b);

}  // namespace tenure::cli
