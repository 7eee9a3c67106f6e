#include "cli/exit_code.hpp"

namespace tenure::cli {

Exit exit_of(const Error& error) {
  switch (error.reason()) {
    case Reason::kUsage: return Exit::kUsage;
    case Reason::kEvidenceBroken:
    case Reason::kCheckpointInvalid:
    case Reason::kProofInvalid:
    case Reason::kLogBehind: return Exit::kBroken;
    case Reason::kInterrupted: return Exit::kInterrupted;
    case Reason::kWaitTimedOut: return Exit::kTimedOut;
    // A feed that is held is refused by policy, whatever is wrong with it.
    case Reason::kFeedEmpty:
    case Reason::kFeedTruncated:
    case Reason::kFeedColumnMissing:
    case Reason::kFeedDuplicateKey:
    case Reason::kFeedEncoding:
    case Reason::kFeedSyntax: return Exit::kRefused;
    default: break;
  }
  switch (error.code()) {
    case Code::kNotFound: return Exit::kNotFound;
    case Code::kStale: return Exit::kStale;
    case Code::kDenied: return Exit::kRefused;
    case Code::kUnauthenticated: return Exit::kSignIn;
    default: return Exit::kFailed;
  }
}

const char* outcome_name(Exit exit) {
  switch (exit) {
    case Exit::kOk: return "ok";
    case Exit::kFailed: return "failed";
    case Exit::kNotEmpty: return "not_empty";
    case Exit::kSignIn: return "sign_in";
    case Exit::kNotFound: return "not_found";
    case Exit::kStale: return "stale";
    case Exit::kRefused: return "refused";
    case Exit::kPartly: return "partly";
    case Exit::kBroken: return "broken";
    case Exit::kUsage: return "usage";
    case Exit::kTimedOut: return "timed_out";
    case Exit::kInterrupted: return "interrupted";
  }
  return "failed";
}

}  // namespace tenure::cli
