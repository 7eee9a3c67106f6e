// Emergency authority: a named person, a reason, a ticket, a short term, a second person, and a review that opens by
// itself. It is a debt until it is reviewed: an overdue one blocks the next.
//
//   asked -> open -> closed -> reviewed        asked -> withdrawn (nobody confirmed in time, or taken back)
//
// What time does to one (the term ends, the review is due, the question lapses) follows from its instants and `now`;
// nothing has to run for it. Under an open one, and only until its end, changes of its targets need no approval and no
// guard holds them (T2): the Authority goes into the engine with the plan. Pure; any thread.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <tenure/governance/transition.hpp>
#include <tenure/model/ids.hpp>
#include <tenure/plan/plan.hpp>

namespace tenure::governance {

enum class BreakGlassState : std::uint8_t { kAsked, kOpen, kClosed, kReviewed, kWithdrawn };
std::string_view name_of(BreakGlassState state);

struct BreakGlass {
  std::string id;    // "B-" and 8 hexadecimal digits
  std::string rule;  // of the policy, that allowed it
  Digest policy;
  std::string case_id;
  BreakGlassState state = BreakGlassState::kAsked;
  std::string opened_by;     // natural person
  std::string confirmed_by;  // another one
  std::string reason, ticket;
  std::set<model::TargetName> targets;
  Duration term;
  Time asked_at;
  Time confirm_by;                 // nobody confirmed until then: the question is over
  Time opened_at;                  // confirmed: the authority holds from then
  Time ends_at;                    // until then
  std::vector<std::string> runs;   // admitted under it, in order
  std::vector<std::string> lines;  // done with a sealed kit: one sentence each, from its journal
  std::string kit;                 // the kit it was done with, when Tenure was away; else ""
  Time closed_at;
  std::string closing;  // what whoever closed it says
  std::vector<std::string> reviewers;
  Time review_by;
  std::string reviewed_by;
  Time reviewed_at;
  std::string review;
  friend bool operator==(const BreakGlass&, const BreakGlass&) = default;

  // The question was not answered in time: as good as withdrawn.
  bool lapsed(Time now) const { return state == BreakGlassState::kAsked && now >= confirm_by; }
  bool holds(Time now) const { return state == BreakGlassState::kOpen && opened_at <= now && now < ends_at; }
  // Something is owed: a term that is over and not closed, a close that is not reviewed, past the day of the review.
  bool overdue(Time now) const {
    return (state == BreakGlassState::kOpen || state == BreakGlassState::kClosed) && now >= review_by;
  }
};

// What the engine is given instead of approvals.
struct Authority {
  std::string id;      // of the break-glass
  std::string person;  // natural person
  Time from, until;    // [from, until)
  std::set<model::TargetName> targets;
};
std::optional<Authority> authority_of(const BreakGlass& glass, Time now);
// Every change of the plan is one of its targets, and it holds now. Error kBreakGlassOver.
Status covers(const Authority& authority, const plan::Plan& plan, Time now);

struct BreakGlassTerms {
  std::string rule;
  Duration term_max, confirm_within, review_within;
  std::vector<std::string> who, confirm, reviewers;  // groups or persons
};

struct AskBreakGlass {
  std::string id, case_id;
  Digest policy;
  Person person;
  std::vector<std::string> roles;  // that the person holds in Tenure
  std::string reason, ticket;
  std::set<model::TargetName> targets;
  Duration term;
};
// Errors: kBreakGlassRefused (who, term, no reason or ticket, no target), kBreakGlassDebt when one of `others` is
// overdue: names it.
Result<Transition<BreakGlass>> ask(const AskBreakGlass& asking, const BreakGlassTerms& terms,
                                   const std::vector<BreakGlass>& others, Time now);
// By a second natural person (T15). Errors: kBreakGlassState, kSelfApproval, kBreakGlassRefused, kTermOver.
Result<Transition<BreakGlass>> confirm(const BreakGlass& asked, const Person& person,
                                       const std::vector<std::string>& roles, const BreakGlassTerms& terms, Time now);
// Taken back before it was confirmed, by anybody, or lapsed.
Result<Transition<BreakGlass>> withdraw(const BreakGlass& asked, const Person& person, const std::string& why,
                                        Time now);
// A run was admitted under it. The engine has checked the authority.
Transition<BreakGlass> use(const BreakGlass& open, const Person& person, const std::string& run, const Digest& plan,
                           std::int64_t changes, Time now);

// What stands against closing, as found by the caller: changes that are not verified, findings that nobody answered on
// its targets, targets that were not read since.
struct Unsettled {
  std::vector<std::string> what;
};
// By anybody who may open one; also before the end of the term. Opens its review. Errors: kBreakGlassState,
// kBreakGlassUnsettled naming the first.
Result<Transition<BreakGlass>> close(const BreakGlass& open, const Person& person, const std::string& closing,
                                     const Unsettled& unsettled, Time now);
// By somebody who neither opened nor confirmed it (T15). Errors: kBreakGlassState, kSelfApproval, kBreakGlassRefused.
Result<Transition<BreakGlass>> review(const BreakGlass& closed, const Person& person,
                                      const std::vector<std::string>& roles, const std::string& words, Time now);

json::Value to_json(const BreakGlass& glass);
Result<BreakGlass> break_glass_from_json(const json::Value& value);

}  // namespace tenure::governance
