// Break-glass by the real program on a real slapd and a real PostgreSQL: with Tenure there, with its state folder moved
// away, and with its database damaged.
#include "town.hpp"

#include <filesystem>

#include <gtest/gtest.h>

#include <tenure/base/hash.hpp>

namespace tenure::e2e {
namespace {

namespace fs = std::filesystem;

class BreakGlass : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    town_ = Town::start(120).release();
    ASSERT_NE(town_, nullptr);
    town_->take_in();
    kit_folder_ = new lab::TempFolder(std::move(lab::TempFolder::create("tenure-e2e-kit").value()));
    // The key is its owner's; the kit is made by a second person.
    const Ran key = town_->run({"breakglass", "key", "make", kits() + "/ana.key"});
    EXPECT_EQ(key.exit, 0) << key.both();
    const Ran kit = town_->run({"breakglass", "kit", "make", "--for", kOperator, "--key", kits() + "/ana.key.pub",
                                "--out", kits() + "/ana.kit"},
                               kSecurity);
    EXPECT_EQ(kit.exit, 0) << kit.both();
    said_ += key.both() + kit.both();
  }
  static void TearDownTestSuite() {
    delete kit_folder_;
    delete town_;
  }

  static std::string kits() { return kit_folder_->path(); }
  // Without a state folder: the folder named is not there.
  static Ran away(const Words& more, const std::string& state = "/nonexistent/tenure") {
    Words words{"breakglass", "revoke", "--kit", kits() + "/ana.kit", "--key", kits() + "/ana.key"};
    words.insert(words.end(), more.begin(), more.end());
    words.insert(words.end(), {"-o", "json"});
    Ran ran = Town::run_in(state, words);
    said_ += ran.both();
    return ran;
  }
  static Ran merge(const std::string& journal, const std::string& state = town_->state()) {
    Ran ran = Town::run_in(state, {"breakglass", "merge", "--journal", journal, "-o", "json"}, kSecurity);
    said_ += ran.both();
    return ran;
  }
  static std::string sql(const std::string& query) {
    return town_->servers().ledger().superuser_sql(query).value_or("");
  }
  static std::string entry(const std::string& uid) {
    const auto& slapd = town_->servers().directory();
    return slapd.search(slapd.admin(), slapd.base_dn(), "sub", "(uid=" + uid + ")", "uid memberOf pwdAccountLockedTime")
        .value_or("");
  }
  // Somebody in this group of the directory.
  static std::string member_of(const std::string& group) {
    const auto& slapd = town_->servers().directory();
    const std::string ldif =
        slapd
            .search(slapd.admin(), "ou=people," + slapd.base_dn(), "one",
                    "(&(memberOf=cn=" + group + ",ou=groups," + slapd.base_dn() + ")(!(pwdAccountLockedTime=*)))",
                    "uid")
            .value_or("");
    for (const auto& line : lines_of(ldif))
      if (line.starts_with("uid: ")) return line.substr(5);
    return "";
  }
  static std::string login() {
    return lines_of(sql("SELECT rolname FROM pg_roles WHERE rolcanlogin AND rolname LIKE '____%' AND NOT rolsuper AND "
                        "rolname NOT LIKE 'svc%' AND rolname NOT LIKE 'tenure%' ORDER BY 1 LIMIT 1"))
        .at(0);
  }

  static void expect_only_the_whole_journal_is_taken() {
    // A journal that is not whole is refused, located, and nothing of it is taken in.
    const std::string journal = kits() + "/ana.kit.journal", whole = read(journal), head = read(journal + ".head");
    const auto refused = [&](const std::string& text, const std::string& its_head, int exit) {
      write(kits() + "/other", text);
      write(kits() + "/other.head", its_head);
      const Ran ran = merge(kits() + "/other");
      EXPECT_EQ(ran.exit, exit) << ran.both();
      return ran.err;
    };
    std::string tampered = whole;
    tampered.replace(tampered.find("INC-1"), 5, "INC-2");
    EXPECT_NE(refused(tampered, head, 9).find("line 2"), std::string::npos);
    EXPECT_NE(refused(whole.substr(0, whole.rfind('\n', whole.size() - 2) + 1), head, 9).find("cut off"),
              std::string::npos);
    std::string foreign = whole;
    for (std::size_t at = 0; (at = foreign.find("\"kit\":\"K-", at)) != std::string::npos; at += 9)
      foreign[at + 9] = 'z';
    refused(foreign, head, 7);
    EXPECT_TRUE(items_of(town_->run({"breakglass", "list", "-o", "json"}).json()).empty());
  }

