#include "making.hpp"

#include "approvals.hpp"
#include "lives.hpp"
#include "nobodys.hpp"
#include "onboard.hpp"
#include "owners.hpp"
#include "revert.hpp"
#include "screen.hpp"
#include "settle.hpp"

#include <algorithm>

namespace tenure::plan {
namespace {

constexpr std::size_t kIdentitiesInPart = 512;
constexpr std::size_t kPartsOfWorker = 3;  // in one wave

Status check_onboarding(const Picture& picture, const model::TargetName& name) {
  const auto target = picture.targets().find(name);
  if (target == picture.targets().end())
    return fail(tenure::Reason::kNotFound, "the policy has no target " + name.str());
  if (target->second.answers && target->second.observed->coverage.complete) return {};
  const bool sure = target->second.answers;
  return fail(sure ? tenure::Reason::kTargetPartial : tenure::Reason::kTargetUnreachable,
              name.str() + ": " + target->second.why_not_proven() + "; a baseline needs a full reading");
}

}  // namespace

std::string purpose_of(const PlanRequest& request) {
  switch (request.kind) {
    case PlanRequest::Kind::kOnboard:
      return "onboard " + request.target.str();
    case PlanRequest::Kind::kRevert: {
      std::string text = "drift revert";
      for (const auto& id : request.findings) text += " " + id;
      return text;
    }
    case PlanRequest::Kind::kReconcile:
      break;
  }
  std::string text = "reconcile";
  for (const auto& target : request.targets) text += " " + target.str();
  for (const auto identity : request.identities) text += " #" + std::to_string(identity.value());
  return text;
}

Making::Making(const policy::PolicySet& policy, const population::Population& population, const Setting& setting,
               const PlanRequest& request, Workers& workers, Recall* recall)
    : policy_(policy),
      population_(population),
      setting_(setting),
      request_(request),
      workers_(workers),
      recall_(recall),
      extract_(policy, population, setting),
      duties_(policy, population),
      whole_(policy, extract_({}), request, 0, fitting_, duties_, nullptr) {}

Result<PlanResult> Making::run() {
  switch (request_.kind) {
    case PlanRequest::Kind::kOnboard:
      TENURE_CHECK_OK(check_onboarding(whole_.picture, request_.target));
      if (!whole_.picture.target(request_.target).managed) onboard();
      break;
    case PlanRequest::Kind::kReconcile:
      find_unanswered(policy_, population_, setting_, request_, whole_.draft);
      reconcile();
      break;
    case PlanRequest::Kind::kRevert:
      TENURE_CHECK_OK(revert());
      break;
  }
  return finish();
}

Result<PlanResult> Making::run_by_row(const World& world) {
  if (request_.kind != PlanRequest::Kind::kReconcile) return run();
  find_unanswered(policy_, population_, setting_, request_, whole_.draft);
  Portion part(policy_, world, request_, 1, fitting_, duties_, nullptr);
  fitting_ = find_fitting(part.picture, request_);
  part.reconciler.everyone();
  NameLedger ledger(policy_, population_, setting_);
  part.reconciler.create(ledger);
  if (request_.identities.empty()) part.reconciler.nobodys();
  whole_.draft.absorb(std::move(part.draft));
  name_silent_sources();
  return finish();
}

std::unique_ptr<Portion> Making::part_of(const Selection& selection, std::size_t number,
                                         const Screened* screened) const {
  Holdings holdings(policy_, known_ ? &*known_ : nullptr);
  World world = extract_(selection, holdings);
  return std::make_unique<Portion>(policy_, std::move(world), std::move(holdings), request_, number, fitting_, duties_,
                                   screened);
}

void Making::onboard() {
  const auto part = part_of(Selection::everybody(population_), 1, nullptr);
  Onboarding(part->draft, request_.target).run();
  whole_.draft.absorb(std::move(part->draft));
}

Status Making::revert() {
  Selection selection;
  for (const auto& id : request_.findings) {
    const auto finding = setting_.findings.find(id);
    if (finding == setting_.findings.end()) continue;
    if (population_.people().contains(finding->second.identity))
      selection.identities.push_back(population_.people().row(finding->second.identity));
    const population::Accounts* accounts = population_.accounts(finding->second.account.target);
    if (accounts == nullptr) continue;
    const population::AccountIndex account = accounts->find(finding->second.account.id);
    if (account != population::kNobody) selection.accounts[accounts->target()].push_back(account);
  }
  const auto part = part_of(selection, 1, nullptr);
  part->world.findings = setting_.findings;
  TENURE_CHECK_OK(revert_findings(part->draft, request_.findings));
  whole_.draft.absorb(std::move(part->draft));
  return {};
}

void Making::reconcile() {
  std::vector<population::IdentityIndex> rows;
  std::unique_ptr<Screen> screen;
  if (request_.identities.empty()) {
    nobodys();
    screen = std::make_unique<Screen>(policy_, population_, whole_.picture, setting_, request_, duties_, workers_);
    screen->count_into(whole_.draft);
    rows = screen->candidates();
  } else {
    for (const auto id : request_.identities)
      if (population_.people().contains(id)) rows.push_back(population_.people().row(id));
  }
  looked_at_ = rows.size();
  const Screened* screened = screen.get();
  if (screened == nullptr && recall_ != nullptr && recall_->lines) screened = &*recall_->lines;
  some(rows, screened);
  name_silent_sources();
}

// Accounts of nobody, and whom they would fit.
void Making::nobodys() {
  fitted_ = true;
  const Selection selection = accounts_of_nobody(policy_, population_, whole_.picture, request_);
  if (selection.accounts.empty()) return;
  const auto part = part_of(selection, 1, nullptr);
  fitting_ = find_fitting(part->picture, request_);
  part->reconciler.nobodys();
  whole_.draft.absorb(std::move(part->draft));
}

// In waves, so that no more values than those of a few parts are in memory at once. What parts have in common, names
// that must differ, is done for one wave while the next one is made.
void Making::some(const std::vector<population::IdentityIndex>& rows, const Screened* screened) {
  NameLedger ledger(policy_, population_, setting_);
  if (rows.size() > kIdentitiesInPart) known_.emplace(policy_, population_);
  const std::size_t wave = std::size_t{workers_.count()} * kPartsOfWorker;
  const std::size_t parts = (rows.size() + kIdentitiesInPart - 1) / kIdentitiesInPart;
  std::vector<std::unique_ptr<Portion>> before;
  for (std::size_t first = 0; first < parts || !before.empty(); first += wave) {
    std::vector<std::unique_ptr<Portion>> made(first < parts ? std::min(wave, parts - first) : 0);
    workers_.run(1 + made.size(), [&](std::size_t i) {
      if (i == 0) return take(before, ledger);
      const std::size_t begin = (first + i - 1) * kIdentitiesInPart;
      const std::size_t end = std::min(begin + kIdentitiesInPart, rows.size());
      Selection selection;
      selection.identities.assign(rows.begin() + static_cast<std::ptrdiff_t>(begin),
                                  rows.begin() + static_cast<std::ptrdiff_t>(end));
      made[i - 1] = part_of(selection, 2 + first + i - 1, screened);
      made[i - 1]->reconciler.everyone();
    });
    if (first == 0 && parts > wave) {  // the others will have about as many
      std::size_t changes = 0;
      for (const auto& part : made) changes += part->draft.plan().changes.size();
      whole_.draft.expect(changes * parts / made.size() * 5 / 4);
    }
    before = std::move(made);
  }
}

// In the order of identities. Many small values go here: as many as parts were made of.
void Making::take(std::vector<std::unique_ptr<Portion>>& parts, NameLedger& ledger) {
  for (auto& part : parts) {
    if (part->reconciler.creates() && !fitted_) fit();
    part->reconciler.create(ledger);
    whole_.draft.absorb(std::move(part->draft));
    part.reset();
  }
  parts.clear();
}

// Whether no target that is asked for has an account without a claim: then nothing can fit anybody.
bool Making::all_claimed() {
  for (const auto& [name, target] : whole_.picture.targets()) {
    const population::Accounts* accounts = population_.accounts(name);
    if (!in_request(request_, target) || accounts == nullptr) continue;
    if (recall_ != nullptr)
      if (const auto known = recall_->all_claimed.find(name);
          known != recall_->all_claimed.end() && known->second == accounts->version())
        continue;
    for (const auto& entry : accounts->entries())
      if (entry.observed && !entry.claimed) return false;
    if (recall_ != nullptr) recall_->all_claimed[name] = accounts->version();
  }
  return true;
}

// A plan for some takes the numbers that the last plan for everyone counted: they are what shares are taken of.
Headcount Making::count_heads() {
  if (recall_ != nullptr && recall_->headcount && !request_.identities.empty()) return *recall_->headcount;
  Headcount counted = headcount(policy_, population_);
  if (recall_ != nullptr) recall_->headcount = counted;
  return counted;
}

void Making::fit() {
  fitted_ = true;
  if (all_claimed()) return;
  const Portion part(policy_, extract_(accounts_of_nobody(policy_, population_, whole_.picture, request_)), request_, 1,
                     fitting_, duties_, nullptr);
  fitting_ = find_fitting(part.picture, request_);
}

void Making::name_silent_sources() {
  for (const auto& source : setting_.silent_sources)
    whole_.draft.withhold({}, "source " + source.str(), "its last feed was held or is missing; facts may be old", 0);
}

Result<PlanResult> Making::finish() {
  Draft& draft = whole_.draft;
  draft.finish();
  PlanResult result;
  std::vector<GuardResult> guards;
  const auto evaluate = [&] {
    if (request_.kind == PlanRequest::Kind::kOnboard) return;
    result.headcount = count_heads();
    guards =
        evaluate_guards(policy_, setting_.now, setting_.history, result.headcount, draft.plan(), request_.released);
  };
  std::vector<ApprovalNeeded> approvals;
  const Lives lives(policy_, population_.people(), setting_.now);
  const auto approve = [&] {
    approvals = approvals_needed(policy_, [&](model::IdentityId id) { return lives.state(id); }, draft.plan());
  };
  if (request_.released.empty()) {
    workers_.run(2, [&](std::size_t piece) { piece == 0 ? evaluate() : approve(); });
  } else {
    evaluate();
    leave_out_held(draft, guards);
    approve();
  }
  // A guard that holds nothing is no part of the plan: what it counted moves with time and would change the digest.
  std::erase_if(guards, [&](const GuardResult& guard) { return !guard.held && request_.released.empty(); });
  result.plan = std::move(draft.plan());
  result.plan.guards = std::move(guards);
  if (request_.kind != PlanRequest::Kind::kOnboard)
    for (GuardResult& stated : replacing_guards(policy_, result.plan)) result.plan.guards.push_back(std::move(stated));
  result.plan.approvals = std::move(approvals);
  settle_findings(request_, population_, setting_.findings, draft, result);
  result.next_due = draft.next_due();
  result.looked_at = looked_at_;
  TENURE_TRY(result.frozen, freeze(result.plan, workers_));
  return result;
}

}  // namespace tenure::plan
