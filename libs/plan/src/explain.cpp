#include "assignments.hpp"
#include "names_of.hpp"
#include "picture.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <set>

#include <tenure/plan/desired.hpp>
#include <tenure/plan/explain.hpp>
#include <tenure/policy/evaluate.hpp>
#include <tenure/policy/lifecycle.hpp>

namespace tenure::plan {
namespace {

constexpr std::array<std::string_view, 5> kStandings = {"rule", "decision", "baseline", "unexplained", "outside"};

// Every nesting edge of a reading, from the inner entitlement to those it is a member of.
class Nesting {
 public:
  explicit Nesting(const model::Observation& observed) {
    for (const auto& grant : observed.grants)
      if (!grant.holder.entitlement.empty()) members_[grant.entitlement].push_back(grant.holder.entitlement);
  }

  // Every entitlement from which `wanted` is reached, with the shortest way there (first found in order of name).
  std::map<model::EntitlementId, AccessPath> ways_to(const model::EntitlementId& wanted) const {
    std::map<model::EntitlementId, AccessPath> ways{{wanted, {wanted}}};
    std::deque<model::EntitlementId> open{wanted};
    while (!open.empty()) {
      const model::EntitlementId outer = open.front();
      open.pop_front();
      const auto inner = members_.find(outer);
      if (inner == members_.end()) continue;
      for (const auto& member : inner->second) {
        AccessPath path{member};
        const AccessPath& rest = ways.at(outer);
        path.insert(path.end(), rest.begin(), rest.end());
        if (ways.emplace(member, std::move(path)).second) open.push_back(member);
      }
    }
    return ways;
  }

