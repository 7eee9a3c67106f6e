// Planning about one, in the company of plan/full.
//
// plan/incremental: somebody's facts change, and their plan is made: 10,000 identities, one after another, by one
// thread. The value is the 99th percentile; of people who had moved already it is checked that their own plan says what
// the plan for everybody says of them. plan/explain: why somebody holds a grant, with the rule and the facts: 10,000
// grants. The value is the 99th percentile.
#include "dice.hpp"
#include "harness.hpp"
#include "planning.hpp"

#include <map>
#include <set>

#include <fmt/format.h>

#include <tenure/base/workers.hpp>
#include <tenure/plan/explain.hpp>
#include <tenure/plan/planner.hpp>

namespace tenure::bench {
namespace {

constexpr std::size_t kAsked = 10'000;
constexpr std::size_t kCompared = 300;

// One observed grant of the managed scope.
struct Question {
  std::uint32_t identity = 0;
  std::uint32_t entitlement = 0;  // number
  Holds wanted = Holds::kNo;      // by the rules of the company
};

// By any rule that gives it; the lifecycle is looked at.
Holds wanted(const Company& company, std::uint32_t entitlement, std::uint32_t identity) {
  if (company.working[identity] == Working::kLeft) return Holds::kNo;
  if (entitlement == 0) return Holds::kYes;
  Holds best = Holds::kNo;
  for (const Rule& rule : company.rules)
    if (std::find(rule.entitlements.begin(), rule.entitlements.end(), entitlement) != rule.entitlements.end()) {
      const Holds one = holds(company, rule, identity);
      if (one == Holds::kYes || best == Holds::kNo) best = one;
    }
  return best;
}

std::vector<Question> questions_of(const Company& company, std::size_t count) {
  Dice dice(11);
  std::vector<Question> questions;
  while (questions.size() < count) {
    const CompanyTarget& target = company.targets[dice.below(company.targets.size())];
    const std::uint32_t e = dice.below(target.entitlements.size());
    const std::uint64_t begin = target.observed.offsets[e], end = target.observed.offsets[e + 1];
    const std::uint32_t number = target.entitlements[e];
    if (begin == end || !company.entitlements[number].managed) continue;
    const std::uint32_t account = target.observed.accounts[begin + dice.below(end - begin)];
    questions.push_back({target.owners[account], number, wanted(company, number, target.owners[account])});
  }
  return questions;
}

class One {
 public:
  One(Harness& harness, Company company)
      : harness_(harness),
        entitlements_(company.entitlements),
        departments_(company.attribute("department").values),
        movers_(company.movers),
        questions_(questions_of(company, harness.scaled(kAsked, 200))) {
    for (const CompanyTarget& target : company.targets) targets_.emplace_back(target.name);
    ready_ = make_ready(std::move(company));
    planner_ = std::make_unique<plan::Planner>(ready_->policy, ready_->populated.population, *workers_);
  }

  void incremental() {
    check_against_everybody();
    Dice dice(12);
    population::Population& population = ready_->populated.population;
    std::vector<double> writes, plans, whole;
    const std::size_t people = population.people().rows();
    std::size_t changes = 0;
    for (std::size_t n = 0; n < harness_.scaled(kAsked, 200); ++n) {
      const model::Identity before = population.people().identity(dice.below(people));
      model::Identity after = before;
      model::Fact& fact = after.facts.at("department");
      fact = {.value = json::Value(departments_[dice.below(departments_.size())]),
              .unknown = false,
              .source = fact.source,
              .known_at = ready_->populated.setting.now};
      writes.push_back(seconds([&] {
        population.people().put(after);
        population.settle();
      }));
      plan::PlanResult result;
      plans.push_back(seconds([&] { result = plan_of(after.id); }));
      whole.push_back(writes.back() + plans.back());
      changes += result.plan.changes.size();
      population.people().put(before);
      population.settle();
    }
    print("plan/incremental", quantile(whole, 0.99), whole.size(),
          fmt::format("p99 of facts changed, plan frozen; {:.1f} changes on average",
                      static_cast<double>(changes) / static_cast<double>(whole.size())));
    print("plan/incremental.p50", quantile(whole, 0.5), whole.size(), "the same, median");
    print("plan/incremental.write", quantile(writes, 0.99), writes.size(), "p99 of writing the facts alone");
    harness_.expect(changes > 0, "plan/incremental: a new department changes something");
  }

