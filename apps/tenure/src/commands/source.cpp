#include "commands/all.hpp"
#include "commands/session.hpp"
#include "commands/words.hpp"

#include <tenure/app/sources.hpp>
#include <tenure/base/text.hpp>

namespace tenure::cli {
namespace {

const std::vector<Column> kPullColumns = {{"SOURCE", "source"},    {"STATE", "state"},     {"RECORDS", "records"},
                                          {"ADDED", "added"},      {"CHANGED", "changed"}, {"REMOVED", "removed"},
                                          {"HELD FOR", "held_for"}};

json::Value row_of(const app::SourceOutcome& source) {
  json::Object row{{"source", source.source},   {"state", source.accepted ? "accepted" : "held"},
                   {"digest", source.digest},   {"held_for", texts(source.held_for)},
                   {"records", source.records}, {"added", source.added},
                   {"changed", source.changed}, {"removed", source.removed}};
  row["code"] = source.reason ? json::Value(reason_code(*source.reason)) : json::Value();
  return row;
}

// What a person can do about what is held. Only a feed that is too small may be let pass; nothing else proves anything.
std::string next_of(const app::PullOutcome& outcome) {
  std::string text;
  for (const auto& source : outcome.sources) {
    if (source.accepted) continue;
    text += "Held: " + source.source + ". What it said before stands; nothing is disabled or removed on its account.\n";
    if (source.reason == Reason::kFeedShrunk)
      text += "If this export is right: tenure source pull " + source.source + " --release " + source.digest +
              " --reason TEXT\n";
  }
  return text + "Next: tenure target read";
}

Result<Exit> pull(const Call& call, app::Workspace& workspace) {
  app::PullRequest request{call.arguments.texts("SOURCE"), call.arguments.text("release"),
                           call.arguments.text("reason")};
  if (!request.release.empty() && request.reason.empty())
    return fail(Reason::kUsage, "--release needs --reason: it is recorded who let the feed pass, and why");
  Diagnostics diagnostics;
  const auto outcome = app::pull_sources(workspace, request, diagnostics);
  call.output.diagnostics(diagnostics);
  if (!outcome) return fail(outcome.error());
  const Exit exit = outcome->any_held() ? Exit::kRefused : Exit::kOk;
  Document document{"source-pull/v1",
                    {{"identities", outcome->identities},
                     {"joined", outcome->joined},
                     {"moved", outcome->moved},
                     {"left", outcome->left},
                     {"findings_opened", outcome->findings_opened}}};
  document.list = true;
  document.columns = kPullColumns;
  for (const auto& source : outcome->sources) document.items.push_back(row_of(source));
  document.after =
      count_of(outcome->identities, "identity", "identities") + ": " + thousands(outcome->joined) + " joined, " +
      thousands(outcome->moved) + " changed, " + thousands(outcome->left) + " left" +
      (outcome->findings_opened > 0 ? "; " + count_of(outcome->findings_opened, "finding") + " opened" : "") + "\n" +
      next_of(*outcome);
  call.output.print(document, exit);
  return exit;
}

Result<Exit> list(const Call& call, app::Workspace& workspace) {
  TENURE_TRY(const auto sources, app::list_sources(workspace));
  const Time now = workspace.clock().now();
  Document document{"source-list/v1"};
  document.list = true;
  document.columns = {{"SOURCE", "source"},
                      {"CONNECTOR", "connector"},
                      {"STATE", "state"},
                      {"RECORDS", "records"},
                      {"PULLED", call.output.people() ? "pulled" : "pulled_at"},
                      {"HELD FOR", "held_for"}};
  for (const auto& source : sources) {
    const bool never = source.digest.empty();
    const char* state = !source.held_for.empty() ? "held" : never ? "never pulled" : "accepted";
    document.items.push_back(json::Object{{"source", source.source},
                                          {"connector", source.connector},
                                          {"file", source.file},
                                          {"state", state},
                                          {"records", never ? json::Value() : json::Value(source.records)},
                                          {"digest", source.digest},
                                          {"held_digest", source.held_digest},
                                          {"held_for", texts(source.held_for)},
                                          {"pulled", never ? "never" : when(source.pulled_at, now)},
                                          {"pulled_at", never ? json::Value() : instant(source.pulled_at)}});
  }
  if (sources.empty()) document.text = "The policy names no sources.";
  call.output.print(document);
  return Exit::kOk;
}

}  // namespace

std::vector<CommandSpec> source_commands() {
  return {{"source pull",
           "read feeds and merge them into identities; a feed that must not be believed is held",
           {{"SOURCE", "only these", false, true}},
           {{"release", "DIGEST", "let a held feed pass that shrank and is right"},
            {"reason", "TEXT", "why, recorded with --release"}},
           with_workspace<pull>},
          {"source list", "feeds and when they were last accepted", {}, {}, with_workspace<list>}};
}

}  // namespace tenure::cli
