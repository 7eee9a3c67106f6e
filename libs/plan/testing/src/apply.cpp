#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>

#include <tenure/plan/memory.hpp>
#include <tenure/plan/testing/small_world.hpp>

namespace tenure::plan::testing {
namespace {

[[noreturn]] void give_up(const Change& change, const std::string& message) {
  std::fprintf(stderr, "apply %s %s %s: %s\n", std::string(name_of(change.verb)).c_str(), change.target.str().c_str(),
               change.account.name.c_str(), message.c_str());
  std::abort();
}

class Applier {
 public:
  Applier(const policy::PolicySet& policy, World& world) : policy_(policy), world_(world) {}

  // The account that the change was about.
  model::NativeId carry_out(const Change& change) {
    if (!is_remote(change.verb)) return change.account.id;
    model::Observation& observed = *world_.targets.at(change.target).observed;
    if (change.verb == Verb::kCreate) {
      made_[change.id] = create(change, observed);
      return made_[change.id];
    }
    const model::NativeId id = change.account.id.empty() ? made_.at(change.account.producer) : change.account.id;
    const auto account = std::find_if(observed.accounts.begin(), observed.accounts.end(),
                                      [&](const model::Account& one) { return one.id == id; });
    if (account == observed.accounts.end()) give_up(change, "the account is not there");
    switch (change.verb) {
      case Verb::kEnable:
      case Verb::kDisable:
        if (account->enabled != change.prior_present) give_up(change, "not in the expected state");
        account->enabled = change.verb == Verb::kEnable;
        break;
      case Verb::kUpdate:
        for (const auto& [name, value] : change.attributes) {
          if (account->attributes[name] != change.prior.at(name)) give_up(change, name + " has moved");
          account->attributes[name] = value;
        }
        break;
      case Verb::kDelete:
        observed.accounts.erase(account);
        break;
      case Verb::kGrant:
        grant(change, observed, id);
        break;
      case Verb::kRevoke:
        if (std::erase_if(observed.grants,
                          [&](const model::Grant& one) { return is(one, change, id, change.parameters); }) == 0)
          give_up(change, "not held");
        break;
      default:
        break;
    }
    return id;
  }

 private:
  static bool is(const model::Grant& one, const Change& change, const model::NativeId& id,
                 const model::Parameters& parameters) {
    return one.holder.account == id && one.entitlement == change.entitlement && one.parameters == parameters;
  }

  model::NativeId create(const Change& change, model::Observation& observed) {
    model::Account account;
    account.id = model::NativeId("id-" + change.account.name);
    for (const auto& other : observed.accounts)
      if (other.id == account.id || other.name == change.account.name) give_up(change, "the account is there already");
    account.name = change.account.name;
    account.account_class = change.account_class;
    account.purpose = change.purpose;
    if (const auto* type = policy_.targets.at(change.target).account_class(change.account_class))
      for (const auto& attribute : type->attributes) account.attributes[attribute] = nullptr;
    for (const auto& [name, value] : change.attributes) account.attributes[name] = value;
    const model::NativeId id = account.id;
    observed.accounts.push_back(std::move(account));
    return id;
  }

  void grant(const Change& change, model::Observation& observed, const model::NativeId& id) {
    const auto held = std::find_if(observed.grants.begin(), observed.grants.end(), [&](const model::Grant& one) {
      return is(one, change, id, change.prior_present ? change.prior_parameters : change.parameters);
    });
    if ((held != observed.grants.end()) != change.prior_present) give_up(change, "not as expected");
    if (held != observed.grants.end())
      held->parameters = change.parameters;
    else
      observed.grants.push_back({model::Holder{id, {}}, change.entitlement, change.parameters});
  }

  const policy::PolicySet& policy_;
  World& world_;
  std::map<model::ChangeId, model::NativeId> made_;
};

void remember(const Remembered& memory, const Change& change, World& world) {
  for (const auto& id : memory.claims_ended)
    std::erase_if(world.claims, [&](const auto& one) { return row_id(one.second) == id; });
  for (const auto& id : memory.decisions_ended) world.decisions.erase(id);
  for (const auto& claim : memory.claims) world.claims[claim.account] = claim;
  for (const auto& decision : memory.decisions) world.decisions[row_id(decision)] = decision;
  for (const auto& name : memory.names) world.names[row_id(name)] = name;
  if (!memory.managed) return;
  world.targets.at(change.target).state.managed = true;
  world.targets.at(change.target).state.managed_since = world.now;
}

}  // namespace

void apply(const policy::PolicySet& policy, const PlanResult& result, World& world, const ApplyOptions& options) {
  std::map<model::CauseId, std::string> roots;
  for (const Cause& cause : result.plan.causes) roots[cause.id] = cause.root;
  Applier applier(policy, world);
  for (const Change& change : result.plan.changes) {
    const model::NativeId account = applier.carry_out(change);
    const auto memory = remembered_after(change, account, world.now);
    if (!memory) give_up(change, memory.error().to_string());
    if (options.forgets != name_of(change.verb)) remember(*memory, change, world);
    if (is_remote(change.verb))
      world.history.push_back({world.now, roots[change.cause], change.target, change.verb, change.lane, account, "",
                               change.identity, change.risk, change.account_class, change.entitlement});
  }
  for (auto& [name, view] : world.targets)
    if (view.observed) view.observed->sort();
  for (const auto& finding : result.findings) world.findings[finding.id] = finding;
  for (const auto& [id, answer] : result.findings_to_close) world.findings.erase(id);
}

}  // namespace tenure::plan::testing
