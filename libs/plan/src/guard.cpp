#include "text_index.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <string>
#include <unordered_set>

#include <tenure/plan/guard.hpp>
#include <tenure/population/population.hpp>

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

// "24 hours", "30 days"
std::string window_text(Duration window) {
  const std::int64_t hours = window.to_micros() / Duration::hours(1).to_micros();
  if (window != Duration::hours(hours)) return window.to_string();
  return hours > 24 && hours % 24 == 0 ? std::to_string(hours / 24) + " days" : std::to_string(hours) + " hours";
}

struct Sum {
  std::int64_t weight = 0;
  std::int64_t touched = 0;
};

// What is touched, as numbers, each with the greatest weight that it was touched with.
class Touched {
 public:
  void touch(std::uint64_t what, std::uint32_t weight) {
    // Changes of one account mostly stand together.
    if (!all_.empty() && all_.back().what == what)
      all_.back().weight = std::max(all_.back().weight, weight);
    else
      all_.push_back({what, weight});
  }
  void add(const Touched& others) { all_.insert(all_.end(), others.all_.begin(), others.all_.end()); }

  Sum sum() {
    std::sort(all_.begin(), all_.end(),
              [](const One& a, const One& b) { return a.what != b.what ? a.what < b.what : a.weight > b.weight; });
    Sum sum;
    for (std::size_t i = 0; i < all_.size(); ++i) {
      if (i > 0 && all_[i - 1].what == all_[i].what) continue;
      sum.weight += all_[i].weight;
      ++sum.touched;
    }
    return sum;
  }

 private:
  struct One {
    std::uint64_t what;
    std::uint32_t weight;
  };
  std::vector<One> all_;
};

// What one guard counts: everything that is touched, now and in each window before.
struct Tally {
  Touched now;                        // by causes that are not released
  std::vector<Touched> before;        // by window
  std::vector<std::uint32_t> causes;  // numbers; may repeat

  void touch(std::uint64_t what, std::uint32_t weight, std::uint32_t cause) {
    now.touch(what, weight);
    if (causes.empty() || causes.back() != cause) causes.push_back(cause);
  }
};

// Tallies by name and effect, found by the number of the name.
class Tallies {
 public:
  Tally& at(const std::string& name, Effect effect) {
    const std::uint32_t number = numbers_.number_of(name);
    if (number == rows_.size()) rows_.push_back({&name, {}});
    auto& place = rows_[number].by_effect.at(static_cast<std::size_t>(effect));
    if (place == nullptr) place = &tallies_.emplace_back();
    return *place;
  }
  Tally* find(const std::string& name, Effect effect) {
    const std::uint32_t number = numbers_.find(name);
    return number == TextIndex::kNone ? nullptr : rows_[number].by_effect.at(static_cast<std::size_t>(effect));
  }
  // Ordered by name, then by effect.
  template <class Visit>
  void for_each(Visit visit) {
    std::sort(rows_.begin(), rows_.end(), [](const Row& a, const Row& b) { return *a.name < *b.name; });
    for (Row& row : rows_)
      for (std::size_t effect = 0; effect < row.by_effect.size(); ++effect)
        if (row.by_effect.at(effect) != nullptr) visit(*row.name, kEffects.at(effect), *row.by_effect.at(effect));
  }

 private:
  struct Row {
    const std::string* name;
    std::array<Tally*, kEffects.size()> by_effect{};
  };
  TextIndex numbers_;
  std::vector<Row> rows_;
  std::deque<Tally> tallies_;
};

bool matches(const std::vector<std::string>& globs, std::string_view text) {
  return globs.empty() || std::any_of(globs.begin(), globs.end(),
                                      [&](const std::string& glob) { return policy::matches_glob(glob, text); });
}

std::string_view source_of(std::string_view root) {
  constexpr std::string_view kSource = "source ";
  return root.starts_with(kSource) ? root.substr(kSource.size()) : std::string_view();
}

// What a scope is asked about.
struct Counted {
  Effect effect;
  const model::TargetName& target;
  const std::string& root;
  const std::string& account_class;
  const model::EntitlementId& entitlement;
};

bool in_scope(const policy::GuardScope& scope, const Counted& what) {
  return matches(scope.effects, kEffects.at(static_cast<std::size_t>(what.effect))) &&
         matches(scope.targets, what.target.str()) && matches(scope.sources, source_of(what.root)) &&
         matches(scope.classes, what.account_class) && matches(scope.entitlements, what.entitlement.str());
}

using GuardDocs = std::vector<const policy::GuardDoc*>;

