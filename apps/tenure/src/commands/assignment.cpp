#include "commands/all.hpp"
#include "commands/session.hpp"
#include "commands/words.hpp"

#include <tenure/app/assignments.hpp>
#include <tenure/base/text.hpp>
#include <tenure/policy/roles.hpp>

namespace tenure::cli {
namespace {

using model::AssignmentState;

std::string what_of(const model::Assignment& one) {
  return one.kind == model::AssignmentKind::kException ? "exception from " + one.duties : policy::shown(one.role);
}

std::string standing_of(const app::AssignmentView& view) {
  const model::Assignment& one = view.assignment;
  if (one.state == AssignmentState::kAsked)
    return "asked, " + std::to_string(one.decided_by.size()) + " of " + std::to_string(view.approvals_needed) +
           " agreed";
  if (one.state == AssignmentState::kApproved && one.decide_again_by != Time::never())
    return "decide again by " + one.decide_again_by.to_date() + ": " + one.decide_again_because;
  return std::string(name_of(one.state)) + (one.ended_because.empty() ? "" : ": " + one.ended_because);
}

json::Object row_of(const app::AssignmentView& view) {
  const model::Assignment& one = view.assignment;
  return {{"id", one.id},
          {"kind", name_of(one.kind)},
          {"state", name_of(one.state)},
          {"person", view.person},
          {"role", one.role.str()},
          {"duties", one.duties},
          {"owner", one.owner},
          {"asked_by", one.asked_by},
          {"asked_at", instant(one.asked_at)},
          {"decided_by", texts(one.decided_by)},
          {"since", instant(one.since)},
          {"until", instant(one.until)},
          {"decide_again_by", instant(one.decide_again_by)},
          {"decide_again_because", one.decide_again_because},
          {"ended_at", instant(one.ended_at)},
          {"ended_because", one.ended_because},
          {"answers", texts(view.answers)}};
}

Exit print(const Call& call, const app::AssignmentView& view, const std::string& words, const std::string& next) {
  Document document{"assignment/v1", row_of(view)};
  const model::Assignment& one = view.assignment;
  document.text = one.id + ": " + what_of(one) + " for " + printable(view.person) + " " + words + ".";
  document.after = next;
  call.output.print(document);
  return Exit::kOk;
}

Result<Exit> create(const Call& call, app::Workspace& workspace) {
  app::AskFor asked;
  asked.role = call.arguments.text("ROLE");
  asked.duties = call.arguments.text("exception");
  asked.identity = call.arguments.text("for");
  asked.reason = call.arguments.text("reason");
  if (asked.role.empty() == asked.duties.empty())
    return fail(Reason::kUsage, "name either a ROLE or the duties of an --exception");
  TENURE_TRY(asked.until, time_argument(call, "until", workspace.clock().now(), Time::never()));
  TENURE_TRY(const auto view, app::ask_for(workspace, asked));
  return print(call, view, "is asked for, and needs " + count_of(view.approvals_needed, "person") + " who did not ask",
               "Next: tenure request approve " + view.assignment.id);
}

Result<Exit> list_with(const Call& call, app::Workspace& workspace, const app::AssignmentFilter& filter) {
  TENURE_TRY(const auto views, app::list_assignments(workspace, filter));
  const Exit exit = unless_empty(call, static_cast<std::int64_t>(views.size()));
  Document document{"assignment-list/v1", {{"assignments", views.size()}}};
  document.list = true;
  document.columns = {{"ID", "id"},       {"PERSON", "person"},     {"WHAT", "what"},      {"UNTIL", "until"},
                      {"OWNER", "owner"}, {"STANDING", "standing"}, {"ANSWERS", "answers"}};
  for (const auto& view : views) {
    json::Object row = row_of(view);
    row["what"] = what_of(view.assignment);
    row["standing"] = standing_of(view);
    document.items.push_back(std::move(row));
  }
  document.after = count_of(static_cast<std::int64_t>(views.size()), filter.asked ? "request" : "assignment") + ".";
  call.output.print(document, exit);
  return exit;
}

Result<Exit> requests(const Call& call, app::Workspace& workspace) {
  return list_with(call, workspace, {call.arguments.text("for"), true, false, false});
}

Result<Exit> assignments(const Call& call, app::Workspace& workspace) {
  return list_with(call, workspace,
                   {call.arguments.text("for"), false, call.arguments.flag("due"), call.arguments.flag("all")});
}

app::DecideAssignment decision_of(const Call& call) {
  return {call.arguments.text("ID"), call.arguments.text("reason"), Time::never()};
}

Result<Exit> approve(const Call& call, app::Workspace& workspace) {
  TENURE_TRY(const auto view, app::approve_request(workspace, decision_of(call)));
  if (view.assignment.state == AssignmentState::kAsked)
    return print(call, view, "is " + standing_of(view),
                 "Next: somebody else: tenure request approve " + view.assignment.id);
  return print(call, view, "is approved", "Next: tenure plan create");
}

Result<Exit> refuse(const Call& call, app::Workspace& workspace) {
  TENURE_TRY(const auto view, app::refuse_request(workspace, decision_of(call)));
  return print(call, view, "is refused", "");
}

Result<Exit> end(const Call& call, app::Workspace& workspace) {
  TENURE_TRY(const auto view, app::end_assignment(workspace, decision_of(call)));
  return print(call, view, "is ended", "Next: tenure plan create");
}

Result<Exit> renew(const Call& call, app::Workspace& workspace) {
  app::DecideAssignment decision = decision_of(call);
  TENURE_TRY(decision.until, time_argument(call, "until", workspace.clock().now(), Time::never()));
  TENURE_TRY(const auto view, app::renew_assignment(workspace, decision));
  const bool ends = view.assignment.until != Time::never();
  return print(call, view, ends ? "is renewed until " + view.assignment.until.to_date() : "is renewed", "");
}

}  // namespace

std::vector<CommandSpec> assignment_commands() {
  const PositionalSpec id{"ID", "the request or assignment, or the beginning of its id"};
  const OptionSpec reason{"reason", "TEXT", "why; it is recorded", Arity::kOne, true};
  const OptionSpec comment{"reason", "TEXT", "why; it is recorded"};
  const OptionSpec whom{"for", "IDENTITY", "who would hold it: key, login or identity:7", Arity::kOne, true};
  const OptionSpec of{"for", "IDENTITY", "only of this identity"};
  const OptionSpec until{"until", "TIME", "date, or duration from now (30d)"};
  return {
      {"request create",
       "ask for a role, a single entitlement, or an exception from duties that are separate",
       {{"ROLE", "a role whose document has `request`, or TARGET:ENTITLEMENT that is `requestable`", false}},
       {{"exception", "DUTIES", "instead of a role: the SeparationOfDuties document"}, whom, comment, until},
       with_workspace<create>},
      {"request list", "what was asked for and waits for a decision", {}, {of}, with_workspace<requests>},
      {"request approve",
       "agree to it: a person who neither asked nor would hold it; the next plan gives it",
       {id},
       {comment},
       with_workspace<approve>},
      {"request refuse", "refuse it", {id}, {reason}, with_workspace<refuse>},
      {"assignment list",
       "what people decided, until when, and what is to be decided again",
       {},
       {of,
        {"due", "", "only what is to be decided again", Arity::kFlag},
        {"all", "", "also what was refused or has ended", Arity::kFlag}},
       with_workspace<assignments>},
      {"assignment renew", "decide it again under the facts of today", {id}, {until, reason}, with_workspace<renew>},
      {"assignment end",
       "end it, or take a request back; the next plan takes it away",
       {id},
       {reason},
       with_workspace<end>}};
}

}  // namespace tenure::cli