 private:
  std::map<model::EntitlementId, std::vector<model::EntitlementId>> members_;
};

std::string way(const AccessPath& path) {
  if (path.size() < 2) return "";
  std::string text = " through ";
  for (std::size_t i = 0; i + 1 < path.size(); ++i) text += (i == 0 ? "" : " in ") + path[i].str();
  return text;
}

Standing standing_of(const TargetPicture& target, const HeldAccount& held, const Explanation& one) {
  if (one.rule) return Standing::kRule;
  if (one.decision) {
    switch (one.decision->kind) {
      case model::DecisionKind::kBaseline:
        return Standing::kBaseline;
      case model::DecisionKind::kGranted:
      case model::DecisionKind::kHeld:
      case model::DecisionKind::kDisabled:
        return Standing::kUnexplained;  // it was once, and is not any more
      default:
        return Standing::kDecision;
    }
  }
  if (target.scope(held.account_class, one.path.front()) > model::Scope::kAdditive) return Standing::kOutside;
  return Standing::kUnexplained;
}

std::string sentence(const Explanation& one) {
  switch (one.standing) {
    case Standing::kRule:
      return one.rule->rule + " gives " + one.path.front().str() + ": " + one.rule->text;
    case Standing::kDecision:
      return std::string(model::name_of(one.decision->kind)) + " by " + one.decision->actor +
             (one.decision->until == Time::never() ? "" : " until " + one.decision->until.to_date()) + ": " +
             one.decision->reason;
    case Standing::kBaseline:
      return "unexplained since " + one.decision->since.to_date() + "; " + one.decision->owner + " decides by " +
             one.decision->until.to_date();
    case Standing::kOutside:
      return one.path.front().str() + " is outside the managed scope";
    case Standing::kUnexplained:
      break;
  }
  return "no rule and no decision explains it";
}

void note_unknown(const TargetPicture& target, const model::EntitlementId& entitlement,
                  std::vector<std::string>& unknown) {
  if (target.observed == nullptr || !target.answers || !target.grants_proven(entitlement))
    unknown.push_back(target.doc->name.str() + ": " + target.why_not_proven());
}

}  // namespace

std::string_view name_of(Standing standing) {
  return kStandings.at(static_cast<std::size_t>(standing));
}

Result<Why> why(const policy::PolicySet& policy, const World& world, model::IdentityId id,
                const model::TargetName& target_name, const model::EntitlementId& entitlement) {
  const Picture picture(policy, world);
  id = picture.resolved(id);
  const auto identity = world.identities.find(id);
  if (identity == world.identities.end())
    return fail(tenure::Reason::kNotFound, "identity " + std::to_string(id.value()));
  if (!picture.targets().contains(target_name)) return fail(tenure::Reason::kNotFound, "target " + target_name.str());
  const TargetPicture& target = picture.target(target_name);
  const policy::Subject rules(policy, identity->second, NamesOf(picture).of(id));
  const auto assignments = holding(world, id);
  const Desired desired = desired_of(policy, rules, id, policy::lifecycle_state(policy, identity->second, world.now),
                                     std::nullopt, assignments);

  Why answer;
  answer.identity = id;
  answer.state = desired.state;
  note_unknown(target, entitlement, answer.unknown);
  for (const auto& trouble : desired.troubles) answer.unknown.push_back(trouble);
  for (const DesiredAccount& account : desired.accounts)
    for (const DesiredGrant& grant : account.grants)
      if (account.target == target_name && grant.entitlement == entitlement && !answer.wanted)
        answer.wanted = grant.reason;

  std::map<model::EntitlementId, AccessPath> ways{{entitlement, {entitlement}}};
  if (target.observed != nullptr) ways = Nesting(*target.observed).ways_to(entitlement);
  for (const HeldAccount& held : picture.accounts_of(id, target_name)) {
    if (held.account == nullptr) continue;
    for (const auto& grant : picture.grants_of(held.ref)) {
      const auto path = ways.find(grant.entitlement);
      if (path == ways.end()) continue;
      Explanation one;
      one.account = held.ref;
      one.account_name = held.name;
      one.enabled = held.account->enabled;
      one.path = path->second;
      one.parameters = grant.parameters;
      if (const DesiredAccount* account = desired.account(target_name, held.account_class))
        for (const DesiredGrant& wanted : account->grants)
          if (wanted.entitlement == grant.entitlement && wanted.parameters == grant.parameters)
            one.rule = wanted.reason;
      const model::Decision* decision = picture.decision(held.ref, grant.entitlement, grant.parameters);
      if (decision != nullptr && decision->parameters == grant.parameters) one.decision = *decision;
      one.standing = standing_of(target, held, one);
      answer.sentences.push_back(held.name + " (" + target_name.str() + ") holds " + entitlement.str() + way(one.path) +
                                 (one.enabled ? "" : ", but the account is disabled"));
      answer.sentences.push_back(sentence(one));
      answer.held.push_back(std::move(one));
    }
  }
  if (answer.held.empty())
    answer.sentences.push_back(identity->second.key + " does not hold " + entitlement.str() + " in " +
                               target_name.str());
  if (answer.held.empty() && answer.wanted)
    answer.sentences.push_back(answer.wanted->rule + " asks for it: " + answer.wanted->text);
  for (const auto& unknown : answer.unknown) answer.sentences.push_back("not known: " + unknown);
  return answer;
}

Result<WhoCan> who_can(const World& world, const policy::PolicySet& policy, const model::TargetName& target_name,
                       const model::EntitlementId& entitlement) {
  const Picture picture(policy, world);
  if (!picture.targets().contains(target_name)) return fail(tenure::Reason::kNotFound, "target " + target_name.str());
  const TargetPicture& target = picture.target(target_name);
  WhoCan answer;
  note_unknown(target, entitlement, answer.unknown);
  if (target.observed == nullptr) return answer;
  const auto ways = Nesting(*target.observed).ways_to(entitlement);
  std::map<model::NativeId, std::vector<AccessPath>> reached;
  for (const auto& grant : target.observed->grants)
    if (const auto path = ways.find(grant.entitlement); path != ways.end() && !grant.holder.account.empty())
      reached[grant.holder.account].push_back(path->second);
  for (auto& [id, paths] : reached) {
    const model::Account* account = target.observed->find_account(id);
    Reach reach;
    reach.account = {target_name, id};
    reach.account_name = id.str();
    if (account != nullptr) {
      reach.account_name = account->name;
      reach.enabled = account->enabled;
    }
    if (const model::Claim* claim = picture.claim_on(reach.account)) reach.identity = picture.resolved(claim->identity);
    std::sort(paths.begin(), paths.end(), [](const AccessPath& a, const AccessPath& b) {
      return a.size() != b.size() ? a.size() < b.size() : a < b;
    });
    paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
    reach.paths = std::move(paths);
    answer.reach.push_back(std::move(reach));
  }
  std::sort(answer.reach.begin(), answer.reach.end(), [](const Reach& a, const Reach& b) {
    return std::tie(a.identity, a.account) < std::tie(b.identity, b.account);
  });
  return answer;
}

}  // namespace tenure::plan
