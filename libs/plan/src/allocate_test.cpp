#include <gtest/gtest.h>

#include <tenure/plan/allocate.hpp>
#include <tenure/plan/extract.hpp>
#include <tenure/plan/testing/small_world.hpp>
#include <tenure/policy/evaluate.hpp>
#include <tenure/policy/testing/repository.hpp>

namespace tenure::plan {
namespace {

const policy::PolicySet& company() {
  static const policy::PolicySet policy =
      policy::testing::load_repository(std::string(TENURE_SOURCE_DIR) + "/tests/golden/plan/policy");
  return policy;
}

const model::TargetName kDirectory("directory"), kMainframe("mainframe");
const model::IdentityId kOne(1), kTwo(2), kThree(3);

const policy::AllocationRule& rule(const std::string& attribute) {
  static const auto places = policy::allocation_places(company());
  return *places.at(attribute).rule;
}

World world() {
  return testing::read_world(R"({
    "now": "2026-11-20",
    "identities": [ { "id": 1, "key": "P1" }, { "id": 2, "key": "P2" }, { "id": 3, "key": "P3", "alias_of": 1 } ],
    "targets": [ { "name": "directory", "accounts": [ { "id": "u1", "name": "ABerg" }, { "id": "u2", "name": "nobody" } ] } ],
    "claims": { "directory/u1": 1 },
    "names": [ { "target": "directory", "attribute": "uid", "name": "aberg2", "identity": 2, "since": "" },
               { "target": "directory", "attribute": "uid", "name": "clind", "identity": 3, "since": "" } ] })");
}

TEST(Names, AreGivenOnceAndNeverTwice) {
  const World of = world();
  const population::Population population = population_of(of);
  NameLedger ledger(company(), population, of);
  EXPECT_EQ(ledger.allocate(kDirectory, rule("uid"), "aberg", kThree), "aberg3")
      << "aberg is borne, aberg2 was another's";
  EXPECT_EQ(ledger.allocate(kDirectory, rule("uid"), "aberg", kTwo), "aberg2") << "sticky: it was theirs";
  EXPECT_EQ(ledger.allocate(kDirectory, rule("uid"), "aberg", kTwo), "aberg4") << "but only one account bears it";
  EXPECT_EQ(ledger.allocate(kDirectory, rule("uid"), "NOBODY", kTwo), "NOBODY2") << "compared without case";
  EXPECT_EQ(ledger.allocate(kDirectory, rule("uid"), "clind", kOne), "clind") << "a merged identity keeps its names";
  EXPECT_EQ(ledger.allocate(kDirectory, rule("uid"), "", kOne), std::nullopt);
}

TEST(Names, FitTheirLimit) {
  const World of = world();
  const population::Population population = population_of(of);
  NameLedger ledger(company(), population, of);
  EXPECT_EQ(ledger.allocate(kMainframe, rule("userid"), "ABERGSTROM", kOne), "ABERGSTR");
  EXPECT_EQ(ledger.allocate(kMainframe, rule("userid"), "ABERGSTROM", kTwo), "ABERGST2");
}

TEST(Names, ThatFollowAreCheckedToo) {
  const World of = world();
  const population::Population population = population_of(of);
  NameLedger ledger(company(), population, of);
  EXPECT_FALSE(ledger.reserve_login(kDirectory, "aberg", kTwo));
  EXPECT_FALSE(ledger.reserve_login(kDirectory, "aberg2", kOne));
  EXPECT_TRUE(ledger.reserve_login(kDirectory, "adm-aberg", kOne));
  EXPECT_FALSE(ledger.reserve_login(kDirectory, "ADM-ABERG", kTwo));
}

TEST(Names, LoginsAreInTheLedgerUnderTheirAttribute) {
  EXPECT_EQ(login_attribute(company(), kDirectory, "people"), "uid");
  EXPECT_EQ(login_attribute(company(), kDirectory, "admins"), "name");
}

}  // namespace
}  // namespace tenure::plan
