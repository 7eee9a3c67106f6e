#include <gtest/gtest.h>

#include <tenure/plan/memory.hpp>
#include <tenure/plan/plan.hpp>

namespace tenure::plan {
namespace {

Cause cause(const std::string& text) {
  Cause one{{}, "source_row", "source hr", text, model::IdentityId(7)};
  one.id = cause_id(one);
  return one;
}

Change change(const std::string& id, Verb verb, Lane lane, const std::string& entitlement, const Cause& of) {
  Change one;
  one.id = model::ChangeId(id);
  one.verb = verb;
  one.kind = kind_of(verb);
  one.lane = lane;
  one.target = model::TargetName("directory");
  one.account = {model::NativeId("u1"), {}, "aberg"};
  one.account_class = "people";
  one.identity = model::IdentityId(7);
  one.entitlement = model::EntitlementId(entitlement);
  one.cause = of.id;
  one.reason = {"role sales", "department = Sales", {{"kind", "person"}, {"department", "Sales"}}, "180d"};
  return one;
}

Plan sample() {
  Plan plan;
  plan.policy = Digest::of("policy");
  plan.purpose = "reconcile";
  plan.causes = {cause("hr status of C1 = terminated"), cause("hr department of C1 = Sales")};
  Change grant = change("c", Verb::kGrant, Lane::kGrant, "sales", plan.causes[1]);
  grant.account = {{}, model::ChangeId("d"), "aberg"};
  grant.needs = {model::ChangeId("d")};
  Change create = change("d", Verb::kCreate, Lane::kGrant, "", plan.causes[1]);
  create.account = {{}, {}, "aberg"};
  create.names = {{"uid", "aberg"}};
  create.attributes = {{"cn", "Anna Berg"}, {"title", nullptr}};
  Change disable = change("a", Verb::kDisable, Lane::kRevoke, "", plan.causes[0]);
  Change revoke = change("b", Verb::kRevoke, Lane::kRevoke, "crm", plan.causes[0]);
  revoke.needs = {model::ChangeId("a")};
  revoke.due = Time::from_micros(5);
  revoke.manual = true;
  plan.changes = {grant, create, revoke, disable};
  plan.unknowns = {{model::TargetName("ledger"), "accounts", "does not answer", 3}};
  plan.guards = {{"removals in directory", true, "31 of 100", {plan.causes[0].id}}};
  plan.approvals = {{"privileged", 1, {"security"}, "1 change"}, {"standing:leaver", 0, {}, "2 changes"}};
  return plan;
}

TEST(Freeze, OrdersByLaneThenDependencies) {
  Plan plan = sample();
  ASSERT_TRUE(freeze(plan).has_value());
  std::string verbs;
  for (const Change& one : plan.changes) verbs += std::string(name_of(one.verb)) + " ";
  EXPECT_EQ(verbs, "disable revoke create grant ");
  EXPECT_EQ(plan.changes[1].needs, std::vector{plan.changes[0].id});
  EXPECT_EQ(plan.changes[3].account.producer, plan.changes[2].id);
}

TEST(Freeze, ProvisionalIdsAndOrderDoNotCount) {
  Plan plan = sample(), other = sample();
  std::swap(other.changes[0], other.changes[3]);
  std::swap(other.causes[0], other.causes[1]);
  for (Change& one : other.changes) {
    one.id = model::ChangeId("x" + one.id.str());
    for (auto& need : one.needs) need = model::ChangeId("x" + need.str());
    if (!one.account.producer.empty()) one.account.producer = model::ChangeId("x" + one.account.producer.str());
  }
  const Frozen a = freeze(plan).value(), b = freeze(other).value();
  EXPECT_EQ(a.bytes, b.bytes);
  EXPECT_EQ(a.digest, b.digest);
  EXPECT_EQ(freeze(plan).value().digest, a.digest) << "freezing again changes nothing";
}

TEST(Freeze, EveryMemberOfAChangeCounts) {
  Plan plan = sample();
  const Digest before = freeze(plan).value().digest;
  const std::vector<std::pair<std::string, void (*)(Plan&)>> cases = {
      {"verb", [](Plan& p) { p.changes[1].verb = Verb::kDelete; }},
      {"target", [](Plan& p) { p.changes[1].target = model::TargetName("ledger"); }},
      {"account", [](Plan& p) { p.changes[1].account.id = model::NativeId("u2"); }},
      {"identity", [](Plan& p) { p.changes[1].identity = model::IdentityId(8); }},
      {"parameters", [](Plan& p) { p.changes[1].parameters = "{}"; }},
      {"prior", [](Plan& p) { p.changes[1].prior["cn"] = "x"; }},
      {"prior_present", [](Plan& p) { p.changes[1].prior_present = true; }},
      {"manual", [](Plan& p) { p.changes[0].manual = true; }},
      {"risk", [](Plan& p) { p.changes[1].risk = model::Risk::kHigh; }},
      {"reason", [](Plan& p) { p.changes[1].reason.text = "x"; }},
      {"fact", [](Plan& p) { p.changes[1].reason.facts[0].second = "x"; }},
      {"due", [](Plan& p) { p.changes[0].due = Time::from_micros(9); }},
      {"names", [](Plan& p) { p.changes[2].names["uid"] = "x"; }},
      {"policy", [](Plan& p) { p.policy = Digest::of("other"); }},
      {"unknown", [](Plan& p) { p.unknowns[0].changes_withheld = 4; }},
      {"guard", [](Plan& p) { p.guards[0].held = false; }},
      {"approval", [](Plan& p) { p.approvals[0].count = 2; }},
  };
  for (const auto& [what, edit] : cases) {
    Plan other = plan;
    edit(other);
    const auto frozen = freeze(other);
    ASSERT_TRUE(frozen.has_value()) << what << ": " << frozen.error().to_string();
    EXPECT_NE(frozen->digest, before) << what;
  }
}

TEST(Freeze, RefusesWhatCannotBeCarriedOut) {
  const std::vector<std::pair<std::string, void (*)(Plan&)>> cases = {
      {"which is not there", [](Plan& p) { p.changes[0].needs = {model::ChangeId("zzz")}; }},
      {"in a circle", [](Plan& p) { p.changes[3].needs = {model::ChangeId("b")}; }},
      {"of a later lane", [](Plan& p) { p.changes[3].needs = {model::ChangeId("d")}; }},
      {"is there twice",
       [](Plan& p) {
         p.changes.push_back(p.changes[3]);
         p.changes.back().id = model::ChangeId("e");
       }},
      {"two changes have the id", [](Plan& p) { p.changes.push_back(p.changes[3]); }},
      {"has no cause in the plan", [](Plan& p) { p.changes[0].cause = model::CauseId("C-none"); }},
      {"does not have the id of its content", [](Plan& p) { p.causes[0].text = "other"; }},
  };
  for (const auto& [message, edit] : cases) {
    Plan plan = sample();
    edit(plan);
    const auto frozen = freeze(plan);
    ASSERT_FALSE(frozen.has_value()) << message;
    EXPECT_EQ(frozen.error().reason(), tenure::Reason::kPlanFormat);
    EXPECT_NE(frozen.error().message().find(message), std::string::npos) << frozen.error().message();
  }
}

TEST(Thaw, GivesBackWhatWasFrozen) {
  Plan plan = sample();
  const Frozen frozen = freeze(plan).value();
  const auto back = thaw(frozen.bytes);
  ASSERT_TRUE(back.has_value()) << back.error().to_string();
  EXPECT_EQ(back->changes, plan.changes);
  EXPECT_EQ(back->causes, plan.causes);
  EXPECT_EQ(back->unknowns, plan.unknowns);
  EXPECT_EQ(back->guards, plan.guards);
  EXPECT_EQ(back->approvals, plan.approvals);
  EXPECT_EQ(change_from_json(to_json(plan.changes[0])).value(), plan.changes[0]);
}

TEST(Thaw, NamesTheFault) {
  Plan plan = sample();
  const std::string good = freeze(plan).value().bytes;
  const auto replaced = [&](const std::string& from, const std::string& to) {
    std::string bytes = good;
    bytes.replace(bytes.find(from), from.size(), to);
    return bytes;
  };
  const std::vector<std::pair<std::string, std::string>> cases = {
      {good.substr(0, 100), "line 1"},
      {replaced("plan/v1", "plan/v2"), "plan.format"},
      {replaced("\"lane\":\"revoke\"", "\"lane\":\"later\""), "plan.changes[0].lane"},
      {replaced("\"verb\":\"revoke\"", "\"verb\":1"), "plan.changes[1].verb"},
      {replaced("\"count\":1", "\"count\":-1"), "plan.approvals[0].count"},
      {replaced("aberg", "berg2"), "does not have the id of its content"},
      {replaced("\"purpose\":\"reconcile\"", "\"extra\":1,\"purpose\":\"reconcile\""), "canonical form"},
      {good + " ", "canonical form"},
  };
  for (const auto& [bytes, message] : cases) {
    const auto plan_read = thaw(bytes);
    ASSERT_FALSE(plan_read.has_value()) << message;
    EXPECT_EQ(plan_read.error().reason(), tenure::Reason::kPlanFormat);
    EXPECT_NE(plan_read.error().message().find(message), std::string::npos) << plan_read.error().message();
  }
}

TEST(Symbols, SayWhatHappens) {
  Change one;
  one.verb = Verb::kGrant;
  EXPECT_EQ(symbol_of(one), '+');
  one.prior_present = true;
  EXPECT_EQ(symbol_of(one), '~');
  EXPECT_FALSE(takes_away(one));
  one.lane = Lane::kReduce;
  EXPECT_TRUE(takes_away(one));
  one.manual = true;
  EXPECT_EQ(symbol_of(one), 'm');
  one.verb = Verb::kAdopt;
  EXPECT_EQ(symbol_of(one), '<');
}

TEST(Memory, AGrantEndsTheOneUnderItsPriorParameters) {
  Change one;
  one.verb = Verb::kGrant;
  one.target = model::TargetName("mainframe");
  one.entitlement = model::EntitlementId("PAY");
  one.parameters = "{\"access\":\"READ\"}";
  one.prior_parameters = "{\"access\":\"UPDATE\"}";
  one.prior_present = true;
  one.reason.rule = "role hr";
  one.reason.term = "180d";
  const Remembered memory = remembered_after(one, model::NativeId("X"), Time::from_micros(10)).value();
  ASSERT_EQ(memory.decisions.size(), 1U);
  EXPECT_EQ(memory.decisions[0].until, Time::from_micros(10) + Duration::days(180));
  EXPECT_EQ(memory.decisions_ended, std::vector<std::string>{"mainframe/X/PAY/{\"access\":\"UPDATE\"}"});
}

TEST(Memory, ARevocationAtTheEndOfATermRemembersThatItEnded) {
  Change one;
  one.verb = Verb::kRevoke;
  one.target = model::TargetName("d");
  one.entitlement = model::EntitlementId("x");
  EXPECT_EQ(remembered_after(one, model::NativeId("u"), Time{}).value().decisions_ended.size(), 1U);
  one.reason.term = "180d";
  EXPECT_TRUE(remembered_after(one, model::NativeId("u"), Time{}).value().decisions_ended.empty());
}

TEST(Memory, ABaselineThatThePlannerDidNotWriteIsRefused) {
  Change one;
  one.verb = Verb::kOnboard;
  EXPECT_EQ(baseline_of(one, Time{}).error().reason(), tenure::Reason::kPlanFormat);
  one.attributes = {{"baseline", json::Array{json::Object{{"account", "u1"}}}}, {"baseline_deadline", "30d"}};
  EXPECT_EQ(baseline_of(one, Time{}).error().reason(), tenure::Reason::kPlanFormat);
}

}  // namespace
}  // namespace tenure::plan
