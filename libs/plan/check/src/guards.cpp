// Every guard of the policy, counted again: by its scope, its windows and its limits.
#include "parts.hpp"

#include <algorithm>
#include <array>

namespace tenure::plan_check {
namespace {

enum class Effect : std::uint8_t { kAdds, kRemoves, kOverwrites, kNone };
constexpr std::array<Effect, 3> kEffects = {Effect::kAdds, Effect::kRemoves, Effect::kOverwrites};
constexpr std::array<std::string_view, 3> kNames = {"additions", "removals", "overwrites"};

Effect effect_of(const ReadChange& change) {
  if (change.verb == "create" || change.verb == "enable") return Effect::kAdds;
  if (change.verb == "update") return Effect::kOverwrites;
  if (change.verb == "disable" || change.verb == "delete" || change.verb == "revoke") return Effect::kRemoves;
  if (change.verb != "grant") return Effect::kNone;
  if (change.lane == "reduce") return Effect::kRemoves;
  return change.prior_present ? Effect::kOverwrites : Effect::kAdds;
}

bool has(const Touched& touched, Effect effect) {
  return (effect == Effect::kAdds && touched.adds) || (effect == Effect::kRemoves && touched.removes) ||
         (effect == Effect::kOverwrites && touched.overwrites);
}

std::string person(std::int64_t identity, const std::string& target, const std::string& account) {
  return identity > 0 ? std::to_string(identity) : target + "/" + account;
}

std::string_view source_of(std::string_view root) {
  return root.starts_with("source ") ? root.substr(7) : std::string_view();
}

bool fits_any(const std::vector<std::string>& globs, std::string_view text) {
  return globs.empty() ||
         std::any_of(globs.begin(), globs.end(), [&](const std::string& glob) { return fits(glob, text); });
}

// One thing that is counted, now (age 0) or before.
struct One {
  Effect effect = Effect::kNone;
  std::string_view target, root, account_class, entitlement;
  std::string account;
  std::int64_t identity = 0;
  bool privileged = false;
  std::int64_t age = 0;
  std::string_view cause;  // "" of what was done before
};

bool counts(const Limits& guard, const One& one) {
  return fits_any(guard.effects, kNames.at(static_cast<std::size_t>(one.effect))) &&
         fits_any(guard.targets, one.target) && fits_any(guard.sources, source_of(one.root)) &&
         fits_any(guard.classes, one.account_class) && fits_any(guard.entitlements, one.entitlement);
}

int named(const Limits& guard) {
  int count = 0;
  for (const auto* globs : {&guard.targets, &guard.sources, &guard.classes, &guard.entitlements, &guard.effects})
    count += globs->empty() ? 0 : 1;
  return count;
}

struct Count {
  std::map<std::string, std::int64_t> weights;
  std::set<std::string> causes;  // of what the plan does
};
using Counts = std::map<std::pair<std::string, Effect>, Count>;

class Guard {
 public:
  Guard(const Input& input, const Limits& guard) : input_(input), guard_(guard) {
    for (const Limits& other : input.guards)
      if (other.instead && named(other) > named(guard)) instead_.push_back(&other);
  }

  void add(const One& one) {
    if (one.age >= guard_.window || !counts(guard_, one)) return;
    for (const Limits* other : instead_)
      if (counts(*other, one)) return;
    if (named(guard_) > 0) {
      touch("within " + guard_.name, one, of_identities());
      return;
    }
    touch("in " + std::string(one.target), one, false);
    touch("from " + std::string(one.root), one, true);
  }

  void verdict(const std::set<std::string>& held, std::vector<Fault>& faults) const {
    for (const auto& [key, count] : counts_) {
      if (count.causes.empty()) continue;  // nothing of this plan
      std::int64_t sum = 0;
      for (const auto& [name, weight] : count.weights) sum += weight;
      const std::int64_t population = population_of(key.first);
      const auto touched = static_cast<std::int64_t>(count.weights.size());
      const bool over = population >= guard_.population_min ? sum * 100 > population * guard_.share_percent_max
                                                            : sum > guard_.count_max_small;
      const bool collapses = key.second == Effect::kRemoves && population >= guard_.collapse_min &&
                             touched * 100 > population * guard_.collapse_percent_max;
      if ((!over && !collapses) || std::includes(held.begin(), held.end(), count.causes.begin(), count.causes.end()))
        continue;
      faults.push_back({"guard", "",
                        std::to_string(over ? sum : touched) + " of " + std::to_string(population) + " " + key.first +
                            " and not held"});
    }
  }

