#include "parts.hpp"

#include <algorithm>

namespace tenure::plan_check {
namespace {

enum class Effect { kAdds, kRemoves, kOverwrites, kNone };

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

using Weights = std::map<std::string, std::int64_t>;

}  // namespace

void check_guards(const Input& input, const ReadPlan& plan, std::vector<Fault>& faults) {
  if (plan.purpose.starts_with("onboard ")) return;  // nothing is sent; check() sees to that
  std::set<std::string> held;
  for (const auto& guard : plan.guards)
    if (guard.held) held.insert(guard.causes.begin(), guard.causes.end());
  std::map<std::string, std::string> roots;
  for (const auto& cause : plan.causes) roots[cause.id] = cause.root;

  // ("in" target | "from" root, effect) -> what is touched, and by which causes
  std::map<std::pair<std::string, Effect>, std::pair<Weights, std::set<std::string>>> touched;
  const auto touch = [&](const std::string& scope, Effect effect, const std::string& what, bool privileged,
                         const std::string& cause) {
    auto& [weights, causes] = touched[{scope, effect}];
    std::int64_t& weight = weights[what];
    weight = std::max<std::int64_t>(weight, privileged ? input.limits.privileged_weight : 1);
    if (!cause.empty()) causes.insert(cause);
  };
  for (const ReadChange& change : plan.changes) {
    const Effect effect = effect_of(change);
    if (effect == Effect::kNone || input.released.contains(change.cause)) continue;
    const bool privileged = change.risk == "privileged";
    touch("in " + change.target, effect, change.subject(), privileged, change.cause);
    touch("from " + roots[change.cause], effect, person(change.identity, change.target, change.subject()), privileged,
          change.cause);
  }
  for (const Touched& past : input.before)
    for (const Effect effect : {Effect::kAdds, Effect::kRemoves, Effect::kOverwrites}) {
      if (!has(past, effect)) continue;
      if (touched.contains({"in " + past.target, effect}))
        touch("in " + past.target, effect, past.account, past.privileged, "");
      if (touched.contains({"from " + past.root, effect}))
        touch("from " + past.root, effect, person(past.identity, past.target, past.account), past.privileged, "");
    }
  for (const auto& [key, what] : touched) {
    std::int64_t sum = 0;
    for (const auto& [name, weight] : what.first) sum += weight;
    std::int64_t population = input.identities;
    if (key.first.starts_with("in ")) {
      const auto it = input.accounts.find(key.first.substr(3));
      population = it == input.accounts.end() ? 0 : it->second;
    }
    const bool over = population >= input.limits.population_min
                          ? sum * 100 > population * input.limits.share_percent_max
                          : sum > input.limits.count_max_small;
    if (!over || std::includes(held.begin(), held.end(), what.second.begin(), what.second.end())) continue;
    faults.push_back(
        {"guard", "", std::to_string(sum) + " of " + std::to_string(population) + " " + key.first + " and not held"});
  }
}

}  // namespace tenure::plan_check
