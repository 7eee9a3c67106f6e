#include "line_rows.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include <tenure/cel/program.hpp>
#include <tenure/plan/impact.hpp>
#include <tenure/policy/evaluate.hpp>

namespace tenure::plan {
namespace {

using population::Bitmap;

// Lines of a policy by what they give.
using Giving = std::map<Right, std::vector<std::uint32_t>>;

Giving giving_of(const policy::PolicySet& policy) {
  Giving giving;
  for (std::uint32_t number = 0; number < policy.lines.size(); ++number) {
    const policy::RoleGrant& grant = *policy.lines[number].grant;
    Right right{grant.target, grant.account_class, {}, "", model::Risk::kLow};
    giving[right].push_back(number);
    for (const auto& entitled : grant.entitlements) {
      right.entitlement = entitled.id;
      right.parameters = entitled.parameters;
      auto& lines = giving[right];
      if (lines.empty() || lines.back() != number) lines.push_back(number);
    }
  }
  return giving;
}

// When a line gives what it gives, in words that do not depend on the document.
using Meaning = std::tuple<std::vector<std::string>, std::vector<model::LifecycleState>, model::IdentityKind>;

std::multiset<Meaning> meanings_of(const policy::PolicySet& policy, const std::vector<std::uint32_t>& lines) {
  std::multiset<Meaning> meanings;
  for (const std::uint32_t number : lines) {
    const policy::GrantLine& line = policy.lines[number];
    std::vector<std::string> conditions;
    for (const auto* condition : line.conditions) conditions.push_back(condition->program->canonical());
    std::vector<model::LifecycleState> states = line.states;
    std::sort(states.begin(), states.end());
    meanings.emplace(std::move(conditions), std::move(states), line.kind);
  }
  return meanings;
}

bool same_ground(const policy::PolicySet& a, const policy::PolicySet& b) {
  const auto declared = [](const policy::AttributeDecl& x, const policy::AttributeDecl& y) {
    return x.name == y.name && x.type == y.type && x.nullable == y.nullable;
  };
  return a.lifecycle.prehire == b.lifecycle.prehire &&
         std::equal(a.attributes.begin(), a.attributes.end(), b.attributes.begin(), b.attributes.end(), declared);
}

// Of one right, before and after: whom it is given, and of whom that cannot be decided.
struct Given {
  Bitmap yes, unknown;
};

class Everybody {
 public:
  Everybody(const policy::PolicySet& policy, const population::Population& population, const AllLives& lives,
            Workers& workers, const std::set<std::uint32_t>& asked)
      : rows_(line_rows(policy, population, {{asked.begin(), asked.end()}, &lives}, workers)),
        size_(lives.somebody.size()) {}

  Given given(const std::vector<std::uint32_t>& lines) const {
    Given given{Bitmap(size_), Bitmap(size_)};
    for (const std::uint32_t line : lines) {
      for (const auto row : rows_.of(line).truth) given.yes.set(row);
      for (const auto row : rows_.of(line).unknown) given.unknown.set(row);
    }
    given.unknown.and_not(given.yes);
    return given;
  }

 private:
  LineRows rows_;
  std::size_t size_;
};

class Report {
 public:
  explicit Report(Impact& impact) : impact_(impact) {}

  std::uint32_t right(Right right, const policy::PolicySet& before, const policy::PolicySet& after) {
    for (const auto* policy : {&before, &after}) {
      const auto target = policy->targets.find(right.target);
      if (target == policy->targets.end() || right.entitlement.empty()) continue;
      const bool known = target->second.entitlement(right.entitlement) != nullptr;
      if (known || policy == &before) right.risk = target->second.risk_of(right.entitlement);
    }
    impact_.rights.push_back(std::move(right));
    return static_cast<std::uint32_t>(impact_.rights.size() - 1);
  }

  void add(model::IdentityId identity, std::uint32_t right, Effect effect) {
    impact_.lines.push_back({identity, right, effect});
    const Right& what = impact_.rights[right];
    if (what.entitlement.empty()) return;
    for (Impact::Count* count : {&impact_.by_target[what.target], &impact_.by_risk[what.risk]})
      ++(effect == Effect::kGains     ? count->gains
         : effect == Effect::kLoses   ? count->loses
         : effect == Effect::kMayGain ? count->may_gain
                                      : count->may_lose);
  }

