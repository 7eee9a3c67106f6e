// One behaviour of the planner each: a small world, and the lines that the plan must have.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tenure/base/text.hpp>
#include <tenure/plan/grouping.hpp>
#include <tenure/plan/testing/small_world.hpp>
#include <tenure/policy/testing/repository.hpp>

namespace tenure::plan {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

const policy::PolicySet& company() {
  static const policy::PolicySet policy =
      policy::testing::load_repository(std::string(TENURE_SOURCE_DIR) + "/tests/golden/plan/policy");
  return policy;
}

const model::TargetName kDirectory("directory");
const model::AccountRef kAnna{kDirectory, model::NativeId("u1")};

// Anna Berg, Sales, level 1, with a directory account that holds what the rules give; everything is managed and
// decided.
World calm() {
  return testing::read_world(R"({
    "now": "2026-11-20",
    "identities": [ { "id": 1, "key": "P1",
      "facts": { "person_id": "P1", "given_name": "Anna", "family_name": "Berg", "department": "Sales", "level": 1, "title": null },
      "engagements": [ { "key": "C1", "start": "2020-01-01" } ] } ],
    "targets": [ { "name": "directory", "managed": "2026-11-01", "ends_sessions": true, "accounts": [
      { "id": "u1", "name": "aberg", "attributes": { "employeeNumber": "P1" }, "grants": [ "all-staff", "sales" ] } ] } ],
    "claims": { "directory/u1": 1 },
    "granted": { "directory/u1": [ "account", "all-staff by all-staff", "sales by sales" ] } })");
}

model::Account& account(World& world) {
  return world.targets.at(kDirectory).observed->accounts.at(0);
}
model::Identity& anna(World& world) {
  return world.identities.at(model::IdentityId(1));
}

void set_grants(World& world, const std::vector<std::string>& entitlements) {
  auto& observed = *world.targets.at(kDirectory).observed;
  observed.grants.clear();
  for (const auto& one : entitlements)
    observed.grants.push_back({model::Holder{kAnna.id, {}}, model::EntitlementId(one), ""});
  observed.sort();
}

model::Decision& decide(World& world, model::DecisionKind kind, const std::string& entitlement) {
  model::Decision decision;
  decision.kind = kind;
  decision.account = kAnna;
  decision.entitlement = model::EntitlementId(entitlement);
  decision.owner = "gus.holm";
  decision.actor = "ana.ash";
  decision.since = world.now - Duration::days(10);
  world.decisions.erase(row_id(decision));
  return world.decisions[row_id(decision)] = decision;
}

PlanResult planned(const World& world, const PlanRequest& request = {}) {
  auto result = make_plan(company(), world, request);
  EXPECT_TRUE(result.has_value()) << result.error().to_string();
  return std::move(*result);
}

std::vector<std::string> changes(const PlanResult& result) {
  std::vector<std::string> lines;
  for (const Change& change : result.plan.changes)
    lines.push_back(std::string(1, symbol_of(change)) + " " + describe(change));
  return lines;
}

std::vector<std::string> findings(const PlanResult& result) {
  std::vector<std::string> kinds;
  for (const auto& finding : result.findings)
    kinds.push_back(std::string(model::name_of(finding.kind)) + " " + finding.entitlement.str());
  return kinds;
}

TEST(Planner, NothingToDoInACalmWorld) {
  const PlanResult result = planned(calm());
  EXPECT_THAT(changes(result), IsEmpty());
  EXPECT_THAT(findings(result), IsEmpty());
  EXPECT_EQ(result.plan.held(), false);
}

TEST(Planner, ADeviationIsExplainedUntilTheDecisionEnds) {
  struct Case {
    model::DecisionKind kind;
    std::vector<std::string> change, finding;  // when it is over
  };
  const std::vector<Case> cases = {
      {model::DecisionKind::kAdopted, {"- revoke project-x from aberg"}, {}},
      {model::DecisionKind::kAccepted, {}, {"drift_added project-x"}},
      {model::DecisionKind::kDeclared, {}, {"drift_added project-x"}},
      {model::DecisionKind::kBaseline, {}, {"unexplained project-x"}},
  };
  for (const Case& one : cases) {
    World world = calm();
    set_grants(world, {"all-staff", "sales", "project-x"});
    decide(world, one.kind, "project-x").until = world.now + Duration::days(1);
    PlanResult result = planned(world);
    EXPECT_THAT(changes(result), IsEmpty());
    if (one.kind != model::DecisionKind::kBaseline) {
      EXPECT_THAT(findings(result), IsEmpty());
      EXPECT_EQ(result.next_due, world.now + Duration::days(1));
    }
    world.now = world.now + Duration::days(1);
    result = planned(world);
    EXPECT_EQ(changes(result), one.change) << model::name_of(one.kind);
    EXPECT_EQ(findings(result), one.finding) << model::name_of(one.kind);
  }
}

