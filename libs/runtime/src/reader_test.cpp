// The stored observation: blocks, deltas, and what a reading could not cover.
#include <gtest/gtest.h>

#include <tenure/connector/testing/fake_target.hpp>
#include <tenure/model/decision.hpp>
#include <tenure/runtime/reader.hpp>
#include <tenure/store_memory/memory_store.hpp>

namespace tenure::runtime {
namespace {

using connector::testing::FakeTarget;
using connector::testing::Fault;

const model::TargetName kTarget("directory");

class ReaderTest : public testing::Test {
 protected:
  ReaderTest() : store_(std::move(*store_memory::open(store_memory::make_disk(), random_, entropy_))) {
    for (int i = 0; i < 1000; ++i) {
      model::Account account;
      account.id = model::NativeId("n" + std::to_string(i));
      account.name = "u" + std::to_string(i);
      account.account_class = i % 10 == 0 ? "admins" : "people";
      target_.add_account(account);
      target_.add_grant(account.id, model::EntitlementId("e" + std::to_string(i % 7)), "");
    }
  }

  std::size_t read() {
    auto connection = target_.connect();
    const TargetReading reading = read_target(*connection, kTarget, Duration::seconds(1), clock_);
    auto snapshot = store_->snapshot();
    auto batch = batch_for(reading, **snapshot, clock_.now());
    EXPECT_TRUE(batch.has_value()) << batch.error().to_string();
    snapshot->reset();
    EXPECT_TRUE(store_->commit(*batch));
    return batch->writes.size();
  }

  void commit(std::vector<store::Write> writes) {
    ASSERT_TRUE(store_->commit({.writes = std::move(writes)}));
  }

  model::Observation stored() {
    auto snapshot = store_->snapshot();
    return **load_observation(**snapshot, kTarget);
  }

  model::TargetState state() {
    auto snapshot = store_->snapshot();
    auto row = (*snapshot)->get(store::Table::kTarget, "directory");
    return *model::target_state_from_json(*json::parse((*row)->body));
  }

  Random random_{1};
  SeededEntropy entropy_{2};
  ManualClock clock_{Time::from_micros(1'800'000'000'000'000)};
  FakeTarget target_{kTarget};
  std::unique_ptr<store::Store> store_;
};

TEST_F(ReaderTest, WhatIsLoadedIsWhatWasRead) {
  {
    auto snapshot = store_->snapshot();
    EXPECT_FALSE(load_observation(**snapshot, kTarget)->has_value());
  }
  EXPECT_EQ(read(), 4U + 2U);  // blocks of about 256, the meta row, the target
  EXPECT_EQ(stored().content_digest(), target_.observation({}).content_digest());
  EXPECT_EQ(state().observation_digest, stored().content_digest());
}

TEST_F(ReaderTest, AnUnchangedTargetRewritesNoBlock) {
  read();
  clock_.advance(Duration::hours(1));
  EXPECT_EQ(read(), 2U);
  target_.add_grant(model::NativeId("n5"), model::EntitlementId("extra"), "");
  clock_.advance(Duration::hours(1));
  EXPECT_EQ(read(), 3U);
  EXPECT_EQ(stored().content_digest(), target_.observation({}).content_digest());
}

TEST_F(ReaderTest, ReadBacksWinUntilTheNextFullReading) {
  read();
  clock_.advance(Duration::minutes(1));
  target_.add_grant(model::NativeId("n5"), model::EntitlementId("extra"), "");
  target_.remove_account(model::NativeId("n6"));
  commit({apply_image({{kTarget, model::NativeId("n5")}, target_.image(model::NativeId("n5"))}, clock_.now()),
          apply_image({{kTarget, model::NativeId("n6")}, std::nullopt}, clock_.now())});
  EXPECT_EQ(stored().content_digest(), target_.observation({}).content_digest());
  clock_.advance(Duration::minutes(1));
  read();
  EXPECT_EQ(stored().content_digest(), target_.observation({}).content_digest());
  auto snapshot = store_->snapshot();
  EXPECT_EQ(*(*snapshot)->count({.table = store::Table::kObserved, .state = "delta"}), 0);
}

TEST_F(ReaderTest, AReadBackNewerThanTheReadingIsKept) {
  read();
  auto connection = target_.connect();
  clock_.advance(Duration::minutes(1));
  const TargetReading reading = read_target(*connection, kTarget, Duration::seconds(1), clock_);
  clock_.advance(Duration::seconds(5));
  target_.remove_account(model::NativeId("n6"));
  commit({apply_image({{kTarget, model::NativeId("n6")}, std::nullopt}, clock_.now())});
  auto snapshot = store_->snapshot();
  auto batch = batch_for(reading, **snapshot, clock_.now());
  ASSERT_TRUE(batch.has_value());
  ASSERT_TRUE(store_->commit(*batch));
  EXPECT_EQ(stored().find_account(model::NativeId("n6")), nullptr);
}

TEST_F(ReaderTest, UnknownIsNotNone) {
  read();
  const std::string before = stored().content_digest();
  // No answer: everything stays.
  clock_.advance(Duration::minutes(1));
  target_.fail_next_read(Fault::kPartial);
  read();
  EXPECT_EQ(stored().content_digest(), before);
  EXPECT_EQ(state().unknown_since, clock_.now());
  // A class that could not be read: its accounts and their grants stay.
  clock_.advance(Duration::minutes(1));
  model::Observation partial = target_.observation(clock_.now());
  std::erase_if(partial.accounts, [](const model::Account& a) { return a.account_class == "admins"; });
  std::erase_if(partial.grants, [&](const model::Grant& g) { return partial.find_account(g.holder.account) == nullptr; });
  partial.coverage = {.complete = false, .unknown = {"admins"}, .reason = "no right to read them"};
  auto snapshot = store_->snapshot();
  auto writes = writes_for(**snapshot, partial);
  ASSERT_TRUE(writes.has_value());
  commit(std::move(*writes));
  EXPECT_EQ(stored().content_digest(), before);
}

}  // namespace
}  // namespace tenure::runtime
