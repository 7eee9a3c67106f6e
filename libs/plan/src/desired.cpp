#include "parameters.hpp"

#include <algorithm>
#include <set>

#include <tenure/plan/desired.hpp>
#include <tenure/policy/evaluate.hpp>
#include <tenure/policy/lifecycle.hpp>
#include <tenure/policy/parametric.hpp>

namespace tenure::plan {
namespace {

using model::LifecycleState;

class Builder {
 public:
  Builder(const policy::PolicySet& policy, const policy::Subject& subject, Desired& desired)
      : policy_(policy), subject_(subject), desired_(desired) {}

  // Almost all that is asked of almost everybody: nothing has to be evaluated, and no text is made.
  void add(const LineToAsk& asked) {
    const policy::GrantLine& line = policy_.lines[asked.number];
    if (asked.known == LineToAsk::Known::kNothing || line.for_each != nullptr) return add(line);
    if (asked.known == LineToAsk::Known::kUndecided)
      desired_.kept_lines.push_back(&line);
    else
      give(line, nullptr);
  }

  void add(const policy::GrantLine& line, const model::Assignment* assignment = nullptr) {
    policy::Verdict verdict = subject_.line(line, desired_.state);
    if (verdict.truth == policy::Truth::kFalse) return;
    const bool known = verdict.truth == policy::Truth::kTrue;
    if (!known) doubt(line, verdict.unknown, verdict.trouble);
    if (line.for_each != nullptr)
      each(line, std::move(verdict), assignment);
    else if (known)
      give(line, assignment);
    else
      desired_.kept_lines.push_back(&line);
  }

  void finish() {
    for (DesiredAccount& account : desired_.accounts)
      std::sort(account.grants.begin(), account.grants.end(), [](const DesiredGrant& a, const DesiredGrant& b) {
        const auto order = a.entitlement() <=> b.entitlement();
        return order != 0 ? order < 0 : a.parameters() < b.parameters();
      });
    std::sort(desired_.accounts.begin(), desired_.accounts.end(), [](const DesiredAccount& a, const DesiredAccount& b) {
      return std::tie(*a.target, *a.account_class) < std::tie(*b.target, *b.account_class);
    });
    desired_.troubles.assign(troubles_.begin(), troubles_.end());
  }

 private:
  void doubt(const policy::GrantLine& line, const std::vector<std::string>& unknown, const std::string& trouble) {
    troubles_.insert(trouble);
    Doubt& doubt = desired_.doubts.emplace_back(Doubt{&line, {}});
    for (const auto& name : unknown) doubt.because.push_back("attribute " + name);
    if (doubt.because.empty()) doubt.because.push_back(line.rule);
  }

  void refuse(const policy::GrantLine& line, const std::string& why) {
    troubles_.insert(line.rule + ": " + why);
    desired_.refused.push_back({line.grant->target, line.rule, why});
  }

  std::uint32_t because(Because reason) {
    desired_.because.push_back(std::move(reason));
    return static_cast<std::uint32_t>(desired_.because.size() - 1);
  }

  void give(const policy::GrantLine& line, const model::Assignment* assignment) {
    desired_.given.push_back(&line);
    give(line, line.grant->entitlements, because({&line, assignment}));
  }

