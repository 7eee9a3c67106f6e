// What holds whatever people say, in whatever order: of denials and consents that are taken back or lapse, of emergency
// authority, and of the word of a second person. Each law is shown to notice the defects planted in the code.
#include "planted.hpp"

#include <map>
#include <optional>
#include <set>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <tenure/base/clock.hpp>
#include <tenure/governance/approval.hpp>
#include <tenure/governance/break_glass.hpp>
#include <tenure/governance/work_order.hpp>

namespace tenure::governance {
namespace {

const Time kBegin = Time::parse("2026-11-20").value();
const Digest kDigest = Digest::of("plan");
const model::TargetName kLedger("ledger"), kOtherTarget("crm");

Person somebody(Random& dice) {
  return {"p" + std::to_string(dice.below(4)), {evidence::ActorKind::kPerson, "ref"}};
}

// What was said last by each, and when: told beside the code, by somebody who knows no more than that.
struct Last {
  Said said = Said::kGiven;
  Time at;
};

// "" or what is wrong.
std::string answers(std::uint64_t seed) {
  Random dice(seed);
  plan::ApprovalNeeded needed{.rule = "r", .count = static_cast<int>(1 + dice.below(2)), .approvers = {"operators"}};
  if (dice.chance(1, 2)) needed.expires_after = Duration::hours(8);
  const std::vector<plan::ApprovalNeeded> all = {needed};
  const std::string loser = somebody(dice).id;
  std::map<std::string, Approval> rows;
  std::map<std::string, Last> last;
  Time now = kBegin;
  for (std::uint64_t turns = dice.below(10); turns > 0; --turns) {
    now = now + Duration::minutes(static_cast<std::int64_t>(dice.below(60)));
    std::vector<Approval> given;
    for (const auto& [who, row] : rows) given.push_back(row);
    Consent consent;
    consent.plan = kDigest;
    consent.person = somebody(dice);
    consent.roles = {"operators"};
    consent.losers = {loser};
    consent.comment = "because";
    consent.asked_at = kBegin;
    const std::string& who = consent.person.id;
    const std::uint64_t what = dice.below(3);
    if (what == 2 && !rows.contains(who)) continue;
    auto moved = what == 0   ? approve(consent, all, given, now)
                 : what == 1 ? deny(consent, all, given, now)
                             : withdraw(rows.at(who), consent.person, "back", "", now);
    if (!moved) continue;
    if (what == 1 && who == loser) return who + " denies the end of their own access";
    const bool again = what == 0 && last.contains(who) && last[who].said == Said::kGiven;
    rows.insert_or_assign(who, moved->row);
    if (!again) last[who] = {what == 0 ? Said::kGiven : what == 1 ? Said::kDenied : Said::kWithdrawn, now};
  }
  std::vector<Approval> given;
  for (const auto& [who, row] : rows) given.push_back(row);
  std::multiset<Time> yes;
  int no = 0;
  for (const auto& [who, one] : last) {
    if (one.said == Said::kGiven) yes.insert(one.at);
    no += one.said == Said::kDenied ? 1 : 0;
  }
  const auto count = static_cast<std::size_t>(needed.count);
  for (const Time at : {now, now + Duration::hours(20)}) {
    bool approved = no == 0 && yes.size() >= count;
    if (approved && needed.expires_after != Duration())
      approved = *std::next(yes.begin(), needed.count - 1) + needed.expires_after > at;
    if (satisfied(kDigest, all, given, at) != approved) return approved ? "not approved" : "approved";
  }
  return "";
}

plan::Plan plan_on(const model::TargetName& target) {
  plan::Change change;
  change.target = target;
  change.verb = plan::Verb::kDisable;
  plan::Plan plan;
  plan.changes = {change};
  return plan;
}

std::string fault_of_authority(const BreakGlass& glass, Time now) {
  const auto authority = authority_of(glass, now);
  if (!authority) return "";
  if (glass.confirmed_by.empty() || glass.confirmed_by == glass.opened_by) return "authority of one person";
  if (now < glass.opened_at || now >= glass.opened_at + glass.term) return "authority outside the term";
  if (covers(*authority, plan_on(kOtherTarget), now)) return "authority over a target that was not named";
  return "";
}

std::string glasses(std::uint64_t seed) {
  Random dice(seed);
  const BreakGlassTerms terms{"r",           Duration::hours(1), Duration::minutes(30), Duration::hours(2),
                              {"operators"}, {"operators"},      {"operators"}};
  const std::vector<std::string> roles = {"operators"};
  std::vector<BreakGlass> others;
  std::optional<BreakGlass> glass;
  Time now = kBegin;
  for (std::uint64_t turns = dice.below(24); turns > 0; --turns) {
    now = now + Duration::minutes(static_cast<std::int64_t>(dice.below(40)));
    const Person who = somebody(dice);
    if (!glass) {
      const AskBreakGlass asking{"B-1", "",        Digest::of("p"),      who, roles, "theft",
                                 "INC", {kLedger}, Duration::minutes(30)};
      const auto asked = ask(asking, terms, others, now);
      for (const BreakGlass& other : others)
        if (asked && other.state == BreakGlassState::kClosed && now >= other.review_by) return "opened beside a debt";
      if (asked) glass = asked->row;
      continue;
    }
    Result<Transition<BreakGlass>> moved = fail(Reason::kInternal, "nothing");
    const Unsettled unsettled{dice.chance(1, 2) ? std::vector<std::string>{"not verified"}
                                                : std::vector<std::string>()};
    switch (dice.below(4)) {
      case 0:
        moved = confirm(*glass, who, roles, terms, now);
        break;
      case 1:
        moved = close(*glass, who, "done", unsettled, now);
        if (moved && !unsettled.what.empty()) return "closed although something is not settled";
        break;
      case 2:
        moved = review(*glass, who, roles, "seen", now);
        if (moved && (who.id == glass->opened_by || who.id == glass->confirmed_by)) return "reviewed by who took part";
        break;
      default:
        break;
    }
    if (moved) glass = moved->row;
    if (auto fault = fault_of_authority(*glass, now); !fault.empty()) return fault;
    if (glass->state == BreakGlassState::kClosed && dice.chance(1, 4)) others = {*std::exchange(glass, std::nullopt)};
  }
  return "";
}

std::string words(std::uint64_t seed) {
  Random dice(seed);
  plan::Change change;
  change.id = model::ChangeId("c");
  change.verb = plan::Verb::kRevoke;
  WorkTemplates templates;
  templates.readable = dice.chance(1, 2);
  WorkOrder order = issue(change, "run", model::CaseId("case"), templates, kBegin).row;
  for (std::uint64_t turns = dice.below(10); turns > 0; --turns) {
    const Person who = somebody(dice);
    Result<Transition<WorkOrder>> moved = fail(Reason::kInternal, "nothing");
    switch (dice.below(5)) {
      case 0:
        moved = claim(order, who, kBegin);
        break;
      case 1:
        moved = release(order, who, "", kBegin);
        break;
      case 2:
        moved = reject(order, who, "locked", kBegin);
        break;
      case 3:
        moved = attest(order, who, "done", {}, kBegin);
        break;
      default:
        moved = witness(order, who, "saw it", kBegin);
        if (moved && templates.readable) return "witnessed where a reading could show it";
        if (moved && who.id == order.claimed_by) return "its own witness";
        if (moved && order.state != WorkOrderState::kAttested) return "witnessed before anybody said that it is done";
        break;
    }
    if (moved) order = moved->row;
  }
  return "";
}

using Law = std::string (*)(std::uint64_t seed);

TEST(EmergencyLaw, WhatCountsIsWhatEachSaidLast) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) { RC_ASSERT(answers(seed) == ""); }));
}
TEST(EmergencyLaw, NobodyHasAuthorityAloneOrForLongerOrBesideADebt) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) { RC_ASSERT(glasses(seed) == ""); }));
}
TEST(EmergencyLaw, AWitnessIsASecondPerson) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) { RC_ASSERT(words(seed) == ""); }));
}

