#include "commands/all.hpp"
#include "commands/plan_view.hpp"
#include "commands/session.hpp"
#include "commands/words.hpp"

#include <tenure/app/approvals.hpp>
#include <tenure/base/text.hpp>

namespace tenure::cli {
namespace {

Result<Exit> list(const Call& call, app::Workspace& workspace) {
  const bool mine = call.arguments.flag("mine");
  TENURE_TRY(const auto questions, app::list_questions(workspace, mine));
  const Time now = workspace.clock().now();
  const bool people = call.output.people();
  Document document{"approval-list/v1"};
  document.list = true;
  document.columns = {{"PLAN", people ? "brief" : "plan"},
                      {"PURPOSE", "purpose"},
                      {"WAITS FOR", "text"},
                      {"DUE", people ? "due" : "due_at"},
                      {"DENIED", "denied"}};
  for (const auto& one : questions) {
    json::Value row = to_json(one.waiting);
    json::Object& object = row.as_object();
    object.emplace("plan", one.plan.str());
    object.emplace("brief", one.plan.brief());
    object.emplace("purpose", one.purpose);
    object.emplace("text", waiting_text(one.waiting, now));
    object.emplace("due", one.waiting.due() == Time::never() ? "-" : when(one.waiting.due(), now));
    object.emplace("due_at", instant(one.waiting.due()));
    object.emplace("expires_at", instant(one.waiting.expires_at));
    object.emplace("made_at", instant(one.made_at));
    object.emplace("denied", one.denied);
    if (mine) object.emplace("mine", one.mine);
    document.items.push_back(std::move(row));
  }
  const auto count = static_cast<std::int64_t>(questions.size());
  if (questions.empty())
    document.text = mine ? "Nothing waits for " + call.global.actor + "." : "Nothing waits for an approval.";
  else
    document.after = count_of(count, "question") + ". Next: tenure approval show PLAN, then give, deny or withdraw";
  const Exit exit = unless_empty(call, count);
  call.output.print(document, exit);
  return exit;
}

json::Value row_of(const governance::Approval& approval) {
  json::Object places;
  for (const auto& [rule, counted] : approval.counted)
    if (!counted.in_place_of.empty()) places.emplace(rule, counted.in_place_of);
  return json::Object{{"person", approval.person},
                      {"answer", approval.standing ? "standing" : std::string(governance::name_of(approval.answer))},
                      {"rules", texts(approval.rules)},
                      {"released_causes", approval.releases.size()},
                      {"in_place_of", std::move(places)},
                      {"comment", approval.comment},
                      {"policy", approval.policy.empty() ? json::Value() : json::Value(approval.policy.str())},
                      {"limit", approval.limit},
                      {"at", instant(approval.at)}};
}

Exit print_plan(const Call& call, app::Workspace& workspace, const app::StoredPlan& stored, const std::string& head) {
  const Time now = workspace.clock().now();
  Document document{"approval/v1",
                    {{"plan", stored.digest.str()},
                     {"purpose", stored.plan.purpose},
                     {"state", stored.state},
                     {"status", status_word(stored)},
                     {"missing", texts(stored.missing)}}};
  json::Array waiting;
  std::string lines;
  for (const auto& one : stored.waiting(now)) {
    json::Value row = to_json(one);
    row.as_object().emplace("expires_at", instant(one.expires_at));
    waiting.push_back(std::move(row));
    lines += "  waits: " + waiting_text(one, now) + "\n";
  }
  document.fields["waiting"] = std::move(waiting);
  document.list = true;
  document.columns = {{"WHO", "person"}, {"SAYS", "answer"}, {"TO", "rules"}, {"WHY", "comment"}, {"LIMIT", "limit"}};
  for (const auto& one : stored.approvals) document.items.push_back(row_of(one));
  document.text = head + "Plan " + stored.digest.brief() + " (" + printable(stored.plan.purpose) +
                  "): " + status_word(stored) + ".\n" + lines;
  for (const auto& one : stored.missing) document.text += "  lacks: " + printable(one) + "\n";
  call.output.print(document);
  return Exit::kOk;
}

Result<Exit> show(const Call& call, app::Workspace& workspace) {
  TENURE_CHECK_OK(app::expire_plans(workspace));
  TENURE_TRY(const auto stored, app::find_plan(workspace, call.arguments.text("DIGEST")));
  return print_plan(call, workspace, stored, "");
}

Result<Exit> give(const Call& call, app::Workspace& workspace) {
  TENURE_TRY(const auto stored,
             app::approve_plan(workspace, {call.arguments.text("DIGEST"), call.arguments.text("reason"),
                                           call.arguments.texts("release")}));
  return print_plan(call, workspace, stored, "Consent of " + call.global.actor + " recorded.\n");
}

Result<Exit> deny(const Call& call, app::Workspace& workspace) {
  TENURE_TRY(const auto stored,
             app::deny_plan(workspace, call.arguments.text("DIGEST"), call.arguments.text("reason")));
  return print_plan(call, workspace, stored,
                    "Denial of " + call.global.actor + " recorded: nobody carries it out while that stands.\n");
}

Result<Exit> withdraw(const Call& call, app::Workspace& workspace) {
  TENURE_TRY(const auto stored,
             app::withdraw_answer(workspace, call.arguments.text("DIGEST"), call.arguments.text("reason")));
  return print_plan(call, workspace, stored, "The answer of " + call.global.actor + " is taken back.\n");
}

}  // namespace

std::vector<CommandSpec> approval_commands() {
  const PositionalSpec digest{"DIGEST", "the plan: 9f3c, 9f3c-77a1 or sha256:..."};
  const OptionSpec reason{"reason", "TEXT", "why; it is recorded", Arity::kOne, true};
  return {
      {"approval list",
       "who is asked for what, and until when",
       {},
       {{"mine", "", "only what waits for you (--as)", Arity::kFlag}},
       with_workspace<list>},
      {"approval show", "what everybody said to one plan, and what it lacks", {digest}, {}, with_workspace<show>},
      {"approval give",
       "consent to exactly this content (as plan approve)",
       {digest},
       {reason, {"release", "CAUSE", "let a cause go on that a guard holds, or all (may be repeated)", Arity::kMany}},
       with_workspace<give>},
      {"approval deny", "refuse this content: nobody carries it out", {digest}, {reason}, with_workspace<deny>},
      {"approval withdraw",
       "take back what you said, before anything of it was sent",
       {digest},
       {reason},
       with_workspace<withdraw>}};
}

}  // namespace tenure::cli
