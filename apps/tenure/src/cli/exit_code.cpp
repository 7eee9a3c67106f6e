#include "cli/exit_code.hpp"

#include <algorithm>

namespace tenure::cli {

const std::vector<ExitInfo>& all_exits() {
  static const std::vector<ExitInfo> kTable = {
      {Exit::kOk, "ok", "it was done, or the answer is printed"},
      {Exit::kFailed, "failed", "it failed; the error says what is still true"},
      {Exit::kNotEmpty, "not_empty", "only with --exit-code: the printed counts are not all zero"},
      {Exit::kSignIn, "sign_in", "Tenure does not know who you are: sign in"},
      {Exit::kNotFound, "not_found", "what was named does not exist"},
      {Exit::kStale, "stale", "the digest or what it was based on has moved: look again"},
      {Exit::kRefused, "refused", "refused by policy, held, or an approval is missing"},
      {Exit::kPartly, "partly", "partly done, or work by hand is open"},
      {Exit::kBroken, "broken", "the evidence does not verify"},
      {Exit::kUsage, "usage", "the command line is not understood"},
      {Exit::kTimedOut, "timed_out", "the wait ended before the work did; nothing is lost"},
      {Exit::kInterrupted, "interrupted", "stopped on request; the command to resume is printed"}};
  return kTable;
}

Exit exit_of(const Error& error) {
  switch (error.reason()) {
    case Reason::kUsage:
      return Exit::kUsage;
    case Reason::kEvidenceBroken:
    case Reason::kCheckpointInvalid:
    case Reason::kProofInvalid:
    case Reason::kLogBehind:
    case Reason::kJournalBroken:
      return Exit::kBroken;
    case Reason::kInterrupted:
      return Exit::kInterrupted;
    case Reason::kWaitTimedOut:
      return Exit::kTimedOut;
    // A feed that is held is refused by policy, whatever is wrong with it.
    case Reason::kFeedEmpty:
    case Reason::kFeedTruncated:
    case Reason::kFeedColumnMissing:
    case Reason::kFeedDuplicateKey:
    case Reason::kFeedEncoding:
    case Reason::kFeedSyntax:
      return Exit::kRefused;
    // A target that refuses Tenure's credentials or rights is a failure of the connection: the person at the keyboard
    // cannot sign in or be approved to make it go away.
    case Reason::kTargetCredentials:
    case Reason::kTargetRights:
    case Reason::kSecretMissing:
      return Exit::kFailed;
    default:
      break;
  }
  switch (error.code()) {
    case Code::kNotFound:
      return Exit::kNotFound;
    case Code::kStale:
      return Exit::kStale;
    case Code::kDenied:
      return Exit::kRefused;
    case Code::kUnauthenticated:
      return Exit::kSignIn;
    default:
      return Exit::kFailed;
  }
}

std::string_view outcome_name(Exit exit) {
  const auto& table = all_exits();
  const auto it = std::find_if(table.begin(), table.end(), [&](const ExitInfo& info) { return info.exit == exit; });
  return it == table.end() ? "failed" : it->outcome;
}

Exit worse(Exit a, Exit b) {
  const auto rank = [](Exit exit) {
    switch (exit) {
      case Exit::kOk:
        return 0;
      case Exit::kNotEmpty:
        return 1;
      case Exit::kPartly:
        return 2;
      case Exit::kFailed:
        return 3;
      default:
        return 4;
    }
  };
  return rank(b) > rank(a) ? b : a;
}

}  // namespace tenure::cli
