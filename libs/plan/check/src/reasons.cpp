#include "conditions.hpp"
#include "parts.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace tenure::plan_check {

std::string_view state_of(const Input& input, std::int64_t identity) {
  if (identity < 1 || std::cmp_greater(identity, input.lifecycle.size())) return {};
  const std::uint8_t state = input.lifecycle[static_cast<std::size_t>(identity - 1)];
  return state < input.state_names.size() ? std::string_view(input.state_names[state]) : std::string_view();
}

namespace {

class Reasons {
 public:
  Reasons(const Input& input, const ReadPlan& plan) : input_(input), conditions_(input) {
    for (const auto& cause : plan.causes) kinds_[cause.id] = cause.kind;
    for (const RuleText& rule : input.rules) {
      const Rule one{&rule, conditions_.number_of(rule.conditions)};
      by_name_[rule.rule].push_back(one);
      by_place_[rule.target + '\n' + rule.account_class].push_back(one);
    }
  }

  // Why the change is not explained; "" when it is.
  std::string fault(const ReadChange& change) {
    const std::string& kind = kinds_[change.cause];
    if (kind.empty()) return "its cause is not in the plan";
    if (change.rule.starts_with("drift revert F-"))
      return kind == "drift" ? "" : "a drift is undone without a finding as cause";
    if (change.verb == "claim")
      return change.rule.starts_with("correlate ") && !change.facts.empty() ? ""
                                                                            : "a claim needs the value that matched";
    if (change.verb == "onboard") return kind == "onboarding" ? "" : "only an onboarding starts management";
    if (change.verb == "revoke" || change.verb == "disable" || change.verb == "delete" || change.verb == "end_sessions")
      return taking(change, kind);
    return giving(change);
  }

 private:
  // grant, adopt: the rule gives exactly this. create, enable, update: the rule gives something in this account.
  std::string giving(const ReadChange& change) {
    const bool exact = !change.entitlement.empty();
    Answer best = Answer::kNo;
    bool named = false;
    const std::string state(state_of(input_, change.identity));
    for (const Rule& one : rules_of(by_name_, change.rule)) {
      const RuleText& rule = *one.text;
      if (rule.target != change.target || rule.account_class != change.account_class) continue;
      if (rule.identity != 0 && rule.identity != change.identity) continue;
      if (exact && (rule.entitlement != change.entitlement || rule.parameters != change.parameters)) continue;
      if (state.empty() || !rule.states.contains(state)) continue;
      named = true;
      const Answer answer = conditions_.on_facts(one.conditions, change.facts);
      if (answer == Answer::kYes) return "";
      if (answer == Answer::kCannotTell) best = answer;
    }
    if (!named) return "\"" + change.rule + "\" gives no such thing in the lifecycle state of the identity";
    return best == Answer::kNo ? "\"" + change.rule + "\" is false on the facts it names"
                               : "\"" + change.rule + "\" cannot be recomputed from the facts it names";
  }

  std::string taking(const ReadChange& change, const std::string& kind) {
    if (change.rule.starts_with("lifecycle ")) {
      const std::string state(state_of(input_, change.identity));
      if (state.empty() || "lifecycle " + state != change.rule)
        return "the identity is not in the state that the reason names";
      if (change.verb == "revoke" && !input_.ends.contains(state)) return "that state does not end rights";
      return "";
    }
    if (kind == "timer") return change.rule == "end of term" || !change.term.empty() ? "" : "no term ended";
    if (change.rule == "no role") return still_given(change, "") ? "a role still gives the account" : "";
    if (change.verb != "revoke") return "\"" + change.rule + "\" is no reason to close an account";
    return still_given(change, change.rule) ? "\"" + change.rule + "\" still gives it" : "";
  }

  // Whether, on the facts that the reason names, a rule (this one, or any for "") surely gives what is taken.
  bool still_given(const ReadChange& change, const std::string& name) {
    const std::string state(state_of(input_, change.identity));
    if (state.empty()) return false;
    const auto& rules =
        name.empty() ? rules_of(by_place_, change.target + '\n' + change.account_class) : rules_of(by_name_, name);
    return std::any_of(rules.begin(), rules.end(), [&](const Rule& one) {
      const RuleText& rule = *one.text;
      if (rule.target != change.target || rule.account_class != change.account_class) return false;
      if (rule.identity != 0 && rule.identity != change.identity) return false;
      if (!change.entitlement.empty() &&
          (rule.entitlement != change.entitlement || rule.parameters != change.parameters))
        return false;
      return rule.states.contains(state) && conditions_.on_facts(one.conditions, change.facts) == Answer::kYes;
    });
  }

  struct Rule {
    const RuleText* text;
    std::size_t conditions;
  };
  using Rules = std::unordered_map<std::string, std::vector<Rule>>;
  static const std::vector<Rule>& rules_of(const Rules& rules, const std::string& key) {
    static const std::vector<Rule> kNone;
    const auto it = rules.find(key);
    return it == rules.end() ? kNone : it->second;
  }

  const Input& input_;
  Conditions conditions_;
  Rules by_name_, by_place_;
  std::unordered_map<std::string, std::string> kinds_;
};

}  // namespace

void check_reasons(const Input& input, const ReadPlan& plan, std::vector<Fault>& faults) {
  Reasons reasons(input, plan);
  std::size_t found = 0;
  for (const ReadChange& change : plan.changes)
    if (std::string fault = reasons.fault(change); !fault.empty()) {
      faults.push_back({"reason", change.id, std::move(fault)});
      if (++found == kFaultsMax) return;
    }
}

}  // namespace tenure::plan_check
