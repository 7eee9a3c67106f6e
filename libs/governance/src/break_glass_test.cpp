// Emergency authority: who, what for, how long, and what is owed afterwards.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <tenure/governance/break_glass.hpp>

namespace tenure::governance {
namespace {

const Time kNow = Time::parse("2026-11-20").value();
const model::TargetName kLedger("ledger"), kDirectory("directory");

Person person(const std::string& id) {
  return {id, {evidence::ActorKind::kPerson, "ref"}};
}

BreakGlassTerms terms() {
  return {"emergency",   Duration::hours(1), Duration::minutes(30), Duration::days(3),
          {"operators"}, {"security"},       {"security", "board"}};
}

AskBreakGlass asking() {
  return {"B-00000001",
          "11111111-1111-4111-8111-111111111111",
          Digest::of("policy"),
          person("ana"),
          {"operators"},
          "payroll is being emptied",
          "INC-7",
          {kLedger},
          Duration::minutes(30)};
}

BreakGlass opened(Time at = kNow) {
  const auto asked = ask(asking(), terms(), {}, at);
  return confirm(asked.value().row, person("cai"), {"security"}, terms(), at).value().row;
}

template <class T>
Reason reason_of(const Result<T>& result) {
  return result ? Reason::kInternal : result.error().reason();
}

plan::Plan plan_on(const model::TargetName& target, plan::Verb verb = plan::Verb::kDisable) {
  plan::Plan plan;
  plan::Change change;
  change.target = target;
  change.verb = verb;
  plan.changes = {change};
  return plan;
}

TEST(BreakGlass, IsAskedForWithEverythingAnAuditorAsks) {
  EXPECT_TRUE(ask(asking(), terms(), {}, kNow));
  for (int i = 0; i < 6; ++i) {
    AskBreakGlass wrong = asking();
    if (i == 0) wrong.roles = {"staff"};
    if (i == 1) wrong.reason.clear();
    if (i == 2) wrong.ticket.clear();
    if (i == 3) wrong.targets.clear();
    if (i == 4) wrong.term = Duration::hours(1) + Duration::micros(1);
    if (i == 5) wrong.term = Duration();
    EXPECT_EQ(reason_of(ask(wrong, terms(), {}, kNow)), Reason::kBreakGlassRefused) << i;
  }
}

TEST(BreakGlass, NeedsASecondPersonInTime) {
  const BreakGlass asked = ask(asking(), terms(), {}, kNow).value().row;
  EXPECT_FALSE(authority_of(asked, kNow));
  EXPECT_EQ(reason_of(confirm(asked, person("ana"), {"security"}, terms(), kNow)), Reason::kSelfApproval);
  EXPECT_EQ(reason_of(confirm(asked, person("dee"), {"operators"}, terms(), kNow)), Reason::kBreakGlassRefused);
  EXPECT_EQ(reason_of(confirm(asked, person("cai"), {"security"}, terms(), kNow + Duration::minutes(30))),
            Reason::kTermOver);
  EXPECT_TRUE(asked.lapsed(kNow + Duration::minutes(30)));
  EXPECT_TRUE(withdraw(asked, person("ana"), "false alarm", kNow));
}

TEST(BreakGlass, HoldsForItsTermAndItsTargetsAlone) {
  const BreakGlass glass = opened();
  const Time end = kNow + Duration::minutes(30);
  const auto authority = authority_of(glass, kNow);
  ASSERT_TRUE(authority);
  EXPECT_TRUE(covers(*authority, plan_on(kLedger), kNow));
  EXPECT_TRUE(covers(*authority, plan_on(kLedger), end - Duration::micros(1)));
  EXPECT_EQ(reason_of(covers(*authority, plan_on(kLedger), end)), Reason::kBreakGlassOver);
  EXPECT_EQ(reason_of(covers(*authority, plan_on(kLedger), kNow - Duration::micros(1))), Reason::kBreakGlassOver);
  EXPECT_EQ(reason_of(covers(*authority, plan_on(kDirectory), kNow)), Reason::kBreakGlassOver);
  EXPECT_EQ(reason_of(covers(*authority, plan_on(kLedger, plan::Verb::kAdopt), kNow)), Reason::kBreakGlassOver);
  EXPECT_FALSE(authority_of(glass, end));
}

TEST(BreakGlass, IsADebtUntilItIsReviewed) {
  const BreakGlass open = opened();
  EXPECT_EQ(reason_of(close(open, person("ana"), "", {}, kNow)), Reason::kBreakGlassUnsettled);
  EXPECT_EQ(reason_of(close(open, person("ana"), "locked", {{"ledger: kcole is not verified"}}, kNow)),
            Reason::kBreakGlassUnsettled);
  const auto closed = close(open, person("ana"), "locked", {}, kNow);
  ASSERT_TRUE(closed);
  EXPECT_EQ(closed->records.back().type, evidence::event::kReviewOpened);
  const Time late = open.review_by;
  EXPECT_FALSE(closed->row.overdue(late - Duration::micros(1)));
  EXPECT_EQ(reason_of(ask(asking(), terms(), {closed->row}, late)), Reason::kBreakGlassDebt);
  EXPECT_EQ(reason_of(ask(asking(), terms(), {open}, late)), Reason::kBreakGlassDebt) << "never closed";
  for (const char* who : {"ana", "cai"})
    EXPECT_EQ(reason_of(review(closed->row, person(who), {"security"}, "fine", kNow)), Reason::kSelfApproval);
  EXPECT_EQ(reason_of(review(closed->row, person("dee"), {"operators"}, "fine", kNow)), Reason::kBreakGlassRefused);
  const auto reviewed = review(closed->row, person("fay"), {"board"}, "rightly so", late);
  ASSERT_TRUE(reviewed);
  EXPECT_TRUE(ask(asking(), terms(), {reviewed->row}, late));
  EXPECT_EQ(break_glass_from_json(to_json(reviewed->row)), reviewed->row);
}

// Whoever does what in whatever order: authority exists only between a confirmation by a second person and the end of
// the term, and nobody who opened or confirmed one has reviewed it.
RC_GTEST_PROP(BreakGlassLaw, NobodyHasAuthorityAlone, ()) {
  const std::vector<std::string> people = {"p0", "p1", "p2"};
  AskBreakGlass asked = asking();
  asked.person = person(*rc::gen::elementOf(people));
  BreakGlass glass = ask(asked, terms(), {}, kNow).value().row;
  Time now = kNow;
  for (int turn = *rc::gen::inRange(0, 12); turn > 0; --turn) {
    const Person who = person(*rc::gen::elementOf(people));
    const std::vector<std::string> roles = {"security", "operators"};
    now = now + Duration::minutes(*rc::gen::inRange(0, 20));
    Result<Transition<BreakGlass>> moved = fail(Reason::kInternal, "nothing");
    switch (*rc::gen::inRange(0, 4)) {
      case 0:
        moved = confirm(glass, who, roles, terms(), now);
        break;
      case 1:
        moved = withdraw(glass, who, "why", now);
        break;
      case 2:
        moved = close(glass, who, "done", {}, now);
        break;
      default:
        moved = review(glass, who, roles, "seen", now);
        break;
    }
    if (moved) glass = moved->row;
    if (const auto authority = authority_of(glass, now)) {
      RC_ASSERT(!glass.confirmed_by.empty() && glass.confirmed_by != glass.opened_by);
      RC_ASSERT(now >= glass.opened_at && now < glass.opened_at + glass.term);
    }
    if (glass.state == BreakGlassState::kReviewed) {
      RC_ASSERT(glass.reviewed_by != glass.opened_by && glass.reviewed_by != glass.confirmed_by);
      RC_ASSERT(!glass.confirmed_by.empty());
    }
  }
}

}  // namespace
}  // namespace tenure::governance
