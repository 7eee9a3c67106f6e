#include <vector>

#include <gtest/gtest.h>

#include <tenure/population/loading.hpp>

namespace tenure::population {
namespace {

const model::TargetName kDirectory("directory");
const Time kThen = Time::from_micros(5);

model::Identity identity(int id, std::string key, json::Value department, bool unknown) {
  model::Identity out;
  out.id = model::IdentityId(id);
  out.key = std::move(key);
  out.facts["department"] = {std::move(department), unknown, model::SourceName("hr"), kThen};
  out.engagements.push_back({model::SourceName("hr"), out.key, kThen, Time::never(), "active"});
  return out;
}

TEST(Loading, PeopleInColumnsAreThePeopleOneByOne) {
  People people;
  PeopleLoader loader(people, 4);
  Bitmap present(4, true), unknown(4);
  present.reset(2);
  unknown.set(1);
  loader.present(present);
  const std::vector<std::string_view> keys = {"P1", "P2", "", "P4"};
  loader.keys(keys);
  const std::vector<model::IdentityKind> kinds = {model::IdentityKind::kPerson, model::IdentityKind::kPerson,
                                                  model::IdentityKind::kPerson, model::IdentityKind::kAgent};
  loader.kinds(kinds);
  Column department(4);
  const std::vector<Column::Code> codes = {department.intern("Sales"), department.intern("HR"), Column::kAbsent,
                                           Column::kNull};
  department.assign(codes, unknown);
  loader.facts("department", std::move(department), {model::SourceName("hr"), kThen});
  Column level(4);
  level.put(0, 3, false);
  const std::vector<PeopleLoader::Provenance> from = {{model::SourceName("a"), kThen}, {model::SourceName("b"), {}}};
  const std::vector<std::uint32_t> which = {1, 0, 0, 0};
  loader.facts("level", std::move(level), from, which);
  std::vector<People::Period> periods;
  for (const int row : {0, 1, 3})
    periods.push_back({kThen, Time::never(), loader.status("active"), loader.source("hr"),
                       loader.record_key(keys[static_cast<std::size_t>(row)])});
  loader.periods({0, 1, 2, 2, 3}, periods);
  loader.finish();

  model::Identity first = identity(1, "P1", "Sales", false);
  first.facts["level"] = {3, false, model::SourceName("b"), Time{}};
  model::Identity last = identity(4, "P4", nullptr, false);
  last.kind = model::IdentityKind::kAgent;
  EXPECT_EQ(people.identity(0), first);
  EXPECT_EQ(people.identity(1), identity(2, "P2", "HR", true));
  EXPECT_FALSE(people.contains(model::IdentityId(3)));
  EXPECT_EQ(people.identity(3), last);
  EXPECT_EQ(people.key(3), "P4");
  EXPECT_EQ(people.of_kind(model::IdentityKind::kPerson).count(), 2U);
  people.put(identity(5, "P5", "Sales", false));
  EXPECT_EQ(people.identity(4), identity(5, "P5", "Sales", false));
}

model::Decision given(const model::NativeId& account, std::string entitlement, std::string reason) {
  model::Decision out;
  out.kind = model::DecisionKind::kGranted;
  out.account = {kDirectory, account};
  out.entitlement = model::EntitlementId(std::move(entitlement));
  out.actor = "rule";
  out.reason = std::move(reason);
  out.since = kThen;
  return out;
}

void load_directory(Population& population) {
  AccountsLoader loader(population, kDirectory);
  const std::vector<std::string_view> ids = {"n1", "n2", "n3"}, names = {"ana", "Bo", "cy"};
  loader.accounts(ids, names);
  const std::vector<std::string_view> entitlements = {"staff", "sales"};
  loader.entitlements(entitlements);
  model::Observation head;
  head.target = kDirectory;
  head.read_at = kThen;
  head.coverage.complete = true;
  loader.reading(head);
  loader.classes(loader.account_class("people"));
  Bitmap enabled(3, true);
  enabled.reset(2);
  loader.enabled(enabled);
  Column mail(3);
  mail.put(1, "bo@nordhaven.example", false);
  loader.attribute("mail", std::move(mail));
  const std::vector<IdentityIndex> owners = {1, 0, kNobody};
  loader.claims(owners, "created", kThen);
  loader.observed(Holders::of({{0, 0}, {0, 1}, {1, 1}, {0, 2}}, 2), {{{1, 1}, loader.parameters("{\"a\":\"b\"}")}});
  const auto by_rule = loader.record(given({}, "", "rule")), by_request = loader.record(given({}, "", "request"));
  const std::vector<std::uint32_t> records = {by_rule, by_request, by_rule};
  loader.given(Holders::of({{0, 0}, {0, 1}, {1, 1}}, 2), records,
               {{{{1, 1}, loader.parameters("{\"x\":\"y\"}")}, by_request}, {{{1, 1}, 0}, by_rule}});
  const std::vector<std::uint32_t> made = {kNobody, kNobody, by_rule};
  loader.made(made);
  loader.names("uid", names, owners, kThen);
  loader.finish();
}

TEST(Loading, AccountsInColumnsAreTheAccountsOneByOne) {
  Population population;
  load_directory(population);
  const Accounts& accounts = *population.accounts(kDirectory);
  model::Account bo;
  bo.id = model::NativeId("n2");
  bo.name = "Bo";
  bo.account_class = "people";
  bo.attributes["mail"] = "bo@nordhaven.example";
  EXPECT_EQ(accounts.account(1), bo);
  EXPECT_FALSE(accounts.account(2)->enabled);
  EXPECT_EQ(accounts.find_name("bO"), 1U);
  EXPECT_EQ(accounts.reading()->read_at, kThen);
  EXPECT_EQ(accounts.claim(0),
            (model::Claim{
                {kDirectory, model::NativeId("n1")}, model::IdentityId(2), model::Purpose::kNormal, "created", kThen}));
  EXPECT_FALSE(accounts.claim(2).has_value());
  EXPECT_EQ(accounts.of_owner(1).front(), 0U);
  model::Decision with = given(bo.id, "sales", "request");
  with.parameters = "{\"x\":\"y\"}";
  const model::Holder holder{model::NativeId("n2"), {}};
  EXPECT_EQ(accounts.grants(1), (std::vector<model::Grant>{{holder, model::EntitlementId("sales"), "{\"a\":\"b\"}"},
                                                           {holder, model::EntitlementId("staff"), ""}}));
  EXPECT_EQ(accounts.decisions(1),
            (std::vector<model::Decision>{given(bo.id, "sales", "rule"), with, given(bo.id, "staff", "request")}));
  EXPECT_EQ(accounts.decisions(2), (std::vector<model::Decision>{given(model::NativeId("n3"), "", "rule")}));
  EXPECT_TRUE(accounts.entry(2).granted);
  EXPECT_FALSE(accounts.entry(1).granted);
  EXPECT_EQ(population.name(kDirectory, "uid", "BO").first->identity, model::IdentityId(1));
  EXPECT_EQ(population.names_of(model::IdentityId(2)).front().name, "ana");

  // And it goes on from there.
  population.erase_decision("directory/n2/sales");
  population.erase_decision("directory/n2/sales/{\"x\":\"y\"}");
  population.put(given(bo.id, "vpn", "later"));
  population.put(given(model::NativeId("n4"), "staff", "later"));
  for (const bool folded : {false, true}) {
    if (folded) population.fold();
    EXPECT_EQ(accounts.decisions(1),
              (std::vector<model::Decision>{given(bo.id, "staff", "request"), given(bo.id, "vpn", "later")}));
    EXPECT_EQ(accounts.decisions(0), (std::vector<model::Decision>{given(model::NativeId("n1"), "staff", "rule")}));
    EXPECT_EQ(accounts.decisions(3), (std::vector<model::Decision>{given(model::NativeId("n4"), "staff", "later")}));
  }
}

TEST(Loading, OneRecordForAllGiven) {
  Population population;
  AccountsLoader loader(population, kDirectory);
  const std::vector<std::string_view> ids = {"n1", "n2"}, entitlements = {"staff"};
  loader.accounts(ids, ids);
  loader.entitlements(entitlements);
  (void)loader.record(given({}, "", "other"));
  loader.given(Holders::of({{0, 0}, {0, 1}}, 1), loader.record(given({}, "", "rule")));
  loader.finish();
  const Accounts& accounts = *population.accounts(kDirectory);
  population.put(given(model::NativeId("n2"), "vpn", "later"));
  population.fold();
  EXPECT_EQ(accounts.decisions(0), (std::vector<model::Decision>{given(model::NativeId("n1"), "staff", "rule")}));
  EXPECT_EQ(accounts.decisions(1), (std::vector<model::Decision>{given(model::NativeId("n2"), "staff", "rule"),
                                                                 given(model::NativeId("n2"), "vpn", "later")}));
}

}  // namespace
}  // namespace tenure::population
