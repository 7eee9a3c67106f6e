// What is loaded in bulk is what the rows say, read one by one.
#include "state.hpp"

#include <gtest/gtest.h>

#include <tenure/app/population.hpp>
#include <tenure/runtime/decisions.hpp>
#include <tenure/runtime/reader.hpp>
#include <tenure/store_memory/memory_store.hpp>

namespace tenure::app {
namespace {

const model::TargetName kDirectory("directory"), kLedger("ledger");

class LoadPopulationTest : public testing::Test {
 protected:
  LoadPopulationTest() : store_(std::move(*store_memory::open(store_memory::make_disk(), random_, entropy_))) {
    policy_.targets[kDirectory].name = kDirectory;
    policy_.targets[kLedger].name = kLedger;
  }

  bool one_in(std::uint64_t n) { return rolls_.below(n) == 0; }
  std::string some(std::string_view stem, std::uint64_t n) {
    return std::string(stem) + std::to_string(rolls_.below(n));
  }
  Time instant() { return Time::from_micros(1 + static_cast<std::int64_t>(rolls_.below(5)) * 1'000'000); }
  void commit(std::vector<store::Write> writes) { ASSERT_TRUE(store_->commit({.writes = std::move(writes)})); }

  void put_identities() {
    for (int id = 1; id <= 40; ++id) {
      if (one_in(6)) continue;  // a number that nobody has
      model::Identity identity;
      identity.id = model::IdentityId(id);
      identity.key = one_in(5) ? "twin" : "P" + std::to_string(id);
      identity.kind = one_in(4) ? model::IdentityKind::kService : model::IdentityKind::kPerson;
      for (const char* name : {"department", "level", "projects"}) {
        if (one_in(3)) continue;
        json::Value value = some("v\"", 4);
        if (one_in(3)) value = static_cast<std::int64_t>(rolls_.below(4));
        if (one_in(4)) value = json::Array{some("p", 3), some("p", 3)};
        if (one_in(6)) value = nullptr;
        identity.facts[name] = {std::move(value), one_in(5), model::SourceName(some("s", 3)), instant()};
      }
      if (!one_in(4))
        identity.engagements.push_back({model::SourceName("hr"), some("C", 9), instant(), Time::never(), "active"});
      if (one_in(3)) identity.relations.push_back({"manager", model::IdentityId(3), model::SourceName("hr")});
      identity.records.push_back({model::SourceName("hr"), some("C", 90)});
      if (one_in(10)) identity.alias_of = model::IdentityId(1);
      commit({write_of(identity, "active")});
    }
  }

  model::AccountImage some_image(int number) {
    model::AccountImage image;
    image.account.id = model::NativeId("n/" + std::to_string(number));
    image.account.name = (one_in(2) ? "U" : "u") + std::to_string(number);
    image.account.account_class = one_in(3) ? "admins" : "people";
    image.account.purpose = one_in(3) ? model::Purpose::kAdmin : model::Purpose::kNormal;
    image.account.enabled = !one_in(4);
    if (one_in(6)) image.account.restriction = "locked";
    if (one_in(6)) image.account.incarnation = "2";
    if (one_in(2)) image.account.attributes.emplace("mail", some("m", 9));
    if (one_in(3)) image.account.attributes.emplace("tags", json::Array{some("t", 3)});
    std::set<model::Grant> grants;
    for (std::uint64_t i = rolls_.below(6); i > 0; --i)
      grants.insert(
          {{image.account.id, {}}, model::EntitlementId(some("e", 5)), one_in(3) ? R"({"access":"READ"})" : ""});
    image.grants.assign(grants.begin(), grants.end());
    return image;
  }

  void put_reading(const model::TargetName& target) {
    model::Observation observation;
    observation.target = target;
    observation.read_at = Time::from_micros(10'000'000);
    observation.coverage = {.complete = false, .unknown = {"guests"}, .reason = "no right"};
    for (int i = 0; i < 30; ++i)
      observation.entitlements.push_back({model::EntitlementId("e" + std::to_string(i)), "t"});
    for (int i = 0; i < 50; ++i) {
      model::AccountImage image = some_image(i);
      observation.grants.insert(observation.grants.end(), image.grants.begin(), image.grants.end());
      observation.accounts.push_back(std::move(image.account));
    }
    observation.grants.push_back({{{}, model::EntitlementId("e1")}, model::EntitlementId("e2"), ""});
    observation.sort();
    auto snapshot = store_->snapshot();
    auto writes = runtime::writes_for(**snapshot, observation);
    ASSERT_TRUE(writes.has_value());
    snapshot->reset();
    commit(std::move(*writes));
    for (int i = 45; i < 55; ++i) {  // read back since
      std::optional<model::AccountImage> image;
      if (!one_in(3)) image = some_image(i);
      commit({runtime::apply_image({{target, model::NativeId("n/" + std::to_string(i))}, image}, instant())});
    }
  }

  void put_decisions(const model::TargetName& target) {
    for (int round = 0; round < 3; ++round) {
      for (int i = 0; i < 150; ++i) {
        model::Decision decision;
        decision.account = {target, model::NativeId("n/" + std::to_string(rolls_.below(60)))};
        if (!one_in(8)) decision.entitlement = model::EntitlementId(some("e", 7));
        if (!decision.entitlement.empty() && one_in(4)) decision.parameters = R"({"access":"READ"})";
        decision.kind = one_in(8) ? model::DecisionKind::kAdopted : model::DecisionKind::kGranted;
        if (decision.entitlement.empty() && one_in(3)) decision.kind = model::DecisionKind::kDisabled;
        decision.actor = some("role ", 3);
        decision.since = instant();
        if (one_in(5)) decision.until = instant();
        commit({one_in(6) ? erase_of(decision) : write_of(decision)});
      }
      if (round == 2) return;
      auto snapshot = store_->snapshot();
      auto writes = runtime::fold_decisions(**snapshot, target, 1);
      ASSERT_TRUE(writes.has_value());
      snapshot->reset();
      commit(std::move(*writes));
    }
  }

