#include "parts.hpp"

#include <algorithm>
#include <memory>

#include <tenure/cel/environment.hpp>
#include <tenure/cel/json.hpp>
#include <tenure/cel/program.hpp>

namespace tenure::plan_check {
namespace {

enum class Answer { kYes, kNo, kCannotTell };

// Evaluates rule texts over the facts that a reason names, and nothing else: what is not named cannot help.
class Recompute {
 public:
  explicit Recompute(const std::set<std::string>& dates) : dates_(dates) {
    identity_ = environment_.add_variable("identity", cel::Type::map(cel::Type::string(), cel::Type::dyn()));
  }

  Answer all(const std::vector<std::string>& conditions, const json::Object& facts) {
    cel::Activation activation;
    std::vector<cel::Map::Entry> entries;
    for (const auto& [name, value] : facts) {
      const auto type = dates_.contains(name) && !value.is_null() ? cel::Type::timestamp() : cel::Type::dyn();
      auto fact = cel::from_json(value, type, name);
      if (!fact) return Answer::kCannotTell;
      entries.emplace_back(cel::Value::string(name), std::move(*fact));
    }
    auto map = cel::Map::from(std::move(entries));
    if (!map) return Answer::kCannotTell;
    activation.set(identity_, cel::Value::map(std::move(*map)));
    Answer answer = Answer::kYes;
    for (const auto& condition : conditions) {
      const cel::Program* program = compiled(condition);
      if (program == nullptr) return Answer::kCannotTell;
      const auto value = program->evaluate(activation);
      if (value && value->is_false()) return Answer::kNo;
      if (!value || !value->is_true()) answer = Answer::kCannotTell;
    }
    return answer;
  }

 private:
  const cel::Program* compiled(const std::string& text) {
    auto it = programs_.find(text);
    if (it == programs_.end()) {
      cel::CompileOptions options;
      options.check = false;  // the types were checked when the policy was loaded; here only the values count
      auto program = cel::compile(environment_, text, options);
      it = programs_.emplace(text, program ? std::make_unique<cel::Program>(std::move(*program)) : nullptr).first;
    }
    return it->second.get();
  }

  const std::set<std::string>& dates_;
  cel::Environment environment_;
  cel::VariableIndex identity_ = 0;
  std::map<std::string, std::unique_ptr<cel::Program>> programs_;
};

class Reasons {
 public:
  Reasons(const Input& input, const ReadPlan& plan) : input_(input), recompute_(input.dates) {
    for (const auto& cause : plan.causes) kinds_[cause.id] = cause.kind;
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
    for (const RuleText& rule : input_.rules) {
      if (rule.rule != change.rule || rule.target != change.target || rule.account_class != change.account_class)
        continue;
      if (exact && (rule.entitlement != change.entitlement || rule.parameters != change.parameters)) continue;
      const auto state = input_.lifecycle.find(change.identity);
      if (state == input_.lifecycle.end() || !rule.states.contains(state->second)) continue;
      named = true;
      const Answer answer = recompute_.all(rule.conditions, change.facts);
      if (answer == Answer::kYes) return "";
      if (answer == Answer::kCannotTell) best = answer;
    }
    if (!named) return "\"" + change.rule + "\" gives no such thing in the lifecycle state of the identity";
    return best == Answer::kNo ? "\"" + change.rule + "\" is false on the facts it names"
                               : "\"" + change.rule + "\" cannot be recomputed from the facts it names";
  }

  std::string taking(const ReadChange& change, const std::string& kind) {
    const auto state = input_.lifecycle.find(change.identity);
    if (change.rule.starts_with("lifecycle ")) {
      if (state == input_.lifecycle.end() || "lifecycle " + state->second != change.rule)
        return "the identity is not in the state that the reason names";
      if (change.verb == "revoke" && !input_.ends.contains(state->second)) return "that state does not end rights";
      return "";
    }
    if (kind == "timer") return change.rule == "end of term" || !change.term.empty() ? "" : "no term ended";
    if (change.rule == "no role") return still_given(change, "") ? "a role still gives the account" : "";
    if (change.verb != "revoke") return "\"" + change.rule + "\" is no reason to close an account";
    return still_given(change, change.rule) ? "\"" + change.rule + "\" still gives it" : "";
  }

  // Whether, on the facts that the reason names, a rule (this one, or any for "") surely gives what is taken.
  bool still_given(const ReadChange& change, const std::string& name) {
    const auto state = input_.lifecycle.find(change.identity);
    return std::any_of(input_.rules.begin(), input_.rules.end(), [&](const RuleText& rule) {
      if (!name.empty() && rule.rule != name) return false;
      if (rule.target != change.target || rule.account_class != change.account_class) return false;
      if (!change.entitlement.empty() &&
          (rule.entitlement != change.entitlement || rule.parameters != change.parameters))
        return false;
      if (state == input_.lifecycle.end() || !rule.states.contains(state->second)) return false;
      return recompute_.all(rule.conditions, change.facts) == Answer::kYes;
    });
  }

  const Input& input_;
  Recompute recompute_;
  std::map<std::string, std::string> kinds_;
};

}  // namespace

void check_reasons(const Input& input, const ReadPlan& plan, std::vector<Fault>& faults) {
  Reasons reasons(input, plan);
  for (const ReadChange& change : plan.changes)
    if (std::string fault = reasons.fault(change); !fault.empty())
      faults.push_back({"reason", change.id, std::move(fault)});
}

}  // namespace tenure::plan_check
