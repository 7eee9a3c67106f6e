// Guards and approvals count in one pass over numbers; here they are compared with the plain way, change by change,
// over maps of texts.
#include "approvals.hpp"

#include <algorithm>
#include <array>
#include <map>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <tenure/plan/guard.hpp>
#include <tenure/policy/evaluate.hpp>
#include <tenure/policy/testing/repository.hpp>

namespace tenure::plan {
namespace {

enum class Effect : std::uint8_t { kNone, kAdd, kRemove, kOverwrite };
constexpr std::array<std::string_view, 4> kEffects = {"", "additions", "removals", "overwrites"};

Effect effect_of(Verb verb, Lane lane, bool held_before) {
  switch (verb) {
    case Verb::kCreate:
    case Verb::kEnable:
      return Effect::kAdd;
    case Verb::kGrant:
      if (lane == Lane::kReduce) return Effect::kRemove;
      return held_before ? Effect::kOverwrite : Effect::kAdd;
    case Verb::kUpdate:
      return Effect::kOverwrite;
    case Verb::kDisable:
    case Verb::kDelete:
    case Verb::kRevoke:
      return Effect::kRemove;
    default:
      return Effect::kNone;
  }
}

struct Window {
  std::string_view name;
  Duration length;
};
constexpr std::array<Window, 2> kWindows = {Window{"24 hours", Duration::hours(24)},
                                            Window{"30 days", Duration::days(30)}};

// What one guard counts: the weight of everything that is touched, now and in each window before.
struct Tally {
  std::map<std::string, int> now;  // what is touched by causes that are not released -> weight
  std::array<std::map<std::string, int>, kWindows.size()> before;
  std::set<model::CauseId> causes;
};

void touch(std::map<std::string, int>& touched, const std::string& what, int weight) {
  int& held = touched[what];
  held = std::max(held, weight);
}

class PlainGuards {
 public:
  PlainGuards(const policy::GuardDoc& limits, const World& world, const Headcount& headcount)
      : limits_(limits), world_(world), headcount_(headcount) {}

  void count(const Plan& plan, const std::set<model::CauseId>& released) {
    std::map<model::CauseId, std::string> roots;
    for (const Cause& cause : plan.causes) roots[cause.id] = cause.root;
    for (const Change& change : plan.changes) {
      const Effect effect = effect_of(change.verb, change.lane, change.prior_present);
      if (effect == Effect::kNone || released.contains(change.cause)) continue;
      const std::string account = change.account.id.empty() ? "new " + change.account.name : change.account.id.str();
      for (Tally* tally : {&by_target_[{change.target, effect}], &by_root_[{roots[change.cause], effect}]}) {
        const bool is_target = tally == &by_target_[{change.target, effect}];
        touch(tally->now, is_target ? account : person(change.identity, change.target, account), weight(change.risk));
        tally->causes.insert(change.cause);
      }
    }
  }

  void count_history() {
    for (const CountedChange& past : world_.history) {
      const Effect effect = effect_of(past.verb, past.lane, false);
      if (effect == Effect::kNone || past.at > world_.now) continue;
      const std::string account = past.name.empty() ? past.account.str() : "new " + past.name;
      for (std::size_t i = 0; i < kWindows.size(); ++i) {
        if (world_.now - past.at >= kWindows[i].length) continue;
        if (const auto it = by_target_.find({past.target, effect}); it != by_target_.end())
          touch(it->second.before[i], account, weight(past.risk));
        if (const auto it = by_root_.find({past.root, effect}); it != by_root_.end())
          touch(it->second.before[i], person(past.identity, past.target, account), weight(past.risk));
      }
    }
  }

  std::vector<GuardResult> results() const {
    std::vector<GuardResult> results;
    for (const auto& [key, tally] : by_target_)
      results.push_back(
          result(std::string(kEffects.at(static_cast<std::size_t>(key.second))) + " in " + key.first.str(), "accounts",
                 headcount_.accounts.contains(key.first) ? headcount_.accounts.at(key.first) : 0, tally,
                 key.second == Effect::kRemove));
    for (const auto& [key, tally] : by_root_)
      results.push_back(result(std::string(kEffects.at(static_cast<std::size_t>(key.second))) + " from " + key.first,
                               "identities", identities_of(key.first), tally, key.second == Effect::kRemove));
    return results;
  }

