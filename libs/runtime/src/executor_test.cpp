// The whole lower half: an approved plan through engine, memory store and a fake target.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tenure/connector/testing/fake_target.hpp>
#include <tenure/plan/plan.hpp>
#include <tenure/runtime/executor.hpp>
#include <tenure/runtime/reader.hpp>
#include <tenure/runtime/row_mapping.hpp>
#include <tenure/store_memory/memory_store.hpp>

namespace tenure::runtime {
namespace {

using connector::testing::FakeTarget;
using connector::testing::Fault;

class OneTarget final : public ConnectionPool {
 public:
  explicit OneTarget(FakeTarget& target) : target_(target) {}
  Result<std::unique_ptr<connector::Connection>> open(const model::TargetName&) override { return target_.connect(); }

 private:
  FakeTarget& target_;
};

const model::TargetName kTarget("directory");

class ExecutorTest : public testing::Test {
 protected:
  ExecutorTest() : store_(open()) {}

  std::unique_ptr<store::Store> open() {
    auto opened = store_memory::open(disk_, evidence_random_, entropy_);
    return std::move(*opened);
  }

  model::NativeId add_account(const std::string& name) {
    model::Account account;
    account.name = name;
    account.account_class = "people";
    account.id = model::NativeId("native-" + name);
    return target_.add_account(account);
  }

  static plan::Cause cause() {
    plan::Cause one{.kind = "source_row", .root = "source hr", .text = "status = terminated"};
    one.identity = model::IdentityId(7);
    one.id = plan::cause_id(one);
    return one;
  }

  plan::Change change(plan::Verb verb, const std::string& name) {
    plan::Change one;
    one.verb = verb;
    one.target = kTarget;
    one.account.id = model::NativeId("native-" + name);
    one.account.name = name;
    one.account_class = "people";
    one.identity = model::IdentityId(7);
    one.cause = cause().id;
    one.reason.rule = "role sales";
    one.lane = verb == plan::Verb::kGrant || verb == plan::Verb::kCreate ? plan::Lane::kGrant : plan::Lane::kRevoke;
    one.kind = verb == plan::Verb::kGrant || verb == plan::Verb::kRevoke ? plan::ChangeKind::kGrant
                                                                         : plan::ChangeKind::kAccount;
    one.prior_present = verb == plan::Verb::kRevoke || verb == plan::Verb::kDisable;
    if (one.kind == plan::ChangeKind::kGrant) one.entitlement = model::EntitlementId("sales");
    return one;
  }

  engine::Admit admission(std::vector<plan::Change> changes) {
    plan::Plan plan;
    plan.policy = Digest::of("policy");
    plan.purpose = "reconcile";
    plan.causes = {cause()};
    plan.changes = std::move(changes);
    int provisional = 0;
    for (plan::Change& one : plan.changes) one.id = model::ChangeId("new-" + std::to_string(provisional++));
    auto frozen = plan::freeze(plan);
    EXPECT_TRUE(frozen.has_value()) << frozen.error().to_string();
    return {.run = "run-1", .digest = frozen->digest, .bytes = frozen->bytes};
  }

  engine::TargetProfile profile() {
    engine::TargetProfile profile = profile_of(kTarget, target_.manifest);
    profile.call_timeout = Duration::millis(100);
    profile.request_lifetime_max = Duration::millis(100);
    return profile;
  }

  std::int64_t rows(store::Table table, std::optional<std::string> state = std::nullopt) {
    auto snapshot = store_->snapshot();
    return *(*snapshot)->count({.table = table, .state = std::move(state)});
  }

  std::vector<std::string> event_types() {
    std::vector<std::string> types;
    EXPECT_TRUE(store_->evidence().records(0, SIZE_MAX, [&](const store::StoredRecord& record) {
      types.push_back(json::parse(record.leaf)->string_or("type", ""));
      return true;
    }));
    return types;
  }

