// Denial, withdrawal and expiry of approvals; break-glass on a target without an interface; obligations and waivers;
// work orders that are given back, rejected, noted and witnessed.
#include "commands/village.hpp"
#include "environment.hpp"

#include <algorithm>
#include <filesystem>

#include <tenure/base/clock.hpp>

namespace tenure::cli {
namespace {

constexpr const char* kApprovals = R"(apiVersion: tenure/v1
kind: Approval
metadata: { name: leaver, owner: cai.moe }
when: change.takes_away
standing: true
limit: 2
---
apiVersion: tenure/v1
kind: Approval
metadata: { name: ordinary, owner: bo.lind }
otherwise: true
approvers: [operators]
---
apiVersion: tenure/v1
kind: BreakGlass
metadata: { name: emergency, owner: cai.moe }
who: [operators]
confirm: [security]
reviewers: [operators, security]
)";

class Emergency : public Village {
 protected:
  void SetUp() override {
    Village::SetUp();
    found(kApprovals);
    people({"P1,Anna,Berg,Sales,active", "P2,Carl,Dahl,Sales,active"});
    office({"aberg,ACTIVE,P1", "cdahl,ACTIVE,P2"}, {"aberg,staff", "aberg,sales", "cdahl,staff", "cdahl,sales"});
  }
  json::Value only(std::vector<std::string> words) const {
    words.insert(words.end(), {"-o", "json"});
    const auto items = run(words).items();
    EXPECT_EQ(items.size(), 1U) << words[0] << " " << words[1];
    return items.empty() ? json::Value() : items.front();
  }
  // Anna has moved away from Sales: one revocation, by hand.
  std::string issue_one() {
    onboard();
    people({"P1,Anna,Berg,Legal,active", "P2,Carl,Dahl,Sales,active"});
    digest_ = plan();
    EXPECT_NE(digest_, "");
    const Ran applied = run({"apply", digest_, "--approve", digest_});
    EXPECT_EQ(applied.exit, Exit::kPartly) << applied.both();
    return only({"workorder", "list"}).string_or("id", "");
  }
  std::string digest_;
};

TEST_F(Emergency, ADenialStandsUntilItIsTakenBack) {
  for (const char* noun : {"source", "target"})
    ASSERT_EQ(run({noun, noun == std::string("source") ? "pull" : "read"}).exit, Exit::kOk);
  const std::string digest =
      run({"plan", "create", "--onboard", "office", "-o", "json"}).json().string_or("digest", "");
  ASSERT_NE(digest, "");
  EXPECT_EQ(run({"approval", "list", "--mine", "-o", "json"}, "dee.roy").items().size(), 1U);
  EXPECT_TRUE(run({"approval", "list", "--mine", "-o", "json"}, "cai.moe").items().empty());
  EXPECT_EQ(run({"approval", "deny", digest, "--reason", "not yet"}, "cai.moe").exit, Exit::kRefused);
  EXPECT_EQ(run({"approval", "deny", digest, "--reason", "not yet"}, "dee.roy").exit, Exit::kOk);
  EXPECT_EQ(run({"approval", "give", digest, "--reason", "seen", "--release", "all"}, "bo.lind").exit, Exit::kOk);
  EXPECT_EQ(run({"apply", digest, "--approve", digest}).exit, Exit::kRefused);
  EXPECT_NE(run({"approval", "show", digest}).out.find("denied by operator:dee.roy: not yet"), std::string::npos);
  EXPECT_EQ(run({"approval", "withdraw", digest, "--reason", "x"}, "cai.moe").exit, Exit::kFailed);
  EXPECT_EQ(run({"approval", "withdraw", digest, "--reason", "it was explained"}, "dee.roy").exit, Exit::kOk);
  EXPECT_EQ(run({"apply", digest, "--approve", digest}).exit, Exit::kOk);
  EXPECT_EQ(run({"approval", "withdraw", digest, "--reason", "too late"}, "bo.lind").exit, Exit::kStale);
}

TEST_F(Emergency, AStandingApprovalNamesItsPolicyAndEndsAtItsLimit) {
  const std::string order = issue_one();
  ASSERT_NE(order, "");
  const auto said = run({"approval", "show", digest_, "-o", "json"}).items();
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].string_or("answer", ""), "standing");
  EXPECT_EQ(said[0].string_or("limit", ""), "at most 2 changes of one plan");
  EXPECT_TRUE(said[0].string_or("policy", "").starts_with("sha256:"));
}

