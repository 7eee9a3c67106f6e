// Whether the plan leaves anything in place that has to go: everyone is looked at, each right of everyone once.
#include "conditions.hpp"
#include "parts.hpp"

#include <algorithm>
#include <mutex>
#include <unordered_map>
#include <unordered_set>

#include <tenure/base/workers.hpp>

namespace tenure::plan_check {
namespace {

// What the plan takes away in one target, and how much it says that it leaves out.
struct Taken {
  std::unordered_set<std::string> rights;
  std::unordered_set<std::string> logins;
  std::int64_t listed = 0;  // changes that are held back by a guard, and listed as such
};

// Of what the plan says stays for a while: whether a declared overlap or step lets it, and for no longer.
class Stays {
 public:
  explicit Stays(const Input& input) : input_(input) {
    for (const RuleText& rule : input.rules)
      if (rule.overlap > 0) overlaps_[key_of({rule.rule, rule.target, rule.entitlement})] = rule.overlap;
  }

  bool may(const ReadLater& later) const {
    constexpr std::string_view kLifecycle = "lifecycle ";
    const std::int64_t still = later.until == 0 ? 0 : later.until - input_.made_at;
    const std::string state(state_of(input_, later.identity));
    if (!later.rule.starts_with(kLifecycle)) {
      const auto overlap = overlaps_.find(key_of({later.rule, later.target, later.entitlement}));
      return later.until != 0 && overlap != overlaps_.end() && still <= overlap->second && !input_.ends.contains(state);
    }
    if (state.empty() || later.rule.substr(kLifecycle.size()) != state) return false;
    for (const StepText& step : input_.steps) {
      const bool about = step.state == state && step.accounts.contains({later.target, later.account_class}) &&
                         std::any_of(step.entitlements.begin(), step.entitlements.end(),
                                     [&](const std::string& glob) { return fits(glob, later.entitlement); });
      if (about) return still <= step.after;
    }
    return false;
  }

 private:
  const Input& input_;
  std::unordered_map<std::string, std::int64_t> overlaps_;
};

// What may stay for a while counts as taken: it is listed, and bounded by what the policy declares.
std::unordered_map<std::string, Taken> taken_by(const Input& input, const ReadPlan& plan) {
  std::unordered_map<std::string, Taken> taken;
  for (const ReadChange& change : plan.changes) {
    Taken& here = taken[change.target];
    if (change.verb == "revoke") here.rights.insert(key_of({change.account, change.entitlement, change.parameters}));
    if (change.verb == "grant" && change.prior_present)  // the same right, with other parameters
      here.rights.insert(key_of({change.account, change.entitlement, change.prior_parameters}));
    if (change.verb == "disable" || change.verb == "delete") here.logins.insert(change.account);
  }
  const Stays stays(input);
  for (const ReadLater& later : plan.later) {
    Taken& here = taken[later.target];
    if (later.until == 0 && !here.logins.contains(later.account)) continue;
    if (stays.may(later)) here.rights.insert(key_of({later.account, later.entitlement, later.parameters}));
  }
  for (const ReadUnknown& unknown : plan.unknowns)
    if (unknown.reason == "held by a guard") taken[unknown.target].listed += unknown.changes_withheld;
  return taken;
}

struct Missing {
  std::uint32_t account = 0;
  std::string text;
};

// One target, for one worker.
class InTarget {
 public:
  InTarget(const Input& input, const Held& held, const Taken& taken)
      : input_(input), held_(held), taken_(taken), conditions_(input), by_right_(held.names.size()) {
    for (const std::string& state : input.state_names) ends_.push_back(input.ends.contains(state));
    std::unordered_map<std::string, std::vector<Rule>> by_entitlement;
    for (const RuleText& text : input.rules) {
      if (text.target != held.target || text.entitlement.empty()) continue;
      Rule rule{conditions_.number_of(text.conditions), kNone, {}, text.identity};
      const auto name = std::find(input.rule_names.begin(), input.rule_names.end(), text.rule);
      if (name != input.rule_names.end()) rule.name = static_cast<Code>(name - input.rule_names.begin());
      for (const std::string& state : input.state_names) rule.states.push_back(text.states.contains(state));
      by_entitlement[text.entitlement].push_back(std::move(rule));
    }
    // Parameters do not count here: whoever may hold the right in some way is a matter of changing it, not of losing
    // it.
    for (std::size_t right = 0; right < held.names.size(); ++right)
      if (const auto it = by_entitlement.find(held.names[right].entitlement); it != by_entitlement.end())
        by_right_[right] = it->second;
  }

