// What people ask for, by the real program: who may ask, who may decide, what the next plan makes of it, and that it is
// decided again when somebody moves. The ship yard's targets are not needed for that.
#include "program.hpp"

#include <filesystem>

#include <gtest/gtest.h>

namespace tenure::e2e {
namespace {

class Requests : public ::testing::Test {
 protected:
  void SetUp() override {
    auto folder = lab::TempFolder::create("tenure-e2e-requests");
    ASSERT_TRUE(folder);
    folder_ = std::make_unique<lab::TempFolder>(std::move(*folder));
    state_ = folder_->path() + "/state";
    EXPECT_EQ(run({"init", TENURE_SOURCE_DIR "/examples/shipyard"}).exit, 0);
    std::filesystem::create_directories(state_ + "/feeds");
    people("Yard");
  }

  // P1 works where it is said; P2 is in finance.
  void people(const std::string& department) {
    write(state_ + "/feeds/hr.csv",
          "person_id,department,level,projects\nP1," + department + ",4,\nP2,Finance,1,\nP3,Sales,5,\n");
    const Ran ran = run({"source", "pull"});
    EXPECT_EQ(ran.exit, 0) << ran.both();
  }

  Ran run(Words words, const std::string& actor = "ana.ash") const {
    return run_program(words, {.state = state_, .actor = actor});
  }
  Ran ask(const Words& more) const {
    Words words = {"request", "create", "-o", "json"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
  static std::string code(const Ran& ran) {
    const auto errors = ran.said("error/v1");
    return errors.empty() ? ran.both() : errors.front().string_or("code", "");
  }
  json::Value only(const Words& words) const {
    Words with = words;
    with.insert(with.end(), {"-o", "json"});
    const Ran ran = run(with);
    EXPECT_EQ(ran.exit, 0) << ran.both();
    const auto items = items_of(ran.json());
    EXPECT_EQ(items.size(), 1U) << ran.both();
    return items.empty() ? json::Value() : items.front();
  }

  std::unique_ptr<lab::TempFolder> folder_;
  std::string state_;
};

TEST_F(Requests, AreOnlyForWhomThePolicyAllows) {
  EXPECT_EQ(code(ask({"on-call", "--for", "P2", "--reason", "x", "--until", "30d"})), "E-6012");
  EXPECT_EQ(code(ask({"yard-hand", "--for", "P1", "--reason", "x", "--until", "30d"})), "E-6012");
  EXPECT_EQ(code(ask({"on-call", "--for", "P1", "--reason", "x", "--until", "365d"})), "E-6011");
  EXPECT_EQ(code(ask({"on-call", "--for", "P1", "--until", "30d"})), "E-6011");
  EXPECT_EQ(code(ask({"on-cal", "--for", "P1", "--reason", "x"})), "E-9002");
  EXPECT_EQ(code(ask({"on-call", "--for", "P9", "--reason", "x"})), "E-9002");
  EXPECT_EQ(code(ask({"--exception", "nothing", "--for", "P1", "--reason", "x"})), "E-6012");
  EXPECT_EQ(code(ask({"--exception", "payments", "--for", "P2", "--reason", "x"})), "E-6011") << "it always ends";
}

TEST_F(Requests, LiveFromAskingToTheEnd) {
  const Ran asked = ask({"on-call", "--for", "P1", "--reason", "holidays", "--until", "30d"});
  ASSERT_EQ(asked.exit, 0) << asked.both();
  const std::string id = asked.json().string_or("id", "");
  EXPECT_EQ(only({"request", "list"}).string_or("id", ""), id);

  // T15: neither who asked nor who would hold it; and not just anybody.
  const auto approve = [&](const std::string& actor) { return run({"request", "approve", id, "-o", "json"}, actor); };
  EXPECT_EQ(code(approve("ana.ash")), "E-5004");
  EXPECT_EQ(code(approve("P1")), "E-5004");
  EXPECT_EQ(code(approve("bo.lind")), "E-5008");
  const Ran approved = approve("cai.moe");
  ASSERT_EQ(approved.exit, 0) << approved.both();
  EXPECT_EQ(approved.json().string_or("state", ""), "approved");

  // P1 moves: the decision is due, and found.
  people("Sales");
  EXPECT_EQ(run({"plan", "create"}).exit, 0);
  EXPECT_EQ(only({"assignment", "list", "--due"}).string_or("id", ""), id);
  EXPECT_EQ(only({"drift", "list", "--kind", "decide_again"}).string_or("owner", ""), "gus.holm");
  const Words renew = {"assignment", "renew", id, "--reason", "still", "--until", "30d", "-o", "json"};
  EXPECT_EQ(code(run(renew, "cai.moe")), "E-6012") << "nobody could ask for it today";

  // Back in the yard it can be decided again.
  people("Yard");
  EXPECT_EQ(code(run(renew, "P1")), "E-5004");
  const Ran renewed = run(renew, "cai.moe");
  ASSERT_EQ(renewed.exit, 0) << renewed.both();
  EXPECT_EQ(run({"plan", "create"}).exit, 0);
  EXPECT_EQ(items_of(run({"assignment", "list", "--due", "-o", "json"}).json()).size(), 0U);
  EXPECT_EQ(items_of(run({"drift", "list", "--kind", "decide_again", "-o", "json"}).json()).size(), 0U);

  EXPECT_EQ(run({"assignment", "end", id, "--reason", "done"}, "P1").exit, 0);
  EXPECT_EQ(only({"assignment", "list", "--all"}).string_or("state", ""), "ended");

  const Ran verified = run({"evidence", "verify"});
  EXPECT_EQ(verified.exit, 0) << verified.both();
  const Ran shown = run({"evidence", "show", "-o", "json"});
  for (const char* type : {"request.submitted", "approval.granted", "assignment.decided", "assignment.due",
                           "assignment.ended", "finding.opened", "finding.closed"})
    EXPECT_NE(shown.out.find(type), std::string::npos) << type;
}

TEST_F(Requests, OfASingleEntitlement) {
  EXPECT_EQ(code(ask({"directory:vpn", "--for", "P2", "--reason", "x", "--until", "30d"})), "E-6012") << "level 1";
  EXPECT_EQ(code(ask({"directory:vpn", "--for", "P1", "--reason", "x", "--until", "365d"})), "E-6011");
  EXPECT_EQ(code(ask({"directory:crm", "--for", "P1", "--reason", "x"})), "E-6012") << "it is not requestable";
  EXPECT_EQ(code(ask({"directory:vnp", "--for", "P1", "--reason", "x"})), "E-9002");
  const Ran asked = ask({"directory:vpn", "--for", "P1", "--reason", "travels", "--until", "30d"});
  ASSERT_EQ(asked.exit, 0) << asked.both();
  EXPECT_EQ(asked.json().string_or("owner", ""), "dee.roy");
  const std::string id = asked.json().string_or("id", "");
  EXPECT_EQ(code(run({"request", "approve", id, "-o", "json"}, "P1")), "E-5004");
  const Ran approved = run({"request", "approve", id, "-o", "json"}, "bo.lind");
  ASSERT_EQ(approved.exit, 0) << approved.both();
  EXPECT_EQ(approved.json().string_or("state", ""), "approved");
  const Ran listed = run({"assignment", "list"});
  EXPECT_NE(listed.out.find("entitlement directory:vpn"), std::string::npos) << listed.both();

  // Of high risk: two persons.
  const Ran high = ask({"ledger:pay_audit", "--for", "P3", "--reason", "x", "--until", "30d"});
  const std::string second = high.json().string_or("id", "");
  EXPECT_EQ(run({"request", "approve", second, "-o", "json"}, "bo.lind").json().string_or("state", ""), "asked");
  EXPECT_EQ(run({"request", "approve", second, "-o", "json"}, "cai.moe").json().string_or("state", ""), "approved");
}

TEST_F(Requests, AreRefusedForGood) {
  const Ran asked = ask({"on-call", "--for", "P1", "--reason", "holidays", "--until", "30d"});
  const std::string id = asked.json().string_or("id", "");
  EXPECT_EQ(run({"request", "refuse", id, "--reason", "no"}, "cai.moe").exit, 0);
  EXPECT_EQ(code(run({"request", "approve", id, "-o", "json"}, "cai.moe")), "E-6010");
  EXPECT_EQ(only({"assignment", "list", "--all"}).string_or("state", ""), "refused");
}

}  // namespace
}  // namespace tenure::e2e
