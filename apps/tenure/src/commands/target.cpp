#include "commands/all.hpp"
#include "commands/session.hpp"
#include "commands/words.hpp"

#include <tenure/app/targets.hpp>

namespace tenure::cli {
namespace {

json::Value row_of(const app::TargetOutcome& target) {
  const auto known = [&](std::int64_t count) { return target.error ? json::Value() : json::Value(count); };
  json::Object row{{"target", target.target},
                   {"state", target.known   ? "known"
                             : target.error ? "unknown"
                                            : "partly unknown"},
                   {"problem", target.problem},
                   {"accounts", known(target.accounts)},
                   {"entitlements", known(target.entitlements)},
                   {"grants", known(target.grants)},
                   {"changed", target.changed},
                   {"work_orders_verified", target.work_orders_verified},
                   {"work_orders_returned", target.work_orders_returned},
                   {"took_ms", target.took.to_micros() / 1000}};
  row["code"] = target.error ? json::Value(reason_code(target.error->reason())) : json::Value();
  return row;
}

std::string orders_text(const app::ReadOutcome& outcome) {
  std::int64_t verified = 0, returned = 0;
  for (const auto& target : outcome.targets) {
    verified += target.work_orders_verified;
    returned += target.work_orders_returned;
  }
  std::string text;
  if (verified > 0) text += count_of(verified, "work order") + " verified by this reading.\n";
  if (returned > 0) text += count_of(returned, "work order") + " said to be done, and the reading shows them undone.\n";
  return text;
}

Result<Exit> read(const Call& call, app::Workspace& workspace) {
  TENURE_TRY(const auto outcome, app::read_targets(workspace, call.arguments.texts("TARGET")));
  Document document{"target-read/v1"};
  document.list = true;
  document.columns = {
      {"TARGET", "target"}, {"STATE", "state"},     {"ACCOUNTS", "accounts"}, {"ENTITLEMENTS", "entitlements"},
      {"GRANTS", "grants"}, {"CHANGED", "changed"}, {"MS", "took_ms"},        {"PROBLEM", "problem"}};
  Exit exit = Exit::kOk;
  std::int64_t known = 0, grants = 0;
  json::Array unknown;
  for (const auto& target : outcome.targets) {
    document.items.push_back(row_of(target));
    if (target.known)
      ++known;
    else
      unknown.push_back(target.target + ": " + target.problem);
    grants += target.grants;
    exit = worse(exit, target.known ? Exit::kOk : target.error ? Exit::kFailed : Exit::kPartly);
  }
  document.fields = {
      {"known", known}, {"total", outcome.targets.size()}, {"grants", grants}, {"unknown", std::move(unknown)}};
  document.after = orders_text(outcome) + count_of(grants, "grant") + " from " + std::to_string(known) + " of " +
                   count_of(static_cast<std::int64_t>(outcome.targets.size()), "target") +
                   (outcome.all_known() ? "." : "; of the others the last reading is kept, and nothing is concluded.") +
                   " Next: tenure plan create";
  call.output.print(document, exit);
  return exit;
}

std::string state_words(const app::TargetStatus& target) {
  if (target.state.last_full_read == Time{}) return "? never read";
  if (target.state.unknown_since != Time{}) return "? unknown";
  if (!target.state.unknown_reason.empty()) return "? partly unknown";
  return target.state.managed ? "managed" : "observed";
}

Result<Exit> list(const Call& call, app::Workspace& workspace) {
  TENURE_TRY(const auto targets, app::list_targets(workspace));
  const Time now = workspace.clock().now();
  Document document{"target-list/v1"};
  document.list = true;
  document.columns = {{"TARGET", "target"},         {"CONNECTOR", "connector"},
                      {"STATE", "state"},           {"ACCOUNTS", "accounts"},
                      {"GRANTS", "grants"},         {"UNEXPLAINED", "unexplained"},
                      {"ORPHANS", "orphans"},       {"READ", call.output.people() ? "read" : "read_at"},
                      {"UNKNOWN", "unknown_reason"}};
  json::Array unknown;
  for (const auto& target : targets) {
    const bool never = target.state.last_full_read == Time{};
    const auto known = [&](std::int64_t count) { return never ? json::Value() : json::Value(count); };
    if (never)
      unknown.push_back(target.state.target.str() + ": never read");
    else if (!target.state.unknown_reason.empty())
      unknown.push_back(target.state.target.str() + ": " + target.state.unknown_reason);
    document.items.push_back(json::Object{{"target", target.state.target.str()},
                                          {"title", target.title},
                                          {"connector", target.connector},
                                          {"owner", target.owner},
                                          {"state", state_words(target)},
                                          {"managed", target.state.managed},
                                          {"managed_since", instant(target.state.managed_since)},
                                          {"manual", target.manual},
                                          {"accounts", known(target.accounts)},
                                          {"grants", known(target.grants)},
                                          {"unexplained", known(target.unexplained)},
                                          {"orphans", known(target.orphans)},
                                          {"read", never ? "never" : when(target.state.last_full_read, now)},
                                          {"read_at", instant(target.state.last_full_read)},
                                          {"unknown_since", instant(target.state.unknown_since)},
                                          {"unknown_reason", target.state.unknown_reason}});
  }
  document.fields["unknown"] = std::move(unknown);
  if (targets.empty()) document.text = "The policy names no targets.";
  call.output.print(document);
  return Exit::kOk;
}

Result<Exit> test(const Call& call, app::Workspace& workspace) {
  TENURE_TRY(const auto tests, app::test_targets(workspace, call.arguments.texts("TARGET")));
  Document document{"target-test/v1"};
  document.list = true;
  document.columns = {{"TARGET", "target"}, {"OK", "ok"}, {"FAULTS", "faults"}};
  Exit exit = Exit::kOk;
  for (const auto& one : tests) {
    document.items.push_back(json::Object{{"target", one.target}, {"ok", one.ok}, {"faults", texts(one.faults)}});
    if (!one.ok) exit = Exit::kFailed;
  }
  call.output.print(document, exit);
  return exit;
}

}  // namespace

std::vector<CommandSpec> target_commands() {
  const PositionalSpec targets{"TARGET", "only these", false, true};
  return {{"target read",
           "read what targets really hold; settles work orders and obligations that it proves",
           {targets},
           {},
           with_workspace<read>},
          {"target list", "targets, how far they are managed and how old the reading is", {}, {}, with_workspace<list>},
          {"target test",
           "prove reachability, credentials and rights; changes nothing",
           {targets},
           {},
           with_workspace<test>}};
}

}  // namespace tenure::cli
