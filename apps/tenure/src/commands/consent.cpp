#include "commands/consent.hpp"

#include "commands/plan_view.hpp"
#include "commands/words.hpp"

#include <cstdio>

#include <unistd.h>

#include <tenure/base/text.hpp>

namespace tenure::cli {
namespace {

std::string typed_line() {
  std::string line;
  for (int c = std::fgetc(stdin); c != EOF && c != '\n'; c = std::fgetc(stdin)) line += static_cast<char>(c);
  return std::string(trim(line));
}

}  // namespace

bool needs_consent(const plan::Plan& plan) {
  const Stakes stakes = stakes_of(plan);
  return stakes.takes_away > 0 || stakes.people > 1;
}

bool names_whole(const Digest& digest, const std::string& given) {
  return !digest.empty() && given == digest.str();
}

bool names_brief(const Digest& digest, const std::string& typed) {
  return !digest.empty() && (typed == digest.brief() || typed == digest.str());
}

Status ask_consent(const Call& call, const app::StoredPlan& stored) {
  if (call.arguments.has("approve")) {
    if (names_whole(stored.digest, call.arguments.text("approve"))) return {};
    return fail(Reason::kApprovalMissing, "--approve names another content than " + stored.digest.str());
  }
  if (!needs_consent(stored.plan)) return {};
  const Stakes stakes = stakes_of(stored.plan);
  const std::string counts = symbol_counts(stored.plan) + ": " + count_of(stakes.changes, "change") + " for " +
                             count_of(stakes.people, "person", "people") + " on " + count_of(stakes.targets, "target") +
                             ", " + thousands(stakes.takes_away) + " of them take access away";
  if (::isatty(STDIN_FILENO) == 0 || ::isatty(STDERR_FILENO) == 0)
    return fail(Reason::kApprovalMissing, counts + "; without a terminal, give --approve " + stored.digest.str());
  std::fprintf(stderr, "%s\nType %s to go on, anything else to stop: ", counts.c_str(), stored.digest.brief().c_str());
  std::fflush(stderr);
  if (names_brief(stored.digest, typed_line())) return {};
  return fail(Reason::kApprovalMissing, "the short digest was not typed; nothing was done");
}

}  // namespace tenure::cli
