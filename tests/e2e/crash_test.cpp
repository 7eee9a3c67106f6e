// kill -9 at random moments of every command that changes something, over real servers. The same commands again reach
// the same end: nothing is done twice, nothing acknowledged is lost, the evidence verifies (T1, T3, T4, T5, T7).
#include "town.hpp"

#include <algorithm>
#include <csignal>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include <tenure/base/clock.hpp>

namespace tenure::e2e {
namespace {

constexpr int kKillsAtLeast = 20;

class Crash : public ::testing::Test {
 protected:
  void SetUp() override {
    town_ = Town::start(120);
    ASSERT_NE(town_, nullptr);
  }

  // Runs the command until it ends by itself; before that, kills it `kills` times, each time somewhere in the time that
  // it takes. A command that was faster than its killer counts as ended.
  Ran through_kills(const Words& words, int kills, Duration longest) {
    Invocation invocation;
    invocation.state = town_->state();
    for (int i = 0; i < kills; ++i) {
      auto running = Running::start(words, invocation);
      EXPECT_TRUE(running);
      if (!running) return {};
      const auto moment =
          Duration::micros(static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(longest.to_micros()))));
      const bool ended = lab::poll_until([&] { return !running->process().running(); }, moment);
      if (ended) return running->finish();
      ::kill(running->process().pid(), SIGKILL);
      const Ran killed = running->finish();
      // It may have ended between the last look and the signal: then nobody killed it, and its own answer counts.
      if (killed.exit != 128 + SIGKILL) return killed;
      ++kills_;
    }
    return run_program(words, invocation);
  }

  // Applies the plan of this digest through kills; more of them as long as there is work.
  Ran apply_through_kills(const std::string& digest, int kills, Duration longest) {
    return through_kills({"apply", digest, "--approve", digest, "-o", "json"}, kills, longest);
  }

  void expect_nothing_twice() const {
    std::map<std::string, int> counts;
    for (const auto& write : town_->writes()) ++counts[write];
    for (const auto& [write, count] : counts) EXPECT_EQ(count, 1) << write;
    for (const char* target : {"directory", "ledger", "crm"})
      EXPECT_TRUE(
          std::any_of(counts.begin(), counts.end(), [&](const auto& one) { return one.first.starts_with(target); }))
          << "the journal of " << target << " has seen nothing";
  }

  // Of every attempt without an outcome: the target was read before anything else was done about it.
  void expect_lost_answers_looked_up() const {
    const json::Value runs = town_->run({"run", "list", "-o", "json"}).json();
    for (const auto& one : items_of(runs)) {
      const json::Value run = town_->run({"run", "show", one.string_or("run", ""), "--full", "-o", "json"}).json();
      for (const auto& step : items_of(run)) {
        EXPECT_EQ(step.string_or("state", ""), "done") << json::to_string(step);
        const auto* attempts = step.find("attempts");
        for (const auto& attempt : attempts == nullptr ? json::Array{} : attempts->as_array()) {
          const std::string result = attempt.string_or("result", "");
          EXPECT_TRUE(result != "" && result != "none")
              << "an attempt that nobody looked up: " << json::to_string(step);
          if (result == "unknown") ++lost_answers_;
        }
      }
    }
  }

  // What the servers themselves say about the people of the second export.
  void expect_second_export_in_targets() const {
    const auto& expected = town_->expected();
    const auto& slapd = town_->servers().directory();
    const auto entry = [&](const std::string& person) {
      return slapd
          .search(slapd.admin(), "ou=people," + slapd.base_dn(), "one", "(employeeNumber=" + person + ")",
                  "uid pwdAccountLockedTime memberOf")
          .value_or("");
    };
    for (const auto& leaver : expected.leavers) {
      const std::string ldif = entry(leaver);
      if (ldif.find("uid:") == std::string::npos) continue;
      EXPECT_NE(ldif.find("pwdAccountLockedTime: 000001010000Z"), std::string::npos) << leaver << "\n" << ldif;
    }
    for (const auto& joiner : expected.joiners) {
      const std::string ldif = entry(joiner.person_id);
      EXPECT_NE(ldif.find("uid:"), std::string::npos) << joiner.person_id;
      EXPECT_NE(ldif.find("cn=all-staff,"), std::string::npos) << joiner.person_id << "\n" << ldif;
      EXPECT_EQ(ldif.find("uid:"), ldif.rfind("uid:")) << "one account, not two: " << ldif;
    }
    const auto login = town_->servers().ledger().superuser_sql("SELECT rolcanlogin FROM pg_roles WHERE rolname = '" +
                                                               expected.session_leaver.account + "'");
    EXPECT_EQ(login.value_or(""), "f\n");
    const auto user = town_->servers().crm().request(
        "GET", "/Users?filter=userName%20eq%20%22" + expected.crm_leaver.account + "%22");
    ASSERT_TRUE(user);
    EXPECT_NE(user->body.find("\"active\":false"), std::string::npos) << user->body;
  }

