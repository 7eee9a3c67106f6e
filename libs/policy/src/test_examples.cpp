#include "example_parts.hpp"

#include <algorithm>
#include <set>

#include <tenure/base/text.hpp>
#include <tenure/policy/duties.hpp>
#include <tenure/policy/evaluate.hpp>
#include <tenure/policy/lifecycle.hpp>
#include <tenure/policy/parametric.hpp>

namespace tenure::policy {
namespace {

// A right, what gives it, and how surely.
struct Given {
  model::TargetName target;
  RoleGrant::Entitled right;
  const GrantLine* line = nullptr;
  Truth truth = Truth::kTrue;
  std::string trouble;
  bool any_parameters = false;
};

class Somebody {
 public:
  Somebody(const PolicySet& set, const Example& example)
      : set_(set), example_(example), identity_(identity_of(example.identity)), subject_(set, identity_) {
    identity_.engagements = example.engagements;
    if (identity_.engagements.empty())
      identity_.engagements = {{model::SourceName("example"), "0", Time(), Time::never(), "active"}};
    state_ = lifecycle_state(set, identity_, example.at.value_or(Time::from_micros(1)));
    for (const GrantLine& line : set.lines) add(line);
    for (const model::RoleName& role : example.requested)
      if (const auto lines = set.request_lines.find(role); lines != set.request_lines.end())
        for (const GrantLine& line : lines->second) add(line);
  }

  std::vector<ExampleFault> faults() {
    if (example_.state && *example_.state != state_)
      wrong("the lifecycle state is " + std::string(model::name_of(state_)),
            std::string(model::name_of(*example_.state)));
    for (const model::RoleName& role : example_.requested) may_request(role);
    each(example_.holds, "it is held", [](Truth truth) { return truth == Truth::kTrue; });
    each(example_.lacks, "it is not held", [](Truth truth) { return truth == Truth::kFalse; });
    each(example_.undecided, "it cannot be decided", [](Truth truth) { return truth == Truth::kUnknown; });
    for (const auto& [right, rule] : example_.because) because(right, rule);
    if (example_.conflicts) conflicts();
    return std::move(faults_);
  }

 private:
  void wrong(std::string what, std::string expected, std::string remedy = {}) {
    faults_.push_back({std::move(what), std::move(expected), std::move(remedy)});
  }

  void add(const GrantLine& line) {
    const Verdict verdict = subject_.line(line, state_);
    if (verdict.truth == Truth::kFalse) return;
    const auto give = [&](const RoleGrant::Entitled& right, Truth truth, const std::string& trouble, bool any) {
      given_.push_back({line.grant->target, right, &line, truth, trouble, any});
    };
    if (line.for_each == nullptr) {
      for (const auto& right : line.grant->entitlements) give(right, verdict.truth, verdict.trouble, false);
      return;
    }
    const Values values = subject_.values(*line.for_each);
    if (values.unknown) {
      for (const Possible& one : possible(set_, line))
        give({one.entitlement, one.parameters}, Truth::kUnknown, values.trouble, one.any_parameters);
      return;
    }
    for (const std::string& value : values.values)
      for (const auto& right : expand(set_, line, value).given) give(right, verdict.truth, verdict.trouble, false);
  }

  template <class Visit>
  void givers(const std::string& target, const Wanted& wanted, Visit visit) const {
    for (const Given& one : given_)
      if (one.target.str() == target &&
          (one.any_parameters ? one.right.id.str() == wanted.id : is_wanted(one.right, wanted)))
        visit(one);
  }

  template <class Fulfils>
  void each(const Expected& expected, const std::string& expectation, Fulfils fulfils) {
    for (const auto& [target, rights] : expected)
      for (const std::string& right : rights) {
        Truth truth = Truth::kFalse;
        std::string trouble;
        std::set<std::string> rules;
        givers(target, parse_wanted(right), [&](const Given& one) {
          rules.insert(one.line->rule);
          if (one.truth == Truth::kUnknown && truth == Truth::kFalse) trouble = one.trouble;
          if (truth != Truth::kTrue) truth = one.truth;
        });
        if (fulfils(truth)) continue;
        const std::string by = rules.empty() ? "" : " (" + join({rules.begin(), rules.end()}, ", ") + ")";
        const std::string what = target + ": " + right;
        if (truth == Truth::kUnknown)
          wrong(what + " cannot be decided: " + trouble + by, expectation, "give these attributes in the example");
        else
          wrong(what + (truth == Truth::kTrue ? " is held" : " is not held") + by, expectation);
      }
  }

  void because(const std::string& right, const std::string& rule) {
    const std::size_t colon = right.find(':');
    std::set<std::string> found;
    bool named = false;
    givers(right.substr(0, colon), parse_wanted(right.substr(colon + 1)), [&](const Given& one) {
      if (one.truth != Truth::kTrue) return;
      found.insert(one.line->rule);
      named = named || one.line->rule == rule || one.line->is_of(model::RoleName(rule)) ||
              one.line->is_of(model::RoleName(rule.starts_with("role ") ? rule.substr(5) : rule));
    });
    if (named) return;
    wrong(right + (found.empty() ? " is not held" : " is given by " + join({found.begin(), found.end()}, ", ")),
          "it is given by " + rule);
  }

  void may_request(const model::RoleName& name) {
    const Verdict verdict = subject_.may_request(*set_.role(name)->request);
    if (verdict.truth == Truth::kUnknown)
      wrong(shown(name) + ": allowed_if cannot be decided: " + verdict.trouble, "it may be asked for",
            "give these attributes in the example");
    else if (verdict.truth == Truth::kFalse)
      wrong(shown(name) + " may not be asked for", "it may be asked for");
  }

  void conflicts() {
    DutySet held(set_);
    for (const Given& one : given_) {
      if (one.truth != Truth::kTrue) continue;
      held.add(*one.line);
      held.add(one.target, one.right.id);
    }
    std::vector<std::string> found;
    for (const DutiesDoc* one : held.violated()) found.push_back(one->name);
    std::vector<std::string> wanted = *example_.conflicts;
    std::sort(wanted.begin(), wanted.end());
    if (found != wanted)
      wrong("it conflicts with " + (found.empty() ? "nothing" : join(found, ", ")),
            wanted.empty() ? "no conflict" : join(wanted, ", "));
  }

  const PolicySet& set_;
  const Example& example_;
  model::Identity identity_;
  Subject subject_;
  model::LifecycleState state_ = model::LifecycleState::kActive;
  std::vector<Given> given_;
  std::vector<ExampleFault> faults_;
};

}  // namespace

std::vector<ExampleFault> faults_of(const PolicySet& set, const Example& example) {
  return Somebody(set, example).faults();
}

}  // namespace tenure::policy