  void put_rows(const model::TargetName& target) {
    for (int i = 0; i < 55; ++i) {
      if (one_in(4)) continue;
      model::Claim claim{{target, model::NativeId("n/" + std::to_string(i))},
                         model::IdentityId(1 + static_cast<std::int64_t>(rolls_.below(40))),
                         one_in(3) ? model::Purpose::kAdmin : model::Purpose::kNormal,
                         "created by \"change\" 7",
                         instant()};
      model::NameTaken name{target, "uid", some("u", 60), one_in(6) ? model::IdentityId() : claim.identity, instant()};
      commit({write_of(claim), write_of(name)});
    }
  }

  void compare(store::Snapshot& snapshot, const population::Population& all) {
    const auto identities = load_identities(snapshot);
    ASSERT_EQ(all.people().present().count(), identities->size());
    for (const auto& [id, identity] : *identities) {
      ASSERT_TRUE(all.people().contains(id));
      ASSERT_EQ(all.people().identity(population::People::row(id)), identity);
    }
    std::vector<model::Claim> claims;
    std::vector<model::Decision> decisions;
    std::vector<model::NameTaken> names;
    for (const auto& target : all.targets()) {
      const population::Accounts& accounts = *all.accounts(target);
      const auto observation = runtime::load_observation(snapshot, target);
      ASSERT_EQ(observation->has_value(), accounts.reading().has_value());
      if (*observation) {
        const model::Observation loaded = accounts.observation();
        ASSERT_EQ(loaded.accounts, (*observation)->accounts);
        ASSERT_EQ(loaded.grants, (*observation)->grants);
        ASSERT_EQ(loaded.entitlements, (*observation)->entitlements);
        EXPECT_EQ(loaded.coverage, (*observation)->coverage);
      }
      for (population::AccountIndex row = 0; row < accounts.rows(); ++row) {
        if (auto claim = accounts.claim(row)) claims.push_back(*claim);
        for (auto& decision : accounts.decisions(row)) decisions.push_back(std::move(decision));
      }
      for (auto& name : accounts.all_names()) names.push_back(std::move(name));
    }
    std::sort(claims.begin(), claims.end(),
              [](const auto& a, const auto& b) { return model::row_id(a) < model::row_id(b); });
    EXPECT_EQ(claims, *load_documents<model::Claim>(snapshot, {store::Table::kClaim}, model::claim_from_json));
    std::sort(decisions.begin(), decisions.end(),
              [](const auto& a, const auto& b) { return model::row_id(a) < model::row_id(b); });
    const auto expected = runtime::load_decisions(snapshot);
    ASSERT_EQ(decisions.size(), expected->size());
    for (std::size_t i = 0; i < decisions.size(); ++i)
      ASSERT_EQ(decisions[i], (*expected)[i]) << model::row_id(decisions[i]);
    std::sort(names.begin(), names.end(),
              [](const auto& a, const auto& b) { return model::row_id(a) < model::row_id(b); });
    EXPECT_EQ(names, *load_documents<model::NameTaken>(snapshot, {store::Table::kName}, model::name_from_json));
  }

  Random random_{1}, rolls_{5};
  SeededEntropy entropy_{2};
  policy::PolicySet policy_;
  std::unique_ptr<store::Store> store_;
};

TEST_F(LoadPopulationTest, AnEmptyStoreIsNobody) {
  const auto all = load_population(*store_, policy_, own_thread());
  ASSERT_TRUE(all.has_value()) << all.error().to_string();
  EXPECT_EQ(all->people().rows(), 0U);
  EXPECT_FALSE(all->accounts(kDirectory)->reading().has_value());
}

TEST_F(LoadPopulationTest, IsWhatTheRowsSay) {
  for (int seed = 0; seed < 4; ++seed) {
    rolls_ = Random(static_cast<std::uint64_t>(seed) + 1);
    store_ = std::move(*store_memory::open(store_memory::make_disk(), random_, entropy_));
    put_identities();
    put_reading(kDirectory);
    for (const model::TargetName& target : {kDirectory, kLedger}) {  // the ledger was never read
      put_decisions(target);
      put_rows(target);
    }
    const auto workers = make_workers(2);
    const auto all = load_population(*store_, policy_, *workers);
    ASSERT_TRUE(all.has_value()) << all.error().to_string();
    auto snapshot = store_->snapshot();
    compare(**snapshot, *all);
    ASSERT_FALSE(HasFatalFailure()) << "seed " << seed;
  }
}

TEST_F(LoadPopulationTest, DamageIsNamed) {
  commit({{store::Table::kIdentity, "000000000001", store::kAnyVersion, false, {}, R"({"id":1,"key":)"}});
  const auto all = load_population(*store_, policy_, own_thread());
  ASSERT_FALSE(all.has_value());
  EXPECT_EQ(all.error().reason(), Reason::kStoreCorrupt);
  EXPECT_NE(all.error().message().find("000000000001"), std::string::npos);
}

}  // namespace
}  // namespace tenure::app
