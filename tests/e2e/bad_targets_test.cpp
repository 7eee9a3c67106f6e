// Targets that are down, hang, answer in part, refuse the credentials; a disk without room. What did not answer is
// unknown, never empty: the rest goes on, and nothing is concluded from the silence.
#include "town.hpp"

#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

namespace tenure::e2e {
namespace {

class BadTargets : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    town_ = Town::start(120).release();
    if (town_ == nullptr) return;
    town_->take_in();
    town_->govern();
  }
  static void TearDownTestSuite() { delete town_; }
  void SetUp() override {
    ASSERT_NE(town_, nullptr);
    static int count = 0;
    state_ = town_->copy_of_state("state-" + std::to_string(++count));
    before_ = town_->writes();
  }
  void TearDown() override { std::filesystem::remove_all(state_); }

  Ran run(const Words& words, const std::string& actor = kOperator) const { return Town::run_in(state_, words, actor); }

  void replace(const std::string& file, const std::string& name, const std::string& value) const {
    std::string text;
    for (const auto& line : lines_of(read(state_ + "/" + file)))
      text += (line.starts_with(name + "=") ? name + "=" + value : line) + "\n";
    write(state_ + "/" + file, text);
  }

  // A reading in which this target and no other is not fully known.
  json::Value expect_unknown(const std::string& target, const std::string& state, int exit) const {
    const Ran ran = run({"target", "read", "-o", "json"});
    EXPECT_EQ(ran.exit, exit) << ran.both();
    json::Value found;
    for (const auto& item : items_of(ran.json())) {
      const bool this_one = item.string_or("target", "") == target;
      EXPECT_EQ(item.string_or("state", ""), this_one ? state : "known") << ran.out;
      if (this_one) found = item;
    }
    EXPECT_NE(found.string_or("problem", ""), "");
    return found;
  }

  static std::string unknown_in(const Ran& ran, const std::string& member) {
    const json::Value document = ran.json();
    const auto* unknown = document.find(member);
    return unknown == nullptr ? "" : json::to_string(*unknown);
  }

  // Nobody lost anything in this target, and what policy knows of it is what was read last.
  void expect_nothing_concluded(const std::string& target) const {
    const Ran plan = run({"plan", "create", "-o", "json"});
    EXPECT_EQ(plan.exit, 0) << plan.both();
    EXPECT_EQ(plan.json().int_or("changes", -1), 0) << plan.out;
    EXPECT_NE(unknown_in(plan, "targets_unknown").find(target), std::string::npos) << plan.out;
    const auto accounts = [](const std::string& folder, const std::string& name) {
      const auto items = items_of(Town::run_in(folder, {"target", "list", "-o", "json"}).json());
      const auto* row = item_with(items, "target", name);
      return row == nullptr ? -1 : row->int_or("accounts", -1);
    };
    EXPECT_EQ(accounts(state_, target), accounts(town_->state(), target));
    EXPECT_EQ(town_->writes(), before_);
  }

  static Town* town_;
  std::string state_;
  std::vector<std::string> before_;
};

Town* BadTargets::town_ = nullptr;

TEST_F(BadTargets, DownIsUnknown) {
  ASSERT_TRUE(town_->servers().ledger().stop());
  const json::Value seen = expect_unknown("ledger", "unknown", 1);
  EXPECT_EQ(seen.string_or("code", ""), "E-4001");
  const Ran status = run({"status", "-o", "json"});
  ASSERT_TRUE(town_->servers().ledger().start_again());
  EXPECT_NE(unknown_in(status, "unknown").find("ledger"), std::string::npos) << status.out;
  expect_nothing_concluded("ledger");
  const Ran can = run({"who-can", "ledger:ledger_ro", "-o", "json"});
  EXPECT_NE(unknown_in(can, "unknown").find("ledger"), std::string::npos) << "an answer from the past says so";
}