  Random evidence_random_{1}, random_{2};
  SeededEntropy entropy_{3};
  std::unique_ptr<Clock> clock_ = make_system_clock();
  std::shared_ptr<store_memory::Disk> disk_ = store_memory::make_disk();
  FakeTarget target_{kTarget};
  OneTarget pool_{target_};
  std::unique_ptr<store::Store> store_;
};

TEST_F(ExecutorTest, CarriesOutAnApprovedPlanAndProvesIt) {
  add_account("ana");
  target_.add_grant(model::NativeId("native-ana"), model::EntitlementId("sales"), "");
  Executor executor({*store_, pool_, *clock_, random_}, {profile()});
  ASSERT_TRUE(executor.resume());
  auto create = change(plan::Verb::kCreate, "ben");
  create.account.id = {};
  create.attributes = {{"mail", "ben@nordhaven.example"}};
  auto summary =
      executor.apply(admission({change(plan::Verb::kRevoke, "ana"), change(plan::Verb::kDisable, "ana"), create}));
  ASSERT_TRUE(summary.has_value()) << summary.error().to_string();
  EXPECT_EQ(summary->done, 3);
  EXPECT_EQ(summary->obligations, 0);
  EXPECT_FALSE(target_.image(model::NativeId("native-ana"))->account.enabled);
  EXPECT_TRUE(target_.image(model::NativeId("native-ana"))->grants.empty());
  ASSERT_TRUE(target_.by_name("people", "ben").has_value());
  EXPECT_EQ(rows(store::Table::kChange), 0);
  EXPECT_EQ(rows(store::Table::kDone, "done"), 3);
  EXPECT_EQ(rows(store::Table::kAttempt, "applied"), 3);
  EXPECT_EQ(rows(store::Table::kObligation, "proven"), 2);
  EXPECT_EQ(rows(store::Table::kClaim), 1);
  EXPECT_EQ(rows(store::Table::kRun, "ended"), 1);
  EXPECT_EQ(rows(store::Table::kCase, "closed"), 1);
  EXPECT_THAT(event_types(), testing::IsSupersetOf({"case.opened", "change.planned", "obligation.opened",
                                                    "change.dispatched", "target.acknowledged", "target.verified",
                                                    "obligation.proven", "account.created", "case.closed"}));
}

TEST_F(ExecutorTest, ReadsBackAfterAnUnknownOutcomeAndSendsNothingTwice) {
  add_account("ana");
  target_.add_grant(model::NativeId("native-ana"), model::EntitlementId("sales"), "");
  target_.fail_next_write(Fault::kTimeoutAfterApply);
  Executor executor({*store_, pool_, *clock_, random_}, {profile()});
  ASSERT_TRUE(executor.resume());
  auto summary = executor.apply(admission({change(plan::Verb::kRevoke, "ana")}));
  ASSERT_TRUE(summary.has_value()) << summary.error().to_string();
  EXPECT_EQ(summary->done, 1);
  EXPECT_EQ(target_.writes().size(), 1U);
  EXPECT_THAT(event_types(), testing::IsSupersetOf({"change.failed", "change.reconciled", "obligation.proven"}));
}

TEST_F(ExecutorTest, RefusesAPlanThatNobodyApproved) {
  add_account("ana");
  plan::Plan plan;
  plan.policy = Digest::of("policy");
  plan.causes = {cause()};
  plan.changes = {change(plan::Verb::kGrant, "ana")};
  plan.changes.front().id = model::ChangeId("new");
  plan.approvals = {{.rule = "privileged", .count = 1, .text = "one person"}};
  auto frozen = plan::freeze(plan);
  ASSERT_TRUE(frozen.has_value());
  Executor executor({*store_, pool_, *clock_, random_}, {profile()});
  ASSERT_TRUE(executor.resume());
  auto refused = executor.apply({.run = "r", .digest = frozen->digest, .bytes = frozen->bytes});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().reason(), Reason::kPlanNotApproved);
  EXPECT_TRUE(target_.writes().empty());

