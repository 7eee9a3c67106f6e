// The whole loop by separate commands, as a person or a script runs it: exit codes, data on standard output, talk on
// standard error, consent that names content.
#include "town.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace tenure::e2e {
namespace {

// Tests run in the order they stand in: each goes on where the one before stopped, as the commands do.
class CliLoop : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { town_ = Town::start(120).release(); }
  static void TearDownTestSuite() { delete town_; }
  void SetUp() override { ASSERT_NE(town_, nullptr); }

  static Ran run(const Words& words, const std::string& actor = kOperator) { return town_->run(words, actor); }
  // Nothing on standard output, one error document on standard error; its code.
  static std::string refusal(const Words& words, int exit, const std::string& actor = kOperator) {
    Words with = words;
    with.insert(with.end(), {"-o", "json"});
    const Ran ran = run(with, actor);
    EXPECT_EQ(ran.exit, exit) << words[0] << ": " << ran.both();
    EXPECT_EQ(ran.out, "");
    const auto errors = ran.said("error/v1");
    EXPECT_EQ(errors.size(), 1U) << ran.err;
    if (errors.empty()) return "";
    for (const char* member : {"message", "remedy", "title", "effect", "outcome"})
      EXPECT_NE(errors[0].string_or(member, ""), "") << member << ": " << ran.err;
    return errors[0].string_or("code", "");
  }

  static Town* town_;
  static std::string onboarding_, reconciling_;
};

Town* CliLoop::town_ = nullptr;
std::string CliLoop::onboarding_, CliLoop::reconciling_;

TEST_F(CliLoop, NothingIsThereYet) {
  EXPECT_EQ(refusal({"status"}, 1), "E-1002");
  EXPECT_EQ(refusal({"plan", "create"}, 1), "E-1002");
  EXPECT_EQ(refusal({"init", "/nonexistent"}, 1).substr(0, 2), "E-");
  EXPECT_EQ(run({"plan", "made-up"}).exit, 64);
  EXPECT_EQ(run({"apply", "--yes"}).exit, 64);
  EXPECT_EQ(run({"frobnicate"}).exit, 64);
}

TEST_F(CliLoop, TakesInFactsAndTargets) {
  // Something that policy wants and the mainframe lacks: work for a person.
  const std::string permits = town_->servers().mainframe_folder() + "/mainframe-permits.csv";
  auto lines = lines_of(read(permits));
  const auto stock = std::find_if(lines.begin(), lines.end(),
                                  [](const auto& line) { return line.find(",PAY.DATA,") != std::string::npos; });
  ASSERT_NE(stock, lines.end());
  lines.erase(stock);
  std::string fewer;
  for (const auto& line : lines) fewer += line + "\n";
  write(permits, fewer);

  town_->take_in();
  EXPECT_EQ(refusal({"init", TENURE_SOURCE_DIR "/examples/nordhaven"}, 1), "E-1003");
  const Ran pulled = run({"source", "pull", "-o", "json"});
  EXPECT_EQ(pulled.exit, 0) << pulled.both();
  const json::Value pull = pulled.json();
  EXPECT_EQ(pull.int_or("identities", 0),
            town_->expected().people + town_->expected().contractors + town_->expected().services);
  EXPECT_EQ(items_of(pull).size(), 3U);
  const Ran reading = run({"target", "read", "-o", "json"});
  EXPECT_EQ(reading.exit, 0) << reading.both();
  EXPECT_EQ(reading.json().int_or("known", 0), 4);
  for (const auto& target : items_of(reading.json())) {
    const std::string name = target.string_or("target", "");
    EXPECT_EQ(target.string_or("state", ""), "known") << name;
    if (name != "mainframe") {
      EXPECT_EQ(target.int_or("accounts", 0), town_->expected().accounts.at(name)) << name;
    }
  }
}