// The second export makes leavers. One of their targets does not answer: the others go on, the obligation stays open,
// and it is proven as soon as the target answers again.
TEST_F(BadTargets, RestGoesOnWithoutTheDeadOne) {
  const std::string leaver = town_->expected().crm_leaver.person_id;
  std::string rows;
  for (const auto& line : lines_of(read(state_ + "/feeds/hr.csv"))) {
    const bool his = line.find("," + leaver + ",") != std::string::npos;
    rows += (his ? line.substr(0, line.rfind(',')) + ",terminated" : line) + "\n";
  }
  write(state_ + "/feeds/hr.csv", rows);
  ASSERT_EQ(run({"source", "pull"}).exit, 0);
  const Ran plan = run({"plan", "create", "-o", "json"});
  const std::string digest = plan.json().string_or("digest", "");
  ASSERT_GT(plan.json().int_or("changes", 0), 1) << plan.out;
  for (const char* actor : {kOperator, kSecurity})
    run({"plan", "approve", digest, "--reason", "r", "--release", "all"}, actor);
  ASSERT_TRUE(town_->servers().crm().stop());
  const Ran applied = run({"apply", digest, "--approve", digest, "--wait", "4s", "-o", "json"});
  EXPECT_TRUE(applied.exit == 8 || applied.exit == 124) << applied.both();
  const json::Value outcome = applied.json();
  ASSERT_NE(outcome.find("ended"), nullptr) << applied.out;
  EXPECT_GT(outcome.find("ended")->int_or("done", 0), 0) << applied.out;
  EXPECT_GT(outcome.int_or("obligations_open", 0), 0) << applied.out;
  EXPECT_EQ(outcome.find("ended")->find("failed"), nullptr) << "an obligation is never given up\n" << applied.out;
  const auto& slapd = town_->servers().directory();
  const auto entry = slapd.search(slapd.admin(), "ou=people," + slapd.base_dn(), "one",
                                  "(employeeNumber=" + leaver + ")", "pwdAccountLockedTime");
  EXPECT_TRUE(entry && entry->find("pwdAccountLockedTime:") != std::string::npos)
      << "gone from the directory meanwhile";
  ASSERT_TRUE(town_->servers().crm().start_again());
  const Ran resumed = run({"apply", digest, "--approve", digest, "-o", "json"});
  EXPECT_TRUE(resumed.exit == 0 || resumed.exit == 8) << resumed.both();
  EXPECT_EQ(resumed.json().int_or("obligations_open", -1), 0) << resumed.out;
  const auto user = town_->servers().crm().request(
      "GET", "/Users?filter=userName%20eq%20%22" + town_->expected().crm_leaver.account + "%22");
  ASSERT_TRUE(user);
  EXPECT_NE(user->body.find("\"active\":false"), std::string::npos) << user->body;
}

TEST_F(BadTargets, HangingIsUnknownAndCostsNobodyElse) {
  replace("environment", "NORDHAVEN_CRM_URL", town_->servers().crm().base_url());
  ASSERT_TRUE(town_->servers().crm().pause());
  const json::Value seen = expect_unknown("crm", "unknown", 1);
  ASSERT_TRUE(town_->servers().crm().resume());
  EXPECT_TRUE(seen.string_or("code", "") == "E-4002" || seen.string_or("code", "") == "E-4001")
      << json::to_string(seen);
  expect_nothing_concluded("crm");
}

TEST_F(BadTargets, HalfThePagesIsNotHalfTheAccounts) {
  auto folder = lab::TempFolder::create("tenure-e2e-liar");
  ASSERT_TRUE(folder);
  const auto node = lab::find_program("node", "nodejs");
  ASSERT_TRUE(node);
  lab::ProcessOptions options;
  options.argv = {*node, TENURE_SOURCE_DIR "/tests/e2e/half_pages.mjs", town_->servers().crm().base_url(),
                  folder->path() + "/port"};
  options.environment = lab::plain_environment();
  options.log_path = folder->path() + "/log";
  auto liar = lab::Process::start(options);
  ASSERT_TRUE(liar);
  ASSERT_TRUE(lab::poll_until(
      [&] { return std::filesystem::exists(folder->path() + "/port") && !read(folder->path() + "/port").empty(); },
      Duration::seconds(20)))
      << read(folder->path() + "/log");
  replace("environment", "NORDHAVEN_CRM_URL", "http://127.0.0.1:" + read(folder->path() + "/port") + "/scim/v2");
  const Ran ran = run({"target", "read", "crm", "-o", "json"});
  EXPECT_TRUE(ran.exit == 1 || ran.exit == 8) << ran.both();
  const json::Value seen = items_of(ran.json()).at(0);
  EXPECT_NE(seen.string_or("state", ""), "known") << ran.out;
  EXPECT_TRUE(seen.string_or("code", "") == "E-4005" || seen.string_or("code", "").empty()) << "in part, not failed\n"
                                                                                            << ran.out;
  EXPECT_NE(seen.string_or("problem", "").find(" of "), std::string::npos) << "how much of it arrived\n" << ran.out;
  expect_nothing_concluded("crm");
}

// A limit on the server that cuts the list off: LDAP says so at its end.
TEST_F(BadTargets, SizeLimitIsNotTheEndOfTheList) {
  auto& slapd = town_->servers().directory();
  const std::string path = slapd.folder() + "/slapd.conf";
  const std::string config = read(path);
  std::string limited = config;
  for (auto at = limited.find("size.prtotal=unlimited"); at != std::string::npos;
       at = limited.find("size.prtotal=unlimited"))
    limited.replace(at, 22, "size.prtotal=60");
  ASSERT_NE(limited, config);
  ASSERT_TRUE(slapd.stop());
  write(path, limited);
  ASSERT_TRUE(slapd.start_again());
  const Ran ran = run({"target", "read", "directory", "-o", "json"});
  EXPECT_TRUE(ran.exit == 1 || ran.exit == 8) << ran.both();
  EXPECT_NE(items_of(ran.json()).at(0).string_or("state", ""), "known") << ran.out;
  ASSERT_TRUE(slapd.stop());
  write(path, config);
  ASSERT_TRUE(slapd.start_again());
  expect_nothing_concluded("directory");
}