  governance::Approval approval{.plan = frozen->digest, .person = "bo", .rules = {"privileged"}};
  auto applied =
      executor.apply({.run = "r", .digest = frozen->digest, .bytes = frozen->bytes, .approvals = {approval}});
  ASSERT_TRUE(applied.has_value()) << applied.error().to_string();
  EXPECT_EQ(applied->done, 1);
}

TEST_F(ExecutorTest, SendsNothingWhereTheWorldMoved) {
  add_account("ana");
  target_.add_grant(model::NativeId("native-ana"), model::EntitlementId("sales"), R"({"access":"READ"})");
  Executor executor({*store_, pool_, *clock_, random_}, {profile()});
  ASSERT_TRUE(executor.resume());
  auto summary = executor.apply(admission({change(plan::Verb::kGrant, "ana")}));
  ASSERT_TRUE(summary.has_value()) << summary.error().to_string();
  EXPECT_EQ(summary->stale, 1);
  EXPECT_TRUE(target_.writes().empty());
}

TEST_F(ExecutorTest, ARevocationWaitsForADeadTargetAndIsTakenUpByTheNextProcess) {
  add_account("ana");
  target_.set_chooser([](bool) { return Fault::kDown; });
  {
    Executor executor({*store_, pool_, *clock_, random_}, {profile()});
    ASSERT_TRUE(executor.resume());
    auto summary = executor.apply(admission({change(plan::Verb::kDisable, "ana")}),
                                  {.patience = Duration::millis(1), .on_progress = {}});
    ASSERT_TRUE(summary.has_value()) << summary.error().to_string();
    EXPECT_EQ(summary->waiting, 1);
    EXPECT_EQ(summary->obligations, 1);
    EXPECT_NE(summary->next_at, Time::never());
  }
  EXPECT_EQ(rows(store::Table::kObligation, "open"), 1);
  target_.set_chooser({});
  store_ = open();  // another process
  Executor executor({*store_, pool_, *clock_, random_}, {profile()});
  ASSERT_TRUE(executor.resume());
  auto summary = executor.run();
  ASSERT_TRUE(summary.has_value()) << summary.error().to_string();
  EXPECT_EQ(summary->done, 1);
  EXPECT_FALSE(target_.image(model::NativeId("native-ana"))->account.enabled);
  EXPECT_EQ(rows(store::Table::kObligation, "proven"), 1);
}

TEST_F(ExecutorTest, WorkOfPeopleIsDoneWhenAReadingShowsIt) {
  add_account("ana");
  target_.add_grant(model::NativeId("native-ana"), model::EntitlementId("sales"), "");
  engine::TargetProfile manual = profile();
  manual.manual = true;
  Executor executor({*store_, pool_, *clock_, random_}, {manual});
  ASSERT_TRUE(executor.resume());
  auto summary = executor.apply(admission({change(plan::Verb::kRevoke, "ana")}));
  ASSERT_TRUE(summary.has_value()) << summary.error().to_string();
  EXPECT_EQ(summary->manual, 1);
  EXPECT_TRUE(target_.writes().empty());
  EXPECT_EQ(rows(store::Table::kWorkOrder, "open"), 1);
  const auto see = [&] {
    executor.post(engine::Observed{std::make_shared<model::Observation>(target_.observation(clock_->now()))});
    return executor.run();
  };
  // "Done", says the person; the export does not show it.
  auto attested = governance::attest(executor.state().work_orders.begin()->second,
                                     {"cy", {evidence::ActorKind::kPerson, "ref-cy"}}, "done", {}, clock_->now());
  executor.post(engine::WorkOrderMoved{*attested});
  ASSERT_TRUE(executor.run());
  EXPECT_EQ(see()->manual, 1);
  EXPECT_EQ(rows(store::Table::kWorkOrder, "returned"), 1);
  target_.remove_grant(model::NativeId("native-ana"), model::EntitlementId("sales"));
  EXPECT_EQ(see()->done, 1);
  EXPECT_EQ(rows(store::Table::kWorkOrder, "verified"), 1);
  EXPECT_EQ(rows(store::Table::kObligation, "proven"), 1);
}

TEST_F(ExecutorTest, StopsWithoutStartingMore) {
  std::vector<plan::Change> changes;
  for (int i = 0; i < 50; ++i) {
    add_account("u" + std::to_string(i));
    changes.push_back(change(plan::Verb::kGrant, "u" + std::to_string(i)));
  }
  Executor executor({*store_, pool_, *clock_, random_}, {profile()});
  ASSERT_TRUE(executor.resume());
  RunOptions options;
  options.on_progress = [&](const Progress& progress) {
    if (progress.ended == 3) executor.request_stop();
  };
  auto summary = executor.apply(admission(changes), options);
  ASSERT_TRUE(summary.has_value()) << summary.error().to_string();
  EXPECT_TRUE(summary->stopped);
  EXPECT_LT(summary->done, 50);
  // Nothing is left without an outcome: what had been sent has been recorded.
  EXPECT_EQ(rows(store::Table::kAttempt, "none"), 0);
  Executor next({*store_, pool_, *clock_, random_}, {profile()});
  ASSERT_TRUE(next.resume());
  auto rest = next.run();
  ASSERT_TRUE(rest.has_value()) << rest.error().to_string();
  EXPECT_EQ(summary->done + rest->done, 50);
  EXPECT_EQ(target_.writes().size(), 50U);
}

}  // namespace
}  // namespace tenure::runtime