  std::unique_ptr<Town> town_;
  Random random_{20261120};
  int kills_ = 0;
  mutable int lost_answers_ = 0;
};

TEST_F(Crash, SameEndAsWithout) {
  EXPECT_EQ(town_->run({"init", TENURE_SOURCE_DIR "/examples/nordhaven"}).exit, 0);
  const Ran pulled = through_kills({"source", "pull", "-o", "json"}, 3, Duration::millis(250));
  EXPECT_EQ(pulled.exit, 0) << pulled.both();
  EXPECT_EQ(pulled.json().int_or("identities", 0),
            town_->expected().people + town_->expected().contractors + town_->expected().services);
  EXPECT_EQ(through_kills({"target", "read"}, 3, Duration::millis(400)).exit, 0);
  for (const char* target : {"directory", "ledger", "crm", "mainframe"}) {
    const Ran planned = through_kills({"plan", "create", "--onboard", target, "-o", "json"}, 1, Duration::millis(150));
    ASSERT_EQ(planned.exit, 0) << planned.both();
    const std::string digest = planned.json().string_or("digest", "");
    town_->approve(digest);
    const Ran applied = apply_through_kills(digest, target == std::string("directory") ? 4 : 1, Duration::millis(400));
    EXPECT_EQ(applied.exit, 0) << applied.both();
  }
  EXPECT_TRUE(town_->writes().empty());

  for (const bool second : {false, true}) {
    if (second) {
      write(town_->servers().feed("hr.csv"), town_->servers().company().hr_csv_second);
      EXPECT_EQ(through_kills({"source", "pull"}, 2, Duration::millis(250)).exit, 0);
      EXPECT_EQ(through_kills({"target", "read"}, 1, Duration::millis(400)).exit, 0);
    }
    const std::string digest = town_->plan();
    ASSERT_NE(digest, "");
    town_->approve(digest);
    // A request whose answer was lost may land until its lifetime is over, so that the last run may wait for that (90
    // s): once is enough.
    const Ran applied = apply_through_kills(digest, second ? 14 : 0, Duration::millis(300));
    EXPECT_TRUE(applied.exit == 0 || applied.exit == 8) << applied.both();
    town_->work_by_hand(digest);
    const Ran ended = town_->apply(digest);
    EXPECT_EQ(ended.exit, 0) << ended.both();
  }

  // On a machine that is faster than its killer: what is left, on what may run at any time.
  while (kills_ < kKillsAtLeast) EXPECT_EQ(through_kills({"target", "read"}, 3, Duration::millis(200)).exit, 0);
  expect_nothing_twice();
  expect_lost_answers_looked_up();
  expect_second_export_in_targets();
  EXPECT_EQ(town_->run({"target", "read"}).exit, 0);
  const Ran plan = town_->run({"plan", "create", "-o", "json", "--exit-code"});
  EXPECT_EQ(plan.exit, 0) << "what was planned is there, and nothing else: " << plan.both();
  const Ran status = town_->run({"status", "-o", "json"});
  EXPECT_EQ(status.exit, 0);
  const Ran verified = town_->run({"evidence", "verify", "-o", "json"});
  EXPECT_EQ(verified.exit, 0) << verified.both();
  EXPECT_EQ(verified.json().int_or("records", 0), verified.json().int_or("sealed", -1));
  RecordProperty("kills", kills_);
  RecordProperty("lost_answers", lost_answers_);
  std::printf("%d kills, %d answers lost\n", kills_, lost_answers_);
}

}  // namespace
}  // namespace tenure::e2e
