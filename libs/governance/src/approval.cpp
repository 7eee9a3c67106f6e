#include "codec.hpp"
#include "planted.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>

#include <tenure/governance/approval.hpp>

namespace tenure::governance {
namespace {

constexpr std::array<std::string_view, 3> kAnswers = {"given", "denied", "withdrawn"};

bool contains(const std::vector<std::string>& values, const std::string& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

// How far the steps of one needed approval have come.
struct Progress {
  int step = 0;  // that waits; the last one when all are whole
  int given = 0;
  bool whole = false;
  Time asked_at;
  Time whole_at;
  std::set<std::string> seats;  // of the step that waits: whose voices were heard, own or through a deputy
};

Progress progress_of(const Digest& plan, const plan::ApprovalNeeded& needed, const std::vector<Approval>& approvals,
                     Time asked_at) {
  const auto steps = needed.steps();
  Progress progress{0, 0, false, asked_at, asked_at, {}};
  for (std::size_t i = 0; i < steps.size(); ++i) {
    std::vector<Counted> heard;
    std::set<std::string> seats;
    for (const Approval& one : approvals) {
      if ((one.plan != plan && !planted(Defect::kOtherPlan)) || one.standing || one.answer != Said::kGiven ||
          !contains(one.rules, needed.rule))
        continue;
      const Counted counted = one.counts_for(needed.rule);
      if (counted.step != static_cast<int>(i)) continue;
      const bool own = counted.in_place_of.empty() || planted(Defect::kDeputyIsAVoiceMore);
      if (seats.insert(own ? one.person : counted.in_place_of).second) heard.push_back(counted);
    }
    progress.step = static_cast<int>(i);
    progress.given = static_cast<int>(heard.size());
    progress.seats = std::move(seats);
    if (progress.given + (planted(Defect::kOneTooFew) ? 1 : 0) < steps[i].count) return progress;
    // The step was whole when the voice came that made it so.
    std::sort(heard.begin(), heard.end(), [](const Counted& a, const Counted& b) { return a.at < b.at; });
    if (steps[i].count > 0 && std::cmp_less_equal(steps[i].count, heard.size()))
      progress.whole_at = heard[static_cast<std::size_t>(steps[i].count - 1)].at;
    if (i + 1 == steps.size()) break;
    progress.asked_at = progress.whole_at;
  }
  progress.whole = true;
  return progress;
}

Time escalation_of(const plan::ApprovalStep& step, Time asked_at) {
  return step.escalate_after == Duration() || step.escalate_to.empty() ? Time::never() : asked_at + step.escalate_after;
}

std::vector<std::string> approvers_of(const plan::ApprovalStep& step, Time asked_at, Time now) {
  std::vector<std::string> all = step.approvers;
  if (all.empty() || escalation_of(step, asked_at) > now) return all;
  for (const std::string& one : step.escalate_to)
    if (!contains(all, one)) all.push_back(one);
  return all;
}

// Empty list of approvers: anybody who is not the requester.
bool is_among(const std::vector<std::string>& approvers, const std::string& person,
              const std::vector<std::string>& roles) {
  if (planted(Defect::kAnybody)) return true;
  if (approvers.empty() || contains(approvers, person)) return true;
  return std::any_of(roles.begin(), roles.end(), [&](const std::string& role) { return contains(approvers, role); });
}

// What stands between a person and a needed approval, the nearest to a consent last.
enum class Hindrance : std::uint8_t { kNoApprover, kNotYet, kConflict, kNone };

class Consenting {
 public:
  Consenting(const Consent& consent, const std::vector<Approval>& given, Time now)
      : consent_(consent), given_(given), now_(now) {}

  // How the person would count for it.
  std::optional<Counted> counted(const plan::ApprovalNeeded& needed) {
    const auto steps = needed.steps();
    const Progress progress = progress_of(consent_.plan, needed, given_, consent_.asked_at);
    const auto& step = steps.at(static_cast<std::size_t>(progress.step));
    const auto approvers = approvers_of(step, progress.asked_at, now_);
    if (planted(Defect::kNoOrder))
      for (std::size_t i = 0; i < steps.size(); ++i)
        if (is_among(steps[i].approvers, consent_.person.id, consent_.roles))
          return Counted{static_cast<int>(i), "", now_};
    if (is_among(approvers, consent_.person.id, consent_.roles)) return Counted{progress.step, "", now_};
    for (const Principal& principal : consent_.deputy_for) {
      if (!is_among(approvers, principal.id, principal.roles)) continue;
      const bool conflict = principal.id == consent_.requester || contains(consent_.requesters, principal.id) ||
                            contains(consent_.beneficiaries, principal.id);
      if (conflict && !planted(Defect::kDeputyOfRequester))
        note(Hindrance::kConflict, principal.id);
      else if (!progress.seats.contains(principal.id) || progress.whole)
        return Counted{progress.step, principal.id, now_};
    }
    for (std::size_t later = static_cast<std::size_t>(progress.step) + 1; later < steps.size(); ++later)
      if (is_among(steps[later].approvers, consent_.person.id, consent_.roles))
        note(Hindrance::kNotYet, needed.rule + " waits for its step " + std::to_string(progress.step + 1));
    return std::nullopt;
  }

  std::unexpected<Error> refusal() const {
    const std::string& who = consent_.person.id;
    switch (hindrance_) {
      case Hindrance::kConflict:
        return fail(Reason::kSelfApproval, who + " stands in for " + what_ +
                                               ", who asked for this plan or receives "
                                               "access by it");
      case Hindrance::kNotYet:
        return fail(Reason::kApprovalOrder, what_);
      case Hindrance::kNoApprover:
      case Hindrance::kNone:
        break;
    }
    return fail(Reason::kNotEntitledToApprove, who + " is none of the approvers");
  }

 private:
  void note(Hindrance hindrance, std::string what) {
    if (hindrance <= hindrance_) return;
    hindrance_ = hindrance;
    what_ = std::move(what);
  }
  const Consent& consent_;
  const std::vector<Approval>& given_;
  const Time now_;
  Hindrance hindrance_ = Hindrance::kNoApprover;
  std::string what_;
};

void count_for(Approval& approval, const std::string& rule, const Counted& counted) {
  approval.rules.push_back(rule);
  if (counted != Counted{0, "", approval.at}) approval.counted.emplace(rule, counted);
}

Status check_not_own(const Consent& consent) {
  if (consent.person.id.empty()) return fail(Reason::kNotEntitledToApprove, "an approval names a person");
  if (consent.person.id == consent.requester && !planted(Defect::kRequesterConsents))
    return fail(Reason::kSelfApproval, consent.person.id + " asked for this plan");
  if (contains(consent.requesters, consent.person.id))
    return fail(Reason::kSelfApproval, consent.person.id + " asked for something in this plan");
  if (contains(consent.beneficiaries, consent.person.id) && !planted(Defect::kReceiverConsents))
    return fail(Reason::kSelfApproval, consent.person.id + " receives access by this plan");
  return {};
}

evidence::Draft granted(const Consent& consent, const Approval& approval, Time now) {
  evidence::Draft draft;
  draft.type = evidence::event::kApprovalGranted;
  draft.time = now;
  draft.case_id = consent.case_id;
  draft.actor = consent.person.actor;
  draft.mode = evidence::Mode::kRequested;
  draft.refs = {consent.plan.str()};
  draft.fields = {
      {"person", approval.person}, {"comment", consent.comment}, {"rules", codec::put_strings(approval.rules)}};
  draft.facts = {{"released_causes", approval.releases.size()}};
  json::Object in_place_of, steps;
  for (const auto& [rule, counted] : approval.counted) {
    if (!counted.in_place_of.empty()) in_place_of.emplace(rule, counted.in_place_of);
    if (counted.step > 0) steps.emplace(rule, counted.step + 1);
  }
  if (!in_place_of.empty()) draft.fields.emplace("in_place_of", std::move(in_place_of));
  if (!steps.empty()) draft.fields.emplace("steps", std::move(steps));
  return draft;
}

}  // namespace

Counted Approval::counts_for(const std::string& rule) const {
  const auto it = counted.find(rule);
  return it == counted.end() ? Counted{0, "", at} : it->second;
}

std::string row_id(const Approval& approval) {
  return approval.plan.str() + "/" + approval.person;
}

Result<Transition<Approval>> approve(const Consent& consent, const std::vector<plan::ApprovalNeeded>& needed,
                                     const std::vector<Approval>& given, Time now) {
  TENURE_CHECK_OK(check_not_own(consent));
  if (const auto over = lapsed(consent.plan, needed, given, consent.asked_at, now))
    return fail(Reason::kTermOver, over->rule + (over->answered ? ": its consent" : ": the question") + " lapsed at " +
                                       over->at.to_rfc3339());
  Approval approval{.plan = consent.plan, .person = consent.person.id, .comment = consent.comment, .at = now};
  for (const Approval& one : given) {
    if (one.plan != consent.plan || one.standing || one.person != consent.person.id) continue;
    if (one.answer == Said::kDenied)
      return fail(Reason::kPlanDenied, one.person + " denied this plan; `tenure approval withdraw` takes that back");
    if (one.answer == Said::kGiven) approval = one;
  }
  if (planted(Defect::kOnePersonTwice)) {
    approval = {.plan = consent.plan, .person = consent.person.id, .at = now};
    approval.person += std::string(given.size(), ' ');  // as if it were somebody else
  }
  approval.comment = consent.comment;
  Consenting consenting(consent, given, now);
  bool person_needed = false;
  for (const plan::ApprovalNeeded& one : needed) {
    if (one.count == 0) continue;
    person_needed = true;
    if (contains(approval.rules, one.rule)) continue;
    if (const auto counted = consenting.counted(one)) count_for(approval, one.rule, *counted);
  }
  if (person_needed && approval.rules.empty()) return consenting.refusal();
  std::sort(approval.rules.begin(), approval.rules.end());
  approval.releases.insert(approval.releases.end(), consent.releases.begin(), consent.releases.end());
  std::sort(approval.releases.begin(), approval.releases.end());
  approval.releases.erase(std::unique(approval.releases.begin(), approval.releases.end()), approval.releases.end());
  evidence::Draft draft = granted(consent, approval, now);
  return Transition<Approval>{std::move(approval), {std::move(draft)}};
}

Result<Transition<Approval>> deny(const Consent& consent, const std::vector<plan::ApprovalNeeded>& needed,
                                  const std::vector<Approval>& given, Time now) {
  TENURE_CHECK_OK(check_not_own(consent));
  if (consent.comment.empty()) return fail(Reason::kApprovalState, "a denial gives its reason");
  if (contains(consent.losers, consent.person.id) && !planted(Defect::kLoserDenies))
    return fail(Reason::kSelfApproval, consent.person.id + " loses access by this plan");
  Approval denial{.plan = consent.plan, .person = consent.person.id, .comment = consent.comment, .at = now};
  denial.answer = Said::kDenied;
  // Who consented before may still see their mistake: what they said is no hindrance, and counts no more.
  std::vector<Approval> others;
  for (const Approval& one : given)
    if (one.standing || one.person != consent.person.id) others.push_back(one);
  Consenting consenting(consent, others, now);
  for (const plan::ApprovalNeeded& one : needed)
    if (one.count != 0)
      if (const auto counted = consenting.counted(one)) count_for(denial, one.rule, *counted);
  if (denial.rules.empty()) return consenting.refusal();
  std::sort(denial.rules.begin(), denial.rules.end());
  evidence::Draft draft = granted(consent, denial, now);
  draft.type = evidence::event::kApprovalDenied;
  draft.facts = {};
  return Transition<Approval>{std::move(denial), {std::move(draft)}};
}

Result<Transition<Approval>> withdraw(const Approval& answer, const Person& person, const std::string& why,
                                      const std::string& case_id, Time now) {
  if (answer.standing || answer.person != person.id || answer.answer == Said::kWithdrawn)
    return fail(Reason::kApprovalState, person.id + " has said nothing to " + answer.plan.brief());
  evidence::Draft draft;
  draft.type = evidence::event::kApprovalRevoked;
  draft.time = now;
  draft.case_id = case_id;
  draft.actor = person.actor;
  draft.mode = evidence::Mode::kRequested;
  draft.refs = {answer.plan.str()};
  draft.fields = {{"person", person.id}, {"why", why}, {"rules", codec::put_strings(answer.rules)}};
  draft.facts = {{"was", name_of(answer.answer)}, {"released_causes", answer.releases.size()}};
  Approval next = answer;
  if (planted(Defect::kWithdrawnCounts)) return Transition<Approval>{std::move(next), {std::move(draft)}};
  next.answer = Said::kWithdrawn;
  next.rules.clear();
  next.releases.clear();
  next.counted.clear();
  next.comment = why;
  next.at = now;
  return Transition<Approval>{std::move(next), {std::move(draft)}};
}

std::vector<const Approval*> denials(const Digest& plan, const std::vector<Approval>& approvals) {
  std::vector<const Approval*> all;
  for (const Approval& one : approvals)
    if (one.plan == plan && one.answer == Said::kDenied && !planted(Defect::kDenialPassedOver)) all.push_back(&one);
  return all;
}

std::optional<Lapsed> lapsed(const Digest& plan, const std::vector<plan::ApprovalNeeded>& needed,
                             const std::vector<Approval>& approvals, Time asked_at, Time now) {
  for (const plan::ApprovalNeeded& one : needed) {
    if (one.count == 0 || one.expires_after == Duration()) continue;
    const Progress progress = progress_of(plan, one, approvals, asked_at);
    const Time at = (progress.whole ? progress.whole_at : asked_at) + one.expires_after;
    if (at <= now) return Lapsed{one.rule, at, progress.whole};
  }
  return std::nullopt;
}

std::vector<Transition<Approval>> standing_approvals(const Digest& plan, const Digest& policy,
                                                     const std::vector<plan::ApprovalNeeded>& needed,
                                                     const std::string& case_id, Time now) {
  std::vector<Transition<Approval>> all;
  for (const plan::ApprovalNeeded& one : needed) {
    if (one.count != 0) continue;
    Approval approval{.plan = plan, .person = one.rule, .standing = true, .rules = {one.rule}, .at = now};
    approval.comment = one.text;
    approval.policy = policy;
    approval.limit = one.limit;
    evidence::Draft draft;
    draft.type = evidence::event::kApprovalGranted;
    draft.time = now;
    draft.case_id = case_id;
    draft.actor = {evidence::ActorKind::kSystem, "policy"};
    draft.policy = policy;
    draft.refs = {plan.str()};
    draft.fields = {{"rule", one.rule}, {"text", one.text}, {"limit", one.limit}};
    draft.facts = {{"standing", true}};
    all.push_back({std::move(approval), {std::move(draft)}});
  }
  return all;
}

std::vector<std::string> missing(const Digest& plan, const std::vector<plan::ApprovalNeeded>& needed,
                                 const std::vector<Approval>& approvals, Time now) {
  std::vector<std::string> out;
  for (const Approval* denial : denials(plan, approvals))
    out.push_back("denied by " + denial->person + ": " + denial->comment);
  for (const plan::ApprovalNeeded& one : needed) {
    if (one.count == 0) {
      const bool given = std::any_of(approvals.begin(), approvals.end(), [&](const Approval& a) {
        return a.plan == plan && a.standing && contains(a.rules, one.rule);
      });
      if (!given) out.push_back("standing approval " + one.rule);
      continue;
    }
    const Progress progress = progress_of(plan, one, approvals, Time());
    if (progress.whole) {
      if (one.expires_after != Duration() && progress.whole_at + one.expires_after <= now &&
          !planted(Defect::kConsentNeverLapses))
        out.push_back(one.rule + ": the consent lapsed at " + (progress.whole_at + one.expires_after).to_rfc3339());
      continue;
    }
    const auto steps = one.steps();
    const int count = steps.at(static_cast<std::size_t>(progress.step)).count;
    out.push_back(one.rule +
                  (steps.size() > 1
                       ? ", step " + std::to_string(progress.step + 1) + " of " + std::to_string(steps.size())
                       : "") +
                  ": " + std::to_string(count - progress.given) + " more of " + std::to_string(count));
  }
  return out;
}

std::vector<Waiting> waiting_for(const Digest& plan, const std::vector<plan::ApprovalNeeded>& needed,
                                 const std::vector<Approval>& approvals, Time asked_at, Time now) {
  std::vector<Waiting> all;
  for (const plan::ApprovalNeeded& one : needed) {
    if (one.count == 0) continue;
    const Progress progress = progress_of(plan, one, approvals, asked_at);
    if (progress.whole) continue;
    const auto steps = one.steps();
    const plan::ApprovalStep& step = steps.at(static_cast<std::size_t>(progress.step));
    Waiting waiting;
    waiting.rule = one.rule;
    waiting.step = progress.step;
    waiting.steps = static_cast<int>(steps.size());
    waiting.given = progress.given;
    waiting.count = step.count;
    waiting.approvers = approvers_of(step, progress.asked_at, now);
    waiting.asked_at = progress.asked_at;
    waiting.escalates_at = escalation_of(step, progress.asked_at);
    waiting.escalated = waiting.escalates_at <= now;
    if (one.expires_after != Duration()) waiting.expires_at = asked_at + one.expires_after;
    all.push_back(std::move(waiting));
  }
  return all;
}

std::string_view name_of(Said voice) {
  return kAnswers.at(static_cast<std::size_t>(voice));
}

json::Value to_json(const Approval& approval) {
  json::Array releases;
  for (const model::CauseId& cause : approval.releases) releases.emplace_back(cause.str());
  json::Object object{{"plan", approval.plan.str()},       {"person", approval.person},
                      {"standing", approval.standing},     {"rules", codec::put_strings(approval.rules)},
                      {"releases", std::move(releases)},   {"comment", approval.comment},
                      {"at", codec::put_time(approval.at)}};
  if (approval.answer != Said::kGiven) object.emplace("answer", name_of(approval.answer));
  codec::put_text(object, "policy", approval.policy.str());
  codec::put_text(object, "limit", approval.limit);
  json::Object counted;
  for (const auto& [rule, how] : approval.counted) {
    json::Object one{{"step", how.step}, {"at", codec::put_time(how.at)}};
    codec::put_text(one, "in_place_of", how.in_place_of);
    counted.emplace(rule, std::move(one));
  }
  if (!counted.empty()) object.emplace("counted", std::move(counted));
  return object;
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
  TENURE_TRY(approval.policy, codec::get_digest(value, "policy"));
  approval.limit = value.string_or("limit", "");
  const auto answer = std::find(kAnswers.begin(), kAnswers.end(), value.string_or("answer", kAnswers[0]));
  if (answer == kAnswers.end()) return reader.wrong("answer", "given, denied or withdrawn");
  approval.answer = static_cast<Said>(answer - kAnswers.begin());
  const json::Value* counted = value.find("counted");
  if (counted == nullptr) return approval;
  if (!counted->is_object()) return reader.wrong("counted", "an object");
  for (const auto& [rule, how] : counted->as_object()) {
    Counted& one = approval.counted[rule];
    one.step = static_cast<int>(how.int_or("step", 0));
    one.in_place_of = how.string_or("in_place_of", "");
    TENURE_TRY(one.at, codec::get_time(how, "at"));
  }
  return approval;
}

}  // namespace tenure::governance
