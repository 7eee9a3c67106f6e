#include "engine_rig.hpp"

#include <fmt/format.h>

#include <tenure/store_sqlite/sqlite_store.hpp>

namespace tenure::bench {

OpenStore sqlite_in(const std::string& folder) {
  return [folder](bool create, Random& random, Entropy& entropy) {
    return store_sqlite::open({folder, create}, random, entropy);
  };
}

std::string account_name(std::int64_t number) {
  return fmt::format("u{:07}", number);
}

engine::Admit admission(const Work& work, const std::string& run) {
  plan::Plan plan;
  plan.policy = Digest::of("policy");
  plan.purpose = "reconcile";
  for (std::int64_t i = 0; i < work.count; ++i) {
    const std::int64_t number = work.first + i;
    plan::Cause cause{.kind = "source_row", .root = "source hr", .text = "department = Sales"};
    cause.identity = model::IdentityId(number + 1);
    cause.id = plan::cause_id(cause);
    plan::Change change;
    change.id = model::ChangeId("new-" + std::to_string(i));
    change.kind = plan::kind_of(work.verb);
    change.verb = work.verb;
    change.lane = work.lane;
    change.target = work.target;
    change.account.id = model::NativeId(account_name(number));
    change.account.name = account_name(number);
    change.account_class = "people";
    change.identity = cause.identity;
    change.entitlement = model::EntitlementId("sales");
    change.prior_present = work.verb == plan::Verb::kRevoke;
    change.cause = cause.id;
    change.reason = {
        .rule = "role sales-rep", .text = "department = Sales", .facts = {{"department", "Sales"}}, .term = {}};
    plan.causes.push_back(std::move(cause));
    plan.changes.push_back(std::move(change));
  }
  auto frozen = plan::freeze(plan);
  if (!frozen) std::abort();
  return {.run = run,
          .digest = frozen->digest,
          .bytes = std::move(frozen->bytes),
          .approvals = {},
          .cases = {},
          .only = std::nullopt};
}

void EngineRig::start(bool create) {
  stop();
  store_ = harness_.require(open_(create, store_random_, *entropy_), "the store");
  std::vector<engine::TargetProfile> profiles;
  for (const auto& name : {kAlive, kDead}) {
    targets_.add(name);
    engine::TargetProfile profile =
        runtime::profile_of(name, harness_.require(targets_.open(name), "a target")->manifest());
    // A tenth of the connections is kept for revocations: 32 stay for what is measured.
    profile.concurrency_max = kInFlight + (kInFlight + 8) / 10;
    profile.request_lifetime_max = Duration::seconds(1);
    profiles.push_back(std::move(profile));
  }
  executor_ = std::make_unique<runtime::Executor>(runtime::Services{*store_, targets_, *clock_, engine_random_},
                                                  std::move(profiles));
  harness_.require(executor_->resume(), "taking up what is open");
}

void EngineRig::stop() {
  executor_.reset();
  store_.reset();
}

double EngineRig::run(const std::vector<Work>& works) {
  std::vector<engine::Admit> admissions;
  for (const Work& work : works) admissions.push_back(admission(work, fmt::format("run-{}", ++runs_)));
  const double took = seconds([&] {
    for (engine::Admit& one : admissions) executor_->post(std::move(one));
    harness_.require(executor_->run(), "the run");
  });
  check(works);
  return took;
}

void EngineRig::check(const std::vector<Work>& works) {
  for (const Work& work : works)
    for (std::int64_t i = 0; i < work.count; ++i)
      harness_.expect(
          target(work.target).holds(model::NativeId(account_name(work.first + i)), model::EntitlementId("sales")) ==
              (work.verb == plan::Verb::kGrant),
          "engine: the target does not hold what was planned");
  harness_.expect_equal(rows(store::Table::kChange), std::int64_t{0}, "engine: changes that are open");
  harness_.expect_equal(target(kAlive).repeated(), std::int64_t{0}, "engine: writes that were repeated");
  harness_.expect_equal(rows(store::Table::kDone), rows(store::Table::kDone, "done"),
                        "engine: changes that are not done");
}

double EngineRig::commits_per_change() {
  auto snapshot = harness_.require(store_->snapshot(), "a snapshot");
  return static_cast<double>(snapshot->sequence()) / static_cast<double>(rows(store::Table::kDone));
}

std::int64_t EngineRig::rows(store::Table table, std::optional<std::string> state) {
  auto snapshot = harness_.require(store_->snapshot(), "a snapshot");
  return harness_.require(snapshot->count({.table = table, .owner = {}, .state = std::move(state)}), "counting rows");
}

}  // namespace tenure::bench
