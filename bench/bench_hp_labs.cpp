// plan/hp-labs.<file>: the real matrices of tests/data/hp-labs planned as what a target was found to hold. Every answer
// is checked against what was planted:
//
//   onboard   everybody's account is claimed, what rules explain is adopted, the rest becomes the baseline
//   calm      the next plan is empty
//   drift     access taken away and added by hand, and people who change departments: all of it is found, nothing else
//   revert    a plan that undoes the drift; after it the next plan is empty again
//
// Always at full size; the matrices are small.
#include "dice.hpp"
#include "harness.hpp"
#include "labs.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include <tenure/base/diagnostic.hpp>
#include <tenure/plan/planner.hpp>
#include <tenure/plan/testing/small_world.hpp>

namespace tenure::bench {
namespace {

using Right = std::pair<std::string, std::string>;  // account, entitlement
using Rights = std::set<Right>;

Right right_of(std::size_t user, std::uint32_t permission) {
  return {account_id(user).str(), permission_id(permission).str()};
}

// What was done to a calm world, and what planning must therefore say.
struct Planted {
  Rights removed, added;    // by hand
  Rights granted, revoked;  // by rules, of people who moved
  Rights adopted;           // by rules, what they had already
};

class Matrix {
 public:
  Matrix(Harness& harness, Labs labs)
      : harness_(harness), labs_(std::move(labs)), policy_(load()), world_(world_of(labs_)) {}

  void measure() {
    const std::string bench = "plan/hp-labs." + labs_.file;
    const std::string note = fmt::format("{}.txt: {} users, {} grants, {} explained by {} rules", labs_.file,
                                         labs_.held.size(), labs_.grants(), labs_.explained(), labs_.bundles.size());
    print(bench + ".onboard", timed(plan::PlanRequest::onboard(labs_target())), note);
    check_onboarding();
    expect_calm("after the onboarding");
    print(bench + ".calm", timed({}), note + "; an empty plan");
    const Planted planted = plant();
    print(bench + ".drift", timed({}),
          note + fmt::format("; {} grants changed by hand, {} by movers", planted.removed.size() + planted.added.size(),
                             planted.granted.size() + planted.revoked.size()));
    check_drift(planted);
    revert(planted);
    expect_calm("after the revert");
  }

 private:
  policy::PolicySet load() {
    Diagnostics diagnostics;
    auto policy = policy::load(policy_of(labs_), diagnostics);
    if (!policy) harness_.require(Status(std::unexpected<Error>(diagnostics.to_error())), labs_.file);
    return std::move(*policy);
  }

  std::vector<double> timed(const plan::PlanRequest& request) {
    std::vector<double> times;
    for (std::size_t run = 0; run < harness_.runs(3); ++run)
      times.push_back(seconds([&] {
        planned_ = harness_.require(plan::make_plan(policy_, world_, request), "plan/hp-labs " + labs_.file);
      }));
    return times;
  }

  void print(const std::string& bench, const std::vector<double>& times, const std::string& note) {
    harness_.print({.bench = bench, .value = median(times), .n = times.size(), .note = note});
  }

  void apply() { plan::testing::apply(policy_, planned_, world_); }

  std::size_t count(plan::Verb verb) const {
    const auto& changes = planned_.plan.changes;
    return static_cast<std::size_t>(
        std::count_if(changes.begin(), changes.end(), [&](const plan::Change& one) { return one.verb == verb; }));
  }

  Rights rights(plan::Verb verb) const {
    Rights rights;
    for (const plan::Change& change : planned_.plan.changes)
      if (change.verb == verb) rights.emplace(change.account.id.str(), change.entitlement.str());
    return rights;
  }

  Rights found(model::FindingKind kind) const {
    Rights rights;
    for (const model::Finding& finding : planned_.findings)
      if (finding.kind == kind) rights.emplace(finding.account.id.str(), finding.entitlement.str());
    return rights;
  }

  void check_onboarding() {
    std::size_t baseline = 0;
    for (const plan::Change& change : planned_.plan.changes)
      if (change.verb == plan::Verb::kOnboard) baseline = change.attributes.at("baseline").as_array().size();
    harness_.expect_equal(count(plan::Verb::kClaim), labs_.held.size(), labs_.file + ": accounts claimed");
    harness_.expect_equal(count(plan::Verb::kAdopt), labs_.explained(), labs_.file + ": grants adopted");
    harness_.expect_equal(baseline, labs_.grants() - labs_.explained(), labs_.file + ": grants in the baseline");
    apply();
  }

