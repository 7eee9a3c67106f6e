#include "cli/exit_code.hpp"

#include <set>

#include <gtest/gtest.h>

namespace tenure::cli {
namespace {

TEST(ExitCode, TableIsWhatTheDocumentationPromises) {
  std::vector<int> codes;
  std::set<std::string_view> words;
  for (const auto& info : all_exits()) {
    codes.push_back(static_cast<int>(info.exit));
    words.insert(info.outcome);
    EXPECT_EQ(outcome_name(info.exit), info.outcome);
  }
  EXPECT_EQ(codes, (std::vector<int>{0, 1, 2, 4, 5, 6, 7, 8, 9, 64, 124, 130}));
  EXPECT_EQ(words.size(), codes.size());
}

TEST(ExitCode, OfErrors) {
  const std::vector<std::pair<Reason, Exit>> cases = {{Reason::kUsage, Exit::kUsage},
                                                      {Reason::kPlanNotFound, Exit::kNotFound},
                                                      {Reason::kPlanStale, Exit::kStale},
                                                      {Reason::kStoreConflict, Exit::kStale},
                                                      {Reason::kPlanNotApproved, Exit::kRefused},
                                                      {Reason::kApprovalMissing, Exit::kRefused},
                                                      {Reason::kGuardHeld, Exit::kRefused},
                                                      {Reason::kSelfApproval, Exit::kRefused},
                                                      {Reason::kFeedEmpty, Exit::kRefused},
                                                      {Reason::kFeedTruncated, Exit::kRefused},
                                                      {Reason::kFeedColumnMissing, Exit::kRefused},
                                                      {Reason::kFeedDuplicateKey, Exit::kRefused},
                                                      {Reason::kFeedEncoding, Exit::kRefused},
                                                      {Reason::kFeedShrunk, Exit::kRefused},
                                                      {Reason::kEvidenceBroken, Exit::kBroken},
                                                      {Reason::kLogBehind, Exit::kBroken},
                                                      {Reason::kInterrupted, Exit::kInterrupted},
                                                      {Reason::kWaitTimedOut, Exit::kTimedOut},
                                                      // Not about the person at the keyboard:
                                                      {Reason::kTargetCredentials, Exit::kFailed},
                                                      {Reason::kTargetRights, Exit::kFailed},
                                                      {Reason::kSecretMissing, Exit::kFailed},
                                                      {Reason::kTargetUnreachable, Exit::kFailed},
                                                      {Reason::kStoreFull, Exit::kFailed},
                                                      {Reason::kInternal, Exit::kFailed}};
  for (const auto& [reason, exit] : cases) EXPECT_EQ(exit_of(Error(reason, "x")), exit) << reason_info(reason).name;
}

// 2 and 8 are outcomes of work that was done; an error never looks like one of them, nor like success.
TEST(ExitCode, NoErrorLooksLikeSuccess) {
  for (const auto& info : all_reasons()) {
    const Exit exit = exit_of(Error(info.reason, "x"));
    EXPECT_NE(exit, Exit::kOk) << info.name;
    EXPECT_NE(exit, Exit::kNotEmpty) << info.name;
    EXPECT_NE(exit, Exit::kPartly) << info.name;
  }
}

TEST(ExitCode, OverManyOneBeatsEightBeatsTwoBeatsZero) {
  const std::vector<Exit> order = {Exit::kOk, Exit::kNotEmpty, Exit::kPartly, Exit::kFailed};
  for (std::size_t a = 0; a < order.size(); ++a)
    for (std::size_t b = 0; b < order.size(); ++b) EXPECT_EQ(worse(order[a], order[b]), order[std::max(a, b)]);
  EXPECT_EQ(worse(Exit::kFailed, Exit::kBroken), Exit::kBroken);
}

}  // namespace
}  // namespace tenure::cli
