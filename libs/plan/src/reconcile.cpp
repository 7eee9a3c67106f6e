#include "reconcile.hpp"

#include "assignments.hpp"
#include "attributes.hpp"
#include "causes.hpp"

#include <set>

#include <tenure/policy/lifecycle.hpp>

namespace tenure::plan {

Change change_on(const TargetPicture& target, const HeldAccount& held, model::IdentityId identity, Verb verb,
                 Lane lane) {
  Change change;
  change.verb = verb;
  change.lane = lane;
  change.target = target.doc->name;
  change.account = {held.ref.id, {}, held.name};
  change.account_class = held.account_class;
  change.purpose = held.account == nullptr ? model::Purpose::kNormal : held.account->purpose;
  change.identity = identity;
  return change;
}

Change grant_change(const TargetPicture& target, const HeldAccount& held, model::IdentityId identity, Verb verb,
                    Lane lane, const model::EntitlementId& entitlement, const model::Parameters& parameters) {
  Change change = change_on(target, held, identity, verb, lane);
  change.entitlement = entitlement;
  change.parameters = parameters;
  return change;
}

std::string shown(const model::EntitlementId& entitlement, const model::Parameters& parameters) {
  return parameters.empty() ? entitlement.str() : entitlement.str() + " " + parameters;
}

std::string owner_of(const TargetPicture& target, const model::EntitlementId& entitlement) {
  const auto* doc = target.doc->entitlement(entitlement);
  return doc == nullptr || doc->owner.empty() ? target.doc->owner : doc->owner;
}

void find_unexplained(Draft& draft, const TargetPicture& target, const HeldAccount& held, const GrantView& grant,
                      model::IdentityId identity, const std::string& owner, Time deadline) {
  draft.find(model::FindingKind::kUnexplained, held.ref, grant.entitlement, grant.parameters, identity,
             held.name + " holds " + shown(grant.entitlement, grant.parameters) + " in " + target.doc->name.str() +
                 " and nothing explains it",
             owner, deadline);
}

bool in_request(const PlanRequest& request, const TargetPicture& target) {
  return target.managed && (request.targets.empty() || request.targets.contains(target.doc->name));
}

Reconciler::Reconciler(Draft& draft, const PlanRequest& request, const Fitting& fitting, const DutyRights& duties,
                       const Screened* screened)
    : draft_(draft),
      request_(request),
      picture_(draft.picture()),
      duties_(draft, request, duties),
      names_of_(picture_),
      fitting_(fitting),
      screened_(screened) {}

bool Reconciler::in_request(const TargetPicture& target) const {
  return plan::in_request(request_, target);
}

void Reconciler::everyone() {
  for (const auto& [id, identity] : picture_.world().identities) {
    if (identity.alias_of.valid()) continue;
    if (!request_.identities.empty() && !request_.identities.contains(id)) continue;
    one(identity);
  }
}

void Reconciler::create(NameLedger& ledger) {
  for (Waiting& one : waiting_) {
    const std::size_t first = draft_.plan().changes.size();
    create_all(one.who, std::move(one.accounts), ledger);
    for (std::size_t i = first; i < draft_.plan().changes.size(); ++i) one.changes.push_back(i);
    duties_.settle(one.who.identity, one.who.desired, one.changes, one.who.assignments);
  }
  waiting_.clear();
  duties_.finish();
}

void Reconciler::nobodys() {
  for (const auto& [name, target] : picture_.targets())
    if (in_request(target) && target.answers) nobodys(target);
}

void Reconciler::one(const model::Identity& identity) {
  const Time now = picture_.world().now;
  draft_.due(policy::next_change(picture_.policy(), identity, now));
  policy::Subject rules(picture_.policy(), identity, names_of_.of(identity.id));
  std::vector<LineToAsk> asked;
  std::optional<std::span<const LineToAsk>> lines;
  if (screened_ != nullptr) lines = asked = screened_->lines(identity);
  std::vector<const model::Assignment*> assignments = holding(picture_.world(), identity.id);
  Desired desired = desired_of(picture_.policy(), rules, identity.id,
                               policy::lifecycle_state(picture_.policy(), identity, now), lines, assignments);
  look_again(draft_, identity, rules, desired.ended());
  Who who{identity, std::move(rules), std::move(desired), std::move(assignments)};
  const std::size_t first = draft_.plan().changes.size();
  std::vector<Pending> pending;
  for (const auto& [name, target] : picture_.targets()) {
    if (!in_request(target)) continue;
    const std::vector<HeldAccount> held = picture_.accounts_of(identity.id, name);
    for (const auto& type : target.doc->classes) {
      if (type.scope > model::Scope::kAdditive) continue;
      std::vector<HeldAccount> of_class;
      for (const auto& account : held)
        if (account.account_class == type.name) of_class.push_back(account);
      in_class(who, target, type, of_class, pending);
    }
  }
  if (screened_ == nullptr || !screened_->counted(identity.id)) count_undecided(who);
  for (const Refused& one : who.desired.refused)
    if (const auto target = picture_.targets().find(one.target); in_request(target->second))
      draft_.withhold(one.target, one.rule, one.why);
  std::vector<std::size_t> changes;
  for (std::size_t i = first; i < draft_.plan().changes.size(); ++i) changes.push_back(i);
  if (pending.empty())
    duties_.settle(identity, who.desired, changes, who.assignments);
  else
    waiting_.push_back({std::move(who), std::move(pending), std::move(changes)});
}

Cause Reconciler::cause_of(const Who& who, const Reason& reason, const TargetPicture& target) const {
  const std::string assignment = assignment_of(reason.rule);
  if (!assignment.empty()) return cause_of_request(assignment, who.identity.id);
  return cause_of_facts(picture_, who.identity, reason.facts, target);
}

// Pairs of an undecided line and what it would give (the account, an entitlement) that is not there, and that nothing
// else gives. docs/formats/plan.md defines it; the screen counts the same by column.
void Reconciler::count_undecided(const Who& who) {
  std::map<std::string, Undecided> counts;
  for (const Doubt& doubt : who.desired.doubts) {
    const policy::RoleGrant& grant = *doubt.line->grant;
    const auto found = picture_.targets().find(grant.target);
    if (found == picture_.targets().end() || !in_request(found->second)) continue;
    const TargetPicture& target = found->second;
    if (target.scope(grant.account_class) > model::Scope::kAdditive) continue;
    std::int64_t changes = 0;
    if (who.desired.account_state == model::AccountState::kEnabled) {
      bool there = false;
      std::set<model::EntitlementId> met;
      for (const HeldAccount& held : picture_.accounts_of(who.identity.id, grant.target)) {
        if (held.account_class != grant.account_class || held.account == nullptr) continue;
        there = true;
        for (const auto& one : picture_.grants_of(held)) met.insert(one.entitlement);
      }
      if (const DesiredAccount* wanted = who.desired.account(grant.target, grant.account_class)) {
        there = true;
        for (const DesiredGrant& one : wanted->grants) met.insert(one.entitlement());
      }
      changes += there ? 0 : 1;
      std::set<model::EntitlementId> given;
      for (const auto& entitled : grant.entitlements)
        if (target.scope(grant.account_class, entitled.id) <= model::Scope::kAdditive && !met.contains(entitled.id) &&
            given.insert(entitled.id).second)
          ++changes;
    }
    for (const auto& what : doubt.because) {
      counts[what].identities = 1;
      counts[what].changes += changes;
      counts[what].first.emplace(who.identity.id, who.identity.key);
    }
  }
  for (const auto& [what, count] : counts) draft_.undecided(what, count);
}

void Reconciler::in_class(Who& who, const TargetPicture& target, const policy::AccountClassDoc& type,
                          const std::vector<HeldAccount>& accounts, std::vector<Pending>& pending) {
  const DesiredAccount* wanted = who.desired.account(target.doc->name, type.name);
  if (accounts.empty()) {
    if (wanted != nullptr && who.desired.account_state == model::AccountState::kEnabled)
      pending.push_back({&target, &type, wanted});
    return;
  }
  bool first = true;
  for (const HeldAccount& held : accounts) {
    if (held.account == nullptr) {
      if (first && wanted != nullptr && who.desired.account_state == model::AccountState::kEnabled)
        gone(who, target, held);
    } else {
      AccountWork work{target, type, held, first ? wanted : nullptr, first};
      account(who, work);
    }
    first = false;
  }
}

void Reconciler::account(Who& who, AccountWork& work) {
  state(who, work);
  grants(who, work);
  unneeded(who, work);
  remove_later(who, work);
  attributes(who, work);
}

void Reconciler::create_all(Who& who, std::vector<Pending> pending, NameLedger& ledger) {
  // A login may follow a name that is allocated in another target: go round while it helps.
  for (bool progress = true; progress && !pending.empty();) {
    progress = false;
    std::vector<Pending> later;
    for (const Pending& one : pending) {
      if (create(who, one, ledger, false))
        progress = true;
      else
        later.push_back(one);
    }
    pending = std::move(later);
  }
  for (const Pending& one : pending) create(who, one, ledger, true);
}

std::string Reconciler::login_for(Who& who, const Pending& pending, NameLedger& ledger, Change& change,
                                  std::string& trouble) {
  std::string login;
  policy::AllocatedNames names = names_of_.of(who.identity.id);
  for (const policy::RoleGrant* grant : pending.wanted->given_by) {
    for (const auto& rule : grant->allocations) {
      if (change.names.contains(rule.attribute)) continue;
      const policy::Computed base = who.rules.value(rule.value);
      if (base.unknown || !base.value.is_string()) {
        trouble = base.unknown ? base.trouble : rule.attribute + " has no value";
        return "";
      }
      const auto name = ledger.allocate(pending.target->doc->name, rule, base.value.as_string(), who.identity.id);
      if (!name) {
        trouble = "no free name for " + rule.attribute;
        return "";
      }
      change.names[rule.attribute] = *name;
      names[rule.attribute] = *name;
      names_of_.add(who.identity.id, rule.attribute, *name);
      if (rule.is_login) login = *name;
    }
  }
  who.rules.set_names(std::move(names));
  for (const policy::RoleGrant* grant : pending.wanted->given_by) {
    if (!login.empty() || !grant->login) continue;
    const policy::Computed followed = who.rules.value(*grant->login);
    if (followed.unknown || !followed.value.is_string() || followed.value.as_string().empty()) {
      trouble = followed.unknown ? followed.trouble : "the login has no value";
      return "";
    }
    login = followed.value.as_string();
  }
  if (login.empty()) trouble = "no rule gives a login";
  return login;
}

bool Reconciler::create(Who& who, const Pending& pending, NameLedger& ledger, bool last_chance) {
  const TargetPicture& target = *pending.target;
  const model::TargetName& name = target.doc->name;
  if (picture_.create_in_flight(who.identity.id, name)) return true;
  const auto steps = static_cast<std::int64_t>(1 + pending.wanted->grants.size());
  if (!target.accounts_proven(pending.type->name)) {
    draft_.withhold(name, "accounts: " + pending.type->name, target.why_not_proven(), steps);
    return true;
  }
  if (const auto fits = fitting_.logins.find({who.identity.id, name, pending.type->name});
      fits != fitting_.logins.end()) {
    draft_.withhold(name, "identity " + who.identity.key,
                    "the account " + fits->second + " is there and nobody claims it, but it would fit", steps);
    return true;
  }
  Change change;
  std::string trouble;
  const std::string login = login_for(who, pending, ledger, change, trouble);
  if (login.empty()) {
    if (!last_chance) return false;
    draft_.withhold(name, "identity " + who.identity.key, trouble, steps);
    return true;
  }
  const bool allocated =
      !change.names.empty() && change.names.contains(login_attribute(picture_.policy(), name, pending.type->name));
  if (!allocated && !ledger.reserve_login(name, login, who.identity.id)) {
    draft_.find(model::FindingKind::kNameCollision, {name, {}}, {}, "", who.identity.id,
                who.identity.key + " should be " + login + " in " + name.str() + ", but that name is or was another's",
                target.doc->owner);
    return true;
  }
  if (!allocated) change.names["name"] = login;
  change.verb = Verb::kCreate;
  change.lane = Lane::kGrant;
  change.target = name;
  change.account.name = login;
  change.account_class = pending.type->name;
  change.purpose = pending.type->purpose;
  change.identity = who.identity.id;
  change.reason = who.account_reason(*pending.wanted);
  WantedAttributes wanted = attributes_of(who.rules, *pending.wanted, true);
  for (auto& [attribute, value] : wanted.values)
    if (!value.is_null()) change.attributes.emplace(attribute, std::move(value));
  const Cause cause = cause_of(who, change.reason, target);
  const model::ChangeId created = draft_.add(change, cause);
  for (const DesiredGrant& grant : pending.wanted->grants) {
    if (target.scope(pending.type->name, grant.entitlement()) > model::Scope::kAdditive) continue;
    Change grants = change;
    grants.verb = Verb::kGrant;
    grants.names.clear();
    grants.attributes.clear();
    grants.account.producer = created;
    grants.needs = {created};
    grants.entitlement = grant.entitlement();
    grants.parameters = grant.parameters();
    const Grounds& grounds = grounds_of(who, grant, target);
    grants.reason = grounds.reason;
    draft_.add(std::move(grants), grounds.cause);
  }
  return true;
}

void Reconciler::nobodys(const TargetPicture& target) {
  for (const auto& account : target.observed->accounts) {
    const model::AccountRef ref{target.doc->name, account.id};
    const auto* type = target.doc->account_class(account.account_class);
    if (type == nullptr || type->scope > model::Scope::kAdditive || picture_.claim_on(ref) != nullptr) continue;
    if (picture_.state_in_flight(ref)) continue;
    if (account.purpose == model::Purpose::kShared && !type->owner.empty()) {
      const HeldAccount held = picture_.held(target, account);
      for (const auto& grant : picture_.grants_of(held)) {
        if (target.scope(type->name, grant.entitlement) != model::Scope::kManaged) continue;
        const DecisionView* decision = picture_.decision(held, grant.entitlement, grant.parameters);
        if (decision == nullptr)
          drift_added(target, held, grant, {}, "", nullptr, nullptr);
        else if (decision->kind == model::DecisionKind::kBaseline)
          find_unexplained(draft_, target, held, grant, {}, std::string(decision->owner), decision->until);
      }
      continue;
    }
    std::string summary = "account " + account.name + " in " + target.doc->name.str() + " belongs to nobody";
    if (const auto fits = fitting_.keys.find(ref); fits != fitting_.keys.end())
      summary += "; it would fit " + fits->second;
    draft_.find(model::FindingKind::kOrphan, ref, {}, "", {}, std::move(summary),
                type->owner.empty() ? target.doc->owner : type->owner);
  }
}

}  // namespace tenure::plan
