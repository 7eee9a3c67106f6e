#include "line_rows.hpp"

#include <algorithm>
#include <bit>
#include <functional>
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

Meaning meaning_of(const policy::GrantLine& line) {
  std::vector<std::string> conditions;
  for (const auto* condition : line.conditions) conditions.push_back(condition->program->canonical());
  std::vector<model::LifecycleState> states = line.states;
  std::sort(states.begin(), states.end());
  return {std::move(conditions), std::move(states), line.kind};
}

// A number for each line: those of lines that mean the same are equal, within and across policies that stand on the
// same ground.
class Meanings {
 public:
  std::vector<std::uint32_t> of(const policy::PolicySet& policy) {
    std::vector<std::uint32_t> numbers;
    numbers.reserve(policy.lines.size());
    for (const policy::GrantLine& line : policy.lines)
      numbers.push_back(
          numbers_.try_emplace(meaning_of(line), static_cast<std::uint32_t>(numbers_.size())).first->second);
    return numbers;
  }

 private:
  std::map<Meaning, std::uint32_t> numbers_;
};

bool same_ground(const policy::PolicySet& a, const policy::PolicySet& b) {
  const auto declared = [](const policy::AttributeDecl& x, const policy::AttributeDecl& y) {
    return x.name == y.name && x.type == y.type && x.nullable == y.nullable;
  };
  return a.lifecycle.prehire == b.lifecycle.prehire &&
         std::equal(a.attributes.begin(), a.attributes.end(), b.attributes.begin(), b.attributes.end(), declared);
}

// Of one right, before or after: whom it is given, and of whom that cannot be decided.
struct Given {
  explicit Given(std::size_t size) : yes(size), unknown(size) {}
  void settle() { unknown.and_not(yes); }
  Bitmap yes, unknown;
};

class Everybody {
 public:
  Everybody(const policy::PolicySet& policy, const population::Population& population, const AllLives& lives,
            Workers& workers, const std::set<std::uint32_t>& asked)
      : rows_(line_rows(policy, population, {{asked.begin(), asked.end()}, &lives}, workers)) {}

  void add(const std::vector<std::uint32_t>& lines, Given& given) const {
    for (const std::uint32_t line : lines) {
      for (const auto row : rows_.of(line).truth) given.yes.set(row);
      for (const auto row : rows_.of(line).unknown) given.unknown.set(row);
    }
  }
  // Whoever a line holds for, or may.
  void mark(const std::set<std::uint32_t>& lines, Bitmap& rows) const {
    for (const std::uint32_t line : lines) {
      for (const auto row : rows_.of(line).truth) rows.set(row);
      for (const auto row : rows_.of(line).unknown) rows.set(row);
    }
  }

 private:
  LineRows rows_;
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

namespace {

// What an edit means for one right: the lines that stay as they were, those that go and those that come.
struct Edit {
  std::vector<std::uint32_t> stay, go;  // numbers in the policy
  std::vector<std::uint32_t> come;      // numbers in the edited one
};

// `was`, `is`: by line, what it means.
Edit edit_of(const std::vector<std::uint32_t>& was, const std::vector<std::uint32_t>& old,
             const std::vector<std::uint32_t>& is, const std::vector<std::uint32_t>& fresh, bool same_ground) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> before;  // meaning, line
  before.reserve(old.size());
  for (const std::uint32_t line : old) before.emplace_back(was[line], line);
  std::sort(before.begin(), before.end());
  std::vector<char> stays(before.size(), 0);
  Edit edit;
  for (const std::uint32_t line : fresh) {
    auto found = same_ground ? std::lower_bound(before.begin(), before.end(), std::pair(is[line], std::uint32_t{0}))
                             : before.end();
    const auto place = [&] { return static_cast<std::size_t>(found - before.begin()); };
    while (found != before.end() && found->first == is[line] && stays[place()] != 0) ++found;
    if (found == before.end() || found->first != is[line]) {
      edit.come.push_back(line);
    } else {
      edit.stay.push_back(found->second);
      stays[place()] = 1;
    }
  }
  for (std::size_t i = 0; i < before.size(); ++i)
    if (stays[i] == 0) edit.go.push_back(before[i].second);
  return edit;
}

AllLives only(AllLives lives, const Bitmap& rows) {
  lives.somebody &= rows;
  for (Bitmap& state : lives.in_state) state &= rows;
  return lives;
}

// Compares what a right was given to with what it is given to.
void compare(const Given& was, const Given& is, const population::People& people,
             const std::function<std::uint32_t()>& number, Report& report, Bitmap& identities) {
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
      report.add(people.id(row), number(), effect);
      identities.set(row);
    }
  }
}

}  // namespace

// Only whom a line that goes or comes may concern can be touched: the lines that stay, which may be all others for the
// right to an account, are evaluated for those alone, and once.
Impact what_if(const policy::PolicySet& policy, const policy::PolicySet& edited,
               const population::Population& population, Time now, Workers& workers) {
  Giving before, after;
  std::vector<std::uint32_t> was_meant, is_meant;
  const std::function<void()> readings[] = {
      [&] {
        Meanings meanings;
        was_meant = meanings.of(policy);
        is_meant = meanings.of(edited);
      },
      [&] {
        before = giving_of(policy);
        after = giving_of(edited);
      },
  };
  workers.run(std::size(readings), [&](std::size_t piece) { readings[piece](); });
  const bool same = same_ground(policy, edited);
  static const std::vector<std::uint32_t> kNone;
  const auto lines_in = [](const Giving& giving, const Right& right) -> const std::vector<std::uint32_t>& {
    const auto found = giving.find(right);
    return found == giving.end() ? kNone : found->second;
  };
  std::map<Right, Edit> edits;
  std::set<std::uint32_t> stay, go, come;
  for (const Giving* giving : {&before, &after})
    for (const auto& [right, lines] : *giving) {
      if (edits.contains(right)) continue;
      Edit edit = edit_of(was_meant, lines_in(before, right), is_meant, lines_in(after, right), same);
      if (edit.go.empty() && edit.come.empty()) continue;
      stay.insert(edit.stay.begin(), edit.stay.end());
      go.insert(edit.go.begin(), edit.go.end());
      come.insert(edit.come.begin(), edit.come.end());
      edits.emplace(right, std::move(edit));
    }
  Impact impact;
  if (edits.empty()) return impact;
  const population::People& people = population.people();
  const AllLives lives = all_lives(policy, people, now, workers);
  const AllLives other = same ? AllLives() : all_lives(edited, people, now, workers);
  const Everybody gone(policy, population, lives, workers, go);
  const Everybody coming(edited, population, same ? lives : other, workers, come);
  Bitmap concerned(lives.somebody.size());
  gone.mark(go, concerned);
  coming.mark(come, concerned);
  const AllLives some = only(lives, concerned);
  const Everybody staying(policy, population, some, workers, stay);
  Report report(impact);
  Bitmap identities(lives.somebody.size());
  for (const auto& [right, edit] : edits) {
    Given was(identities.size()), is(identities.size());
    staying.add(edit.stay, was);
    is = was;
    gone.add(edit.go, was);
    coming.add(edit.come, is);
    was.settle();
    is.settle();
    std::optional<std::uint32_t> number;
    compare(
        was, is, people,
        [&] {
          if (!number) number = report.right(right, policy, edited);
          return *number;
        },
        report, identities);
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