  void explain() {
    const Populated& populated = ready_->populated;
    std::vector<double> times;
    std::size_t by_rule = 0;
    for (const Question& question : questions_) {
      const Entitlement& entitlement = entitlements_[question.entitlement];
      const model::IdentityId id(std::int64_t{question.identity} + 1);
      plan::Why why;
      times.push_back(seconds([&] {
        why = harness_.require(
            planner_->why(populated.setting, id, targets_[entitlement.target], model::EntitlementId(entitlement.id)),
            "plan/explain");
      }));
      check(question, why);
      by_rule += question.wanted == Holds::kYes ? 1 : 0;
    }
    print("plan/explain", quantile(times, 0.99), times.size(),
          fmt::format("p99; {} of {} are given by a rule", by_rule, times.size()));
    print("plan/explain.p50", quantile(times, 0.5), times.size(), "the same, median");
  }

 private:
  void print(const std::string& bench, double value, std::size_t n, std::string note) {
    harness_.print({.bench = bench, .value = value, .n = n, .note = std::move(note)});
  }

  plan::PlanResult plan_of(model::IdentityId id) {
    return harness_.require(planner_->plan_one(ready_->populated.setting, id), "plan/incremental");
  }

  // The part of the whole plan that is about somebody, and their own plan: the same changes with the same ids.
  void check_against_everybody() {
    const Populated& populated = ready_->populated;
    const plan::PlanResult all = harness_.require(planner_->plan(populated.setting, {}), "plan/incremental");
    std::map<model::IdentityId, std::set<model::ChangeId>> ids;
    for (const plan::Change& change : all.plan.changes) ids[change.identity].insert(change.id);
    const std::size_t step = std::max<std::size_t>(1, movers_.size() / kCompared);
    for (std::size_t n = 0; n < movers_.size(); n += step) {
      const model::IdentityId id(std::int64_t{movers_[n]} + 1);
      std::set<model::ChangeId> own;
      for (const plan::Change& change : plan_of(id).plan.changes) own.insert(change.id);
      harness_.expect(own == ids[id], fmt::format("plan/incremental: changes of identity {}: {} and {} in the whole",
                                                  id.value(), own.size(), ids[id].size()));
    }
  }

  void check(const Question& question, const plan::Why& why) {
    const model::EntitlementId id(entitlements_[question.entitlement].id);
    const bool held = std::any_of(why.held.begin(), why.held.end(),
                                  [&](const plan::Explanation& one) { return one.path.back() == id; });
    harness_.expect(held, fmt::format("plan/explain: {} of identity {} is held", id.str(), question.identity + 1));
    harness_.expect(
        why.wanted.has_value() == (question.wanted == Holds::kYes),
        fmt::format("plan/explain: whether a rule gives {} to identity {}", id.str(), question.identity + 1));
  }

  Harness& harness_;
  std::vector<Entitlement> entitlements_;
  std::vector<std::string> departments_;
  std::vector<std::uint32_t> movers_;
  std::vector<model::TargetName> targets_;
  std::vector<Question> questions_;
  std::unique_ptr<Workers> workers_ = make_workers(2);
  std::unique_ptr<Ready> ready_;
  std::unique_ptr<plan::Planner> planner_;
};

}  // namespace
}  // namespace tenure::bench

int main(int argc, char** argv) {
  using namespace tenure::bench;
  Harness harness(argc, argv);
  if (!harness.wants("plan/incremental") && !harness.wants("plan/explain")) return 0;
  One one(harness, make_company(CompanySize::of(harness.size())));
  if (harness.wants("plan/explain")) one.explain();
  if (harness.wants("plan/incremental")) one.incremental();
  return harness.status();
}
