#include "codec.hpp"
#include "planted.hpp"

#include <algorithm>
#include <array>

#include <tenure/governance/break_glass.hpp>

namespace tenure::governance {
namespace {

constexpr std::array<std::string_view, 5> kStates = {"asked", "open", "closed", "reviewed", "withdrawn"};

bool is_among(const std::vector<std::string>& group, const Person& person, const std::vector<std::string>& roles) {
  const auto holds = [&](const std::string& one) { return std::find(group.begin(), group.end(), one) != group.end(); };
  return holds(person.id) || std::any_of(roles.begin(), roles.end(), holds);
}

evidence::Draft draft_of(const BreakGlass& glass, std::string_view type, evidence::Actor actor, Time now) {
  evidence::Draft draft;
  draft.type = type;
  draft.time = now;
  draft.case_id = glass.case_id;
  draft.actor = std::move(actor);
  draft.mode = evidence::Mode::kBreakGlass;
  draft.policy = glass.policy;
  draft.refs = {glass.id};
  return draft;
}

json::Value put_targets(const std::set<model::TargetName>& targets) {
  json::Array array;
  for (const auto& target : targets) array.emplace_back(target.str());
  return array;
}

std::unexpected<Error> refuse(Reason reason, std::string what) {
  return fail(reason, std::move(what));
}

std::unexpected<Error> wrong_state(const BreakGlass& glass) {
  return refuse(Reason::kBreakGlassState, glass.id + " is " + std::string(name_of(glass.state)));
}

Status may_ask(const AskBreakGlass& asking, const BreakGlassTerms& terms, const std::vector<BreakGlass>& others,
               Time now) {
  const std::string& who = asking.person.id;
  if (who.empty() || !is_among(terms.who, asking.person, asking.roles))
    return refuse(Reason::kBreakGlassRefused, who + " is none of those whom \"" + terms.rule + "\" allows");
  if (asking.reason.empty() || asking.ticket.empty())
    return refuse(Reason::kBreakGlassRefused, "a break-glass gives a reason and a ticket");
  if (asking.targets.empty()) return refuse(Reason::kBreakGlassRefused, "a break-glass names its targets");
  if (asking.term <= Duration() || asking.term > terms.term_max)
    return refuse(Reason::kBreakGlassRefused, "a term of " + asking.term.to_string() + "; \"" + terms.rule +
                                                  "\" allows at most " + terms.term_max.to_string());
  for (const BreakGlass& other : others)
    if (other.overdue(now) && !planted(Defect::kGlassDebtForgotten))
      return refuse(Reason::kBreakGlassDebt, other.id + " is " + std::string(name_of(other.state)) +
                                                 " and should have been reviewed by " + other.review_by.to_rfc3339());
  return {};
}

}  // namespace

std::string_view name_of(BreakGlassState state) {
  return kStates.at(static_cast<std::size_t>(state));
}

std::optional<Authority> authority_of(const BreakGlass& glass, Time now) {
  const bool past = planted(Defect::kGlassPastItsTerm) && glass.state == BreakGlassState::kOpen;
  if (!glass.holds(now) && !past) return std::nullopt;
  return Authority{glass.id, glass.opened_by, glass.opened_at, glass.ends_at, glass.targets};
}

Status covers(const Authority& authority, const plan::Plan& plan, Time now) {
  if (now < authority.from || now >= authority.until)
    return fail(Reason::kBreakGlassOver, authority.id + " holds until " + authority.until.to_rfc3339());
  for (const plan::Change& change : plan.changes) {
    if (!authority.targets.contains(change.target) && !planted(Defect::kGlassOfAnyTarget))
      return fail(Reason::kBreakGlassOver, authority.id + " is not for " + change.target.str());
    // Decisions about what is explained are no emergency.
    if (!plan::is_remote(change.verb))
      return fail(Reason::kBreakGlassOver, authority.id + " is not for " + std::string(plan::name_of(change.verb)));
  }
  return {};
}

Result<Transition<BreakGlass>> ask(const AskBreakGlass& asking, const BreakGlassTerms& terms,
                                   const std::vector<BreakGlass>& others, Time now) {
  TENURE_CHECK_OK(may_ask(asking, terms, others, now));
  BreakGlass glass;
  glass.id = asking.id;
  glass.rule = terms.rule;
  glass.policy = asking.policy;
  glass.case_id = asking.case_id;
  glass.opened_by = asking.person.id;
  glass.reason = asking.reason;
  glass.ticket = asking.ticket;
  glass.targets = asking.targets;
  glass.term = asking.term;
  glass.asked_at = now;
  glass.confirm_by = now + terms.confirm_within;
  glass.reviewers = terms.reviewers;
  glass.review_by = Time::never();
  evidence::Draft draft = draft_of(glass, evidence::event::kBreakglassRequested, asking.person.actor, now);
  draft.fields = {{"person", glass.opened_by},
                  {"reason", glass.reason},
                  {"ticket", glass.ticket},
                  {"targets", put_targets(glass.targets)}};
  draft.facts = {{"term", glass.term.to_string()}, {"confirm_by", glass.confirm_by.to_rfc3339()}};
  return Transition<BreakGlass>{std::move(glass), {std::move(draft)}};
}

Result<Transition<BreakGlass>> confirm(const BreakGlass& asked, const Person& person,
                                       const std::vector<std::string>& roles, const BreakGlassTerms& terms, Time now) {
  if (asked.state != BreakGlassState::kAsked) return wrong_state(asked);
  if (asked.lapsed(now)) return fail(Reason::kTermOver, asked.id + " waited until " + asked.confirm_by.to_rfc3339());
  if (person.id == asked.opened_by && !planted(Defect::kGlassAlone))
    return fail(Reason::kSelfApproval, person.id + " asked for " + asked.id);
  if (person.id.empty() || !is_among(terms.confirm, person, roles))
    return refuse(Reason::kBreakGlassRefused,
                  person.id + " is none of those who may confirm under \"" + terms.rule + "\"");
  BreakGlass next = asked;
  next.state = BreakGlassState::kOpen;
  next.confirmed_by = person.id;
  next.opened_at = now;
  next.ends_at = now + asked.term;
  next.review_by = next.ends_at + terms.review_within;
  evidence::Draft draft = draft_of(next, evidence::event::kBreakglassOpened, person.actor, now);
  draft.fields = {{"person", next.opened_by},
                  {"second_person", next.confirmed_by},
                  {"reason", next.reason},
                  {"ticket", next.ticket},
                  {"targets", put_targets(next.targets)}};
  draft.facts = {{"ends_at", next.ends_at.to_rfc3339()}, {"review_by", next.review_by.to_rfc3339()}};
  return Transition<BreakGlass>{std::move(next), {std::move(draft)}};
}

Result<Transition<BreakGlass>> withdraw(const BreakGlass& asked, const Person& person, const std::string& why,
                                        Time now) {
  if (asked.state != BreakGlassState::kAsked) return wrong_state(asked);
  BreakGlass next = asked;
  next.state = BreakGlassState::kWithdrawn;
  next.closed_at = now;
  next.closing = why;
  evidence::Draft draft = draft_of(next, evidence::event::kBreakglassExpired, person.actor, now);
  draft.outcome = evidence::Outcome::kFailure;
  draft.fields = {{"person", person.id}, {"why", why}};
  draft.facts = {{"lapsed", asked.lapsed(now)}};
  return Transition<BreakGlass>{std::move(next), {std::move(draft)}};
}

Transition<BreakGlass> use(const BreakGlass& open, const Person& person, const std::string& run, const Digest& plan,
                           std::int64_t changes, Time now) {
  BreakGlass next = open;
  next.runs.push_back(run);
  evidence::Draft draft = draft_of(next, evidence::event::kBreakglassUsed, person.actor, now);
  draft.refs = {next.id, run, plan.str()};
  draft.fields = {{"person", person.id}};
  draft.facts = {{"changes", changes}};
  return {std::move(next), {std::move(draft)}};
}

Result<Transition<BreakGlass>> close(const BreakGlass& open, const Person& person, const std::string& closing,
                                     const Unsettled& unsettled, Time now) {
  if (open.state != BreakGlassState::kOpen) return wrong_state(open);
  if (closing.empty()) return refuse(Reason::kBreakGlassUnsettled, "whoever closes it says what was done");
  if (!unsettled.what.empty() && !planted(Defect::kGlassUnsettledClose))
    return fail(Reason::kBreakGlassUnsettled,
                open.id + ": " + unsettled.what.front() +
                    (unsettled.what.size() > 1 ? " (and " + std::to_string(unsettled.what.size() - 1) + " more)" : ""));
  BreakGlass next = open;
  next.state = BreakGlassState::kClosed;
  next.closed_at = now;
  next.closing = closing;
  evidence::Draft closed = draft_of(next, evidence::event::kBreakglassClosed, person.actor, now);
  closed.fields = {{"person", person.id}, {"closing", closing}};
  closed.facts = {{"runs", next.runs.size()}, {"review_by", next.review_by.to_rfc3339()}};
  evidence::Draft opened =
      draft_of(next, evidence::event::kReviewOpened, {evidence::ActorKind::kSystem, "governance"}, now);
  opened.fields = {{"reviewers", codec::put_strings(next.reviewers)}};
  opened.facts = {{"review_by", next.review_by.to_rfc3339()}};
  return Transition<BreakGlass>{std::move(next), {std::move(closed), std::move(opened)}};
}

Result<Transition<BreakGlass>> review(const BreakGlass& closed, const Person& person,
                                      const std::vector<std::string>& roles, const std::string& words, Time now) {
  if (closed.state != BreakGlassState::kClosed) return wrong_state(closed);
  if ((person.id == closed.opened_by || person.id == closed.confirmed_by) && !planted(Defect::kGlassOwnReview))
    return fail(Reason::kSelfApproval, person.id + " opened or confirmed " + closed.id);
  if (person.id.empty() || !is_among(closed.reviewers, person, roles))
    return refuse(Reason::kBreakGlassRefused, person.id + " is none of its reviewers");
  if (words.empty()) return refuse(Reason::kBreakGlassRefused, "a review says what was found");
  BreakGlass next = closed;
  next.state = BreakGlassState::kReviewed;
  next.reviewed_by = person.id;
  next.reviewed_at = now;
  next.review = words;
  evidence::Draft reviewed = draft_of(next, evidence::event::kBreakglassReviewed, person.actor, now);
  reviewed.fields = {{"person", person.id}, {"words", words}};
  reviewed.facts = {{"in_time", now < next.review_by}};
  evidence::Draft over =
      draft_of(next, evidence::event::kReviewClosed, {evidence::ActorKind::kSystem, "governance"}, now);
  evidence::Draft ended =
      draft_of(next, evidence::event::kCaseClosed, {evidence::ActorKind::kSystem, "governance"}, now);
  return Transition<BreakGlass>{std::move(next), {std::move(reviewed), std::move(over), std::move(ended)}};
}

json::Value to_json(const BreakGlass& glass) {
  json::Object object{{"id", glass.id},
                      {"rule", glass.rule},
                      {"policy", glass.policy.str()},
                      {"case", glass.case_id},
                      {"state", name_of(glass.state)},
                      {"opened_by", glass.opened_by},
                      {"reason", glass.reason},
                      {"ticket", glass.ticket},
                      {"targets", put_targets(glass.targets)},
                      {"term", glass.term.to_string()},
                      {"runs", codec::put_strings(glass.runs)},
                      {"lines", codec::put_strings(glass.lines)},
                      {"reviewers", codec::put_strings(glass.reviewers)}};
  for (const auto& [key, text] : {std::pair{"confirmed_by", &glass.confirmed_by},
                                  {"kit", &glass.kit},
                                  {"closing", &glass.closing},
                                  {"reviewed_by", &glass.reviewed_by},
                                  {"review", &glass.review}})
    codec::put_text(object, key, *text);
  for (const auto& [key, time] : {std::pair{"asked_at", glass.asked_at},
                                  {"confirm_by", glass.confirm_by},
                                  {"opened_at", glass.opened_at},
                                  {"ends_at", glass.ends_at},
                                  {"closed_at", glass.closed_at},
                                  {"review_by", glass.review_by},
                                  {"reviewed_at", glass.reviewed_at}})
    if (time != Time{}) object.emplace(key, codec::put_time(time));
  return object;
}

Result<BreakGlass> break_glass_from_json(const json::Value& value) {
  const json::Reader reader(value, "break_glass");
  BreakGlass glass;
  TENURE_TRY(glass.id, reader.string("id"));
  TENURE_TRY(const std::string state, reader.string("state"));
  const auto known = std::find(kStates.begin(), kStates.end(), state);
  if (known == kStates.end()) return reader.wrong("state", "a state of a break-glass");
  glass.state = static_cast<BreakGlassState>(known - kStates.begin());
  TENURE_TRY(glass.policy, codec::get_digest(value, "policy"));
  glass.rule = value.string_or("rule", "");
  glass.case_id = value.string_or("case", "");
  glass.opened_by = value.string_or("opened_by", "");
  glass.confirmed_by = value.string_or("confirmed_by", "");
  glass.reason = value.string_or("reason", "");
  glass.ticket = value.string_or("ticket", "");
  glass.kit = value.string_or("kit", "");
  glass.closing = value.string_or("closing", "");
  glass.reviewed_by = value.string_or("reviewed_by", "");
  glass.review = value.string_or("review", "");
  for (const std::string& target : codec::get_strings(value, "targets"))
    glass.targets.insert(model::TargetName(target));
  glass.runs = codec::get_strings(value, "runs");
  glass.lines = codec::get_strings(value, "lines");
  glass.reviewers = codec::get_strings(value, "reviewers");
  TENURE_TRY(glass.term, Duration::parse(value.string_or("term", "0s")));
  for (const auto& [key, into] : {std::pair{"asked_at", &glass.asked_at},
                                  {"confirm_by", &glass.confirm_by},
                                  {"opened_at", &glass.opened_at},
                                  {"ends_at", &glass.ends_at},
                                  {"closed_at", &glass.closed_at},
                                  {"review_by", &glass.review_by},
                                  {"reviewed_at", &glass.reviewed_at}}) {
    TENURE_TRY(*into, codec::get_time(value, key));
  }
  return glass;
}

}  // namespace tenure::governance
