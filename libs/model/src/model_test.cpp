#include <gtest/gtest.h>

#include <tenure/model/access.hpp>
#include <tenure/model/decision.hpp>
#include <tenure/model/identity.hpp>

namespace tenure::model {
namespace {

Identity sample_identity() {
  Identity identity;
  identity.id = IdentityId(7);
  identity.key = "P00123";
  identity.facts["department"] = {"Sales", false, SourceName("hr"), Time::from_micros(5)};
  identity.facts["level"] = {nullptr, true, SourceName("hr"), Time::from_micros(5)};
  identity.engagements.push_back({SourceName("hr"), "C1", Time::from_micros(1), Time::never(), "active"});
  identity.relations.push_back({"manager", IdentityId(1), SourceName("hr")});
  identity.records.push_back({SourceName("hr"), "C1"});
  return identity;
}

Observation sample_observation() {
  Observation o;
  o.target = TargetName("directory");
  o.read_at = Time::from_micros(9);
  o.coverage = {false, {"admins"}, "page 2 did not arrive"};
  o.accounts = {{NativeId("b"), "", "bob", "people", Purpose::kNormal, true, "", {{"mail", "b@x"}}},
                {NativeId("a"), "1", "ann", "admins", Purpose::kAdmin, false, "locked", {}}};
  o.entitlements = {{EntitlementId("eng"), "Engineering"}};
  o.grants = {{Holder{NativeId("b"), {}}, EntitlementId("eng"), ""},
              {Holder{{}, EntitlementId("sub")}, EntitlementId("eng"), ""},
              {Holder{NativeId("a"), {}}, EntitlementId("pay"), "{\"access\":\"READ\"}"}};
  o.sort();
  return o;
}

TEST(IdentityValue, SurvivesJson) {
  const Identity identity = sample_identity();
  EXPECT_EQ(identity_from_json(to_json(identity)).value(), identity);
}

TEST(IdentityValue, FaultNamesThePath) {
  json::Value value = to_json(sample_identity());
  value.as_object().at("facts").as_object().at("level").as_object().erase("value");
  EXPECT_EQ(identity_from_json(value).error().message(), "identity.facts.level.value: expected a value");
}

TEST(ObservationValue, SurvivesJsonAndFindsByOrder) {
  const Observation o = sample_observation();
  const Observation back = observation_from_json(to_json(o)).value();
  EXPECT_EQ(back.accounts, o.accounts);
  EXPECT_EQ(back.grants, o.grants);
  EXPECT_EQ(back.coverage, o.coverage);
  EXPECT_EQ(back.content_digest(), o.content_digest());
  ASSERT_NE(o.find_account(NativeId("b")), nullptr);
  EXPECT_EQ(o.find_account(NativeId("c")), nullptr);
  ASSERT_EQ(o.grants_of(NativeId("a")).size(), 1U);
  EXPECT_EQ(o.grants_of(NativeId("a"))[0].entitlement, EntitlementId("pay"));
}

TEST(ObservationValue, DigestIsOverContentNotOverTheTimeOfReading) {
  Observation a = sample_observation(), b = sample_observation();
  b.read_at = Time::from_micros(77);
  EXPECT_EQ(a.content_digest(), b.content_digest());
  b.accounts[0].enabled = !b.accounts[0].enabled;
  EXPECT_NE(a.content_digest(), b.content_digest());
}

TEST(Decisions, SurviveJson) {
  Decision decision{DecisionKind::kDeclared,
                    {TargetName("ledger"), NativeId("16401")},
                    EntitlementId("ledger_rw"),
                    "",
                    "ana",
                    "bo",
                    "month end",
                    "INC-1",
                    "cy",
                    Time::from_micros(1),
                    Time::never()};
  EXPECT_EQ(decision_from_json(to_json(decision)).value(), decision);
  const Claim claim{{TargetName("ledger"), NativeId("1")}, IdentityId(3), Purpose::kAdmin, "why", Time::from_micros(2)};
  EXPECT_EQ(claim_from_json(to_json(claim)).value(), claim);
  const NameTaken name{TargetName("directory"), "uid", "aberg", IdentityId(3), Time::from_micros(2)};
  EXPECT_EQ(name_from_json(to_json(name)).value(), name);
  TargetState state;
  state.target = TargetName("ledger");
  state.unknown_since = Time::from_micros(4);
  EXPECT_EQ(target_state_from_json(to_json(state)).value(), state);
  Finding finding;
  finding.id = finding_id(FindingKind::kOrphan, {TargetName("d"), NativeId("x")}, {}, "", {});
  finding.kind = FindingKind::kOrphan;
  finding.summary = "account x belongs to nobody";
  EXPECT_EQ(finding_from_json(to_json(finding)).value(), finding);
}

TEST(Findings, SameSubjectSameId) {
  const AccountRef account{TargetName("d"), NativeId("x")};
  EXPECT_EQ(finding_id(FindingKind::kOrphan, account, {}, "", {}),
            finding_id(FindingKind::kOrphan, account, {}, "", {}));
  EXPECT_NE(finding_id(FindingKind::kOrphan, account, {}, "", {}),
            finding_id(FindingKind::kRestriction, account, {}, "", {}));
}

}  // namespace
}  // namespace tenure::model