TEST_F(CliLoop, PlansWithoutTouchingAndShowsThemInEveryFormat) {
  EXPECT_EQ(run({"plan", "create", "--exit-code", "-o", "json"}).exit, 0) << "observed targets are left alone";
  const Ran ran = run({"plan", "create", "--onboard", "directory", "--exit-code", "-o", "json"});
  EXPECT_EQ(ran.exit, 2) << ran.both();
  onboarding_ = ran.json().string_or("digest", "");
  EXPECT_EQ(ran.json().string_or("outcome", ""), "not_empty");
  const std::int64_t changes = ran.json().int_or("changes", 0);
  EXPECT_GT(changes, 100);
  EXPECT_TRUE(town_->writes().empty());

  const Ran again = run({"plan", "create", "--onboard", "directory", "-o", "json"});
  EXPECT_EQ(again.exit, 0);
  EXPECT_EQ(again.json().string_or("digest", ""), onboarding_);
  EXPECT_TRUE(again.json().bool_or("known_before", false));

  const auto rows = static_cast<std::size_t>(changes);
  EXPECT_EQ(items_of(run({"plan", "show", onboarding_, "-o", "json"}).json()).size(), rows);
  EXPECT_EQ(lines_of(run({"plan", "show", onboarding_, "-o", "csv"}).out).size(), rows + 1);
  const auto lines = lines_of(run({"plan", "show", onboarding_, "-o", "jsonl"}).out);
  EXPECT_GE(lines.size(), rows);
  for (const auto& line : lines) {
    const auto value = json::parse(line);
    ASSERT_TRUE(value) << line;
    EXPECT_NE(value->string_or("schema", ""), "") << line;
    EXPECT_NE(value->string_or("outcome", ""), "") << line;
  }
  const Ran yaml = run({"plan", "show", onboarding_, "-o", "yaml"});
  EXPECT_EQ(yaml.exit, 0);
  EXPECT_NE(yaml.out.find("schema: plan-view/v1"), std::string::npos) << yaml.out.substr(0, 400);
  EXPECT_NE(yaml.out.find(onboarding_), std::string::npos);
  const Ran people = run({"plan", "show", onboarding_});
  EXPECT_LE(lines_of(people.out).size(), 40U) << people.out;
  EXPECT_EQ(people.out.find('\x1b'), std::string::npos) << "no colour away from a terminal";
  const Ran canonical = run({"plan", "show", onboarding_, "--canonical"});
  EXPECT_EQ(Digest::of(canonical.out).str(), onboarding_);
}

TEST_F(CliLoop, ConsentNamesContent) {
  EXPECT_EQ(refusal({"apply", onboarding_, "--approve", onboarding_}, 7), "E-5003") << "nobody has approved it";
  EXPECT_EQ(refusal({"plan", "approve", onboarding_, "--reason", "r"}, 7, "mallory"), "E-5008");
  EXPECT_EQ(refusal({"plan", "approve", "ffff-ffff", "--reason", "r"}, 5), "E-5001");
  EXPECT_EQ(run({"plan", "approve", onboarding_}).exit, 64) << "a reason is required";
  town_->approve(onboarding_);
  EXPECT_EQ(refusal({"apply", onboarding_}, 7), "E-1004") << "no terminal, and no digest given";
  EXPECT_EQ(refusal({"apply", onboarding_, "--approve", onboarding_.substr(0, 20)}, 7), "E-1004");
  std::string other = onboarding_;
  other.back() = other.back() == '0' ? '1' : '0';
  EXPECT_EQ(refusal({"apply", onboarding_, "--approve", other}, 7), "E-1004");
  EXPECT_EQ(refusal({"apply", other, "--approve", other}, 5), "E-5001");
  EXPECT_TRUE(town_->writes().empty());
}

