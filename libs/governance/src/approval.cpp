#include "codec.hpp"

#include <algorithm>
#include <set>

#include <tenure/governance/approval.hpp>

namespace tenure::governance {
namespace {

bool contains(const std::vector<std::string>& values, const std::string& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

// Empty list of approvers: anybody who is not the requester.
bool may_approve(const plan::ApprovalNeeded& needed, const Consent& consent) {
  if (needed.count == 0) return false;
  if (needed.approvers.empty() || contains(needed.approvers, consent.person.id)) return true;
  return std::any_of(consent.roles.begin(), consent.roles.end(),
                     [&](const std::string& role) { return contains(needed.approvers, role); });
}

}  // namespace

std::string row_id(const Approval& approval) {
  return approval.plan.str() + "/" + approval.person;
}

Result<Transition<Approval>> approve(const Consent& consent, const std::vector<plan::ApprovalNeeded>& needed,
                                     Time now) {
  if (consent.person.id.empty()) return fail(Reason::kNotEntitledToApprove, "an approval names a person");
  if (consent.person.id == consent.requester)
    return fail(Reason::kSelfApproval, consent.person.id + " asked for this plan");
  if (contains(consent.requesters, consent.person.id))
    return fail(Reason::kSelfApproval, consent.person.id + " asked for something in this plan");
  if (contains(consent.beneficiaries, consent.person.id))
    return fail(Reason::kSelfApproval, consent.person.id + " receives access by this plan");

  Approval approval{.plan = consent.plan, .person = consent.person.id, .comment = consent.comment, .at = now};
  for (const plan::ApprovalNeeded& one : needed)
    if (may_approve(one, consent)) approval.rules.push_back(one.rule);
  const bool person_needed =
      std::any_of(needed.begin(), needed.end(), [](const plan::ApprovalNeeded& one) { return one.count > 0; });
  if (person_needed && approval.rules.empty())
    return fail(Reason::kNotEntitledToApprove, consent.person.id + " is none of the approvers");
  std::sort(approval.rules.begin(), approval.rules.end());
  approval.releases = consent.releases;
  std::sort(approval.releases.begin(), approval.releases.end());

  evidence::Draft draft;
  draft.type = evidence::event::kApprovalGranted;
  draft.time = now;
  draft.case_id = consent.case_id;
  draft.actor = consent.person.actor;
  draft.mode = evidence::Mode::kRequested;
  draft.refs = {consent.plan.str()};
  draft.fields = {
      {"person", approval.person}, {"comment", approval.comment}, {"rules", codec::put_strings(approval.rules)}};
  draft.facts = {{"released_causes", approval.releases.size()}};
  return Transition<Approval>{std::move(approval), {std::move(draft)}};
}

std::vector<Transition<Approval>> standing_approvals(const Digest& plan, const Digest& policy,
                                                     const std::vector<plan::ApprovalNeeded>& needed,
                                                     const std::string& case_id, Time now) {
  std::vector<Transition<Approval>> all;
  for (const plan::ApprovalNeeded& one : needed) {
    if (one.count != 0) continue;
    Approval approval{.plan = plan, .person = one.rule, .standing = true, .rules = {one.rule}, .at = now};
    approval.comment = one.text;
    evidence::Draft draft;
    draft.type = evidence::event::kApprovalGranted;
    draft.time = now;
    draft.case_id = case_id;
    draft.actor = {evidence::ActorKind::kSystem, "policy"};
    draft.policy = policy;
    draft.refs = {plan.str()};
    draft.fields = {{"rule", one.rule}, {"text", one.text}};
    draft.facts = {{"standing", true}};
    all.push_back({std::move(approval), {std::move(draft)}});
  }
  return all;
}

std::vector<std::string> missing(const Digest& plan, const std::vector<plan::ApprovalNeeded>& needed,
                                 const std::vector<Approval>& approvals) {
  std::vector<std::string> out;
  for (const plan::ApprovalNeeded& one : needed) {
    if (one.count == 0) {
      const bool given = std::any_of(approvals.begin(), approvals.end(), [&](const Approval& a) {
        return a.plan == plan && a.standing && contains(a.rules, one.rule);
      });
      if (!given) out.push_back("standing approval " + one.rule);
      continue;
    }
    std::set<std::string> persons;
    for (const Approval& a : approvals)
      if (a.plan == plan && !a.standing && contains(a.rules, one.rule)) persons.insert(a.person);
    const auto given = static_cast<int>(persons.size());
    if (given < one.count)
      out.push_back(one.rule + ": " + std::to_string(one.count - given) + " more of " + std::to_string(one.count));
  }
  return out;
}

json::Value to_json(const Approval& approval) {
  json::Array releases;
  for (const model::CauseId& cause : approval.releases) releases.emplace_back(cause.str());
  return json::Object{{"plan", approval.plan.str()},       {"person", approval.person},
                      {"standing", approval.standing},     {"rules", codec::put_strings(approval.rules)},
                      {"releases", std::move(releases)},   {"comment", approval.comment},
                      {"at", codec::put_time(approval.at)}};
}

Result<Approval> approval_from_json(const json::Value& value) {
  const json::Reader reader(value, "approval");
  Approval approval;
  TENURE_TRY(const std::string plan, reader.string("plan"));
  TENURE_TRY(approval.plan, Digest::parse(plan));
  TENURE_TRY(approval.person, reader.string("person"));
  approval.standing = value.bool_or("standing", false);
  approval.rules = codec::get_strings(value, "rules");
  for (const std::string& cause : codec::get_strings(value, "releases")) approval.releases.emplace_back(cause);
  approval.comment = value.string_or("comment", "");
  TENURE_TRY(approval.at, codec::get_time(value, "at"));
  return approval;
}

}  // namespace tenure::governance