  void expect_calm(std::string_view when) {
    timed({});
    harness_.expect_equal(planned_.plan.changes.size(), std::size_t{0},
                          fmt::format("{}: changes {}", labs_.file, when));
    harness_.expect_equal(planned_.findings.size(), std::size_t{0}, fmt::format("{}: findings {}", labs_.file, when));
  }

  // One person in fifty each: loses something that rules give, gains something, moves.
  Planted plant() {
    Planted planted;
    Dice dice(7);
    auto& observed = *world_.targets.at(labs_target()).observed;
    for (std::size_t user = 0; user < labs_.held.size(); ++user) {
      const auto& bundle = labs_.bundles[labs_.department[user]];
      const std::uint32_t lot = dice.below(50), other = dice.below(labs_.permissions);
      if (lot == 0 && !bundle.empty()) {
        planted.removed.insert(right_of(user, bundle[dice.below(bundle.size())]));
      } else if (lot == 1 && !std::binary_search(labs_.held[user].begin(), labs_.held[user].end(), other)) {
        planted.added.insert(right_of(user, other));
      } else if (lot == 2) {
        move(user, 1 + dice.below(labs_.bundles.size() - 1), planted);
      }
    }
    std::erase_if(observed.grants, [&](const model::Grant& grant) {
      return planted.removed.contains({grant.holder.account.str(), grant.entitlement.str()});
    });
    for (const auto& [account, entitlement] : planted.added)
      observed.grants.push_back({model::Holder{model::NativeId(account), {}}, model::EntitlementId(entitlement), ""});
    observed.sort();
    return planted;
  }

  void move(std::size_t user, std::uint32_t department, Planted& planted) {
    const auto &before = labs_.bundles[labs_.department[user]], &after = labs_.bundles[department];
    const auto& held = labs_.held[user];
    const auto in = [](const std::vector<std::uint32_t>& list, std::uint32_t permission) {
      return std::binary_search(list.begin(), list.end(), permission);
    };
    for (const std::uint32_t permission : after)
      if (!in(held, permission))
        planted.granted.insert(right_of(user, permission));
      else if (!in(before, permission))
        planted.adopted.insert(right_of(user, permission));
    for (const std::uint32_t permission : before)
      if (!in(after, permission)) planted.revoked.insert(right_of(user, permission));
    model::Fact& fact =
        world_.identities.at(model::IdentityId(static_cast<std::int64_t>(user) + 1)).facts.at("department");
    fact.value = department_name(department);
    fact.known_at = world_.now;
  }

  void check_drift(const Planted& planted) {
    const auto same = [&](const Rights& ours, const Rights& theirs, std::string_view what) {
      harness_.expect(ours == theirs,
                      fmt::format("{}: {}: {} and {} planted", labs_.file, what, ours.size(), theirs.size()));
    };
    same(found(model::FindingKind::kDriftRemoved), planted.removed, "taken away by hand");
    same(found(model::FindingKind::kDriftAdded), planted.added, "added by hand");
    same(rights(plan::Verb::kGrant), planted.granted, "granted to movers");
    same(rights(plan::Verb::kRevoke), planted.revoked, "revoked from movers");
    same(rights(plan::Verb::kAdopt), planted.adopted, "explained by the new department");
    const std::size_t all = planted.granted.size() + planted.revoked.size() + planted.adopted.size();
    harness_.expect_equal(planned_.plan.changes.size(), all, labs_.file + ": changes");
    harness_.expect(!planned_.plan.held(), labs_.file + ": no guard holds so little");
    harness_.expect(
        !planted.removed.empty() && !planted.added.empty() && !planted.granted.empty() && !planted.revoked.empty(),
        labs_.file + ": something was planted of each kind");
  }

  void revert(const Planted& planted) {
    std::vector<std::string> findings;
    for (const model::Finding& finding : planned_.findings) findings.push_back(finding.id);
    apply();
    timed(plan::PlanRequest::revert(findings));
    harness_.expect(rights(plan::Verb::kGrant) == planted.removed && rights(plan::Verb::kRevoke) == planted.added,
                    labs_.file + ": what a revert gives back and takes away");
    apply();
  }

  Harness& harness_;
  Labs labs_;
  policy::PolicySet policy_;
  plan::World world_;
  plan::PlanResult planned_;
};

}  // namespace
}  // namespace tenure::bench

int main(int argc, char** argv) {
  using namespace tenure::bench;
  Harness harness(argc, argv);
  for (const char* file : {"customer", "americas_small", "apj"})
    if (harness.wants(std::string("plan/hp-labs.") + file))
      Matrix(harness, harness.require(read_labs(TENURE_LABS_FOLDER, file), file)).measure();
  return harness.status();
}