GuardDocs in_place_of(const policy::GuardDoc& guard, const std::vector<policy::GuardDoc>& all) {
  GuardDocs out;
  for (const policy::GuardDoc& other : all)
    if (policy::replaces(other, guard)) out.push_back(&other);
  return out;
}

class Guards {
 public:
  // `instead`: what is in the scope of one of these is not counted here.
  Guards(const policy::GuardDoc& limits, GuardDocs instead, const Headcount& headcount, const Plan& plan)
      : limits_(limits), instead_(std::move(instead)), headcount_(headcount), plan_(plan), causes_(plan.causes.size()) {
    for (std::uint32_t i = 0; i < plan.causes.size(); ++i) causes_.emplace(plan.causes[i].id.str(), i);
  }

  void count(const std::set<model::CauseId>& released) {
    std::vector<bool> counts;  // by cause
    counts.reserve(plan_.causes.size());
    for (const Cause& cause : plan_.causes) counts.push_back(released.empty() || !released.contains(cause.id));
    for (const Change& change : plan_.changes) {
      const Effect effect = effect_of(change.verb, change.lane, change.prior_present);
      if (effect == Effect::kNone) continue;
      const std::uint32_t cause = causes_.find(change.cause.str());
      if (cause == TextIndex::kNone ? released.contains(change.cause) : !counts[cause]) continue;
      const std::string& root = cause == TextIndex::kNone ? kNoText : plan_.causes[cause].root;
      if (!counts_here({effect, change.target, root, change.account_class, change.entitlement})) continue;
      const std::uint32_t account = account_number(change.account.id.str(), change.account.name);
      if (!limits_.scope.whole()) {
        scoped_.at(kNoText, effect)
            .touch(in_scoped(change.identity, change.target, account), weight(change.risk), cause);
        continue;
      }
      by_target_.at(change.target.str(), effect).touch(account, weight(change.risk), cause);
      by_root_.at(root, effect).touch(person(change.identity, change.target, account), weight(change.risk), cause);
    }
  }

  void count_history(Time now, std::span<const CountedChange> history) {
    for (const CountedChange& past : history) {
      const Effect effect = effect_of(past.verb, past.lane, false);
      if (effect == Effect::kNone || past.at > now || now - past.at >= limits_.windows.back()) continue;
      if (!counts_here({effect, past.target, past.root, past.account_class, past.entitlement})) continue;
      if (!limits_.scope.whole()) {
        Tally* const tally = scoped_.find(kNoText, effect);
        if (tally == nullptr) continue;
        const std::uint32_t account = account_number(past);
        add_past(*tally, now, past, in_scoped(past.identity, past.target, account));
        continue;
      }
      Tally* const in_target = by_target_.find(past.target.str(), effect);
      Tally* const of_root = by_root_.find(past.root, effect);
      if (in_target == nullptr && of_root == nullptr) continue;
      const std::uint32_t account = account_number(past);
      if (in_target != nullptr) add_past(*in_target, now, past, account);
      if (of_root != nullptr) add_past(*of_root, now, past, person(past.identity, past.target, account));
    }
  }

  std::vector<GuardResult> results() {
    std::vector<GuardResult> results;
    by_target_.for_each([&](const std::string& name, std::string_view effect, Tally& tally) {
      const auto found = headcount_.accounts.find(model::TargetName(name));
      const std::int64_t population = found == headcount_.accounts.end() ? 0 : found->second;
      results.push_back(result(std::string(effect) + " in " + name, effect, "accounts", population, tally));
    });
    by_root_.for_each([&](const std::string& name, std::string_view effect, Tally& tally) {
      results.push_back(
          result(std::string(effect) + " from " + name, effect, "identities", identities_of(name), tally));
    });
    scoped_.for_each([&](const std::string&, std::string_view effect, Tally& tally) {
      results.push_back(result(limits_.name + ": " + std::string(effect), effect,
                               of_identities() ? "identities" : "accounts", population_in_scope(), tally));
    });
    return results;
  }

 private:
  inline static const std::string kNoText;  // texts that are numbered are referred to: no temporary may be among them

  std::uint32_t weight(model::Risk risk) const {
    return risk == model::Risk::kPrivileged ? static_cast<std::uint32_t>(limits_.privileged_weight) : 1;
  }

