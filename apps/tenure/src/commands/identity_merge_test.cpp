// identity merge, and that later feeds keep the decision.
#include "commands/village.hpp"

namespace tenure::cli {
namespace {

class IdentityMerge : public Village {
 protected:
  void SetUp() override {
    Village::SetUp();
    found();
    people(kRows);
    office({"aberg,ACTIVE,P1", "aberg2,ACTIVE,P2"}, {"aberg,staff", "aberg2,staff"});
    onboard();
  }
  Ran merge(const std::vector<std::string>& more = {}, const std::string& actor = "bo.lind") {
    std::vector<std::string> words = {"identity", "merge", "P1", "P2", "--reason", "hired twice"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words, actor);
  }
  std::size_t active() {
    std::size_t count = 0;
    for (const auto& item : run({"identity", "list", "--state", "active", "-o", "json"}).items())
      count += item.string_or("key", "").empty() ? 0U : 1U;
    return count;
  }
  const std::vector<std::string> kRows = {"P1,Anna,Berg,Sales,active", "P2,Anna,Berg,Ops,active",
                                          "P3,Carl,Dahl,Ops,active"};
};

TEST_F(IdentityMerge, OfTwoAccountsOfOneClassOneIsFirst) {
  const Ran refused = merge();
  EXPECT_EQ(refused.exit, Exit::kFailed) << refused.both();
  EXPECT_NE(refused.err.find("office:aberg, office:aberg2"), std::string::npos) << refused.err;
  EXPECT_EQ(merge({"--first", "office:nobody"}).exit, Exit::kNotFound);
  const Ran merged = merge({"--first", "office:aberg"});
  EXPECT_EQ(merged.exit, Exit::kOk) << merged.both();
  EXPECT_EQ(merge({"--first", "office:aberg"}).exit, Exit::kFailed) << "they are one already";
}

TEST_F(IdentityMerge, NobodyMergesThemselves) {
  EXPECT_EQ(merge({"--first", "office:aberg"}, "aberg2").exit, Exit::kRefused);
}

TEST_F(IdentityMerge, LaterFeedsKeepTheDecision) {
  ASSERT_EQ(merge({"--first", "office:aberg"}).exit, Exit::kOk);
  EXPECT_EQ(active(), 2U);
  for (const auto& rows :
       {kRows,
        std::vector<std::string>{"P1,Anna,Berg,Sales,active", "P2,Anna,Berg,Sales,active", "P3,Carl,Dahl,Ops,active"},
        kRows}) {
    people(rows);
    const Ran pulled = run({"source", "pull"});
    EXPECT_EQ(pulled.exit, Exit::kOk) << pulled.both();
    EXPECT_EQ(active(), 2U) << pulled.both();
    EXPECT_EQ(pulled.both().find("fits more than one"), std::string::npos) << pulled.both();
  }
  const Ran shown = run({"identity", "show", "P2"});
  EXPECT_NE(shown.out.find("aberg2"), std::string::npos) << shown.out;
  const Ran records = run({"evidence", "show", "--last", "40", "-o", "json"});
  EXPECT_NE(records.out.find("identity.merged"), std::string::npos);
}

}  // namespace
}  // namespace tenure::cli