TEST_F(Emergency, AWorkOrderIsGivenBackRejectedAndNoted) {
  const std::string id = issue_one();
  write("proof.txt", "what was seen");
  EXPECT_EQ(run({"workorder", "claim", id}, "gus.holm").exit, Exit::kOk);
  EXPECT_EQ(run({"workorder", "release", id, "--reason", "ill"}, "dee.roy").exit, Exit::kFailed) << "not hers";
  EXPECT_EQ(run({"workorder", "release", id, "--reason", "ill"}, "gus.holm").exit, Exit::kOk);
  EXPECT_EQ(only({"workorder", "list"}).string_or("state", ""), "open");
  EXPECT_EQ(run({"workorder", "reject", id, "--reason", "the cabinet is locked"}, "dee.roy").exit, Exit::kOk);
  EXPECT_NE(run({"workorder", "show", id}).out.find("cannot be done: the cabinet is locked"), std::string::npos);
  EXPECT_EQ(run({"workorder", "note", id, "--text", "key is with Bo", "--file", folder_ + "/proof.txt"}).exit,
            Exit::kOk);
  const json::Value order = run({"workorder", "show", id, "-o", "json"}).json();
  const json::Value& file = order.find("attachments")->as_array().at(0);
  EXPECT_EQ(file.int_or("size", 0), 13);
  EXPECT_EQ(file.string_or("name", ""), "proof.txt");
  EXPECT_TRUE(std::filesystem::exists(folder_ + "/state/attachments/" + file.string_or("digest", "").substr(7)));
  EXPECT_EQ(run({"workorder", "witness", id, "--saw", "it"}, "dee.roy").exit, Exit::kFailed) << "it can be read";
  EXPECT_EQ(run({"workorder", "done", id, "--statement", "taken out"}, "gus.holm").exit, Exit::kOk);
  office({"aberg,ACTIVE,P1", "cdahl,ACTIVE,P2"}, {"aberg,staff", "cdahl,staff", "cdahl,sales"});
  EXPECT_EQ(run({"target", "read"}).exit, Exit::kOk);
  EXPECT_EQ(run({"workorder", "show", id, "-o", "json"}).json().string_or("state", ""), "verified");
}

TEST_F(Emergency, ARunIsWatchedWhileAnotherProcessHoldsTheFolder) {
  const std::string order = issue_one();
  const Ran shown = run({"run", "show", "-o", "json"});
  const json::Value story = shown.json();
  EXPECT_EQ(story.string_or("plan", ""), digest_);
  EXPECT_TRUE(story.string_or("policy", "").starts_with("sha256:"));
  EXPECT_EQ(story.find("causes")->as_array().size(), 1U);
  ASSERT_EQ(shown.items().size(), 1U);
  EXPECT_EQ(shown.items()[0].string_or("waits", ""), order + ", open: bo.lind");
  {
    const auto held = program_environment().open_store(folder_ + "/state", false);
    ASSERT_TRUE(held);
    EXPECT_EQ(run({"status"}).exit, Exit::kFailed) << "locked";
    const Ran open = run({"run", "watch", "--every", "10ms", "--wait", "50ms"});
    EXPECT_EQ(open.exit, Exit::kTimedOut) << open.both();
    EXPECT_NE(open.out.find(order), std::string::npos) << open.out;
  }
  office({"aberg,ACTIVE,P1", "cdahl,ACTIVE,P2"}, {"aberg,staff", "cdahl,staff", "cdahl,sales"});
  EXPECT_EQ(run({"target", "read"}).exit, Exit::kOk);
  EXPECT_EQ(run({"run", "watch"}).exit, Exit::kOk) << "it has ended";
}

