#include "example_parts.hpp"

#include <algorithm>

#include <tenure/base/text.hpp>
#include <tenure/policy/duties.hpp>
#include <tenure/policy/evaluate.hpp>
#include <tenure/policy/parametric.hpp>
#include <tenure/policy/test.hpp>

namespace tenure::policy {
model::Identity identity_of(const json::Value& example) {
  model::Identity identity;
  identity.id = model::IdentityId(1);
  identity.key = example.string_or("key", "example");
  for (const auto& [name, value] : example.as_object()) {
    if (name == "key") continue;
    if (name == "kind")
      identity.kind = model::identity_kind(value.is_string() ? value.as_string() : "").value_or(identity.kind);
    else
      identity.facts[name] = model::Fact{value, false, model::SourceName("example"), Time()};
  }
  return identity;
}

Wanted parse_wanted(const std::string& text) {
  const std::vector<std::string> words = split(text, ' ');
  Wanted wanted{words.front(), {}};
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::size_t equals = words[i].find('=');
    wanted.parameters.emplace_back(words[i].substr(0, equals), words[i].substr(equals + 1));
  }
  return wanted;
}

bool is_wanted(const RoleGrant::Entitled& entitled, const Wanted& wanted) {
  if (entitled.id.str() != wanted.id) return false;
  const auto held = json::parse(entitled.parameters.empty() ? "{}" : entitled.parameters);
  return held && std::all_of(wanted.parameters.begin(), wanted.parameters.end(), [&](const auto& parameter) {
           return held->string_or(parameter.first, "") == parameter.second;
         });
}

namespace {

struct Answer {
  Truth truth = Truth::kFalse;
  std::string trouble;
};

// The role with everything that it includes: by its rule, or, when it has none, as if it had been asked for.
std::vector<const GrantLine*> lines_of(const PolicySet& set, const RoleDoc& role) {
  std::vector<const GrantLine*> lines;
  for (const GrantLine& line : set.lines)
    if (line.outermost() == role.name) lines.push_back(&line);
  const auto asked = set.request_lines.find(role.name);
  if (!role.assign && asked != set.request_lines.end())
    for (const GrantLine& line : asked->second) lines.push_back(&line);
  return lines;
}

Answer gives(const PolicySet& set, const Subject& subject, const GrantLine& line, model::LifecycleState state,
             const Wanted& wanted) {
  const Verdict given = subject.line(line, state);
  if (given.truth == Truth::kFalse) return {};
  const auto in = [&](const std::vector<RoleGrant::Entitled>& list) {
    return std::any_of(list.begin(), list.end(), [&](const auto& one) { return is_wanted(one, wanted); });
  };
  if (line.for_each == nullptr) return in(line.grant->entitlements) ? Answer{given.truth, given.trouble} : Answer{};
  const Values values = subject.values(*line.for_each);
  if (values.unknown) {
    for (const Possible& one : possible(set, line))
      if (one.entitlement.str() == wanted.id) return {Truth::kUnknown, values.trouble};
    return {};
  }
  for (const std::string& value : values.values)
    if (in(expand(set, line, value).given)) return {given.truth, given.trouble};
  return {};
}

Answer holds(const PolicySet& set, const Subject& subject, const RoleDoc& role, const std::string& target,
             const std::string& text) {
  const Wanted wanted = parse_wanted(text);
  const auto state = role.states.empty() ? model::LifecycleState::kActive : role.states.front();
  Answer best;
  for (const GrantLine* line : lines_of(set, role)) {
    if (line->grant->target.str() != target) continue;
    Answer answer = gives(set, subject, *line, state, wanted);
    if (answer.truth == Truth::kTrue) return answer;
    if (answer.truth == Truth::kUnknown) best = std::move(answer);
  }
  return best;
}

// One example, while it is run.
class Run {
 public:
  Run(const PolicySet& set, const RoleDoc& role, const RoleExample& example)
      : set_(set), role_(role), example_(example), identity_(identity_of(example.identity)), subject_(set, identity_) {}

  std::vector<ExampleFault> faults() {
    expect(example_.holds, true);
    expect(example_.holds_not, false);
    if (example_.may_request) expect_request(*example_.may_request);
    if (example_.conflicts) expect_conflicts(*example_.conflicts);
    return std::move(faults_);
  }

