#include "draft.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace tenure::plan {

void Undecided::add(const Undecided& others) {
  identities += others.identities;
  changes += others.changes;
  first.insert(others.first.begin(), others.first.end());
  while (first.size() > kShown) first.erase(std::prev(first.end()));
}

Draft::Draft(const Picture& picture, std::string purpose, std::size_t part)
    : picture_(picture), prefix_("#" + std::to_string(part) + ".") {
  plan_.policy = picture.policy().digest;
  plan_.purpose = std::move(purpose);
}

model::ChangeId Draft::add(Change change, const Cause& cause) {
  change.id = model::ChangeId(prefix_ + std::to_string(plan_.changes.size()));
  change.kind = kind_of(change.verb);
  change.cause = cause.id;
  const policy::TargetDoc& doc = *picture_.target(change.target).doc;
  change.manual = doc.manual && is_remote(change.verb);
  if (!change.entitlement.empty())
    change.risk = doc.risk_of(change.entitlement);
  else if (change.purpose == model::Purpose::kAdmin)
    change.risk = model::Risk::kPrivileged;  // an account for administration is what it can do
  causes_.try_emplace(cause.id, cause);
  plan_.changes.push_back(std::move(change));
  return plan_.changes.back().id;
}

void Draft::withhold(const model::TargetName& target, const std::string& what, const std::string& reason,
                     std::int64_t changes) {
  unknowns_[{target, what, reason}] += changes;
}

void Draft::undecided(const std::string& what, const Undecided& who) {
  undecided_[what].add(who);
}

void Draft::absorb(Draft&& part) {
  plan_.changes.insert(plan_.changes.end(), std::make_move_iterator(part.plan_.changes.begin()),
                       std::make_move_iterator(part.plan_.changes.end()));
  plan_.later.insert(plan_.later.end(), std::make_move_iterator(part.plan_.later.begin()),
                     std::make_move_iterator(part.plan_.later.end()));
  part.plan_.changes.clear();
  causes_.merge(part.causes_);
  for (const auto& [key, changes] : part.unknowns_) unknowns_[key] += changes;
  for (const auto& [what, who] : part.undecided_) undecided_[what].add(who);
  findings_.merge(part.findings_);
  assignments_.merge(part.assignments_);
  decisions_.merge(part.decisions_);
  next_due_ = std::min(next_due_, part.next_due_);
}

void Draft::find(model::FindingKind kind, const model::AccountRef& account, const model::EntitlementId& entitlement,
                 const model::Parameters& parameters, model::IdentityId identity, std::string summary,
                 std::string owner, Time deadline) {
  std::string id = model::finding_id(kind, account, entitlement, parameters, identity);
  const auto [it, fresh] = findings_.try_emplace(std::move(id));
  if (!fresh) return;
  model::Finding& finding = it->second;
  finding.id = it->first;
  finding.kind = kind;
  finding.account = account;
  finding.entitlement = entitlement;
  finding.parameters = parameters;
  finding.identity = identity;
  finding.summary = std::move(summary);
  finding.owner = std::move(owner);
  finding.opened_at = picture_.world().now;
  finding.deadline = deadline;
}

void Draft::find(model::Finding finding) {
  finding.opened_at = picture_.world().now;
  findings_.emplace(finding.id, std::move(finding));
}

void Draft::moved(model::Assignment assignment) {
  assignments_.insert_or_assign(assignment.id, std::move(assignment));
}

void Draft::moved(model::Decision decision) {
  std::string id = row_id(decision);
  decisions_.insert_or_assign(std::move(id), std::move(decision));
}

void Draft::drop(const std::set<model::ChangeId>& ids) {
  if (ids.empty()) return;
  std::erase_if(plan_.changes, [&](const Change& change) { return ids.contains(change.id); });
  std::set<model::CauseId> left;
  for (const Change& change : plan_.changes) left.insert(change.cause);
  std::erase_if(causes_, [&](const auto& one) { return !left.contains(one.first); });
}

void Draft::due(Time at) {
  if (at > picture_.world().now) next_due_ = std::min(next_due_, at);
}

void Draft::finish() {
  plan_.causes.clear();
  plan_.causes.reserve(causes_.size());
  for (const auto& [id, cause] : causes_) plan_.causes.push_back(cause);
  std::sort(plan_.causes.begin(), plan_.causes.end(), [](const Cause& a, const Cause& b) { return a.id < b.id; });
  auto unknowns = unknowns_;
  for (const auto& [what, who] : undecided_) {
    std::string reason =
        "unknown of " + std::to_string(who.identities) + (who.identities == 1 ? " identity: " : " identities: ");
    for (const auto& [id, key] : who.first) reason += (reason.ends_with(": ") ? "" : ", ") + key;
    if (std::cmp_greater(who.identities, who.first.size())) reason += ", ...";
    unknowns[{{}, what, std::move(reason)}] += who.changes;
  }
  plan_.unknowns.clear();
  for (const auto& [key, changes] : unknowns)
    plan_.unknowns.push_back({std::get<0>(key), std::get<1>(key), std::get<2>(key), changes});
}

}  // namespace tenure::plan
