#include "assignments.hpp"
#include "line_index.hpp"
#include "names_of.hpp"
#include "picture.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <span>

#include <tenure/plan/desired.hpp>
#include <tenure/plan/explain.hpp>
#include <tenure/plan/extract.hpp>
#include <tenure/policy/evaluate.hpp>
#include <tenure/policy/lifecycle.hpp>

namespace tenure::plan {
namespace {

constexpr std::array<std::string_view, 5> kStandings = {"rule", "decision", "baseline", "unexplained", "outside"};

// Every nesting edge of a reading, from the inner entitlement to those it is a member of.
class Nesting {
 public:
  explicit Nesting(std::span<const model::Grant> grants) {
    for (const auto& grant : grants)
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

namespace {

// The lines that could give something on a way to what is asked about: whether others hold is another question.
std::vector<LineToAsk> lines_towards(const policy::PolicySet& policy, const model::Identity& identity,
                                     const model::TargetName& target,
                                     const std::map<model::EntitlementId, AccessPath>& ways, const LineIndex* index) {
  std::vector<LineToAsk> asked;
  if (index != nullptr)
    asked = index->lines(identity);
  else
    for (std::uint32_t number = 0; number < policy.lines.size(); ++number) asked.push_back({number});
  std::erase_if(asked, [&](const LineToAsk& one) {
    const policy::GrantLine& line = policy.lines[one.number];
    if (line.grant->target != target) return true;
    return line.for_each == nullptr && std::none_of(line.grant->entitlements.begin(), line.grant->entitlements.end(),
                                                    [&](const auto& entitled) { return ways.contains(entitled.id); });
  });
  return asked;
}

// `index`: may be nullptr.
Result<Why> why_in(const policy::PolicySet& policy, const World& world, model::IdentityId id,
                   const model::TargetName& target_name, const model::EntitlementId& entitlement,
                   const LineIndex* index) {
  const Picture picture(policy, world);
  id = picture.resolved(id);
  const auto identity = world.identities.find(id);
  if (identity == world.identities.end())
    return fail(tenure::Reason::kNotFound, "identity " + std::to_string(id.value()));
  if (!picture.targets().contains(target_name)) return fail(tenure::Reason::kNotFound, "target " + target_name.str());
  const TargetPicture& target = picture.target(target_name);
  const policy::Subject rules(policy, identity->second, NamesOf(picture).of(id));
  std::map<model::EntitlementId, AccessPath> ways{{entitlement, {entitlement}}};
  if (target.observed != nullptr) ways = Nesting(target.observed->grants).ways_to(entitlement);
  const std::vector<LineToAsk> lines = lines_towards(policy, identity->second, target_name, ways, index);
  const auto assignments = holding(world, id);
  const Desired desired = desired_of(policy, rules, id, policy::lifecycle_state(policy, identity->second, world.now),
                                     std::span<const LineToAsk>(lines), assignments);

  Why answer;
  answer.identity = id;
  answer.state = desired.state;
  note_unknown(target, entitlement, answer.unknown);
  for (const auto& trouble : desired.troubles) answer.unknown.push_back(trouble);
  for (const DesiredAccount& account : desired.accounts)
    for (const DesiredGrant& grant : account.grants)
      if (*account.target == target_name && grant.entitlement() == entitlement && !answer.wanted)
        answer.wanted = desired.reason(rules, grant.because);

  for (const HeldAccount& held : picture.accounts_of(id, target_name)) {
    if (held.account == nullptr) continue;
    for (const auto& grant : picture.grants_of(held)) {
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
          if (wanted.entitlement() == grant.entitlement && wanted.parameters() == grant.parameters)
            one.rule = desired.reason(rules, wanted.because);
      const DecisionView* decision = picture.decision(held, grant.entitlement, grant.parameters);
      if (decision != nullptr && decision->parameters == grant.parameters) one.decision = *decision->whole;
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

}  // namespace

Result<Why> why(const policy::PolicySet& policy, const World& world, model::IdentityId id,
                const model::TargetName& target, const model::EntitlementId& entitlement) {
  return why_in(policy, world, id, target, entitlement, nullptr);
}

Result<Why> why_among(const policy::PolicySet& policy, const population::Population& population, const Setting& setting,
                      model::IdentityId identity, const model::TargetName& target,
                      const model::EntitlementId& entitlement, const LineIndex* index) {
  const population::People& people = population.people();
  const model::IdentityId id = people.resolved(identity);
  Selection selection;
  if (id.valid() && people.contains(id)) selection.identities = {people.row(id)};
  World world = Extractor(policy, population, setting)(selection);
  const population::Accounts* accounts = population.accounts(target);
  const auto view = world.targets.find(target);
  if (accounts != nullptr && view != world.targets.end() && view->second.observed) {
    auto& grants = view->second.observed->grants;
    grants.insert(grants.begin(), accounts->nesting().begin(), accounts->nesting().end());  // before those of accounts
  }
  return why_in(policy, world, id, target, entitlement, index);
}

Result<Why> why(const policy::PolicySet& policy, const population::Population& population, const Setting& setting,
                model::IdentityId identity, const model::TargetName& target, const model::EntitlementId& entitlement) {
  return why_among(policy, population, setting, identity, target, entitlement, nullptr);
}

Result<WhoCan> who_can(const policy::PolicySet& policy, const population::Population& population,
                       const Setting& setting, const model::TargetName& target_name,
                       const model::EntitlementId& entitlement) {
  const World nobody = Extractor(policy, population, setting)({});
  const Picture picture(policy, nobody);
  if (!picture.targets().contains(target_name)) return fail(tenure::Reason::kNotFound, "target " + target_name.str());
  const TargetPicture& target = picture.target(target_name);
  WhoCan answer;
  note_unknown(target, entitlement, answer.unknown);
  const population::Accounts* accounts = population.accounts(target_name);
  if (target.observed == nullptr || accounts == nullptr) return answer;
  const auto ways = Nesting(accounts->nesting()).ways_to(entitlement);
  std::map<population::AccountIndex, std::vector<AccessPath>> reached;
  const std::set<population::AccountIndex> changed(accounts->changed().begin(), accounts->changed().end());
  for (const auto& [inner, path] : ways) {
    const population::EntitlementIndex index = accounts->entitlement(inner);
    if (index == population::kNobody) continue;
    if (index < accounts->observed().entitlements())
      for (const population::AccountIndex account : accounts->observed()[index])
        if (!changed.contains(account)) reached[account].push_back(path);
    // The arrays do not tell about accounts that were written since.
    for (const population::AccountIndex account : changed)
      for (const auto& right : accounts->observed_rights(account))
        if (right.entitlement == index) reached[account].push_back(path);
  }
  for (auto& [account, paths] : reached) {
    const auto& entry = accounts->entry(account);
    Reach reach;
    reach.account = {target_name, accounts->id(account)};
    reach.account_name = entry.observed ? std::string(accounts->name(account)) : reach.account.id.str();
    if (entry.observed) reach.enabled = entry.enabled;
    if (entry.owner != population::kNobody)
      reach.identity = population.people().resolved(population.people().id(entry.owner));
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