 private:
  int weight(model::Risk risk) const { return risk == model::Risk::kPrivileged ? limits_.privileged_weight : 1; }

  static std::string person(model::IdentityId identity, const model::TargetName& target, const std::string& account) {
    return identity.valid() ? std::to_string(identity.value()) : target.str() + "/" + account;
  }

  std::int64_t identities_of(const std::string& root) const {
    for (const auto& [source, count] : headcount_.sources)
      if (root == "source " + source.str()) return count;
    return headcount_.identities;
  }

  GuardResult result(std::string name, const std::string& of, std::int64_t population, const Tally& tally,
                     bool removals) const {
    const policy::GuardDoc& guard = limits_;
    const bool share = population >= guard.population_min;
    GuardResult result;
    result.guard = std::move(name);
    for (std::size_t i = 0; i < kWindows.size(); ++i) {
      std::map<std::string, int> all = tally.before[i];
      for (const auto& [what, weight] : tally.now) touch(all, what, weight);
      std::int64_t sum = 0;
      for (const auto& [what, weight] : all) sum += weight;
      const bool over = share ? sum * 100 > population * guard.share_percent_max : sum > guard.count_max_small;
      const auto touched = static_cast<std::int64_t>(all.size());
      const bool collapse = !over && removals && population >= guard.collapse_min &&
                            touched * 100 > population * guard.collapse_percent_max;
      if (i > 0 && !over && !collapse) continue;
      result.text = std::to_string(collapse ? touched : sum) + " of " + std::to_string(population) + " " + of +
                    " within " + std::string(kWindows[i].name) + ", limit " +
                    (collapse ? std::to_string(guard.collapse_percent_max) + " % of so small a population"
                     : share  ? std::to_string(guard.share_percent_max) + " %"
                              : std::to_string(guard.count_max_small));
      result.held = over || collapse;
      if (result.held) break;
    }
    if (result.held) result.causes.assign(tally.causes.begin(), tally.causes.end());
    return result;
  }

