#include "commands/all.hpp"
#include "commands/session.hpp"
#include "commands/words.hpp"

#include <tenure/app/break_glass.hpp>
#include <tenure/base/text.hpp>
#include <tenure/plan/grouping.hpp>

namespace tenure::cli {
namespace {

using governance::BreakGlass;
using governance::BreakGlassState;

json::Value row_of(const BreakGlass& glass, Time now) {
  json::Value row = governance::to_json(glass);
  row.as_object().insert_or_assign("holds", glass.holds(now));
  row.as_object().insert_or_assign("overdue", glass.overdue(now));
  row.as_object().insert_or_assign("lapsed", glass.lapsed(now));
  return row;
}

std::string targets_of(const BreakGlass& glass) {
  std::string text;
  for (const auto& target : glass.targets) text += (text.empty() ? "" : ", ") + target.str();
  return text;
}

std::string state_words(const BreakGlass& glass, Time now) {
  switch (glass.state) {
    case BreakGlassState::kAsked:
      return glass.lapsed(now) ? "nobody confirmed it in time" : "waits for a second person";
    case BreakGlassState::kOpen:
      return glass.holds(now) ? "open" : "its term is over, not closed";
    case BreakGlassState::kClosed:
      return glass.overdue(now) ? "closed, its review is overdue" : "closed, waits for its review";
    default:
      return std::string(governance::name_of(glass.state));
  }
}

std::string next_of(const BreakGlass& glass, Time now) {
  switch (glass.state) {
    case BreakGlassState::kAsked:
      return glass.lapsed(now) ? "" : "Next, by a second person: tenure breakglass confirm " + glass.id;
    case BreakGlassState::kOpen:
      return glass.holds(now) ? "Next: tenure breakglass change " + glass.id + " --target T --account A --disable"
                              : "Next: tenure breakglass close " + glass.id + " --reason TEXT";
    case BreakGlassState::kClosed:
      return "Next, by a reviewer: tenure breakglass review " + glass.id + " --reason TEXT";
    default:
      return "";
  }
}

std::string text_of(const BreakGlass& glass, Time now) {
  std::string text = glass.id + "  " + printable(glass.reason) + "\n" +
                     aligned({{"state", state_words(glass, now)},
                              {"targets", targets_of(glass)},
                              {"opened by", glass.opened_by},
                              {"second person", glass.confirmed_by},
                              {"ticket", glass.ticket},
                              {"asked", when(glass.asked_at, now)},
                              {"holds until", glass.ends_at == Time{} ? "" : when(glass.ends_at, now)},
                              {"closed", glass.closed_at == Time{} ? "" : when(glass.closed_at, now)},
                              {"closing", glass.closing},
                              {"review by", glass.ends_at == Time{} ? "" : when(glass.review_by, now)},
                              {"reviewers", join(glass.reviewers, ", ")},
                              {"reviewed by", glass.reviewed_by},
                              {"review", glass.review}});
  if (!glass.runs.empty()) text += "  runs: " + join(glass.runs, ", ") + "\n";
  for (const auto& line : glass.lines) text += "  kit: " + printable(line) + "\n";
  return text;
}

Exit print(const Call& call, app::Workspace& workspace, const BreakGlass& glass) {
  const Time now = workspace.clock().now();
  Document document{"breakglass/v1", row_of(glass, now).as_object()};
  document.text = text_of(glass, now);
  document.after = next_of(glass, now);
  call.output.print(document);
  return Exit::kOk;
}

Result<Exit> open(const Call& call, app::Workspace& workspace) {
  TENURE_TRY(const Duration term, duration_argument(call, "for", Duration()));
  TENURE_TRY(const auto glass,
             app::open_break_glass(workspace, {call.arguments.text("reason"), call.arguments.text("ticket"),
                                               call.arguments.texts("target"), term}));
  return print(call, workspace, glass);
}

Result<Exit> confirm(const Call& call, app::Workspace& workspace) {
  TENURE_TRY(const auto glass, app::confirm_break_glass(workspace, call.arguments.text("ID")));
  return print(call, workspace, glass);
}

Result<Exit> withdraw(const Call& call, app::Workspace& workspace) {
  TENURE_TRY(const auto glass,
             app::withdraw_break_glass(workspace, call.arguments.text("ID"), call.arguments.text("reason")));
  return print(call, workspace, glass);
}

Result<Exit> close(const Call& call, app::Workspace& workspace) {
  TENURE_TRY(const auto glass,
             app::close_break_glass(workspace, call.arguments.text("ID"), call.arguments.text("reason")));
  return print(call, workspace, glass);
}

Result<Exit> review(const Call& call, app::Workspace& workspace) {
  TENURE_TRY(const auto glass,
             app::review_break_glass(workspace, call.arguments.text("ID"), call.arguments.text("reason")));
  return print(call, workspace, glass);
}

Result<Exit> list(const Call& call, app::Workspace& workspace) {
  const bool all = call.arguments.flag("all");
  TENURE_TRY(const auto glasses, app::list_break_glass(workspace, all));
  const Time now = workspace.clock().now();
  const bool people = call.output.people();
  Document document{"breakglass-list/v1"};
  document.list = true;
  document.columns = {{"ID", "id"},         {"STATE", people ? "words" : "state"},
                      {"BY", "opened_by"},  {"TARGETS", "on"},
                      {"REASON", "reason"}, {"DUE", people ? "due" : "due_at"}};
  for (const auto& glass : glasses) {
    json::Value row = row_of(glass, now);
    const Time due = glass.state == BreakGlassState::kAsked ? glass.confirm_by
                     : glass.holds(now)                     ? glass.ends_at
                                                            : glass.review_by;
    row.as_object().insert_or_assign("words", state_words(glass, now));
    row.as_object().insert_or_assign("on", targets_of(glass));
    row.as_object().insert_or_assign("due", when(due, now));
    row.as_object().insert_or_assign("due_at", instant(due));
    document.items.push_back(std::move(row));
  }
  const auto count = static_cast<std::int64_t>(glasses.size());
  if (glasses.empty())
    document.text = all ? "There was never a break-glass." : "No break-glass is open or owes a review.";
  const Exit exit = unless_empty(call, count);
  call.output.print(document, exit);
  return exit;
}

Result<Exit> show(const Call& call, app::Workspace& workspace) {
  TENURE_TRY(const auto view, app::show_break_glass(workspace, call.arguments.text("ID")));
  const Time now = workspace.clock().now();
  Document document{"breakglass/v1", row_of(view.glass, now).as_object()};
  document.fields["unsettled"] = texts(view.unsettled);
  document.list = true;
  document.columns = {{"", "symbol"}, {"STATE", "state"}, {"TARGET", "target"}, {"CHANGE", "text"}, {"RUN", "run"}};
  for (const auto& row : view.changes)
    document.items.push_back(json::Object{{"symbol", std::string(1, plan::symbol_of(row.change))},
                                          {"state", engine::name_of(row.state)},
                                          {"target", row.change.target.str()},
                                          {"text", plan::describe(row.change)},
                                          {"run", row.run},
                                          {"problem", row.problem},
                                          {"ended_at", instant(row.ended_at)}});
  document.text = text_of(view.glass, now);
  for (const auto& one : view.unsettled) document.text += "  ! " + printable(one) + "\n";
  document.after = next_of(view.glass, now);
  call.output.print(document);
  return Exit::kOk;
}

// Exactly one of the five.
Status read_verb(const Call& call, app::EmergencyChange& change) {
  const Arguments& given = call.arguments;
  int count = 0;
  for (const auto& [name, verb] : {std::pair{"disable", plan::Verb::kDisable},
                                   {"enable", plan::Verb::kEnable},
                                   {"end-sessions", plan::Verb::kEndSessions},
                                   {"revoke", plan::Verb::kRevoke},
                                   {"grant", plan::Verb::kGrant}}) {
    if (!given.has(name)) continue;
    ++count;
    change.verb = verb;
    if (verb == plan::Verb::kRevoke || verb == plan::Verb::kGrant) change.entitlement = given.text(name);
  }
  if (count == 1) return {};
  return fail(Reason::kUsage, "give exactly one of --disable, --enable, --end-sessions, --revoke and --grant");
}

Result<Exit> change(const Call& call, app::Workspace& workspace) {
  app::EmergencyChange change;
  change.id = call.arguments.text("ID");
  change.target = call.arguments.text("target");
  change.account = call.arguments.text("account");
  change.reason = call.arguments.text("reason");
  TENURE_CHECK_OK(read_verb(call, change));
  TENURE_TRY(change.options.wait, duration_argument(call, "wait", Duration::minutes(1)));
  install_stop_signals();
  change.options.stop = &stop_requested();
  TENURE_TRY(const auto outcome, app::change_under_break_glass(workspace, change));
  const auto count = [&](const char* state) {
    const auto it = outcome.ended.find(state);
    return it == outcome.ended.end() ? 0 : it->second;
  };
  const bool done = count("done") == outcome.total;
  const Exit exit = done ? Exit::kOk : count("failed") > 0 ? Exit::kFailed : Exit::kPartly;
  json::Object ended, open;
  for (const auto& [state, n] : outcome.ended) ended[state] = n;
  for (const auto& [state, n] : outcome.open) open[state] = n;
  Document document{"breakglass-change/v1",
                    {{"run", outcome.run},
                     {"plan", outcome.plan.str()},
                     {"total", outcome.total},
                     {"ended", std::move(ended)},
                     {"open", std::move(open)},
                     {"problems", texts(outcome.problems)}}};
  document.text = "Run " + outcome.run + ": " + count_of(outcome.total, "change") +
                  (done ? ", verified by read-back.\n" : ", not verified yet.\n");
  for (const auto& problem : outcome.problems) document.text += "  ! " + printable(problem) + "\n";
  document.after = "Next: tenure breakglass show " + change.id;
  call.output.print(document, exit);
  return exit;
}

}  // namespace

std::vector<CommandSpec> break_glass_commands() {
  const PositionalSpec id{"ID", "the break-glass, or the beginning of its id"};
  const OptionSpec reason{"reason", "TEXT", "why; it is recorded", Arity::kOne, true};
  return {
      {"breakglass open",
       "ask for emergency authority; a second person has to confirm",
       {},
       {reason,
        {"ticket", "TEXT", "where it is written down elsewhere", Arity::kOne, true},
        {"for", "DURATION", "how long it holds once it is confirmed: 30m", Arity::kOne, true},
        {"target", "TARGET", "over which target (may be repeated)", Arity::kMany, true}},
       with_workspace<open>},
      {"breakglass confirm", "as a second person: from now on it holds", {id}, {}, with_workspace<confirm>},
      {"breakglass withdraw", "take it back before it was confirmed", {id}, {reason}, with_workspace<withdraw>},
      {"breakglass change",
       "one change in the emergency lane, under it",
       {id},
       {{"target", "TARGET", "where", Arity::kOne, true},
        {"account", "ACCOUNT", "login, or the target's own id", Arity::kOne, true},
        reason,
        {"disable", "", "no new login", Arity::kFlag},
        {"enable", "", "let it log in again", Arity::kFlag},
        {"end-sessions", "", "end what is logged in", Arity::kFlag},
        {"revoke", "ENTITLEMENT", "take it away"},
        {"grant", "ENTITLEMENT", "give it"},
        {"wait", "DURATION", "how long to wait for the end (1m); the work is not lost"}},
       with_workspace<change>},
      {"breakglass list",
       "what is open, and what owes a close or a review",
       {},
       {{"all", "", "also reviewed and withdrawn ones", Arity::kFlag}},
       with_workspace<list>},
      {"breakglass show", "everything done under it, and what stands against closing", {id}, {}, with_workspace<show>},
      {"breakglass close",
       "say what was done; refused while anything is not verified or not explained",
       {id},
       {reason},
       with_workspace<close>},
      {"breakglass review",
       "say what you found, as one who took no part in it",
       {id},
       {reason},
       with_workspace<review>}};
}

}  // namespace tenure::cli