struct PlantedEmergency {
  Defect defect;
  const char* name;
  Law law;
};
class PlantedEmergencyDefect : public ::testing::TestWithParam<PlantedEmergency> {
 protected:
  void SetUp() override { planted_defect = GetParam().defect; }
  void TearDown() override { planted_defect = Defect::kNone; }
};

TEST_P(PlantedEmergencyDefect, IsNoticed) {
  constexpr std::uint64_t kSeeds = 2000;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed)
    if (!GetParam().law(seed).empty()) return;
  FAIL() << "none of " << kSeeds << " seeds shows it";
}

INSTANTIATE_TEST_SUITE_P(Each, PlantedEmergencyDefect,
                         ::testing::Values(PlantedEmergency{Defect::kDenialPassedOver, "DenialPassedOver", answers},
                                           PlantedEmergency{Defect::kWithdrawnCounts, "WithdrawnCounts", answers},
                                           PlantedEmergency{Defect::kLoserDenies, "LoserDenies", answers},
                                           PlantedEmergency{Defect::kConsentNeverLapses, "ConsentNeverLapses", answers},
                                           PlantedEmergency{Defect::kGlassAlone, "GlassAlone", glasses},
                                           PlantedEmergency{Defect::kGlassPastItsTerm, "GlassPastItsTerm", glasses},
                                           PlantedEmergency{Defect::kGlassOfAnyTarget, "GlassOfAnyTarget", glasses},
                                           PlantedEmergency{Defect::kGlassOwnReview, "GlassOwnReview", glasses},
                                           PlantedEmergency{Defect::kGlassUnsettledClose, "GlassUnsettledClose",
                                                            glasses},
                                           PlantedEmergency{Defect::kGlassDebtForgotten, "GlassDebtForgotten", glasses},
                                           PlantedEmergency{Defect::kWitnessAlone, "WitnessAlone", words},
                                           PlantedEmergency{Defect::kWitnessOfReadable, "WitnessOfReadable", words}),
                         [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace tenure::governance
