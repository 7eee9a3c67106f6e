// Rows, blocks and folding against a plain map.
#include <map>

#include <gtest/gtest.h>

#include <tenure/base/clock.hpp>
#include <tenure/runtime/decisions.hpp>
#include <tenure/store_memory/memory_store.hpp>

namespace tenure::runtime {
namespace {

const model::TargetName kTarget("directory"), kOther("dir");  // one begins like the other

class DecisionsTest : public testing::Test {
 protected:
  DecisionsTest() : store_(std::move(*store_memory::open(store_memory::make_disk(), random_, entropy_))) {}

  model::Decision some() {
    model::Decision decision;
    const std::uint64_t kind = rolls_.below(6);
    decision.kind = kind == 0 ? model::DecisionKind::kAdopted : model::DecisionKind::kGranted;
    decision.account = {rolls_.below(2) == 0 ? kTarget : kOther,
                        model::NativeId("a/" + std::to_string(rolls_.below(12)))};
    if (rolls_.below(5) > 0) decision.entitlement = model::EntitlementId("e" + std::to_string(rolls_.below(3)));
    if (rolls_.below(4) == 0) decision.parameters = R"({"access":"READ"})";
    decision.actor = "role r" + std::to_string(rolls_.below(3));
    decision.since = Time::from_micros(static_cast<std::int64_t>(rolls_.below(4)));
    return decision;
  }

  void commit(std::vector<store::Write> writes) { ASSERT_TRUE(store_->commit({.writes = std::move(writes)})); }

  void fold(std::size_t least) {
    for (const model::TargetName& target : {kTarget, kOther}) {
      auto snapshot = store_->snapshot();
      auto writes = fold_decisions(**snapshot, target, least);
      ASSERT_TRUE(writes.has_value()) << writes.error().to_string();
      snapshot->reset();
      commit(std::move(*writes));
    }
  }

  std::map<std::string, model::Decision> stored() {
    auto snapshot = store_->snapshot();
    auto all = load_decisions(**snapshot);
    EXPECT_TRUE(all.has_value()) << all.error().to_string();
    std::map<std::string, model::Decision> by_id;
    for (model::Decision& decision : *all) {
      const std::string id = model::row_id(decision);
      EXPECT_TRUE(by_id.emplace(id, std::move(decision)).second) << id << " is there twice";
    }
    return by_id;
  }

  std::int64_t rows(const std::string& state) {
    auto snapshot = store_->snapshot();
    return *(*snapshot)->count({.table = store::Table::kDecision, .state = state});
  }

  Random random_{1}, rolls_{3};
  SeededEntropy entropy_{2};
  std::unique_ptr<store::Store> store_;
};

TEST_F(DecisionsTest, WhatIsRememberedDoesNotDependOnFolding) {
  std::map<std::string, model::Decision> expected;
  for (int step = 0; step < 3000; ++step) {
    const model::Decision decision = some();
    const std::string id = model::row_id(decision);
    if (rolls_.below(3) == 0) {
      expected.erase(id);
      commit({end_decision(id)});
    } else {
      expected[id] = decision;
      commit({put_decision(decision)});
    }
    if (rolls_.below(60) == 0) fold(1 + rolls_.below(10));
    if (rolls_.below(20) == 0) {
      ASSERT_EQ(stored(), expected) << "after step " << step;
    }
  }
  fold(1);
  EXPECT_EQ(stored(), expected);
  EXPECT_EQ(rows("granted"), 0);
  EXPECT_EQ(rows("ended"), 0);
  EXPECT_GT(rows("adopted"), 0);
}

TEST_F(DecisionsTest, FoldsOnlyWhatHasBecomeMany) {
  model::Decision decision;
  decision.kind = model::DecisionKind::kGranted;
  for (int i = 0; i < 9; ++i) {
    decision.account = {kTarget, model::NativeId(std::to_string(i))};
    commit({put_decision(decision)});
  }
  fold(10);
  EXPECT_EQ(rows("block"), 0);
  fold(9);
  EXPECT_EQ(rows("block"), 1);
  EXPECT_EQ(stored().size(), 9U);
}

TEST_F(DecisionsTest, WhatWasDecidedMeanwhileIsNotFoldedAway) {
  model::Decision decision;
  decision.kind = model::DecisionKind::kGranted;
  decision.account = {kTarget, model::NativeId("a")};
  commit({put_decision(decision)});
  auto snapshot = store_->snapshot();
  auto writes = fold_decisions(**snapshot, kTarget, 1);
  ASSERT_TRUE(writes.has_value());
  snapshot->reset();
  decision.actor = "role later";
  commit({put_decision(decision)});
  EXPECT_FALSE(store_->commit({.writes = std::move(*writes)}));
  EXPECT_EQ(stored().at(model::row_id(decision)).actor, "role later");
}

}  // namespace
}  // namespace tenure::runtime