TEST_F(CliLoop, OnboardsWithoutWriting) {
  const Ran applied = town_->apply(onboarding_);
  EXPECT_EQ(applied.exit, 0) << applied.both();
  for (const char* target : {"ledger", "crm", "mainframe"}) {
    const std::string digest = town_->plan({"--onboard", target});
    town_->approve(digest);
    const Ran ran = town_->apply(digest);
    EXPECT_EQ(ran.exit, 0) << target << ": " << ran.both();
  }
  EXPECT_TRUE(town_->writes().empty()) << "taking a target under management sends nothing";
  const Ran drift = run({"drift", "list", "-o", "json", "--exit-code"});
  EXPECT_EQ(drift.exit, 2) << drift.err;
  const auto findings = items_of(drift.json());
  for (const auto& orphan : town_->expected().orphans)
    EXPECT_NE(item_with(findings, "account_name", orphan.account), nullptr) << orphan.account;
}

TEST_F(CliLoop, AppliesAndLeavesWorkForPeople) {
  reconciling_ = town_->plan();
  ASSERT_NE(reconciling_, "");
  town_->approve(reconciling_);
  const Ran applied = town_->apply(reconciling_);
  EXPECT_EQ(applied.exit, 8) << applied.both();
  const json::Value outcome = applied.json();
  EXPECT_EQ(outcome.string_or("outcome", ""), "partly");
  EXPECT_GT(outcome.int_or("manual_open", 0), 0);
  EXPECT_FALSE(town_->writes().empty());
  for (const auto& missing : town_->expected().missing_grants) {
    if (missing.target != "directory") continue;
    const auto& slapd = town_->servers().directory();
    const auto group = slapd.search(slapd.admin(), "cn=" + missing.entitlement + ",ou=groups," + slapd.base_dn(),
                                    "base", "(objectClass=*)", "member");
    ASSERT_TRUE(group);
    EXPECT_NE(group->find("uid=" + missing.account + ","), std::string::npos)
        << missing.account << " in " << missing.entitlement;
  }
  const auto before = town_->writes();
  const Ran again = town_->apply(reconciling_);
  EXPECT_EQ(again.exit, 8) << "it goes on where it stopped: the work order is still open\n" << again.both();
  EXPECT_EQ(town_->writes(), before) << "nothing is sent twice";
  EXPECT_EQ(refusal({"plan", "approve", reconciling_, "--reason", "again"}, 6), "E-5002");
  EXPECT_EQ(refusal({"plan", "discard", reconciling_, "--reason", "again"}, 6), "E-5002");

  const Ran shown = run({"run", "show", "-o", "json", "--full"});
  EXPECT_EQ(shown.exit, 0) << shown.both();
  for (const auto& step : items_of(shown.json())) {
    const std::string state = step.string_or("state", "");
    // What waits for a person, and what waits for that.
    const bool by_hand = step.string_or("target", "") == "mainframe" && (state == "manual" || state == "planned");
    EXPECT_TRUE(state == "done" || by_hand) << json::to_string(step);
  }
  EXPECT_EQ(items_of(run({"run", "list", "-o", "json"}).json()).size(), 5U);
  EXPECT_EQ(refusal({"run", "show", "R-none"}, 5), "E-6007");
}

// Asserted is not verified: the word of a person changes nothing, the next export does.
TEST_F(CliLoop, WorkOrderIsDoneOnlyWhenAReadingShowsIt) {
  const Ran listed = run({"workorder", "list", "-o", "json", "--exit-code"});
  EXPECT_EQ(listed.exit, 2);
  const auto orders = items_of(listed.json());
  ASSERT_GE(orders.size(), 1U) << listed.out;
  const std::string id = orders[0].string_or("id", "");
  const Ran shown = run({"workorder", "show", id});
  EXPECT_EQ(shown.exit, 0);
  EXPECT_NE(shown.out.find("Steps:"), std::string::npos) << shown.out;
  EXPECT_EQ(run({"workorder", "claim", id}, "gus.holm").exit, 0);
  const Ran done = run({"workorder", "done", id, "--statement", "typed at the console"}, "gus.holm");
  EXPECT_EQ(done.exit, 0) << done.both();
  const Ran early = run({"target", "read", "mainframe", "-o", "json"});
  EXPECT_EQ(items_of(early.json()).at(0).int_or("work_orders_verified", -1), 0) << "the export does not show it";
  EXPECT_EQ(items_of(early.json()).at(0).int_or("work_orders_returned", -1), 0) << "nor is the export newer";
  EXPECT_EQ(town_->apply(reconciling_).exit, 8);

  EXPECT_GE(town_->work_by_hand(reconciling_), 1);
  EXPECT_EQ(run({"workorder", "list", "--exit-code"}).exit, 0);
  const Ran applied = town_->apply(reconciling_);
  EXPECT_EQ(applied.exit, 0) << "now everything of it is proven\n" << applied.both();
}