TEST(Planner, AWantedGrantThatIsThereBecomesTheRules) {
  for (const auto kind : {model::DecisionKind::kBaseline, model::DecisionKind::kDeclared}) {
    World world = calm();
    decide(world, kind, "sales");
    EXPECT_THAT(changes(planned(world)), ElementsAre("< aberg holds sales by rule"));
  }
  World world = calm();
  decide(world, model::DecisionKind::kAdopted, "sales").until = world.now + Duration::days(5);
  EXPECT_THAT(changes(planned(world)), IsEmpty());
}

TEST(Planner, WhatWasTakenAwayOutsideIsNotGivenBack) {
  World world = calm();
  set_grants(world, {"all-staff"});
  EXPECT_THAT(changes(planned(world)), IsEmpty());
  EXPECT_THAT(findings(planned(world)), ElementsAre("drift_removed sales"));
  decide(world, model::DecisionKind::kHeld, "sales");  // somebody decided that it stays away
  EXPECT_THAT(findings(planned(world)), IsEmpty());
  world.decisions.erase("directory/u1/sales");  // never given before: missing, not taken
  EXPECT_THAT(changes(planned(world)), ElementsAre("+ grant sales to aberg"));
}

TEST(Planner, ARestrictionIsRespected) {
  World world = calm();
  account(world).enabled = false;
  account(world).restriction = "locked";
  set_grants(world, {"all-staff"});
  world.decisions.erase("directory/u1/sales");
  PlanResult result = planned(world);
  EXPECT_THAT(changes(result), IsEmpty()) << "not enabled, and nothing added to it";
  EXPECT_THAT(findings(result), ElementsAre("restriction "));
  decide(world, model::DecisionKind::kHeld, "");
  EXPECT_THAT(findings(planned(world)), IsEmpty());
}

TEST(Planner, ARejoinEnablesWhatTenureDisabledUnlessSomebodyLockedItToo) {
  World world = calm();
  account(world).enabled = false;
  set_grants(world, {});
  world.decisions.clear();
  decide(world, model::DecisionKind::kDisabled, "");
  const PlanResult result = planned(world);
  EXPECT_THAT(changes(result),
              UnorderedElementsAre("+ enable account aberg", "+ grant all-staff to aberg", "+ grant sales to aberg"));
  for (const Change& change : result.plan.changes)
    if (change.verb == Verb::kGrant) {
      EXPECT_EQ(change.needs.size(), 1U);
    }
  account(world).restriction = "locked";
  EXPECT_THAT(changes(planned(world)), IsEmpty());
  EXPECT_THAT(findings(planned(world)), ElementsAre("restriction "));
  world.targets.at(kDirectory).own_restriction = "locked";  // where our own disabling is a lock
  EXPECT_EQ(changes(planned(world)).size(), 3U);
  world.targets.at(kDirectory).own_restriction.reset();  // where it cannot be told apart
  EXPECT_EQ(changes(planned(world)).size(), 3U);
}

TEST(Planner, AnAccountRemovedOutsideIsNotCreatedAgain) {
  World world = calm();
  world.targets.at(kDirectory).observed->accounts.clear();
  set_grants(world, {});
  EXPECT_THAT(changes(planned(world)), IsEmpty());
  EXPECT_THAT(findings(planned(world)), ElementsAre("restriction "));
}

TEST(Planner, ALeaverOnATargetThatWasNeverReadIsStillAnObligation) {
  World world = calm();
  world.targets.at(kDirectory).observed.reset();
  anna(world).engagements[0].end = world.now;
  EXPECT_THAT(changes(planned(world)), UnorderedElementsAre("- disable account u1", "- end sessions of u1",
                                                            "- revoke all-staff from u1", "- revoke sales from u1"));
}

TEST(Planner, NothingIsConcludedFromAnOldReading) {
  World world = calm();
  set_grants(world, {"all-staff", "project-x"});
  world.decisions.erase("directory/u1/sales");
  anna(world).facts.at("department").value = "Finance";
  world.targets.at(kDirectory).state.unknown_since = world.now;
  const PlanResult result = planned(world);
  EXPECT_THAT(changes(result), IsEmpty());
  EXPECT_THAT(findings(result), IsEmpty());
  ASSERT_EQ(result.plan.unknowns.size(), 1U);
  EXPECT_EQ(result.plan.unknowns[0].changes_withheld, 1);
}

