#include <array>
#include <map>
#include <tuple>

#include <tenure/plan/guard.hpp>

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

class Guards {
 public:
  Guards(const policy::PolicySet& policy, const World& world) : policy_(policy), world_(world) {}

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
                 accounts_in(key.first), tally));
    for (const auto& [key, tally] : by_root_)
      results.push_back(result(std::string(kEffects.at(static_cast<std::size_t>(key.second))) + " from " + key.first,
                               "identities", identities(), tally));
    return results;
  }

 private:
  int weight(model::Risk risk) const { return risk == model::Risk::kPrivileged ? policy_.guard.privileged_weight : 1; }

  static std::string person(model::IdentityId identity, const model::TargetName& target, const std::string& account) {
    return identity.valid() ? std::to_string(identity.value()) : target.str() + "/" + account;
  }

  std::int64_t accounts_in(const model::TargetName& name) const {
    const auto view = world_.targets.find(name);
    const auto doc = policy_.targets.find(name);
    if (view == world_.targets.end() || doc == policy_.targets.end() || !view->second.observed) return 0;
    std::int64_t count = 0;
    for (const auto& account : view->second.observed->accounts) {
      const auto* type = doc->second.account_class(account.account_class);
      count += type != nullptr && type->scope <= model::Scope::kAdditive;
    }
    return count;
  }

  std::int64_t identities() const {
    std::set<model::IdentityId> claimed;
    for (const auto& [ref, claim] : world_.claims) claimed.insert(claim.identity);
    return static_cast<std::int64_t>(claimed.size());
  }

  GuardResult result(std::string name, const std::string& of, std::int64_t population, const Tally& tally) const {
    const policy::GuardDoc& guard = policy_.guard;
    const bool share = population >= guard.population_min;
    GuardResult result;
    result.guard = std::move(name);
    for (std::size_t i = 0; i < kWindows.size(); ++i) {
      std::map<std::string, int> all = tally.before[i];
      for (const auto& [what, weight] : tally.now) touch(all, what, weight);
      std::int64_t sum = 0;
      for (const auto& [what, weight] : all) sum += weight;
      const bool held = share ? sum * 100 > population * guard.share_percent_max : sum > guard.count_max_small;
      if (i > 0 && !held) continue;
      result.text = std::to_string(sum) + " of " + std::to_string(population) + " " + of + " within " +
                    std::string(kWindows[i].name) + ", limit " +
                    (share ? std::to_string(guard.share_percent_max) + " %" : std::to_string(guard.count_max_small));
      result.held = held;
      if (held) break;
    }
    if (result.held) result.causes.assign(tally.causes.begin(), tally.causes.end());
    return result;
  }

  const policy::PolicySet& policy_;
  const World& world_;
  std::map<std::pair<model::TargetName, Effect>, Tally> by_target_;
  std::map<std::pair<std::string, Effect>, Tally> by_root_;
};

}  // namespace

std::vector<GuardResult> evaluate_guards(const policy::PolicySet& policy, const World& world, const Plan& plan,
                                         const std::set<model::CauseId>& released) {
  Guards guards(policy, world);
  guards.count(plan, released);
  guards.count_history();
  return guards.results();
}

}  // namespace tenure::plan
