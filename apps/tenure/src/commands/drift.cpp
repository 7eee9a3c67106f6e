#include "commands/all.hpp"
#include "commands/plan_view.hpp"
#include "commands/session.hpp"
#include "commands/words.hpp"

#include <tenure/app/drift.hpp>
#include <tenure/base/text.hpp>

namespace tenure::cli {
namespace {

json::Object row_of(const model::Finding& finding) {
  return {{"id", finding.id},
          {"kind", model::name_of(finding.kind)},
          {"state", model::name_of(finding.state)},
          {"target", finding.account.target.str()},
          {"account", finding.account.id.str()},
          {"entitlement", finding.entitlement.str()},
          {"parameters", finding.parameters},
          {"summary", finding.summary},
          {"owner", finding.owner},
          {"opened_at", instant(finding.opened_at)},
          {"deadline", instant(finding.deadline)},
          {"closed_at", instant(finding.closed_at)},
          {"answer", finding.answer}};
}

Result<Exit> list(const Call& call, app::Workspace& workspace) {
  const app::FindingFilter filter{call.arguments.text("target"), call.arguments.text("kind"),
                                  call.arguments.flag("all"), call.arguments.flag("debts")};
  if (!filter.kind.empty() && !model::finding_kind(filter.kind))
    return fail(Reason::kUsage,
                "--kind \"" + filter.kind + "\" is no kind of finding (drift_added, restriction, orphan, ...)");
  TENURE_TRY(const auto findings, app::list_findings(workspace, filter));
  TENURE_TRY(const auto coverage, coverage_of(workspace));
  const Time now = workspace.clock().now();
  const Exit exit = unless_empty(call, static_cast<std::int64_t>(findings.size()));
  Document document{"drift-list/v1",
                    {{"findings", findings.size()},
                     {"targets_known", coverage.known},
                     {"targets_total", coverage.total},
                     {"unknown", texts(coverage.unknown)}}};
  document.list = true;
  const bool people = call.output.people();
  document.columns = {{"ID", "id"},
                      {"KIND", "kind"},
                      {"TARGET", "target"},
                      {"ACCOUNT", "account_name"},
                      {"PERSON", "person"},
                      {"ENTITLEMENT", "entitlement"},
                      {"SINCE", people ? "since" : "opened_at"},
                      {"DUE", people ? "due" : "deadline"},
                      {"WHAT", "summary"},
                      {"ANSWERS", "answers"}};
  for (const auto& view : findings) {
    json::Object row = row_of(view.finding);
    row["account_name"] = view.account_name;
    row["person"] = view.person;
    row["answers"] = texts(view.answers);
    row["since"] = when(view.finding.opened_at, now);
    row["due"] = view.finding.deadline == Time::never() ? "-" : when(view.finding.deadline, now);
    document.items.push_back(std::move(row));
  }
  document.after = coverage.lines() + count_of(static_cast<std::int64_t>(findings.size()), "finding") + " from " +
                   coverage.words() + (filter.closed ? "." : ", open.");
  if (!findings.empty()) document.after += " Next: tenure drift adopt, accept, declare or revert ID";
  call.output.print(document, exit);
  return exit;
}

Result<app::AnswerFinding> answer_of(const Call& call, app::Workspace& workspace) {
  app::AnswerFinding answer;
  answer.id = call.arguments.text("ID");
  answer.owner = call.arguments.text("owner");
  answer.reason = call.arguments.text("reason");
  answer.ticket = call.arguments.text("ticket");
  TENURE_TRY(answer.until, time_argument(call, "until", workspace.clock().now(), Time::never()));
  return answer;
}

Exit print_answer(const Call& call, const model::Finding& finding, const std::string& words) {
  Document document{"finding/v1", row_of(finding)};
  document.text = "Finding " + finding.id + " is " + words + ": " + printable(finding.summary);
  document.after = "Next: tenure plan create";
  call.output.print(document);
  return Exit::kOk;
}

Result<Exit> adopt(const Call& call, app::Workspace& workspace) {
  TENURE_TRY(const auto answer, answer_of(call, workspace));
  TENURE_TRY(const auto finding, app::adopt_finding(workspace, answer));
  return print_answer(call, finding, "adopted, owned by " + finding.owner);
}

Result<Exit> accept(const Call& call, app::Workspace& workspace) {
  TENURE_TRY(const auto answer, answer_of(call, workspace));
  TENURE_TRY(const auto finding, app::accept_finding(workspace, answer));
  return print_answer(call, finding, "accepted until " + answer.until.to_date());
}

Result<Exit> declare(const Call& call, app::Workspace& workspace) {
  app::DeclareFinding declaration;
  TENURE_TRY(declaration.answer, answer_of(call, workspace));
  declaration.done_by = call.arguments.text("by");
  declaration.second_person = call.arguments.text("second");
  const auto at = Time::parse(call.arguments.text("at"));
  if (!at)
    return fail(Reason::kUsage,
                "--at \"" + call.arguments.text("at") + "\" is no date (2026-11-20) or instant (RFC 3339)");
  declaration.done_at = *at;
  TENURE_TRY(const auto finding, app::declare_finding(workspace, declaration));
  return print_answer(call, finding,
                      "declared by " + call.global.actor + ", witnessed by " + declaration.second_person);
}

Result<Exit> revert(const Call& call, app::Workspace& workspace) {
  TENURE_TRY(const auto outcome,
             app::revert_findings(workspace, call.arguments.texts("ID"), call.arguments.text("reason")));
  const Time now = workspace.clock().now();
  const PlanView view =
      outcome.stored ? view_of(*outcome.stored, now) : PlanView{outcome.plan, outcome.digest, "", {}, {}, {}, {}, now};
  Document document{"plan-view/v1", plan_fields(view, plan::GroupBy::kCause)};
  if (call.output.people()) {
    document.text = plan_text(view, plan::GroupBy::kCause, false);
  } else {
    document.list = true;
    document.items = plan_rows(view.plan);
    document.columns = {{"OP", "op"}, {"TARGET", "target"}, {"CHANGE", "text"}, {"ID", "id"}};
  }
  call.output.print(document);
  return Exit::kOk;
}

}  // namespace

std::vector<CommandSpec> drift_commands() {
  const PositionalSpec id{"ID", "the finding, or the beginning of its id"};
  const OptionSpec reason{"reason", "TEXT", "why; it is recorded", Arity::kOne, true};
  const OptionSpec owner{"owner", "PERSON", "who answers for it from now on (else you)"};
  const OptionSpec until{"until", "TIME", "date, or duration from now (30d)"};
  const OptionSpec until_required{"until", "TIME", until.help, Arity::kOne, true};
  const OptionSpec ticket{"ticket", "TEXT", "where it is written down elsewhere"};
  return {{"drift list",
           "what differs from what was decided, and how it can be answered",
           {},
           {{"target", "TARGET", "only this target"},
            {"kind", "KIND", "only this kind: drift_added, drift_removed, restriction, orphan, unexplained, ..."},
            {"all", "", "also answered and closed ones", Arity::kFlag},
            {"debts", "", "only what was declared or accepted and is not settled yet, with its age", Arity::kFlag}},
           with_workspace<list>},
          {"drift adopt",
           "keep it on purpose: with an owner, a reason and a term",
           {id},
           {owner, until, reason, ticket},
           with_workspace<adopt>},
          {"drift revert",
           "ask for it to be undone: makes the plan",
           {{"ID", "findings, or the beginnings of their ids", true, true}},
           {reason},
           with_workspace<revert>},
          {"drift accept",
           "let the deviation stand until a date",
           {id},
           {until_required, reason, owner, ticket},
           with_workspace<accept>},
          {"drift declare",
           "say that it was done outside on purpose: who, when, why, and a second person",
           {id},
           {{"by", "PERSON", "who did it", Arity::kOne, true},
            {"at", "TIME", "when it was done", Arity::kOne, true},
            reason,
            {"second", "PERSON", "another person who knows of it", Arity::kOne, true},
            ticket,
            owner,
            until},
           with_workspace<declare>}};
}

}  // namespace tenure::cli