TEST(Planner, WhatIsUnderWayIsNotPlannedAgain) {
  World world = calm();
  world.decisions.erase("directory/u1/sales");
  set_grants(world, {"all-staff"});
  world.in_flight.push_back(
      {model::ChangeId("x"), kAnna, model::EntitlementId("sales"), "grant", "", model::IdentityId(1)});
  EXPECT_THAT(changes(planned(world)), IsEmpty());

  World joiner = calm();
  joiner.claims.clear();
  joiner.decisions.clear();
  joiner.targets.at(kDirectory).observed->accounts.clear();
  set_grants(joiner, {});
  joiner.in_flight.push_back({model::ChangeId("x"), {kDirectory, {}}, {}, "create", "aberg", model::IdentityId(1)});
  EXPECT_THAT(changes(planned(joiner)), IsEmpty());
}

TEST(Planner, ATermThatIsOverEndsTheGrantOnce) {
  World world = calm();
  decide(world, model::DecisionKind::kGranted, "sales").until = world.now;
  const PlanResult result = planned(world);
  ASSERT_THAT(changes(result), ElementsAre("- revoke sales from aberg"));
  EXPECT_EQ(result.plan.causes.at(0).kind, "timer");
  testing::apply(company(), result, world);
  EXPECT_THAT(changes(planned(world)), IsEmpty()) << "the rule does not give it again by itself";
}

TEST(Planner, AdditiveScopeKeepsWhatOthersGave) {
  World world = calm();
  set_grants(world, {"all-staff", "sales", "club-golf"});
  EXPECT_THAT(changes(planned(world)), IsEmpty());
  EXPECT_THAT(findings(planned(world)), IsEmpty());
  decide(world, model::DecisionKind::kGranted, "club-golf");
  EXPECT_THAT(changes(planned(world)), ElementsAre("- revoke club-golf from aberg"));
}

TEST(Planner, AMergedIdentityKeepsItsAccounts) {
  World world = calm();
  model::Identity survivor = anna(world);
  survivor.id = model::IdentityId(9);
  anna(world).alias_of = survivor.id;
  world.identities[survivor.id] = survivor;
  EXPECT_THAT(changes(planned(world)), IsEmpty());
}

TEST(Planner, AnEndedAccountIsDeletedWhenItsTimeHasCome) {
  World world = calm();
  anna(world).engagements[0].end = world.now;
  testing::apply(company(), planned(world), world);
  EXPECT_EQ(planned(world).next_due, world.now + Duration::days(90));
  world.now = world.now + Duration::days(90);
  EXPECT_THAT(changes(planned(world)), ElementsAre("- delete account aberg"));
  testing::apply(company(), planned(world), world);
  EXPECT_TRUE(world.claims.empty());
  EXPECT_THAT(changes(planned(world)), IsEmpty());
}

TEST(Planner, OnlyTheIdentitiesThatWereAskedFor) {
  World world = calm();
  world.decisions.erase("directory/u1/sales");
  set_grants(world, {"all-staff"});
  PlanRequest request;
  request.identities = {model::IdentityId(2)};
  EXPECT_THAT(changes(planned(world, request)), IsEmpty());
  request.identities = {model::IdentityId(1)};
  EXPECT_THAT(changes(planned(world, request)), ElementsAre("+ grant sales to aberg"));
  request.targets = {model::TargetName("ledger")};
  EXPECT_THAT(changes(planned(world, request)), IsEmpty());
}

TEST(Planner, ANameThatFollowsAndIsTakenIsAFinding) {
  World world = calm();
  anna(world).facts.at("department").value = "Finance";
  world.targets.at(kDirectory).state.managed = false;
  TargetView ledger;
  ledger.state.target = model::TargetName("ledger");
  ledger.state.managed = true;
  ledger.observed.emplace();
  ledger.observed->coverage.complete = true;
  world.targets[ledger.state.target] = ledger;
  EXPECT_THAT(changes(planned(world)), UnorderedElementsAre("+ create account aberg", "+ grant ledger_ro to aberg"));
  const model::NameTaken taken{ledger.state.target, "name", "ABerg", model::IdentityId(77), {}};
  world.names[row_id(taken)] = taken;
  EXPECT_THAT(changes(planned(world)), IsEmpty());
  EXPECT_THAT(findings(planned(world)), ElementsAre("name_collision "));
}

// --- revert ---------------------------------------------------------------------------------------------------------