 private:
  void wrong(const std::string& what, const std::string& expected, const std::string& remedy = {}) {
    faults_.push_back({what, expected, remedy});
  }

  void expect(const std::map<std::string, std::vector<std::string>>& expected, bool wanted) {
    const std::string expectation = wanted ? "it is held" : "it is not held";
    for (const auto& [target, entitlements] : expected) {
      for (const std::string& text : entitlements) {
        const Answer answer = holds(set_, subject_, role_, target, text);
        if (answer.truth == (wanted ? Truth::kTrue : Truth::kFalse)) continue;
        const std::string what = "role " + role_.name.str() + ", " + target + ": " + text;
        if (answer.truth == Truth::kUnknown)
          wrong(what + " cannot be decided: " + answer.trouble, expectation, "give these attributes in the example");
        else
          wrong(what + (wanted ? " is not held" : " is held"), expectation);
      }
    }
  }

  void expect_request(bool wanted) {
    const std::string expectation = wanted ? "it may be asked for" : "it may not be asked for";
    if (!role_.request) return wrong("role " + role_.name.str() + " cannot be asked for by anybody", expectation);
    const Verdict verdict = subject_.may_request(*role_.request);
    if (verdict.truth == Truth::kUnknown)
      wrong("role " + role_.name.str() + ": allowed_if cannot be decided: " + verdict.trouble, expectation,
            "give these attributes in the example");
    else if ((verdict.truth == Truth::kTrue) != wanted)
      wrong("role " + role_.name.str() + (wanted ? " may not be asked for" : " may be asked for"), expectation);
  }

  // With everything that the rules give, and this role.
  void expect_conflicts(const std::vector<std::string>& expected) {
    std::vector<const GrantLine*> lines = lines_of(set_, role_);
    for (const GrantLine& line : set_.lines) lines.push_back(&line);
    DutySet held(set_);
    for (const GrantLine* line : lines) {
      const auto state = line->states.empty() ? model::LifecycleState::kActive : line->states.front();
      if (subject_.line(*line, state).truth != Truth::kTrue) continue;
      held.add(*line);
      if (line->for_each == nullptr) {
        for (const auto& one : line->grant->entitlements) held.add(line->grant->target, one.id);
        continue;
      }
      for (const std::string& value : subject_.values(*line->for_each).values)
        for (const auto& one : expand(set_, *line, value).given) held.add(line->grant->target, one.id);
    }
    std::vector<std::string> found;
    for (const DutiesDoc* one : held.violated()) found.push_back(one->name);
    std::vector<std::string> wanted = expected;
    std::sort(wanted.begin(), wanted.end());
    if (found != wanted)
      wrong("role " + role_.name.str() + " conflicts with " + (found.empty() ? "nothing" : join(found, ", ")),
            wanted.empty() ? "no conflict" : join(wanted, ", "));
  }

  const PolicySet& set_;
  const RoleDoc& role_;
  const RoleExample& example_;
  model::Identity identity_;
  Subject subject_;
  std::vector<ExampleFault> faults_;
};

}  // namespace

std::vector<ExampleResult> test_examples(const PolicySet& set) {
  std::vector<ExampleResult> results;
  for (const auto& [name, role] : set.roles)
    for (std::size_t i = 0; i < role.examples.size(); ++i)
      results.push_back({"role " + name.str(), "example " + std::to_string(i + 1), role.examples[i].place,
                         Run(set, role, role.examples[i]).faults()});
  for (const Example& example : set.examples)
    results.push_back({"examples " + example.suite, example.name, example.place, faults_of(set, example)});
  return results;
}

ExampleCount run_examples(const PolicySet& set, Diagnostics& diagnostics) {
  ExampleCount count;
  for (const ExampleResult& result : test_examples(set)) {
    ++count.run;
    if (!result.passed()) ++count.failed;
    for (const ExampleFault& fault : result.faults)
      diagnostics.error(Reason::kPolicyExample, result.place, fault.what, fault.expected, fault.remedy);
  }
  return count;
}

}  // namespace tenure::policy