TEST_F(Emergency, AnObligationIsWaivedUnderANameAndOwedAgain) {
  issue_one();
  const std::string id = only({"obligation", "list"}).string_or("id", "");
  ASSERT_NE(id, "");
  EXPECT_EQ(run({"obligation", "waive", id, "--until", "2020-01-01", "--reason", "x"}).exit, Exit::kFailed);
  EXPECT_EQ(run({"obligation", "waive", id, "--until", "1s", "--reason", "x"}, "aberg").exit, Exit::kRefused) << "T15";
  EXPECT_EQ(run({"obligation", "waive", id, "--until", "1s", "--reason", "x"}, "stranger").exit, Exit::kRefused);
  const Ran waived = run({"obligation", "waive", id, "--until", "2s", "--reason", "the archive is closed"}, "dee.roy");
  ASSERT_EQ(waived.exit, Exit::kOk) << waived.both();
  EXPECT_TRUE(run({"obligation", "list", "-o", "json"}).items().empty());
  // It is owed again, by itself.
  const Duration deadline = make_system_clock()->monotonic() + Duration::seconds(60);
  while (run({"obligation", "list", "-o", "json"}).items().empty())
    ASSERT_LT(make_system_clock()->monotonic(), deadline);
  const json::Value again = only({"obligation", "list"});
  EXPECT_EQ(again.string_or("state", ""), "open");
  EXPECT_NE(again.string_or("waiver", "").find("the archive is closed"), std::string::npos);
  const Ran longer = run({"obligation", "waive", id, "--until", "30d", "--reason", "still closed"}, "dee.roy");
  ASSERT_EQ(longer.exit, Exit::kOk) << longer.both();
  EXPECT_TRUE(run({"obligation", "list", "-o", "json"}).items().empty());
  EXPECT_EQ(only({"obligation", "list", "--all"}).string_or("state", ""), "waived");
  EXPECT_EQ(run({"evidence", "verify"}).exit, Exit::kOk);
}

TEST_F(Emergency, ABreakGlassIsNotClosedBeforeItsWorkIsVerified) {
  onboard();
  const Ran opened = run({"breakglass", "open", "--reason", "theft", "--ticket", "INC-1", "--for", "30m", "--target",
                          "office", "-o", "json"});
  const std::string id = opened.json().string_or("id", "");
  ASSERT_NE(id, "") << opened.both();
  EXPECT_EQ(run({"breakglass", "confirm", id}, "cai.moe").exit, Exit::kOk);
  const Ran locked = run({"breakglass", "change", id, "--target", "office", "--account", "aberg", "--revoke", "sales",
                          "--reason", "theft"});
  EXPECT_EQ(locked.exit, Exit::kPartly) << locked.both();
  const Ran early = run({"breakglass", "close", id, "--reason", "done"});
  EXPECT_EQ(early.exit, Exit::kFailed);
  EXPECT_NE(early.err.find("not verified"), std::string::npos) << early.err;
  office({"aberg,ACTIVE,P1", "cdahl,ACTIVE,P2"}, {"aberg,staff", "cdahl,staff", "cdahl,sales"});
  EXPECT_EQ(run({"target", "read"}).exit, Exit::kOk);
  // What nobody explains on its targets stands against it too.
  office({"aberg,ACTIVE,P1", "cdahl,ACTIVE,P2"}, {"aberg,staff", "cdahl,staff", "cdahl,sales", "cdahl,vault"});
  EXPECT_EQ(run({"target", "read"}).exit, Exit::kOk);
  const Ran drifted = run({"breakglass", "close", id, "--reason", "done"});
  EXPECT_NE(drifted.err.find("is not explained"), std::string::npos) << drifted.both();
  office({"aberg,ACTIVE,P1", "cdahl,ACTIVE,P2"}, {"aberg,staff", "cdahl,staff", "cdahl,sales"});
  EXPECT_EQ(run({"target", "read"}).exit, Exit::kOk);
  const Ran closed = run({"breakglass", "close", id, "--reason", "done"});
  ASSERT_EQ(closed.exit, Exit::kOk) << closed.both();
  // No rule gives it back by itself: not while it is held, and not after the review; then it is a finding.
  EXPECT_EQ(run({"plan", "create", "-o", "json"}).json().int_or("changes", -1), 0);
  EXPECT_EQ(run({"breakglass", "review", id, "--reason", "right"}, "cai.moe").exit, Exit::kRefused);
  EXPECT_EQ(run({"breakglass", "review", id, "--reason", "right"}, "dee.roy").exit, Exit::kOk);
  EXPECT_EQ(run({"plan", "create", "-o", "json"}).json().int_or("changes", -1), 0);
  EXPECT_EQ(only({"drift", "list"}).string_or("kind", ""), "drift_removed");
  EXPECT_EQ(run({"evidence", "verify"}).exit, Exit::kOk);
}