TEST(Revert, UndoesWhatEachFindingIsAbout) {
  struct Case {
    void (*break_it)(World&);
    std::vector<std::string> changes;
  };
  const std::vector<Case> cases = {
      {[](World& w) { set_grants(w, {"all-staff", "sales", "build-admins"}); }, {"- revoke build-admins from aberg"}},
      {[](World& w) { set_grants(w, {"all-staff"}); }, {"+ grant sales to aberg"}},
      {[](World& w) { account(w).enabled = false; }, {"+ enable account aberg"}},
      {[](World& w) { w.claims.clear(); }, {"- disable account aberg", "- end sessions of aberg"}},
  };
  for (const Case& one : cases) {
    World world = calm();
    one.break_it(world);
    const PlanResult seen = planned(world);
    ASSERT_EQ(seen.findings.size(), 1U);
    world.findings[seen.findings[0].id] = seen.findings[0];
    const PlanResult result = planned(world, PlanRequest::revert({seen.findings[0].id}));
    EXPECT_EQ(changes(result), one.changes);
    EXPECT_EQ(result.plan.changes[0].reason.rule, "drift revert " + seen.findings[0].id);
    testing::apply(company(), result, world);
    EXPECT_THAT(changes(planned(world, PlanRequest::revert({seen.findings[0].id}))), IsEmpty()) << "already so";
  }
}

TEST(Revert, RefusesWhatItCannotUndo) {
  World world = calm();
  EXPECT_EQ(make_plan(company(), world, PlanRequest::revert({"F-none"})).error().reason(),
            tenure::Reason::kFindingNotFound);
  set_grants(world, {"all-staff"});
  const auto seen = planned(world);
  world.findings[seen.findings[0].id] = seen.findings[0];
  world.targets.at(kDirectory).state.unknown_since = world.now;
  EXPECT_EQ(make_plan(company(), world, PlanRequest::revert({seen.findings[0].id})).error().reason(),
            tenure::Reason::kFindingState);
}

TEST(Findings, AreClosedWhenTheyAreGoneAndNotOpenedTwice) {
  World world = calm();
  set_grants(world, {"all-staff", "sales", "project-x"});
  const PlanResult seen = planned(world);
  ASSERT_EQ(seen.findings.size(), 1U);
  world.findings[seen.findings[0].id] = seen.findings[0];
  EXPECT_THAT(planned(world).findings, IsEmpty());
  EXPECT_THAT(planned(world).findings_to_close, IsEmpty());
  const auto closes = [&](const std::string& answer) {
    return std::vector<std::pair<std::string, std::string>>{{seen.findings[0].id, answer}};
  };
  World declared = world;
  decide(declared, model::DecisionKind::kDeclared, "project-x");
  EXPECT_EQ(planned(declared).findings_to_close, closes("explained"));
  World gone = world;
  set_grants(gone, {"all-staff", "sales"});
  EXPECT_EQ(planned(gone).findings_to_close, closes("gone"));
  gone.targets.at(kDirectory).state.unknown_since = gone.now;
  EXPECT_THAT(planned(gone).findings_to_close, IsEmpty()) << "an old reading proves nothing";
}

// --- onboarding -----------------------------------------------------------------------------------------------------

TEST(Onboarding, NeedsAFullReading) {
  World world = calm();
  world.targets.at(kDirectory).state.managed = false;
  const auto reason = [&] { return make_plan(company(), world, PlanRequest::onboard(kDirectory)).error().reason(); };
  world.targets.at(kDirectory).observed->coverage.complete = false;
  EXPECT_EQ(reason(), tenure::Reason::kTargetPartial);
  world.targets.at(kDirectory).observed.reset();
  EXPECT_EQ(reason(), tenure::Reason::kTargetUnreachable);
  EXPECT_EQ(make_plan(company(), world, PlanRequest::onboard(model::TargetName("nowhere"))).error().reason(),
            tenure::Reason::kNotFound);
}

TEST(Onboarding, AnAccountThatFitsTwoIsNotGuessed) {
  World world = calm();
  world.targets.at(kDirectory).state = {};
  world.targets.at(kDirectory).state.target = kDirectory;
  world.claims.clear();
  model::Identity twin = anna(world);
  twin.id = model::IdentityId(2);
  twin.key = "P1b";
  world.identities[twin.id] = twin;
  const PlanResult result = planned(world, PlanRequest::onboard(kDirectory));
  EXPECT_THAT(changes(result), ElementsAre("< manage directory from now on"));
  EXPECT_THAT(findings(result), UnorderedElementsAre("ambiguous ", "orphan "));
}

}  // namespace
}  // namespace tenure::plan