  static inline Town* town_ = nullptr;
  static inline lab::TempFolder* kit_folder_ = nullptr;
  static inline std::string said_;  // everything that any command printed
};

TEST_F(BreakGlass, WorksWithTheStateMovedAwayAndWithADamagedDatabaseAndIsMergedOnce) {
  const std::string journal = kits() + "/ana.kit.journal";
  const std::string role = login(), person = member_of("all-staff");
  ASSERT_NE(role, "");
  ASSERT_NE(person, "");
  // The folder is gone.
  fs::rename(town_->state(), town_->state() + ".gone");
  const Ran locked = away({"--target", "ledger", "--account", role, "--disable", "--reason", "INC-1"});
  EXPECT_EQ(locked.exit, 0) << locked.both();
  EXPECT_EQ(sql("SELECT rolcanlogin FROM pg_roles WHERE rolname = '" + role + "'"), "f\n");
  // The database is damaged: nothing else works, this does.
  fs::rename(town_->state() + ".gone", town_->state());
  const std::string damaged = town_->copy_of_state("damaged");
  write(damaged + "/tenure.db", std::string(65'536, 'x'));
  EXPECT_NE(Town::run_in(damaged, {"status"}).exit, 0);
  const Ran severed = away(
      {"--target", "directory", "--account", person, "--entitlement", "all-staff", "--disable", "--reason", "INC-1"},
      damaged);
  EXPECT_EQ(severed.exit, 0) << severed.both();
  EXPECT_NE(entry(person).find("pwdAccountLockedTime: 000001010000Z"), std::string::npos) << entry(person);
  EXPECT_EQ(entry(person).find("cn=all-staff,"), std::string::npos) << entry(person);
  // Who is not there, and what a kit cannot do.
  EXPECT_EQ(away({"--target", "ledger", "--account", "no_such_role", "--disable", "--reason", "INC-1"}).exit, 1);
  EXPECT_EQ(away({"--target", "mainframe", "--account", "X", "--disable", "--reason", "INC-1"}).exit, 7);

  expect_only_the_whole_journal_is_taken();
  // Back again: evidence, obligations, read-back.
  const Ran merged = merge(journal);
  EXPECT_EQ(merged.exit, 8) << "one act is about nobody: " << merged.both();
  const json::Value outcome = merged.json();
  EXPECT_EQ(outcome.int_or("acts", 0), 4);
  EXPECT_EQ(outcome.int_or("obligations", 0), 3) << merged.both();
  const auto open = items_of(town_->run({"obligation", "list", "-o", "json"}).json());
  EXPECT_TRUE(open.empty()) << "the reading after the merge proves all three: " << open.size();
  const auto all = items_of(town_->run({"obligation", "list", "--all", "-o", "json"}).json());
  EXPECT_EQ(all.size(), 3U);
  for (const auto& one : all) EXPECT_EQ(one.string_or("state", ""), "proven") << json::to_string(one);
  const Ran verified = town_->run({"evidence", "verify"});
  EXPECT_EQ(verified.exit, 0) << verified.both();
  // A second time changes nothing.
  const std::string records = town_->run({"status", "-o", "json"}).json().find("records") != nullptr
                                  ? json::to_string(*town_->run({"status", "-o", "json"}).json().find("records"))
                                  : "";
  const Ran again = merge(journal);
  EXPECT_EQ(again.exit, 0) << again.both();
  EXPECT_EQ(again.json().int_or("acts", -1), 0);
  EXPECT_EQ(json::to_string(*town_->run({"status", "-o", "json"}).json().find("records")), records);
  // It goes on, and only what is new is taken in.
  EXPECT_EQ(away({"--target", "ledger", "--account", role, "--disable", "--reason", "INC-3"}).exit, 0);
  EXPECT_EQ(merge(journal).json().int_or("acts", -1), 1);

  // The review opened by itself; who took part does not review; a debt that is reviewed is none.
  const auto debts = items_of(town_->run({"breakglass", "list", "-o", "json"}).json());
  ASSERT_EQ(debts.size(), 2U);
  const std::string id = debts[0].string_or("id", "");
  EXPECT_EQ(debts[0].string_or("state", ""), "closed");
  for (const char* took_part : {kOperator, kSecurity})
    EXPECT_EQ(town_->run({"breakglass", "review", id, "--reason", "fine"}, took_part).exit, 7);
  const Ran reviewed = town_->run({"breakglass", "review", id, "--reason", "rightly so"}, "bo.lind");
  EXPECT_EQ(reviewed.exit, 0) << reviewed.both();
}

TEST_F(BreakGlass, IsOpenedByTwoUsedInTheEmergencyLaneAndClosedWhenAllIsSettled) {
  const std::string person = member_of("dept-engineering");
  ASSERT_NE(person, "");
  const Words open{"breakglass", "open", "--reason", "mail is being read", "--ticket", "INC-9",
                   "--for",      "30m",  "--target", "directory",          "-o",       "json"};
  EXPECT_EQ(town_->run(open, "eva.falk").exit, 7) << "no operator";
  const std::string id = town_->run(open).json().string_or("id", "");
  ASSERT_NE(id, "");
  const Words lock{"breakglass", "change",   id,      "--target",  "directory", "--account",
                   person,       "--reason", "INC-9", "--disable", "-o",        "json"};
  EXPECT_EQ(town_->run(lock).exit, 7) << "nobody confirmed it";
  EXPECT_EQ(town_->run({"breakglass", "confirm", id}).exit, 7) << "not by oneself";
  EXPECT_EQ(town_->run({"breakglass", "confirm", id}, kSecurity).exit, 0);
  EXPECT_EQ(town_->run(lock, "bo.lind").exit, 7) << "it is ana's";
  const Ran locked = town_->run(lock);
  EXPECT_EQ(locked.exit, 0) << locked.both();
  EXPECT_NE(entry(person).find("pwdAccountLockedTime: 000001010000Z"), std::string::npos) << entry(person);
  Words other = lock;
  other[4] = "ledger";
  EXPECT_EQ(town_->run(other).exit, 7) << "not its target";
  // Everything done under it is listed, in its lane and mode.
  const Ran shown = town_->run({"breakglass", "show", id, "-o", "json"});
  ASSERT_EQ(items_of(shown.json()).size(), 1U) << shown.both();
  const std::string run = items_of(shown.json()).at(0).string_or("run", "");
  const Ran story = town_->run({"run", "show", run, "-o", "json"});
  const auto steps = items_of(story.json());
  ASSERT_EQ(steps.size(), 1U) << story.both();
  EXPECT_EQ(steps[0].string_or("lane", ""), "emergency");
  EXPECT_EQ(steps[0].string_or("mode", ""), "break_glass");
  EXPECT_EQ(steps[0].string_or("rule", ""), "break-glass " + id);
  // Not read since: not closed. Then it is.
  EXPECT_EQ(town_->run({"breakglass", "close", id, "--reason", "locked"}).exit, 1);
  EXPECT_EQ(town_->run({"target", "read", "directory"}).exit, 0);
  const Ran closed = town_->run({"breakglass", "close", id, "--reason", "locked"});
  EXPECT_EQ(closed.exit, 0) << closed.both();
  EXPECT_EQ(town_->run(lock).exit, 7) << "closed";
  EXPECT_EQ(town_->run({"breakglass", "review", id, "--reason", "rightly so"}, "fay.otto").exit, 0);
  EXPECT_EQ(town_->run({"evidence", "verify"}).exit, 0);
}

// T14: the credentials of the targets, in any spelling, are nowhere but in the sealed kit and in the secrets' folder.
TEST_F(BreakGlass, NoSecretIsAnywhere) {
  std::vector<std::string> secrets;
  for (const auto& file : fs::directory_iterator(town_->state() + "/secrets")) {
    std::string value = read(file.path());
    while (!value.empty() && value.back() == '\n') value.pop_back();
    ASSERT_GE(value.size(), 6U) << file.path();
    for (const std::string& spelling : {value, to_base64(value), to_hex(value)}) secrets.push_back(spelling);
  }
  ASSERT_FALSE(secrets.empty());
  std::vector<std::pair<std::string, std::string>> places = {{"what was printed", said_}};
  for (const std::string& folder : {kits(), town_->state()})
    for (const auto& file : fs::recursive_directory_iterator(folder))
      if (file.is_regular_file() && file.path().parent_path().filename() != "secrets")
        places.emplace_back(file.path(), read(file.path()));
  EXPECT_GT(places.size(), 8U);
  for (const auto& [place, text] : places)
    for (const auto& secret : secrets) EXPECT_EQ(text.find(secret), std::string::npos) << place;
  // The search would notice one.
  EXPECT_NE((said_ + secrets.front()).find(secrets.front()), std::string::npos);
}

}  // namespace
}  // namespace tenure::e2e