  void look(std::size_t begin, std::size_t end, std::vector<Missing>& missing) {
    for (std::size_t account = begin; account < end; ++account) {
      const Code row = held_.owners[account];
      if (row == kNone || row >= input_.lifecycle.size()) continue;
      const std::uint8_t state = input_.lifecycle[row];
      if (state >= input_.state_names.size()) continue;
      const auto number = static_cast<std::uint32_t>(account);
      if (ends_[state] && held_.logins[account] != 0 && !taken_.logins.contains(std::string(held_.account(number))))
        missing.push_back(
            {number, whose(row) + " is " + input_.state_names[state] + " and keeps its login in " + held_.target});
      for (std::uint64_t i = held_.offsets[account]; i < held_.offsets[account + 1]; ++i) {
        const bool stays =
            !ends_[state] && (held_.rules[i] == kNone || may_hold(held_.rights[i], held_.rules[i], row, state));
        if (!stays && !is_taken(number, held_.rights[i])) missing.push_back({number, text_of(i, row, state)});
      }
    }
  }

 private:
  struct Rule {
    std::size_t conditions = 0;
    Code name = kNone;
    std::vector<bool> states;
    std::int64_t identity = 0;  // 0: everybody
  };

  // Whether any rule gives it, or may give it. The one that gave it is asked first: it mostly still does.
  bool may_hold(Code right, Code given_by, std::uint32_t row, std::uint8_t state) {
    for (const bool others : {false, true})
      for (const Rule& rule : by_right_[right])
        if ((rule.name == given_by) != others && rule.states[state] &&
            (rule.identity == 0 || rule.identity == std::int64_t{row} + 1) &&
            conditions_.on_row(rule.conditions, row) != Answer::kNo)
          return true;
    return false;
  }

  bool is_taken(std::uint32_t account, Code right) const {
    const Right& what = held_.names[right];
    return taken_.rights.contains(key_of({held_.account(account), what.entitlement, what.parameters}));
  }

  static std::string whose(std::uint32_t row) { return "identity " + std::to_string(std::uint64_t{row} + 1); }

  std::string text_of(std::uint64_t place, std::uint32_t row, std::uint8_t state) const {
    const std::string what = held_.names[held_.rights[place]].entitlement + " in " + held_.target;
    if (ends_[state]) return whose(row) + " is " + input_.state_names[state] + " and keeps " + what;
    return whose(row) + " keeps " + what + ", and \"" + input_.rule_names[held_.rules[place]] + "\" gives it no more";
  }

  const Input& input_;
  const Held& held_;
  const Taken& taken_;
  Conditions conditions_;
  std::vector<bool> ends_;
  std::vector<std::vector<Rule>> by_right_;
};

}  // namespace

void check_revocations(const Input& input, const ReadPlan& plan, Workers& workers, std::vector<Fault>& faults) {
  auto taken = taken_by(input, plan);
  std::size_t found = 0;
  for (const Held& held : input.held) {
    const Taken& here = taken[held.target];
    std::mutex mutex;
    std::vector<Missing> missing;
    in_parts(workers, held.owners.size(), 10'000, [&](std::size_t begin, std::size_t end) {
      InTarget one(input, held, here);
      std::vector<Missing> part;
      one.look(begin, end, part);
      const std::scoped_lock lock(mutex);
      missing.insert(missing.end(), std::make_move_iterator(part.begin()), std::make_move_iterator(part.end()));
    });
    if (std::cmp_less_equal(missing.size(), here.listed)) continue;
    std::stable_sort(missing.begin(), missing.end(),
                     [](const Missing& a, const Missing& b) { return a.account < b.account; });
    for (Missing& one : missing) {
      if (found++ == kFaultsMax) return;
      faults.push_back({"revocation", "", std::move(one.text)});
    }
  }
}

}  // namespace tenure::plan_check