 private:
  void touch(const std::string& where, const One& one, bool identities) {
    Count& count = counts_[{where, one.effect}];
    const bool by_target = where.starts_with("in ");
    const std::string what =
        person(identities ? one.identity : 0, by_target ? "" : std::string(one.target), one.account);
    std::int64_t& weight = count.weights[what];
    weight = std::max<std::int64_t>(weight, one.privileged ? guard_.privileged_weight : 1);
    if (!one.cause.empty()) count.causes.emplace(one.cause);
  }

  bool of_identities() const {
    return !guard_.sources.empty() && guard_.targets.empty() && guard_.classes.empty() && guard_.entitlements.empty();
  }

  std::int64_t population_of(const std::string& where) const {
    if (where.starts_with("in ")) {
      const auto it = input_.accounts.find(where.substr(3));
      return it == input_.accounts.end() ? 0 : it->second;
    }
    if (where.starts_with("from ")) {
      const auto it = input_.sources.find(std::string(source_of(std::string_view(where).substr(5))));
      return it == input_.sources.end() ? input_.identities : it->second;
    }
    std::int64_t sum = 0;
    if (of_identities()) {
      for (const auto& [name, people] : input_.sources) sum += fits_any(guard_.sources, name) ? people : 0;
      return sum;
    }
    for (const auto& [name, accounts] : input_.classes)
      sum += fits_any(guard_.targets, name.first) && fits_any(guard_.classes, name.second) ? accounts : 0;
    return sum;
  }

  const Input& input_;
  const Limits& guard_;
  std::vector<const Limits*> instead_;  // what these count is not counted here
  Counts counts_;
};

}  // namespace

bool fits(std::string_view glob, std::string_view text) {
  const std::size_t star = glob.find('*');
  if (star == std::string_view::npos) return glob == text;
  if (!text.starts_with(glob.substr(0, star))) return false;
  glob.remove_prefix(star + 1);
  text.remove_prefix(star);
  for (std::size_t from = 0; from <= text.size(); ++from)
    if (fits(glob, text.substr(from))) return true;
  return false;
}

void check_guards(const Input& input, const ReadPlan& plan, std::vector<Fault>& faults) {
  if (plan.purpose.starts_with("onboard ")) return;  // nothing is sent; check() sees to that
  std::set<std::string> held;
  for (const auto& guard : plan.guards)
    if (guard.held) held.insert(guard.causes.begin(), guard.causes.end());
  std::map<std::string_view, std::string_view> roots;
  for (const auto& cause : plan.causes) roots[cause.id] = cause.root;

  std::vector<Guard> guards;
  guards.emplace_back(input, input.limits);
  for (const Limits& scoped : input.guards) guards.emplace_back(input, scoped);
  for (const ReadChange& change : plan.changes) {
    const Effect effect = effect_of(change);
    if (effect == Effect::kNone || input.released.contains(change.cause)) continue;
    const One one{effect,
                  change.target,
                  roots[change.cause],
                  change.account_class,
                  change.entitlement,
                  change.account.empty() ? "new " + change.name : change.account,
                  change.identity,
                  change.risk == "privileged",
                  0,
                  change.cause};
    for (Guard& guard : guards) guard.add(one);
  }
  for (const Touched& past : input.before)
    for (const Effect effect : kEffects) {
      if (!has(past, effect)) continue;
      const One one{effect,       past.target,   past.root,       past.account_class, past.entitlement,
                    past.account, past.identity, past.privileged, past.age,           {}};
      for (Guard& guard : guards) guard.add(one);
    }
  for (const Guard& guard : guards) guard.verdict(held, faults);
}

}  // namespace tenure::plan_check
