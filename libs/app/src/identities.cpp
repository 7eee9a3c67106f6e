#include "people.hpp"
#include "state.hpp"
#include "world.hpp"

#include <tenure/app/identities.hpp>
#include <tenure/base/text.hpp>
#include <tenure/governance/identity.hpp>
#include <tenure/policy/lifecycle.hpp>

namespace tenure::app {
namespace {

const model::Account* read_account(const plan::World& world, const model::AccountRef& ref) {
  const auto view = world.targets.find(ref.target);
  if (view == world.targets.end() || !view->second.observed) return nullptr;
  for (const auto& account : view->second.observed->accounts)
    if (account.id == ref.id) return &account;
  return nullptr;
}

std::vector<governance::ClaimedAccount> accounts_of(const plan::World& world, model::IdentityId a,
                                                    model::IdentityId b) {
  std::vector<governance::ClaimedAccount> all;
  for (const auto& [ref, claim] : world.claims) {
    if (claim.identity != a && claim.identity != b) continue;
    governance::ClaimedAccount one;
    one.claim = claim;
    if (const auto* account = read_account(world, ref); account != nullptr) {
      one.account_class = account->account_class;
      one.name = account->name;
    }
    for (const auto& [id, decision] : world.decisions)
      if (decision.account == ref && decision.entitlement.empty() &&
          (decision.kind == model::DecisionKind::kGranted || decision.kind == model::DecisionKind::kDisabled))
        one.granted_or_disabled = decision;
    all.push_back(std::move(one));
  }
  return all;
}

// "office:aberg2": by login, else by the target's own id.
Result<model::AccountRef> account_named(const std::vector<governance::ClaimedAccount>& accounts,
                                        const std::string& text) {
  for (const auto& one : accounts) {
    const std::string target = one.claim.account.target.str() + ":";
    if (ascii_lower(text) == ascii_lower(target + one.name) || text == target + one.claim.account.id.str())
      return one.claim.account;
  }
  return fail(Reason::kNotFound, "neither of the two has an account \"" + text + "\" (target:login)");
}

void write_identity(const Workspace& workspace, const model::Identity& identity, Time now, store::Batch& batch) {
  const auto state = policy::lifecycle_state(workspace.policy(), identity, now);
  batch.writes.push_back(write_of(identity, model::name_of(state)));
}

}  // namespace

Result<MergedIdentities> merge_identities(Workspace& workspace, const MergeIdentitiesRequest& request) {
  TENURE_TRY(const plan::World world, load_world(workspace));
  TENURE_TRY(const model::Identity* keep, must_find_identity(world, request.keep));
  TENURE_TRY(const model::Identity* gone, must_find_identity(world, request.gone));
  const auto accounts = accounts_of(world, keep->id, gone->id);
  governance::MergeRequest merge;
  merge.person = person_of(world, workspace.actor().name);
  merge.reason = request.reason;
  merge.case_id = workspace.environment().random.uuid();
  for (const std::string& text : request.first) {
    TENURE_TRY(model::AccountRef ref, account_named(accounts, text));
    merge.first.push_back(std::move(ref));
  }
  std::vector<model::NameTaken> names;
  for (const auto& [id, name] : world.names)
    if (name.identity == gone->id) names.push_back(name);
  std::vector<model::Identity> everybody;
  for (const auto& [id, identity] : world.identities) everybody.push_back(identity);
  TENURE_TRY(auto merged, governance::merge_identities(*keep, *gone, accounts, names, everybody, merge, world.now));

  store::Batch batch;
  write_identity(workspace, merged.kept, world.now, batch);
  write_identity(workspace, merged.alias, world.now, batch);
  for (const auto& other : merged.others) write_identity(workspace, other, world.now, batch);
  for (const auto& claim : merged.claims) batch.writes.push_back(write_of(claim));
  for (const auto& decision : merged.decisions) batch.writes.push_back(write_of(decision));
  for (const auto& decision : merged.decisions_ended) batch.writes.push_back(erase_of(decision));
  for (const auto& name : merged.names) batch.writes.push_back(write_of(name));
  batch.records = std::move(merged.records);
  evidence::Draft closed = batch.records.front();
  closed.type = evidence::event::kCaseClosed;
  closed.facts = {};
  closed.fields = {};
  closed.refs = {};
  batch.records.push_back(std::move(closed));
  TENURE_CHECK_OK(workspace.store().commit(batch));
  return MergedIdentities{std::move(merged.kept), std::move(merged.alias), merged.claims.size(), merged.names.size(),
                          merged.others.size()};
}

}  // namespace tenure::app