  // Once for every value. While the condition or the values are unknown, what could be given stays.
  void each(const policy::GrantLine& line, policy::Verdict verdict, const model::Assignment* assignment) {
    const bool decided = verdict.truth == policy::Truth::kTrue;
    policy::Values values = subject_.values(*line.for_each);
    if (values.unknown && decided) doubt(line, values.unknown_attributes, values.trouble);
    if (decided && !values.trouble.empty() && !values.unknown) refuse(line, values.trouble);
    if (values.unknown) return keep(line);
    verdict.facts.insert(verdict.facts.end(), values.facts.begin(), values.facts.end());
    std::sort(verdict.facts.begin(), verdict.facts.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    verdict.facts.erase(std::unique(verdict.facts.begin(), verdict.facts.end()), verdict.facts.end());
    if (decided && !values.values.empty()) desired_.given.push_back(&line);
    for (const std::string& value : values.values) {
      policy::Expanded expanded = policy::expand(policy_, line, value);
      if (decided)
        for (const auto& trouble : expanded.troubles) refuse(line, trouble);
      for (auto& one : expanded.kept) desired_.kept.push_back({&line, std::move(one.id), std::move(one.parameters)});
      if (decided) {
        const std::size_t first = desired_.made.size();
        for (auto& one : expanded.given) desired_.made.push_back(std::move(one));
        const std::uint32_t why = because({&line, assignment, verdict.facts, value});
        DesiredAccount& account = account_of(line, why);
        for (std::size_t i = first; i < desired_.made.size(); ++i) add_grant(account, desired_.made[i], why);
      } else {
        for (auto& one : expanded.given) desired_.kept.push_back({&line, std::move(one.id), std::move(one.parameters)});
      }
    }
    if (!decided && !values.values.empty()) desired_.kept.push_back({&line});
  }

  void keep(const policy::GrantLine& line) {
    desired_.kept.push_back({&line});
    for (auto& one : policy::possible(policy_, line))
      desired_.kept.push_back({&line, std::move(one.entitlement), std::move(one.parameters), one.any_parameters});
  }

  DesiredAccount& account_of(const policy::GrantLine& line, std::uint32_t because) {
    const policy::RoleGrant& grant = *line.grant;
    auto account = std::find_if(desired_.accounts.begin(), desired_.accounts.end(), [&](const DesiredAccount& one) {
      return *one.target == grant.target && *one.account_class == grant.account_class;
    });
    if (account == desired_.accounts.end())
      account = desired_.accounts.insert(account, {&grant.target, &grant.account_class, because, {}, {}});
    if (account->given_by.empty() || account->given_by.back() != &grant) account->given_by.push_back(&grant);
    return *account;
  }

  void give(const policy::GrantLine& line, const std::vector<policy::RoleGrant::Entitled>& entitlements,
            std::uint32_t because) {
    DesiredAccount& account = account_of(line, because);
    for (const auto& entitled : entitlements) add_grant(account, entitled, because);
  }

  void add_grant(DesiredAccount& account, const policy::RoleGrant::Entitled& entitled, std::uint32_t because) {
    for (DesiredGrant& other : account.grants) {
      if (other.entitlement() != entitled.id) continue;
      if (other.parameters() == entitled.parameters) return;
      const auto target = policy_.targets.find(*account.target);
      const auto* doc = target == policy_.targets.end() ? nullptr : target->second.entitlement(entitled.id);
      if (right_of(doc, other.parameters()) != right_of(doc, entitled.parameters)) continue;
      const model::Parameters more = more_of(doc, other.parameters(), entitled.parameters);
      if (more == other.parameters()) return;
      if (more == entitled.parameters)
        other = {&entitled, because};
      else
        other.right = &desired_.made.emplace_back(policy::RoleGrant::Entitled{entitled.id, more});
      return;
    }
    account.grants.push_back({&entitled, because});
  }

  const policy::PolicySet& policy_;
  const policy::Subject& subject_;
  Desired& desired_;
  std::set<std::string> troubles_;
};

}  // namespace

bool Desired::ended() const {
  switch (state) {
    case LifecycleState::kLeft:
    case LifecycleState::kRetired:
    case LifecycleState::kRevoking:
      return true;
    case LifecycleState::kLeaving:
      return account_state != model::AccountState::kEnabled;
    default:
      return false;
  }
}

const DesiredAccount* Desired::account(const model::TargetName& target, std::string_view account_class) const {
  for (const auto& account : accounts)
    if (*account.target == target && *account.account_class == account_class) return &account;
  return nullptr;
}

namespace {
bool is_in(const policy::GrantLine& line, const model::TargetName& target, std::string_view account_class) {
  return line.grant->target == target && line.grant->account_class == account_class;
}
}  // namespace

const model::Parameters* Desired::keeps(const policy::TargetDoc& target, std::string_view account_class,
                                        const model::EntitlementId& entitlement,
                                        const model::Parameters& parameters) const {
  if (kept.empty() && kept_lines.empty()) return nullptr;
  const policy::EntitlementDoc* doc = target.entitlement(entitlement);
  const auto same_right = [&](const model::Parameters& one) {
    return one == parameters || right_of(doc, one) == right_of(doc, parameters);
  };
  for (const policy::GrantLine* line : kept_lines) {
    if (!is_in(*line, target.name, account_class)) continue;
    for (const auto& one : line->grant->entitlements)
      if (one.id == entitlement && same_right(one.parameters)) return &one.parameters;
  }
  for (const Kept& one : kept)
    if (one.entitlement == entitlement && is_in(*one.line, target.name, account_class) &&
        (one.any_parameters || same_right(one.parameters)))
      return &one.parameters;
  return nullptr;
}

bool Desired::keeps_account(const model::TargetName& target, std::string_view account_class) const {
  return std::any_of(kept_lines.begin(), kept_lines.end(),
                     [&](const policy::GrantLine* line) { return is_in(*line, target, account_class); }) ||
         std::any_of(kept.begin(), kept.end(),
                     [&](const Kept& one) { return is_in(*one.line, target, account_class); });
}

Reason Desired::reason(const policy::Subject& subject, std::uint32_t number) const {
  const Because& why = because[number];
  Reason reason;
  reason.facts = why.facts ? *why.facts : subject.facts_of(*why.line);
  reason.rule = why.assignment == nullptr ? why.line->rule : "request " + why.assignment->id;
  if (why.line->for_each != nullptr)
    reason.text = why.line->for_each->variable + " = " + why.value;
  else
    reason.text = why.assignment == nullptr ? text_of(reason.facts) : why.line->rule;
  if (why.line->grant->term) reason.term = why.line->grant->term->to_string();
  return reason;
}

Desired desired_of(const policy::PolicySet& policy, const policy::Subject& subject, model::IdentityId identity,
                   LifecycleState state, const std::optional<std::span<const LineToAsk>>& lines,
                   std::span<const model::Assignment* const> assignments) {
  Desired desired;
  desired.identity = identity;
  desired.state = state;
  desired.account_state = policy::account_state(policy, state);
  Builder builder(policy, subject, desired);
  if (lines)
    for (const LineToAsk& asked : *lines) builder.add(asked);
  else
    for (const policy::GrantLine& line : policy.lines) builder.add(line);
  for (const model::Assignment* assignment : assignments) {
    if (assignment->kind != model::AssignmentKind::kRequest) continue;
    const auto asked = policy.request_lines.find(assignment->role);
    if (asked == policy.request_lines.end()) continue;  // nobody may ask for it any more: it gives nothing
    for (const policy::GrantLine& line : asked->second) builder.add(line, assignment);
  }
  builder.finish();
  return desired;
}

std::string text_of(const std::vector<std::pair<std::string, json::Value>>& facts) {
  if (facts.empty()) return "always";
  std::string text;
  for (const auto& [name, value] : facts) {
    if (name == "kind" && facts.size() > 1) continue;  // people see what they look at
    if (!text.empty()) text += ", ";
    text += name + " = " + (value.is_string() ? value.as_string() : json::to_string(value));
  }
  return text;
}

}  // namespace tenure::plan
