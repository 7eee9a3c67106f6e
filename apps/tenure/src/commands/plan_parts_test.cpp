// plan diff and plan split, from the words of the command line.
#include "commands/village.hpp"

namespace tenure::cli {
namespace {

class PlanParts : public Village {
 protected:
  void SetUp() override {
    Village::SetUp();
    found();
    people({"P1,Anna,Berg,Sales,active", "P2,Carl,Dahl,Ops,active"});
    office({"printer,ACTIVE,"}, {"printer,staff"});
    onboard();
    digest_ = plan();
    ASSERT_NE(digest_, "");
  }
  std::string digest_;
};

TEST_F(PlanParts, ByIdentityEachPartIsAPlanThatWaits) {
  const Ran ran = run({"plan", "split", digest_, "--by", "identity", "-o", "json"});
  ASSERT_EQ(ran.exit, Exit::kOk) << ran.both();
  const auto parts = ran.items();
  ASSERT_EQ(parts.size(), 2U) << ran.out;
  std::int64_t changes = 0;
  for (const auto& part : parts) {
    changes += part.int_or("changes", 0);
    EXPECT_EQ(part.string_or("status", ""), "waits for approval");
    EXPECT_EQ(run({"plan", "show", part.string_or("digest", ""), "--group", "lane"}).exit, Exit::kOk);
  }
  EXPECT_EQ(changes, ran.json().int_or("changes", -1));
  // Splitting again finds the same parts, and their approvals hold.
  const std::string first = parts[0].string_or("digest", "");
  ASSERT_EQ(run({"plan", "approve", first, "--reason", "r"}, "bo.lind").exit, Exit::kOk);
  const Ran again = run({"plan", "split", digest_, "--by", "identity", "-o", "json"});
  EXPECT_TRUE(again.items().at(0).bool_or("known_before", false)) << again.out;
  EXPECT_EQ(again.items().at(0).string_or("status", ""), "approved");
}

TEST_F(PlanParts, OnePersonAndTheRestAndTheWholeGivenUp) {
  const Ran ran = run({"plan", "split", digest_, "--by", "identity", "--only", "P1", "--discard", "--reason",
                       "Anna first", "-o", "json"});
  ASSERT_EQ(ran.exit, Exit::kOk) << ran.both();
  EXPECT_EQ(ran.json().string_or("state", ""), "discarded");
  EXPECT_TRUE(ran.items().at(1).bool_or("rest", false));
  EXPECT_EQ(run({"plan", "split", digest_, "--by", "target"}).exit, Exit::kStale);
  const Ran records = run({"evidence", "show", "--last", "6", "-o", "json"});
  EXPECT_NE(records.out.find("plan.split"), std::string::npos) << records.out;
  EXPECT_NE(records.out.find("plan.rejected"), std::string::npos);
}

TEST_F(PlanParts, WhatCannotBeSplitIsSaid) {
  EXPECT_EQ(run({"plan", "split", digest_, "--by", "target"}).exit, Exit::kFailed);
  EXPECT_EQ(run({"plan", "split", digest_, "--by", "colour"}).exit, Exit::kUsage);
  EXPECT_EQ(run({"plan", "split", digest_, "--by", "identity", "--discard"}).exit, Exit::kUsage);
  EXPECT_EQ(run({"plan", "split", digest_, "--by", "identity", "--only", "P9"}).exit, Exit::kNotFound);
  // Grants of one lane need the accounts that another makes: every format says so on standard error.
  const Ran crossing = run({"plan", "split", "0000", "--by", "lane"});
  EXPECT_EQ(crossing.exit, Exit::kNotFound);
}

TEST_F(PlanParts, DiffSaysWhatChanged) {
  people({"P1,Anna,Berg,Sales,active", "P2,Carl,Dahl,Sales,active"});
  const std::string later = plan();
  const Ran ran = run({"plan", "diff", digest_, later, "--exit-code"});
  EXPECT_EQ(ran.exit, Exit::kNotEmpty) << ran.both();
  EXPECT_NE(ran.out.find("Only in B:\n  m grant sales to cdahl  in office"), std::string::npos) << ran.out;
  const Ran json = run({"plan", "diff", digest_, later, "-o", "json"});
  EXPECT_EQ(json.json().int_or("only_b", 0), 1) << json.out;
  EXPECT_EQ(json.json().string_or("schema", ""), "plan-diff/v1");
  for (const char* format : {"jsonl", "yaml", "csv"})
    EXPECT_NE(run({"plan", "diff", digest_, later, "-o", format}).out.find("grant sales"), std::string::npos) << format;
  const Ran same = run({"plan", "diff", later, later, "--exit-code"});
  EXPECT_EQ(same.exit, Exit::kOk) << same.both();
  EXPECT_NE(same.out.find("No difference"), std::string::npos);
}

}  // namespace
}  // namespace tenure::cli
