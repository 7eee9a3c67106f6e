// Golden texts: what a person reads before consenting must not change by accident.
#include "commands/plan_view.hpp"

#include "commands/consent.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include <tenure/base/text.hpp>

namespace tenure::cli {
namespace {

const Time kNow = Time::parse("2026-11-20T09:12:00Z").value();

Digest digest() {
  return Digest::parse("sha256:9f3c77a1" + std::string(56, '0')).value();
}

plan::Change change(const std::string& id, plan::Verb verb, const std::string& target, const std::string& login,
                    std::int64_t identity, const std::string& cause) {
  plan::Change c;
  c.id = model::ChangeId(id);
  c.verb = verb;
  c.kind = plan::kind_of(verb);
  c.target = model::TargetName(target);
  c.account.id = model::NativeId("id-" + login);
  c.account.name = login;
  c.identity = model::IdentityId(identity);
  c.cause = model::CauseId(cause);
  c.lane = plan::Lane::kGrant;
  return c;
}

plan::Change revoke(const std::string& id, const std::string& login, std::int64_t identity, const std::string& right,
                    const std::string& cause) {
  plan::Change c = change(id, plan::Verb::kRevoke, "directory", login, identity, cause);
  c.lane = plan::Lane::kRevoke;
  c.prior_present = true;
  c.entitlement = model::EntitlementId(right);
  c.reason = {"lifecycle left", "the engagement ended 2026-11-19", {}, ""};
  return c;
}

plan::Change grant(const std::string& id, const std::string& login, std::int64_t identity, const std::string& right,
                   const std::string& cause) {
  plan::Change c = change(id, plan::Verb::kGrant, "directory", login, identity, cause);
  c.entitlement = model::EntitlementId(right);
  c.reason = {"role dept-sales", "department = Sales", {}, "180d"};
  return c;
}

// A leaver, a joiner with work on the mainframe, a guard, a silent target.
plan::Plan small_plan() {
  plan::Plan plan;
  plan.policy = Digest::of("policy");
  plan.purpose = "reconcile";
  plan.causes = {
      {model::CauseId("C-1"), "source_row", "source hr", "hr: P00123 left on 2026-11-19", model::IdentityId(123)},
      {model::CauseId("C-2"), "source_row", "source hr", "hr: P00999 joins on 2026-11-23", model::IdentityId(999)}};
  plan.changes = {revoke("r1", "aberg", 123, "crm-users", "C-1"), revoke("r2", "aberg", 123, "build-admins", "C-1"),
                  change("g1", plan::Verb::kCreate, "directory", "znew", 999, "C-2"),
                  grant("g2", "znew", 999, "crm-users", "C-2")};
  plan.changes[1].risk = model::Risk::kPrivileged;
  plan.changes[2].reason = {"role all-staff", "always", {}, ""};
  plan::Change manual = change("g3", plan::Verb::kCreate, "mainframe", "ZNEW", 999, "C-2");
  manual.manual = true;
  manual.reason = {"role ops", "department = Sales", {}, ""};
  plan.changes.push_back(manual);
  plan.unknowns = {{model::TargetName("crm"), "accounts", "not answered since 09:02", 3}};
  plan.guards = {{"share of removals, directory", true, "31 % of 412 accounts, limit 20 %", {model::CauseId("C-1")}},
                 {"count of adds, directory", false, "1 of 20", {}}};
  plan.approvals = {{"standing:leaver", 0, {}, "2 changes"}, {"ordinary", 1, {"operators"}, "3 changes"}};
  return plan;
}

PlanView view(const plan::Plan& plan) {
  PlanView v{plan, digest(), "draft", {}, {}, {}, {}, kNow};
  v.circumstances.created_at = kNow - Duration::minutes(4);
  v.circumstances.created_by = "ana.ash";
  return v;
}

TEST(PlanText, FoldedByCause) {
  const plan::Plan plan = small_plan();
  PlanView v = view(plan);
  v.held = {model::CauseId("C-1")};
  v.missing = {"ordinary: 1 of operators"};
  EXPECT_EQ(plan_text(v, plan::GroupBy::kCause, false),
            "Plan 9f3c-77a1  reconcile  draft  made 4 min ago by ana.ash\n"
            "  + 2  - 2  m 1  ? 1   5 changes for 2 people on 2 targets  [1 privileged]\n"
            "By cause, what takes access away first:\n"
            "       2 -  hr: P00123 left on 2026-11-19  [1 privileged]\n"
            "  2 +  1 m  hr: P00999 joins on 2026-11-23\n"
            "Unknown; what is there stays, nothing is concluded:\n"
            "  ? crm: accounts: not answered since 09:02 (3 changes withheld)\n"
            "Guards:\n"
            "  share of removals, directory: 31 % of 412 accounts, limit 20 %; holds C-1\n"
            "  count of adds, directory: 1 of 20\n"
            "Approvals:\n"
            "  standing:leaver: standing (2 changes)\n"
            "  ordinary: 1 of operators (3 changes)\n"
            "Held by a guard: 1 cause to look at. Next: tenure plan approve 9f3c-77a1 --reason TEXT --release CAUSE "
            "(or all)\n");
}

TEST(PlanText, FullNamesEveryChangeWithItsReason) {
  const plan::Plan plan = small_plan();
  PlanView v = view(plan);
  v.approvals = {
      {digest(), "leaver", true, {"standing:leaver"}, {}, "", kNow - Duration::minutes(4)},
      {digest(), "bo.lind", false, {"ordinary"}, {model::CauseId("C-1")}, "looked at it", kNow - Duration::minutes(1)}};
  EXPECT_EQ(
      plan_text(v, plan::GroupBy::kTarget, true),
      "Plan 9f3c-77a1  reconcile  draft  made 4 min ago by ana.ash\n"
      "  + 2  - 2  m 1  ? 1   5 changes for 2 people on 2 targets  [1 privileged]\n"
      "By target:\n"
      "  2 +  2 -  directory  [1 privileged]\n"
      "    - revoke crm-users from aberg  in directory  because lifecycle left: the engagement ended 2026-11-19\n"
      "    - revoke build-admins from aberg  in directory  because lifecycle left: the engagement ended 2026-11-19\n"
      "    + create account znew  in directory  because role all-staff: always\n"
      "    + grant crm-users to znew  in directory  because role dept-sales: department = Sales, for 180d\n"
      "       1 m  mainframe\n"
      "    m create account ZNEW  in mainframe  because role ops: department = Sales\n"
      "Unknown; what is there stays, nothing is concluded:\n"
      "  ? crm: accounts: not answered since 09:02 (3 changes withheld)\n"
      "Guards:\n"
      "  share of removals, directory: 31 % of 412 accounts, limit 20 %; released\n"
      "  count of adds, directory: 1 of 20\n"
      "Approvals:\n"
      "  standing:leaver: standing (2 changes); given in advance by the rule\n"
      "  ordinary: 1 of operators (3 changes); bo.lind, 2026-11-20 09:11 UTC (1 min ago)\n"
      "Approved. Next: tenure apply 9f3c-77a1\n");
}

TEST(PlanText, ByIdentityNamesTheLogins) {
  const std::string text = plan_text(view(small_plan()), plan::GroupBy::kIdentity, false);
  EXPECT_NE(text.find("identity 123: aberg"), std::string::npos) << text;
  EXPECT_NE(text.find("identity 999: ZNEW, znew"), std::string::npos) << text;
}

plan::Plan large_plan(int causes) {
  plan::Plan plan;
  plan.purpose = "reconcile";
  for (int i = 0; i < causes; ++i) {
    const std::string n = std::to_string(1000 + i);
    plan.causes.push_back(
        {model::CauseId("C-" + n), "source_row", "source hr", "hr: P" + n + " left", model::IdentityId(i + 1)});
    plan.changes.push_back(revoke("r" + n, "u" + n, i + 1, "vpn", "C-" + n));
    plan.changes.push_back(revoke("s" + n, "u" + n, i + 1, "mail", "C-" + n));
    plan.unknowns.push_back({model::TargetName("crm"), "identity P" + n + ": level", "blank in hr", 1});
    plan.approvals.push_back({"rule-" + n, 1, {"operators"}, ""});
    plan.guards.push_back({"guard " + n, true, "too many", {model::CauseId("C-" + n)}});
  }
  return plan;
}

std::size_t lines_of(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

// Whatever the size: at most 40 lines, everything that is folded is counted, and the verdict stands last.
TEST(PlanText, NeverMoreThanFortyLinesAndNothingIsDroppedSilently) {
  for (const int causes : {1, 4, 5, 6, 19, 20, 21, 22, 23, 100, 5000}) {
    const plan::Plan plan = large_plan(causes);
    PlanView v = view(plan);
    for (const auto& cause : plan.causes) v.held.push_back(cause.id);
    const std::string text = plan_text(v, plan::GroupBy::kCause, false);
    EXPECT_LE(lines_of(text), kFoldedLinesMax) << causes;
    EXPECT_NE(text.find("- " + std::to_string(causes == 5000 ? 10 : 2 * causes)), std::string::npos) << text;
    const auto lines = split(text, '\n');
    EXPECT_TRUE(lines[lines.size() - 2].starts_with("Held by a guard: ")) << text;
    std::int64_t shown = 0, folded = 0;
    for (const auto& line : lines) {
      if (line.starts_with("  2 -  hr: P")) ++shown;
      if (line.starts_with("  ... ") && line.find("not shown: ") != std::string::npos) {
        std::string number = line.substr(6, line.find(" more") - 6);
        std::erase(number, ',');
        folded = std::stoll(number);
        EXPECT_NE(line.find("not shown: " + std::to_string(2 * folded) + " -"), std::string::npos) << line;
      }
    }
    EXPECT_EQ(shown + folded, causes) << text;
  }
}

TEST(PlanText, FoldedSectionsSayHowManyAreMissing) {
  const plan::Plan plan = large_plan(6);
  const std::string text = plan_text(view(plan), plan::GroupBy::kCause, false);
  EXPECT_NE(
      text.find("  ? crm: identity P1003: level: blank in hr (1 change withheld)\n  ... 2 more not shown (--full)\n"),
      std::string::npos)
      << text;
  EXPECT_EQ(plan_text(view(plan), plan::GroupBy::kCause, true).find("not shown"), std::string::npos);
}

TEST(PlanText, NothingToDoIsOnlySaidWhereEverythingIsKnown) {
  plan::Plan plan;
  plan.purpose = "reconcile";
  EXPECT_EQ(plan_text(view(plan), plan::GroupBy::kCause, false),
            "Plan 9f3c-77a1  reconcile  draft  made 4 min ago by ana.ash\n"
            "  no changes\n"
            "Nothing to do: what is there is what is decided.\n");
  plan.unknowns = {{model::TargetName("crm"), "accounts", "not answered", 0}};
  EXPECT_EQ(plan_text(view(plan), plan::GroupBy::kCause, false),
            "Plan 9f3c-77a1  reconcile  draft  made 4 min ago by ana.ash\n"
            "  ? 1\n"
            "Unknown; what is there stays, nothing is concluded:\n"
            "  ? crm: accounts: not answered\n"
            "Nothing to do as far as is known. Next: tenure target read\n");
}

TEST(PlanText, NamesFromTargetsDoNotCommandTheTerminal) {
  plan::Plan plan = small_plan();
  plan.changes[0].account.name = "a\x1b[2Jb\nForged line";
  const std::string text = plan_text(view(plan), plan::GroupBy::kCause, true);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_NE(text.find("a\\x1b[2Jb\\x0aForged line"), std::string::npos) << text;
}

TEST(PlanVerdict, FollowsState) {
  const plan::Plan plan = small_plan();
  PlanView v = view(plan);
  EXPECT_EQ(verdict_of(v), "Approved. Next: tenure apply 9f3c-77a1");
  v.missing = {"ordinary: 1 of operators", "privileged: 2 of security"};
  EXPECT_EQ(verdict_of(v),
            "Not approved: ordinary: 1 of operators; privileged: 2 of security. Next: tenure plan approve 9f3c-77a1 "
            "--reason TEXT");
  v.state = "applied";
  EXPECT_EQ(verdict_of(v), "Applied. Next: tenure run list");
  v.state = "discarded";
  EXPECT_EQ(verdict_of(v), "Discarded. Next: tenure plan create");
}

TEST(PlanFields, CountsAndUnknownsAreThere) {
  const plan::Plan plan = small_plan();
  const json::Object fields = plan_fields(view(plan), plan::GroupBy::kCause);
  EXPECT_EQ(json::to_string(fields.at("counts")), R"({"grant":2,"manual":1,"remove":2,"unknown":1})");
  EXPECT_EQ(fields.at("takes_away").as_int(), 2);
  EXPECT_EQ(fields.at("people").as_int(), 2);
  EXPECT_EQ(fields.at("unknown").as_array().size(), 1U);
  EXPECT_EQ(fields.at("groups").as_array().size(), 2U);
  const auto rows = plan_rows(plan);
  ASSERT_EQ(rows.size(), 5U);
  EXPECT_EQ(rows[0].string_or("op", ""), "remove");
  EXPECT_TRUE(rows[0].bool_or("takes_away", false));
  EXPECT_EQ(rows[4].string_or("symbol", ""), "m");
}

TEST(Consent, IsNeededForWhatTakesAwayOrTouchesMoreThanOnePerson) {
  plan::Plan one;
  one.changes = {grant("g", "a", 1, "vpn", "C-1"), grant("h", "a", 1, "mail", "C-1")};
  EXPECT_FALSE(needs_consent(one));
  plan::Plan two = one;
  two.changes.push_back(grant("i", "b", 2, "vpn", "C-1"));
  EXPECT_TRUE(needs_consent(two));
  plan::Plan away;
  away.changes = {revoke("r", "a", 1, "vpn", "C-1")};
  EXPECT_TRUE(needs_consent(away));
  plan::Plan orphans;  // accounts of nobody count as people: somebody uses them
  orphans.changes = {grant("g", "a", 0, "vpn", "C-1"), grant("h", "b", 0, "vpn", "C-1")};
  EXPECT_TRUE(needs_consent(orphans));
}

TEST(Consent, NamesTheContent) {
  EXPECT_TRUE(names_whole(digest(), digest().str()));
  EXPECT_FALSE(names_whole(digest(), "sha256:9f3c77a1"));
  EXPECT_FALSE(names_whole(digest(), digest().brief()));
  EXPECT_FALSE(names_whole(digest(), digest().str().substr(7)));
  EXPECT_FALSE(names_whole(Digest(), ""));
  EXPECT_TRUE(names_brief(digest(), "9f3c-77a1"));
  for (const char* typed : {"", "y", "yes", "9f3c", "9f3c77a2", "9f3c-77a1x"})
    EXPECT_FALSE(names_brief(digest(), typed)) << typed;
}

}  // namespace
}  // namespace tenure::cli
