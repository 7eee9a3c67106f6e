// The order of things: intent on the disk, then the target; what nobody knows is said to be unknown.
#include <filesystem>

#include <gtest/gtest.h>
#include <stdlib.h>

#include <tenure/base/file.hpp>
#include <tenure/connector/testing/fake_target.hpp>
#include <tenure/emergency/revoke.hpp>

namespace tenure::emergency {
namespace {

using connector::testing::FakeTarget;
using connector::testing::Fault;

const Time kNow = Time::parse("2026-11-20").value();

class Revoking : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = "/tmp/tenure-revoke-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    kit_.id = "K-1";
    kit_.person = "identity:7";
    kit_.expires_at = kNow + Duration::days(1);
    kit_.signing_seed.fill(3);
    KitTarget target;
    target.connector = "fake";
    target.settings.target = model::TargetName("ledger");
    target.settings.classes.push_back({"people", model::Purpose::kNormal, model::Scope::kManaged, {}, {}});
    kit_.targets.push_back(std::move(target));
    model::Account account;
    account.name = "kcole";
    account.account_class = "people";
    id_ = target_.add_account(account);
    target_.add_grant(id_, model::EntitlementId("payroll"), "");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string path() const { return folder_ + "/journal"; }
  Order order(Act act, const std::string& entitlement = "") const {
    return {model::TargetName("ledger"), "kcole", act, model::EntitlementId(entitlement), "INC-7"};
  }
  Result<Done> run(const Order& order) {
    auto journal = Journal::open(path(), kit_.id, kit_.signing_key().value(), clock_.now());
    if (!journal) return fail(journal.error());
    return carry_out(
        kit_, order, *journal,
        [&]() -> Result<std::unique_ptr<connector::Connection>> {
          seen_at_open_ = read();
          return target_.connect();
        },
        clock_);
  }
  std::vector<Entry> read() const {
    auto read = verify_journal(read_file(path()).value_or(""), read_file(head_path(path())).value_or(""),
                               kit_.signing_key().value().verifier(), kit_.id);
    EXPECT_TRUE(read) << read.error().to_string();
    return read ? read->entries : std::vector<Entry>();
  }

  std::string folder_;
  ManualClock clock_{kNow};
  Kit kit_;
  FakeTarget target_{model::TargetName("ledger")};
  model::NativeId id_;
  std::vector<Entry> seen_at_open_;
};

TEST_F(Revoking, TheIntentIsOnTheDiskBeforeTheTargetIsAsked) {
  const auto done = run(order(Act::kDisable));
  ASSERT_TRUE(done) << done.error().to_string();
  EXPECT_EQ(done->ending, Ending::kDone);
  EXPECT_TRUE(done->proven);
  EXPECT_FALSE(target_.image(id_)->account.enabled);
  ASSERT_EQ(seen_at_open_.size(), 2U);
  EXPECT_EQ(seen_at_open_[1].kind, EntryKind::kIntent);
  const auto entries = read();
  ASSERT_EQ(entries.size(), 4U);
  EXPECT_EQ(entries[2].body.at("ending"), json::Value("done"));
  EXPECT_EQ(entries[2].body.at("account_id"), json::Value(id_.str()));
  EXPECT_EQ(entries[3].body.at("shows"), json::Value("proven"));
}

TEST_F(Revoking, WhatIsSoAlreadyIsNotWrittenAgain) {
  ASSERT_TRUE(run(order(Act::kRevoke, "payroll")));
  const std::size_t writes = target_.writes().size();
  const auto again = run(order(Act::kRevoke, "payroll"));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->ending, Ending::kAlready);
  EXPECT_TRUE(again->proven);
  EXPECT_EQ(target_.writes().size(), writes);
}

TEST_F(Revoking, WhatNobodyKnowsIsUnknownAndReadBack) {
  target_.fail_next_write(Fault::kTimeoutAfterApply);
  const auto done = run(order(Act::kDisable));
  ASSERT_TRUE(done);
  EXPECT_EQ(done->ending, Ending::kUnknown);
  EXPECT_TRUE(done->proven) << "the reading after it shows it all the same";
  target_.set_enabled(id_, true);
  target_.fail_next_write(Fault::kTimeoutBeforeApply);
  const auto lost = run(order(Act::kDisable));
  ASSERT_TRUE(lost);
  EXPECT_EQ(lost->ending, Ending::kUnknown);
  EXPECT_FALSE(lost->proven);
  EXPECT_EQ(read().back().body.at("shows"), json::Value("refuted"));
}

TEST_F(Revoking, ATargetThatLiesIsNotBelieved) {
  target_.fail_next_write(Fault::kLies);
  const auto done = run(order(Act::kDisable));
  ASSERT_TRUE(done);
  EXPECT_FALSE(done->proven);
  EXPECT_EQ(read().back().body.at("shows"), json::Value("refuted"));
}

TEST_F(Revoking, WhoIsNotThereIsAFailureWithoutAWrite) {
  Order other = order(Act::kDisable);
  other.account = "nobody";
  const auto done = run(other);
  ASSERT_TRUE(done);
  EXPECT_EQ(done->ending, Ending::kFailed);
  EXPECT_TRUE(target_.writes().empty());
  target_.fail_next_read(Fault::kDown);
  const auto down = run(order(Act::kDisable));
  ASSERT_TRUE(down);
  EXPECT_EQ(down->ending, Ending::kFailed);
  EXPECT_TRUE(target_.writes().empty());
}

TEST_F(Revoking, AKitGivesNothingAndEnds) {
  for (int i = 0; i < 4; ++i) {
    Order wrong = order(Act::kDisable);
    if (i == 0) wrong.target = model::TargetName("directory");
    if (i == 1) wrong.reason.clear();
    if (i == 2) wrong.act = Act::kRevoke;
    if (i == 3) clock_.advance(Duration::days(1));
    const auto refused = run(wrong);
    ASSERT_FALSE(refused) << i;
    EXPECT_EQ(refused.error().reason(), Reason::kKitRefused) << i;
  }
  EXPECT_EQ(read().size(), 1U) << "nothing was intended";
  for (const char* giving : {"enable", "grant", "create"}) EXPECT_FALSE(act_from(giving));
}

TEST_F(Revoking, EndsSessions) {
  target_.open_session(id_, "s1");
  const auto done = run(order(Act::kEndSessions));
  ASSERT_TRUE(done) << done.error().to_string();
  EXPECT_EQ(target_.session_count(id_), 0U);
  EXPECT_TRUE(done->proven);
}

}  // namespace
}  // namespace tenure::emergency
