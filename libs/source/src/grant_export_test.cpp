#include <map>
#include <set>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <tenure/source/grant_export.hpp>

namespace tenure::source {
namespace {

using population::Dictionary;

const GrantColumns kColumns{"login", "group"};

struct Known {
  Dictionary accounts, entitlements;
};

Result<GrantReading> read(const std::string& text, Known& known, Workers& workers = own_thread()) {
  return read_grants(csv::Reader(text, "g.csv"), "g.csv", kColumns, known.accounts, known.entitlements, workers);
}

std::set<std::pair<std::string, std::string>> named(const GrantReading& reading, const Known& known) {
  std::set<std::pair<std::string, std::string>> out;
  for (std::uint32_t e = 0; e < reading.holders.entitlements(); ++e) {
    std::uint32_t last = 0;
    for (const std::uint32_t account : reading.holders[e]) {
      EXPECT_TRUE(out.empty() || last <= account);
      last = account;
      out.emplace(known.entitlements.text(e), known.accounts.text(account));
    }
  }
  return out;
}

TEST(GrantExport, ReadsKnownAndNewNames) {
  Known known;
  known.accounts.intern("ana");
  known.entitlements.intern("sales");
  const auto reading =
      read("group,x,login\nsales,1,ana\nvpn,2,bo\nsales,3,bo\nvpn,4,bo\n\"a,\"\"b\"\"\",5,ana\n", known);
  ASSERT_TRUE(reading) << reading.error().to_string();
  EXPECT_EQ(reading->lines, 5U);
  EXPECT_EQ(reading->new_accounts, 1U);
  EXPECT_EQ(reading->new_entitlements, 2U);
  EXPECT_EQ(reading->holders.size(), 4U) << "listed twice is once";
  EXPECT_EQ(known.accounts.find("bo"), 1U);
  using Named = std::set<std::pair<std::string, std::string>>;
  EXPECT_EQ(named(*reading, known), (Named{{"sales", "ana"}, {"sales", "bo"}, {"vpn", "bo"}, {"a,\"b\"", "ana"}}));
}

TEST(GrantExport, AFaultInAnyLineIsNoReading) {
  struct Case {
    const char* text;
    Reason reason;
    const char* message;
  };
  const Case cases[] = {
      {"", Reason::kTargetPartial, "g.csv: the file is empty; expected: a header and records"},
      {"login,group\n", Reason::kTargetPartial, "g.csv has no record"},
      {"login,group\na,b\nc,d", Reason::kTargetPartial, "g.csv:3:4: the file ends without a line end"},
      {"login,group\na,b\nc", Reason::kTargetPartial,
       "g.csv:3:2: the file ends within a record, after 1 field; expected: 2 fields"},
      {"login,group\na,b\nc,\nd,e\n", Reason::kTargetProtocol, "g.csv:3: a record without account or entitlement"},
      {"login,group\na,b\nc,d,e\n", Reason::kTargetProtocol, "g.csv:3:6: the record has 3 fields; expected: 2 fields"},
      {"login,grp\na,b\n", Reason::kTargetProtocol, "g.csv:1:1: the column group is missing"},
  };
  for (const Case& one : cases) {
    Known known;
    const auto reading = read(one.text, known);
    ASSERT_FALSE(reading) << one.text;
    EXPECT_EQ(reading.error().reason(), one.reason) << one.text;
    EXPECT_EQ(reading.error().message(), one.message);
    EXPECT_EQ(known.accounts.size() + known.entitlements.size(), 0U) << "as before";
  }
}

RC_GTEST_PROP(GrantExportLaws, ItIsTheSetOfItsLinesWhateverTheWorkers, ()) {
  const auto accounts = *rc::gen::inRange(1, 6'000), entitlements = *rc::gen::inRange(1, 40);
  const auto seed = *rc::gen::inRange<std::uint64_t>(0, 1'000'000);
  std::string text = "login,group\n";
  std::set<std::pair<std::string, std::string>> expected;
  std::uint64_t state = seed;
  const auto dice = [&](int sides) {
    state = state * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
    return static_cast<int>((state >> 33) % static_cast<std::uint64_t>(sides));
  };
  const int lines = *rc::gen::inRange(1, 20'000);
  for (int i = 0; i < lines; ++i) {
    const std::string account = "user" + std::to_string(dice(accounts)) + "@example.org";
    const std::string entitlement = "cn=group-" + std::to_string(dice(2) == 0 ? 0 : dice(entitlements));
    text += account + "," + entitlement + "\n";
    expected.emplace(entitlement, account);
  }
  Known one, several;
  for (int i = 0; i < accounts; i += 3) {  // of all others nobody has heard
    one.accounts.intern("user" + std::to_string(i) + "@example.org");
    several.accounts.intern("user" + std::to_string(i) + "@example.org");
  }
  const auto a = read(text, one);
  const auto workers = make_workers(3);
  const auto b = read(text, several, *workers);
  RC_ASSERT(a.has_value() && b.has_value());
  RC_ASSERT(named(*a, one) == expected);
  RC_ASSERT(a->holders.size() == expected.size());
  RC_ASSERT(a->holders == b->holders);
  RC_ASSERT(a->new_accounts == b->new_accounts);
}

}  // namespace
}  // namespace tenure::source
