#include <algorithm>
#include <map>
#include <set>

#include <tenure/base/text.hpp>
#include <tenure/governance/identity.hpp>

namespace tenure::governance {
namespace {

std::string subject_of(const model::Identity& identity) {
  return "identity:" + std::to_string(identity.id.value());
}

std::unexpected<Error> refuse(std::string why) {
  return fail(Reason::kIdentityMerge, std::move(why));
}

Status check(const model::Identity& keep, const model::Identity& gone, const MergeRequest& request) {
  if (keep.id == gone.id) return refuse(keep.key + " and " + gone.key + " are the same identity");
  for (const model::Identity* one : {&keep, &gone}) {
    if (one->alias_of.valid()) return refuse(one->key + " is an alias already");
    if (request.person.id == subject_of(*one))
      return fail(Reason::kSelfApproval, "nobody decides that they are somebody else");
  }
  if (keep.kind != gone.kind)
    return refuse(keep.key + " is a " + std::string(model::name_of(keep.kind)) + " and " + gone.key + " is a " +
                  std::string(model::name_of(gone.kind)));
  if (request.person.id.empty()) return refuse("a merge names a person");
  if (request.reason.empty()) return refuse("a merge gives a reason");
  return {};
}

using ByClass = std::map<std::pair<model::TargetName, std::string>, std::vector<const ClaimedAccount*>>;

// The accounts of classes that both have one of.
ByClass shared_classes(const model::Identity& keep, const std::vector<ClaimedAccount>& accounts) {
  ByClass all;
  for (const ClaimedAccount& one : accounts)
    if (one.claim.purpose != model::Purpose::kShared)
      all[{one.claim.account.target, one.account_class}].push_back(&one);
  std::erase_if(all, [&](const auto& entry) {
    const auto kept = std::count_if(entry.second.begin(), entry.second.end(),
                                    [&](const auto* one) { return one->claim.identity == keep.id; });
    return kept == 0 || static_cast<std::size_t>(kept) == entry.second.size();
  });
  return all;
}

Status settle_accounts(const model::Identity& keep, const std::vector<ClaimedAccount>& accounts,
                       const MergeRequest& request, Time now, IdentityMerge& out) {
  std::set<model::AccountRef> used;
  for (const auto& [place, rivals] : shared_classes(keep, accounts)) {
    std::vector<std::string> names;
    const ClaimedAccount* chosen = nullptr;
    int count = 0;
    for (const ClaimedAccount* one : rivals) {
      names.push_back(place.first.str() + ":" + (one->name.empty() ? one->claim.account.id.str() : one->name));
      if (std::find(request.first.begin(), request.first.end(), one->claim.account) == request.first.end()) continue;
      chosen = one;
      ++count;
      used.insert(one->claim.account);
    }
    if (count != 1)
      return refuse("both have an account of the class " + place.second + ": " + join(names, ", ") +
                    "; say which is first");
    for (const ClaimedAccount* one : rivals) {
      if (one == chosen || !one->granted_or_disabled) continue;
      out.decisions_ended.push_back(*one->granted_or_disabled);
    }
    if (chosen->granted_or_disabled) continue;
    model::Decision first;
    first.kind = model::DecisionKind::kGranted;
    first.account = chosen->claim.account;
    first.owner = first.actor = request.person.id;
    first.reason = "first of its class after a merge: " + request.reason;
    first.since = now;
    out.decisions.push_back(std::move(first));
  }
  for (const model::AccountRef& ref : request.first)
    if (!used.contains(ref)) return refuse(ref.target.str() + ":" + ref.id.str() + " has no rival of its class");
  return {};
}

// What the kept one has stays; the other fills what is missing. Facts stay with the alias too: records find it by them.
void join_identities(IdentityMerge& out) {
  model::Identity& kept = out.kept;
  model::Identity& alias = out.alias;
  for (const auto& [name, fact] : alias.facts) kept.facts.emplace(name, fact);
  kept.records.insert(kept.records.end(), alias.records.begin(), alias.records.end());
  std::sort(kept.records.begin(), kept.records.end());
  kept.engagements.insert(kept.engagements.end(), alias.engagements.begin(), alias.engagements.end());
  std::sort(kept.engagements.begin(), kept.engagements.end(),
            [](const model::Engagement& a, const model::Engagement& b) {
              return std::tie(a.source, a.key) < std::tie(b.source, b.key);
            });
  for (const model::Relation& relation : alias.relations) {
    const bool known = std::any_of(kept.relations.begin(), kept.relations.end(),
                                   [&](const model::Relation& one) { return one.kind == relation.kind; });
    if (!known && relation.to != kept.id) kept.relations.push_back(relation);
  }
  std::erase_if(kept.relations, [&](const model::Relation& one) { return one.to == alias.id; });
  std::sort(kept.relations.begin(), kept.relations.end(), [](const model::Relation& a, const model::Relation& b) {
    return std::tie(a.kind, a.to) < std::tie(b.kind, b.to);
  });
  alias.alias_of = kept.id;
  alias.records.clear();
  alias.engagements.clear();
  alias.relations.clear();
}

void redirect_relations(const std::vector<model::Identity>& everybody, IdentityMerge& out) {
  for (const model::Identity& one : everybody) {
    if (one.id == out.kept.id || one.id == out.alias.id) continue;
    model::Identity next = one;
    for (model::Relation& relation : next.relations)
      if (relation.to == out.alias.id) relation.to = out.kept.id;
    if (next.alias_of == out.alias.id) next.alias_of = out.kept.id;
    if (next != one) out.others.push_back(std::move(next));
  }
}

evidence::Draft draft_of(std::string_view type, const model::Identity& subject, const MergeRequest& request, Time now) {
  evidence::Draft draft;
  draft.type = type;
  draft.time = now;
  draft.case_id = request.case_id;
  draft.actor = request.person.actor;
  draft.mode = evidence::Mode::kRequested;
  draft.subject = subject_of(subject);
  draft.fields = {{"person", request.person.id}, {"reason", request.reason}};
  return draft;
}

}  // namespace

Result<IdentityMerge> merge_identities(const model::Identity& keep, const model::Identity& gone,
                                       const std::vector<ClaimedAccount>& accounts,
                                       const std::vector<model::NameTaken>& names,
                                       const std::vector<model::Identity>& everybody, const MergeRequest& request,
                                       Time now) {
  TENURE_CHECK_OK(check(keep, gone, request));
  IdentityMerge out;
  out.kept = keep;
  out.alias = gone;
  TENURE_CHECK_OK(settle_accounts(keep, accounts, request, now, out));
  join_identities(out);
  redirect_relations(everybody, out);
  evidence::Draft merged = draft_of(evidence::event::kIdentityMerged, gone, request, now);
  merged.refs = {subject_of(keep)};
  merged.facts = {{"into", subject_of(keep)}, {"records", gone.records.size()}};
  merged.fields.emplace("key", gone.key);
  merged.fields.emplace("into_key", keep.key);
  out.records.push_back(std::move(merged));
  for (const ClaimedAccount& one : accounts) {
    if (one.claim.identity != gone.id) continue;
    model::Claim claim = one.claim;
    claim.identity = keep.id;
    claim.reason = "merged by " + request.person.id + ": " + request.reason;
    evidence::Draft made = draft_of(evidence::event::kClaimMade, keep, request, now);
    made.target.system = claim.account.target.str();
    made.fields.emplace("account", claim.account.id.str());
    out.records.push_back(std::move(made));
    out.claims.push_back(std::move(claim));
  }
  for (model::NameTaken name : names) {
    if (name.identity != gone.id) continue;
    name.identity = keep.id;
    out.names.push_back(std::move(name));
  }
  return out;
}

}  // namespace tenure::governance