  const policy::GuardDoc& limits_;
  const World& world_;
  const Headcount& headcount_;
  std::map<std::pair<model::TargetName, Effect>, Tally> by_target_;
  std::map<std::pair<std::string, Effect>, Tally> by_root_;
};

std::size_t below(std::uint64_t& state, std::size_t n) {  // splitmix64
  std::uint64_t z = (state += 0x9e3779b97f4a7c15U);
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  return (z ^ (z >> 31U)) % n;
}

std::string one_of(std::uint64_t& state, const std::string& name, std::size_t n) {
  return name + std::to_string(below(state, n));
}

Plan random_plan(std::uint64_t& state) {
  Plan plan;
  for (int i = 0; i < 6; ++i) {
    Cause cause{{}, i < 3 ? "source_row" : "policy", one_of(state, "source ", 3), std::to_string(i), {}};
    cause.id = cause_id(cause);
    plan.causes.push_back(cause);
  }
  for (std::size_t i = below(state, 60); i > 0; --i) {
    Change change;
    change.verb = static_cast<Verb>(below(state, 11));
    change.kind = kind_of(change.verb);
    change.lane = static_cast<Lane>(below(state, 5));
    change.target = model::TargetName(one_of(state, "t", 3));
    change.account.name = one_of(state, "a", 9);
    if (below(state, 3) > 0) change.account.id = model::NativeId(change.account.name);
    change.identity = model::IdentityId(static_cast<std::int64_t>(below(state, 12)));
    change.entitlement = model::EntitlementId(below(state, 2) > 0 ? "" : one_of(state, "e", 4));
    change.prior_present = below(state, 2) > 0;
    change.manual = below(state, 2) > 0;
    change.purpose = static_cast<model::Purpose>(below(state, 5));
    change.risk = static_cast<model::Risk>(below(state, 4));
    change.cause = plan.causes[below(state, plan.causes.size())].id;
    plan.changes.push_back(std::move(change));
  }
  return plan;
}

World random_past(std::uint64_t& state) {
  World world;
  world.now = Time::parse("2026-11-20").value();
  for (std::size_t i = below(state, 60); i > 0; --i) {
    CountedChange past;
    past.at = world.now - Duration::hours(static_cast<std::int64_t>(below(state, 1000)) - 20);
    past.root = one_of(state, "source ", 4);
    past.target = model::TargetName(one_of(state, "t", 4));
    past.verb = static_cast<Verb>(below(state, 11));
    past.lane = static_cast<Lane>(below(state, 5));
    past.account = model::NativeId(one_of(state, "a", 9));
    if (below(state, 3) == 0) past.name = one_of(state, "a", 9);
    past.identity = model::IdentityId(static_cast<std::int64_t>(below(state, 12)));
    past.risk = static_cast<model::Risk>(below(state, 4));
    world.history.push_back(past);
  }
  return world;
}

TEST(GuardLaw, CountsAsThePlainWayDoes) {
  int held = 0;
  EXPECT_TRUE(rc::check([&held](std::uint64_t state) {
    const Plan plan = random_plan(state);
    const World world = random_past(state);
    policy::GuardDoc limits;
    limits.count_max_small = static_cast<int>(below(state, 12));
    limits.population_min = 10;
    Headcount count;
    for (int i = 0; i < 3; ++i)
      count.accounts[model::TargetName("t" + std::to_string(i))] = std::int64_t(below(state, 90));
    count.identities = static_cast<std::int64_t>(below(state, 90));
    count.sources[model::SourceName("1")] = static_cast<std::int64_t>(below(state, 40));
    std::set<model::CauseId> released;
    for (const Cause& cause : plan.causes)
      if (below(state, 4) == 0) released.insert(cause.id);
    PlainGuards plain(limits, world, count);
    plain.count(plan, released);
    plain.count_history();
    const auto results = evaluate_guards(limits, world.now, world.history, count, plan, released);
    RC_ASSERT(results == plain.results());
    held += static_cast<int>(std::count_if(results.begin(), results.end(), [](const auto& one) { return one.held; }));
  }));
  EXPECT_GT(held, 100) << "the comparison was about nothing";
}

TEST(ApprovalLaw, CountsAsThePlainWayDoes) {
  const auto policy = policy::testing::load_repository(std::string(TENURE_SOURCE_DIR) + "/tests/golden/plan/policy");
  const StateOf state_of = [](model::IdentityId id) -> std::optional<model::LifecycleState> {
    if (id.value() % 4 == 0) return std::nullopt;
    return id.value() % 4 == 1 ? model::LifecycleState::kLeft : model::LifecycleState::kActive;
  };
  EXPECT_TRUE(rc::check([&](std::uint64_t state) {
    const Plan plan = random_plan(state);
    std::map<std::string, std::int64_t> plain;
    for (const Change& change : plan.changes) {
      policy::ChangeFacts facts;
      facts.verb = name_of(change.verb);
      facts.kind = name_of(change.kind);
      facts.risk = model::name_of(change.risk);
      facts.target = change.target.str();
      facts.entitlement = change.entitlement.str();
      facts.purpose = model::name_of(change.purpose);
      if (const auto its = change.identity.valid() ? state_of(change.identity) : std::nullopt)
        facts.state = model::name_of(*its);
      for (const Cause& cause : plan.causes)
        if (cause.id == change.cause) facts.cause = cause.kind;
      facts.takes_away = takes_away(change);
      facts.manual = change.manual;
      const auto rules = policy::approvals_for(policy, facts);
      if (rules.empty()) ++plain["unmatched"];
      for (const auto* rule : rules) ++plain[(rule->standing ? "standing:" : "") + rule->name];
    }
    std::map<std::string, std::int64_t> counted;
    for (const ApprovalNeeded& one : approvals_needed(policy, state_of, plan)) counted[one.rule] = std::stoll(one.text);
    RC_ASSERT(counted == plain);
  }));
}

}  // namespace
}  // namespace tenure::plan