TEST_F(CliLoop, UnchangedWorldHasNothingToDo) {
  EXPECT_EQ(run({"target", "read"}).exit, 0);
  const Ran ran = run({"plan", "create", "--exit-code", "-o", "json"});
  EXPECT_EQ(ran.exit, 0) << ran.both();
  EXPECT_EQ(ran.json().int_or("changes", -1), 0);
  EXPECT_EQ(items_of(run({"plan", "list", "-o", "json"}).json()).size(), 0U);
}

// One right, asked for by itself: given by the next plan, proven in the target, and taken when it is ended.
TEST_F(CliLoop, GivesWhatSomebodyAskedFor) {
  const std::string person = town_->expected().declared.person_id, account = town_->expected().declared.account;
  const auto is_member = [&] {
    const auto& slapd = town_->servers().directory();
    const auto group = slapd.search(slapd.admin(), "cn=project-cygnus,ou=groups," + slapd.base_dn(), "base",
                                    "(objectClass=*)", "member");
    return group && group->find("uid=" + account + ",") != std::string::npos;
  };
  ASSERT_FALSE(is_member());
  // By somebody who does not approve plans: whoever asks for something may not.
  const Ran asked = run({"request", "create", "directory:project-cygnus", "--for", person, "--reason", "joins",
                         "--until", "90d", "-o", "json"},
                        "gus.holm");
  ASSERT_EQ(asked.exit, 0) << asked.both();
  const std::string id = asked.json().string_or("id", "");
  ASSERT_EQ(run({"request", "approve", id}, "cai.moe").exit, 0);
  const std::string given = town_->plan();
  ASSERT_NE(given, "");
  town_->approve(given);
  const Ran applied = town_->apply(given);
  EXPECT_EQ(applied.exit, 0) << applied.both();
  EXPECT_TRUE(is_member());
  const Ran why = run({"why", person, "directory:project-cygnus"});
  EXPECT_NE(why.out.find(id), std::string::npos) << why.both();

  ASSERT_EQ(run({"assignment", "end", id, "--reason", "done"}).exit, 0);
  const std::string taken = town_->plan();
  ASSERT_NE(taken, "");
  town_->approve(taken);
  EXPECT_EQ(town_->apply(taken).exit, 0);
  EXPECT_FALSE(is_member());
}

TEST_F(CliLoop, AnswersWhoAndWhy) {
  const Ran can = run({"who-can", "directory:crm-users", "-o", "json"});
  EXPECT_EQ(can.exit, 0) << can.both();
  const auto holders = items_of(can.json());
  EXPECT_GT(holders.size(), 5U);
  EXPECT_TRUE(std::any_of(holders.begin(), holders.end(), [](const auto& holder) {
    return holder.string_or("path", "").find("dept-sales") != std::string::npos;
  })) << "Sales is in it by nesting";
  EXPECT_EQ(refusal({"who-can", "directory:nothing"}, 5).substr(0, 2), "E-");

  const std::string person = town_->expected().declared.person_id;  // of Sales
  const Ran shown = run({"identity", "show", person, "-o", "json"});
  EXPECT_EQ(shown.exit, 0) << shown.both();
  EXPECT_EQ(shown.json().string_or("state", ""), "active") << shown.out;
  EXPECT_NE(shown.out.find("dept-sales"), std::string::npos);
  EXPECT_EQ(refusal({"identity", "show", "P99999"}, 5).substr(0, 2), "E-");
  const Ran why = run({"why", person, "directory:dept-sales", "-o", "json"});
  EXPECT_EQ(why.exit, 0) << why.both();
  ASSERT_NE(why.json().find("held"), nullptr);
  EXPECT_FALSE(why.json().find("held")->as_array().empty());
  EXPECT_NE(why.out.find("role dept-sales"), std::string::npos) << why.out;
}