  bool counts_here(const Counted& what) const {
    return in_scope(limits_.scope, what) &&
           std::none_of(instead_.begin(), instead_.end(),
                        [&](const policy::GuardDoc* other) { return in_scope(other->scope, what); });
  }
  // A guard on sources alone is about identities, any other about accounts.
  bool of_identities() const {
    const policy::GuardScope& scope = limits_.scope;
    return !scope.sources.empty() && scope.targets.empty() && scope.classes.empty() && scope.entitlements.empty();
  }
  std::uint64_t in_scoped(model::IdentityId identity, const model::TargetName& target, std::uint32_t account) {
    return person(of_identities() ? identity : model::IdentityId(), target, account);
  }
  // Of a source the identities that it tells of; of another root everybody.
  std::int64_t identities_of(std::string_view root) const {
    const auto found = headcount_.sources.find(model::SourceName(std::string(source_of(root))));
    return found == headcount_.sources.end() ? headcount_.identities : found->second;
  }
  std::int64_t population_in_scope() const {
    std::int64_t sum = 0;
    if (of_identities()) {
      for (const auto& [name, count] : headcount_.sources)
        if (matches(limits_.scope.sources, name.str())) sum += count;
      return sum;
    }
    for (const auto& [name, count] : headcount_.classes)
      if (matches(limits_.scope.targets, name.first.str()) && matches(limits_.scope.classes, name.second)) sum += count;
    return sum;
  }

  std::uint32_t account_number(const CountedChange& past) {
    return account_number(past.name.empty() ? past.account.str() : kNoText, past.name);
  }
  void add_past(Tally& tally, Time now, const CountedChange& past, std::uint64_t what) const {
    tally.before.resize(limits_.windows.size());
    for (std::size_t i = 0; i < limits_.windows.size(); ++i)
      if (now - past.at < limits_.windows[i]) tally.before[i].touch(what, weight(past.risk));
  }

  // By its id in the target, or by the login that it will have.
  std::uint32_t account_number(const std::string& id, const std::string& name) {
    if (!id.empty()) return accounts_.number_of(id);
    const std::string text = "new " + name;
    const std::uint32_t known = accounts_.find(text);
    return known != TextIndex::kNone ? known : accounts_.number_of(new_names_.emplace_back(text));
  }

  // Somebody, or an account of nobody.
  std::uint64_t person(model::IdentityId identity, const model::TargetName& target, std::uint32_t account) {
    if (identity.valid()) return static_cast<std::uint64_t>(identity.value());
    return std::uint64_t{1} << 63U | std::uint64_t{targets_.number_of(target.str())} << 32U | account;
  }

  GuardResult result(std::string name, std::string_view effect, const std::string& of, std::int64_t population,
                     Tally& tally) const {
    const bool share = population >= limits_.population_min;
    const bool collapses = effect == kEffects[2] && population >= limits_.collapse_min;
    tally.before.resize(limits_.windows.size());
    GuardResult result;
    result.guard = std::move(name);
    for (std::size_t i = 0; i < limits_.windows.size(); ++i) {
      Touched& all = tally.before[i];
      all.add(tally.now);
      const Sum sum = all.sum();
      const bool over =
          share ? sum.weight * 100 > population * limits_.share_percent_max : sum.weight > limits_.count_max_small;
      const bool collapse = !over && collapses && sum.touched * 100 > population * limits_.collapse_percent_max;
      result.held = over || collapse;
      if (i > 0 && !result.held) continue;
      const std::string limit = collapse ? std::to_string(limits_.collapse_percent_max) + " % of so small a population"
                                : share  ? std::to_string(limits_.share_percent_max) + " %"
                                         : std::to_string(limits_.count_max_small);
      result.text = std::to_string(collapse ? sum.touched : sum.weight) + " of " + std::to_string(population) + " " +
                    of + " within " + window_text(limits_.windows[i]) + ", limit " + limit;
      if (result.held) break;
    }
    if (result.held) result.causes = causes_of(tally);
    return result;
  }

  std::vector<model::CauseId> causes_of(const Tally& tally) const {
    std::vector<bool> named(plan_.causes.size());
    for (const std::uint32_t cause : tally.causes)
      if (cause != TextIndex::kNone) named[cause] = true;
    std::vector<model::CauseId> causes;
    for (std::size_t i = 0; i < named.size(); ++i)
      if (named[i]) causes.push_back(plan_.causes[i].id);
    std::sort(causes.begin(), causes.end());
    return causes;
  }

  const policy::GuardDoc& limits_;
  const GuardDocs instead_;
  const Headcount& headcount_;
  const Plan& plan_;
  TextIndex causes_, accounts_, targets_;
  std::deque<std::string> new_names_;
  Tallies by_target_, by_root_, scoped_;
};