 private:
  Impact& impact_;
};

}  // namespace

Impact what_if(const policy::PolicySet& policy, const policy::PolicySet& edited,
               const population::Population& population, Time now, Workers& workers) {
  const Giving before = giving_of(policy), after = giving_of(edited);
  const bool same = same_ground(policy, edited);
  static const std::vector<std::uint32_t> kNone;
  const auto lines_in = [](const Giving& giving, const Right& right) -> const std::vector<std::uint32_t>& {
    const auto found = giving.find(right);
    return found == giving.end() ? kNone : found->second;
  };
  std::set<Right> touched;
  std::set<std::uint32_t> asked_before, asked_after;
  for (const Giving* giving : {&before, &after})
    for (const auto& [right, lines] : *giving) {
      const auto &old = lines_in(before, right), &fresh = lines_in(after, right);
      if (same && meanings_of(policy, old) == meanings_of(edited, fresh)) continue;
      touched.insert(right);
      asked_before.insert(old.begin(), old.end());
      asked_after.insert(fresh.begin(), fresh.end());
    }
  Impact impact;
  if (touched.empty()) return impact;
  const population::People& people = population.people();
  const AllLives lives = all_lives(policy, people, now, workers);
  const AllLives other = same ? AllLives() : all_lives(edited, people, now, workers);
  const Everybody old(policy, population, lives, workers, asked_before);
  const Everybody fresh(edited, population, same ? lives : other, workers, asked_after);
  Report report(impact);
  Bitmap identities(lives.somebody.size());
  for (const Right& right : touched) {
    const Given was = old.given(lines_in(before, right)), is = fresh.given(lines_in(after, right));
    std::optional<std::uint32_t> number;
    for (std::size_t w = 0; w < identities.words().size(); ++w) {
      const std::uint64_t had = was.yes.words()[w], may = was.unknown.words()[w];
      const std::uint64_t has = is.yes.words()[w], unknown = is.unknown.words()[w];
      for (std::uint64_t left = (had ^ has) | (unknown & ~may); left != 0; left &= left - 1) {
        const std::uint64_t bit = left & -left;
        const auto row = static_cast<population::IdentityIndex>(w * Bitmap::kWordBits +
                                                                static_cast<std::size_t>(std::countr_zero(left)));
        const Effect effect = (has & bit) != 0       ? Effect::kGains
                              : (unknown & bit) == 0 ? Effect::kLoses
                              : (had & bit) != 0     ? Effect::kMayLose
                                                     : Effect::kMayGain;
        if (!number) number = report.right(right, policy, edited);
        report.add(people.id(row), *number, effect);
        identities.set(row);
      }
    }
  }
  impact.identities = static_cast<std::int64_t>(identities.count());
  return impact;
}

Impact what_if(const policy::PolicySet& policy, const model::Identity& before, const model::Identity& after, Time now) {
  const policy::Subject old(policy, before), fresh(policy, after);
  const auto was = policy::lifecycle_state(policy, before, now), is = policy::lifecycle_state(policy, after, now);
  const auto best = [&](const policy::Subject& subject, model::LifecycleState state,
                        const std::vector<std::uint32_t>& lines) {
    auto truth = policy::Truth::kFalse;
    for (const std::uint32_t line : lines) {
      const auto one = subject.line(policy.lines[line], state).truth;
      if (one == policy::Truth::kTrue || truth == policy::Truth::kFalse) truth = one;
      if (truth == policy::Truth::kTrue) break;
    }
    return truth;
  };
  Impact impact;
  Report report(impact);
  for (const auto& [right, lines] : giving_of(policy)) {
    const auto had = best(old, was, lines), has = best(fresh, is, lines);
    if (had == has) continue;
    const Effect effect = has == policy::Truth::kTrue    ? Effect::kGains
                          : has == policy::Truth::kFalse ? Effect::kLoses
                          : had == policy::Truth::kTrue  ? Effect::kMayLose
                                                         : Effect::kMayGain;
    if (has == policy::Truth::kFalse && had == policy::Truth::kUnknown) continue;  // it was not given
    report.add(before.id, report.right(right, policy, policy), effect);
  }
  impact.identities = impact.lines.empty() ? 0 : 1;
  return impact;
}

}  // namespace tenure::plan