// What was read is what the plan expects to find. Somebody else was faster: nothing is sent, and it is said.
TEST_F(CliLoop, MovedWorldIsStale) {
  const std::string person = town_->expected().build_admins_intruder.person_id;
  const std::string uid = town_->expected().build_admins_intruder.account;
  const auto& slapd = town_->servers().directory();
  const std::string dn = "uid=" + uid + ",ou=people," + slapd.base_dn();
  const auto set_title = [&](const std::string& title) {
    const auto changed = slapd.modify(slapd.console_operator(),
                                      "dn: " + dn + "\nchangetype: modify\nreplace: title\ntitle: " + title + "\n");
    ASSERT_TRUE(changed) << changed.error().to_string();
  };
  set_title("Somebody");
  ASSERT_EQ(run({"target", "read", "directory"}).exit, 0);
  const std::string digest = town_->plan({"--identity", person});
  ASSERT_NE(digest, "") << "an attribute that policy enforces was changed";
  town_->approve(digest);
  set_title("Somebody Else");
  const auto before = town_->writes();
  const Ran applied = town_->apply(digest);
  EXPECT_EQ(applied.exit, 6) << applied.both();
  EXPECT_EQ(applied.json().string_or("outcome", ""), "stale");
  EXPECT_EQ(town_->writes(), before);
  ASSERT_EQ(run({"target", "read", "directory"}).exit, 0);
  const std::string anew = town_->plan({"--identity", person});
  ASSERT_NE(anew, "");
  EXPECT_NE(anew, digest);
  EXPECT_EQ(run({"plan", "discard", anew, "--reason", "not now"}).exit, 0);
  EXPECT_EQ(refusal({"apply", anew, "--approve", anew}, 6), "E-5002") << "a discarded plan is not carried out";
}

TEST_F(CliLoop, ShowsEvidenceStatusAndDoctor) {
  const Ran shown = run({"evidence", "show", "--last", "5", "-o", "json"});
  EXPECT_EQ(shown.exit, 0) << shown.both();
  const auto records = items_of(shown.json());
  ASSERT_EQ(records.size(), 5U);
  EXPECT_EQ(run({"evidence", "show", records[0].string_or("id", ""), "-o", "json"}).exit, 0);
  EXPECT_EQ(refusal({"evidence", "show", "no-such-record"}, 5), "E-8007");
  const Ran status = run({"status", "-o", "json"});
  EXPECT_EQ(status.exit, 0);
  EXPECT_EQ(status.json().find("unknown")->as_array().size(), 0U) << status.out;
  const Ran doctor = run({"doctor", "-o", "json"});
  EXPECT_EQ(doctor.exit, 0) << doctor.both();
  const Ran verified = run({"evidence", "verify", "-o", "json"});
  EXPECT_EQ(verified.exit, 0) << verified.both();
  EXPECT_TRUE(verified.json().bool_or("ok", false));
  EXPECT_EQ(run({"version"}).exit, 0);
}

// No command of the whole loop has said a secret; the files that hold them are for their owner alone.
TEST_F(CliLoop, SecretsStayWhereTheyAre) {
  auto& servers = town_->servers();
  for (const std::string& secret :
       {servers.directory().connector().password, servers.ledger().connector_password(), servers.crm().token()}) {
    ASSERT_GT(secret.size(), 10U);
    EXPECT_EQ(read(town_->state() + "/tenure.db").find(secret), std::string::npos);
    EXPECT_EQ(run({"evidence", "show", "--last", "0", "-o", "jsonl"}).out.find(secret), std::string::npos);
  }
}

}  // namespace
}  // namespace tenure::e2e