class Lapsing : public Village {};

TEST_F(Lapsing, AQuestionThatNobodyAnsweredIsOverButNeverOneThatTakesAway) {
  found(R"(apiVersion: tenure/v1
kind: Approval
metadata: { name: ordinary, owner: bo.lind }
otherwise: true
approvers: [bo.lind]
escalate: { after: 1ms, to: [security] }
expires: 1ms
)");
  people({"P1,Anna,Berg,Sales,active"});
  office({"aberg,ACTIVE,P1"}, {"aberg,staff"});
  for (const char* noun : {"source", "target"})
    ASSERT_EQ(run({noun, noun == std::string("source") ? "pull" : "read"}).exit, Exit::kOk);
  const std::string digest =
      run({"plan", "create", "--onboard", "office", "-o", "json"}).json().string_or("digest", "");
  EXPECT_TRUE(run({"approval", "list", "-o", "json"}).items().empty());
  EXPECT_EQ(run({"plan", "approve", digest, "--reason", "late"}, "bo.lind").exit, Exit::kStale);
  EXPECT_EQ(run({"apply", digest, "--approve", digest}).exit, Exit::kStale);
  EXPECT_NE(run({"approval", "show", digest}).out.find("expired"), std::string::npos);
}

TEST_F(Lapsing, WhatTakesAccessAwayEscalatesInstead) {
  found(R"(apiVersion: tenure/v1
kind: Approval
metadata: { name: first, owner: bo.lind }
when: change.cause == "onboarding"
standing: true
---
apiVersion: tenure/v1
kind: Approval
metadata: { name: ordinary, owner: bo.lind }
otherwise: true
approvers: [bo.lind]
escalate: { after: 1ms, to: [security] }
expires: 1ms
)");
  people({"P1,Anna,Berg,Sales,active"});
  office({"aberg,ACTIVE,P1"}, {"aberg,staff", "aberg,sales"});
  onboard();
  people({"P1,Anna,Berg,Legal,active"});
  const std::string digest = plan();
  ASSERT_NE(digest, "");
  const auto waiting = run({"approval", "list", "-o", "json"}).items();
  ASSERT_EQ(waiting.size(), 1U);
  EXPECT_TRUE(waiting[0].bool_or("escalated", false));
  EXPECT_EQ(run({"approval", "give", digest, "--reason", "late, and right"}, "cai.moe").exit, Exit::kOk);
  EXPECT_EQ(run({"apply", digest, "--approve", digest}).exit, Exit::kPartly) << "by hand";
}

}  // namespace
}  // namespace tenure::cli