TEST_F(BadTargets, WrongCredentialsAreSaidAndNeverPrinted) {
  const std::string wrong = "wrong-secret-8f2c1d";
  for (const char* name : {"NORDHAVEN_DIRECTORY_PASSWORD", "NORDHAVEN_LEDGER_PASSWORD", "NORDHAVEN_CRM_TOKEN"}) {
    ASSERT_TRUE(lab::write_secret_file(state_ + "/secrets/" + name, wrong));
  }
  for (const char* format : {"table", "json"}) {
    const Ran ran = run({"target", "read", "-o", format});
    EXPECT_EQ(ran.exit, 1) << ran.both();
    EXPECT_EQ(ran.both().find(wrong), std::string::npos) << ran.both();
    if (std::string(format) == "table") continue;
    for (const auto& item : items_of(ran.json())) {
      const bool by_hand = item.string_or("target", "") == "mainframe";
      EXPECT_EQ(item.string_or("code", ""), by_hand ? "" : "E-4003") << json::to_string(item);
    }
  }
  const Ran doctor = run({"doctor"});
  EXPECT_EQ(doctor.exit, 1);
  EXPECT_EQ(doctor.both().find(wrong), std::string::npos);
  EXPECT_EQ(run({"evidence", "show", "--last", "0", "-o", "jsonl"}).out.find(wrong), std::string::npos);
  EXPECT_EQ(read(state_ + "/tenure.db").find(wrong), std::string::npos);
  std::filesystem::remove(state_ + "/secrets/NORDHAVEN_CRM_TOKEN");
  const Ran missing = run({"target", "read", "crm", "-o", "json"});
  EXPECT_EQ(items_of(missing.json()).at(0).string_or("code", ""), "E-4014") << missing.both();
  expect_nothing_concluded("crm");
}

// A mount of our own needs root. Others see the store's own file refused instead.
TEST_F(BadTargets, FullDiskIsRefusedBeforeAnyEffect) {
  const std::string person = town_->expected().build_admins_intruder.person_id;
  const auto& slapd = town_->servers().directory();
  const std::string dn = "uid=" + town_->expected().build_admins_intruder.account + ",ou=people," + slapd.base_dn();
  ASSERT_TRUE(
      slapd.modify(slapd.console_operator(), "dn: " + dn + "\nchangetype: modify\nreplace: title\ntitle: Somebody\n"));
  ASSERT_EQ(run({"target", "read", "directory"}).exit, 0);
  const std::string digest = run({"plan", "create", "--identity", person, "-o", "json"}).json().string_or("digest", "");
  ASSERT_NE(digest, "");
  ASSERT_EQ(run({"plan", "approve", digest, "--reason", "r"}).exit, 0);
  const Words apply{"apply", digest, "--approve", digest, "-o", "json"};

  // No file may grow: the intent cannot be made durable, so nothing leaves.
  const auto prlimit = lab::find_program("prlimit", "util-linux");
  ASSERT_TRUE(prlimit);
  const Ran limited = run_program(apply, {.state = state_, .wrapper = {*prlimit, "--fsize=4096"}});
  EXPECT_NE(limited.exit, 0) << limited.both();
  EXPECT_EQ(town_->writes(), before_);

  if (::geteuid() == 0) {
    // A mount namespace of this process: it goes with it, whatever happens.
    ASSERT_EQ(::unshare(CLONE_NEWNS), 0);
    ASSERT_EQ(::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
    const std::string small = state_ + "-small";
    std::filesystem::create_directory(small);
    ASSERT_EQ(::mount("none", small.c_str(), "tmpfs", 0, "size=32m"), 0);
    std::filesystem::copy(state_, small, std::filesystem::copy_options::recursive);
    const Ran refused = Town::run_in(small, apply);
    EXPECT_EQ(refused.exit, 1) << refused.both();
    const auto errors = refused.said("error/v1");
    ASSERT_EQ(errors.size(), 1U) << refused.err;
    EXPECT_EQ(errors[0].string_or("code", ""), "E-7004");
    EXPECT_EQ(errors[0].string_or("effect", ""), "none");
    EXPECT_EQ(town_->writes(), before_);
    EXPECT_EQ(Town::run_in(small, {"doctor"}).exit, 1);
    ::umount(small.c_str());
  }
  const Ran applied = run(apply);
  EXPECT_EQ(applied.exit, 0) << "with room again it is done\n" << applied.both();
  EXPECT_NE(town_->writes(), before_);
}

}  // namespace
}  // namespace tenure::e2e
