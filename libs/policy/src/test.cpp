#include <algorithm>

#include <tenure/base/text.hpp>
#include <tenure/policy/evaluate.hpp>
#include <tenure/policy/test.hpp>

namespace tenure::policy {
namespace {

model::Identity to_identity(const json::Value& example) {
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

// "PAY.DATA access=READ" -> id and the parameters that are asked for.
struct Wanted {
  std::string id;
  std::vector<std::pair<std::string, std::string>> parameters;
};

Wanted parse_wanted(const std::string& text) {
  const std::vector<std::string> words = split(text, ' ');
  Wanted wanted{words.front(), {}};
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::size_t equals = words[i].find('=');
    wanted.parameters.emplace_back(words[i].substr(0, equals), words[i].substr(equals + 1));
  }
  return wanted;
}

bool grants(const RoleGrant& grant, const std::string& target, const Wanted& wanted) {
  if (grant.target.str() != target) return false;
  return std::any_of(grant.entitlements.begin(), grant.entitlements.end(), [&](const RoleGrant::Entitled& entitled) {
    if (entitled.id.str() != wanted.id) return false;
    const auto held = json::parse(entitled.parameters.empty() ? "{}" : entitled.parameters);
    return held && std::all_of(wanted.parameters.begin(), wanted.parameters.end(), [&](const auto& parameter) {
             return held->string_or(parameter.first, "") == parameter.second;
           });
  });
}

struct Answer {
  Truth truth = Truth::kFalse;
  std::string trouble;
};

Answer holds(const RoleDoc& role, const Subject& subject, const Verdict& assigned, const std::string& target,
             const std::string& text) {
  const Wanted wanted = parse_wanted(text);
  Answer best;
  for (const RoleGrant& grant : role.grants) {
    if (!grants(grant, target, wanted)) continue;
    const Verdict given = subject.grant(grant);
    if (assigned.truth == Truth::kFalse || given.truth == Truth::kFalse) continue;
    if (assigned.truth == Truth::kTrue && given.truth == Truth::kTrue) return {Truth::kTrue, {}};
    best = {Truth::kUnknown, assigned.truth == Truth::kUnknown ? assigned.trouble : given.trouble};
  }
  return best;
}

// False after a diagnostic.
bool run_example(const PolicySet& set, const RoleDoc& role, const RoleExample& example, Diagnostics& diagnostics) {
  const model::Identity identity = to_identity(example.identity);
  const Subject subject(set, identity);
  const auto state = role.states.empty() ? model::LifecycleState::kActive : role.states.front();
  const Verdict assigned = subject.role(role, state);
  bool ok = true;
  const auto check = [&](const std::map<std::string, std::vector<std::string>>& expected, bool wanted) {
    for (const auto& [target, entitlements] : expected) {
      for (const std::string& text : entitlements) {
        const Answer answer = holds(role, subject, assigned, target, text);
        if (answer.truth == (wanted ? Truth::kTrue : Truth::kFalse)) continue;
        ok = false;
        const std::string what = "role " + role.name.str() + ", " + target + ": " + text;
        if (answer.truth == Truth::kUnknown)
          diagnostics.error(Reason::kPolicyExample, example.place, what + " cannot be decided: " + answer.trouble,
                            wanted ? "it is held" : "it is not held", "give these attributes in the example");
        else
          diagnostics.error(Reason::kPolicyExample, example.place, what + (wanted ? " is not held" : " is held"),
                            wanted ? "it is held" : "it is not held");
      }
    }
  };
  check(example.holds, true);
  check(example.holds_not, false);
  return ok;
}

}  // namespace

ExampleCount run_examples(const PolicySet& set, Diagnostics& diagnostics) {
  ExampleCount count;
  for (const auto& [name, role] : set.roles) {
    for (const RoleExample& example : role.examples) {
      ++count.run;
      if (!run_example(set, role, example, diagnostics)) ++count.failed;
    }
  }
  return count;
}

}  // namespace tenure::policy
