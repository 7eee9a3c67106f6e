#include "duties.hpp"

#include "assignments.hpp"
#include "reconcile.hpp"

#include <algorithm>
#include <deque>

namespace tenure::plan {

DutyRights::DutyRights(const policy::PolicySet& policy, const population::Population& population) : none_(policy) {
  std::set<policy::Duty::Right> wanted;
  for (const auto& document : policy.duties)
    for (const auto& duty : document.duties) wanted.insert(duty.rights.begin(), duty.rights.end());
  for (const auto& right : wanted) {
    policy::DutySet duties(policy);
    duties.add(right.target, right.entitlement);
    std::map<model::EntitlementId, std::vector<model::EntitlementId>> members;
    if (const population::Accounts* accounts = population.accounts(right.target))
      for (const model::Grant& grant : accounts->nesting())
        members[grant.entitlement].push_back(grant.holder.entitlement);
    // Every entitlement from which the right is reached.
    std::deque<model::EntitlementId> open{right.entitlement};
    std::set<model::EntitlementId> seen{right.entitlement};
    while (!open.empty()) {
      const model::EntitlementId outer = open.front();
      open.pop_front();
      rights_.try_emplace({right.target, outer}, none_).first->second.add(duties);
      for (const auto& inner : members[outer])
        if (seen.insert(inner).second) open.push_back(inner);
    }
  }
}

const policy::DutySet& DutyRights::of(const model::TargetName& target, const model::EntitlementId& entitlement) const {
  const auto found = rights_.find({target, entitlement});
  return found == rights_.end() ? none_ : found->second;
}

Duties::Duties(Draft& draft, const PlanRequest& request, const DutyRights& rights)
    : draft_(draft),
      picture_(draft.picture()),
      policy_(draft.picture().policy()),
      request_(request),
      rights_(rights),
      none_(policy_) {
  for (const auto& [name, role] : policy_.roles) any_gap_ = any_gap_ || !role.gap.empty();
}

const policy::GrantLine* Duties::line_of(const std::string& rule, model::IdentityId identity) const {
  if (const auto found = policy_.lines_of_rule.find(rule); found != policy_.lines_of_rule.end())
    return &policy_.lines[found->second.front()];
  const std::string id = assignment_of(rule);
  const auto all = picture_.world().assignments.find(identity);
  if (id.empty() || all == picture_.world().assignments.end()) return nullptr;
  for (const model::Assignment& one : all->second) {
    if (one.id != id) continue;
    const auto lines = policy_.request_lines.find(one.role);
    return lines == policy_.request_lines.end() || lines->second.empty() ? nullptr : &lines->second.front();
  }
  return nullptr;
}

// Of a request the role that was asked for counts; of a rule, every role on the way.
policy::DutySet Duties::of_rule(const std::string& rule, model::IdentityId identity) const {
  policy::DutySet duties = none_;
  if (const policy::GrantLine* line = line_of(rule, identity)) {
    if (assignment_of(rule).empty())
      duties.add(*line);
    else
      duties.add(line->outermost());
  }
  return duties;
}

// A role counts as held when what is there was given because of it, and it is given still; or while that goes.
std::vector<Duties::Held> Duties::held_by(const model::Identity& identity, const Desired& desired,
                                          const std::vector<std::size_t>& changes) const {
  std::vector<Held> out;
  const auto& all = draft_.plan().changes;
  for (const model::Claim* claim : picture_.claims_of(identity.id)) {
    if (!picture_.targets().contains(claim->account.target)) continue;
    const HeldAccount account = picture_.held(*claim);
    for (const GrantView& grant : picture_.grants_of(account)) {
      Held held{picture_.decision(account, grant.entitlement, grant.parameters),
                rights_.of(claim->account.target, grant.entitlement), nullptr,
                grant.entitlement.str() + " in " + claim->account.target.str()};
      for (const std::size_t i : changes)
        if (all[i].verb == Verb::kRevoke && all[i].target == claim->account.target &&
            all[i].account.id == claim->account.id && all[i].entitlement == grant.entitlement &&
            all[i].parameters == grant.parameters)
          held.revocation = &all[i];
      if (held.decision != nullptr && held.decision->kind == model::DecisionKind::kGranted) {
        const policy::GrantLine* line = line_of(std::string(held.decision->actor), identity.id);
        const bool given = std::any_of(desired.given.begin(), desired.given.end(), [&](const policy::GrantLine* one) {
          return line != nullptr && one->outermost() == line->outermost();
        });
        const auto& later = draft_.plan().later;
        const bool stays = std::any_of(later.begin(), later.end(), [&](const Later& one) {
          return one.identity == identity.id && one.target == claim->account.target &&
                 one.account.id == claim->account.id && one.entitlement == grant.entitlement &&
                 one.parameters == grant.parameters;
        });
        if (given || stays || held.revocation != nullptr)
          held.duties.add(of_rule(std::string(held.decision->actor), identity.id));
      }
      out.push_back(std::move(held));
    }
  }
  return out;
}

// What is given anew, in the order in which it counts as first: rules by name, then requests by their beginning.
std::vector<std::size_t> Duties::additions_of(model::IdentityId identity,
                                              const std::vector<std::size_t>& of_identity) const {
  std::vector<std::size_t> out;
  const auto& changes = draft_.plan().changes;
  for (const std::size_t i : of_identity)
    if (changes[i].verb == Verb::kGrant && changes[i].lane == Lane::kGrant) out.push_back(i);
  const auto since = [&](const Change& change) {
    const std::string id = assignment_of(change.reason.rule);
    if (id.empty()) return Time();
    const auto all = picture_.world().assignments.find(identity);
    if (all != picture_.world().assignments.end())
      for (const model::Assignment& one : all->second)
        if (one.id == id) return one.since;
    return Time::never();
  };
  std::stable_sort(out.begin(), out.end(), [&](std::size_t a, std::size_t b) {
    const Time left = since(changes[a]), right = since(changes[b]);
    return left != right ? left < right : changes[a].reason.rule < changes[b].reason.rule;
  });
  return out;
}

void Duties::wait_for_gaps(const model::Identity& identity, const std::vector<std::size_t>& additions,
                           const std::vector<Held>& held) {
  auto& changes = draft_.plan().changes;
  for (const std::size_t i : additions) {
    const policy::GrantLine* line = line_of(changes[i].reason.rule, identity.id);
    if (line == nullptr) continue;
    const auto& gap = policy_.role(line->outermost())->gap;
    if (gap.empty()) continue;
    for (const Held& one : held) {
      if (one.decision == nullptr || one.decision->kind != model::DecisionKind::kGranted) continue;
      const policy::GrantLine* giver = line_of(std::string(one.decision->actor), identity.id);
      if (giver == nullptr || std::find(gap.begin(), gap.end(), giver->outermost()) == gap.end()) continue;
      if (one.revocation != nullptr) {
        changes[i].needs.push_back(one.revocation->id);
      } else if (dropped_.insert(changes[i].id).second) {
        draft_.withhold(changes[i].target, policy::shown(line->outermost()),
                        "waits until " + one.shown + " is gone, which " + policy::shown(giver->outermost()) + " gave");
      }
    }
  }
}

void Duties::separate(const model::Identity& identity, const Desired& desired,
                      const std::vector<std::size_t>& additions, const std::vector<Held>& held,
                      const std::vector<const model::Assignment*>& exceptions) {
  policy::DutySet stays = none_;
  for (const Held& one : held)
    if (one.revocation == nullptr) stays.add(one.duties);
  policy::DutySet meant = stays;  // with what is not given because of a conflict
  for (const policy::GrantLine* line : desired.given) {
    const TargetPicture& target = picture_.target(line->grant->target);
    if (in_request(request_, target) && target.scope(line->grant->account_class) <= model::Scope::kAdditive)
      meant.add(*line);
  }
  auto& changes = draft_.plan().changes;
  const auto excepted = [&](std::size_t n) {
    return policy_.duties[n].exceptions &&
           std::any_of(exceptions.begin(), exceptions.end(), [&](const model::Assignment* one) {
             return one->kind == model::AssignmentKind::kException && one->duties == policy_.duties[n].name;
           });
  };
  std::vector<std::vector<std::string>> withheld(policy_.duties.size());
  for (const std::size_t i : additions) {
    if (dropped_.contains(changes[i].id)) continue;
    policy::DutySet more = rights_.of(changes[i].target, changes[i].entitlement);
    more.add(of_rule(changes[i].reason.rule, identity.id));
    meant.add(more);
    bool conflict = false;
    for (std::size_t n = 0; n < policy_.duties.size(); ++n) {
      if (excepted(n) || !stays.completes(n, more)) continue;
      conflict = true;
      withheld[n].push_back(changes[i].entitlement.str() + " in " + changes[i].target.str());
      draft_.withhold(changes[i].target, "duties " + policy_.duties[n].name, "they would meet in one identity");
    }
    if (conflict) {
      dropped_.insert(changes[i].id);
      continue;
    }
    stays.add(more);
    // What goes must be gone before: in between, the duties would meet.
    for (const Held& one : held) {
      if (one.revocation == nullptr) continue;
      policy::DutySet with = stays;
      with.add(one.duties);
      for (std::size_t n = 0; n < policy_.duties.size(); ++n)
        if (!excepted(n) && with.violates(n) && !stays.violates(n)) {
          changes[i].needs.push_back(one.revocation->id);
          break;
        }
    }
  }
  for (std::size_t n = 0; n < policy_.duties.size(); ++n) {
    if (excepted(n) || !meant.violates(n)) continue;
    const policy::DutiesDoc& document = policy_.duties[n];
    model::Finding finding;
    finding.kind = model::FindingKind::kSod;
    finding.identity = identity.id;
    finding.about = document.name;
    finding.id = model::finding_id(finding.kind, {}, {}, "", identity.id, finding.about);
    finding.owner = document.owner;
    finding.summary =
        "conflict of duties " + document.name + " in " + identity.key + ": " + policy::names_of(document, meant.of(n));
    for (std::size_t i = 0; i < withheld[n].size(); ++i)
      finding.summary += (i == 0 ? "; not given: " : ", ") + withheld[n][i];
    draft_.find(std::move(finding));
  }
}

void Duties::settle(const model::Identity& identity, const Desired& desired, const std::vector<std::size_t>& changes,
                    const std::vector<const model::Assignment*>& exceptions) {
  if (!any_gap_ && policy_.duties.empty()) return;
  const std::vector<Held> held = held_by(identity, desired, changes);
  const std::vector<std::size_t> additions = additions_of(identity.id, changes);
  if (any_gap_) wait_for_gaps(identity, additions, held);
  if (!policy_.duties.empty()) separate(identity, desired, additions, held, exceptions);
}

void Duties::finish() {
  draft_.drop(dropped_);
}

}  // namespace tenure::plan