// Whom each source tells of, among those with a claim.
void count_sources(const population::People& people, const population::Bitmap& claimed, Headcount& count) {
  std::vector<std::int64_t> by_source(people.sources().size());
  std::vector<std::uint32_t> here;
  for (population::IdentityIndex row = 0; row < people.rows(); ++row) {
    if (!claimed.test(row)) continue;
    here.clear();
    for (const auto& record : people.records(row))
      if (std::find(here.begin(), here.end(), record.source) == here.end()) here.push_back(record.source);
    for (const std::uint32_t source : here) ++by_source[source];
  }
  for (std::uint32_t code = 0; code < by_source.size(); ++code)
    if (by_source[code] > 0)
      count.sources[model::SourceName(std::string(people.sources().text(code)))] = by_source[code];
}

}  // namespace

Headcount headcount(const policy::PolicySet& policy, const population::Population& population) {
  Headcount count;
  population::Bitmap claimed(population.people().rows());
  std::set<population::IdentityIndex> unknown;  // claimed for somebody who is not known
  for (const auto& name : population.targets()) {
    const population::Accounts& accounts = *population.accounts(name);
    const auto doc = policy.targets.find(name);
    std::vector<bool> written;  // by class
    for (std::uint32_t code = 0; code < accounts.classes().size() && doc != policy.targets.end(); ++code) {
      const auto* type = doc->second.account_class(accounts.classes().text(code));
      written.push_back(type != nullptr && type->scope <= model::Scope::kAdditive);
    }
    std::vector<std::int64_t> by_class(written.size());
    for (const auto& entry : accounts.entries()) {
      if (entry.owner < claimed.size())
        claimed.set(entry.owner);
      else if (entry.claimed)
        unknown.insert(entry.owner);
      if (entry.observed && entry.account_class < written.size() && written[entry.account_class])
        ++by_class[entry.account_class];
    }
    std::int64_t& here = count.accounts[name];
    for (std::uint32_t code = 0; code < by_class.size(); ++code) {
      if (written[code]) count.classes[{name, std::string(accounts.classes().text(code))}] = by_class[code];
      here += by_class[code];
    }
  }
  count_sources(population.people(), claimed, count);
  count.identities = static_cast<std::int64_t>(claimed.count() + unknown.size());
  return count;
}

namespace {

std::vector<GuardResult> evaluate(const policy::GuardDoc& limits, GuardDocs instead, Time now,
                                  std::span<const CountedChange> history, const Headcount& headcount, const Plan& plan,
                                  const std::set<model::CauseId>& released) {
  Guards guards(limits, std::move(instead), headcount, plan);
  guards.count(released);
  guards.count_history(now, history);
  return guards.results();
}

}  // namespace

std::vector<GuardResult> evaluate_guards(const policy::GuardDoc& limits, Time now,
                                         std::span<const CountedChange> history, const Headcount& headcount,
                                         const Plan& plan, const std::set<model::CauseId>& released) {
  return evaluate(limits, {}, now, history, headcount, plan, released);
}

std::vector<GuardResult> evaluate_guards(const policy::PolicySet& policy, Time now,
                                         std::span<const CountedChange> history, const Headcount& headcount,
                                         const Plan& plan, const std::set<model::CauseId>& released) {
  auto results =
      evaluate(policy.guard, in_place_of(policy.guard, policy.guards), now, history, headcount, plan, released);
  for (const policy::GuardDoc& scoped : policy.guards)
    for (auto& result : evaluate(scoped, in_place_of(scoped, policy.guards), now, history, headcount, plan, released))
      results.push_back(std::move(result));
  return results;
}

std::vector<GuardResult> replacing_guards(const policy::PolicySet& policy, const Plan& plan) {
  std::map<model::CauseId, const std::string*> roots;
  std::vector<GuardResult> out;
  for (const policy::GuardDoc& guard : policy.guards) {
    if (!guard.instead) continue;
    if (roots.empty())
      for (const Cause& cause : plan.causes) roots.emplace(cause.id, &cause.root);
    const bool counts = std::any_of(plan.changes.begin(), plan.changes.end(), [&](const Change& change) {
      const Effect effect = effect_of(change.verb, change.lane, change.prior_present);
      const auto root = roots.find(change.cause);
      return effect != Effect::kNone && root != roots.end() &&
             in_scope(guard.scope, {effect, change.target, *root->second, change.account_class, change.entitlement});
    });
    if (!counts) continue;
    GuardResult stated;
    stated.guard = guard.name;
    stated.text = "in place of guards that name less: limit " + std::to_string(guard.share_percent_max) + " % of " +
                  std::to_string(guard.population_min) + " or more, " + std::to_string(guard.count_max_small) +
                  " of fewer";
    out.push_back(std::move(stated));
  }
  return out;
}

Duration longest_window(const policy::PolicySet& policy) {
  Duration longest = policy.guard.windows.back();
  for (const policy::GuardDoc& scoped : policy.guards) longest = std::max(longest, scoped.windows.back());
  return longest;
}

}  // namespace tenure::plan
