#include "commands/all.hpp"
#include "commands/session.hpp"
#include "commands/words.hpp"

#include <tenure/app/obligations.hpp>
#include <tenure/base/file.hpp>
#include <tenure/base/text.hpp>

namespace tenure::cli {
namespace {

json::Value row_of(const engine::ObligationRow& row) {
  return engine::to_json(row);
}

std::string what_of(const engine::ObligationRow& row) {
  return std::string(plan::name_of(row.verb)) + (row.entitlement.empty() ? "" : " " + row.entitlement.str()) + ": " +
         (row.name.empty() ? row.account.id.str() : row.name);
}

std::string text_of(const engine::ObligationRow& row, Time now) {
  std::string text = row.id + "  " + printable(what_of(row)) + "\n" +
                     aligned({{"state", std::string(engine::name_of(row.state))},
                              {"target", row.account.target.str()},
                              {"owner", row.owner},
                              {"must be gone since", when(row.effective_at, now)},
                              {"decided", when(row.decided_at, now)},
                              {"sent", when(row.sent_at, now)},
                              {"proven", when(row.proven_at, now)},
                              {"waiver", row.waiver},
                              {"waived until", row.waived_until == Time{} ? "" : when(row.waived_until, now)}});
  for (const auto& [name, part] : row.proofs)
    text += "  proof " + name + ": " + part.status + (part.method.empty() ? "" : " by " + part.method) +
            (part.at == Time{} ? "" : ", " + when(part.at, now)) + "\n";
  return text;
}

Result<Exit> list(const Call& call, app::Workspace& workspace) {
  TENURE_TRY(const auto rows,
             app::list_obligations(workspace, {call.arguments.text("target"), call.arguments.flag("all")}));
  const Time now = workspace.clock().now();
  const bool people = call.output.people();
  Document document{"obligation-list/v1"};
  document.list = true;
  document.columns = {{"STATE", "state"},       {"TARGET", "target"},
                      {"MUST BE GONE", "what"}, {"SINCE", people ? "since" : "effective_at"},
                      {"OWNER", "owner"},       {"ID", "id"}};
  for (const auto& row : rows) {
    json::Value item = row_of(row);
    item.as_object().insert_or_assign("what", what_of(row));
    item.as_object().insert_or_assign("since", when(row.effective_at, now));
    item.as_object().insert_or_assign("owner", row.owner);
    document.items.push_back(std::move(item));
  }
  const auto count = static_cast<std::int64_t>(rows.size());
  if (rows.empty()) document.text = "Nothing that must be gone is unproven.";
  const Exit exit = unless_empty(call, count);
  call.output.print(document, exit);
  return exit;
}

Exit print(const Call& call, app::Workspace& workspace, const engine::ObligationRow& row) {
  Document document{"obligation/v1", row_of(row).as_object()};
  document.text = text_of(row, workspace.clock().now());
  if (row.state == engine::ObligationState::kOpen)
    document.after = "Next: tenure target read " + row.account.target.str() + " (a reading proves it), or tenure apply";
  call.output.print(document);
  return Exit::kOk;
}

Result<Exit> show(const Call& call, app::Workspace& workspace) {
  TENURE_TRY(const auto row, app::show_obligation(workspace, call.arguments.text("ID")));
  return print(call, workspace, row);
}

Result<Exit> waive(const Call& call, app::Workspace& workspace) {
  app::WaiveObligation request;
  request.id = call.arguments.text("ID");
  request.reason = call.arguments.text("reason");
  TENURE_TRY(request.until, time_argument(call, "until", workspace.clock().now(), Time()));
  if (call.arguments.has("key")) {
    TENURE_TRY(request.signing_key, read_file(call.arguments.text("key")));
  }
  TENURE_TRY(const auto row, app::waive_obligation(workspace, request));
  return print(call, workspace, row);
}

}  // namespace

std::vector<CommandSpec> obligation_commands() {
  const PositionalSpec id{"ID", "the obligation, or the beginning of its id"};
  return {{"obligation list",
           "access that must be gone and is not proven to be",
           {},
           {{"target", "TARGET", "only this target"}, {"all", "", "also proven and waived ones", Arity::kFlag}},
           with_workspace<list>},
          {"obligation show", "since when, what was sent, what is proven", {id}, {}, with_workspace<show>},
          {"obligation waive",
           "let it rest until a date, under your name; then it is owed again",
           {id},
           {{"until", "TIME", "date, or duration from now (30d)", Arity::kOne, true},
            {"reason", "TEXT", "why; it is recorded", Arity::kOne, true},
            {"key", "FILE", "sign it: your private Ed25519 key (PEM)"}},
           with_workspace<waive>}};
}

}  // namespace tenure::cli
