// One table of exit codes for every command (docs/operations/cli.md). They never change meaning.
#pragma once

#include <tenure/base/error.hpp>

namespace tenure::cli {

enum class Exit : int {
  kOk = 0,
  kFailed = 1,
  kNotEmpty = 2,     // only with --exit-code: the printed counts are not all zero
  kSignIn = 4,
  kNotFound = 5,
  kStale = 6,        // digest or base moved
  kRefused = 7,      // refused by policy, held, or approval missing
  kPartly = 8,       // partly applied, or manual work open
  kBroken = 9,       // evidence does not verify
  kUsage = 64,
  kTimedOut = 124,
  kInterrupted = 130
};

Exit exit_of(const Error& error);
// "ok", "failed", "not_empty", ...: the member "outcome" of every JSON document.
const char* outcome_name(Exit exit);

}  // namespace tenure::cli
